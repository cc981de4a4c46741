import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { client, connected, pattern, rig, roundTrips } from './test-kit.js';

it('proxy.cut() resets both ends of every live connection', async () => {
  const { proxy, join } = await rig();
  const pairs = [await join(), await join()];
  for (const pair of pairs) await roundTrips(...pair);
  expect(proxy.cut()).toBe(2);
  expect(proxy.connections).toBe(0);
  await Promise.all(pairs.flat().map((peer) => peer.closed));
  expect(pairs.flat().map((peer) => peer.seen)).toEqual(Array(4).fill(['ECONNRESET']));
  expect(proxy.totals.reset).toBe(2);
});

it('proxy.cut() accepts new connections, and does not meet a connection twice', async () => {
  const { proxy, join } = await rig();
  await join();
  expect(proxy.cut()).toBe(1);
  expect(proxy.cut()).toBe(0);
  await roundTrips(...(await join()));
  expect(proxy.connections).toBe(1);
});

it('connection.cut() from the event resets a client before the target hears of it', async () => {
  const { proxy, target, join } = await rig();
  const ended: unknown[] = [];
  proxy.on('closed', (connection, end) => ended.push([connection.id, end]));
  proxy.once('connection', (connection) => connection.cut());
  const near = client(proxy.port);
  await near.closed;
  expect(near.seen).toEqual(['ECONNRESET']);
  await roundTrips(...(await join()));
  expect(target.peers).toHaveLength(1);
  expect(ended).toEqual([[1, 'cut']]);
});

it('a connection that is over takes no more orders', async () => {
  const { proxy, join } = await rig();
  proxy.once('connection', (connection) => {
    connection.cut();
    connection.end();
    connection.truncateAfter(0, 'up');
    connection.hang();
    connection.restore();
  });
  const closed = once(proxy, 'closed');
  const near = client(proxy.port);
  await near.closed;
  expect((await closed).slice(1)).toEqual(['cut', undefined]);
  expect(proxy.totals.reset).toBe(1);
  await roundTrips(...(await join()));
});

describe('proxy.end()', () => {
  it('ends both ways without a reset', async () => {
    const { proxy, join } = await rig();
    const closed = once(proxy, 'closed');
    const [near, far] = await join();
    await roundTrips(near, far);
    expect(proxy.end()).toBe(1);
    expect(proxy.end()).toBe(0);
    await Promise.all([near.closed, far.closed]);
    expect([near.seen, far.seen]).toEqual([['end'], ['end']]);
    expect((await closed)[1]).toBe('end');
    expect(proxy.totals.reset).toBe(0);
  });

  it('loses what the peers still say', async () => {
    const { proxy, join } = await rig({ allowHalfOpen: true });
    const [near, far] = await join();
    await roundTrips(near, far);
    proxy.end();
    await Promise.all([once(near.socket, 'end'), once(far.socket, 'end')]);
    near.socket.end('late');
    far.socket.end('late');
    await Promise.all([near.closed, far.closed]);
    expect([near.text, far.text]).toEqual(['!', '?']);
    await proxy.waitFor(() => proxy.totals.lostBytesUp === 4 && proxy.totals.lostBytesDown === 4);
    await proxy.waitFor(() => proxy.connections === 0);
  });

  it('ends a client whose target was never called', async () => {
    const { proxy } = await rig();
    proxy.hang();
    const near = await connected(proxy.port);
    await proxy.waitFor(() => proxy.connections === 1);
    expect(proxy.end()).toBe(1);
    await near.closed;
    expect(near.seen).toEqual(['end']);
    await proxy.waitFor(() => proxy.connections === 0);
  });

  it('comes after what was handed on to a receiver that has stopped reading', async () => {
    const { proxy, join } = await rig();
    const [near, far] = await join();
    far.socket.pause();
    near.send(pattern(20_000_000));
    await proxy.waitFor(() => proxy.bufferedBytes > 0);
    proxy.end();
    far.socket.resume();
    await Promise.all([near.closed, far.closed]);
    const { bytesUp } = proxy.totals;
    expect(far.received.equals(pattern(20_000_000).subarray(0, bytesUp))).toBe(true);
    expect(far.seen).toEqual(['end']);
  });

  it('gives way to a cut() in the same turn', async () => {
    const { proxy, join } = await rig();
    const closed = once(proxy, 'closed');
    const pair = await join();
    await roundTrips(...pair);
    proxy.end();
    expect(proxy.cut()).toBe(1);
    await Promise.all(pair.map((peer) => peer.closed));
    expect((await closed).slice(1)).toEqual(['cut', undefined]);
    expect(proxy.connections).toBe(0);
  });

  it('gives way to a cut() when the receiver has stopped reading', async () => {
    const { proxy, join } = await rig();
    const closed = once(proxy, 'closed');
    const [near, far] = await join();
    far.socket.pause();
    near.send(pattern(20_000_000));
    await proxy.waitFor(() => proxy.bufferedBytes > 0);
    proxy.end();
    expect(proxy.cut()).toBe(1);
    await near.closed;
    expect((await closed)[1]).toBe('cut');
    far.socket.resume();
    await far.closed;
    expect(far.received.length).toBeLessThan(20_000_000);
  });
});
