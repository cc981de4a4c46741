/** Messages that one end may not read: both ends say what they take, and nothing is sent that the other one cannot take. */
import { webSocketTransport } from '@jetsocket/core';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createSessions, type Sessions } from '../src/index.js';
import { client, eventually, proxyTo, serve } from './test-kit.js';

/** Only what is handled is acknowledged. */
const handle = ({ sessions }: { readonly sessions: Sessions }): void => {
  sessions.on('session', (session) => session.on('message', () => undefined));
};

const LARGE = 'x'.repeat(20_000);
const tooLarge = expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' }) as Error;

/** Over the interface of the standard, which reads all that comes. */
const plainTransport = webSocketTransport({ constructorOf: () => WebSocket });

it.each([
  ['ws', undefined],
  ['a WebSocket of the standard', plainTransport],
])('refuses at the server what its client does not take, over %s', async (_, transport) => {
  const server = await serve();
  const { socket, got } = client(server.url, {
    maxMessageBytes: 1_000,
    ...(transport && { transport }),
  });
  await socket.opened;
  const session = await server.session();
  session.send('first');
  expect(() => session.send(LARGE)).toThrow(tooLarge);
  expect(() => session.send(LARGE)).toThrow('its client takes 1000');
  expect(() => session.send(LARGE, { volatile: true })).toThrow(tooLarge);
  // The quotes of JSON are two bytes of it.
  session.send('x'.repeat(998));
  await eventually(() => got.length).toBe(2);
});

it('refuses at the client what its server does not take, from the welcome on', async () => {
  const server = await serve({ maxMessageBytes: 1_000 });
  handle(server);
  const { socket } = client(server.url);
  await socket.opened;
  expect(() => socket.send(LARGE)).toThrow(tooLarge);
  expect(() => socket.send(LARGE)).toThrow('the server takes 1000');
  expect(await socket.send('x'.repeat(998)).settled).toBe('acknowledged');
});

it('takes out, by name, what waited for the first welcome and is too large for the server', async () => {
  const server = await serve({ maxMessageBytes: 1_000 });
  const got: unknown[] = [];
  server.sessions.on('session', (session) => {
    session.on('message', (message) => void got.push(message));
    session.on('gap', (gap) => void got.push(gap));
  });
  const { socket, events } = client(server.url);
  const [first, large, third] = [socket.send('first'), socket.send(LARGE), socket.send('third')];
  expect(await Promise.all([first, large, third].map(({ settled }) => settled))).toEqual([
    'acknowledged',
    'dropped',
    'acknowledged',
  ]);
  expect(got).toEqual(['first', 'third']);
  const errors = events.filter((event) => event.type === 'error');
  expect(errors.map(({ code, fatal }) => [code, fatal])).toEqual([['MESSAGE_TOO_LARGE', false]]);
  expect(errors[0]?.error).toMatchObject({ deliveries: [large] });
  expect(socket.stats().dropped.unserializable).toBe(1);
});

it('is begun however little both take', async () => {
  const server = await serve({ maxMessageBytes: 3 });
  handle(server);
  const { socket, got } = client(server.url, { maxMessageBytes: 3 });
  await socket.opened;
  expect(await socket.send(123).settled).toBe('acknowledged');
  expect(() => socket.send(1_234)).toThrow(tooLarge);
  (await server.session()).send(123);
  await eventually(() => got).toEqual([123]);
});

it('says what the WebSocketServer takes that it is attached to, where that is less', async () => {
  const sockets = new WebSocketServer({ host: '127.0.0.1', port: 0, maxPayload: 500 });
  await once(sockets, 'listening');
  const sessions = createSessions();
  sessions.attach(sockets);
  handle({ sessions });
  onTestFinished(async () => {
    await sessions.close();
    sockets.close();
  });
  const { socket } = client(`ws://127.0.0.1:${(sockets.address() as AddressInfo).port}`);
  await socket.opened;
  const most = 500 - 34;
  expect(() => socket.send('x'.repeat(most - 1))).toThrow(`the server takes ${most}`);
  expect(await socket.send('x'.repeat(most - 2)).settled).toBe('acknowledged');
});

it('does not lower for good what a server with another limit takes', async () => {
  const [small, large] = [await serve({ maxMessageBytes: 1_000 }), await serve()];
  handle(large);
  const proxy = await proxyTo(small.port);
  const { socket } = client(`ws://127.0.0.1:${proxy.port}`);
  await socket.opened;
  expect(() => socket.send(LARGE)).toThrow(tooLarge);
  proxy.retarget({ port: large.port });
  const again = reconnected(socket);
  proxy.cut();
  await again;
  expect(await socket.send(LARGE).settled).toBe('acknowledged');
});

const reconnected = (socket: ReturnType<typeof client>['socket']): Promise<unknown> =>
  new Promise((resolve) => socket.once('reconnected', resolve));

/** A server that says a hello's answer, and then these frames, whatever the client takes. */
async function rudeServer(frames: (n: number) => readonly string[]): Promise<string> {
  const sockets = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    handleProtocols: () => 'jetsocket.v1',
  });
  await once(sockets, 'listening');
  onTestFinished(() => void sockets.close());
  let n = 0;
  sockets.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      if (!text.includes('"jet"')) return;
      const { sid, rx } = JSON.parse(text) as { sid: string; rx: number };
      socket.send(JSON.stringify({ jet: 1, sid, rx: 0, hi: rx, ttl: 60, win: 16 }));
      for (const frame of frames(n++)) socket.send(frame);
    });
  });
  return `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}`;
}

it.each([
  ['ws', undefined],
  ['a WebSocket of the standard', plainTransport],
])(
  'ends in failure over %s, and acknowledges nothing, where a server sends it all the same',
  async (_, transport) => {
    const url = await rudeServer(() => ['1 "first"', `2 "${LARGE}"`, '3 "third"']);
    const { socket, got, events } = client(url, {
      maxMessageBytes: 1_000,
      ...(transport && { transport }),
    });
    await eventually(() => socket.state).toBe('failed');
    expect(got).toEqual(['first']);
    const errors = events.filter((event) => event.type === 'error');
    expect(errors).toMatchObject([{ code: 'MESSAGE_TOO_LARGE', fatal: true }]);
    expect(errors[0]?.error).toMatchObject({
      hint: expect.stringContaining('maxMessageBytes') as string,
    });
  },
);

it('tells at the server of a client that sends more than it takes', async () => {
  const server = await serve({ maxMessageBytes: 1_000 });
  const socket = new WebSocket(server.url, 'jetsocket.v1');
  await once(socket, 'open');
  socket.send(JSON.stringify({ jet: 1, sid: 'x'.repeat(16), ok: 0, n: 1, rx: 0, hi: 0, win: 16 }));
  await once(socket, 'message');
  const ended = once(socket, 'close');
  socket.send(`1 "${LARGE}"`);
  expect((await ended)[0]).toBe(1009);
  await eventually(() => server.errors).toHaveLength(1);
  expect(server.errors[0]).toMatch(/^MESSAGE_TOO_LARGE: .*maxMessageBytes is 1000/);
});
