/** Plants a secret in every place that takes one, lets everything go wrong, and greps all that is told of it. */
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { JetSocket, type NodeOptions } from '../src/index.js';
import { freePort, serve, serveHttp, serveTcp } from './test-kit.js';

const PLANTED = {
  user: 'planted-user',
  password: 'planted-password',
  query: 'planted-query',
  header: 'planted-header',
  cookie: 'planted-cookie',
  protocol: 'planted-subprotocol',
};

const options: NodeOptions = {
  headers: {
    authorization: `Bearer ${PLANTED.header}`,
    cookie: `sid=${PLANTED.cookie}; theme=dark`,
  },
  protocols: ['v1.example', PLANTED.protocol],
  backoff: { baseMs: 1, jitter: false, maxAttempts: 1 },
};

const planted = (url: string): string =>
  `${url.replace('//', `//${PLANTED.user}:${PLANTED.password}@`)}?token=${PLANTED.query}&room=1`;

/** What can be seen of a value, hidden fields and causes too. */
const seen = (value: unknown): string =>
  inspect(value, { depth: Infinity, showHidden: true, maxStringLength: Infinity });

/** Everything that a socket tells until it has failed; of addresses only `uri`, apart from the rest. */
async function tellAll(url: string, more: NodeOptions = {}) {
  const texts: string[] = [];
  const uris: string[] = [];
  const logger = {
    error: (details: object, message: string) => void texts.push(seen(details), message),
  };
  const socket = new JetSocket(planted(url), { ...options, logger, ...more });
  onTestFinished(() => socket.close());
  socket.on('*', (event) => {
    // The contract gives the address its query, and the server's reason as it was.
    const { uri, reason, ...rest } = event as { readonly uri?: string; readonly reason?: string };
    if (uri !== undefined) uris.push(uri);
    void reason;
    texts.push(seen(rest), JSON.stringify(rest));
  });
  socket.on('error', ({ error }) => {
    texts.push(String(error), error.stack ?? '', JSON.stringify(error));
    throw error; // A handler that fails is told to the logger.
  });
  const ended = new Promise((resolve) => socket.once('closed', resolve));
  socket.connect().catch((error: unknown) => texts.push(seen(error)));
  await ended;
  await socket.opened.catch((error: unknown) => texts.push(seen(error)));
  texts.push(seen(socket), JSON.stringify(socket));
  return { told: texts.join('\n'), uris };
}

const servers: readonly (readonly [name: string, url: () => Promise<string>])[] = [
  ['nobody listens', async () => `ws://127.0.0.1:${await freePort()}/ws`],
  ['there is no such host', () => Promise.resolve('ws://nobody.invalid/ws')],
  [
    'no TLS is spoken',
    async () => (await serveTcp((peer) => peer.end('no'))).replace('ws:', 'wss:'),
  ],
  ['no HTTP is spoken', () => serveTcp((peer) => peer.end('no'))],
  [
    'the handshake is refused with what it said',
    () =>
      serveHttp(({ url, headers }, response) => {
        response.writeHead(401, { 'x-echo': `${url} ${headers.authorization}` });
        response.end(`${url} ${headers.cookie}`);
      }),
  ],
  [
    'the connection is closed with what was said for a reason',
    async () => {
      const server = await serve();
      server.wss.on('connection', (peer, { url = '', headers }) => {
        peer.close(4401, `${url} ${headers.cookie} ${headers.authorization}`.slice(0, 123));
      });
      return server.url;
    },
  ],
  [
    'the server chooses a subprotocol that nobody offered',
    async () => (await serve({ handleProtocols: () => `${PLANTED.protocol}-not` })).url,
  ],
];

describe('secrets', () => {
  it.each(servers)('are told nowhere when %s', async (_name, url) => {
    const { told, uris } = await tellAll(await url());
    expect(told.length).toBeGreaterThan(500);
    for (const secret of Object.values(PLANTED)) expect(told).not.toContain(secret);
    expect(uris.length).toBeGreaterThan(0);
    for (const uri of uris) {
      expect(uri).toContain(PLANTED.query);
      for (const { user, password } of [PLANTED]) {
        expect(uri).not.toContain(user);
        expect(uri).not.toContain(password);
      }
    }
  });

  it('are told nowhere by a transport that throws all it knows', async () => {
    const { told } = await tellAll('ws://host/', {
      transport: {
        takesHeaders: true,
        open(request) {
          const cause = Object.assign(new TypeError(JSON.stringify(request)), { request });
          throw new Error(`Cannot open ${request.url}`, { cause });
        },
      },
    });
    expect(told).toContain('Cannot open ***');
    for (const secret of Object.values(PLANTED)) expect(told).not.toContain(secret);
  });

  // prettier-ignore
  it.each<readonly [name: string, url: unknown, given: object]>([
    ['an address that is none', `wss://${PLANTED.user}:${PLANTED.password}@host:99999/?token=${PLANTED.query}`, {}],
    ['an address without a scheme', `${PLANTED.user}:${PLANTED.password}@host`, {}],
    ['an address with a fragment', `wss://host/?token=${PLANTED.query}#token=${PLANTED.header}`, {}],
    ['a subprotocol that is none', 'ws://host/', { protocols: `${PLANTED.protocol}==` }],
    ['subprotocols that are none', 'ws://host/', { protocols: ['v1', `${PLANTED.protocol}==`] }],
    ['a header with a line break', 'ws://host/', { headers: { authorization: `${PLANTED.header}\n` } }],
    ['a header for its name', 'ws://host/', { headers: { [`authorization: ${PLANTED.header}`]: '' } }],
    ['headers as a text', 'ws://host/', { headers: `authorization: ${PLANTED.header}` }],
  ])('are told nowhere where %s is refused, by the constructor and from a function', async (_name, url, given) => {
    const make = (address: unknown, more: object): JetSocket => new JetSocket(address as string, { ...options, ...more });
    let thrown: unknown;
    try {
      make(url, given);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'INVALID_OPTION' });
    const functions = Object.fromEntries(Object.entries(given).map(([key, value]) => [key, () => value as unknown]));
    const socket = make(() => url, functions);
    onTestFinished(() => socket.close());
    const told = new Promise((resolve) => socket.once('error', resolve));
    void socket.connect();
    const texts = seen(thrown) + seen(await told);
    expect(texts).toContain('Cannot use option');
    for (const secret of Object.values(PLANTED)) expect(texts).not.toContain(secret);
  });
});
