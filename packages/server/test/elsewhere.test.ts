/** What a process says of a session that goes on in another one, over virtual time and a log that takes its time. */
import { expect, it } from 'vitest';
import { createSessions, type Session, type Sessions, type SessionsOptions } from '../src/index.js';
import { bench, type Bench } from './edge-kit.js';
import { every, type SharedLog, sharedLog } from './shared-log.js';

type End = Parameters<Parameters<typeof listenToEnd>[1]>[0];

const listenToEnd = (
  session: Session<unknown, unknown>,
  told: (end: {
    readonly reason: string;
    readonly unacknowledged: readonly { readonly status: string }[];
    readonly unrecorded?: { readonly from: number; readonly to: number } | undefined;
  }) => void,
): void => void session.on('end', told);

interface TwoNodes extends Bench {
  readonly log: SharedLog;
  readonly first: Session<unknown, unknown>;
  /** What the first node's session ended with. */
  readonly ends: End[];
  readonly second: Sessions<unknown, unknown>;
  /** Sessions that the second node told of. */
  readonly there: Session<unknown, unknown>[];
  /** What the second node got. */
  readonly cameThere: unknown[];
  /** From now on whoever connects meets the second node, or the first one again. */
  readonly route: (to: 'first' | 'second' | 'none') => void;
}

async function twoNodes(delayMs: number, options: SessionsOptions = {}): Promise<TwoNodes> {
  const log = sharedLog(delayMs);
  const made = await bench({}, { ttlMs: 60_000, ...options, log: log.factory });
  const { clock, network, server, sessions } = made;
  log.clock = clock;
  const second = createSessions({ clock, ttlMs: 60_000, ...options, log: log.factory });
  const there: Session<unknown, unknown>[] = [];
  const cameThere: unknown[] = [];
  second.on('session', (session) => {
    there.push(session);
    session.on('message', (message) => void cameThere.push(message));
  });
  const [first] = sessions;
  if (first === undefined) throw new Error('There is no session');
  const ends: End[] = [];
  listenToEnd(first, (end) => void ends.push(end));
  const route: TwoNodes['route'] = (to) => {
    network.isRefusing = to === 'none';
    network.server = (to === 'first' ? server : second) as never;
  };
  return { ...made, log, first, ends, second, there, cameThere, route };
}

it('drain() hands a session over to which its application sends faster than the log answers', async () => {
  const { clock, server, first, ends, there, cameThere, came, got, socket, events, route } =
    await twoNodes(20);
  let isFed = true;
  let fed = 0;
  const stop = every(clock, 10, () => {
    if (first.state === 'ended') return void (isFed = false);
    first.send(++fed);
  });
  let sent = 0;
  const stopClient = every(clock, 5, () => void socket.send(++sent));
  await clock.advance(300);
  route('second');
  let notDone: readonly unknown[] | undefined;
  void server.drain().then((sessions) => void (notDone = sessions));
  await clock.advance(500);
  expect(there).toHaveLength(1);
  stop();
  stopClient();
  await clock.advance(2_000);

  // What came after the log had gone on with the other one is named, and all before it arrived: once, in order.
  expect([isFed, notDone]).toEqual([false, []]);
  expect(ends.map(({ reason }) => reason)).toEqual(['moved']);
  const named = ends[0]?.unacknowledged ?? [];
  expect(named.length).toBeGreaterThan(0);
  expect(named.length).toBeLessThan(5);
  expect(named.every(({ status }) => status === 'dropped')).toBe(true);
  expect(got).toEqual(Array.from({ length: fed - named.length }, (_, index) => index + 1));
  expect([...came, ...cameThere]).toEqual(Array.from({ length: sent }, (_, index) => index + 1));
  expect(events.filter(({ type }) => type === 'buffer_overflow' || type === 'gap')).toEqual([]);
});

it('is settled when the log has what there was, whatever is sent meanwhile', async () => {
  const { clock, first } = await twoNodes(20);
  first.send('on its way to the log');
  await clock.advance(5);
  first.send('waits for that');
  let isSettled = false;
  void first.settle().then(() => void (isSettled = true));
  const stop = every(clock, 5, () => void first.send('came later'));
  await clock.advance(30);
  expect(isSettled).toBe(false);
  await clock.advance(10);
  stop();
  expect([isSettled, first.isSettled]).toEqual([true, false]);
});

it('drain() hands a session over whose client sends unnumbered messages faster than they are handled', async () => {
  const { clock, server, first, there, cameThere, socket, route } = await twoNodes(0);
  const handled: unknown[] = [];
  first.on('message', (message) => {
    return new Promise<void>((resolve) => {
      clock.setTimer(message === 'counts' ? 300 : 20, () => {
        handled.push(message);
        resolve();
      });
    });
  });
  const stop = every(clock, 10, () => void socket.send('typing', { volatile: true }));
  await clock.advance(100);
  // It is on its way when the drain begins.
  socket.send('counts');
  route('second');
  void server.drain();
  await clock.advance(1_000);
  stop();
  expect(there).toHaveLength(1);
  // What has a number is done with before the client is asked to move.
  expect(handled).toContain('counts');
  expect(cameThere).not.toContain('counts');
});
