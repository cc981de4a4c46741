/** The drop-in class as the standard has it, and where it differs: over real sockets, through a proxy that breaks them. */
import { createFaultProxy, type FaultProxy } from '@jetsocket/testing/proxy';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createSessions } from '@jetsocket/server';
import { backoff, serve, serveHttp, type WsServer } from '../test/test-kit.js';
import { WebSocket, type WebSocketOptions } from './websocket.js';

const URL_HERE = 'ws://127.0.0.1:1/';

/** A socket, and all its events. Closed at the end of the test. */
function open(url: string, options: WebSocketOptions = {}, protocols: string | string[] = []) {
  const socket = new WebSocket(url, protocols, { backoff, ...options });
  return { socket, log: watch(socket) };
}

const TYPES = ['open', 'message', 'error', 'close'] as const;

/** Everything but `close` is listened to, unless that is asked for: a listener to it is a promise of the standard. */
function watch(socket: WebSocket, types: readonly string[] = TYPES.slice(0, 3)) {
  const events: Event[] = [];
  for (const type of types) {
    socket.addEventListener(type, (event) => void events.push(event));
  }
  onTestFinished(() => {
    socket.close();
  });
  const until = (type: string, count = 1): Promise<Event> =>
    vi.waitFor(
      () => {
        const found = events.filter((event) => event.type === type)[count - 1];
        if (found === undefined) throw new Error(`no ${type} × ${count}: ${names().join(' ')}`);
        return found;
      },
      { timeout: 10_000, interval: 5 },
    );
  const names = (): string[] => events.map(({ type }) => type);
  const data = (): unknown[] =>
    events.flatMap((event) => (event instanceof MessageEvent ? [event.data as unknown] : []));
  const lost = (): Promise<void> => vi.waitFor(() => expect(outages).toBeGreaterThan(0));
  let outages = 0;
  socket.jetSocket.on('disconnected', () => outages++);
  return { events, until, names, data, lost };
}

/** An echo, and a proxy before it. */
async function rig(options?: Parameters<typeof serve>[0]): Promise<{
  readonly server: WsServer;
  readonly proxy: FaultProxy;
  readonly url: string;
  readonly got: string[];
}> {
  const server = await serve(options);
  const got: string[] = [];
  server.wss.on('connection', (peer) => {
    peer.on('message', (data: Buffer, isBinary: boolean) => {
      got.push(isBinary ? `bytes ${[...data].join(' ')}` : data.toString());
      peer.send(data, { binary: isBinary });
    });
  });
  const proxy = await createFaultProxy({ target: { port: server.port } });
  onTestFinished(() => proxy.close());
  return { server, proxy, url: `ws://127.0.0.1:${proxy.port}/path?q=1`, got };
}

describe('the interface of the standard', () => {
  it('is an EventTarget, with the constants on class, prototype and instance', async () => {
    const { url } = await rig();
    const { socket, log } = open(url);
    expect(socket).toBeInstanceOf(EventTarget);
    expect([WebSocket.CONNECTING, WebSocket.OPEN, WebSocket.CLOSING, WebSocket.CLOSED]).toEqual([
      0, 1, 2, 3,
    ]);
    expect([socket.CONNECTING, socket.OPEN, socket.CLOSING, socket.CLOSED]).toEqual([0, 1, 2, 3]);
    expect(WebSocket.prototype.OPEN).toBe(1);
    expect(WebSocket.name).toBe('WebSocket');
    expect(socket.readyState).toBe(WebSocket.CONNECTING);
    expect([
      socket.url,
      socket.protocol,
      socket.extensions,
      socket.binaryType,
      socket.bufferedAmount,
    ]).toEqual([url, '', '', 'blob', 0]);
    await log.until('open');
    expect(socket.readyState).toBe(WebSocket.OPEN);
    socket.send('hello');
    const message = (await log.until('message')) as MessageEvent;
    expect(message.data).toBe('hello');
    expect(message.origin).toBe(new URL(url).origin);
    expect(message.target).toBe(socket);
  });

  it('fits where the types ask for the standard', () => {
    const take = (Constructor: typeof globalThis.WebSocket): unknown => Constructor;
    expect(take(WebSocket)).toBe(WebSocket);
  });

  it('has the subprotocol that the server chose', async () => {
    const { url } = await rig({ handleProtocols: () => 'b' });
    const { socket, log } = open(url, {}, ['a', 'b']);
    await log.until('open');
    expect(socket.protocol).toBe('b');
  });

  it('http: and https: are ws: and wss:', () => {
    const { socket } = open('http://127.0.0.1:1/x');
    expect(socket.url).toBe('ws://127.0.0.1:1/x');
  });

  // prettier-ignore
  const refused: [what: string, make: () => unknown, name: string][] = [
    ['no URL', () => new WebSocket('not a url'), 'SyntaxError'],
    ['a scheme that is none', () => new WebSocket('ftp://host/'), 'SyntaxError'],
    ['a fragment', () => new WebSocket('ws://host/#top'), 'SyntaxError'],
    ['an empty fragment', () => new WebSocket('ws://host/#'), 'SyntaxError'],
    ['an empty subprotocol', () => new WebSocket(URL_HERE, ''), 'SyntaxError'],
    ['a subprotocol with a space', () => new WebSocket(URL_HERE, ['a b']), 'SyntaxError'],
    ['a subprotocol twice', () => new WebSocket(URL_HERE, ['a', 'b', 'a']), 'SyntaxError'],
  ];
  it.each(refused)('the constructor refuses %s', (_what, make, name) => {
    expect(make).toThrow(expect.objectContaining({ name }));
    expect(make).toThrow(DOMException);
  });

  // prettier-ignore
  const options: [what: string, options: unknown][] = [
    ['one that is none', { handshakeTimeout: 5 }], ['a codec', { codec: {} }], ['protocols', { protocols: 'a' }],
    ['other outages', { outages: 'never' }], ['no object', 5],
  ];
  it.each(options)('the constructor refuses options with a code: %s', (_what, options) => {
    const make = (): unknown => new WebSocket(URL_HERE, [], options as WebSocketOptions);
    expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });

  it.each([0, 999, 1001, 1005, 1006, 2999, 5000, NaN, '1000.6', -1, 70_000])(
    'close() refuses the code %s with InvalidAccessError, and nothing else happens',
    async (code) => {
      const { url } = await rig();
      const { socket, log } = open(url);
      await log.until('open');
      expect(() => socket.close(code as number)).toThrow(
        expect.objectContaining({ name: 'InvalidAccessError' }),
      );
      expect(socket.readyState).toBe(WebSocket.OPEN);
    },
  );

  it('close() refuses a reason of over 123 bytes with SyntaxError', async () => {
    const { socket } = open((await rig()).url);
    expect(() => socket.close(1000, '✓'.repeat(42))).toThrow(
      expect.objectContaining({ name: 'SyntaxError' }),
    );
  });

  it('send() before the first open throws InvalidStateError', () => {
    const { socket } = open(URL_HERE);
    expect(() => socket.send('early')).toThrow(
      expect.objectContaining({ name: 'InvalidStateError' }),
    );
  });

  it('close() sends code and reason, goes by CLOSING to CLOSED, and tells it once', async () => {
    const { server, url } = await rig();
    const socket = new WebSocket(url, [], { backoff });
    const log = watch(socket, TYPES);
    await log.until('open');
    const seen = once(await server.peer(0), 'close');
    socket.close(4000, 'bye');
    socket.close();
    expect(socket.readyState).toBe(WebSocket.CLOSING);
    expect(log.names()).toEqual(['open']);
    const close = await log.until('close');
    expect(close).toMatchObject({ type: 'close', code: 4000, reason: 'bye', wasClean: true });
    expect(Object.prototype.toString.call(close)).toBe('[object CloseEvent]');
    expect(socket.readyState).toBe(WebSocket.CLOSED);
    expect(log.names()).toEqual(['open', 'close']);
    const [code, reason] = (await seen) as [number, Buffer];
    expect([code, reason.toString()]).toEqual([4000, 'bye']);
  });

  it('close() before the first open is error and close with 1006, and not before it returns', async () => {
    const { url, proxy } = await rig();
    proxy.stall();
    const socket = new WebSocket(url, [], { backoff });
    const log = watch(socket, TYPES);
    socket.close();
    expect(log.names()).toEqual([]);
    expect(await log.until('close')).toMatchObject({ code: 1006, reason: '', wasClean: false });
    expect(log.names()).toEqual(['error', 'close']);
  });

  it('send() after close() is counted, and goes nowhere', async () => {
    const { url, got } = await rig();
    const socket = new WebSocket(url, [], { backoff });
    const log = watch(socket, TYPES);
    await log.until('open');
    socket.send('in time');
    socket.close();
    socket.send('✓✓');
    await log.until('close');
    socket.send(new Uint8Array(4));
    socket.send(new Blob(['xyz']));
    expect(socket.bufferedAmount).toBe(13);
    expect(got).toEqual(['in time']);
  });
});

describe('data', () => {
  it('of every kind arrives in the order in which it was sent, blobs too', async () => {
    const { url, got } = await rig();
    const { socket, log } = open(url);
    await log.until('open');
    socket.send('text');
    socket.send(Uint8Array.of(1, 2).buffer);
    socket.send(new Blob([Uint8Array.of(3)]));
    expect(socket.bufferedAmount).toBeGreaterThan(0);
    const whole = Uint8Array.of(0, 4, 5, 0);
    socket.send(whole.subarray(1, 3));
    // It is copied: what its owner does with it later does not matter.
    whole.fill(9);
    socket.send(new DataView(Uint8Array.of(6).buffer));
    socket.send(7 as unknown as string);
    await log.until('message', 6);
    expect(got).toEqual(['text', 'bytes 1 2', 'bytes 3', 'bytes 4 5', 'bytes 6', '7']);
  });

  it('sent before close() goes before it, blobs too', async () => {
    const { server, url, got } = await rig();
    const { socket, log } = open(url);
    await log.until('open');
    const seen = once(await server.peer(0), 'close');
    socket.send(new Blob(['last']));
    socket.close(4001);
    expect((await seen)[0]).toBe(4001);
    expect(got).toEqual(['bytes 108 97 115 116']);
  });

  it('that is binary comes as binaryType says, a blob by default', async () => {
    const { url } = await rig();
    const { socket, log } = open(url);
    await log.until('open');
    socket.send(Uint8Array.of(1, 2, 3));
    await log.until('message');
    socket.binaryType = 'nodebuffer' as 'blob';
    expect(socket.binaryType).toBe('blob');
    socket.binaryType = 'arraybuffer';
    socket.send(Uint8Array.of(4, 5));
    await log.until('message', 2);
    const [blob, buffer] = log.data();
    expect(blob).toBeInstanceOf(Blob);
    expect([...new Uint8Array(await (blob as Blob).arrayBuffer())]).toEqual([1, 2, 3]);
    // Its own, and no part of what Node read with it.
    expect(buffer).toEqual(Uint8Array.of(4, 5).buffer);
  });

  it('that is too large throws, and the connection lives', async () => {
    const { url, got } = await rig();
    const { socket, log } = open(url, { maxMessageBytes: 4 });
    await log.until('open');
    expect(() => socket.send('12345')).toThrow(
      expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' }),
    );
    socket.send(new Blob(['12345']));
    await log.until('error');
    socket.send('1234');
    await log.until('message');
    expect(got).toEqual(['1234']);
  });
});

describe('listeners', () => {
  it('are those of the platform: once, signal, objects, and removed ones', async () => {
    const { url } = await rig();
    const { socket, log } = open(url);
    await log.until('open');
    const heard: string[] = [];
    const controller = new AbortController();
    const removed = (): void => void heard.push('removed');
    socket.addEventListener('message', () => heard.push('once'), { once: true });
    socket.addEventListener('message', () => heard.push('signal'), { signal: controller.signal });
    socket.addEventListener('message', { handleEvent: () => heard.push('object') });
    socket.addEventListener('message', removed);
    socket.removeEventListener('message', removed);
    socket.send('1');
    await log.until('message');
    controller.abort();
    socket.send('2');
    await log.until('message', 2);
    expect(heard).toEqual(['once', 'signal', 'object', 'object']);
  });

  it('on* keeps its place, is replaced, and removed by null', async () => {
    const { url } = await rig();
    const heard: string[] = [];
    const socket = new WebSocket(url, [], { backoff });
    socket.onmessage = function (event) {
      heard.push(`first ${String(event.data)} ${this === socket}`);
    };
    const log = watch(socket);
    socket.addEventListener('message', () => heard.push('listener'));
    await log.until('open');
    const second = (): void => void heard.push('second');
    socket.send('1');
    await log.until('message');
    socket.onmessage = second;
    expect(socket.onmessage).toBe(second);
    socket.send('2');
    await log.until('message', 2);
    socket.onmessage = null;
    expect(socket.onmessage).toBe(null);
    socket.send('3');
    await log.until('message', 3);
    socket.onmessage = 'nothing' as never;
    expect(socket.onmessage).toBe(null);
    expect(heard).toEqual(['first 1 true', 'listener', 'second', 'listener', 'listener']);
  });
});

describe('an outage', () => {
  it('before the first open is waited for', async () => {
    const { url, proxy } = await rig();
    await proxy.refuse(true);
    const socket = new WebSocket(url, [], { backoff });
    const log = watch(socket, TYPES);
    let errors = 0;
    socket.jetSocket.on('error', () => errors++);
    await vi.waitFor(() => expect(errors).toBeGreaterThan(1));
    expect(socket.readyState).toBe(WebSocket.CONNECTING);
    await proxy.restore();
    await log.until('open');
    expect(log.names()).toEqual(['open']);
  });

  it('that nobody listens to is over with another open, and nothing sent meanwhile is lost', async () => {
    const { url, proxy, got } = await rig();
    const { socket, log } = open(url);
    await log.until('open');
    socket.send('before');
    await log.until('message');
    await proxy.refuse(true);
    proxy.cut();
    await log.lost();
    expect(socket.readyState).toBe(WebSocket.CONNECTING);
    socket.send('during');
    expect(socket.bufferedAmount).toBe(6);
    await proxy.restore();
    await log.until('message', 2);
    expect(got).toEqual(['before', 'during']);
    expect(log.names()).toEqual(['open', 'message', 'open', 'message']);
    expect(socket.readyState).toBe(WebSocket.OPEN);
  });

  it.each(['onclose', 'addEventListener'] as const)(
    'is the end for who listens to close, by %s, as the standard has it',
    async (how) => {
      const { url, proxy } = await rig();
      const socket = new WebSocket(url, [], { backoff });
      const log = watch(socket);
      const closes: CloseEvent[] = [];
      if (how === 'onclose') socket.onclose = (event) => closes.push(event);
      else socket.addEventListener('close', (event) => closes.push(event));
      await log.until('open');
      proxy.cut();
      await log.lost();
      await vi.waitFor(() => expect(closes).toHaveLength(1));
      expect(closes[0]).toMatchObject({ code: 1006, reason: '', wasClean: false });
      expect(socket.readyState).toBe(WebSocket.CLOSED);
      expect(socket.jetSocket.state).toBe('closed');
      expect(proxy.totals.accepted).toBe(1);
    },
  );

  it.each([
    [
      'removed',
      (socket: WebSocket, listener: () => void) => socket.removeEventListener('close', listener),
    ],
    ['null by now', (socket: WebSocket) => (socket.onclose = null)],
  ])('is not the end when that listener is %s', async (_what, remove) => {
    const { url, proxy } = await rig();
    const { socket, log } = open(url);
    const listener = (): void => undefined;
    if (_what === 'removed') socket.addEventListener('close', listener);
    else socket.onclose = listener;
    await log.until('open');
    remove(socket, listener);
    proxy.cut();
    await log.until('open', 2);
  });

  it('is not the end when the signal of that listener is aborted', async () => {
    const { url, proxy } = await rig();
    const { socket, log } = open(url);
    const controller = new AbortController();
    socket.addEventListener('close', () => undefined, { signal: controller.signal });
    await log.until('open');
    controller.abort();
    proxy.cut();
    await log.until('open', 2);
  });

  it('with outages: reopen is close and open, again and again', async () => {
    const { server, url, proxy } = await rig();
    const socket = new WebSocket(url, [], { backoff, outages: 'reopen' });
    const log = watch(socket, TYPES);
    await log.until('open');
    (await server.peer(0)).close(1012, 'restart');
    await log.until('open', 2);
    proxy.cut();
    await log.until('open', 3);
    expect(log.names()).toEqual(['open', 'close', 'open', 'close', 'open']);
    expect(await log.until('close')).toMatchObject({
      code: 1012,
      reason: 'restart',
      wasClean: true,
    });
    socket.close(1000, 'done');
    expect(await log.until('close', 3)).toMatchObject({ code: 1000, wasClean: true });
  });

  it('with outages: hide is not told at all, and it stays OPEN', async () => {
    const { url, proxy, got } = await rig();
    const socket = new WebSocket(url, [], { backoff, outages: 'hide' });
    const log = watch(socket, TYPES);
    await log.until('open');
    proxy.cut();
    await once(proxy, 'closed');
    socket.send('during');
    expect(socket.readyState).toBe(WebSocket.OPEN);
    await log.until('message');
    expect(log.names()).toEqual(['open', 'message']);
    expect(got).toEqual(['during']);
  });

  it('closed in the middle of it, it is 1006: no close frame ends it', async () => {
    const { url, proxy } = await rig();
    const socket = new WebSocket(url, [], { backoff, outages: 'hide' });
    const log = watch(socket, TYPES);
    await log.until('open');
    await proxy.refuse(true);
    proxy.cut();
    await vi.waitFor(() => expect(socket.jetSocket.state).not.toBe('connected'));
    socket.close();
    expect(await log.until('close')).toMatchObject({ code: 1006, wasClean: false });
  });

  it('keeps nothing in replay mode none', async () => {
    const { url, proxy, got } = await rig();
    const { socket, log } = open(url, { replay: { mode: 'none' } });
    await log.until('open');
    await proxy.refuse(true);
    proxy.cut();
    await log.lost();
    socket.send('lost');
    expect(socket.bufferedAmount).toBe(4);
    await proxy.restore();
    await log.until('open', 2);
    socket.send('kept');
    await log.until('message');
    expect(got).toEqual(['kept']);
  });

  it('in a session is not told, and nothing is lost, doubled or reordered', async () => {
    const server = await serve();
    const sessions = createSessions();
    sessions.attach(server.wss);
    onTestFinished(() => sessions.close());
    sessions.on('session', (session) => {
      session.on('message', (data: unknown) => void session.send(data as never));
    });
    const proxy = await createFaultProxy({ target: { port: server.port } });
    onTestFinished(() => proxy.close());
    const socket = new WebSocket(`ws://127.0.0.1:${proxy.port}/`, [], {
      backoff,
      replay: { mode: 'session' },
    });
    const log = watch(socket, TYPES);
    await log.until('open');
    for (let n = 0; n < 50; n++) {
      socket.send(JSON.stringify(n));
      if (n === 25) proxy.cut();
    }
    await log.until('message', 50);
    expect(log.data().map(Number)).toEqual(Array.from({ length: 50 }, (_, n) => n));
    expect(log.names().filter((name) => name !== 'message')).toEqual(['open']);
  });

  it('that will not be over is close, with the code of the server', async () => {
    const { server, url } = await rig();
    const { socket, log } = open(url);
    await log.until('open');
    const closed = once(socket, 'close');
    (await server.peer(0)).close(4401, 'who are you');
    expect((await closed)[0]).toMatchObject({ code: 4401, reason: 'who are you', wasClean: true });
    expect(socket.readyState).toBe(WebSocket.CLOSED);
  });

  it('of a server that refuses for good is error and close with 1006', async () => {
    const url = await serveHttp((_request, response) => response.writeHead(401).end());
    const socket = new WebSocket(url, [], { backoff });
    const log = watch(socket, TYPES);
    expect(await log.until('close')).toMatchObject({ code: 1006, wasClean: false });
    expect(log.names()).toEqual(['error', 'close']);
  });
});
