/** What is wrong with a call is said at once, by name. */
import { createServer, type IncomingMessage, request } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import {
  createSessions,
  memoryLog,
  type Session,
  type Sessions,
  type SessionsOptions,
} from '../src/index.js';
import { redisLog } from '../src/redis-log.js';
import { bench } from './edge-kit.js';
import { client, eventually, serve, type TestServer } from './test-kit.js';

const never = (value: unknown): never => value as never;
const none = (): void => undefined;

it.each<[name: string, call: (sessions: Sessions, session: Session) => unknown, says: string]>([
  [
    'an event that there is not',
    (sessions) => sessions.on(never('connection'), () => 1),
    "'connection': there is no such event; there are session, error",
  ],
  [
    'no handler',
    (sessions) => sessions.on('session', never(undefined)),
    'handler: it got undefined, and takes a function',
  ],
  [
    'one of a session that there is not',
    (_, session) => session.on(never('mesage'), () => 1),
    "'mesage': there is no such event; there are message, attached",
  ],
  [
    'no handler of a session',
    (_, session) => session.on('message', never(null)),
    'handler: it got null',
  ],
  [
    'an option of send that there is not',
    (_, session) => session.send(1, never({ volatil: true })),
    'volatil: there is no such option; send takes volatile',
  ],
  [
    'a reason that is no text',
    (_, session) => session.close(never(4)),
    'reason: it got 4, and takes a text',
  ],
  [
    'an option of close that there is not',
    (sessions) => sessions.close(never({ timeout: 5 })),
    'timeout: there is no such option; close takes timeoutMs',
  ],
  [
    'no server',
    (sessions) => sessions.attach(never(undefined)),
    'server: it got undefined, and takes a WebSocketServer of ws',
  ],
  ['a port for one', (sessions) => sessions.attach(never(8080)), 'server: it got 8080'],
  [
    'no options of a log',
    () => redisLog(never(undefined)),
    'redisLog: it got undefined, and takes an object',
  ],
  [
    'an option of a log that there is not',
    () => redisLog(never({ clint: 1 })),
    'clint: there is no such option; redisLog takes client',
  ],
])('refuses %s', async (_, call, says) => {
  const { server, sessions } = await bench();
  const [session] = sessions;
  if (session === undefined) throw new Error('There is no session');
  expect(() => call(server, session)).toThrow(
    expect.objectContaining({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(says) as string,
    }),
  );
});

it('close() with a wrong reason leaves the session as it was', async () => {
  const { clock, sessions, socket } = await bench();
  expect(() => sessions[0]?.close(never({}))).toThrow();
  let isClosed = false;
  void sessions[0]?.close('done').then(() => void (isClosed = true));
  await clock.advance(500);
  expect([isClosed, sessions[0]?.state]).toEqual([true, 'ended']);
  void socket.close();
});

it.each([{ timeout: 5 }, { timeoutMs: NaN }, { handoverMs: 'soon' }, null])(
  'drain(%o) rejects, and drains nothing',
  async (options) => {
    const { server, sessions } = await bench();
    await expect(server.drain(never(options))).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    expect(sessions[0]?.state).toBe('attached');
  },
);

it('says to whoever looks why an upgrade without the subprotocol is refused', async () => {
  const sessions = createSessions();
  const http = createServer();
  http.on('upgrade', (...upgrade) => {
    sessions.handleUpgrade(...upgrade);
  });
  await once(http.listen(0, '127.0.0.1'), 'listening');
  const { port } = http.address() as AddressInfo;
  const headers = { connection: 'Upgrade', upgrade: 'websocket' };
  const asked = request({ host: '127.0.0.1', port, headers }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let body = '';
  for await (const part of response) body += String(part);
  expect(response.statusCode).toBe(400);
  expect(body).toContain("jetsocket.v1 alone: in JetSocket, replay: { mode: 'session' }");
  http.close();
  await sessions.close();
});

it.each([undefined, null, {}, { send: none, close: none }])(
  'connect(%o) is refused at once, and not by a timer',
  (socket) => {
    const sessions = createSessions();
    expect(() => sessions.connect(never(socket))).toThrow(
      'an object with send(), close(), terminate()',
    );
    void sessions.close();
  },
);

it('says of which session a handler of `session` failed', async () => {
  const server = await serve();
  const told: unknown[] = [];
  server.sessions.on('error', ({ code }, session) => void told.push([code, session]));
  server.sessions.on('session', () => {
    throw new Error('a bug');
  });
  client(server.url);
  await eventually(() => told).toEqual([['HANDLER_FAILED', await server.session()]]);
});

it.each([false, true])('a log whose claim() answers nothing is told, later: %s', async (later) => {
  const nothing = never(undefined);
  const server = await serve({
    log: (...given) =>
      Object.assign(memoryLog()(...given), {
        claim: () => (later ? Promise.resolve(nothing) : nothing),
      }),
    maxSessions: 1,
  });
  for (const n of [1, 2]) {
    const { socket, names } = client(server.url, { reconnect: false });
    await socket.opened.catch(() => undefined);
    // A claim that came to nothing keeps no place.
    await eventually(() => server.errors.length).toBe(n);
    await eventually(names).toContain('closed');
  }
  expect(server.errors.join()).toMatch(/^LOG_FAILED: .*LOG_FAILED: /);
});

it('writes what nobody listens for to the console, once for each code, and nothing with a logger', async () => {
  const written = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const lines: string[] = [];
  const failing = async (options: SessionsOptions): Promise<TestServer> => {
    const server = await serve(options, false);
    server.sessions.on('session', (session) => {
      session.on('message', () => {
        throw new Error('a bug');
      });
    });
    return server;
  };
  const servers = [
    await failing({}),
    await failing({ logger: { error: (_, message) => void lines.push(message) } }),
  ];
  for (const { url } of servers) {
    const { socket } = client(url);
    await Promise.all([1, 2].map((n) => socket.send(n).settled));
  }
  expect(written.mock.calls.map(([, error]) => String(error))).toEqual([
    expect.stringContaining("A handler of 'message' failed: a bug"),
  ]);
  expect(lines).toHaveLength(2);
  written.mockRestore();
});

it('tells of an upgrade that somebody else has answered', async () => {
  const sessions = createSessions();
  const errors: unknown[] = [];
  sessions.on('error', ({ code, hint }) => void errors.push([code, hint]));
  const http = createServer();
  const other = new WebSocketServer({ server: http });
  http.on('upgrade', (...upgrade) => {
    sessions.handleUpgrade(...upgrade);
  });
  await once(http.listen(0, '127.0.0.1'), 'listening');
  const socket = new WebSocket(
    `ws://127.0.0.1:${(http.address() as AddressInfo).port}`,
    'jetsocket.v1',
  );
  await once(socket, 'open');
  await eventually(() => errors).toEqual([
    ['INVALID_OPTION', expect.stringContaining('let one listener of `upgrade` answer')],
  ]);
  socket.terminate();
  other.close();
  http.close();
  await sessions.close();
});
