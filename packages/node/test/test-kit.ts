/** For the tests of this package: servers on loopback, and sockets that remember what they said. */
import type { JetSocketEvent, JetSocketEventMap } from '@jetsocket/core';
import { createGrammarChecker, type GrammarOptions } from '@jetsocket/testing';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttp, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer as createTcp, type Server as TcpServer } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import type { JetSocket } from '../src/index.js';

/** A key and a certificate for `localhost` and `127.0.0.1`, signed by itself. They protect nothing. */
export const credentials = {
  key: readFileSync(new URL('fixtures/localhost.key.pem', import.meta.url)),
  cert: readFileSync(new URL('fixtures/localhost.cert.pem', import.meta.url)),
};

/** A server, and the ends of its connections. */
export interface WsServer {
  readonly url: string;
  readonly port: number;
  readonly wss: WebSocketServer;
  /** Ends it as if its process were killed: connections, and the port. */
  kill(): Promise<void>;
  /** The server's end of the n-th connection, from 0. */
  peer(index: number): Promise<WebSocket>;
}

/** A real server, gone at the end of the test. */
export async function serve(
  options: Omit<ServerOptions, 'noServer' | 'port' | 'server'> & {
    readonly secure?: boolean;
    /** The port; any that is free by default. */
    readonly at?: number;
  } = {},
): Promise<WsServer> {
  const { secure = false, at = 0, ...rest } = options;
  const http = secure ? createHttps(credentials) : createHttp();
  const wss = new WebSocketServer({ server: http, ...rest });
  const peers: WebSocket[] = [];
  const looks = new Set<() => void>();
  wss.on('connection', (peer) => {
    peer.on('error', () => undefined);
    peers.push(peer);
    for (const look of looks) look();
  });
  const port = await listen(http, at);
  onTestFinished(() => void wss.close());
  const kill = async (): Promise<void> => {
    const closed = once(http, 'close');
    http.close();
    for (const peer of peers) peer.terminate();
    await closed;
  };
  const peer = (index: number): Promise<WebSocket> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = peers[index];
        if (found === undefined) return;
        looks.delete(look);
        resolve(found);
      };
      looks.add(look);
      look();
    });
  return { url: `${secure ? 'wss' : 'ws'}://127.0.0.1:${port}/`, port, wss, kill, peer };
}

/** An HTTP server that knows nothing of WebSocket. Returns its address. */
export async function serveHttp(answer: RequestListener): Promise<string> {
  const port = await listen(createHttp(answer));
  return `ws://127.0.0.1:${port}/`;
}

/** A TCP server. Returns its address. */
export async function serveTcp(onConnection: (socket: Socket) => void): Promise<string> {
  const server = createTcp((socket) => {
    socket.on('error', () => undefined);
    onTestFinished(() => void socket.destroy());
    onConnection(socket);
  });
  return `ws://127.0.0.1:${await listen(server)}/`;
}

/** A port at which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createTcp();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}

async function listen(server: TcpServer | Server, port = 0): Promise<number> {
  const open = new Set<Duplex>();
  server.on('connection', (socket: Duplex) => open.add(socket));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

/** A record without what differs from run to run. */
export type Told = Readonly<Record<string, unknown>>;

/** All events of a socket, in order. The test fails if they break the grammar of events. */
export class EventLog {
  readonly events: JetSocketEvent[] = [];
  readonly #looks = new Set<() => void>();

  constructor(socket: Pick<JetSocket, 'on' | 'close' | 'state'>, options: GrammarOptions = {}) {
    const grammar = createGrammarChecker(options);
    const complaints: unknown[] = [];
    const note = (run: () => void): void => {
      try {
        run();
      } catch (complaint) {
        complaints.push(complaint);
      }
    };
    socket.on('*', (event) => {
      note(() => grammar.accept(event));
      this.events.push(event);
      for (const look of this.#looks) look();
    });
    onTestFinished(async () => {
      await socket.close();
      note(() => grammar.end());
      expect(complaints).toEqual([]);
    });
  }

  of<Name extends keyof JetSocketEventMap>(type: Name): JetSocketEventMap[Name][] {
    return this.events.filter((event): event is JetSocketEventMap[Name] => event.type === type);
  }

  /** Names of all events so far, without `state_change`. */
  get names(): string[] {
    return this.events.map(({ type }) => type).filter((type) => type !== 'state_change');
  }

  /** All events so far without `state_change`, and without what differs from run to run. */
  get told(): Told[] {
    return this.events.filter(({ type }) => type !== 'state_change').map(tell);
  }

  /** Resolves to the n-th event of that type, from 1, once it is there. */
  async until<Name extends keyof JetSocketEventMap>(
    type: Name,
    count = 1,
  ): Promise<JetSocketEventMap[Name]> {
    await this.when(() => this.of(type).length >= count, `${type} × ${count}`);
    const found = this.of(type)[count - 1];
    if (found === undefined) throw new Error('unreachable');
    return found;
  }

  /** Resolves when it is true: now, or after an event. */
  when(isTrue: () => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!isTrue()) return;
        clearTimeout(timer);
        this.#looks.delete(look);
        resolve();
      };
      const timer = setTimeout(() => {
        reject(new Error(`waited in vain for ${what}; there was ${this.names.join(' ')}`));
      }, 10_000);
      this.#looks.add(look);
      look();
    });
  }
}

function tell(event: JetSocketEvent): Told {
  const { timestamp, ...told }: Told = { ...event };
  void timestamp;
  if (event.type !== 'error') return told;
  const { type, code, fatal, message } = event;
  return { type, code, fatal, message };
}

/** A promise, and how to settle it: for callbacks that happen once. */
export function deferred<Value>(): {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
} {
  let resolve: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((settle) => (resolve = settle));
  return { promise, resolve };
}
