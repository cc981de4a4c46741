/** The client in a worker and in a service worker: the page only hears of it. */
import { CONTRACT } from './contract.js';
import { expect, test } from './demo-test.js';

for (const place of ['worker', 'service-worker'] as const) {
  test(`in a ${place}: cut, hung, refused, restarted; the eleven events, and all arrives`, async ({
    demo,
  }) => {
    await demo.tab.goto(`/worker.html?in=${place}`);
    await demo.isIn('connected');
    await demo.shows('place', place.replace('-', ' '));
    await demo.event('message');
    await demo.event('pong');
    await demo.click('send-one');
    await expect.poll(() => lastAck(demo.ofType('message'))).toBe(1);

    await demo.click('fault-cut');
    await demo.event('reconnected');
    await demo.click('fault-hang');
    await expect
      .poll(async () => (await demo.ofType('error')).map(({ code }) => code))
      .toContain('PONG_TIMEOUT');
    await demo.click('fault-restore');
    await demo.event('reconnected', 2);
    await demo.click('fault-restart');
    await demo.event('reconnected', 3);

    await demo.click('fault-refuse');
    await demo.event('disconnected', 4);
    await demo.click('send-burst');
    expect(await demo.event('buffer_overflow')).toMatchObject({ dropped_count: 10, capacity: 10 });
    await demo.click('fault-restore');
    expect(await demo.event('replay_completed', 4)).toMatchObject({ replayed_count: 10 });
    // Those that were not dropped: the last ten of the twenty.
    await expect.poll(() => lastAck(demo.ofType('message'))).toBe(21);

    const seen = new Set((await demo.events()).map(({ type }) => type));
    expect(CONTRACT.filter((type) => !seen.has(type))).toEqual([]);
    await demo.click('socket-close');
    expect(await demo.event('closed')).toMatchObject({ code: 1000, cause: 'close' });
  });
}

async function lastAck(messages: Promise<readonly { readonly [field: string]: unknown }[]>) {
  const acks = (await messages).flatMap(({ data }) => (data as { ack?: number }).ack ?? []);
  return acks.at(-1);
}
