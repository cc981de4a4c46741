/** A server as users have it: files, and WebSockets that echo. Nothing is transformed on the way. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
};

/** Path in the URL → what is there: a text, or what is at a path: a file, or a folder of files. */
export type Content = Readonly<Record<string, { readonly text: string } | { readonly at: string }>>;

export class Site {
  /** How many connections there were for each path. */
  readonly opened = new Map<string, number>();
  readonly #content: Content;
  readonly #server: Server;
  readonly #sockets: WebSocketServer;

  private constructor(content: Content) {
    this.#content = content;
    this.#server = createServer((request, response) => {
      void this.#answer(new URL(request.url ?? '/', 'http://site').pathname, response);
    });
    this.#sockets = new WebSocketServer({ server: this.#server });
    this.#sockets.on('connection', (socket: WebSocket, request) => {
      const path = request.url ?? '';
      this.opened.set(path, (this.opened.get(path) ?? 0) + 1);
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
      // A cut connection is an error here as well, and that is the point.
      socket.on('error', () => socket.terminate());
    });
  }

  static async start(content: Content): Promise<Site> {
    const site = new Site(content);
    site.#server.listen(0, '127.0.0.1');
    await once(site.#server, 'listening');
    return site;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  /** Ends every connection without a word. */
  cut(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
  }

  async stop(): Promise<void> {
    this.cut();
    this.#sockets.close();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(path: string, response: ServerResponse): Promise<void> {
    const found = await this.#find(path);
    response.writeHead(found === undefined ? 404 : 200, {
      'content-type': found?.type ?? 'text/plain',
      // As every CDN has it: what is there for all may be read by all.
      'access-control-allow-origin': '*',
    });
    response.end(found?.body);
  }

  async #find(path: string): Promise<{ type: string; body: string | Buffer } | undefined> {
    const whole = this.#content[path];
    if (whole !== undefined && 'text' in whole) return { type: typeOf(path), body: whole.text };
    for (const [prefix, entry] of Object.entries(this.#content)) {
      if (!('at' in entry) || !path.startsWith(prefix)) continue;
      const file = join(entry.at, normalize(path.slice(prefix.length)));
      const body = await readFile(file).catch(() => undefined);
      if (body !== undefined) return { type: typeOf(file), body };
    }
    return undefined;
  }
}

function typeOf(path: string): string {
  return TYPES[extname(path)] ?? 'text/html; charset=utf-8';
}
