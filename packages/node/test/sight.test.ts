/** Plants a token in every place that takes one, and greps all that stats(), record() and a talkative logger tell. */
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { JetSocket, type Logger, type NodeOptions } from '../src/index.js';
import { serve, serveHttp } from './test-kit.js';

const PLANTED = {
  user: 'planted-user',
  password: 'planted-password',
  query: 'planted-query',
  header: 'planted-header',
  cookie: 'planted-cookie',
  protocol: 'planted-subprotocol',
  message: 'planted-message',
};

/** What can be seen of a value, hidden fields and causes too. */
const seen = (value: unknown): string =>
  inspect(value, { depth: Infinity, showHidden: true, maxStringLength: Infinity });

interface Watched {
  readonly socket: JetSocket;
  /** All that was told so far, but for events: of those, errors and their texts. */
  readonly told: () => string;
  readonly levels: Set<string>;
  readonly until: (name: 'connected' | 'reconnected' | 'closed' | 'message') => Promise<unknown>;
}

/** A socket whose credentials are fresh for every attempt. */
function watch(url: string, more: NodeOptions = {}): Watched {
  const texts: string[] = [];
  const levels = new Set<string>();
  const at = (level: string) => (details: object, message: string) => {
    levels.add(level);
    texts.push(seen(details), JSON.stringify(details), message);
  };
  const logger: Logger = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  };
  const address = `${url.replace('//', `//${PLANTED.user}:${PLANTED.password}@`)}?token=${PLANTED.query}`;
  const socket = new JetSocket(() => Promise.resolve(address), {
    headers: () => ({
      authorization: `Bearer ${PLANTED.header}`,
      cookie: `sid=${PLANTED.cookie}; theme=dark`,
    }),
    protocols: () => ['v1.example', PLANTED.protocol],
    backoff: { baseMs: 1, jitter: false, maxAttempts: 1 },
    logger,
    ...more,
  });
  onTestFinished(() => socket.close());
  socket.on('error', ({ error, message }) => {
    texts.push(message, String(error), error.stack ?? '', JSON.stringify(error), seen(error));
  });
  const told = (): string => {
    const [stats, record] = [socket.stats(), socket.record()];
    return [
      ...texts,
      seen(stats),
      JSON.stringify(stats),
      seen(record),
      JSON.stringify(record),
    ].join('\n');
  };
  const until: Watched['until'] = (name) =>
    new Promise((resolve) => socket.once(name, () => resolve(undefined)));
  return { socket, told, levels, until };
}

function expectNoSecret(told: string): void {
  expect(told.length).toBeGreaterThan(2_000);
  for (const secret of Object.values(PLANTED)) expect(told).not.toContain(secret);
}

describe('stats(), record(), the logger and errors tell no secret', () => {
  it('of a connection that works, is cut, comes back, and is refused with an echo of all', async () => {
    const server = await serve();
    const { socket, told, levels, until } = watch(server.url);
    server.wss.on('connection', (peer) => {
      peer.on('message', (data) => {
        peer.send(data, { binary: false });
      });
    });
    const connected = until('connected');
    void socket.connect();
    await connected;
    socket.send({ password: PLANTED.message });
    await until('message');
    const back = until('reconnected');
    (await server.peer(0)).terminate();
    await back;
    const ended = until('closed');
    const peer = await server.peer(1);
    // Twice, as after the first refusal the credentials are asked for anew.
    const refuse = (one: typeof peer): void =>
      one.close(4401, [PLANTED.query, PLANTED.cookie, PLANTED.header, PLANTED.password].join(' '));
    server.wss.on('connection', refuse);
    refuse(peer);
    await ended;
    expect(socket.state).toBe('failed');
    expect(socket.record().uri).toBe(`${server.url}?token=***`);
    expect(socket.record().transitions.length).toBeGreaterThan(6);
    expect([...levels].sort()).toEqual(['debug', 'error', 'info', 'warn']);
    expectNoSecret(told());
  });

  it('of a handshake that is refused with an echo of all', async () => {
    const url = await serveHttp(({ url: path, headers }, response) => {
      response.writeHead(401, { 'x-echo': `${path} ${headers.authorization}` });
      response.end(`${path} ${headers.cookie} ${headers['sec-websocket-protocol']}`);
    });
    const { socket, told, until } = watch(url);
    const ended = until('closed');
    void socket.connect();
    await ended;
    expectNoSecret(told());
  });

  it('of functions that fail, and say what they and the others know', async () => {
    const server = await serve();
    const service = {
      url: `https://${PLANTED.user}:${PLANTED.password}@auth.example/token?client=${PLANTED.query}`,
      headers: { authorization: `Bearer ${PLANTED.header}`, cookie: `sid=${PLANTED.cookie}` },
    };
    let asked = 0;
    const { socket, told, until } = watch(server.url, {
      headers: async ({ attempt }) => {
        asked++;
        if (attempt === 0) return service.headers;
        // What the first attempt was given, what the URL is now, and the service's own.
        const known = [PLANTED.header, PLANTED.protocol, PLANTED.cookie, PLANTED.query].join(' ');
        const cause = Object.assign(new Error(`GET ${service.url} answered 500`), service);
        await Promise.resolve();
        throw new Error(`Cannot renew ${known}: ${JSON.stringify(service)}`, { cause });
      },
    });
    const connected = until('connected');
    void socket.connect();
    await connected;
    const ended = until('closed');
    (await server.peer(0)).terminate();
    await ended;
    expect([asked, socket.state]).toEqual([2, 'failed']);
    expect(told()).toContain('Cannot renew *** *** *** ***');
    expectNoSecret(told());
  });
});
