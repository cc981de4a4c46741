import { FakeClock } from '@jetsocket/testing';
import { expect, it, type Mock, vi } from 'vitest';
import { Outbox } from '../delivery/outbox.js';
import type { Link } from '../ports.js';
import { SessionRoad, type SessionHost } from './session-road.js';

const SID = 'session-of-client-1';

interface Made {
  readonly clock: FakeClock;
  readonly road: SessionRoad;
  readonly host: { readonly onPayload: Mock };
  readonly link: { bufferedBytes: number };
  /** What was sent. */
  readonly frames: string[];
}

/** A session that the server has welcomed, with a window of 1,000. */
function made(): Made {
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
  return { clock, road, host, link, frames };
}

it('a server that asks and does not read is owed one answer', async () => {
  const { clock, road, host, link, frames } = made();
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

/** Messages with these numbers come in one piece. */
function receive(road: SessionRoad, from: number, to: number): void {
  for (let n = from; n <= to; n++) road.session.receive(`${n} ${n}`);
}

it('of all that comes in one piece, what is due of it is said once', async () => {
  const { clock, road, frames } = made();
  receive(road, 1, 999);
  expect(frames).toEqual([]);
  await clock.advance(0);
  expect(frames).toEqual([',750']);
  await clock.advance(200);
  expect(frames.splice(0)).toEqual([',750', ',999']);
  receive(road, 1_000, 1_249);
  await clock.advance(0);
  expect(frames).toEqual([',1249']);
  expect(clock.pendingCount).toBe(0);
});

it('what is due is said before the connection is let go, and nothing after that', async () => {
  const { clock, road, frames } = made();
  receive(road, 1, 300);
  road.acknowledge();
  expect(frames).toEqual([',300']);
  receive(road, 301, 600);
  road.detach(false);
  await clock.advance(1_000);
  expect(frames).toEqual([',300']);
  expect(clock.pendingCount).toBe(0);
});

it('what was due on a socket that is gone is not said on the one that takes over', async () => {
  const { clock, road, frames } = made();
  const next: string[] = [];
  const link = { bufferedBytes: 0, send: (data: unknown) => void next.push(String(data)) };
  road.moveTo(link as unknown as Link, 'jetsocket.v1');
  receive(road, 1, 250);
  road.promote();
  await clock.advance(0);
  expect(next).toEqual([expect.stringMatching(/^\{"jet":1/)]);
  expect(frames).toEqual([]);
});

it('what is due is said before anything else is', () => {
  const { road, frames } = made();
  receive(road, 1, 250);
  road.tell('?');
  expect(frames).toEqual([',250', '?']);
});
