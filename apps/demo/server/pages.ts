import { readFileSync, readdirSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { HttpError } from './http.js';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Its own files, and WebSockets of this machine: the proxies listen on ports of their own. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self' ws://127.0.0.1:* ws://localhost:*",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Which pages may show this one in a frame: those of one other server of this machine, or none. */
function frames(port: number | undefined): string {
  const who = port === undefined ? "'none'" : `http://127.0.0.1:${port} http://localhost:${port}`;
  return `frame-ancestors ${who}`;
}

/** The built page. All of it is read at the start, so that no request ever names a file. */
export class Pages {
  readonly #files: ReadonlyMap<string, Buffer>;
  readonly #policy: string;

  /** @param framedByPort Where another server of this machine listens whose pages may frame these: the documentation's. */
  constructor(folder: string, framedByPort?: number) {
    this.#policy = `${POLICY}; ${frames(framedByPort)}`;
    const names = readdirSync(folder);
    this.#files = new Map(names.map((name) => [`/${name}`, readFileSync(join(folder, name))]));
  }

  /** @throws {HttpError} 404 */
  send(response: ServerResponse, path: string): void {
    const name = path === '/' ? '/index.html' : path;
    const file = this.#files.get(name);
    if (file === undefined) throw new HttpError(404, 'Cannot find this page');
    response.writeHead(200, {
      'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
      'content-length': file.length,
      'content-security-policy': this.#policy,
      'cache-control': 'no-cache',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
    response.end(file);
  }
}
