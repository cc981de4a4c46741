/** Clients that mean no good: each is held to what it may cost. */
import { once } from 'node:events';
import { FakeClock } from '@jetsocket/testing';
import { connect as connectTcp, type Socket as TcpSocket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import {
  type Connection,
  createSessions,
  memoryLog,
  type Session,
  type Sessions,
  type SessionsOptions,
  type Socket,
} from '../src/index.js';
import { serve } from './test-kit.js';
import { inside } from './inside.js';

const SID = 'session-of-client-1';
const none = (): void => undefined;

const hello = (n: number, fields: object = {}): string =>
  JSON.stringify({ jet: 1, sid: SID, ok: 0, n, rx: 0, hi: 0, win: 256, ...fields });

interface Peer {
  readonly server: Sessions;
  readonly connection: Connection;
  readonly session: Session;
  readonly frames: string[];
  readonly closed: { code: number; reason: string }[];
  /** What waits in the socket, as a client makes it that does not read. */
  waiting: number;
  isPaused: boolean;
  readonly clock: FakeClock;
}

/** A socket that remembers with what it was closed. */
function recorder(): { socket: Socket; closed: { code: number; reason: string }[] } {
  const closed: { code: number; reason: string }[] = [];
  const close = (code: number, reason: string): void => void closed.push({ code, reason });
  return { socket: { send: none, close, terminate: none, bufferedBytes: 0 }, closed };
}

/** A client by hand, welcomed. */
function peer(options: SessionsOptions = {}): Peer {
  const clock = new FakeClock();
  const server = createSessions({ clock, ...options });
  const frames: string[] = [];
  const closed: { code: number; reason: string }[] = [];
  const socket: Socket = {
    send: (data) => void frames.push(String(data)),
    close: (code, reason) => void closed.push({ code, reason }),
    terminate: none,
    pause: () => void (made.isPaused = true),
    resume: () => void (made.isPaused = false),
    get bufferedBytes() {
      return made.waiting;
    },
  };
  const connection = server.connect(socket, '');
  const made = { frames, closed, waiting: 0, isPaused: false, clock } as unknown as Peer;
  connection.receive(hello(1));
  const session = server.get(SID);
  if (session === undefined) throw new Error('There is no session');
  onTestFinished(() => server.close());
  return Object.assign(made, { server, connection, session });
}

describe('a client that sends more than is handled', () => {
  it('has what has no number dropped, as soon as a window of messages waits', async () => {
    const { connection, session } = peer({ window: 8 });
    const seen: unknown[] = [];
    let finish = none;
    session.on('message', (message) => {
      seen.push(message);
      if (seen.length > 1) return undefined;
      return new Promise<void>((resolve) => (finish = resolve));
    });
    connection.receive('1 "busy"');
    for (let n = 0; n < 1_000; n++) connection.receive(' "typing"');
    connection.receive('2 "after"');
    finish();
    await vi.waitFor(() => expect(seen.at(-1)).toBe('after'));
    expect(seen).toHaveLength(10);
  });

  it('tells one gap, however many skips it is told in', async () => {
    const { connection, session } = peer({ window: 8 });
    const gaps: unknown[] = [];
    let finish = none;
    session.on('gap', (gap) => void gaps.push(gap));
    session.on('message', () => new Promise<void>((resolve) => (finish = resolve)));
    connection.receive('1 "busy"');
    for (let to = 2; to <= 1_000; to++) connection.receive(`{"skip":${to}}`);
    finish();
    await vi.waitFor(() => expect(gaps).toEqual([{ from: 2, to: 1_000 }]));
    connection.receive('?');
    await vi.waitFor(() => expect(session.snapshot).toMatchObject({ handled: 1_000 }));
  });

  it('is not read from, while more bytes wait for the handlers than may', async () => {
    const client = peer({ buffer: { maxBytes: 1_000 } });
    const { connection, session } = client;
    const finish: (() => void)[] = [];
    session.on('message', () => new Promise<void>((resolve) => finish.push(resolve)));
    for (let n = 1; n <= 4; n++) connection.receive(`${n} "${'x'.repeat(400)}"`);
    expect(client.isPaused).toBe(true);
    // Whom we do not read from cannot show that it lives.
    await client.clock.advance(200_000);
    expect(session.state).toBe('attached');
    for (let n = 0; n < 3; n++) {
      await vi.waitFor(() => expect(finish).toHaveLength(n + 1));
      finish[n]?.();
    }
    await vi.waitFor(() => expect(client.isPaused).toBe(false));
  });
});

describe('a client that does not read', () => {
  it('is answered once it does, and once for all that it asked', async () => {
    const client = peer();
    client.session.on('message', none);
    client.waiting = 2 ** 21;
    const before = client.frames.length;
    for (let n = 1; n <= 500; n++) {
      client.connection.receive('?');
      client.connection.receive(`${n} ${n}`);
    }
    expect(client.frames.length).toBe(before);
    client.waiting = 0;
    await client.clock.advance(100);
    expect(client.frames.slice(before)).toEqual([',500']);
  });
});

describe('a client that acknowledges what it was never sent', () => {
  it('breaks the protocol, though the number was given already', () => {
    const { connection, session, frames, closed } = peer();
    connection.receive('{"win":2}');
    for (let n = 1; n <= 5; n++) session.send(n);
    expect(frames.slice(1)).toEqual(['1 1', '2 2']);
    connection.receive(',4');
    expect(closed).toMatchObject([{ code: 4400 }]);
    expect(session.buffered).toBe(5);
  });

  it('may acknowledge late what an earlier socket was given', () => {
    const { server, session, frames } = peer();
    for (let n = 1; n <= 5; n++) session.send(n);
    expect(frames.at(-1)).toBe('5 5');
    const { socket, closed } = recorder();
    const connection = server.connect(socket, '');
    connection.receive(hello(2, { ok: 1, win: 1 }));
    connection.receive(',5');
    expect(closed).toEqual([]);
    expect(session.buffered).toBe(0);
  });
});

describe('many clients', () => {
  it('are no more than maxSessions, however slowly the log answers', async () => {
    const inner = memoryLog();
    const server = createSessions({
      maxSessions: 3,
      log: (limits, now) => {
        const log = inner(limits, now);
        const later = <Value>(value: Value): Promise<Value> => Promise.resolve(value);
        return {
          claim: async (claim) => later(await log.claim(claim)),
          write: async (sid, n, change) => later(await log.write(sid, n, change)),
          end: (sid, n, why, rx) => log.end(sid, n, why, rx),
          renew: (sids) => log.renew(sids),
          close: () => log.close(),
        };
      },
    });
    onTestFinished(() => server.close());
    const codes: number[] = [];
    for (let index = 0; index < 20; index++) {
      const socket: Socket = {
        send: none,
        close: (code) => void codes.push(code),
        terminate: none,
        bufferedBytes: 0,
      };
      server.connect(socket, '').receive(hello(1, { sid: `${SID}-${index}` }));
    }
    await vi.waitFor(() => expect(server.size).toBe(3));
    expect(codes).toEqual(Array.from({ length: 17 }, () => 1013));
  });
});

describe('a socket without a session', () => {
  it('is closed in time, also when its session ended', async () => {
    const { connection, session, closed, clock } = peer({ helloTimeoutMs: 1_000 });
    await clock.advance(5_000);
    connection.receive('{"bye":"","rx":0}');
    expect(session.state).toBe('ended');
    expect(closed).toEqual([]);
    await clock.advance(1_000);
    expect(closed).toEqual([{ code: 4408, reason: 'no hello' }]);
  });

  it('leaves no timer behind', async () => {
    const clock = new FakeClock();
    const server = createSessions({ clock });
    const socket: Socket = { send: none, close: none, terminate: none, bufferedBytes: 0 };
    server.connect(socket, '').closed();
    server.connect(socket, '').receive(hello(1));
    await server.close();
    expect(clock.pendingCount).toBe(0);
  });

  it('is read no further than a hello can be long', { timeout: 30_000 }, async () => {
    const server = await serve();
    const tcp = connectTcp(server.port, '127.0.0.1');
    onTestFinished(() => void tcp.destroy());
    await once(tcp, 'connect');
    const lines = [
      'GET / HTTP/1.1',
      'Host: localhost',
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      'Sec-WebSocket-Protocol: jetsocket.v1',
    ];
    tcp.write(`${lines.join('\r\n')}\r\n\r\n`);
    await once(tcp, 'data');
    // A masked text frame of 64 MiB, of which 8 are sent: the server must not wait for the rest.
    tcp.write(Buffer.from([0x81, 0xff, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0]));
    const answer = once(tcp, 'data');
    for (let count = 0; count < 128; count++) tcp.write(Buffer.alloc(65_536, 123));
    const [frame] = (await answer) as [Buffer];
    expect(frame[0]).toBe(0x88);
    expect(frame.readUInt16BE(2)).toBe(4400);
    expect(frame.subarray(4).toString()).toBe('expected a hello');
  });

  it('may come with a large message right behind its hello', { timeout: 30_000 }, async () => {
    const server = await serve();
    const socket = new WebSocket(server.url, 'jetsocket.v1');
    onTestFinished(() => socket.terminate());
    await once(socket, 'open');
    socket.send(hello(1));
    await once(socket, 'message');
    const session = await server.session();
    const lengths: number[] = [];
    session.on('message', (message) => void lengths.push(String(message).length));
    socket.send(`1 "${'x'.repeat(1_000_000)}"`);
    await expect.poll(() => lengths).toEqual([1_000_000]);
  });
});

describe('an upgrade request that is not taken', () => {
  const REQUEST = [
    'GET / HTTP/1.1',
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==',
    'Sec-WebSocket-Protocol: jetsocket.v1',
    '\r\n',
  ].join('\r\n');

  /** Asks by hand, and never closes its own half. */
  function upgrade(port: number): {
    readonly tcp: TcpSocket;
    readonly said: () => string;
    readonly ended: Promise<unknown>;
  } {
    const tcp = connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true });
    onTestFinished(() => void tcp.destroy());
    let text = '';
    tcp.on('data', (data: Buffer) => (text += String(data)));
    tcp.on('error', none);
    tcp.write(REQUEST);
    return { tcp, said: () => text, ended: once(tcp, 'end') };
  }

  it('because authenticate does not answer: 503 after helloTimeoutMs, and too late is too late', async () => {
    let answer: (name: string) => void = none;
    const asked = vi.fn();
    const clock = new FakeClock();
    const server = await serve({
      clock,
      authenticate: () => {
        asked();
        return new Promise<string>((resolve) => {
          answer = resolve;
        });
      },
    });
    const { said, ended } = upgrade(server.port);
    await expect.poll(() => asked.mock.calls.length).toBe(1);
    await clock.advance(9_999);
    expect(said()).toBe('');
    await clock.advance(1);
    await ended;
    expect(said()).toMatch(/^HTTP\/1\.1 503 /);
    answer('ada');
    // Another one goes its way on the same server, after whatever the late answer did.
    const second = upgrade(server.port);
    await expect.poll(() => asked.mock.calls.length).toBe(2);
    answer('ada');
    await expect.poll(second.said).toMatch(/^HTTP\/1\.1 101 /);
    expect(said()).not.toContain('101');
  });

  it.each<readonly [said: string, answer: () => unknown, status: number]>([
    ['throws', () => fail(), 503],
    ['rejects', () => Promise.reject(new Error('no database')), 503],
    ['says yes, and not who it is', () => true, 503],
    ['gives an object', () => ({ id: 7 }), 503],
    ['says no', () => false, 401],
    ['gives an empty name', () => '', 401],
  ])('because authenticate %s', async (_said, answer, status) => {
    const server = await serve({ authenticate: answer as () => string });
    const { said, ended } = upgrade(server.port);
    await ended;
    expect(said().slice(0, 12)).toBe(`HTTP/1.1 ${status}`);
    const told = status === 503 ? [expect.stringMatching(/^PROVIDER_FAILED: .*authenticate/)] : [];
    expect(server.errors).toEqual(told);
  });

  it('leaves no socket behind, though the client does not let go of its half', async () => {
    const server = await serve({ authenticate: () => undefined });
    const { tcp, said, ended } = upgrade(server.port);
    await ended;
    expect(said()).toMatch(/^HTTP\/1\.1 401 /);
    // What is written now is answered by a reset, as nobody is there any more.
    const reset = once(tcp, 'error');
    const timer = setInterval(() => tcp.write('still here'), 10);
    onTestFinished(() => {
      clearInterval(timer);
    });
    const [error] = (await reset) as [NodeJS.ErrnoException];
    expect(error.code).toMatch(/^(EPIPE|ECONNRESET)$/);
  });
});

function fail(): never {
  throw new Error('no database');
}

describe('a client that does not read while its server is about to stop', () => {
  it('is told to wait, and to move, as soon as there is room', async () => {
    const client = peer();
    client.session.on('message', none);
    client.waiting = 2 ** 21;
    const before = client.frames.length;
    await inside(client.session).handOver();
    await client.clock.advance(1_000);
    expect(client.frames.length).toBe(before);
    client.waiting = 0;
    await client.clock.advance(100);
    expect(client.frames.slice(before)).toEqual(['{"win":0}', '{"move":0}']);
    // Once: an answer that is owed beside them does not bring them again.
    client.waiting = 2 ** 21;
    client.connection.receive('?');
    client.waiting = 0;
    await client.clock.advance(100);
    expect(client.frames.slice(before + 2)).toEqual([',0']);
  });

  it('is not told what was meant for the socket before', async () => {
    const client = peer();
    client.waiting = 2 ** 21;
    await inside(client.session).handOver();
    const frames: string[] = [];
    const socket = {
      ...recorder().socket,
      send: (data: unknown) => void frames.push(String(data)),
    };
    client.server.connect(socket, '').receive(hello(2, { ok: 1 }));
    await client.clock.advance(1_000);
    expect(frames).toHaveLength(1);
    expect(frames[0]).toContain('"ttl"');
  });
});
