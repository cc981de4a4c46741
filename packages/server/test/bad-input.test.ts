/** Peers that break the protocol, over real sockets: each gets a close with a code and a reason, and no more. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { client, eventually, proxyTo, serve } from './test-kit.js';

const SID = 'session-of-client-1';

const control = (fields: object): string => JSON.stringify(fields);
const hello = (n: number, fields: object = {}): string =>
  control({ jet: 1, sid: SID, ok: n > 1 ? 1 : 0, n, rx: 0, hi: 0, win: 256, ...fields });

/** What neither end may say to the other in the middle of a session, in which two messages went either way. */
const BROKEN: readonly (readonly [name: string, frame: string | Uint8Array])[] = [
  ['a number that leaves a hole', '4 "x"'],
  ['a number of zero', '0 "x"'],
  ['a negative number', '-3 "x"'],
  ['a fractional number', '3.5 "x"'],
  ['a number with a leading zero', '03 "x"'],
  ['a number in exponents', '3e0 "x"'],
  ['a number beyond 2^53', '9007199254740993 "x"'],
  ['a number of a thousand digits', `${'9'.repeat(1_000)} "x"`],
  ['a number of another kind', 'NaN "x"'],
  ['an acknowledgement beyond what was sent', ',3'],
  ['one that rides on a message', '3,3 "x"'],
  ['one beyond 2^53', ',9007199254740993'],
  ['one that is fractional', ',1.5'],
  ['one that is negative', ',-1'],
  ['a control frame that is unknown', '{"please":1}'],
  ['one that is no JSON', '{'],
  ['one that is too long', control({ skip: 9, pad: 'x'.repeat(8_192) })],
  ['a skip of a negative number', '{"skip":-1}'],
  ['a skip of a fraction', '{"skip":9.5}'],
  ['a skip beyond all numbers', '{"skip":1e400}'],
  ['a window that is none', '{"win":"x"}'],
  ['a window below zero', '{"win":-1}'],
  ['a bye that says too much', '{"bye":"","rx":9}'],
  ['a bye that is none', '{"bye":1,"rx":0}'],
  ['a move that is none', '{"move":-1}'],
  ['garbage', 'hello?'],
  ['no character at all', ''],
  ['a probe with a question', '?1'],
  ['bytes that end in a number', Uint8Array.of(0x80)],
  ['bytes of which a number has no end', new Uint8Array(64).fill(0xff)],
  ['a number in more bytes than it needs', Uint8Array.of(0x83, 0, 0, 1)],
  ['bytes that leave a hole', Uint8Array.of(9, 0, 1)],
  ['no bytes', Uint8Array.of()],
];

describe('a client that breaks the protocol', () => {
  it.each([
    ...BROKEN,
    ['a second hello', hello(2)],
    ['what a server says', control({ jet: 1, sid: SID, rx: 0, hi: 0, ttl: 1, win: 1 })],
  ] as const)('by %s is closed with 4400, and its session is kept', async (_name, frame) => {
    const server = await serve();
    const first = await open(server.url);
    first.socket.send(hello(1));
    const session = await server.session();
    const came: unknown[] = [];
    session.on('message', (message) => void came.push(message));
    for (const n of [1, 2]) {
      first.socket.send(`${n} ${n}`);
      session.send(n);
    }
    await eventually(() => [came, first.frames.at(-1)]).toEqual([[1, 2], expect.any(String)]);
    await eventually(() => first.frames.filter((one) => /^2\D/.test(one))).toHaveLength(1);
    const closed = once(first.socket, 'close');
    first.socket.send(frame);
    first.socket.send('3 "late"');
    const [code, reason] = (await closed) as [number, Buffer];
    expect(code).toBe(4400);
    expect(reason.length).toBeGreaterThan(0);
    expect(reason.length).toBeLessThanOrEqual(123);
    expect(server.errors).toHaveLength(1);
    expect(server.errors[0]).toMatch(/^PROTOCOL_ERROR: The client broke the protocol/);
    expect(server.errors[0]?.length).toBeLessThan(300);
    // As if nothing had been said: it goes on where it was.
    const second = await open(server.url);
    second.socket.send(hello(2, { rx: 2, hi: 2 }));
    await eventually(() => second.frames[0]).toMatch(/"rx":2,"hi":2/);
    second.socket.send('3 "again"');
    await eventually(() => came).toEqual([1, 2, 'again']);
    expect(server.told).toHaveLength(1);
  });
});

describe('a server that breaks the protocol', () => {
  it.each([
    ...BROKEN,
    ['a second welcome', control({ jet: 1, sid: SID, rx: 0, hi: 0, ttl: 1, win: 1 })],
    ['a word on another session', control({ gone: 'expired', sid: 'another-session-1', rx: 0 })],
    ['what a client says', hello(2)],
  ] as const)('by %s is closed with 4400, and given up the second time', async (_name, frame) => {
    const peers = await play((hi, socket) => {
      socket.send(control({ jet: 1, sid: hi.sid, rx: 0, hi: 2, ttl: 60, win: 256 }));
      for (const n of [1, 2]) if (n > hi.rx) socket.send(`${n} ${n}`);
      socket.send(frame);
    });
    const { socket, got, events } = client(peers.url);
    for (const n of [1, 2]) socket.send(n);
    await eventually(() => socket.state).toBe('failed');
    const errors = events.flatMap((event) => (event.type === 'error' ? [event] : []));
    expect(errors.map(({ code, fatal }) => [code, fatal])).toEqual([
      ['PROTOCOL_ERROR', false],
      ['PROTOCOL_ERROR', true],
    ]);
    for (const { message } of errors) expect(message.length).toBeLessThan(300);
    await eventually(() => peers.closed).toHaveLength(2);
    for (const { code, reason } of peers.closed) {
      expect(code).toBe(4400);
      expect(reason).not.toBe('');
    }
    expect(got).toEqual([1, 2]);
  });
});

describe('a session id that was stolen', () => {
  it('is worth nothing without the principal, while its client is there and when it is not', async () => {
    const server = await serve({ authenticate: ({ headers }) => String(headers['x-user']) });
    const proxy = await proxyTo(server.port);
    const ada = client(`ws://127.0.0.1:${proxy.port}`, { headers: { 'x-user': 'ada' } });
    const session = await server.session();
    await eventually(() => session.state).toBe('attached');
    const steal = async (n: number): Promise<void> => {
      const eve = await open(server.url, 'eve');
      eve.socket.send(hello(n, { sid: session.id, ok: 1 }));
      await eventually(() => eve.frames).toEqual([
        control({ gone: 'unknown', sid: session.id, rx: null }),
      ]);
      eve.socket.send('1 "of eve"');
      const [code] = (await once(eve.socket, 'close')) as [number];
      expect(code).toBe(4400);
    };
    const came: unknown[] = [];
    session.on('message', (message) => void came.push(message));
    await steal(1_000);
    session.send('a secret');
    await eventually(() => ada.got).toEqual(['a secret']);
    expect(await ada.socket.send('of ada').settled).toBe('acknowledged');
    expect(ada.names()).toEqual(['connected']);
    // As one that is away: its session waits for it, and for nobody else.
    await proxy.refuse(true);
    proxy.cut();
    await eventually(() => session.state).toBe('detached');
    for (const n of [2_000, 3_000]) await steal(n);
    await proxy.refuse(false);
    expect(await ada.socket.send('of ada again').settled).toBe('acknowledged');
    expect([came, server.told.length]).toEqual([['of ada', 'of ada again'], 1]);
  });
});

interface Peer {
  readonly socket: WebSocket;
  readonly frames: string[];
}

/** A client by hand. */
async function open(url: string, user: string = ''): Promise<Peer> {
  const socket = new WebSocket(url, 'jetsocket.v1', { headers: { 'x-user': user } });
  onTestFinished(() => socket.terminate());
  const frames: string[] = [];
  socket.on('message', (data: Buffer) => void frames.push(String(data)));
  await once(socket, 'open');
  return { socket, frames };
}

/** A server by hand, which is told of each hello. */
async function play(
  answer: (hello: { readonly sid: string; readonly rx: number }, socket: WebSocket) => void,
): Promise<{ readonly url: string; readonly closed: { code: number; reason: string }[] }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  const closed: { code: number; reason: string }[] = [];
  server.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => {
      const text = String(data);
      if (text.startsWith('{"jet"')) answer(JSON.parse(text) as never, socket);
    });
    socket.on('close', (code, reason) => void closed.push({ code, reason: String(reason) }));
  });
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, closed };
}
