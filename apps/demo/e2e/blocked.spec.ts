/** A port that browsers refuse to connect to: they differ in what they tell, and JetSocket does not. */
import type * as Everything from 'jetsocket';
import { expect, test } from './demo-test.js';

test('an attempt at a port that is blocked fails, and ends, in every engine', async ({ tab }) => {
  await tab.goto('/umd.html');
  const told = await tab.run(async () => {
    const { JetSocket } = window as unknown as { readonly JetSocket: typeof Everything };
    // 1 is on the list of the fetch standard.
    const socket = JetSocket.connect('ws://127.0.0.1:1/', { backoff: { maxAttempts: 0 } });
    const events: (readonly [type: string, code: string | number | null])[] = [];
    await new Promise((resolve) => {
      socket.on('*', (event) => {
        if (event.type !== 'state_change')
          events.push([event.type, 'code' in event ? event.code : null]);
        if (event.type === 'closed') resolve(undefined);
      });
    });
    return events;
  }, undefined);
  expect(told).toEqual([
    ['connecting', null],
    ['error', 'CONNECT_FAILED'],
    ['closed', 1006],
  ]);
});
