/** `for await` over a socket, and what becomes of those who do not read. All of it in virtual time. */
import { describe, expect, it } from 'vitest';
import { type Bench, connected } from '../../test/test-kit.js';
import type { JetSocket } from '../jet-socket.js';

/** The server sends these, and they arrive. */
async function deliver({ link, clock }: Bench, ...messages: unknown[]): Promise<void> {
  for (const message of messages) link().deliver(JSON.stringify(message));
  await clock.advance(10);
}

/** Reads to the end: what came, and what was thrown. */
async function readAll(socket: JetSocket): Promise<{ got: unknown[]; thrown?: unknown }> {
  const got: unknown[] = [];
  try {
    for await (const message of socket) got.push(message);
    return { got };
  } catch (thrown) {
    return { got, thrown };
  }
}

describe('for await over a socket', () => {
  it('gives every message from its beginning on, in order, and ends at close', async () => {
    const world = await connected();
    await deliver(world, 'before');
    const reading = readAll(world.socket);
    await deliver(world, 1, 2);
    await deliver(world, 3);
    await Promise.all([world.socket.close(), world.clock.advance(1_000)]);
    expect(await reading).toEqual({ got: [1, 2, 3] });
  });

  it('goes on over an outage', async () => {
    const world = await connected();
    const reading = readAll(world.socket);
    await deliver(world, 1);
    world.link().cut();
    await world.clock.advance(2_000);
    await deliver(world, 2);
    await Promise.all([world.socket.close(), world.clock.advance(1_000)]);
    expect(await reading).toEqual({ got: [1, 2] });
  });

  it('gives what came before a failure, then throws why', async () => {
    const world = await connected();
    const iterator = world.socket[Symbol.asyncIterator]();
    await deliver(world, 1, 2);
    world.link().closeFromServer(1008, 'who are you');
    await world.clock.advance(100);
    expect(world.socket.state).toBe('failed');
    expect(await iterator.next()).toEqual({ done: false, value: 1 });
    expect(await iterator.next()).toEqual({ done: false, value: 2 });
    await expect(iterator.next()).rejects.toMatchObject({ code: 'CLOSED_BY_SERVER' });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('throws to who waits when it fails', async () => {
    const world = await connected();
    const reading = readAll(world.socket);
    await deliver(world, 1);
    world.link().closeFromServer(1008, 'policy');
    await world.clock.advance(100);
    expect(await reading).toMatchObject({ got: [1], thrown: { code: 'CLOSED_BY_SERVER' } });
  });

  it('ends at once on a socket that is closed, and throws on one that has failed', async () => {
    const world = await connected();
    await Promise.all([world.socket.close(), world.clock.advance(1_000)]);
    expect(await readAll(world.socket)).toEqual({ got: [] });
    const other = await connected();
    other.link().closeFromServer(1008);
    await other.clock.advance(100);
    expect(await readAll(other.socket)).toMatchObject({ thrown: { code: 'CLOSED_BY_SERVER' } });
  });

  it('lets go when the loop is left: nothing is kept, and nothing dropped', async () => {
    const world = await connected({ buffer: { capacity: 1 } });
    const iterator = world.socket[Symbol.asyncIterator]();
    const got: unknown[] = [];
    const loop = (async () => {
      for await (const message of { [Symbol.asyncIterator]: () => iterator }) {
        got.push(message);
        break;
      }
    })();
    await deliver(world, 1);
    await loop;
    await deliver(world, 2, 3, 4, 5);
    await world.clock.advance(10);
    expect(got).toEqual([1]);
    expect(world.names()).not.toContain('buffer_overflow');
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('gives all to each of several', async () => {
    const world = await connected();
    const first = readAll(world.socket);
    await deliver(world, 1);
    const second = readAll(world.socket);
    await deliver(world, 2);
    await Promise.all([world.socket.close(), world.clock.advance(1_000)]);
    expect([(await first).got, (await second).got]).toEqual([[1, 2], [2]]);
  });

  it('serves several next() at once in their order, and ends all', async () => {
    const world = await connected();
    const iterator = world.socket[Symbol.asyncIterator]();
    const all = Promise.all([iterator.next(), iterator.next(), iterator.next()]);
    await deliver(world, 1, 2);
    await iterator.return?.();
    expect(await all).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
      { done: true, value: undefined },
    ]);
  });

  it('a new life has new ones: the old one has ended', async () => {
    const world = await connected();
    const old = world.socket[Symbol.asyncIterator]();
    await Promise.all([world.socket.close(), world.clock.advance(1_000)]);
    void world.socket.connect();
    const reading = readAll(world.socket);
    await world.clock.advance(20);
    await deliver(world, 1);
    await Promise.all([world.socket.close(), world.clock.advance(1_000)]);
    expect((await old.next()).done).toBe(true);
    expect((await reading).got).toEqual([1]);
  });
});

describe('a consumer that never reads', () => {
  it('loses the oldest by default, each of them told once a turn', async () => {
    const world = await connected({ buffer: { capacity: 3 } });
    const iterator = world.socket[Symbol.asyncIterator]();
    const handled: unknown[] = [];
    world.socket.on('message', ({ data }) => handled.push(data));
    await deliver(world, 1, 2, 3, 4, 5);
    await deliver(world, 6);
    const told = world.events.filter(({ type }) => type === 'buffer_overflow');
    const same = { policy: 'drop_oldest', capacity: 3, direction: 'incoming' };
    expect(told).toMatchObject([
      { dropped_count: 2, ...same },
      { dropped_count: 1, ...same },
    ]);
    expect(world.socket.stats().dropped).toMatchObject({ unread: 3, incoming: 0, overflow: 0 });
    // Nobody else loses anything.
    expect(handled).toEqual([1, 2, 3, 4, 5, 6]);
    const kept = [await iterator.next(), await iterator.next(), await iterator.next()];
    expect(kept.map(({ value }) => value as unknown)).toEqual([4, 5, 6]);
  });

  it('is told of before closed, as everything is', async () => {
    const world = await connected({ buffer: { capacity: 1 } });
    world.socket[Symbol.asyncIterator]();
    world.socket.on('message', ({ data }) => data === 3 && void world.socket.close());
    world.link().deliver('1');
    world.link().deliver('2');
    world.link().deliver('3');
    await world.clock.advance(1_000);
    expect(world.names().slice(-3)).toEqual(['buffer_overflow', 'disconnected', 'closed']);
  });

  it('loses the newest by the policy drop_newest', async () => {
    const buffer = { capacity: 2, overflowPolicy: 'drop_newest' } as const;
    const world = await connected({ buffer });
    const iterator = world.socket[Symbol.asyncIterator]();
    await deliver(world, 1, 2, 3, 4);
    expect((await iterator.next()).value).toBe(1);
    await deliver(world, 5);
    expect((await iterator.next()).value).toBe(2);
    expect((await iterator.next()).value).toBe(5);
    expect(world.events).toContainEqual(
      expect.objectContaining({ type: 'buffer_overflow', dropped_count: 2 }),
    );
  });

  it('is thrown BUFFER_OVERFLOW by the policy error, behind what it has', async () => {
    const buffer = { capacity: 2, overflowPolicy: 'error' } as const;
    const world = await connected({ buffer });
    const iterator = world.socket[Symbol.asyncIterator]();
    await deliver(world, 1, 2, 3, 4);
    expect((await iterator.next()).value).toBe(1);
    expect((await iterator.next()).value).toBe(2);
    await expect(iterator.next()).rejects.toMatchObject({ code: 'BUFFER_OVERFLOW' });
    expect((await iterator.next()).done).toBe(true);
    expect(world.names()).not.toContain('buffer_overflow');
  });

  it('is bound by bytes too, counted by what came; one message is always taken', async () => {
    const world = await connected({ buffer: { maxBytes: 10 } });
    const iterator = world.socket[Symbol.asyncIterator]();
    await deliver(world, 'xxxxxxxxxxxxxxxxxxxx');
    expect((await iterator.next()).value).toHaveLength(20);
    // Five bytes each: three, and two quotes.
    await deliver(world, '✓', '✔', '✗');
    const kept = [await iterator.next(), await iterator.next()];
    expect(kept.map(({ value }) => value as unknown)).toEqual(['✔', '✗']);
  });

  it('is bound by bytes where a hole holds messages back', async () => {
    const sequenceOf = (message: unknown): number => Number(String(message).slice(0, 1));
    const world = await connected({
      buffer: { maxBytes: 20 },
      replay: { mode: 'sequence_id', sequenceOf, contiguous: true },
    });
    const iterator = world.socket[Symbol.asyncIterator]();
    await deliver(world, '1aaaa', '3cccc', '4dddd', '2bbbb');
    await world.clock.advance(10);
    const kept = [await iterator.next(), await iterator.next()];
    // 28 bytes came: seven had to go, and 21 with them, since the second one freed the other two.
    expect(kept.map(({ value }) => String(value).slice(0, 1))).toEqual(['3', '4']);
  });

  it('costs a socket that nobody iterates nothing', async () => {
    const world = await connected({ buffer: { capacity: 1 } });
    await deliver(world, 1, 2, 3);
    expect(world.names()).toEqual(['message', 'message', 'message']);
  });

  it('keeps no connection from being read: streams do', async () => {
    const world = await connected({ buffer: { capacity: 1 } });
    world.socket[Symbol.asyncIterator]();
    await deliver(world, 1, 2, 3);
    expect(world.link().isPaused).toBe(false);
  });
});
