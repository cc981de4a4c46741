/** Handlers that take long, or never end: how long they are waited for, and what is said of it. Over virtual time. */
import { FakeClock } from '@jetsocket/testing';
import { expect, it } from 'vitest';
import { createSessions } from '../src/index.js';
import { bench } from './edge-kit.js';
import { twoNodes } from './two-nodes.js';

const MINUTES = 60_000;
const never = (): Promise<void> => new Promise(() => undefined);

/** Begins with every message, and never ends with the one that is named. */
function stuckOn(name: unknown): {
  readonly began: unknown[];
  readonly handle: (message: unknown) => Promise<void> | undefined;
} {
  const began: unknown[] = [];
  const handle = (message: unknown): Promise<void> | undefined => {
    began.push(message);
    return message === name ? never() : undefined;
  };
  return { began, handle };
}

it('a handler that never ends is named after a time, and its session goes on', async () => {
  const { clock, sessions, send } = await bench();
  const { began, handle } = stuckOn(1);
  const errors: string[] = [];
  sessions[0]?.on('error', ({ code, message }) => void errors.push(`${code}: ${message}`));
  sessions[0]?.on('message', handle);
  const deliveries = send(1, 2);
  await clock.advance(5 * MINUTES - 1_000);
  expect([began, errors]).toEqual([[1], []]);
  await clock.advance(2_000);
  expect(began).toEqual([1, 2]);
  expect(errors).toEqual([
    "HANDLER_TIMEOUT: A handler of 'message', of number 1, took longer than handlerTimeoutMs, 300000 ms",
  ]);
  await clock.advance(1_000);
  expect(deliveries.map(({ status }) => status)).toEqual(['acknowledged', 'acknowledged']);
});

it('handlers that are done in time are not named, however long they take together', async () => {
  const { clock, sessions, send } = await bench({}, { handlerTimeoutMs: 1_000 });
  const errors: unknown[] = [];
  sessions[0]?.on('error', (error) => void errors.push(error));
  sessions[0]?.on('message', () => new Promise((done) => clock.setTimer(900, () => done(1))));
  const [first, second] = send(1, 2);
  await clock.advance(5_000);
  expect([first?.status, second?.status, errors]).toEqual(['acknowledged', 'acknowledged', []]);
});

it('a session that follows one whose handler never ends is not held for ever', async () => {
  const { clock, network, server, sessions, send, cut } = await bench(
    {},
    { ttlMs: 1_000, handlerTimeoutMs: 10_000 },
  );
  const { began, handle } = stuckOn(1);
  const errors: string[] = [];
  server.on('error', ({ code }, session) => void errors.push(`${code} ${session?.state}`));
  sessions[0]?.on('message', handle);
  server.on('session', (session) => void session.on('message', handle));
  send(1, 2);
  await clock.advance(100);
  network.isRefusing = true;
  cut('told', 'told');
  await clock.advance(1_500);
  send(3);
  network.isRefusing = false;
  await clock.advance(2_000);
  expect([sessions.length, began]).toEqual([2, [1]]);
  await clock.advance(8_000);
  expect(began).toEqual([1, 2, 3]);
  expect(errors).toEqual(['HANDLER_TIMEOUT ended']);
});

it('a session that was elsewhere and comes back to a handler that never ends goes on', async () => {
  const { clock, first, ends, route, cut, server, send } = await twoNodes(0, {
    handlerTimeoutMs: 10_000,
  });
  const { began, handle } = stuckOn(1);
  first.on('error', () => undefined);
  first.on('message', handle);
  send(1);
  await clock.advance(50);
  route('second');
  cut('told', 'told');
  await clock.advance(1_000);
  const back: unknown[] = [];
  server.on('session', (session) => {
    session.on('message', (message) => void back.push(message));
  });
  route('first');
  cut('told', 'told');
  await clock.advance(1_000);
  send(2);
  await clock.advance(1_000);
  // In order: what was begun here before is done with first.
  expect([began, back, ends]).toEqual([[1], [], []]);
  await clock.advance(8_000);
  expect(back).toEqual([2]);
  expect(ends).toEqual([{ reason: 'moved', unacknowledged: [], unrecorded: { from: 1, to: 1 } }]);
});

it('a handler of a gap that never ends is named, too, and so is one of a message without a number', async () => {
  const clock = new FakeClock();
  const server = createSessions({ clock, handlerTimeoutMs: 1_000 });
  const errors: string[] = [];
  server.on('error', ({ message }) => void errors.push(message));
  server.on('session', (session) => {
    session.on('gap', never);
    session.on('message', never);
  });
  const none = (): void => undefined;
  const socket = { send: none, close: none, terminate: none, bufferedBytes: 0 };
  const connection = server.connect(socket, 'ada');
  connection.receive('{"jet":1,"sid":"session-of-client-1","ok":0,"n":1,"rx":0,"hi":0,"win":256}');
  connection.receive('{"skip":3}');
  connection.receive(' "typing"');
  await clock.advance(5_000);
  const tooLong = 'took longer than handlerTimeoutMs, 1000 ms';
  expect(errors).toEqual([
    `A handler of 'gap', up to number 3, ${tooLong}`,
    `A handler of 'message', of no number, ${tooLong}`,
  ]);
  await server.close();
  expect(clock.pendingCount).toBe(0);
});

/** A session that is over, with three messages of which the first is being handled. */
async function overAndBusy(ms: number) {
  const made = await bench({}, { ttlMs: 1_000 });
  const { clock, network, server, sessions, send, cut } = made;
  const handled: unknown[] = [];
  const errors: string[] = [];
  server.on('error', ({ code, message }) => void errors.push(`${code}: ${message}`));
  sessions[0]?.on('message', (message) => {
    return new Promise<void>((resolve) => {
      clock.setTimer(ms, () => {
        handled.push(message);
        resolve();
      });
    });
  });
  send(1, 2, 3);
  await clock.advance(50);
  const expire = async (): Promise<void> => {
    network.isRefusing = true;
    cut('told', 'told');
    await clock.advance(1_100);
  };
  return { ...made, handled, errors, expire };
}

it.each(['expired', 'closed by the application', 'closed, and not answered yet'])(
  'close() waits for the handlers of a session that is over: %s',
  async (how) => {
    const { clock, server, sessions, handled, expire } = await overAndBusy(2_000);
    if (how === 'expired') await expire();
    else void sessions[0]?.close();
    if (how === 'closed by the application') await clock.advance(100);
    expect(sessions[0]?.state).toBe(how.includes('not answered') ? 'attached' : 'ended');
    let isClosed = false;
    void server.close().then(() => void (isClosed = true));
    await clock.advance(4_000);
    expect([isClosed, handled.length]).toEqual([false, 2]);
    await clock.advance(3_000);
    expect([isClosed, handled]).toEqual([true, [1, 2, 3]]);
  },
);

it('close() names what it does not wait for any longer', async () => {
  const { clock, server, handled, errors, expire } = await overAndBusy(20_000);
  await expire();
  let isClosed = false;
  void server.close({ timeoutMs: 5_000 }).then(() => void (isClosed = true));
  await clock.advance(4_900);
  expect([isClosed, errors]).toEqual([false, []]);
  await clock.advance(200);
  expect([isClosed, handled]).toEqual([true, []]);
  expect(errors).toEqual([
    'HANDLER_TIMEOUT: close() waited for handlers for 5000 ms: the messages from 1 to 3 were accepted, and are not handled yet',
  ]);
  await clock.advance(60_000);
  expect(handled).toEqual([1, 2, 3]);
});

it('close() does not wait for the handlers of a session that its log keeps', async () => {
  const { clock, server } = await overAndBusy(20_000);
  let isClosed = false;
  void server.close().then(() => void (isClosed = true));
  await clock.advance(1);
  expect(isClosed).toBe(true);
});
