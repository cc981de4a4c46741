import { settle } from '@jetsocket/testing';
import { describe, expect, it } from 'vitest';
import { binary } from './codec.js';
import type { ErrorCode } from './errors.js';
import type { JetSocketEvent } from './events.js';
import { JetSocket } from './jet-socket.js';
import type { Options } from './options.js';
import { bench, connected } from '../test/test-kit.js';

const failure = (code: ErrorCode): unknown =>
  expect.objectContaining({ name: 'JetSocketError', code });
const errors = (events: readonly JetSocketEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'error' ? [event.code] : []));

describe('connect()', () => {
  it('changes the state at once, and tells of it a turn later', async () => {
    const { socket, names } = bench();
    expect(socket.state).toBe('idle');
    void socket.connect();
    expect(socket.state).toBe('connecting');
    expect(names()).toEqual([]);
    await settle();
    expect(names()).toEqual(['connecting']);
  });

  it('resolves at the first connected, as opened does', async () => {
    const { socket, clock, names } = bench();
    const promise = socket.connect();
    await clock.advance(20);
    await promise;
    await socket.opened;
    expect(socket.state).toBe('connected');
    expect(names()).toEqual(['connecting', 'connected']);
  });

  it('makes one connection when called twice', async () => {
    const { socket, clock, transport } = bench();
    const both = Promise.all([socket.connect(), socket.connect()]);
    await clock.advance(20);
    await both;
    await socket.connect();
    expect(transport.attempts).toBe(1);
  });

  it('rejects when the life ends before, with the reason', async () => {
    const { socket, clock, transport } = bench();
    transport.refuse(1, { httpStatus: 401 });
    const promise = socket.connect();
    await clock.advance(20);
    await expect(promise).rejects.toThrow(failure('AUTH_FAILED'));
    await expect(socket.opened).rejects.toThrow(failure('AUTH_FAILED'));
    expect(socket.state).toBe('failed');
  });

  it('rejects with CLOSED when closed before', async () => {
    const { socket } = bench();
    const promise = socket.connect();
    await socket.close();
    await expect(promise).rejects.toThrow(failure('CLOSED'));
  });

  it('begins anew after close and failure, with new promises, and sends what the failed one kept', async () => {
    const { socket, clock, transport } = bench();
    transport.refuse(1, { httpStatus: 401 });
    void socket.connect();
    const kept = socket.send('kept');
    await clock.advance(20);
    expect(socket.state).toBe('failed');
    const again = socket.connect();
    await clock.advance(40);
    await again;
    await socket.opened;
    expect(kept.status).toBe('sent');
    expect(transport.received).toEqual(['"kept"']);
  });

  it('asks the URL function before every attempt, and tells it the count', async () => {
    const asked: number[] = [];
    const { clock, transport } = bench();
    transport.refuse(2);
    const socket = new JetSocket(
      ({ attempt }) => {
        asked.push(attempt);
        return `wss://host/${attempt}`;
      },
      { clock, transport, backoff: { jitter: false } },
    );
    void socket.connect();
    await clock.advance(5_000);
    expect(asked).toEqual([0, 1, 2]);
    expect(transport.links.map(({ request }) => request.url)).toEqual([
      'wss://host/0',
      'wss://host/1',
      'wss://host/2',
    ]);
  });

  it('counts a URL function that throws as an attempt', async () => {
    const { clock, transport } = bench();
    const socket = new JetSocket(() => Promise.reject(new Error('no token')), {
      clock,
      transport,
      backoff: { jitter: false, maxAttempts: 1 },
    });
    const events: JetSocketEvent[] = [];
    socket.on('*', (event) => events.push(event));
    void socket.connect();
    await clock.advance(5_000);
    const told = events.filter(({ type }) => type !== 'state_change');
    expect(told.map(({ type }) => type)).toEqual([
      'connecting',
      'error',
      'reconnecting',
      'connecting',
      'error',
      'closed',
    ]);
    expect(errors(events)).toEqual(['PROVIDER_FAILED', 'PROVIDER_FAILED']);
    expect(told[0]).toMatchObject({ uri: '', attempt: 0 });
    expect(transport.attempts).toBe(0);
    expect(socket.state).toBe('failed');
  });

  it('gives up a URL function that never answers, and aborts its signal', async () => {
    const { clock, transport } = bench();
    const signals: { readonly aborted: boolean }[] = [];
    const socket = new JetSocket(
      ({ signal }) => {
        signals.push(signal);
        return new Promise<string>(() => undefined);
      },
      { clock, transport, connectTimeoutMs: 100, backoff: { maxAttempts: 0 } },
    );
    const codes: string[] = [];
    socket.on('error', ({ code }) => codes.push(code));
    void socket.connect();
    await clock.advance(99);
    expect(signals[0]?.aborted).toBe(false);
    await clock.advance(1);
    expect(signals[0]?.aborted).toBe(true);
    expect(codes).toEqual(['CONNECT_TIMEOUT']);
    expect(clock.pendingCount).toBe(0);
  });
});

describe('the promises of a life', () => {
  it('are new at once when another one begins', async () => {
    const { socket, clock, transport } = bench();
    transport.refuse(1, { httpStatus: 401 });
    void socket.connect();
    await clock.advance(20);
    const { opened } = socket;
    void socket.connect();
    expect(socket.opened).not.toBe(opened);
    await clock.advance(20);
    await socket.opened;
  });

  it('do not tell the reason of an earlier one', async () => {
    const { socket, clock, transport } = bench();
    transport.refuse(1, { httpStatus: 401 });
    void socket.connect();
    await clock.advance(20);
    const again = socket.connect();
    await socket.close();
    await expect(again).rejects.toThrow(failure('CLOSED'));
  });
});

it.each(['', 'nonsense', '/relative', 'ftp://host/', 'wss://host/#fragment', 5, null])(
  'new JetSocket() throws for the URL %j',
  (url) => {
    const { transport } = bench();
    expect(() => new JetSocket(url as never, { transport })).toThrow(failure('INVALID_OPTION'));
  },
);

describe('connect({ signal })', () => {
  it('does nothing when the signal is aborted already', async () => {
    const { socket, names } = bench();
    const promise = socket.connect({ signal: AbortSignal.abort('why') });
    await expect(promise).rejects.toMatchObject({ code: 'ABORTED', cause: 'why' });
    expect(socket.state).toBe('idle');
    expect(names()).toEqual([]);
  });

  it('gives up the attempt when it is aborted', async () => {
    const { socket, clock, transport, names } = bench();
    const controller = new AbortController();
    const promise = socket.connect({ signal: controller.signal });
    await clock.advance(5);
    controller.abort();
    await expect(promise).rejects.toThrow(failure('ABORTED'));
    expect(socket.state).toBe('closed');
    expect(names()).toEqual(['connecting', 'closed']);
    expect(clock.pendingCount - transport.pendingCount).toBe(0);
  });

  it('gives up the wait between attempts', async () => {
    const { socket, clock, transport } = bench();
    transport.refuse(1);
    const controller = new AbortController();
    const promise = socket.connect({ signal: controller.signal });
    await clock.advance(30);
    expect(socket.state).toBe('backing_off');
    controller.abort();
    await expect(promise).rejects.toThrow(failure('ABORTED'));
    expect(clock.pendingCount).toBe(0);
  });

  it('does nothing once connected', async () => {
    const { socket, clock } = bench();
    const controller = new AbortController();
    const promise = socket.connect({ signal: controller.signal });
    await clock.advance(20);
    await promise;
    controller.abort();
    await settle();
    expect(socket.state).toBe('connected');
  });
});

describe('send()', () => {
  it('hands a message over at once when connected', async () => {
    const { socket, clock, transport } = await connected();
    const delivery = socket.send({ n: 1 });
    expect(delivery).toMatchObject({ id: 1, status: 'sent' });
    await expect(delivery.settled).resolves.toBe('sent');
    await clock.advance(10);
    expect(transport.received).toEqual(['{"n":1}']);
  });

  it('keeps messages from before the connection, in order', async () => {
    const { socket, clock, transport } = bench();
    const first = socket.send(1);
    void socket.connect();
    socket.send(2);
    expect(first.status).toBe('buffered');
    await clock.advance(30);
    socket.send(3);
    await clock.advance(10);
    expect(transport.received).toEqual(['1', '2', '3']);
    expect(first.status).toBe('sent');
  });

  it('sends what waited before what handlers of connected and of the replay send', async () => {
    const { socket, clock, transport, link, names } = await connected();
    link().cut();
    await clock.advance(0);
    socket.send('waited 1');
    socket.send('waited 2');
    socket.on('connected', () => socket.send('by connected'));
    socket.on('replay_started', () => socket.send('by replay_started'));
    socket.on('replay_completed', () => socket.send('by replay_completed'));
    await clock.advance(1_100);
    expect(transport.received).toEqual(
      ['waited 1', 'waited 2', 'by connected', 'by replay_started', 'by replay_completed'].map(
        (text) => JSON.stringify(text),
      ),
    );
    expect(names()).toEqual([
      'error', 'disconnected', 'reconnecting', 'connecting', 'connected', 'reconnected', 'replay_started', 'replay_completed',
    ]); // prettier-ignore
  });

  it('with ackOf sends again what was not acknowledged, and settles when it is', async () => {
    const { socket, clock, transport, link } = await connected({
      buffer: { ackOf: (message) => (message as { ack?: number }).ack },
    });
    const [one, two] = [socket.send('one'), socket.send('two')];
    await clock.advance(10);
    link().deliver('{"ack":1}');
    await clock.advance(10);
    expect([one.status, two.status]).toEqual(['acknowledged', 'sent']);
    link().cut();
    await clock.advance(0);
    expect(two.status).toBe('buffered');
    await clock.advance(1_100);
    expect(transport.received).toEqual(['"one"', '"two"', '"two"']);
    link().deliver('{"ack":2}');
    await clock.advance(10);
    await expect(two.settled).resolves.toBe('acknowledged');
  });

  it.each(['closing', 'closed', 'failed'] as const)('throws CLOSED when %s', async (state) => {
    const { socket, clock, transport, link } = await connected();
    if (state === 'failed') {
      transport.refuse(1, { httpStatus: 401 });
      link().cut();
      await clock.advance(1_100);
    } else {
      void socket.close();
      if (state === 'closed') await clock.advance(20);
    }
    expect(socket.state).toBe(state);
    expect(() => socket.send(1)).toThrow(failure('CLOSED'));
  });

  it('throws NOT_CONNECTED in mode none, until connected', async () => {
    const { socket, clock } = bench({ replay: { mode: 'none' } });
    expect(() => socket.send(1)).toThrow(failure('NOT_CONNECTED'));
    void socket.connect();
    expect(() => socket.send(1)).toThrow(failure('NOT_CONNECTED'));
    await clock.advance(20);
    expect(socket.send(1).status).toBe('sent');
  });

  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  it.each<[string, unknown, Options]>([
    ['a BigInt', 1n, {}],
    ['a cycle', cycle, {}],
    ['undefined', undefined, {}],
    ['a function', () => undefined, {}],
    ['a toJSON that throws', { toJSON: () => { throw new Error('no'); } }, {}], // prettier-ignore
    ['text where bytes are sent', 'text', { codec: binary }],
    [
      'what a codec makes of it',
      1,
      { codec: { encode: () => 5 as never, decode: (data) => data } },
    ],
  ])('throws NOT_SERIALIZABLE for %s, and loses nothing else', async (_name, message, options) => {
    const { socket } = await connected(options);
    expect(() => socket.send(message)).toThrow(failure('NOT_SERIALIZABLE'));
    expect(socket.state).toBe('connected');
    if (options.codec === undefined) expect(socket.send('next').status).toBe('sent');
  });

  it.each<[string, Options]>([
    ['maxMessageBytes', { maxMessageBytes: 10 }],
    ['buffer.maxBytes', { buffer: { maxBytes: 10 } }],
  ])('throws MESSAGE_TOO_LARGE over %s, counted in bytes', async (name, options) => {
    const { socket } = await connected(options);
    expect(socket.send('éééé').status).toBe('sent'); // With the quotes, 10 bytes.
    expect(() => socket.send('ééééx')).toThrow(failure('MESSAGE_TOO_LARGE'));
    expect(() => socket.send('ééééx')).toThrow(`11 bytes, and ${name} is 10`);
  });

  it('overflows by its policy, and tells once a turn how much', async () => {
    const { socket, clock, events } = bench({ buffer: { capacity: 2 } });
    const deliveries = [1, 2, 3, 4].map((n) => socket.send(n));
    expect(deliveries.map(({ status }) => status)).toEqual([
      'dropped',
      'dropped',
      'buffered',
      'buffered',
    ]);
    expect(events).toEqual([]);
    await clock.advance(0);
    expect(events).toEqual([
      {
        type: 'buffer_overflow',
        dropped_count: 2,
        policy: 'drop_oldest',
        capacity: 2,
        direction: 'outgoing',
        timestamp: 1_700_000_000,
      },
    ]);
  });
});

describe('an incoming message', () => {
  it('is an event with its data', async () => {
    const { clock, link, events } = await connected();
    link().deliver('{"n":1}');
    await clock.advance(10);
    expect(events.at(-1)).toEqual({
      type: 'message',
      data: { n: 1 },
      timestamp: 1_700_000_000.03,
      sequence_id: null,
      replayed: false,
    });
  });

  it('that cannot be decoded is one error, and the next one comes', async () => {
    const { socket, clock, link, names, events } = await connected();
    for (const data of ['no JSON', new Uint8Array([1]), '"next"']) link().deliver(data);
    await clock.advance(10);
    expect(names()).toEqual(['error', 'error', 'message']);
    expect(errors(events)).toEqual(['UNDECODABLE', 'UNDECODABLE']);
    expect(socket.state).toBe('connected');
  });

  it('over maxMessageBytes is one error where the platform reads on', async () => {
    const { socket, clock, link, names, events } = await connected(
      { maxMessageBytes: 10 },
      { enforcesMaxMessageBytes: false },
    );
    link().deliver('"0123456789"');
    link().deliver('"01234567"');
    await clock.advance(10);
    expect(names()).toEqual(['error', 'message']);
    expect(errors(events)).toEqual(['MESSAGE_TOO_LARGE']);
    expect(socket.state).toBe('connected');
  });

  it('over maxMessageBytes costs the connection where the platform refuses to read it', async () => {
    const { clock, link, names, events } = await connected({ maxMessageBytes: 10 });
    link().deliver('"0123456789"');
    await clock.advance(1_100);
    expect(names().slice(0, 5)).toEqual([
      'error',
      'disconnected',
      'reconnecting',
      'connecting',
      'connected',
    ]);
    expect(errors(events)).toEqual(['MESSAGE_TOO_LARGE']);
  });

  it('is told to its end before what its error brings about', async () => {
    const { socket, clock, link, names } = await connected({ buffer: { ackOf: () => 99 } });
    socket.once('error', () => socket.reconnect());
    link().deliver('1');
    await clock.advance(10);
    expect(names().slice(0, 3)).toEqual(['error', 'message', 'disconnected']);
  });

  it('of a connection that was let go of is not delivered', async () => {
    const { socket, clock, link, names } = await connected();
    const old = link();
    socket.reconnect();
    await clock.advance(20);
    names();
    old.haunt((listener) => {
      listener.onMessage('"ghost"');
      listener.onPong('');
      listener.onClose({ code: 1006, reason: '', wasClean: false });
    });
    await clock.advance(10);
    expect(names()).toEqual([]);
    expect(socket.state).toBe('connected');
  });
});

it.each([true, false])('keeps no process for a wait, if it is told so: unref %s', async (unref) => {
  const { clock, link } = await connected({ unref, heartbeat: false });
  let count = 0;
  Object.assign(clock, { unref: () => count++ });
  link().cut();
  await clock.advance(1);
  expect(count).toBe(unref ? 1 : 0);
});

it('measures bytes as bytes, out and in', async () => {
  const { socket, link, clock, events } = await connected({
    codec: binary,
    maxMessageBytes: 10,
    buffer: { maxBytes: 10 },
  });
  expect(() => socket.send(new Uint8Array(11))).toThrow(
    'Cannot send: the message has 11 bytes, and maxMessageBytes is 10',
  );
  expect(socket.send(new Uint8Array(10)).status).toBe('sent');
  const loop = socket[Symbol.asyncIterator]();
  for (let count = 0; count < 3; count++) link().deliver(new Uint8Array(5));
  await clock.advance(10);
  expect(events.find(({ type }) => type === 'buffer_overflow')).toMatchObject({ dropped_count: 1 });
  await loop.return?.();
});

describe('the heartbeat', () => {
  const heartbeat = { intervalMs: 1_000, timeoutMs: 100 };

  it('takes a question of the server for life', async () => {
    const { transport, clock, link, names } = await connected({ heartbeat });
    transport.answersPings = false;
    await clock.advance(1_050);
    link().pingFromServer();
    await clock.advance(100);
    expect(names()).toEqual(['ping']);
  });

  it('says nothing, and fails at nothing, for a connection that is gone meanwhile', async () => {
    const answers: ((data: string) => void)[] = [];
    const failures: ((thrown: unknown) => void)[] = [];
    const codec = {
      encode: (): Promise<string> =>
        new Promise((resolve, reject) => {
          answers.push(resolve);
          failures.push(reject);
        }),
      decode: String,
    };
    const ping = (): string => 'are you there?';
    const { clock, link, names, transport } = await connected({
      codec,
      heartbeat: { ...heartbeat, ping },
    });
    for (const settleIt of [
      () => answers.at(-1)?.('late'),
      () => failures.at(-1)?.(new Error('late')),
    ]) {
      await clock.advance(1_000);
      link().cut();
      await clock.advance(1);
      names();
      settleIt();
      await clock.advance(100);
      expect(names()).toEqual([]);
      await clock.advance(4_000);
      names();
    }
    expect(transport.received).toEqual([]);
  });

  it('pings, and measures the answer', async () => {
    const { clock, events, names } = await connected({
      heartbeat: { ...heartbeat, payload: 'hb' },
    });
    await clock.advance(1_020);
    expect(names()).toEqual(['ping', 'pong']);
    expect(events.slice(-2)).toMatchObject([
      { type: 'ping', payload: 'hb' },
      { type: 'pong', payload: 'hb', latency_ms: 20 },
    ]);
  });

  it('ends a dead connection as 1006, without waiting for its close', async () => {
    const { clock, link, events, names } = await connected({ heartbeat });
    link().stall();
    await clock.advance(1_100);
    expect(names()).toEqual(['ping', 'error', 'disconnected', 'reconnecting']);
    expect(errors(events)).toEqual(['PONG_TIMEOUT']);
    expect(events.find(({ type }) => type === 'disconnected')).toMatchObject({
      code: 1006,
      was_clean: false,
    });
  });

  it('takes any traffic for life', async () => {
    const { transport, clock, link, names } = await connected({ heartbeat });
    transport.answersPings = false;
    for (let turn = 0; turn < 20; turn++) {
      link().deliver('"traffic"');
      await clock.advance(90);
    }
    expect(names()).not.toContain('disconnected');
    await clock.advance(2_000);
    expect(names()).toContain('disconnected');
  });

  it('sends the message of the app where it is told to, and takes its answer for a pong', async () => {
    const { clock, transport, link, events, names } = await connected(
      {
        heartbeat: {
          ...heartbeat,
          ping: () => ({ op: 'ping' }),
          isPong: (message) => (message as { op?: string }).op === 'pong',
        },
      },
      { canPing: false },
    );
    await clock.advance(1_010);
    expect(transport.received).toEqual(['{"op":"ping"}']);
    link().deliver('{"op":"pong"}');
    await clock.advance(10);
    expect(names()).toEqual(['ping', 'pong']);
    expect(events.at(-1)).toMatchObject({ latency_ms: 20, payload: { op: 'pong' } });
  });

  it('survives a ping function that throws', async () => {
    const ping = (): never => {
      throw new Error('no ping');
    };
    const { socket, clock, events } = await connected({ heartbeat: { ...heartbeat, ping } });
    await clock.advance(1_500);
    expect(errors(events)).toEqual(['HOOK_FAILED']);
    expect(socket.state).toBe('connected');
  });

  it('sends nothing where nothing can be sent', async () => {
    const { socket, clock, names } = await connected({ heartbeat }, { canPing: false });
    await clock.advance(100_000);
    expect(names()).toEqual([]);
    expect(socket.state).toBe('connected');
    // It only tells when this machine slept.
    expect(clock.pendingCount).toBe(1);
  });
});

describe('reconnect', () => {
  it('false ends in failure, and the outbox is kept', async () => {
    const { socket, clock, link, events } = await connected({ reconnect: false });
    link().cut();
    await clock.advance(0);
    expect(socket.state).toBe('failed');
    expect(events.at(-1)).toMatchObject({ type: 'closed', code: 1006, cause: 'fatal' });
  });

  it('as a function is told of the end, and decides', async () => {
    const ends: unknown[] = [];
    const { socket, clock, link } = await connected({
      reconnect: (end) => {
        ends.push(end);
        return { delayMs: 5 };
      },
    });
    link().closeFromServer(4401, 'expired');
    await clock.advance(20);
    expect(ends).toEqual([
      {
        cause: 'closed_by_server',
        code: 4401,
        reason: 'expired',
        wasClean: true,
        httpStatus: undefined,
        error: undefined,
        attempt: 0,
      },
    ]);
    await clock.advance(25);
    expect(socket.state).toBe('connected');
  });

  it('that throws or answers nonsense is told, and the table decides', async () => {
    const answers = [
      () => {
        throw new Error('no');
      },
      () => 'yes' as never,
      () => ({ delayMs: -1 }),
    ];
    for (const reconnect of answers) {
      const { clock, link, events } = await connected({ reconnect });
      link().cut();
      await clock.advance(1_100);
      expect(errors(events)).toEqual(['HOOK_FAILED', 'CONNECTION_LOST']);
      expect(events.at(-1)?.type).toBe('replay_completed');
    }
  });

  it('() from idle connects', async () => {
    const { socket, clock } = bench();
    socket.reconnect();
    await clock.advance(20);
    expect(socket.state).toBe('connected');
  });

  it('() when connected replaces the connection, and loses nothing', async () => {
    const { socket, clock, transport, names } = await connected();
    socket.send('before');
    socket.reconnect();
    socket.send('after');
    expect(transport.liveLinks.length).toBe(1);
    await clock.advance(40);
    expect(transport.received).toEqual(['"before"', '"after"']);
    expect(names()).toEqual([
      'disconnected',
      'reconnecting',
      'connecting',
      'connected',
      'reconnected',
      'replay_started',
      'replay_completed',
    ]);
  });

  it('() cuts a wait short', async () => {
    const { socket, clock, link } = await connected();
    link().cut();
    await clock.advance(1);
    expect(socket.state).toBe('backing_off');
    socket.reconnect();
    expect(socket.state).toBe('connecting');
    await clock.advance(20);
    expect(socket.state).toBe('connected');
  });

  it('() while closing ends the old life and begins another', async () => {
    const { socket, clock, names } = await connected();
    const ended = socket.close();
    socket.reconnect();
    await ended;
    await clock.advance(20);
    expect(names()).toEqual(['disconnected', 'closed', 'connecting', 'connected']);
    await socket.opened;
  });
});

describe('a connection that was replaced', () => {
  it('is let go of in closeTimeoutMs, and at the next replacement', async () => {
    const { socket, clock, transport, link } = await connected({ closeTimeoutMs: 1_000 });
    const [first] = [link()];
    first.stall();
    socket.reconnect();
    await clock.advance(20);
    expect(first.isOver).toBe(false);
    const second = link();
    second.stall();
    socket.reconnect();
    expect([first.isOver, second.isOver]).toEqual([true, false]);
    await clock.advance(1_000);
    expect(second.isOver).toBe(true);
    expect(transport.liveLinks.length).toBe(1);
  });

  it('does not outlast the last close', async () => {
    const { socket, clock, link } = await connected();
    const first = link();
    first.stall();
    socket.reconnect();
    await clock.advance(20);
    void socket.close();
    await clock.advance(20);
    expect(first.isOver).toBe(true);
    expect(clock.pendingCount).toBe(0);
  });
});

describe('close()', () => {
  it('still counts what the server acknowledges', async () => {
    const ackOf = (message: unknown): number | undefined => (message as { ack?: number }).ack;
    const { socket, clock, link } = await connected({ buffer: { ackOf } });
    const [one, two] = [socket.send(1), socket.send(2)];
    await clock.advance(10);
    link().deliver('{"ack":1}');
    void socket.close();
    await clock.advance(20);
    expect([one.status, two.status]).toEqual(['acknowledged', 'dropped']);
  });

  it('takes its leave, and resolves when it is answered', async () => {
    const { socket, clock, names, events } = await connected();
    const promise = socket.close(3001, 'bye');
    expect(socket.state).toBe('closing');
    await clock.advance(20);
    await promise;
    expect(names()).toEqual(['disconnected', 'closed']);
    expect(events.at(-1)).toMatchObject({ code: 3001, reason: 'bye', cause: 'close' });
    expect(clock.pendingCount).toBe(0);
  });

  it('does not wait for ever', async () => {
    const { socket, clock, link, events } = await connected({ closeTimeoutMs: 100 });
    link().stall();
    const promise = socket.close();
    await clock.advance(100);
    await promise;
    expect(events.at(-2)).toMatchObject({ type: 'disconnected', code: 1006, was_clean: false });
    expect(events.at(-1)).toMatchObject({ type: 'closed', code: 1000 });
  });

  it('may be called again, in every state', async () => {
    const { socket, clock, names } = bench();
    await socket.close();
    await socket.close();
    expect(names()).toEqual(['closed']);
    void socket.connect();
    await socket.close();
    void socket.connect();
    await clock.advance(20);
    void socket.close();
    const last = socket.close();
    await clock.advance(20);
    await last;
    expect(socket.state).toBe('closed');
  });

  it('drops what waits, and says so to whom it concerns', async () => {
    const { socket } = bench();
    const delivery = socket.send(1);
    await socket.close();
    await expect(delivery.settled).resolves.toBe('dropped');
  });

  it('tells what was dropped before it says closed', async () => {
    const { socket, names } = bench({ buffer: { capacity: 1 } });
    socket.send(1);
    socket.send(2);
    await socket.close();
    expect(names()).toEqual(['buffer_overflow', 'closed']);
  });

  it('asks nobody whether to reconnect, and delivers nothing more', async () => {
    let asked = 0;
    const { socket, clock, link, names } = await connected({ reconnect: () => ++asked > 0 });
    link().deliver('"late"');
    void socket.close();
    await clock.advance(20);
    expect(names()).toEqual(['disconnected', 'closed']);
    expect(asked).toBe(0);
  });

  it.each([0, 999, 1001, 1005, 1006, 2999, 5000, 3000.5, NaN, '1000'])(
    'throws for the code %j, and goes on',
    async (code) => {
      const { socket } = await connected();
      expect(() => socket.close(code as number)).toThrow(failure('INVALID_OPTION'));
      expect(socket.state).toBe('connected');
    },
  );

  it('throws for a reason that is no text', async () => {
    const { socket } = await connected();
    expect(() => socket.close(1000, 5 as never)).toThrow(failure('INVALID_OPTION'));
  });

  it('cuts a reason to 123 bytes, at a character', async () => {
    const { socket, clock, events } = await connected();
    void socket.close(1000, `${'x'.repeat(122)}é`);
    await clock.advance(20);
    expect(events.at(-1)).toMatchObject({ type: 'closed', reason: 'x'.repeat(122) });
  });

  it('is what await using calls', async () => {
    const { socket, clock } = await connected();
    const disposed = socket[Symbol.asyncDispose]();
    await clock.advance(20);
    await disposed;
    expect(socket.state).toBe('closed');
  });
});

describe('handlers', () => {
  it('may call any method: what follows comes after all of them', async () => {
    const { socket, clock, link } = await connected();
    const seen: string[] = [];
    socket.on('message', () => {
      void socket.close();
      seen.push(`first ${socket.state}`);
    });
    socket.on('message', () => seen.push(`second ${socket.state}`));
    socket.on('state_change', ({ to }) => seen.push(to));
    link().deliver('1');
    await clock.advance(10);
    expect(seen).toEqual(['first connected', 'second connected', 'closing']);
  });

  it('may call any method: the step that they are told of is told to its end before', async () => {
    const { socket, clock, link, names } = await connected();
    socket.once('state_change', () => socket.close());
    link().cut();
    await clock.advance(0);
    expect(names()).toEqual(['error', 'disconnected', 'reconnecting', 'closed']);
  });

  it('see the state that they are told of, whatever another one does', async () => {
    const { socket, clock, names } = await connected();
    const seen: string[] = [];
    socket.once('closed', () => {
      void socket.connect();
    });
    socket.once('closed', () => seen.push(socket.state));
    void socket.close();
    await clock.advance(20);
    expect(seen).toEqual(['closed']);
    expect(names()).toEqual(['disconnected', 'closed', 'connecting']);
  });

  it('of closed may connect again, and get the promise of the new life', async () => {
    const { socket, clock } = await connected();
    let again: Promise<void> | undefined;
    socket.once('closed', () => {
      again = socket.connect();
    });
    void socket.close();
    await clock.advance(60);
    await again;
    expect(socket.state).toBe('connected');
  });

  it('that throw or reject are one error each, and stop nothing', async () => {
    const { socket, clock, link, events, names } = await connected();
    socket.on('message', () => {
      throw new Error('thrown');
    });
    socket.on('message', () => Promise.reject(new Error('rejected')));
    const heard: unknown[] = [];
    socket.on('message', ({ data }) => heard.push(data));
    link().deliver('1');
    await clock.advance(10);
    expect(heard).toEqual([1]);
    expect(names()).toEqual(['message', 'error', 'error']);
    expect(errors(events)).toEqual(['HANDLER_FAILED', 'HANDLER_FAILED']);
  });

  it('of error and of closed that fail are told to the logger', async () => {
    const logged: string[] = [];
    const { socket, clock, link, names } = await connected({
      logger: { error: (_details, message) => logged.push(message) },
    });
    const fail = (): never => {
      throw new Error('broken');
    };
    socket.on('error', fail);
    socket.on('closed', fail);
    link().deliver('no JSON');
    await clock.advance(10);
    void socket.close();
    await clock.advance(20);
    expect(names()).toEqual(['error', 'disconnected', 'closed']);
    expect(logged).toEqual([
      "A handler of 'error' failed: broken",
      "A handler of 'closed' failed: broken",
    ]);
  });

  it.each(['messages', '', undefined, 5])('of %j are refused: there is no such event', (name) => {
    const { socket } = bench();
    for (const method of ['on', 'once', 'off'] as const) {
      expect(() => socket[method](name as never, () => undefined)).toThrow(
        failure('INVALID_OPTION'),
      );
    }
  });

  it('must be functions', () => {
    const { socket } = bench();
    expect(() => socket.on('message', 'log' as never)).toThrow(failure('INVALID_OPTION'));
  });
});

describe('what cannot be looked at', () => {
  const { proxy: revoked, revoke } = Proxy.revocable({}, {});
  revoke();
  const hostile: readonly (readonly [string, unknown])[] = [
    ['an Error whose message is no text', Object.assign(new Error('x'), { message: Symbol('x') })],
    [
      'an Error whose message throws',
      Object.defineProperty(new Error('x'), 'message', { get: () => fail() }),
    ],
    ['a revoked proxy', revoked],
  ];
  const fail = (thrown: unknown = new Error('trap')): never => {
    throw thrown;
  };

  it.each(hostile)(
    'is one error when a handler throws it, and close() works: %s',
    async (_name, thrown) => {
      const { socket, clock, link, events } = await connected();
      socket.once('message', () => fail(thrown));
      link().deliver('1');
      await clock.advance(10);
      expect(errors(events)).toEqual(['HANDLER_FAILED']);
      const closed = socket.close();
      await clock.advance(20);
      await closed;
    },
  );

  it.each(hostile)('is one error when hooks throw it: %s', async (_name, thrown) => {
    const { clock, link, events } = await connected({
      buffer: { ackOf: () => fail(thrown) },
      reconnect: () => fail(thrown),
      codec: { encode: () => '', decode: (data) => (data === 'bad' ? fail(thrown) : data) },
    });
    link().deliver('bad');
    link().deliver('good');
    await clock.advance(10);
    link().cut();
    await clock.advance(1_100);
    expect(errors(events)).toEqual([
      'UNDECODABLE',
      'HOOK_FAILED',
      'HOOK_FAILED',
      'CONNECTION_LOST',
    ]);
    expect(events.at(-1)?.type).toBe('replay_completed');
  });

  it('is a failed attempt when a URL function returns it', async () => {
    const { clock, transport } = bench();
    const answers = [revoked, { get then() { return fail(); } }, { get href() { return fail(); } }]; // prettier-ignore
    for (const answer of answers) {
      const socket = new JetSocket((() => answer) as never, {
        clock,
        transport,
        backoff: { maxAttempts: 0 },
      });
      await expect(
        (async () => {
          const opened = socket.connect();
          await clock.advance(20);
          await opened;
        })(),
      ).rejects.toThrow(failure('PROVIDER_FAILED'));
    }
  });

  it.each(hostile)('makes send() throw NOT_SERIALIZABLE: %s', (_name, thrown) => {
    const { socket } = bench({ codec: { encode: () => fail(thrown), decode: (data) => data } });
    expect(() => socket.send(1)).toThrow(failure('NOT_SERIALIZABLE'));
  });

  it('a full stack is survived', async () => {
    const { socket, clock, transport } = bench();
    const again = (): void => {
      socket.reconnect();
      again();
    };
    expect(again).toThrow(RangeError);
    await clock.advance(60_000);
    expect(socket.state).toBe('connected');
    expect(transport.liveLinks.length).toBe(1);
    const closed = socket.close();
    await clock.advance(20);
    await closed;
    expect(clock.pendingCount).toBe(0);
  });
});

describe('connect() and close() in one turn', () => {
  it('each promise is of the life that its call began', async () => {
    const { socket, clock } = bench();
    const first = socket.connect();
    void socket.close();
    const second = socket.connect();
    await expect(first).rejects.toThrow(failure('CLOSED'));
    await clock.advance(20);
    await second;
    expect(socket.state).toBe('connected');
  });

  it('a signal gives up the life that it was given for, and no other', async () => {
    const { socket, clock } = bench();
    const [a, b] = [new AbortController(), new AbortController()];
    const first = socket.connect({ signal: a.signal });
    void socket.close();
    const second = socket.connect({ signal: b.signal });
    a.abort();
    await expect(first).rejects.toThrow(failure('CLOSED'));
    await clock.advance(20);
    await second;
    expect(socket.state).toBe('connected');
  });

  it('a signal that is aborted at once gives its own life up', async () => {
    const { socket, clock } = bench();
    const [a, b] = [new AbortController(), new AbortController()];
    const first = socket.connect({ signal: a.signal });
    a.abort();
    await expect(first).rejects.toThrow(failure('ABORTED'));
    const second = socket.connect({ signal: b.signal });
    void socket.close();
    const third = socket.connect({ signal: b.signal });
    b.abort();
    await expect(second).rejects.toThrow(failure('CLOSED'));
    await expect(third).rejects.toThrow(failure('ABORTED'));
    await clock.advance(100);
    expect(socket.state).toBe('closed');
  });

  it.each([5, null, {}])('%j is no signal', (signal) => {
    const { socket } = bench();
    expect(() => socket.connect({ signal: signal as never })).toThrow(failure('INVALID_OPTION'));
    expect(() => socket.on('message', () => undefined, { signal: signal as never })).toThrow(
      failure('INVALID_OPTION'),
    );
  });
});

describe('maxConnectionAgeMs', () => {
  it('replaces a connection in time, and says why', async () => {
    const { socket, clock, transport, events } = await connected({ maxConnectionAgeMs: 10_000 });
    await clock.advance(8_900);
    expect(transport.attempts).toBe(1);
    await clock.advance(1_300);
    expect(transport.attempts).toBe(2);
    expect(socket.state).toBe('connected');
    expect(events.find(({ type }) => type === 'reconnecting')).toMatchObject({
      cause: 'max_age',
      delay: 0,
    });
  });
});

it('equal seeds and inputs give equal events', async () => {
  const run = async (random: number): Promise<readonly JetSocketEvent[]> => {
    const { clock, transport, socket, events } = bench({ random, backoff: { jitter: true } });
    transport.refuse(5);
    void socket.connect();
    await clock.advance(60_000);
    return events.map((event) =>
      event.type === 'error' ? { ...event, error: new Error() } : event,
    );
  };
  expect(await run(42)).toEqual(await run(42));
  expect(await run(42)).not.toEqual(await run(43));
});
