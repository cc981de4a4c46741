/** The small things of HTTP that `node:http` leaves to its users. */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** A request's body, at most. The longest that the page sends is a close reason. */
const MAX_BODY_BYTES = 4 * 1024;

/** What is wrong with a request, as its answer. */
export class HttpError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Refuses what other sites' pages could ask of this server in a visitor's browser: another `Origin`
 * than its own (a page of theirs), or another `Host` (a name of theirs that they point at 127.0.0.1).
 *
 * @param port Where this server listens. A proxy in front of it has another one, which is as good:
 * pass undefined when any will do.
 * @throws {HttpError} 403
 */
export function checkCaller(
  request: IncomingMessage,
  ports: { host?: number; origin: number },
): void {
  const { host, origin } = request.headers;
  if (!isLoopback(`http://${host ?? ''}`, ports.host)) {
    throw new HttpError(403, 'Cannot serve this host: only 127.0.0.1 and localhost');
  }
  // Node clients and command lines have no origin.
  if (origin !== undefined && !isLoopback(origin, ports.origin)) {
    throw new HttpError(403, 'Cannot serve this origin: only the page of this server');
  }
}

function isLoopback(address: string, port: number | undefined): boolean {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'http:') return false;
  if (url.hostname !== '127.0.0.1' && url.hostname !== 'localhost') return false;
  return port === undefined || Number(url.port || 80) === port;
}

/** What is asked for. Taken as it is: as a URL, `//x` would be a host. */
export function targetOf(request: IncomingMessage): { path: string; query: URLSearchParams } {
  const [path = '', query] = (request.url ?? '').split('?', 2);
  return { path, query: new URLSearchParams(query) };
}

/**
 * A request's JSON body.
 *
 * @throws {HttpError} 415 for another type, which also keeps other sites' forms out; 413 when it is
 * too long; 400 when it is not an object.
 */
export async function readJson(
  request: IncomingMessage,
): Promise<Readonly<Record<string, unknown>>> {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
    throw new HttpError(415, 'Cannot read the body: the content type must be application/json');
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES)
      throw new HttpError(413, `Cannot read over ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return parseObject(Buffer.concat(chunks).toString());
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Said below.
  }
  throw new HttpError(400, 'Cannot read the body: it must be a JSON object');
}

export function sendJson(response: ServerResponse, status: number, value: object): void {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}

/** Answers a WebSocket handshake with an HTTP status. */
export function refuseUpgrade(socket: Duplex, status: number): void {
  socket.on('error', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
    () => socket.destroy(),
  );
}
