/** Tokens that expire, over real sockets: asked for anew once, never a wedge, never a loss. */
import type { AttemptContext } from '@jetsocket/core';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { connect, type JetSocket, type NodeOptions } from '../src/index.js';
import { EventLog } from './test-kit.js';

const backoff = { baseMs: 5, jitter: false };

interface Guard {
  /** How long a token is good for, from the first message on. */
  readonly livesMs?: number;
  readonly refuse?: (peer: WebSocket) => void;
}

/** A server that knows the tokens that are good, and what it was shown. */
async function guarded(
  how: 'status' | 'close',
  { livesMs, refuse = (peer) => peer.close(4401, 'token expired') }: Guard = {},
) {
  const good = new Set<string>();
  const shown: string[] = [];
  const http = createServer();
  const wss = new WebSocketServer({ noServer: true });
  http.on('upgrade', (request, socket, head) => {
    const token = (request.headers.authorization ?? '').replace('Bearer ', '');
    shown.push(token);
    if (!good.has(token) && how === 'status') {
      socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    wss.handleUpgrade(request, socket, head, (peer) => {
      if (!good.has(token)) return refuse(peer);
      peer.on('message', (data: Buffer) => peer.send(data.toString()));
      // From when the client has said something on: it knows by then that it is connected, however slow it is.
      if (livesMs !== undefined) {
        peer.once('message', () => setTimeout(() => peer.close(4401, 'token expired'), livesMs));
      }
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  onTestFinished(() => {
    for (const peer of wss.clients) peer.terminate();
    http.closeAllConnections();
    http.close();
  });
  const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/`;
  return { url, good, shown, wss };
}

/** A client that shows those tokens, one after the other, the last one for ever. */
function showing(url: string, tokens: readonly string[], options: NodeOptions = {}) {
  const asked: boolean[] = [];
  const headers = ({ unauthorized }: AttemptContext): Record<string, string> => {
    asked.push(unauthorized);
    return { authorization: `Bearer ${tokens[Math.min(asked.length, tokens.length) - 1] ?? ''}` };
  };
  const socket = connect(url, { headers, backoff, ...options });
  return { socket, asked, record: new EventLog(socket) };
}

/** Resolves when the connection with the n-th token answers a message. */
async function through(
  { shown }: Awaited<ReturnType<typeof guarded>>,
  count: number,
  socket: JetSocket,
  record: EventLog,
): Promise<void> {
  const had = record.of('message').length;
  // The socket may be connected already when the server is asked, and then no event follows.
  await expect.poll(() => shown.length === count && socket.state === 'connected').toBe(true);
  socket.send(count);
  expect(await record.until('message', had + 1)).toMatchObject({ data: count });
}

describe.each(['status', 'close'] as const)('credentials that are refused by %s', (how) => {
  it('are asked for anew', async () => {
    const server = await guarded(how);
    server.good.add('new');
    const { socket, asked, record } = showing(server.url, ['old', 'new']);
    await through(server, 2, socket, record);
    expect(server.shown).toEqual(['old', 'new']);
    expect(asked).toEqual([false, true]);
    expect(record.of('error').filter(({ fatal }) => fatal)).toEqual([]);
  });

  it('are the end when the fresh ones are refused too', async () => {
    const server = await guarded(how);
    const { socket, asked, record } = showing(server.url, ['old', 'also old', 'never shown']);
    await record.until('closed');
    expect(socket.state).toBe('failed');
    expect(server.shown).toEqual(['old', 'also old']);
    expect(asked).toEqual([false, true]);
    const fatal = record.of('error').filter((event) => event.fatal);
    expect(fatal).toMatchObject([{ code: 'AUTH_FAILED' }]);
    expect(record.of('closed')).toMatchObject([{ cause: 'fatal' }]);
  });

  it('are the end at once when they cannot change', async () => {
    const server = await guarded(how);
    const socket = connect(server.url, { headers: { authorization: 'Bearer old' }, backoff });
    const record = new EventLog(socket);
    expect((await record.until('error')).code).toBe('AUTH_FAILED');
    await record.until('closed');
    expect(server.shown).toEqual(['old']);
  });

  it('are asked for again after a connection that was healthy', async () => {
    const server = await guarded(how);
    for (const token of ['b', 'd']) server.good.add(token);
    const options = { backoff: { ...backoff, resetAfterMs: 1 } };
    const { socket, record } = showing(server.url, ['a', 'b', 'c', 'd'], options);
    await through(server, 2, socket, record);
    server.good.delete('b');
    // The timer of a millisecond was set before the message came, and has fired when a later one has.
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (const peer of server.wss.clients) peer.terminate();
    await through(server, 4, socket, record);
    expect(server.shown).toEqual(['a', 'b', 'c', 'd']);
  });

  it('are asked for as often as `reconnect` says', async () => {
    const server = await guarded(how);
    server.good.add('d');
    const { socket, asked, record } = showing(server.url, ['a', 'b', 'c', 'd'], {
      reconnect: ({ code, httpStatus }) => code === 4401 || httpStatus === 401 || undefined,
    });
    await through(server, 4, socket, record);
    expect(asked).toEqual([false, true, true, true]);
  });
});

it('tokens that live for seconds are asked for anew each time, by a socket with the defaults', async () => {
  const server = await guarded('close', { livesMs: 2_300 });
  const tokens = ['a', 'b', 'c'];
  for (const token of tokens) server.good.add(token);
  const { socket, asked, record } = showing(server.url, tokens);
  socket.on('connected', () => socket.send('hi'));
  await record.until('message', tokens.length);
  expect(asked).toEqual([false, true, true]);
  expect(record.of('error')).toEqual([]);
});

it('a server that says why, and then closes with 4401, ends it after one fresh try', async () => {
  const server = await guarded('close', {
    refuse(peer) {
      peer.send('{"error":"token unknown"}');
      peer.ping();
      setTimeout(() => peer.close(4401), 100);
    },
  });
  const { socket, record } = showing(server.url, ['old', 'also old', 'never shown']);
  await record.until('closed');
  expect([socket.state, server.shown]).toEqual(['failed', ['old', 'also old']]);
  expect(record.of('message')).toHaveLength(2);
});

it('a function that hangs, rejects, or answers an attempt that is over, wedges nothing', async () => {
  const server = await guarded('status');
  server.good.add('good');
  const late: ((token: string) => void)[] = [];
  const signals: AbortSignal[] = [];
  let asked = 0;
  const socket = connect(server.url, {
    backoff,
    connectTimeoutMs: 500,
    headers: async ({ signal }) => {
      signals.push(signal);
      asked++;
      if (asked === 1) return { authorization: `Bearer ${await new Promise<string>((resolve) => late.push(resolve))}` };
      if (asked === 2) throw new Error('no token today');
      late[0]?.('late');
      await Promise.resolve();
      return { authorization: 'Bearer good' };
    },
  }); // prettier-ignore
  const record = new EventLog(socket);
  await record.until('connected');
  socket.send('through');
  await record.until('message');
  expect(record.of('error').map(({ code }) => code)).toEqual([
    'CONNECT_TIMEOUT',
    'PROVIDER_FAILED',
  ]);
  expect(signals[0]?.aborted).toBe(true);
  expect(server.shown).toEqual(['good']);
});
