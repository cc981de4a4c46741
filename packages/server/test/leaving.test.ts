/** What a process that is left, or stops, says of the messages that are its own: which go on elsewhere, and which do not. */
import type { Delivery } from '@jetsocket/node';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createSessions, type LogFactory, memoryLog, type SessionLog } from '../src/index.js';
import { client, eventually, proxyTo, serve } from './test-kit.js';
import { inside } from './inside.js';

/** A log that two servers share, and that takes its time to write as long as its gate is shut. */
function sharedLog(): { readonly log: LogFactory; shut(): void; open(): void } {
  let inner: SessionLog | undefined;
  let gate = Promise.resolve();
  let open: () => void = () => undefined;
  const log: LogFactory = (limits, now) => {
    const known = (inner ??= memoryLog()(limits, now));
    return {
      claim: (claim) => known.claim(claim),
      write: (sid, n, change) => gate.then(() => known.write(sid, n, change)),
      end: (sid, n, why, rx) => known.end(sid, n, why, rx),
      renew: (sids) => known.renew(sids),
      close: () => undefined,
    };
  };
  return {
    log,
    shut: () => void (gate = new Promise((resolve) => (open = resolve))),
    open: () => {
      open();
    },
  };
}

it('names, when a session has moved, what the log does not have: the rest goes on elsewhere', async () => {
  const shared = sharedLog();
  const { log } = shared;
  const [first, second] = [await serve({ log }), await serve({ log })];
  const proxy = await proxyTo(first.port);
  const { socket, got } = client(`ws://127.0.0.1:${proxy.port}`);
  await socket.opened;
  const session = await first.session();
  const ends: { readonly reason: string; readonly unacknowledged: readonly Delivery[] }[] = [];
  session.on('end', (end) => void ends.push(end));

  await proxy.refuse(true);
  proxy.cut();
  await eventually(() => session.state).toBe('detached');
  const written = session.send('written');
  // In a turn of its own: what is sent in one goes into one write.
  await new Promise(setImmediate);
  shared.shut();
  const unwritten = session.send('not written');
  proxy.retarget({ port: second.port });
  await proxy.refuse(false);
  await eventually(() => got).toEqual(['written']);
  shared.open();

  await eventually(() => ends.length).toBe(1);
  expect(ends[0]).toEqual({ reason: 'moved', unacknowledged: [unwritten] });
  expect(unwritten.status).toBe('dropped');
  expect(written.status).toBe('sent');
  expect(await written.settled).toBe('sent');
  const [moved] = second.told;
  moved?.send('from the other one');
  await eventually(() => got).toEqual(['written', 'from the other one']);
});

it('has moved, too, when its client comes back from elsewhere and nothing was left to write', async () => {
  const { log } = sharedLog();
  const [first, second] = [await serve({ log }), await serve({ log })];
  const proxy = await proxyTo(first.port);
  const { socket, got } = client(`ws://127.0.0.1:${proxy.port}`);
  await socket.opened;
  const session = await first.session();
  const ends: unknown[] = [];
  session.on('end', (end) => void ends.push(end));
  await proxy.refuse(true);
  proxy.cut();
  await eventually(() => session.state).toBe('detached');
  const written = session.send('written');
  proxy.retarget({ port: second.port });
  await proxy.refuse(false);
  await eventually(() => got).toEqual(['written']);

  proxy.retarget({ port: first.port });
  proxy.cut();
  await eventually(() => ends).toEqual([{ reason: 'moved', unacknowledged: [] }]);
  expect(written.status).toBe('sent');
  await eventually(() => first.told.length).toBe(2);
  first.told[1]?.send('from the one that followed');
  await eventually(() => got).toEqual(['written', 'from the one that followed']);
});

it('says at the end of a drain which sessions the log does not have, and none when it has all', async () => {
  const shared = sharedLog();
  const server = await serve({ log: shared.log });
  const { socket } = client(server.url);
  await socket.opened;
  const session = await server.session();
  shared.shut();
  session.send('not written');
  expect(await server.sessions.drain({ timeoutMs: 50, handoverMs: 0 })).toEqual([session]);
  shared.open();
  expect(await server.sessions.drain({ timeoutMs: 5_000, handoverMs: 0 })).toEqual([]);
});

it('says at the end of a drain which sessions have a handler that is at work', async () => {
  const server = await serve();
  const { socket } = client(server.url);
  const session = await server.session();
  let finish: () => void = () => undefined;
  session.on('message', () => new Promise<void>((resolve) => (finish = resolve)));
  const sent = socket.send('takes long');
  await eventually(() => inside(session).isBusy).toBe(true);
  expect(await server.sessions.drain({ timeoutMs: 50, handoverMs: 0 })).toEqual([session]);
  expect(sent.status).not.toBe('acknowledged');
  finish();
  expect(await server.sessions.drain({ timeoutMs: 5_000, handoverMs: 0 })).toEqual([]);
});

it('tells of the first connection too, to those who listen from `session` on', async () => {
  const server = await serve();
  const log: string[] = [];
  server.sessions.on('session', (session) => {
    log.push(`session ${session.state}`);
    session.on('attached', () => void log.push('attached'));
    session.on('detached', () => void log.push('detached'));
  });
  const { socket } = client(server.url);
  await socket.opened;
  expect(log).toEqual(['session attached', 'attached']);
  socket.reconnect();
  await eventually(() => log).toEqual(['session attached', 'attached', 'detached', 'attached']);
});

it('tells nothing of a connection to a session that its own handler has ended', async () => {
  const server = await serve();
  const log: string[] = [];
  server.sessions.on('session', (session) => {
    session.on('attached', () => void log.push('attached'));
    session.on('end', ({ reason }) => void log.push(reason));
    inside(session).release();
  });
  client(server.url);
  await eventually(() => log).toEqual(['closed']);
});

it('keeps no client waiting whom authenticate does not judge, and says so', async () => {
  const errors: string[] = [];
  const sessions = createSessions({
    helloTimeoutMs: 50,
    authenticate: () => new Promise(() => undefined),
  });
  sessions.on('error', (error) => void errors.push(`${error.code}: ${error.message}`));
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => void server.close());
  onTestFinished(() => sessions.close());
  await once(server, 'listening');
  sessions.attach(server);
  const socket = new WebSocket(
    `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    'jetsocket.v1',
  );
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
  // Not for good, and not the client's fault.
  expect([code, String(reason)]).toEqual([1013, 'cannot authenticate in time']);
  await eventually(() => errors).toEqual([
    'PROVIDER_FAILED: Cannot tell who a client is: authenticate failed: it took longer than helloTimeoutMs, 50 ms',
  ]);
});
