import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { FaultConnection } from './index.js';
import { pattern, rig, roundTrips } from './test-kit.js';

describe('proxy.restore()', () => {
  it('resets connections that hung, and leaves those that did not', async () => {
    const { proxy, join } = await rig();
    const hung = await join();
    const closed = once(proxy, 'closed');
    proxy.hang({ direction: 'down', newConnections: 'pass' });
    const fine = await join();
    expect(await proxy.restore()).toBe(1);
    await Promise.all(hung.map((peer) => peer.closed));
    expect(hung.map((peer) => peer.seen)).toEqual([['ECONNRESET'], ['ECONNRESET']]);
    expect((await closed)[1]).toBe('restore');
    await roundTrips(...fine);
    await roundTrips(...(await join()));
  });

  it('with `hung: keep`, leaves them dead and silent', async () => {
    const { proxy, join } = await rig();
    const [near, far] = await join();
    proxy.hang();
    expect(await proxy.restore({ hung: 'keep' })).toBe(0);
    near.send('lost');
    far.send('lost');
    await proxy.waitFor(() => proxy.totals.lostBytesUp === 4 && proxy.totals.lostBytesDown === 4);
    await roundTrips(...(await join()));
    expect(await proxy.restore()).toBe(1);
    await Promise.all([near.closed, far.closed]);
    expect([near.text, far.text]).toEqual(['', '']);
  });

  it('delivers at once what was slow', async () => {
    const { proxy, join } = await rig();
    const [near, far] = await join();
    proxy.slow({ delayMs: 3_600_000, bytesPerSecond: 1 });
    near.send(pattern(100_000));
    await proxy.waitFor(() => proxy.bufferedBytes > 0);
    await proxy.restore();
    expect((await far.receive(100_000)).equals(pattern(100_000))).toBe(true);
  });

  it('forgets the delay: a later slow() begins anew', async () => {
    const { proxy, join } = await rig();
    const [near, far] = await join();
    proxy.slow({ delayMs: 3_600_000 });
    near.send('x');
    await proxy.waitFor(() => proxy.bufferedBytes === 1);
    await proxy.restore();
    proxy.slow({ delayMs: 1 });
    await roundTrips(near, far);
  });

  it('applies to connections that are yet to come', async () => {
    const { proxy, join } = await rig();
    proxy.hang();
    proxy.slow({ delayMs: 3_600_000 });
    await proxy.restore();
    proxy.stall();
    await proxy.restore();
    await roundTrips(...(await join()));
  });

  it('takes back truncateAfter()', async () => {
    const { proxy, join } = await rig();
    const [near, far] = await join();
    proxy.truncateAfter(3, 'up');
    await proxy.restore();
    near.send('whole');
    expect((await far.receive(5)).toString()).toBe('whole');
    await roundTrips(near, far);
  });
});

it('connection.restore() mends that connection alone', async () => {
  const { proxy, join } = await rig();
  const arrived = new Promise<FaultConnection>((resolve) => proxy.once('connection', resolve));
  const [near, far] = await join();
  const connection = await arrived;
  proxy.stall({ direction: 'up' });
  near.send('held');
  await proxy.waitFor(() => proxy.bufferedBytes === 4);
  connection.restore();
  await far.receive(4);
  connection.hang();
  connection.restore({ hung: 'keep' });
  expect(connection.live).toBe(true);
  connection.restore();
  expect(connection.live).toBe(false);
  await near.closed;
});
