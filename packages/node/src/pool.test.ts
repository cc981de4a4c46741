import { FakeClock } from '@jetsocket/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serve, serveTcp } from '../test/test-kit.js';
import {
  createPool,
  type JetSocket,
  type Lease,
  multiplex,
  type Pool,
  type PoolOptions,
} from './index.js';

const failure = (code: string): unknown =>
  expect.objectContaining({ name: 'JetSocketError', code });

function pooled(options: PoolOptions = {}): Pool {
  const pool = createPool(options);
  onTestFinished(() => pool.close());
  return pool;
}

describe('createPool()', () => {
  it('uses a connection again for the same URL and options, and for no others', async () => {
    const server = await serve();
    const pool = pooled();
    const first = await pool.acquire(server.url);
    expect(first.socket.state).toBe('connected');
    first.release();
    first.release();
    expect(pool.stats()).toEqual({ inUse: 0, idle: 1, waiting: 0 });
    const again = await pool.acquire(server.url);
    expect(again.socket).toBe(first.socket);
    const options = { headers: { authorization: 'other' } };
    const other = await pool.acquire(server.url, options);
    expect(other.socket).not.toBe(first.socket);
    other.release();
    const plain = await pool.acquire(server.url);
    expect(plain.socket).not.toBe(other.socket);
    expect((await pool.acquire(server.url, options)).socket).toBe(other.socket);
    expect(server.wss.clients.size).toBe(3);
    expect(pool.stats()).toEqual({ inUse: 3, idle: 0, waiting: 0 });
  });

  it('never has more than max, and serves in the order of asking', async () => {
    const server = await serve();
    const pool = pooled({ max: 2 });
    const leases = [await pool.acquire(server.url), await pool.acquire(server.url)];
    const served: number[] = [];
    const waiting = [1, 2, 3].map(async (n) => {
      const lease = await pool.acquire(server.url);
      served.push(n);
      return lease;
    });
    expect(pool.stats()).toEqual({ inUse: 2, idle: 0, waiting: 3 });
    leases[0]?.release();
    (await waiting[0])?.release();
    (await waiting[1])?.release();
    await waiting[2];
    expect(served).toEqual([1, 2, 3]);
    expect(server.wss.clients.size).toBe(2);
  });

  it('closes an idle one of another kind to make room', async () => {
    const [one, two] = [await serve(), await serve()];
    const pool = pooled({ max: 1 });
    const first = await pool.acquire(one.url);
    const peer = await one.peer(0);
    first.release();
    const second = await pool.acquire(two.url);
    expect(second.socket).not.toBe(first.socket);
    await expect.poll(() => peer.readyState).toBe(peer.CLOSED);
    expect(pool.stats()).toEqual({ inUse: 1, idle: 0, waiting: 0 });
  });

  it('gives no handler of one user to the next', async () => {
    const server = await serve();
    const pool = pooled();
    const first = await pool.acquire(server.url);
    const got: string[] = [];
    first.socket.on('message', () => got.push('first'));
    first.socket.on('*', ({ type }) => got.push(`all: ${type}`));
    first.release();
    const second = await pool.acquire(server.url);
    const came = new Promise((resolve) => second.socket.once('message', resolve));
    (await server.peer(0)).send('1');
    await came;
    expect(got).toEqual([]);
  });

  it('hands out no broken one: neither broken on loan nor while idle', async () => {
    const server = await serve();
    const pool = pooled();
    const idle = await pool.acquire(server.url);
    idle.release();
    (await server.peer(0)).terminate();
    await expect.poll(() => pool.stats().idle).toBe(0);
    const lent = await pool.acquire(server.url);
    expect(lent.socket).not.toBe(idle.socket);
    const lost = new Promise((resolve) => lent.socket.once('disconnected', resolve));
    (await server.peer(1)).terminate();
    await lost;
    lent.release();
    const next = await pool.acquire(server.url);
    expect(next.socket).not.toBe(lent.socket);
    expect(next.socket.state).toBe('connected');
    expect(lent.socket.state).toBe('closed');
  });

  it('closes what was idle for too long', async () => {
    const server = await serve();
    const pool = pooled({ idleMs: 20 });
    (await pool.acquire(server.url)).release();
    const peer = await server.peer(0);
    await expect.poll(() => peer.readyState).toBe(peer.CLOSED);
    expect(pool.stats()).toEqual({ inUse: 0, idle: 0, waiting: 0 });
  });

  it('rejects when no turn comes in time, and when no connection comes about', async () => {
    const server = await serve();
    const clock = new FakeClock();
    const pool = pooled({ max: 1, acquireTimeoutMs: 50, clock });
    const lease = await pool.acquire(server.url);
    const waits = expect(pool.acquire(server.url)).rejects.toThrow(failure('POOL_TIMEOUT'));
    await clock.advance(50);
    await waits;
    lease.release();
    const silent = await serveTcp(() => undefined);
    const hangs = expect(pool.acquire(silent)).rejects.toThrow(failure('POOL_TIMEOUT'));
    await clock.advance(50);
    await hangs;
    await expect.poll(() => pool.stats().inUse).toBe(0);
    await expect(pool.acquire(server.url)).resolves.toMatchObject({});
  });

  it('rejects with what the connection failed for, and frees its place', async () => {
    const server = await serve({
      verifyClient: (_info, done) => {
        done(false, 404);
      },
    });
    const pool = pooled({ max: 1 });
    await expect(pool.acquire(server.url)).rejects.toThrow(failure('REJECTED'));
    await expect(pool.acquire(server.url)).rejects.toThrow(failure('REJECTED'));
    expect(pool.stats()).toEqual({ inUse: 0, idle: 0, waiting: 0 });
  });

  it('is given up by a signal, before, while it waits, and while it connects', async () => {
    const server = await serve();
    const pool = pooled({ max: 1 });
    const early = pool.acquire(server.url, {}, { signal: AbortSignal.abort() });
    await expect(early).rejects.toThrow(failure('ABORTED'));
    const lease = await pool.acquire(server.url);
    const controller = new AbortController();
    const waiting = pool.acquire(server.url, {}, { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toThrow(failure('ABORTED'));
    expect(pool.stats().waiting).toBe(0);
    lease.socket.reconnect();
    lease.release();
    const silent = await serveTcp(() => undefined);
    const second = new AbortController();
    const connecting = pool.acquire(silent, {}, { signal: second.signal });
    second.abort();
    await expect(connecting).rejects.toThrow(failure('ABORTED'));
    await expect.poll(() => pool.stats().inUse).toBe(0);
  });

  // prettier-ignore
  it.each<[options: unknown, says: string]>([
    [{ max: 0 }, 'max: it got 0'], [{ max: Infinity }, 'max: it got Infinity'],
    [{ idleMs: 1.5 }, 'idleMs: it got 1.5'], [{ acquireTimeoutMs: '5' }, "acquireTimeoutMs: it got '5'"],
    [{ maximum: 5 }, 'maximum: there is no such option'], [{ clock: {} }, 'clock: it got {}'],
    [null, 'options: it got null'], [5, 'options: it got 5'], [[], 'options: it got []'],
  ])('refuses the options %j', (options, says) => {
    const refused = expect.objectContaining({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(`Cannot use option ${says}`) as string,
    }) as Error;
    expect(() => createPool(options as PoolOptions)).toThrow(refused);
  });

  it.each([null, 5, { signal: 5 }, { signal: {} }, { timeoutMs: 5 }])(
    'acquire() refuses %j, and nobody waits',
    (how) => {
      const pool = pooled();
      expect(() => pool.acquire('ws://host', {}, how as never)).toThrow(failure('INVALID_OPTION'));
      expect(() => pool.acquire('ftp://host')).toThrow(failure('INVALID_OPTION'));
      expect(pool.stats()).toEqual({ inUse: 0, idle: 0, waiting: 0 });
    },
  );

  it('when closed, turns away the one for whom a connection is being made', async () => {
    const silent = await serveTcp(() => undefined);
    const pool = createPool();
    const turned = pool.acquire(silent);
    const told = expect(turned).rejects.toThrow(failure('CLOSED'));
    await pool.close();
    await told;
    expect(pool.stats()).toEqual({ inUse: 0, idle: 0, waiting: 0 });
  });

  it('when closed, turns away, closes the idle now, and the rest when it is given back', async () => {
    const server = await serve();
    const pool = createPool({ max: 2 });
    const [one, two] = [await pool.acquire(server.url), await pool.acquire(server.url)];
    one.release();
    const third = await pool.acquire(server.url);
    const waiting = pool.acquire(server.url);
    third.release();
    const fourth = await waiting;
    const turned = pool.acquire(server.url);
    await Promise.all([pool.close(), expect(turned).rejects.toThrow(failure('CLOSED'))]);
    await expect(pool.acquire(server.url)).rejects.toThrow(failure('CLOSED'));
    expect(two.socket.state).toBe('connected');
    two.release();
    await using last = fourth;
    expect(last.socket.state).toBe('connected');
    last.release();
    await pool.close();
    expect([two.socket.state, last.socket.state]).toEqual(['closed', 'closed']);
  });
});

const of = { channelOf: () => 'a', subscribe: (names: readonly string[]): unknown => names };

/** Each leaves something behind that goes on; and how it would have let go of it. */
// prettier-ignore
const LEFT: [what: string, leave: (socket: JetSocket) => () => unknown][] = [
  ['a multiplexer', (socket) => multiplex(socket, of).close],
  ['a greeting', (socket) => socket.greet(() => undefined)],
  ['a loop', (socket) => {
    const loop = socket[Symbol.asyncIterator]();
    return () => loop.return?.();
  }],
  ['a stream that is read', (socket) => {
    const reader = socket.readable.getReader();
    reader.read().catch(() => undefined);
    return () => reader.cancel();
  }],
  ['a stream that somebody has, unread', (socket) => {
    const reader = socket.readable.getReader();
    return () => { reader.releaseLock(); };
  }],
  ['a writer', (socket) => {
    const writer = socket.writable.getWriter();
    writer.closed.catch(() => undefined);
    return () => { writer.releaseLock(); };
  }],
  ['a request without its reply', (socket) => {
    const asked = new AbortController();
    const idOf = (): number => 1;
    socket.request({}, { idOf, signal: asked.signal }).catch(() => undefined);
    return () => { asked.abort(); };
  }],
];

describe.each(LEFT)('a connection that is given back with %s', (_what, leave) => {
  it('is closed: it would tell the one of the other', async () => {
    const server = await serve();
    const pool = pooled({ max: 1 });
    const first = await pool.acquire(server.url);
    leave(first.socket);
    first.release();
    expect(pool.stats()).toEqual({ inUse: 0, idle: 0, waiting: 0 });
    const second = await pool.acquire(server.url);
    expect(second.socket).not.toBe(first.socket);
    expect(first.socket.state).not.toBe('connected');
  });

  it('is used again when that was let go of', async () => {
    const server = await serve();
    const pool = pooled({ max: 1 });
    const first: Lease = await pool.acquire(server.url);
    await leave(first.socket)();
    first.release();
    expect((await pool.acquire(server.url)).socket).toBe(first.socket);
  });
});
