import { once } from 'node:events';
import { expect, it } from 'vitest';
import type { FaultConnection, FaultConnectionEnd } from './index.js';
import { createFaultProxy } from './index.js';
import { client, connected, pattern, rig, roundTrips, Target } from './test-kit.js';

it('createFaultProxy() listens on loopback, on a port that is free', async () => {
  const { proxy } = await rig();
  expect(proxy.host).toBe('127.0.0.1');
  expect(proxy.port).toBeGreaterThan(0);
});

it('createFaultProxy() listens where it is told', async () => {
  const { proxy: first } = await rig();
  const { port } = first;
  await first.close();
  const { proxy, join } = await rig({ listen: { host: 'localhost', port } });
  expect(proxy.port).toBe(port);
  if (proxy.host === '127.0.0.1') await join();
});

it('createFaultProxy() rejects with LISTEN_FAILED when the port is taken', async () => {
  const { proxy, target } = await rig();
  const second = createFaultProxy({ target: { port: target.port }, listen: { port: proxy.port } });
  await expect(second).rejects.toMatchObject({
    name: 'FaultProxyError',
    code: 'LISTEN_FAILED',
    message: `Cannot listen on 127.0.0.1:${proxy.port}`,
    cause: { code: 'EADDRINUSE' },
  });
});

it('proxy passes 20 MB each way, whole and in order', async () => {
  const { proxy, join } = await rig();
  const [near, far] = await join();
  const bytes = pattern(20_000_000);
  near.send(bytes);
  far.send(bytes);
  const [up, down] = await Promise.all([far.receive(bytes.length), near.receive(bytes.length)]);
  expect(up.equals(bytes)).toBe(true);
  expect(down.equals(bytes)).toBe(true);
  expect(proxy.totals).toMatchObject({ bytesUp: bytes.length, bytesDown: bytes.length });
  expect(proxy.bufferedBytes).toBe(0);
});

it.each([
  ['client', 0],
  ['target', 1],
] as const)('proxy passes the end of the %s, and still what the other says', async (who, index) => {
  const { proxy, join } = await rig({ allowHalfOpen: true });
  const closed = once(proxy, 'closed');
  const pair = await join();
  const [first, second] = index === 0 ? pair : [pair[1], pair[0]];
  first.socket.end('question');
  await second.receive(8);
  await once(second.socket, 'end');
  second.socket.end('answer');
  await Promise.all([first.closed, second.closed]);
  expect(first).toMatchObject({ text: 'answer', seen: ['end'] });
  expect(second).toMatchObject({ text: 'question', seen: ['end'] });
  const [connection, end, error] = (await closed) as [FaultConnection, FaultConnectionEnd, unknown];
  expect([connection.live, end, error]).toEqual([false, who, undefined]);
  expect(proxy.connections).toBe(0);
});

it('proxy tells who ended first, and not who was closed first', async () => {
  const { proxy, join } = await rig();
  const closed = once(proxy, 'closed');
  const [near] = await join();
  proxy.slow({ delayMs: 20, direction: 'down' });
  near.socket.end();
  expect((await closed)[1]).toBe('client');
});

it.each([
  ['client', 0],
  ['target', 1],
] as const)('proxy passes a reset of the %s, and does not count it as its own', async (who, i) => {
  const { proxy, join } = await rig();
  const closed = once(proxy, 'closed');
  const pair = await join();
  await roundTrips(...pair);
  const [first, second] = i === 0 ? pair : [pair[1], pair[0]];
  first.socket.resetAndDestroy();
  await second.closed;
  expect(second.seen).toEqual(['ECONNRESET']);
  const [, end, error] = (await closed) as [FaultConnection, FaultConnectionEnd, Error];
  expect(end).toBe(who);
  expect(error).toMatchObject({ code: 'ECONNRESET' });
  expect(proxy.totals).toMatchObject({ reset: 0, unreachable: 0 });
});

it('proxy resets a client whose target does not answer', async () => {
  const { proxy, target } = await rig();
  target.stop();
  const closed = once(proxy, 'closed');
  const near = client(proxy.port);
  await near.closed;
  expect(near.seen).toEqual(['ECONNRESET']);
  const [, end, error] = (await closed) as [FaultConnection, FaultConnectionEnd, Error];
  expect(end).toBe('unreachable');
  expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  expect(proxy.totals).toMatchObject({ accepted: 1, unreachable: 1, reset: 0 });
});

it('proxy counts connections, and numbers them', async () => {
  const { proxy, join } = await rig();
  const ids: number[] = [];
  proxy.on('connection', ({ id }) => ids.push(id));
  const [first] = await join();
  await join();
  expect(proxy.connections).toBe(2);
  first.socket.end();
  await proxy.waitFor(() => proxy.connections === 1);
  expect(ids).toEqual([1, 2]);
  expect(proxy.totals.accepted).toBe(2);
});

it('proxy.retarget() moves new connections, and leaves the live ones', async () => {
  const { proxy, join } = await rig();
  const [near, far] = await join();
  const other = await Target.listen();
  proxy.retarget({ host: '127.0.0.1', port: other.port });
  const second = await connected(proxy.port);
  await roundTrips(second, await other.peer(0));
  await roundTrips(near, far);
});
