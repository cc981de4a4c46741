import { once } from 'node:events';
import { expect, it } from 'vitest';
import { client, rig, roundTrips, Target } from './test-kit.js';

it('proxy.refuse() refuses new connections, keeps live ones, and opens the same port', async () => {
  const { proxy, join } = await rig();
  const { port } = proxy;
  const live = await join();
  await proxy.refuse(true);
  const refused = client(port);
  await refused.closed;
  expect(refused.seen).toEqual(['ECONNREFUSED']);
  await roundTrips(...live);
  await proxy.refuse(false);
  expect(proxy.port).toBe(port);
  await roundTrips(...(await join()));
  await roundTrips(...live);
  expect(proxy.totals.accepted).toBe(2);
});

it('proxy.refuse() is carried out in the order of the calls', async () => {
  const { proxy, join } = await rig();
  await Promise.all([true, false, true, false, false].map((refused) => proxy.refuse(refused)));
  await roundTrips(...(await join()));
  await Promise.all([false, true, true].map((refused) => proxy.refuse(refused)));
  const refused = client(proxy.port);
  await refused.closed;
  expect(refused.seen).toEqual(['ECONNREFUSED']);
});

it('proxy.refuse() rejects when somebody took the port, and works once they left', async () => {
  const { proxy, join } = await rig();
  await proxy.refuse(true);
  const squatter = await Target.listen({ port: proxy.port });
  const taken = { code: 'LISTEN_FAILED', cause: { code: 'EADDRINUSE' } };
  await expect(proxy.refuse(false)).rejects.toMatchObject(taken);
  await expect(proxy.restore()).rejects.toMatchObject(taken);
  squatter.server.close();
  await once(squatter.server, 'close');
  await proxy.refuse(false);
  await roundTrips(...(await join()));
});

it('proxy.restore() opens the listener', async () => {
  const { proxy, join } = await rig();
  await proxy.refuse(true);
  await proxy.restore();
  await roundTrips(...(await join()));
});
