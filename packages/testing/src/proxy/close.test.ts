import { createHook } from 'node:async_hooks';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createFaultProxy, type FaultProxy } from './index.js';
import { client, connected, pattern, rig, roundTrips, Target } from './test-kit.js';

/** The sockets and servers that keep this process alive. */
function handles(): string[] {
  const ours = ['TCPServerWrap', 'TCPSocketWrap', 'TCPConnectWrap'];
  return process
    .getActiveResourcesInfo()
    .filter((name) => ours.includes(name))
    .sort();
}

/** The timers that the proxy has set from now on. The test runner's own come and go, and do not count. */
function watchTimers(): ReadonlySet<number> {
  const pending = new Set<number>();
  const hook = createHook({
    init(id, type) {
      if (type === 'Timeout' && new Error().stack?.includes('Alarm.set')) pending.add(id);
    },
    destroy: (id) => void pending.delete(id),
  }).enable();
  onTestFinished(() => void hook.disable());
  return pending;
}

describe('proxy.close()', () => {
  it('leaves no handle, whatever the weather', async () => {
    const target = await Target.listen();
    await new Promise(setImmediate);
    const before = handles();
    const timers = watchTimers();
    const proxy = await createFaultProxy({ target: { port: target.port } });
    const peers = [await connected(proxy.port), await connected(proxy.port)];
    proxy.slow({ delayMs: 3_600_000 });
    for (const peer of peers) peer.send('x');
    await proxy.waitFor(() => proxy.bufferedBytes === 2);
    proxy.hang();
    peers.push(await connected(proxy.port));
    await proxy.waitFor(() => proxy.connections === 3);
    await proxy.restore({ hung: 'keep' });
    proxy.slow({ delayMs: 3_600_000 });
    peers.push(await connected(proxy.port));
    peers[3]?.send('x');
    await proxy.waitFor(() => proxy.bufferedBytes === 1);
    await proxy.refuse(true);
    await proxy.refuse(false);
    const forever = proxy.waitFor(() => false, { timeoutMs: 3_600_000 });
    forever.catch(() => undefined);
    // Node tells of timers that are gone a turn later.
    await new Promise(setImmediate);
    expect(handles().length).toBeGreaterThan(before.length);
    // One of the lane that is slow, and one of who waits.
    expect(timers.size).toBe(2);

    await proxy.close();
    await Promise.all(peers.map((peer) => peer.closed));
    await Promise.all(target.peers.map((peer) => peer.closed));
    await new Promise(setImmediate);
    expect(handles()).toEqual(before);
    expect(timers.size).toBe(0);
    expect(peers.map((peer) => peer.seen)).toEqual(Array(4).fill(['ECONNRESET']));
  });

  it('stops listening, and is harmless twice', async () => {
    const { proxy } = await rig();
    await Promise.all([proxy.close(), proxy.close()]);
    await proxy.close();
    const refused = client(proxy.port);
    await refused.closed;
    expect(refused.seen).toEqual(['ECONNREFUSED']);
  });

  it('closes while it is being opened', async () => {
    const { proxy } = await rig();
    await proxy.refuse(true);
    const opened = proxy.refuse(false);
    await proxy.close();
    await opened;
    const refused = client(proxy.port);
    await refused.closed;
    expect(refused.seen).toEqual(['ECONNREFUSED']);
  });

  it('closes with senders blocked and ends under way', async () => {
    const { proxy, join } = await rig({ allowHalfOpen: true });
    const [near, far] = await join();
    far.socket.pause();
    near.send(pattern(20_000_000));
    await proxy.waitFor(() => proxy.bufferedBytes > 0);
    proxy.end();
    await proxy.close();
    await near.closed;
    expect(proxy.connections).toBe(0);
  });

  it('tells `closed` of every connection', async () => {
    const { proxy, join } = await rig();
    const ends: string[] = [];
    proxy.on('closed', (_, end) => ends.push(end));
    await join();
    await join();
    await proxy.close();
    expect(ends).toEqual(['close', 'close']);
    expect(proxy.totals.reset).toBe(2);
  });

  it('is what `await using` does', async () => {
    const target = await Target.listen();
    let kept: FaultProxy | undefined;
    {
      await using proxy = await createFaultProxy({ target: { port: target.port } });
      kept = proxy;
    }
    expect(() => kept.cut()).toThrow(expect.objectContaining({ code: 'CLOSED' }));
  });
});

const throwing: [name: string, call: (proxy: FaultProxy) => unknown][] = [
  ['cut', (proxy) => proxy.cut()],
  ['end', (proxy) => proxy.end()],
  ['hang', (proxy) => proxy.hang()],
  ['stall', (proxy) => proxy.stall()],
  ['slow', (proxy) => proxy.slow({ delayMs: 1 })],
  ['truncate', (proxy) => proxy.truncateAfter(1, 'up')],
  ['retarget', (proxy) => proxy.retarget({ port: 1 })],
];

it.each(throwing)('proxy cannot %s once it is closed', async (verb, call) => {
  const { proxy } = await rig();
  await proxy.close();
  const message = `Cannot ${verb}: the proxy is closed`;
  expect(() => call(proxy)).toThrow(expect.objectContaining({ code: 'CLOSED', message }));
});

const rejecting: [name: string, call: (proxy: FaultProxy) => Promise<unknown>][] = [
  ['refuse', (proxy) => proxy.refuse(true)],
  ['restore', (proxy) => proxy.restore()],
  ['wait', (proxy) => proxy.waitFor(() => true)],
];

it.each(rejecting)('proxy cannot %s once it is closed, and rejects', async (verb, call) => {
  const { proxy } = await rig();
  await proxy.close();
  const message = `Cannot ${verb}: the proxy is closed`;
  await expect(call(proxy)).rejects.toMatchObject({ code: 'CLOSED', message });
});

describe('proxy.waitFor()', () => {
  it('resolves at once when it is true already', async () => {
    const { proxy } = await rig();
    await proxy.waitFor(() => true, { timeoutMs: 0 });
  });

  it('rejects with TIMEOUT and the counts when it never is', async () => {
    const { proxy, join } = await rig();
    await roundTrips(...(await join()));
    const waiting = proxy.waitFor(() => false, { timeoutMs: 5 });
    await expect(waiting).rejects.toMatchObject({ code: 'TIMEOUT' });
    await expect(waiting).rejects.toThrow(/not happen in 5 ms; .*"connections":1.*"bytesUp":1/);
  });

  it('rejects with CLOSED when the proxy is closed', async () => {
    const { proxy } = await rig();
    const waiting = proxy.waitFor(() => false);
    const told = expect(waiting).rejects.toMatchObject({ code: 'CLOSED' });
    await proxy.close();
    await told;
  });

  it('passes on what the predicate throws', async () => {
    const { proxy, join } = await rig();
    let calls = 0;
    const waiting = proxy.waitFor(() => {
      if (++calls === 2) throw new RangeError('asked');
      return false;
    });
    const told = expect(waiting).rejects.toThrow(new RangeError('asked'));
    await join();
    await told;
    expect(calls).toBe(2);
  });

  it('is asked again when a connection goes', async () => {
    const { proxy, join } = await rig();
    const [near] = await join();
    const gone = proxy.waitFor(() => proxy.connections === 0);
    const closed = once(proxy, 'closed');
    near.socket.destroy();
    await Promise.all([gone, closed]);
  });
});
