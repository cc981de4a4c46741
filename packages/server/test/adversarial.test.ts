/** Over real sockets that are cut all the while: messages that look like the protocol, and bounds of one. */
import type { Codec, NodeOptions } from '@jetsocket/node';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { Session, SessionsOptions } from '../src/index.js';
import {
  client,
  eventually,
  numbers,
  proxyTo,
  serve,
  type TestClient,
  type TestServer,
} from './test-kit.js';
import { inside } from './inside.js';

/** Neither text nor bytes are touched: whatever is sent is the payload of a frame. */
const raw: Codec<unknown, unknown> & SessionsOptions['codec'] = {
  encode: (message: unknown) => message as string | Uint8Array,
  // A copy: the array that comes is a view on a chunk that is used again.
  decode: (data) => (typeof data === 'string' ? data : Uint8Array.from(data)),
};

interface Ends {
  readonly server: TestServer;
  readonly session: Session<unknown, unknown>;
  readonly made: TestClient;
  readonly came: unknown[];
  /** Cuts the connection once the server has got something more, and waits for the next one. */
  readonly cut: () => Promise<void>;
}

async function ends(options: NodeOptions, serverOptions: SessionsOptions): Promise<Ends> {
  const server = await serve(serverOptions);
  const proxy = await proxyTo(server.port);
  const made = client(`ws://127.0.0.1:${proxy.port}`, options);
  await made.socket.opened;
  const session = await server.session();
  const came: unknown[] = [];
  // What is taken in and not handled yet when the connection is cut comes again.
  session.on('message', async (message) => {
    await setTimeout(2);
    came.push(message);
  });
  const cut = async (): Promise<void> => {
    // Not before some of what was sent is there, and its handlers are busy.
    const { accepted } = inside(session);
    await eventually(() => inside(session).accepted, { interval: 1 }).toBeGreaterThan(accepted);
    const back = new Promise((resolve) => made.socket.once('reconnected', resolve));
    proxy.cut();
    await back;
  };
  return { server, session, made, came, cut };
}

/** All of them, both ways, each more than once, and cut in between: once each, in order, as they were. */
async function carry(
  messages: readonly unknown[],
  options: NodeOptions,
  serverOptions: SessionsOptions = {},
): Promise<void> {
  const { server, session, made, came, cut } = await ends(
    { codec: raw, buffer: { capacity: 10_000 }, ...options },
    { codec: raw, ...serverOptions },
  );
  const expected: unknown[] = [];
  for (let round = 0; round < 4; round++) {
    for (const [index, message] of messages.entries()) {
      made.socket.send(message);
      session.send(message);
      expected.push(message);
      if (index === messages.length >> 1) await cut();
    }
  }
  await eventually(() => came.length).toBe(expected.length);
  await eventually(() => made.got.length).toBe(expected.length);
  expect(came).toEqual(expected);
  expect(made.got).toEqual(expected);
  await eventually(() => session.buffered).toBe(0);
  await eventually(() => made.socket.stats().buffered.messages).toBe(0);
  expect(made.names().filter((name) => name === 'gap' || name === 'error PROTOCOL_ERROR')).toEqual(
    [],
  );
  expect([server.errors, server.told.length]).toEqual([[], 1]);
}

const LOOKALIKES = [
  '?',
  '??',
  ',',
  ',0',
  ',5',
  ',5 x',
  '{',
  '{}',
  '',
  ' ',
  '1',
  '1 x',
  '1,1 x',
  '9007199254740993 x',
  '{"skip":9007199254740991}',
  '{"win":0}',
  '{"bye":"","rx":0}',
  '{"move":0}',
  '{"gone":"expired","sid":"session-of-client-1","rx":0}',
  '{"jet":1,"sid":"session-of-client-1","ok":0,"n":99,"rx":0,"hi":0,"win":1}',
  '{"jet":1,"sid":"session-of-client-1","rx":0,"hi":0,"ttl":60,"win":0}',
  '\u0000',
  '\r\n\r\n',
  '\u{1f680} é',
];

const BYTES = [
  Uint8Array.of(),
  Uint8Array.of(0),
  Uint8Array.of(0, 0),
  Uint8Array.of(0x80),
  Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80),
  Uint8Array.of(1, 0),
  new TextEncoder().encode('?'),
  new TextEncoder().encode('{"skip":9}'),
  Uint8Array.from({ length: 300 }, (_, index) => index % 256),
];

/** Of either kind in turn. */
const mixed = LOOKALIKES.flatMap((text, index) => [text, BYTES[index % BYTES.length] ?? text]);

describe('messages come once, in order and as they were, over connections that are cut', () => {
  it.each([
    ['texts that look like frames', LOOKALIKES],
    ['bytes that look like frames', BYTES],
    ['texts and bytes mixed', mixed],
    // Numbers of one byte, of two, and of three digits: heads of every length in between.
    ['more than a byte can number', numbers(300).map((n) => (n % 2 ? `${n}` : BYTES[n % 9]))],
  ])('%s', { timeout: 60_000 }, (_name, messages) => carry(messages, {}));

  it.each([
    ['of the client', { replay: { mode: 'session', window: 1 } }, {}],
    ['of the server', {}, { window: 1 }],
    ['of both', { replay: { mode: 'session', window: 1 } }, { window: 1 }],
  ] satisfies [string, NodeOptions, SessionsOptions][])(
    'a window of 1 %s',
    { timeout: 60_000 },
    (_name, options, serverOptions) => carry(mixed, options, serverOptions),
  );
});

describe('a buffer of one message', () => {
  const buffer = { capacity: 1 } as const;

  it('carries one message after the other, each once', { timeout: 60_000 }, async () => {
    // Each is acknowledged at once.
    const window = 4;
    const { session, made, came, cut } = await ends(
      { buffer, replay: { mode: 'session', window } },
      { buffer, window },
    );
    for (const n of numbers(60)) {
      const up = made.socket.send(n);
      const down = session.send(n);
      if (n % 15 === 0) await cut();
      expect([await up.settled, await down.settled]).toEqual(['acknowledged', 'acknowledged']);
    }
    expect(came).toEqual(numbers(60));
    await eventually(() => made.got).toEqual(numbers(60));
    expect(made.names()).not.toContain('gap');
  });

  it('names all that it had no room for, and nothing else', { timeout: 60_000 }, async () => {
    const { session, made, came, cut } = await ends({ buffer }, { buffer });
    const missing: number[] = [];
    session.on('gap', ({ from, to }) => {
      for (let seq = from; seq <= to; seq++) missing.push(seq);
    });
    const ups = numbers(200).map((n) => {
      session.send(n);
      return made.socket.send(n);
    });
    await cut();
    for (const n of numbers(20)) {
      session.send(200 + n);
      ups.push(made.socket.send(200 + n));
    }
    await eventually(() => [session.buffered, made.socket.stats().buffered.messages]).toEqual([
      0, 0,
    ]);
    await eventually(() => made.got.at(-1)).toBe(220);
    await eventually(() => came.at(-1)).toBe(220);
    const named = made.events.flatMap((event) =>
      event.type === 'gap' ? range(Number(event.from), Number(event.to)) : [],
    );
    // The server numbers what it sends from 1 on, and these are their own numbers.
    expect([...(made.got as number[]), ...named].sort((a, b) => a - b)).toEqual(numbers(220));
    const told = made.events.reduce(
      (sum, event) => sum + (event.type === 'buffer_overflow' ? event.dropped_count : 0),
      0,
    );
    await eventually(() => made.socket.stats().dropped.overflow).toBe(told);
    const kept = ups.filter(({ status }) => status === 'acknowledged').length;
    expect(kept + told).toBe(220);
    // One that was sent may arrive, though there was no room to keep it: it is told as dropped all the same.
    expect(came.length).toBeGreaterThanOrEqual(kept);
    expect(came).toEqual([...new Set(came as number[])].sort((a, b) => a - b));
    expect(missing.length).toBeLessThanOrEqual(told);
  });
});

describe('two tabs with one session', () => {
  it('the later one, with a copy, is refused, and begins its own: each keeps what is its', async () => {
    const server = await serve();
    const sameId = vi
      .spyOn(globalThis.crypto, 'getRandomValues')
      .mockImplementation((into) => into);
    onTestFinished(() => sameId.mockRestore());
    const came = collect(server);
    const first = client(server.url);
    await first.socket.opened;
    const second = client(server.url, { replay: { mode: 'session' } });
    for (const n of numbers(50)) {
      first.socket.send(`first ${n}`);
      second.socket.send(`second ${n}`);
    }
    await eventually(() => second.names()).toContain('error SESSION_FENCED');
    // From now on names are different, as they should have been.
    sameId.mockRestore();
    await eventually(() => server.told.length).toBeGreaterThan(1);
    await eventually(() => came.length).toBe(100);
    for (const tab of ['first', 'second']) {
      expect(came.filter((one) => one.startsWith(tab))).toEqual(
        numbers(50).map((n) => `${tab} ${n}`),
      );
    }
    for (const session of server.told) session.send('hello');
    await eventually(() => [first.got, second.got]).toEqual([['hello'], ['hello']]);
    expect(first.names()).toEqual(['connected']);
  });

  it('the newer one takes it over, and the other does not fight: it is told, and goes on anew', async () => {
    const server = await serve();
    const came = collect(server);
    const { socket, names, events, got } = client(server.url);
    const session = await server.session();
    socket.send('before');
    await eventually(() => came).toEqual(['before']);
    session.send('for the first');
    await eventually(() => session.buffered).toBe(0);
    const tab = new WebSocket(server.url, 'jetsocket.v1');
    onTestFinished(() => tab.terminate());
    await once(tab, 'open');
    const frames: string[] = [];
    tab.on('message', (data: Buffer) => void frames.push(String(data)));
    tab.send(JSON.stringify({ jet: 1, sid: session.id, ok: 1, n: 1_000, rx: 1, hi: 1, win: 256 }));
    await eventually(() => names()).toContain('error SESSION_FENCED');
    await eventually(() => names()).toContain('gap');
    session.send('for the tab');
    tab.send('2 "of the tab"');
    await eventually(() => frames.at(-1)).toContain('for the tab');
    socket.send('after');
    await eventually(() => came).toEqual(['before', 'of the tab', 'after']);
    expect(server.told).toHaveLength(2);
    server.told[1]?.send('for the first again');
    await eventually(() => got).toEqual(['for the first', 'for the first again']);
    expect(events.find(({ type }) => type === 'gap')).toMatchObject({ from: 2, to: null });
    // No fight: nobody took anything over since.
    expect([session.state, tab.readyState]).toEqual(['attached', WebSocket.OPEN]);
    expect(names().filter((name) => name === 'error SESSION_FENCED')).toHaveLength(1);
  });
});

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** What comes in any session. */
function collect(server: TestServer): string[] {
  const came: string[] = [];
  server.sessions.on(
    'session',
    (session) => void session.on('message', (message) => void came.push(String(message))),
  );
  return came;
}
