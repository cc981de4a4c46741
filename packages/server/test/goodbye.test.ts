/** How a session ends, and what has been handled by then, over virtual time. */
import { expect, it } from 'vitest';
import type { Socket } from '../src/index.js';
import { bench, type Bench, play, welcome } from './edge-kit.js';
import { listenToEnd, twoNodes } from './two-nodes.js';

/** Both ends, and handlers that take so long. */
async function slow(ms: number, options: Parameters<typeof bench>[0] = {}) {
  const made: Bench = await bench(options);
  const handled: unknown[] = [];
  const handle = (message: unknown): Promise<void> =>
    new Promise((resolve) => {
      made.clock.setTimer(ms, () => {
        handled.push(message);
        resolve();
      });
    });
  made.sessions[0]?.on('message', handle);
  made.server.on('session', (session) => void session.on('message', handle));
  return { ...made, handled };
}

it('a goodbye is answered when what came before it is handled, and not before', async () => {
  const { clock, socket, send, handled, server } = await slow(400);
  const deliveries = send(1, 2, 3, 4, 5);
  await clock.advance(100);
  let isClosed = false;
  void socket.close().then(() => void (isClosed = true));
  await clock.advance(1_000);
  expect([isClosed, handled]).toEqual([false, [1, 2]]);
  expect(deliveries.map(({ status }) => status)).toEqual([
    ...['acknowledged', 'acknowledged', 'buffered', 'buffered', 'buffered'],
  ]);
  await clock.advance(1_200);
  expect([isClosed, handled, server.size]).toEqual([true, [1, 2, 3, 4, 5], 0]);
  expect(deliveries.every(({ status }) => status === 'acknowledged')).toBe(true);
});

it('drain() waits for a client that has said goodbye, and has gone', async () => {
  const { clock, socket, send, handled, server } = await slow(400, { closeTimeoutMs: 200 });
  send(1, 2, 3);
  await clock.advance(50);
  void socket.close();
  await clock.advance(300);
  expect(socket.state).toBe('closed');
  let notDone: readonly unknown[] | undefined;
  void server.drain().then((sessions) => void (notDone = sessions));
  await clock.advance(700);
  expect(notDone).toBeUndefined();
  await clock.advance(400);
  expect([notDone, handled]).toEqual([[], [1, 2, 3]]);
});

it('drain() names a session whose handlers are at work, gone or not', async () => {
  const { clock, socket, send, server, sessions } = await slow(60_000);
  send(1);
  await clock.advance(50);
  void socket.close();
  // Longer than a goodbye is waited for: the session is over, and its handler is not.
  await clock.advance(11_000);
  expect([server.size, sessions[0]?.state]).toEqual([0, 'ended']);
  let notDone: readonly unknown[] | undefined;
  void server.drain({ timeoutMs: 1_000 }).then((those) => void (notDone = those));
  await clock.advance(1_000);
  expect(notDone).toEqual([sessions[0]]);
});

it('says what was handled where a goodbye is waited for too long', async () => {
  const { clock, socket, send } = await slow(7_000, { closeTimeoutMs: 60_000 });
  const [first, second] = send(1, 2);
  await clock.advance(50);
  void socket.close();
  await clock.advance(12_000);
  expect([first?.status, second?.status]).toEqual(['acknowledged', 'dropped']);
});

it('close() may be waited for in a handler, and what follows is handled', async () => {
  const { clock, server, sessions, send, came, codes } = await bench();
  const ends: unknown[] = [];
  const steps: string[] = [];
  const [session] = sessions;
  if (session === undefined) throw new Error('There is no session');
  listenToEnd(session, ({ reason }) => void ends.push(reason));
  session.on('message', async () => {
    steps.push('asked');
    await session.close('done');
    steps.push('heard');
  });
  send('please go');
  await clock.advance(100);
  expect([steps, ends, session.state]).toEqual([['asked', 'heard'], ['ended'], 'ended']);
  await clock.advance(1_000);
  send('after');
  await clock.advance(500);
  expect(came).toEqual(['please go', 'after']);
  expect([server.size, codes()]).toEqual([1, ['SESSION_LOST']]);
});

it('a session moved when it is closed here, and its client, which does not answer, is elsewhere', async () => {
  const { clock, first, ends, got, cut, route, there, send, cameThere } = await twoNodes(20);
  first.on('message', () => new Promise<void>((done) => clock.setTimer(15_000, done)));
  send('for whom it may concern');
  await clock.advance(15);
  for (const n of [1, 2, 3]) first.send(n);
  await clock.advance(25);
  route('second');
  cut('told', 'silent');
  await clock.advance(1_000);
  expect([got, first.state, there.length]).toEqual([[1, 2, 3], 'attached', 1]);
  expect(cameThere).toEqual(['for whom it may concern']);
  void first.close();
  await clock.advance(10_100);
  expect([first.state, ends]).toEqual(['ended', []]); // Its handler is at work.
  await clock.advance(5_000);
  const unrecorded = { from: 1, to: 1 };
  expect(ends).toEqual([{ reason: 'moved', unacknowledged: [], unrecorded }]);
});

it('what another server says is over moved there, for one that knew it before', async () => {
  const { clock, first, ends, got, cut, route, second } = await twoNodes(20, { ttlMs: 2_000 });
  for (const n of [1, 2, 3]) first.send(n);
  await clock.advance(25);
  route('second');
  cut('told', 'silent');
  await clock.advance(1_000);
  expect([got, first.state]).toEqual([[1, 2, 3], 'attached']);
  route('none');
  cut('told', 'told');
  await clock.advance(4_000);
  expect(second.size).toBe(0);
  route('first');
  await clock.advance(1_000);
  expect(ends).toEqual([{ reason: 'moved', unacknowledged: [] }]);
});

it.each([
  ['shorter than the heartbeat', 1_000, 1_500, 20],
  ['a little longer', 2_000, 1_400, 1_500],
])('a time that is %s begins when the client goes', async (_name, ttlMs, idleMs, awayMs) => {
  const { clock, network, cut, codes, server, send, came } = await bench(
    {},
    { ttlMs, heartbeatMs: 30_000 },
  );
  await clock.advance(idleMs);
  network.isRefusing = true;
  cut('told', 'told');
  await clock.advance(awayMs);
  network.isRefusing = false;
  await clock.advance(400);
  send('still here');
  await clock.advance(200);
  expect([server.size, came]).toEqual([1, ['still here']]);
  expect(codes()).not.toContain('SESSION_LOST');
});

it('is kept for a time by the log when the server that has its client dies', async () => {
  const { clock, network, second, cut, codes, there, route } = await twoNodes(0, { ttlMs: 8_000 });
  await clock.advance(9_500);
  cut('told', 'silent');
  route('none');
  await clock.advance(5_000);
  route('second');
  await clock.advance(500);
  expect([second.size, there.length, network.isRefusing]).toEqual([1, 1, false]);
  expect(codes()).not.toContain('SESSION_LOST');
});

it('close() of all sessions is one, however often it is asked for', async () => {
  const { server } = await bench();
  expect(server.close()).toBe(server.close());
});

it('close() lets go out what was sent before it, when the log has it', async () => {
  const { clock, first, ends, got } = await twoNodes(20);
  const last = first.send('goodbye');
  void first.close('that is all');
  await clock.advance(200);
  expect([got, last.status]).toEqual([['goodbye'], 'acknowledged']);
  expect(ends).toEqual([{ reason: 'ended', unacknowledged: [] }]);
  const slow = await twoNodes(20);
  slow.log.delayMs = 1_000_000;
  const never = slow.first.send('never');
  void slow.first.close();
  await slow.clock.advance(15_000);
  expect(slow.ends).toEqual([{ reason: 'ended', unacknowledged: [never] }]);
});

it('close() takes nothing that comes behind its goodbye: it is sent in the next session, and handled once', async () => {
  const { clock, send, handled, sessions } = await slow(10);
  const deliveries = send(1, 2, 3);
  await clock.advance(500);
  // On its way while the server says goodbye.
  deliveries.push(...send(4, 5));
  void sessions[0]?.close();
  deliveries.push(...send(6));
  await clock.advance(5_000);
  expect(handled).toEqual([1, 2, 3, 4, 5, 6]);
  expect(sessions).toHaveLength(2);
  expect(deliveries.every(({ status }) => status === 'acknowledged')).toBe(true);
});

it('a client that reads a goodbye sends nothing more in that session, though it makes room', async () => {
  const { clock, frames, send } = await play((frame, socket, index) => {
    if (frame.startsWith('{"jet"')) socket.send(welcome(frame, { win: 2 }));
    else if (index === 0 && frame.startsWith('2 ')) socket.send('{"bye":"so long","rx":2,"hi":0}');
    else if (frame.startsWith('{"bye"')) socket.close(1000, '');
  });
  send('a', 'b', 'c', 'd', 'e');
  await clock.advance(1_000);
  const ofData = frames.map((list) => list.filter((frame) => /^\d/.test(frame)));
  expect(ofData).toEqual([
    ['1 "a"', '2 "b"'],
    ['1 "c"', '2 "d"'],
  ]);
});

it('a client that is told goodbye while it moves begins another session on another socket', async () => {
  let old: Socket | undefined;
  const { clock, socket, frames, codes } = await play(
    (frame, on, index) => {
      if (!frame.startsWith('{"jet"')) return;
      if (index === 1) {
        old?.send('{"bye":"","rx":0,"hi":0}');
        on.send(welcome(frame));
        return;
      }
      old = on;
      on.send(welcome(frame));
    },
    { maxConnectionAgeMs: 60_000, heartbeat: false },
  );
  await clock.advance(62_000);
  expect([socket.state, frames.length]).toEqual(['connected', 3]);
  const names = frames.map(([hello = '{}']) => (JSON.parse(hello) as { sid: string }).sid);
  expect(names[1]).toBe(names[0]);
  expect(names[2]).not.toBe(names[0]);
  expect(codes()).toEqual(['SESSION_LOST']);
});

it('a server that has said goodbye says it again on the socket that its client moves to', async () => {
  const { clock, network, send, handled, sessions } = await slow(1, {
    maxConnectionAgeMs: 10_000,
    heartbeat: false,
  });
  while (network.wires.length < 2) await clock.advance(1);
  // It is on a slow way, and the hello on a fast one.
  network.latencyMs = 400;
  void sessions[0]?.close();
  network.latencyMs = 1;
  await clock.advance(200);
  send('in the next session');
  await clock.advance(500);
  expect(sessions).toHaveLength(2);
  expect([sessions[0]?.state, handled]).toEqual(['ended', ['in the next session']]);
});
