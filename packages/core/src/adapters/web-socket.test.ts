import { settle } from '@jetsocket/testing';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { FrameData, Link, LinkClosed, LinkListener, OpenRequest } from '../ports.js';
import { type WebSocketConstructor, type WebSocketLike, webSocketTransport } from './web-socket.js';

const REQUEST: OpenRequest = {
  url: 'wss://example.com/ws',
  protocols: ['v2', 'v1'],
  headers: {},
  maxMessageBytes: 100,
};

type Listener = ((event: never) => void) | null;

/** A WebSocket of the standard's shape, whose events the test makes. */
class FakeSocket implements WebSocketLike {
  static newest: FakeSocket | undefined;
  readonly made: readonly unknown[];
  readonly calls: unknown[] = [];
  binaryType = 'blob';
  readyState = 0;
  bufferedAmount: number | undefined = 0;
  protocol = '';
  onopen: Listener = null;
  onmessage: Listener = null;
  onerror: Listener = null;
  onclose: Listener = null;

  constructor(...made: readonly unknown[]) {
    this.made = made;
    FakeSocket.newest = this;
  }

  send(data: FrameData): void {
    this.calls.push(['send', data]);
  }

  close(...how: readonly unknown[]): void {
    this.calls.push(['close', ...how]);
    this.readyState = 2;
  }

  /** Does what a platform does: the state, then the event. */
  fire(type: 'open' | 'message' | 'error' | 'close', event: object = {}): void {
    if (type === 'open') this.readyState = 1;
    if (type === 'close') this.readyState = 3;
    this[`on${type}`]?.(event as never);
  }
}

/** All that is reported of a link, in order. */
function listening(): {
  readonly listener: LinkListener;
  readonly log: string[];
  readonly frames: FrameData[];
  readonly ends: LinkClosed[];
} {
  const log: string[] = [];
  const frames: FrameData[] = [];
  const ends: LinkClosed[] = [];
  const listener: LinkListener = {
    onOpen: (protocol) => log.push(`open ${protocol}`),
    onMessage(data) {
      frames.push(data);
      log.push(`message ${String(data)}`);
    },
    onPong: () => log.push('pong'),
    onClose(closed) {
      ends.push(closed);
      log.push(`close ${closed.code}`);
    },
  };
  return { listener, log, frames, ends };
}

/** A link over a fake socket, which connects or is open. */
function linked(isOpen = true): ReturnType<typeof listening> & {
  readonly link: Link;
  readonly socket: FakeSocket;
} {
  const heard = listening();
  const transport = webSocketTransport({ constructorOf: () => FakeSocket });
  const link = transport.open(REQUEST, heard.listener);
  const socket = FakeSocket.newest;
  if (socket === undefined) throw new Error('No socket was made');
  if (isOpen) socket.fire('open');
  if (isOpen) heard.log.length = 0;
  return { ...heard, link, socket };
}

const CLEAN = { code: 1000, reason: 'bye', wasClean: true };
const LOST = { code: 1006, reason: '', wasClean: false };

describe('webSocketTransport()', () => {
  it('takes no headers', () => {
    expect(webSocketTransport({ constructorOf: () => FakeSocket }).takesHeaders).toBe(false);
  });

  it.each([
    [undefined, undefined],
    [() => 'https://example.com/', 'https://example.com/'],
    [() => undefined, undefined],
  ])('knows what relative URLs are relative to: %s', (baseUrl, url) => {
    const options = { constructorOf: () => FakeSocket, ...(baseUrl && { baseUrl }) };
    expect(webSocketTransport(options).baseUrl?.()).toBe(url);
  });

  it('makes a socket by URL and protocols, for binary messages as bytes', () => {
    const { socket, log } = linked(false);
    expect(socket.made).toEqual(['wss://example.com/ws', ['v2', 'v1']]);
    expect([socket.binaryType, log]).toEqual(['arraybuffer', []]);
  });

  it('looks for the constructor at every attempt', () => {
    const loaded: WebSocketConstructor[] = [];
    const transport = webSocketTransport({ constructorOf: () => loaded[0] });
    const open = (): Link => transport.open(REQUEST, listening().listener);
    expect(open).toThrow('Cannot connect: this runtime has no WebSocket');
    loaded.push(FakeSocket);
    expect(open).not.toThrow();
  });

  it('says what to do where there is no WebSocket', () => {
    const transport = webSocketTransport({ constructorOf: () => undefined });
    const hint = expect.stringContaining('@jetsocket/node') as string;
    expect(() => transport.open(REQUEST, listening().listener)).toThrow(
      expect.objectContaining({ code: 'CONNECT_FAILED', hint }),
    );
  });

  it('throws what the constructor throws', () => {
    class Picky extends FakeSocket {
      constructor() {
        super();
        throw new SyntaxError('not that URL');
      }
    }
    const transport = webSocketTransport({ constructorOf: () => Picky });
    expect(() => transport.open(REQUEST, listening().listener)).toThrow(SyntaxError);
  });
});

describe('WebSocketLink', () => {
  it('reports the opening without a protocol where the runtime says null, as workerd does', () => {
    const { socket, log } = linked(false);
    Object.assign(socket, { protocol: null });
    socket.fire('open');
    expect(log).toEqual(['open ']);
  });

  it('reports the opening, with the protocol that was chosen', () => {
    const { socket, log } = linked(false);
    socket.protocol = 'v1';
    socket.fire('open');
    expect(log).toEqual(['open v1']);
  });

  it('reports messages: text as a string, binary as bytes', () => {
    const { socket, frames } = linked();
    socket.fire('message', { data: 'hello' });
    socket.fire('message', { data: '' });
    socket.fire('message', { data: new Uint8Array([1, 2]).buffer });
    expect(frames).toEqual(['hello', '', new Uint8Array([1, 2])]);
  });

  it('reports the close as it is', () => {
    const { socket, ends } = linked();
    socket.fire('close', CLEAN);
    expect(ends).toEqual([{ ...CLEAN, error: undefined }]);
  });

  // prettier-ignore
  it.each<readonly [name: string, event: object, error: Error | undefined]>([
    ['nothing, as in a browser', {}, undefined],
    ['an empty message', { message: '' }, undefined],
    ['a message', { message: 'refused' }, new Error("'refused'")],
    ['an error', { error: new TypeError('refused'), message: 'refused' }, new TypeError('refused')],
  ])('tells with the close what an error said: %s', (_name, event, error) => {
    const { socket, ends } = linked();
    socket.fire('error', event);
    expect(ends).toEqual([]);
    socket.fire('close', LOST);
    expect(ends).toEqual([{ ...LOST, error }]);
  });

  it('reports an end after an error without a close, as in WebKit', async () => {
    const { socket, ends } = linked(false);
    socket.readyState = 3;
    socket.fire('error', { message: 'blocked port' });
    expect(ends).toEqual([]);
    await settle();
    expect(ends).toEqual([{ ...LOST, error: new Error("'blocked port'") }]);
    socket.fire('close', LOST);
    socket.fire('error');
    await settle();
    expect(ends).toHaveLength(1);
  });

  // Node 22 (undici 6) says neither `close` nor CLOSED of a socket that was refused or closed before it was open.
  it.each([0, 2])(
    'reports an end after an error before it is open, in readyState %i',
    async (readyState) => {
      const { socket, ends } = linked(false);
      socket.readyState = readyState;
      socket.fire('error', { message: 'refused' });
      await settle();
      expect(ends).toEqual([{ ...LOST, error: new Error("'refused'") }]);
      socket.fire('close', LOST);
      expect(ends).toHaveLength(1);
    },
  );

  it('says 1006 of an end without a close frame where the runtime says 0, as Deno does', () => {
    const { socket, ends } = linked();
    socket.fire('close', { code: 0, reason: '', wasClean: false });
    expect(ends).toEqual([{ ...LOST, error: undefined }]);
  });

  it('reports one end where the close follows such an error', async () => {
    const { socket, ends } = linked();
    socket.readyState = 3;
    socket.fire('error');
    socket.fire('close', CLEAN);
    await settle();
    expect(ends).toEqual([{ ...CLEAN, error: undefined }]);
  });

  it('waits for the close after an error of a socket that is not closed', async () => {
    const { socket, ends } = linked();
    socket.readyState = 2;
    socket.fire('error');
    await settle();
    expect(ends).toEqual([]);
  });

  // prettier-ignore
  it.each<readonly [name: string, act: (link: Link, socket: FakeSocket) => void, log: string[]]>([
    ['the close', (_link, socket) => socket.fire('close', CLEAN), ['close 1000']],
    ['abandon()', (link) => link.abandon(), []],
    ['abandon() of one that failed', (link, socket) => { socket.readyState = 3; socket.fire('error'); link.abandon(); }, []],
  ])('reports nothing after %s', async (_name, act, log) => {
    const made = linked();
    act(made.link, made.socket);
    made.socket.fire('open');
    made.socket.fire('message', { data: 'late' });
    made.socket.fire('error');
    made.socket.fire('close', LOST);
    await settle();
    expect(made.log).toEqual(log);
  });

  it.each([
    [0, false],
    [1, true],
    [2, false],
    [3, false],
  ])('send() in readyState %i returns %s', (readyState, isTaken) => {
    const { link, socket } = linked();
    socket.readyState = readyState;
    expect(link.send('hello')).toBe(isTaken);
    expect(socket.calls).toEqual(isTaken ? [['send', 'hello']] : []);
  });

  it('send() hands over bytes as they are', () => {
    const { link, socket } = linked();
    const bytes = new Uint8Array([1, 2]);
    link.send(bytes);
    expect(socket.calls).toEqual([['send', bytes]]);
  });

  it('close() closes with code and reason, and still reports', () => {
    const { link, socket, log } = linked();
    link.close(4000, 'bye');
    socket.fire('message', { data: 'on its way' });
    socket.fire('close', CLEAN);
    expect(socket.calls).toEqual([['close', 4000, 'bye']]);
    expect(log).toEqual(['message on its way', 'close 1000']);
  });

  it.each([true, false])('abandon() closes without code, open or not: %s', (isOpen) => {
    const { link, socket } = linked(isOpen);
    link.abandon();
    expect(socket.calls).toEqual([['close']]);
  });

  it('bufferedBytes are what the socket says, now', () => {
    const { link, socket } = linked();
    socket.bufferedAmount = 5;
    expect(link.bufferedBytes).toBe(5);
    socket.bufferedAmount = 0;
    expect(link.bufferedBytes).toBe(0);
  });

  it('bufferedBytes are 0 where the socket says nothing, as in React Native', () => {
    const { link, socket } = linked();
    socket.bufferedAmount = undefined;
    expect(link.bufferedBytes).toBe(0);
  });

  it('cannot ping', () => {
    expect(linked().link.ping).toBeUndefined();
  });
});

describe('webSocketTransport() over the sockets of ws', () => {
  let server: WebSocketServer;
  const transport = webSocketTransport({ constructorOf: () => WebSocket });
  const url = (): string => `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  beforeEach(async () => {
    server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: () => 'v1' });
    await once(server, 'listening');
  });
  afterEach(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });

  /** Opens, and resolves with the two ends. `next` resolves at the next thing that is reported. */
  async function connected(): Promise<{
    readonly link: Link;
    readonly peer: WebSocket;
    readonly heard: ReturnType<typeof listening>;
    readonly next: () => Promise<void>;
  }> {
    const heard = listening();
    let wake: () => void = () => undefined;
    const next = (): Promise<void> => new Promise((resolve) => (wake = resolve));
    const listener: LinkListener = {
      onOpen: (protocol) => (heard.listener.onOpen(protocol), wake()),
      onMessage: (data) => (heard.listener.onMessage(data), wake()),
      onPong: (payload) => (heard.listener.onPong(payload), wake()),
      onClose: (closed) => (heard.listener.onClose(closed), wake()),
    };
    const connection = once(server, 'connection') as Promise<[WebSocket]>;
    const link = transport.open({ ...REQUEST, url: url() }, listener);
    const [[peer]] = await Promise.all([connection, next()]);
    return { link, peer, heard, next };
  }

  it('opens, with the protocol that the server chose', async () => {
    const { heard, link } = await connected();
    expect([heard.log, link.bufferedBytes]).toEqual([['open v1'], 0]);
  });

  it('sends text and bytes', async () => {
    const { link, peer } = await connected();
    for (const data of ['hällo', new Uint8Array([1, 2])]) {
      const message = once(peer, 'message') as Promise<[Buffer, boolean]>;
      expect(link.send(data)).toBe(true);
      const [got, isBinary] = await message;
      expect([isBinary, isBinary ? [...got] : got.toString()]).toEqual(
        typeof data === 'string' ? [false, data] : [true, [1, 2]],
      );
    }
  });

  it('receives text and bytes', async () => {
    const { heard, next, peer } = await connected();
    for (const data of ['hällo', new Uint8Array([1, 2])]) {
      const there = next();
      peer.send(data);
      await there;
    }
    expect(heard.frames).toEqual(['hällo', new Uint8Array([1, 2])]);
  });

  it('reports the close of the server, once', async () => {
    const { heard, link, next, peer } = await connected();
    const over = next();
    peer.close(4001, 'enough');
    await over;
    expect(heard.ends).toEqual([
      { code: 4001, reason: 'enough', wasClean: true, error: undefined },
    ]);
    expect(link.send('late')).toBe(false);
  });

  it('reports its own close when it was answered, and takes nothing meanwhile', async () => {
    const { heard, link, next, peer } = await connected();
    const closed = once(peer, 'close') as Promise<[number, Buffer]>;
    const over = next();
    link.close(4000, 'bye');
    expect(link.send('late')).toBe(false);
    const [code, reason] = await closed;
    await over;
    expect([code, reason.toString()]).toEqual([4000, 'bye']);
    expect(heard.ends).toEqual([{ code: 4000, reason: 'bye', wasClean: true, error: undefined }]);
  });

  it('reports a connection that is cut', async () => {
    const { heard, next, peer } = await connected();
    const over = next();
    peer.terminate();
    await over;
    expect(heard.ends).toMatchObject([LOST]);
  });

  it('reports nothing after abandon()', async () => {
    const { heard, link, peer } = await connected();
    const closed = once(peer, 'close');
    peer.send('on its way');
    link.abandon();
    await closed;
    expect(heard.log).toEqual(['open v1']);
  });

  it('reports a refused connection, with what the runtime says', async () => {
    const refused = url();
    await new Promise((resolve) => server.close(resolve));
    const heard = listening();
    await new Promise<void>((resolve) => {
      const onClose = (closed: LinkClosed): void => (heard.listener.onClose(closed), resolve());
      transport.open({ ...REQUEST, url: refused }, { ...heard.listener, onClose });
    });
    const error = expect.objectContaining({ code: 'ECONNREFUSED' }) as Error;
    expect(heard.ends).toEqual([{ ...LOST, error }]);
  });
});
