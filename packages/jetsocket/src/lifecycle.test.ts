/** reconnect(), close() and connect() from every state, over real sockets. */
import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { client, deferred, freePort, rig, serve, serveTcp } from '../test/test-kit.js';
import { connect, JetSocketError } from './index.js';

/** A server that takes connections and never answers, and how many it has. */
async function deafServer() {
  const met = deferred<void>();
  const gone = deferred<void>();
  const url = await serveTcp((socket) => {
    socket.on('close', () => gone.resolve());
    socket.once('data', () => met.resolve());
  });
  return { url, met: met.promise, gone: gone.promise };
}

/** A server that does not answer the close frame of its first connection. */
async function coldServer() {
  const server = await serve();
  server.wss.once('connection', (peer) => {
    // The frame is read, and nothing made of it.
    vi.spyOn(peer, 'close').mockImplementation(() => undefined);
  });
  return server;
}

describe('reconnect()', () => {
  it('connects from idle', async () => {
    const { socket, record } = await rig();
    socket.reconnect();
    await socket.opened;
    expect(record.names).toEqual(['connecting', 'connected']);
  });

  it('gives up the attempt while connecting, and makes another', async () => {
    const { url, met, gone } = await deafServer();
    const { socket, record } = client(url);
    void socket.connect();
    await met;
    socket.reconnect();
    await gone;
    await record.until('connecting', 2);
    expect(record.told).toEqual([
      { type: 'connecting', uri: url, attempt: 0 },
      {
        type: 'error',
        code: 'ABORTED',
        fatal: false,
        message: 'The attempt to connect was given up: reconnect() was called',
      },
      { type: 'reconnecting', attempt: 1, delay: 0, cause: 'reconnect' },
      { type: 'connecting', uri: url, attempt: 1 },
    ]);
  });

  it('replaces an open connection, which closes with 1000', async () => {
    const { server, socket, record, uri } = await rig();
    await socket.connect();
    const peer = await server.peer(0);
    const got: string[] = [];
    peer.on('message', (data: Buffer) => got.push(data.toString()));
    const closed = once(peer, 'close');
    socket.send('before');
    socket.reconnect();
    socket.send('after');
    expect((await closed)[0]).toBe(1000);
    expect(got).toEqual(['"before"']);
    const next = once(await server.peer(1), 'message');
    expect(String((await next)[0])).toBe('"after"');
    expect(record.told.slice(2, 4)).toEqual([
      {
        ...{ type: 'disconnected', uri, code: 1000, reason: '' },
        ...{ was_clean: true, will_reconnect: true },
      },
      { type: 'reconnecting', attempt: 1, delay: 0, cause: 'reconnect' },
    ]);
    expect(record.of('reconnected')).toMatchObject([{ attempts: 1 }]);
  });

  it('cuts a wait short', async () => {
    const { proxy, socket, record } = await rig({ backoff: { baseMs: 3_600_000, jitter: false } });
    await socket.connect();
    proxy.cut();
    await record.until('reconnecting');
    expect(socket.state).toBe('backing_off');
    socket.reconnect();
    await record.until('reconnected');
  });

  it('begins a new life while closing, and does not wait for the old one', async () => {
    const { url } = await coldServer();
    const { socket, record } = client(url, { closeTimeoutMs: 3_600_000 });
    await socket.connect();
    const closed = socket.close();
    expect(socket.state).toBe('closing');
    socket.reconnect();
    await closed;
    await socket.opened;
    expect(record.names).toEqual([
      ...['connecting', 'connected', 'disconnected', 'closed'],
      ...['connecting', 'connected'],
    ]);
    const over = record.of('disconnected')[0];
    expect(over).toMatchObject({ code: 1006, was_clean: false, will_reconnect: false });
  });

  it.each(['closed', 'failed'] as const)('begins a new life when it is %s', async (state) => {
    const { server, socket, record } = await rig();
    await socket.connect();
    if (state === 'closed') await socket.close();
    else (await server.peer(0)).close(4401);
    await record.until('closed');
    expect(socket.state).toBe(state);
    socket.reconnect();
    await record.until('connected', 2);
    expect(record.names.slice(-2)).toEqual(['connecting', 'connected']);
  });
});

describe('close()', () => {
  it('ends what never began', async () => {
    const { socket, record } = client('ws://127.0.0.1:1/');
    await socket.close();
    expect(record.told).toEqual([{ type: 'closed', code: 1000, reason: '', cause: 'close' }]);
    expect(socket.state).toBe('closed');
  });

  it('ends an attempt at once, and lets go of it', async () => {
    const { url, met, gone } = await deafServer();
    const { socket, record } = client(url);
    const opened = expect(socket.connect()).rejects.toMatchObject({ code: 'CLOSED' });
    await met;
    await socket.close(4000, 'changed my mind');
    await gone;
    await opened;
    expect(record.told.slice(1)).toEqual([
      { type: 'closed', code: 4000, reason: 'changed my mind', cause: 'close' },
    ]);
  });

  it('ends an attempt whose URL is still being asked for, and tells the function', async () => {
    const asked = deferred<AbortSignal>();
    const { socket, record } = client('ws://127.0.0.1/');
    const url = ({ signal }: { signal: AbortSignal }): Promise<string> => {
      asked.resolve(signal);
      return new Promise(() => undefined);
    };
    const other = connect(url as never);
    const signal = await asked.promise;
    expect(signal.aborted).toBe(false);
    await other.close();
    expect(signal.aborted).toBe(true);
    expect(other.state).toBe('closed');
    expect(socket.state).toBe('idle');
    expect(record.names).toEqual([]);
  });

  it('closes an open connection, with its code and reason', async () => {
    const { server, socket, record, uri } = await rig();
    await socket.connect();
    const seen = once(await server.peer(0), 'close');
    await socket.close(4321, 'bye');
    const [code, reason] = (await seen) as [number, Buffer];
    expect([code, reason.toString()]).toEqual([4321, 'bye']);
    expect(record.told.slice(2)).toEqual([
      {
        ...{ type: 'disconnected', uri, code: 4321, reason: 'bye' },
        ...{ was_clean: true, will_reconnect: false },
      },
      { type: 'closed', code: 4321, reason: 'bye', cause: 'close' },
    ]);
  });

  it('sends what was handed over first', async () => {
    const { server, socket } = await rig();
    await socket.connect();
    const peer = await server.peer(0);
    const got: string[] = [];
    peer.on('message', (data: Buffer) => got.push(data.toString()));
    const seen = once(peer, 'close');
    for (const number of [1, 2, 3]) socket.send(number);
    await socket.close();
    await seen;
    expect(got).toEqual(['1', '2', '3']);
  });

  it('while closing is the same close: the first code counts', async () => {
    const { server, socket, record } = await rig();
    await socket.connect();
    const seen = once(await server.peer(0), 'close');
    const first = socket.close(4001, 'first');
    const second = socket.close(4002, 'second');
    await Promise.all([first, second]);
    expect((await seen)[0]).toBe(4001);
    expect(record.of('closed')).toMatchObject([{ code: 4001, reason: 'first' }]);
    await socket.close(4003);
    expect(record.of('closed')).toHaveLength(1);
  });

  it('does not wait longer than closeTimeoutMs', async () => {
    const { url } = await coldServer();
    const { socket, record } = client(url, { closeTimeoutMs: 50 });
    await socket.connect();
    await socket.close(4000);
    expect(record.told.slice(2)).toMatchObject([
      { type: 'disconnected', code: 1006, was_clean: false, will_reconnect: false },
      { type: 'closed', code: 4000, cause: 'close' },
    ]);
  });

  it('ends a wait', async () => {
    const { proxy, socket, record } = await rig({ backoff: { baseMs: 3_600_000, jitter: false } });
    await socket.connect();
    proxy.cut();
    await record.until('reconnecting');
    await socket.close();
    expect(record.names.slice(-2)).toEqual(['reconnecting', 'closed']);
    expect(socket.state).toBe('closed');
  });

  it('is what `await using` does', async () => {
    const { server, socket } = await rig();
    await socket.connect();
    const seen = once(await server.peer(0), 'close');
    await socket[Symbol.asyncDispose]();
    expect((await seen)[0]).toBe(1000);
    expect(socket.state).toBe('closed');
  });

  it('can be called by a handler: what follows comes after all handlers', async () => {
    const { socket, record } = await rig();
    const order: string[] = [];
    socket.on('connected', () => {
      void socket.close();
      order.push('first');
    });
    socket.on('connected', () => order.push('second'));
    socket.on('disconnected', () => order.push('disconnected'));
    await socket.connect();
    await record.until('closed');
    expect(order).toEqual(['first', 'second', 'disconnected']);
  });
});

describe('connect()', () => {
  it('twice at once makes one connection', async () => {
    const { server, proxy, socket, record } = await rig();
    await Promise.all([socket.connect(), socket.connect()]);
    await socket.connect();
    expect(record.names).toEqual(['connecting', 'connected']);
    expect(proxy.totals.accepted).toBe(1);
    expect(server.wss.clients.size).toBe(1);
  });

  it('with a signal that is aborted already does nothing', async () => {
    const { proxy, socket, record } = await rig();
    const reason = new Error('not now');
    await expect(socket.connect({ signal: AbortSignal.abort(reason) })).rejects.toMatchObject({
      code: 'ABORTED',
      cause: reason,
    });
    expect(socket.state).toBe('idle');
    expect(record.names).toEqual([]);
    expect(proxy.totals.accepted).toBe(0);
  });

  it('is given up by its signal', async () => {
    const { url, met, gone } = await deafServer();
    const { socket, record } = client(url);
    const controller = new AbortController();
    const opened = expect(socket.connect({ signal: controller.signal })).rejects.toMatchObject({
      code: 'ABORTED',
    });
    await met;
    controller.abort();
    await opened;
    await gone;
    expect(record.told.slice(1)).toEqual([
      { type: 'closed', code: 1000, reason: '', cause: 'aborted' },
    ]);
    expect(socket.state).toBe('closed');
  });

  it('is given up by its signal between two attempts', async () => {
    const { socket, record } = client(`ws://127.0.0.1:${await freePort()}/`, {
      backoff: { baseMs: 3_600_000, jitter: false },
    });
    const controller = new AbortController();
    const opened = socket.connect({ signal: controller.signal });
    await record.until('reconnecting');
    controller.abort();
    await expect(opened).rejects.toBeInstanceOf(JetSocketError);
    expect(record.of('closed')).toMatchObject([{ cause: 'aborted' }]);
  });

  it('does not mind its signal once connected', async () => {
    const { server, socket, record } = await rig();
    const controller = new AbortController();
    await socket.connect({ signal: controller.signal });
    controller.abort();
    const peer = await server.peer(0);
    expect(peer.readyState).toBe(WebSocket.OPEN);
    peer.send('"still here"');
    await record.until('message');
    expect(socket.state).toBe('connected');
  });

  it('leaves no listener on its signal', async () => {
    const { socket } = await rig();
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    await socket.connect({ signal });
    await new Promise(setImmediate);
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
      added.mock.calls.map(([, listener]) => listener),
    );
  });
});
