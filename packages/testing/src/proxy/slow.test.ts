import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { pattern, rig, roundTrips, type Peer } from './test-kit.js';

/** How long it took to say something in one direction, in milliseconds. */
async function trip(from: Peer, to: Peer, bytes: Uint8Array = Buffer.from('x')): Promise<number> {
  const before = to.received.length;
  const beganMs = performance.now();
  from.send(bytes);
  await to.receive(before + bytes.length);
  return performance.now() - beganMs;
}

describe('proxy.slow()', () => {
  it('delays each direction by itself', async () => {
    const { proxy, join } = await rig();
    const [near, far] = await join();
    expect(proxy.slow({ delayMs: 60, direction: 'up' })).toBe(1);
    proxy.slow({ delayMs: 30, direction: 'down' });
    expect(await trip(near, far)).toBeGreaterThanOrEqual(60);
    expect(await trip(far, near)).toBeGreaterThanOrEqual(30);
  });

  it('delays a direction alone when told so', async () => {
    const { proxy, join } = await rig();
    const [near, far] = await join();
    proxy.slow({ delayMs: 3_600_000, direction: 'up' });
    near.send('late');
    await proxy.waitFor(() => proxy.bufferedBytes === 4);
    await trip(far, near);
    expect(far.text).toBe('');
  });

  it('delays new connections as well', async () => {
    const { proxy, join } = await rig();
    proxy.slow({ delayMs: 40 });
    const [near, far] = await join();
    expect(await trip(near, far)).toBeGreaterThanOrEqual(40);
  });

  it('delays many pieces at once, and not one after the other', async () => {
    const { proxy, join } = await rig();
    const [near, far] = await join();
    proxy.slow({ delayMs: 300, direction: 'up' });
    const beganMs = performance.now();
    for (let sent = 1; sent <= 50; sent++) {
      near.send('x');
      // Each is read by itself. On a busy machine the first may have passed meanwhile.
      await proxy.waitFor(() => proxy.totals.bytesUp + proxy.bufferedBytes === sent);
    }
    await far.receive(50);
    const tookMs = performance.now() - beganMs;
    expect(tookMs).toBeGreaterThanOrEqual(300);
    expect(tookMs).toBeLessThan(50 * 300);
  });

  it('delays the end as well', async () => {
    const { proxy, join } = await rig();
    const [near, far] = await join();
    await roundTrips(near, far);
    proxy.slow({ delayMs: 50 });
    const beganMs = performance.now();
    near.socket.end();
    await far.closed;
    expect(performance.now() - beganMs).toBeGreaterThanOrEqual(50);
    expect(far.seen).toEqual(['end']);
  });

  it('delays the end of a client that has left since', async () => {
    const { proxy, join } = await rig();
    const [near, far] = await join();
    proxy.slow({ delayMs: 50, direction: 'up' });
    far.socket.end();
    near.socket.end('bye');
    await near.closed;
    await far.closed;
    expect(far).toMatchObject({ text: 'bye', seen: ['end'] });
  });

  it('adds what `random` draws of the jitter', async () => {
    const { proxy, join } = await rig({ random: () => 1 });
    const [near, far] = await join();
    proxy.slow({ delayMs: 20, jitterMs: 60 });
    expect(await trip(near, far)).toBeGreaterThanOrEqual(80);
  });

  it('keeps the order, whatever is drawn', async () => {
    let draws = 0;
    const { proxy, join } = await rig({ random: () => (draws++ % 2 === 0 ? 1 : 0) });
    const [near, far] = await join();
    proxy.slow({ jitterMs: 20, direction: 'up' });
    let all = '';
    for (let sent = 0; sent < 40; sent++) {
      const { bytesUp } = proxy.totals;
      const piece = `${sent};`;
      all += piece;
      near.send(piece);
      // Each is read by itself, or has passed already.
      await proxy.waitFor(() => proxy.bufferedBytes > 0 || proxy.totals.bytesUp > bytesUp);
    }
    expect((await far.receive(all.length)).toString()).toBe(all);
    expect(draws).toBeGreaterThan(1);
  });

  it('limits the rate, and trickles', async () => {
    const { proxy, join } = await rig();
    const [near, far] = await join();
    proxy.slow({ bytesPerSecond: 100_000 });
    const pieces: number[] = [];
    far.socket.on('data', (bytes: Buffer) => pieces.push(bytes.length));
    expect(await trip(near, far, pattern(20_000))).toBeGreaterThanOrEqual(200);
    expect(pieces.length).toBeGreaterThan(5);
  });

  it('limits each connection and direction by itself', async () => {
    const { proxy, join } = await rig();
    const pairs = [await join(), await join()];
    proxy.slow({ bytesPerSecond: 10_000, direction: 'up' });
    const took = pairs.map(([near, far]) => trip(near, far, pattern(1_000)));
    for (const tookMs of await Promise.all(took)) expect(tookMs).toBeGreaterThanOrEqual(100);
    const [[near, far] = await join()] = pairs;
    await trip(far, near, pattern(1_000_000));
  });

  it('is replaced by the next, also for what waits for the rate', async () => {
    const { proxy, join } = await rig();
    const [near, far] = await join();
    proxy.slow({ bytesPerSecond: 1 });
    near.send(pattern(100_000));
    await proxy.waitFor(() => proxy.bufferedBytes > 0);
    proxy.slow({ bytesPerSecond: 1e9 });
    expect((await far.receive(100_000)).equals(pattern(100_000))).toBe(true);
  });

  it('passes 20 MB each way, whole, in order, and in bounded memory', async () => {
    const maxBufferedBytes = 500_000;
    const { proxy, join } = await rig({ maxBufferedBytes });
    const [near, far] = await join();
    let mostBytes = 0;
    let done = false;
    const watched = proxy.waitFor(
      () => {
        mostBytes = Math.max(mostBytes, proxy.bufferedBytes);
        return done;
      },
      { timeoutMs: 60_000 },
    );
    proxy.slow({ delayMs: 2, jitterMs: 3, bytesPerSecond: 50_000_000 });
    const bytes = pattern(20_000_000);
    near.send(bytes);
    far.send(bytes);
    const [up, down] = await Promise.all([far.receive(bytes.length), near.receive(bytes.length)]);
    expect(up.equals(bytes)).toBe(true);
    expect(down.equals(bytes)).toBe(true);
    expect(mostBytes).toBeGreaterThan(0);
    expect(mostBytes).toBeLessThanOrEqual(2 * (maxBufferedBytes + 65_536));
    done = true;
    near.send('!');
    await watched;
  });

  it('is for one connection when ordered of one', async () => {
    const { proxy, join } = await rig();
    proxy.once('connection', (connection) => connection.slow({ delayMs: 3_600_000 }));
    const [late] = await join();
    late.send('late');
    await proxy.waitFor(() => proxy.bufferedBytes === 4);
    await roundTrips(...(await join()));
    expect(proxy.bufferedBytes).toBe(4);
  });

  describe('under fake timers', () => {
    afterEach(() => {
      vi.useRealTimers();
      vi.restoreAllMocks();
      syncBuiltinESMExports();
    });

    it('runs on real time', async () => {
      const { proxy, join } = await rig();
      const [near, far] = await join();
      vi.useFakeTimers();
      proxy.slow({ delayMs: 20 });
      near.send('x');
      await far.receive(1);
    });

    it('runs on real time where `node:timers` itself is faked, as @sinonjs/fake-timers does', async () => {
      const { proxy, join } = await rig();
      const [near, far] = await join();
      for (const name of ['setTimeout', 'setImmediate'] as const) {
        vi.spyOn(timers, name).mockImplementation(() => {
          throw new Error(`${name} is faked`);
        });
      }
      // Now an import that is looked up at each call sees the fakes, as it would in CommonJS.
      syncBuiltinESMExports();
      proxy.slow({ delayMs: 20 });
      proxy.truncateAfter(1, 'up');
      near.send('xy');
      await far.closed;
      expect(far.text).toBe('x');
    });
  });
});
