import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { connected, rig, roundTrips } from './test-kit.js';

describe('proxy.hang()', () => {
  it('loses what both ends send, and closes neither', async () => {
    const { proxy, join } = await rig();
    const [near, far] = await join();
    await roundTrips(near, far);
    expect(proxy.hang()).toBe(1);
    near.send('lost up');
    far.send('lost');
    await proxy.waitFor(() => proxy.totals.lostBytesUp === 7 && proxy.totals.lostBytesDown === 4);
    expect(proxy.connections).toBe(1);
    proxy.cut();
    await Promise.all([near.closed, far.closed]);
    expect(near).toMatchObject({ text: '!', seen: ['ECONNRESET'] });
    expect(far).toMatchObject({ text: '?', seen: ['ECONNRESET'] });
  });

  it.each(['up', 'down'] as const)('loses what goes %s, and passes the rest', async (direction) => {
    const { proxy, join } = await rig();
    const [near, far] = await join();
    proxy.hang({ direction });
    const [sender, receiver] = direction === 'up' ? [near, far] : [far, near];
    sender.send('lost');
    receiver.send('passed');
    await sender.receive(6);
    const { totals } = proxy;
    await proxy.waitFor(() => proxy.totals.lostBytesUp + proxy.totals.lostBytesDown === 4);
    expect([totals.bytesUp, totals.bytesDown]).toEqual(direction === 'up' ? [0, 6] : [6, 0]);
    proxy.cut();
    await receiver.closed;
    expect(receiver).toMatchObject({ text: '', seen: ['ECONNRESET'] });
  });

  it('loses an end', async () => {
    const { proxy, join } = await rig({ allowHalfOpen: true });
    const [near, far] = await join();
    proxy.hang({ direction: 'up' });
    near.socket.end('bye');
    await proxy.waitFor(() => proxy.totals.lostBytesUp === 3);
    // The way down is open: what comes back along it is later than the end.
    far.send('still here');
    await near.receive(10);
    await roundTrips(...(await passing()));
    proxy.cut();
    await far.closed;
    expect(far).toMatchObject({ text: '', seen: ['ECONNRESET'] });

    async function passing() {
      await proxy.restore({ hung: 'keep' });
      return join();
    }
  });

  it('loses a reset', async () => {
    const { proxy, join } = await rig();
    const [near, far] = await join();
    proxy.hang({ newConnections: 'pass' });
    near.socket.resetAndDestroy();
    await near.closed;
    await roundTrips(...(await join()), 20);
    far.send('are you there?');
    await proxy.waitFor(() => proxy.totals.lostBytesDown === 14);
    expect(proxy.connections).toBe(2);
    expect(far.seen).toEqual([]);
    await proxy.restore();
    await far.closed;
    expect(far.seen).toEqual(['ECONNRESET']);
  });

  it('loses what was held', async () => {
    const { proxy, join } = await rig();
    const [near, far] = await join();
    proxy.stall();
    near.send('held');
    await proxy.waitFor(() => proxy.bufferedBytes === 4);
    proxy.hang();
    expect(proxy.bufferedBytes).toBe(0);
    expect(proxy.totals.lostBytesUp).toBe(4);
    await proxy.restore();
    await far.closed;
    expect(far.text).toBe('');
  });

  it('cannot be mended by another order', async () => {
    const { proxy, join } = await rig();
    const [near, far] = await join();
    proxy.hang();
    proxy.stall();
    proxy.slow({ delayMs: 0 });
    near.send('lost');
    await proxy.waitFor(() => proxy.totals.lostBytesUp === 4);
    proxy.cut();
    await far.closed;
    expect(far.text).toBe('');
  });

  it('accepts new connections, of which the target never hears', async () => {
    const { proxy, target, join } = await rig();
    const ends: unknown[] = [];
    proxy.on('closed', (_, end, error) => ends.push([end, error]));
    proxy.hang();
    const near = await connected(proxy.port);
    near.send('hello?');
    await proxy.waitFor(() => proxy.totals.lostBytesUp === 6);
    proxy.stall();
    const second = await connected(proxy.port);
    second.send('hello?');
    await proxy.waitFor(() => proxy.totals.lostBytesUp === 12);
    expect(await proxy.restore()).toBe(2);
    await Promise.all([near.closed, second.closed]);
    expect([near.seen, second.seen]).toEqual([['ECONNRESET'], ['ECONNRESET']]);
    expect(ends).toEqual(Array(2).fill(['restore', undefined]));
    await roundTrips(...(await join()));
    expect(target.peers).toHaveLength(1);
  });

  it('lets go of a client that leaves before the target was called', async () => {
    const { proxy } = await rig();
    proxy.hang();
    const closed = once(proxy, 'closed');
    const near = await connected(proxy.port);
    await proxy.waitFor(() => proxy.connections === 1);
    near.socket.resetAndDestroy();
    expect((await closed)[1]).toBe('client');
    expect(proxy.connections).toBe(0);
  });

  it('with `down` alone, lets new connections through to the target', async () => {
    const { proxy, join } = await rig();
    proxy.hang({ direction: 'down' });
    const [near, far] = await join();
    near.send('heard');
    await far.receive(5);
    far.send('lost');
    await proxy.waitFor(() => proxy.totals.lostBytesDown === 4);
    proxy.cut();
    await near.closed;
    expect(near.text).toBe('');
  });

  it('with `newConnections: pass`, hangs the live ones alone', async () => {
    const { proxy, join } = await rig();
    const [near] = await join();
    proxy.hang();
    proxy.hang({ newConnections: 'pass' });
    await roundTrips(...(await join()));
    near.send('lost');
    await proxy.waitFor(() => proxy.totals.lostBytesUp === 4);
  });

  it('keeps silent to a client whose target does not answer', async () => {
    const { proxy, target } = await rig();
    target.stop();
    proxy.hang({ direction: 'down' });
    const near = await connected(proxy.port);
    await proxy.waitFor(() => proxy.totals.unreachable === 1);
    await once(near.socket.end('x'), 'finish');
    await proxy.waitFor(() => proxy.totals.lostBytesUp + proxy.totals.bytesUp === 1);
    expect(near.seen).toEqual([]);
    expect(proxy.connections).toBe(1);
  });
});

it('connection.hang() hangs that connection alone', async () => {
  const { proxy, join } = await rig();
  proxy.on('connection', (connection) => {
    if (connection.id === 2) connection.hang({ direction: 'up' });
  });
  const first = await join();
  const second = await connected(proxy.port);
  second.send('lost');
  await proxy.waitFor(() => proxy.totals.lostBytesUp === 4);
  await roundTrips(...first);
  expect(await proxy.restore()).toBe(1);
  await second.closed;
  await roundTrips(...first);
});
