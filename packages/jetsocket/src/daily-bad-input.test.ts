/**
 * What an application's own functions and habits do wrong with messages, row by row, over a real server: each is a clear
 * error with a code and a hint, and nothing else is lost.
 */
import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { rig, type Rig } from '../test/test-kit.js';
import { type JetSocketError, multiplex, type Options, type StandardSchema } from './index.js';

interface Message {
  readonly n: number;
  readonly id?: number;
  readonly ch?: string;
}

type Made = Rig<Message, unknown> & { readonly peer: WebSocket };

async function connected(options: Options<Message, unknown> = {}): Promise<Made> {
  const made = await rig<Message, unknown>({ heartbeat: false, ...options });
  await made.socket.connect();
  return { ...made, peer: await made.server.peer(0) };
}

/** The server sends so many, numbered from 1, in one burst. */
function burst(peer: WebSocket, count: number, more: (n: number) => object = () => ({})): void {
  for (let n = 1; n <= count; n++) peer.send(JSON.stringify({ n, ...more(n) }));
}

/** Resolves when the message with this number, or one behind it, was told. */
const untilNumber = ({ record }: Rig<Message, unknown>, last: number): Promise<void> =>
  record.when(
    () => record.of('message').some(({ data }) => numberOf(data) >= last),
    `number ${last}`,
  );

const numberOf = (data: unknown): number => (data as Message).n;

/** The numbers of the messages and the codes of the errors, in the order in which they were told. */
const told = ({ record }: Rig<Message, unknown>): unknown[] =>
  record.events.flatMap((event): readonly unknown[] => {
    if (event.type === 'message') return [numberOf(event.data)];
    return event.type === 'error' ? [event.code] : [];
  });

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

/** Every error says what to do, and harms nothing: the connection lives. */
function expectClear({ record, socket }: Rig<Message, unknown>): void {
  for (const { error, fatal } of record.of('error')) {
    expect((error as JetSocketError).hint).toMatch(/\w{3}/);
    expect(fatal).toBe(false);
  }
  expect(socket.state).toBe('connected');
  expect(record.names).not.toContain('disconnected');
}

const schemaOf = (
  validate: StandardSchema<unknown, Message>['~standard']['validate'],
): StandardSchema<unknown, Message> => ({
  '~standard': { version: 1, vendor: 'test', validate },
});

const isThird = (value: unknown): boolean => numberOf(value) === 3;
const never = new Promise<never>(() => undefined);

describe('a schema that', () => {
  it('throws: the message is INVALID_MESSAGE, with itself in error.data', async () => {
    const schema = schemaOf((value) => {
      if (isThird(value)) throw new Error('boom');
      return { value: value as Message };
    });
    const made = await connected({ schema });
    burst(made.peer, 5);
    await untilNumber(made, 5);
    expect(told(made)).toEqual([1, 2, 'INVALID_MESSAGE', 4, 5]);
    expect((made.record.of('error')[0]?.error as JetSocketError).data).toEqual({ n: 3 });
    expectClear(made);
  });

  it('hangs: the message is given up after codecTimeoutMs, and those behind it come', async () => {
    const schema = schemaOf((value) => (isThird(value) ? never : { value: value as Message }));
    const made = await connected({ schema, codecTimeoutMs: 50 });
    burst(made.peer, 5);
    await untilNumber(made, 5);
    expect(told(made)).toEqual([1, 2, 'INVALID_MESSAGE', 4, 5]);
    expect(made.record.of('error')[0]?.message).toContain('no answer within 50 ms');
    expectClear(made);
  });

  it.each([
    ['messages', { capacity: 10 }, 15],
    // Thirteen of them: nine of 7 bytes, and the next ones have 8.
    ['bytes', { maxBytes: 100 }, 12],
  ])(
    'hangs for ever: %s that wait are bounded, and close() ends it',
    async (_what, buffer, drops) => {
      const made = await connected({ schema: schemaOf(() => never), buffer });
      burst(made.peer, 25);
      await made.record.until('buffer_overflow');
      await expect.poll(() => made.socket.stats().dropped.incoming).toBe(drops);
      await expect
        .poll(() =>
          made.record.of('buffer_overflow').reduce((sum, one) => sum + one.dropped_count, 0),
        )
        .toBe(drops);
      expectClear(made);
      await made.socket.close();
      expect(told(made)).toEqual([]);
    },
  );
});

describe('an async codec that rejects in the middle of a burst', () => {
  /** Those that come later are done sooner. */
  const later = async <Value>(n: number, value: Value): Promise<Value> => {
    for (let turns = 0; turns < 100 - n; turns++) await Promise.resolve();
    if (n === 50) throw new Error('not this one');
    return value;
  };

  it('decoding: one UNDECODABLE in its place, and all others arrive in order', async () => {
    const made = await connected({
      codec: {
        encode: (message) => JSON.stringify(message),
        decode: (data) => {
          const message = JSON.parse(data as string) as Message;
          return later(message.n, message);
        },
      },
    });
    burst(made.peer, 100);
    await untilNumber(made, 100);
    expect(told(made)).toEqual(upTo(100).map((n) => (n === 50 ? 'UNDECODABLE' : n)));
    expectClear(made);
  });

  it('encoding: one NOT_SERIALIZABLE with its delivery, and all others are sent in order', async () => {
    const made = await connected({
      codec: {
        encode: (message) => later((message as Message).n, JSON.stringify(message)),
        decode: (data) => JSON.parse(data as string) as Message,
      },
    });
    const got: number[] = [];
    made.peer.on('message', (data: Buffer) => got.push(numberOf(JSON.parse(data.toString()))));
    const sent = upTo(100).map((n) => made.socket.send({ n }));
    const fates = await Promise.all(sent.map(({ settled }) => settled));
    expect(fates.map((fate, index) => fate === 'dropped' && index + 1).filter(Boolean)).toEqual([
      50,
    ]);
    await expect.poll(() => got.length).toBe(99);
    expect(got).toEqual(upTo(100).filter((n) => n !== 50));
    expect(made.record.of('error')).toMatchObject([{ code: 'NOT_SERIALIZABLE' }]);
    expect((made.record.of('error')[0]?.error as JetSocketError).deliveries).toEqual([sent[49]]);
    expectClear(made);
  });
});

it.each([undefined, null, 5, {}, new ArrayBuffer(1)])(
  'a codec that makes %o of a message: NOT_SERIALIZABLE is thrown, with what it may make',
  async (made_) => {
    const made = await connected({
      codec: {
        encode: (message) => (message === 'good' ? 'good' : (made_ as never)),
        decode: (data) => ({ n: Number(data) }),
      },
    });
    const got: string[] = [];
    made.peer.on('message', (data: Buffer) => got.push(data.toString()));
    made.socket.send('good');
    expect(() => made.socket.send('bad')).toThrow(
      expect.objectContaining({
        code: 'NOT_SERIALIZABLE',
        hint: expect.stringContaining('Uint8Array') as string,
      }) as Error,
    );
    made.socket.send('good');
    await expect.poll(() => got).toEqual(['good', 'good']);
    expectClear(made);
  },
);

/** Each asks about every message, and fails at the thousandth. */
const EXTRACTORS: readonly (readonly [
  option: string,
  fail: (failing: (message: unknown) => undefined) => {
    readonly options?: Options<Message, unknown>;
    readonly attach?: (made: Made) => unknown;
  },
])[] = [
  ['buffer.ackOf', (failing) => ({ options: { buffer: { ackOf: failing } } })],
  [
    'heartbeat.isPong',
    (failing) => ({ options: { heartbeat: { isPong: (one) => failing(one) ?? false } } }),
  ],
  [
    'replay.sequenceOf',
    (failing) => ({
      options: {
        replay: {
          mode: 'sequence_id',
          sequenceOf: (one: unknown) => failing(one) ?? numberOf(one),
        },
      },
    }),
  ],
  [
    'request.idOf',
    (failing) => ({
      attach: ({ socket }) => {
        const asked = socket.request(
          { n: 0, id: 1 },
          {
            idOf: (one) => (numberOf(one) === 0 ? 1 : failing(one)),
          },
        );
        asked.catch(() => undefined);
      },
    }),
  ],
  [
    'multiplex.channelOf',
    (failing) => ({
      attach: ({ socket }) => multiplex(socket, { channelOf: failing, subscribe: () => undefined }),
    }),
  ],
];

describe.each(EXTRACTORS)('%s that', (option, fail) => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('the thousandth');
      },
    ],
    // In Node a rejection that nobody hears would end the process.
    ['is async and rejects', (() => Promise.reject(new Error('the thousandth'))) as () => never],
  ])('%s at the thousandth message is one HOOK_FAILED, and loses none', async (_what, break_) => {
    const failing = (message: unknown): undefined =>
      numberOf(message) === 1_000 ? break_() : undefined;
    const { options, attach } = fail(failing);
    const made = await connected(options);
    attach?.(made);
    burst(made.peer, 1_100);
    await untilNumber(made, 1_100);
    const all = told(made);
    expect(all.filter((one) => typeof one === 'number')).toEqual(upTo(1_100));
    expect(all.filter((one) => typeof one === 'string')).toEqual(['HOOK_FAILED']);
    expect(made.record.of('error')[0]?.message).toContain(option);
    expectClear(made);
  });
});

describe('a million', () => {
  const MILLION = 1_000_000;

  it('values of one key are one message that waits: the last', async () => {
    const made = await rig<Message, unknown>();
    for (let n = 1; n <= MILLION; n++) made.socket.send({ n }, { key: 'price' });
    const { buffered, dropped } = made.socket.stats();
    expect([buffered, dropped.replaced]).toEqual([{ messages: 1, bytes: 13 }, MILLION - 1]);
    const got: string[] = [];
    made.server.wss.on('connection', (peer) => {
      peer.on('message', (data: Buffer) => got.push(data.toString()));
    });
    await made.socket.connect();
    await expect.poll(() => got).toEqual([`{"n":${MILLION}}`]);
  });

  it('keys are bounded as all messages are, and told', async () => {
    const made = await rig<Message, unknown>();
    for (let n = 1; n <= MILLION; n++) made.socket.send({ n }, { key: n });
    const { buffered, dropped } = made.socket.stats();
    expect([buffered.messages, dropped.overflow]).toEqual([1_000, MILLION - 1_000]);
    await made.socket.connect();
    const overflows = made.record.of('buffer_overflow').map(({ dropped_count }) => dropped_count);
    expect(overflows.reduce((sum, count) => sum + count)).toBe(MILLION - 1_000);
  });

  it('channels that come and go before there is a connection leave nothing to be said', async () => {
    const { socket, server } = await rig<Message, unknown>();
    const channels = multiplex(socket, {
      channelOf: ({ ch }) => ch,
      subscribe: (names) => ({ names }),
      unsubscribe: (names) => ({ not: names }),
    });
    for (let n = 1; n <= MILLION / 10; n++) channels.channel(`c${n}`).close();
    channels.channel('kept');
    expect(channels.stats().channels).toBe(1);
    const got: string[] = [];
    server.wss.on('connection', (peer) => {
      peer.on('message', (data: Buffer) => got.push(data.toString()));
    });
    await socket.connect();
    await expect.poll(() => got).toEqual(['{"names":["kept"]}']);
  });
});

describe('a consumer that never reads', () => {
  const options = { buffer: { capacity: 10 } };

  it('of a loop: the oldest are dropped and told, and handlers have all', async () => {
    const made = await connected(options);
    const loop = made.socket[Symbol.asyncIterator]();
    burst(made.peer, 1_000);
    await untilNumber(made, 1_000);
    await made.record.when(() => made.socket.stats().dropped.unread === 990, '990 unread');
    expect(told(made)).toEqual(upTo(1_000));
    expect(await loop.next()).toMatchObject({ value: { n: 991 } });
    expectClear(made);
  });

  it('of a stream: the server waits, and all of it can still be read', async () => {
    const made = await connected(options);
    const reader = made.socket.readable.getReader();
    const first = reader.read();
    burst(made.peer, 1_000);
    expect(await first).toMatchObject({ value: { n: 1 } });
    const read = [1];
    while (read.length < 1_000) read.push((await reader.read()).value?.n ?? 0);
    expect(read).toEqual(upTo(1_000));
    expect(made.socket.stats().dropped.unread).toBe(0);
    expectClear(made);
  });

  it('of a channel: the oldest are dropped and counted, and its handlers have all', async () => {
    const made = await connected();
    const channels = multiplex(made.socket, {
      channelOf: ({ ch }) => ch,
      subscribe: () => undefined,
      capacity: 10,
    });
    const a = channels.channel('a');
    const handled: number[] = [];
    a.on('message', ({ data }) => handled.push(data.n));
    const loop = a[Symbol.asyncIterator]();
    burst(made.peer, 1_000, () => ({ ch: 'a' }));
    await untilNumber(made, 1_000);
    expect(handled).toEqual(upTo(1_000));
    expect(a.stats()).toMatchObject({ received: 1_000, queued: 10, dropped: 990 });
    expect(await loop.next()).toMatchObject({ value: { n: 991 } });
    expectClear(made);
  });
});

it('a channel that is unsubscribed while its messages are on their way: they are late, and no other is lost', async () => {
  const made = await connected();
  const said: string[] = [];
  made.peer.on('message', (data: Buffer) => said.push(data.toString()));
  const channels = multiplex(made.socket, {
    channelOf: ({ ch }) => ch,
    subscribe: (names) => ({ names }),
    unsubscribe: (names) => ({ not: names }),
  });
  const [gone, stays] = [channels.channel('gone'), channels.channel('stays')];
  const got: unknown[] = [];
  gone.on('message', ({ data }) => {
    got.push(data.ch);
    // In its own handler, with half of the burst still to come.
    if (data.n === 50) gone.close();
  });
  stays.on('message', ({ data }) => got.push(data.n));
  gone.on('closed', () => got.push('closed'));
  burst(made.peer, 100, (n) => ({ ch: n % 2 === 0 ? 'gone' : 'stays' }));
  await untilNumber(made, 100);
  expect(got.filter((one) => typeof one === 'number')).toEqual(
    upTo(100).filter((n) => n % 2 === 1),
  );
  expect(got.filter((one) => one === 'gone')).toHaveLength(25);
  expect(got.lastIndexOf('gone')).toBeLessThan(got.indexOf('closed'));
  expect(channels.stats()).toEqual({ channels: 1, routed: 75, unroutable: 0, late: 25 });
  await expect.poll(() => said).toEqual(['{"names":["gone","stays"]}', '{"not":["gone"]}']);
  expectClear(made);
});

describe('request ids that collide', () => {
  const request = { idOf: (message: unknown) => (message as Message).id, timeoutMs: 10_000 };
  const failure = (code: string): unknown =>
    expect.objectContaining({ code, hint: expect.stringMatching(/\w{3}/) as string });
  const reply = ({ peer }: Made, n: number): void => peer.send(JSON.stringify({ n, id: 1 }));

  it('with each other: the second throws REQUEST_ID_TAKEN, is not sent, and the first is answered', async () => {
    const made = await connected({ request });
    const got: unknown[] = [];
    made.peer.on('message', (data: Buffer) => got.push(JSON.parse(data.toString())));
    const first = made.socket.request({ id: 1 });
    await expect(made.socket.request({ id: 1, again: true })).rejects.toThrow(
      failure('REQUEST_ID_TAKEN'),
    );
    const other = made.socket.request({ id: 2 });
    await expect.poll(() => got).toEqual([{ id: 1 }, { id: 2 }]);
    reply(made, 7);
    made.peer.send('{"n":8,"id":2}');
    expect([await first, await other]).toEqual([
      { n: 7, id: 1 },
      { n: 8, id: 2 },
    ]);
    expectClear(made);
  });

  it('because the server replies twice: the second is a message and no more', async () => {
    const made = await connected({ request });
    const first = made.socket.request({ id: 1 });
    reply(made, 1);
    reply(made, 2);
    expect(await first).toEqual({ n: 1, id: 1 });
    await untilNumber(made, 2);
    expect(told(made)).toEqual([1, 2]);
    expectClear(made);
  });

  it('with a reply that comes after the timeout: it is a message and no more', async () => {
    const made = await connected({ request: { ...request, timeoutMs: 20 } });
    await expect(made.socket.request({ id: 1 })).rejects.toThrow(failure('REQUEST_TIMEOUT'));
    reply(made, 1);
    await untilNumber(made, 1);
    expect(told(made)).toEqual([1]);
    expectClear(made);
  });

  it('with a reply that comes after the abort: it is a message and no more', async () => {
    const made = await connected({ request });
    const controller = new AbortController();
    const given = made.socket.request({ id: 1 }, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(given).rejects.toMatchObject({ code: 'ABORTED', cause: { message: 'enough' } });
    reply(made, 1);
    await untilNumber(made, 1);
    expect(told(made)).toEqual([1]);
    expectClear(made);
  });

  it('with one that was given up, on purpose: whichever reply comes first is the reply, and is used once', async () => {
    const made = await connected({ request: { ...request, timeoutMs: 20 } });
    await expect(made.socket.request({ id: 1 })).rejects.toThrow(failure('REQUEST_TIMEOUT'));
    const retried = made.socket.request({ id: 1 }, { timeoutMs: 10_000 });
    reply(made, 1);
    reply(made, 2);
    expect(await retried).toEqual({ n: 1, id: 1 });
    await untilNumber(made, 2);
    expectClear(made);
  });
});
