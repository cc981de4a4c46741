/** Which WebSocket each entry uses, and when it looks for it. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { EventLog, serve, type WsServer } from '../test/test-kit.js';
import type * as Browser from './index.browser.js';
import type * as Cdn from './cdn.js';
import type * as Node from './index.js';

beforeEach(() => {
  vi.resetModules();
  // Newer versions of Node have one of their own.
  vi.stubGlobal('WebSocket', undefined);
});

afterEach(() => {
  vi.doUnmock('./socket.js');
  vi.unstubAllGlobals();
});

/** What isomorphic-ws found when it was loaded. */
function isomorphicWsFinds(found: unknown): void {
  vi.doMock('./socket.js', () => ({ isomorphicWebSocket: found }));
}

/** A class with the interface of the standard and nothing besides, which counts its instances. */
function nativeClass() {
  const made: string[] = [];
  class Native {
    readonly #socket: WebSocket;
    constructor(url: string, protocols?: string[]) {
      made.push(url);
      this.#socket = new WebSocket(url, protocols);
      this.#socket.binaryType = 'arraybuffer';
      for (const name of ['open', 'message', 'error', 'close'] as const) {
        this.#socket.addEventListener(name, (event: unknown) => {
          const handlers = this as unknown as { [key: string]: ((event: unknown) => void) | null };
          handlers[`on${name}`]?.(event);
        });
      }
    }
    readonly protocol = '';
    get readyState(): number {
      return this.#socket.readyState;
    }
    get bufferedAmount(): number {
      return this.#socket.bufferedAmount;
    }
    send(data: string): void {
      this.#socket.send(data);
    }
    close(code?: number, reason?: string): void {
      this.#socket.close(code, reason);
    }
  }
  return { Native, made };
}

/** Resolves when a client answered a ping, or asked by one. */
const pinged = (server: WsServer): Promise<void> =>
  new Promise((resolve) => {
    server.wss.on('connection', (peer) => {
      peer.on('ping', () => {
        resolve();
      });
    });
  });

type Entry = typeof Node | typeof Browser | typeof Cdn;
const node = (): Promise<Entry> => import('./index.js');
const browser = (): Promise<Entry> => import('./index.browser.js');
const cdn = (): Promise<Entry> => import('./cdn.js');

describe('the entry for Node', () => {
  it('uses ws: it pings and sets headers', async () => {
    const server = await serve();
    const asked = pinged(server);
    const request = new Promise<string | undefined>((resolve) => {
      server.wss.on('connection', (_peer, { headers }) => {
        resolve(headers.authorization);
      });
    });
    const { connect } = await node();
    const headers = { authorization: 'Bearer 1' };
    const socket = connect(server.url, { headers, heartbeat: { intervalMs: 10 } });
    const record = new EventLog(socket);
    await asked;
    await record.until('pong');
    expect(await request).toBe('Bearer 1');
  });

  it.each([
    { headers: { authorization: 'Bearer 1' } },
    { headers: () => ({ authorization: 'Bearer 1' }) },
    {},
  ])('uses ws though there is a global one, with %o', async (options) => {
    const { Native, made } = nativeClass();
    vi.stubGlobal('WebSocket', Native);
    const server = await serve();
    const shown = new Promise((resolve) => {
      server.wss.on('connection', (_peer, { headers }) => resolve(headers.authorization));
    });
    const { connect } = await node();
    const socket = connect(server.url, options);
    new EventLog(socket);
    await socket.opened;
    expect(made).toEqual([]);
    expect(await shown).toBe('headers' in options ? 'Bearer 1' : undefined);
  });
});

describe.each([
  ['Node, where ws is not there', node],
  ['browsers', browser],
  ['CDNs', cdn],
])('the entry for %s', (_name, load) => {
  it('uses the global one of the moment that it connects', async () => {
    isomorphicWsFinds(null);
    const server = await serve();
    const { JetSocket } = await load();
    const socket = new JetSocket(server.url);
    const record = new EventLog(socket);
    const first = nativeClass();
    vi.stubGlobal('WebSocket', first.Native);
    await socket.connect();
    const second = nativeClass();
    vi.stubGlobal('WebSocket', second.Native);
    socket.reconnect();
    await record.until('reconnected');
    expect([first.made, second.made]).toEqual([[server.url], [server.url]]);
  });

  it('uses the one that isomorphic-ws found, where there is no global one', async () => {
    const { Native, made } = nativeClass();
    isomorphicWsFinds(Native);
    const server = await serve();
    const { connect } = await load();
    const socket = connect(server.url);
    new EventLog(socket);
    await socket.opened;
    expect(made).toEqual([server.url]);
  });

  it.each([null, undefined])('fails where there is none: %s', async (found) => {
    isomorphicWsFinds(found);
    const { connect } = await load();
    const socket = connect('ws://127.0.0.1/');
    const record = new EventLog(socket);
    const { error } = await record.until('error');
    await record.until('closed');
    expect(record.names).toEqual(['connecting', 'error', 'closed']);
    expect(record.of('error')).toMatchObject([{ code: 'CONNECT_FAILED', fatal: true }]);
    expect(error.message).toContain('this runtime has no WebSocket');
    expect(record.of('closed')).toMatchObject([{ cause: 'fatal' }]);
    expect(socket.state).toBe('failed');
    await expect(socket.opened).rejects.toBe(error);
  });

  it('sets no headers, and says so', async () => {
    isomorphicWsFinds(null);
    const { JetSocket } = await load();
    expect(() => new JetSocket('ws://127.0.0.1/', { headers: { a: 'b' } })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    );
  });
});

describe('every entry', () => {
  it('has the same names', async () => {
    const names = Object.keys(await node()).sort();
    expect(Object.keys(await browser()).sort()).toEqual(names);
    // A script tag has no subpaths.
    expect(Object.keys(await cdn()).sort()).toEqual([...names, 'WebSocket'].sort());
    expect(names).toEqual(expect.arrayContaining(['connect', 'JetSocket', 'JetSocketError']));
  });

  it.each([node, browser])('takes another transport', async (load) => {
    const server = await serve();
    const { wsTransport } = await import('@jetsocket/node/transport');
    const { JetSocket } = await load();
    const open = vi.fn(wsTransport({ constructorOf: () => WebSocket }).open);
    const socket = new JetSocket(server.url, { transport: { takesHeaders: true, open } });
    new EventLog(socket);
    await socket.connect();
    expect(open).toHaveBeenCalledOnce();
  });
});
