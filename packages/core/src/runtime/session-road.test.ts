import { FakeClock } from '@jetsocket/testing';
import { expect, it, vi } from 'vitest';
import { Outbox } from '../delivery/outbox.js';
import type { Link } from '../ports.js';
import { SessionRoad, type SessionHost } from './session-road.js';

const SID = 'session-of-client-1';

it('a server that asks and does not read is owed one answer', async () => {
  const clock = new FakeClock();
  const frames: string[] = [];
  const link = {
    bufferedBytes: 0,
    send: (data: unknown) => void frames.push(String(data)),
  };
  const host = { onWelcomed: vi.fn(), onPayload: vi.fn(), onResume: vi.fn() };
  const outbox = new Outbox({
    capacity: 9,
    maxBytes: 1e6,
    overflowPolicy: 'error',
    awaitsAck: true,
  });
  const config = { window: 1_000, unknownPolicy: 'drop', newId: () => SID } as const;
  const road = new SessionRoad(outbox, config, clock, host as unknown as SessionHost);
  road.greet(link as unknown as Link, 'jetsocket.v1');
  road.session.receive(JSON.stringify({ jet: 1, sid: SID, rx: 0, hi: 0, ttl: 9, win: 9 }));
  expect(frames.splice(0)).toHaveLength(1);
  link.bufferedBytes = 2 ** 21;
  for (let n = 1; n <= 500; n++) {
    road.session.receive('?');
    road.session.receive(`${n} ${n}`);
  }
  await clock.advance(10_000);
  expect(host.onPayload).toHaveBeenCalledTimes(500);
  expect(frames).toEqual([]);
  link.bufferedBytes = 0;
  await clock.advance(200);
  expect(frames).toEqual([',500']);
  await clock.advance(10_000);
  expect(frames).toHaveLength(1);
  expect(clock.pendingCount).toBe(0);
});
