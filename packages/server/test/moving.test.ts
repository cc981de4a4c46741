/** A session that is asked to move to another server. */
import type { JetSocketError } from '@jetsocket/node';
import { expect, it } from 'vitest';
import { play, welcome } from './edge-kit.js';

it('goes on over the connection it has, when the other server does not know it, and says why', async () => {
  const { clock, frames, send, events, codes } = await play((frame, socket, index) => {
    if (!frame.startsWith('{"jet"')) {
      if (/^\d/.test(frame)) socket.send(`,${frame.split(/[ ,]/, 1)[0]}`);
      return;
    }
    const { sid } = JSON.parse(frame) as { sid: string };
    if (index === 0) socket.send(welcome(frame));
    else socket.send(JSON.stringify({ gone: 'unknown', sid, rx: null }));
    if (index === 0) socket.send('{"move":0}');
  });
  await clock.advance(1_000);
  // It is tried again, after a wait.
  expect(frames.length).toBeGreaterThan(1);
  const [delivery] = send('still here');
  await clock.advance(1_000);
  expect(delivery?.status).toBe('acknowledged');
  expect(frames[0]?.some((frame) => frame.includes('still here'))).toBe(true);
  expect(new Set(codes())).toEqual(new Set(['PROTOCOL_ERROR']));
  const [told] = events.flatMap((event) => (event.type === 'error' ? [event] : []));
  expect(told?.fatal).toBe(false);
  expect(told?.message).toContain('"gone":"unknown"');
  expect((told?.error as JetSocketError).hint).toContain('Do all servers share one log?');
  expect(events.filter(({ type }) => type === 'gap' || type === 'disconnected')).toEqual([]);
});
