/** What a process says of a session that goes on in another one, over virtual time and a log that takes its time. */
import { expect, it } from 'vitest';
import { every } from './shared-log.js';
import { type TwoNodes, twoNodes } from './two-nodes.js';
import { inside } from './inside.js';

/** The client is cut off from the first node, which sends it something, and gets that from the second one. */
async function movedWithNothingLeftToWrite(delayMs: number): Promise<TwoNodes> {
  const nodes = await twoNodes(delayMs);
  nodes.route('none');
  nodes.cut('told', 'told');
  nodes.first.send('written');
  await nodes.clock.advance(500);
  nodes.route('second');
  await nodes.clock.advance(1_000);
  expect([nodes.got, nodes.ends]).toEqual([['written'], []]);
  return nodes;
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
  void inside(first)
    .settle()
    .then(() => void (isSettled = true));
  const stop = every(clock, 5, () => void first.send('came later'));
  await clock.advance(30);
  expect(isSettled).toBe(false);
  await clock.advance(10);
  stop();
  expect([isSettled, inside(first).isSettled]).toEqual([true, false]);
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

it.each([
  ['at once', 0],
  ['later', 20],
])(
  'a session moved, and has not expired, when its time passes and its log answers %s',
  async (_name, delayMs) => {
    const { clock, first, ends, there, got } = await movedWithNothingLeftToWrite(delayMs);
    await clock.advance(60_000);
    expect(ends).toEqual([{ reason: 'moved', unacknowledged: [] }]);
    expect(first.state).toBe('ended');
    // And it goes on there.
    there[0]?.send('more');
    await clock.advance(100);
    expect(got).toEqual(['written', 'more']);
  },
);

it.each([
  ['at once', 0],
  ['later', 20],
])(
  'a session moved when the server closes that it left, and its log answers %s',
  async (_name, delayMs) => {
    const { clock, server, ends, there, got } = await movedWithNothingLeftToWrite(delayMs);
    let isClosed = false;
    void server.close().then(() => void (isClosed = true));
    await clock.advance(100);
    expect(isClosed).toBe(true);
    expect(ends).toEqual([{ reason: 'moved', unacknowledged: [] }]);
    there[0]?.send('more');
    await clock.advance(100);
    expect(got).toEqual(['written', 'more']);
  },
);

it.each([
  ['at once', 0],
  ['later', 20],
])(
  'a session moved when its application ends it here too late, and its log answers %s',
  async (_name, delayMs) => {
    const { clock, first, ends, there, got } = await movedWithNothingLeftToWrite(delayMs);
    void first.close();
    await clock.advance(100);
    expect(ends).toEqual([{ reason: 'moved', unacknowledged: [] }]);
    there[0]?.send('more');
    await clock.advance(100);
    expect(got).toEqual(['written', 'more']);
  },
);

it('a session moved, too, when it has ended there before its time passes here', async () => {
  const { clock, ends, socket, there } = await movedWithNothingLeftToWrite(20);
  void socket.close();
  await clock.advance(1_000);
  expect(there[0]?.state).toBe('ended');
  await clock.advance(60_000);
  expect(ends).toEqual([{ reason: 'moved', unacknowledged: [] }]);
});

it('names nothing after a clean drain() that the next node delivers, whoever closes when', async () => {
  const { clock, server, first, ends, got, route } = await twoNodes(20);
  // The client has them, and cannot say so: it was asked to move before its acknowledgements are due.
  for (let n = 1; n <= 55; n++) first.send(n);
  await clock.advance(45);
  route('second');
  let notDone: readonly unknown[] | undefined;
  void server.drain({ handoverMs: 100 }).then(async (sessions) => {
    notDone = sessions;
    await server.close();
  });
  await clock.advance(1_000);
  expect(got).toHaveLength(55);
  expect(notDone).toEqual([]);
  expect(ends).toEqual([{ reason: 'moved', unacknowledged: [] }]);
});

it('expires and names what did not arrive when nobody took it over, or nobody can tell', async () => {
  for (const isDown of [false, true]) {
    const { clock, first, ends, log, cut, route } = await twoNodes(20);
    route('none');
    cut('told', 'told');
    const written = first.send('written');
    await clock.advance(500);
    log.isDown = isDown;
    await clock.advance(60_000);
    expect(ends).toEqual([{ reason: 'expired', unacknowledged: [written] }]);
  }
});

it('does not expire when its client comes back while the log is asked', async () => {
  const { clock, first, ends, log, got, cut, route } = await twoNodes(20);
  route('none');
  cut('told', 'told');
  await clock.advance(30_000);
  // In the log its time begins again with this.
  first.send('written');
  await clock.advance(29_990);
  log.delayMs = 400;
  route('first');
  await clock.advance(3_000);
  expect([ends, first.state, got]).toEqual([[], 'attached', ['written']]);
});

it('ends in time with a log that never answers', async () => {
  const { clock, server, first, ends, log, cut, route } = await twoNodes(20);
  route('none');
  cut('told', 'told');
  const written = first.send('written');
  await clock.advance(500);
  log.delayMs = 1_000_000;
  let isClosed = false;
  void server.close().then(() => void (isClosed = true));
  expect(() => first.send('too late')).toThrow(expect.objectContaining({ code: 'CLOSED' }));
  await clock.advance(2_000);
  expect(isClosed).toBe(true);
  expect(ends).toEqual([{ reason: 'closed', unacknowledged: [written] }]);
});

it('ends at once with a log that fails already', async () => {
  const { clock, server, first, ends, log, cut, route } = await twoNodes(0);
  first.on('error', () => undefined);
  route('none');
  cut('told', 'told');
  log.isDown = true;
  const unwritten = first.send('not written');
  await clock.advance(1);
  await server.close();
  expect(ends).toEqual([{ reason: 'closed', unacknowledged: [unwritten] }]);
});

it('says goodbye to a client that comes back while its session is being ended', async () => {
  const { clock, first, ends, log, events, cut, route } = await twoNodes(20);
  route('none');
  cut('told', 'told');
  await clock.advance(500);
  log.delayMs = 200;
  route('first');
  await clock.advance(220);
  const ended = first.close('enough');
  await clock.advance(2_000);
  await ended;
  expect(ends.map(({ reason }) => reason)).toEqual(['ended']);
  expect(events.filter(({ type }) => type === 'disconnected').at(-1)).toMatchObject({
    code: 1000,
    reason: 'enough',
  });
});

it('names the numbers that were handled, or are being handled, and may be so again elsewhere', async () => {
  const { clock, first, ends, cameThere, socket, cut, route } = await twoNodes(0);
  const handled: unknown[] = [];
  first.on('message', (message) => {
    return new Promise<void>((resolve) => {
      clock.setTimer(300, () => {
        handled.push(message);
        resolve();
      });
    });
  });
  for (let n = 1; n <= 4; n++) socket.send(n);
  await clock.advance(400);
  // 1 is handled and written, 2 is being handled, 3 and 4 wait.
  expect(handled).toEqual([1]);
  route('second');
  cut('told', 'told');
  await clock.advance(150);
  expect(cameThere).toEqual([2, 3, 4]);
  await clock.advance(1_000);
  expect(handled).toEqual([1, 2]);
  expect(ends).toEqual([{ reason: 'moved', unacknowledged: [], unrecorded: { from: 2, to: 2 } }]);
});
