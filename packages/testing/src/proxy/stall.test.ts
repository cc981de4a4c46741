import { describe, expect, it } from 'vitest';
import { connected, pattern, rig, roundTrips } from './test-kit.js';

describe('proxy.stall()', () => {
  it('holds bytes and the end, and delivers them on restore()', async () => {
    const { proxy, join } = await rig();
    const [near, far] = await join();
    expect(proxy.stall()).toBe(1);
    near.socket.end('up');
    far.send('down');
    await proxy.waitFor(() => proxy.bufferedBytes === 6);
    expect([proxy.totals.bytesUp, proxy.totals.bytesDown]).toEqual([0, 0]);
    expect(await proxy.restore()).toBe(0);
    await Promise.all([near.closed, far.closed]);
    expect(near).toMatchObject({ text: 'down', seen: ['end'] });
    expect(far).toMatchObject({ text: 'up', seen: ['end'] });
    expect(proxy.bufferedBytes).toBe(0);
  });

  it('holds one direction, and passes the other', async () => {
    const { proxy, join } = await rig();
    const [near, far] = await join();
    proxy.stall({ direction: 'down' });
    far.send('held');
    await proxy.waitFor(() => proxy.bufferedBytes === 4);
    near.send('passed');
    await far.receive(6);
    expect(proxy.totals.bytesDown).toBe(0);
    await proxy.restore();
    expect((await near.receive(4)).toString()).toBe('held');
  });

  it('holds new connections too, unless they are to pass', async () => {
    const { proxy, target } = await rig();
    proxy.stall();
    const near = await connected(proxy.port);
    near.send('held');
    await proxy.waitFor(() => proxy.bufferedBytes === 4);
    proxy.stall({ newConnections: 'pass' });
    await target.peer(0);
    const other = await connected(proxy.port);
    await roundTrips(other, await target.peer(1));
    expect(proxy.bufferedBytes).toBe(4);
    await proxy.restore();
    await (await target.peer(0)).receive(4);
  });

  it('stops reading a sender when enough is held, and then loses nothing', async () => {
    const maxBufferedBytes = 200_000;
    const { proxy, join } = await rig({ maxBufferedBytes });
    const [near, far] = await join();
    proxy.stall({ newConnections: 'pass' });
    const bytes = pattern(20_000_000);
    near.send(bytes);
    await proxy.waitFor(() => proxy.bufferedBytes >= maxBufferedBytes);
    // Time for a proxy that does not stop to read on.
    await roundTrips(...(await join()), 200);
    // One more read of 64 KiB may have been under way.
    expect(proxy.bufferedBytes).toBeLessThanOrEqual(maxBufferedBytes + 65_536);
    await proxy.restore();
    expect((await far.receive(bytes.length)).equals(bytes)).toBe(true);
  });

  it('stops reading a sender of single bytes when there are too many pieces', async () => {
    const { proxy, join } = await rig();
    const [near, far] = await join();
    proxy.stall({ newConnections: 'pass' });
    const maxPieces = 16_384;
    for (let sent = 1; sent <= maxPieces; sent++) {
      near.send('x');
      await proxy.waitFor(() => proxy.bufferedBytes === sent);
    }
    near.send('y');
    await roundTrips(...(await join()), 20);
    expect(proxy.bufferedBytes).toBe(maxPieces);
    await proxy.restore();
    expect((await far.receive(maxPieces + 1)).toString()).toBe(`${'x'.repeat(maxPieces)}y`);
  });
});

it('proxy holds no more than maxBufferedBytes for a receiver that does not read', async () => {
  const maxBufferedBytes = 200_000;
  const { proxy, join } = await rig({ maxBufferedBytes });
  const [near, far] = await join();
  const other = await join();
  far.socket.pause();
  const bytes = pattern(20_000_000);
  near.send(bytes);
  await proxy.waitFor(() => proxy.bufferedBytes >= maxBufferedBytes);
  await roundTrips(...other, 200);
  expect(proxy.bufferedBytes).toBeLessThanOrEqual(maxBufferedBytes + 65_536);
  far.socket.resume();
  expect((await far.receive(bytes.length)).equals(bytes)).toBe(true);
});

it('proxy passes 20 MB each way through stalls that come and go', async () => {
  const { proxy, join } = await rig({ maxBufferedBytes: 100_000 });
  const [near, far] = await join();
  const bytes = pattern(20_000_000);
  near.send(bytes);
  far.send(bytes);
  for (let stalls = 1; stalls <= 10; stalls++) {
    const { bytesUp, bytesDown } = proxy.totals;
    await proxy.waitFor(() => proxy.totals.bytesUp > bytesUp && proxy.totals.bytesDown > bytesDown);
    proxy.stall();
    await proxy.waitFor(() => proxy.bufferedBytes >= 100_000);
    await proxy.restore();
  }
  const [up, down] = await Promise.all([far.receive(bytes.length), near.receive(bytes.length)]);
  expect(up.equals(bytes)).toBe(true);
  expect(down.equals(bytes)).toBe(true);
});
