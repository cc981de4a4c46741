/** For Node alone: its client and its pool, a server, metrics, and what tests are written with. */
import { connect } from '@jetsocket/core';
import { SUBPROTOCOL } from '@jetsocket/core/protocol';
import { connect as connectInNode, createPool, type NodeOptions } from '@jetsocket/node';
import { instrument } from '@jetsocket/otel';
import { createSessions, memoryLog } from '@jetsocket/server';
import { redisLog, type RedisClient } from '@jetsocket/server/redis';
import { FakeClock, FakeTransport } from '@jetsocket/testing';
import { createFaultProxy } from '@jetsocket/testing/proxy';
import { createServer } from 'node:http';

export async function serve(client: RedisClient): Promise<void> {
  const sessions = createSessions<{ readonly price: number }>({ log: memoryLog(), ttlMs: 60_000 });
  sessions.on('session', (session) => {
    session.on('message', async (message, { seq }) => {
      session.send({ got: message.price, as: seq });
    });
  });
  createServer().on('upgrade', (request, socket, head) => {
    sessions.handleUpgrade(request, socket, head);
  });
  createSessions({ log: redisLog({ client }) });
  await sessions.drain();
}

export async function tried(): Promise<void> {
  const clock = new FakeClock();
  const transport = new FakeTransport({ clock });
  const socket = connect('ws://test', { clock, transport });
  const stop = instrument(socket, { attributes: { feed: SUBPROTOCOL } });
  const proxy = await createFaultProxy({ target: { host: '127.0.0.1', port: 1 } });
  await proxy.close();
  stop();
}

export async function called(): Promise<void> {
  const nodeOptions: NodeOptions<object> = {
    headers: { a: 'b' },
    tls: { rejectUnauthorized: true },
  };
  const node = connectInNode<object>(new URL('wss://example.com'), nodeOptions);
  const pool = createPool({ max: 3, idleMs: 1_000 });
  const lease = await pool.acquire<object>('wss://example.com');
  lease.socket.send({ any: 'thing' });
  lease.release();
  await Promise.all([node.close(), pool.close()]);
}
