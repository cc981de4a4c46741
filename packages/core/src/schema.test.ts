import { inspect } from 'node:util';
import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { settle } from '@jetsocket/testing';
import { bench, type Bench, connected } from '../test/test-kit.js';
import type { Codec } from './codec.js';
import { JetSocketError } from './errors.js';
import type { Options } from './options.js';
import type { SchemaIssue, StandardSchema } from './standard-schema.js';

type Result = ReturnType<StandardSchema['~standard']['validate']>;

/** A schema of our own, for what libraries do not do. */
const schemaOf = (validate: (value: unknown) => Result): StandardSchema => ({
  '~standard': { version: 1, vendor: 'test', validate },
});

async function come(made: Bench, ...messages: unknown[]): Promise<void> {
  for (const message of messages) made.link().deliver(JSON.stringify(message));
  await made.clock.advance(10);
}

/** Messages and errors in the order in which they were told. */
const told = ({ events }: Bench): unknown[] =>
  events.flatMap((event) => {
    if (event.type === 'message') return [event.data];
    return event.type === 'error' ? [event.code] : [];
  });

function errorsOf({ events }: Bench): JetSocketError[] {
  return events.flatMap((event) =>
    event.type === 'error' && event.error instanceof JetSocketError ? [event.error] : [],
  );
}

const LIBRARIES: readonly (readonly [name: string, schema: NonNullable<Options['schema']>])[] = [
  ['zod', z.object({ symbol: z.string(), price: z.number() })],
  ['valibot', v.object({ symbol: v.string(), price: v.number() })],
  ['arktype', type({ symbol: 'string', price: 'number' })],
];

it('tells three issues, and how many more there are', async () => {
  const issues = ['a', 'b', 'c', 'd', 'e'].map((message) => ({ message }));
  const made = await connected({ schema: schemaOf(() => ({ issues })) });
  await come(made, 1);
  expect(errorsOf(made)[0]?.message).toBe(
    'A message is not what schema takes: a; b; c; and 2 more',
  );
  expect(errorsOf(made)[0]?.issues).toHaveLength(5);
});

it('a schema that throws at a message behind others does so in its turn', async () => {
  let looked: () => void = () => undefined;
  const first = new Promise<Result>((resolve) => (looked = () => resolve({ value: 1 })));
  const validate = (value: unknown): Result | Promise<Result> => {
    if (value === 2) throw new Error('no idea');
    return value === 1 ? first : { value };
  };
  const made = await connected({ schema: schemaOf(validate as (value: unknown) => Result) });
  await come(made, 1, 2, 3);
  expect(told(made)).toEqual([]);
  looked();
  await settle();
  expect(told(made)).toEqual([1, 'INVALID_MESSAGE', 3]);
});

describe.each(LIBRARIES)('schema of %s', (_name, schema) => {
  it('lets pass what it takes, and tells of the rest with issues and data', async () => {
    const made = await connected({ schema });
    const [good, bad] = [
      { symbol: 'A', price: 1 },
      { symbol: 'A', price: 'dear' },
    ];
    await come(made, good, bad, good);
    expect(told(made)).toEqual([good, 'INVALID_MESSAGE', good]);
    const [error] = errorsOf(made);
    expect(error?.data).toEqual(bad);
    expect(error?.issues).toHaveLength(1);
    expect(error?.issues[0]?.path).toEqual(
      _name === 'valibot'
        ? [expect.objectContaining({ key: 'price' })]
        : expect.objectContaining(['price']),
    );
    expect(error?.message).toMatch(/^A message is not what schema takes: price: /);
    expect(made.socket.state).toBe('connected');
    expect(made.socket.stats().dropped.invalid).toBe(1);
  });
});

it('a schema transforms', async () => {
  const made = await connected({ schema: z.object({ at: z.coerce.date() }) });
  await come(made, { at: '2026-01-02T00:00:00Z' });
  expect(told(made)).toEqual([{ at: new Date('2026-01-02T00:00:00Z') }]);
});

it('an async schema keeps the order, however long each takes', async () => {
  const waits = [30, 0, 10, 0];
  const made: Bench = await connected({
    schema: schemaOf((value) => {
      const waitMs = waits[Number(value)] ?? 0;
      const result = { value };
      if (waitMs === 0) return result;
      return new Promise((resolve) => made.clock.setTimer(waitMs, () => resolve(result)));
    }),
  });
  await come(made, 0, 1, 2, 3);
  expect(told(made)).toEqual([]);
  await made.clock.advance(30);
  expect(told(made)).toEqual([0, 1, 2, 3]);
  await come(made, 1);
  expect(told(made)).toEqual([0, 1, 2, 3, 1]);
});

it('an async schema of a library validates', async () => {
  const made = await connected({
    schema: v.pipeAsync(
      v.string(),
      v.checkAsync(async (name) => Promise.resolve(name !== 'taken'), 'is taken'),
    ),
  });
  await come(made, 'free', 'taken', 'free');
  await settle();
  expect(told(made)).toEqual(['free', 'INVALID_MESSAGE', 'free']);
});

describe('a schema that misbehaves', () => {
  const boom = new Error('boom');
  const throwing = (name: 'issues' | 'value'): Result =>
    Object.defineProperty({ value: 0 }, name, {
      get() {
        throw boom;
      },
    });
  it.each<readonly [name: string, misbehave: () => Result, message: RegExp]>([
    [
      'throws',
      () => {
        throw boom;
      },
      /failed at a message: boom/,
    ],
    ['rejects', () => Promise.reject(boom), /failed at a message: boom/],
    ['returns nothing', () => undefined as unknown as Result, /answered with undefined/],
    ['returns no result', () => ({}) as unknown as Result, /answered with an object/],
    [
      'returns issues that are none',
      () => ({ issues: 5 }) as unknown as Result,
      /answered with an object/,
    ],
    ['resolves to a string', () => Promise.resolve('?') as unknown as Result, /answered with '\?'/],
    ['gives issues that throw', () => ({ issues: [trap()] }), /an issue that cannot be read/],
    ['returns a value that throws', () => throwing('value'), /failed at a message: boom/],
    [
      'resolves to one',
      async () => Promise.resolve(throwing('value')),
      /failed at a message: boom/,
    ],
    ['returns issues that throw', () => throwing('issues'), /failed at a message: boom/],
  ])('%s is one error, and no other message is lost', async (_name, misbehave, message) => {
    const made = await connected({
      schema: schemaOf((value) => (value === 2 ? misbehave() : { value })),
    });
    await come(made, 1, 2, 3);
    await settle();
    expect(told(made)).toEqual([1, 'INVALID_MESSAGE', 3]);
    expect(errorsOf(made)[0]?.message).toMatch(message);
    expect(errorsOf(made)[0]?.data).toBe(2);
  });

  it('hangs: the message is given up after codecTimeoutMs, and those behind it come', async () => {
    const hang = new Promise<never>(() => undefined);
    const made = await connected({
      codecTimeoutMs: 1_000,
      schema: schemaOf((value) => (value === 2 ? hang : { value })),
    });
    await come(made, 1, 2, 3);
    await made.clock.advance(999);
    expect(told(made)).toEqual([1]);
    await made.clock.advance(1);
    expect(told(made)).toEqual([1, 'INVALID_MESSAGE', 3]);
    expect(errorsOf(made)[0]?.message).toContain('no answer within 1000 ms');
  });

  it('hangs: close() does not wait for it, and no timer is left', async () => {
    const made = await connected({ schema: schemaOf(() => new Promise<never>(() => undefined)) });
    await come(made, 1, 2);
    const closed = made.socket.close();
    await made.clock.advance(20);
    await closed;
    expect(told(made)).toEqual([]);
    expect(made.clock.pendingCount).toBe(0);
  });

  it('hangs: no more than capacity wait, the rest is dropped and counted', async () => {
    const made = await connected({
      buffer: { capacity: 2 },
      schema: schemaOf(() => new Promise<never>(() => undefined)),
    });
    await come(made, 1, 2, 3, 4, 5);
    await made.clock.advance(0);
    const overflows = made.events.filter(({ type }) => type === 'buffer_overflow');
    expect(overflows).toMatchObject([
      { dropped_count: 3, direction: 'incoming', policy: 'drop_newest', capacity: 2 },
    ]);
    expect(made.socket.stats().dropped.incoming).toBe(3);
  });
});

describe.each([false, true])('a schema that hangs, with an async codec too: %s', (isCodecAsync) => {
  const codec: Codec<unknown, unknown> = {
    encode: (message) => JSON.stringify(message),
    decode: (data) =>
      (isCodecAsync
        ? Promise.resolve(JSON.parse(data as string))
        : JSON.parse(data as string)) as unknown,
  };

  it('no more than maxBytes wait, of the frames that they came in', async () => {
    const made = await connected({
      codec,
      buffer: { maxBytes: 100 },
      schema: schemaOf(() => new Promise<never>(() => undefined)),
    });
    // 40 bytes each, with its quotes: the third one does not fit.
    await come(made, ...Array.from({ length: 5 }, () => 'é'.repeat(19)));
    await made.clock.advance(0);
    const overflows = made.events.filter(({ type }) => type === 'buffer_overflow');
    expect(overflows).toMatchObject([{ dropped_count: 3, direction: 'incoming' }]);
    expect(made.socket.stats().dropped.incoming).toBe(3);
    // Those that waited are given up in time, and there is room again.
    await made.clock.advance(10_000);
    await come(made, 'x'.repeat(38), 'x'.repeat(38));
    await made.clock.advance(0);
    expect(made.socket.stats().dropped).toMatchObject({ incoming: 3, invalid: 2 });
  });

  it('one message always may, however large, and what came before takes no room', async () => {
    let isSlow = false;
    const made = await connected({
      codec,
      replay: { mode: 'sequence_id', sequenceOf: () => undefined },
      buffer: { maxBytes: 100 },
      schema: schemaOf((value) => (isSlow ? Promise.resolve({ value }) : { value })),
    });
    await come(made, ...Array.from({ length: 50 }, () => 'x'.repeat(38)));
    isSlow = true;
    await come(made, 'a'.repeat(38), 'b'.repeat(38));
    await come(made, 'c'.repeat(500));
    expect(told(made)).toHaveLength(53);
    expect(made.socket.stats().dropped.incoming).toBe(0);
  });
});

/** An issue that cannot be looked at. */
function trap(): SchemaIssue {
  return {
    get message(): string {
      throw new Error('no');
    },
  };
}

describe("invalidPolicy 'close'", () => {
  const options: Options = { invalidPolicy: 'close', schema: z.number() };

  it('closes with 4400, tells once, and does not come back', async () => {
    const made = await connected(options);
    await come(made, 1, 'two', 3);
    await made.clock.advance(20);
    expect(told(made)).toEqual([1, 'INVALID_MESSAGE']);
    expect(errorsOf(made)[0]?.data).toBe('two');
    expect(made.events.at(-1)).toMatchObject({ type: 'closed', code: 4400, cause: 'fatal' });
    expect(made.events.find(({ type }) => type === 'error')).toMatchObject({ fatal: true });
    expect(made.socket.state).toBe('failed');
  });

  it('comes back when reconnect says so', async () => {
    const made = await connected({
      ...options,
      reconnect: ({ cause }) => cause === 'invalid_message',
    });
    await come(made, 'two');
    expect(made.socket.state).toBe('backing_off');
    expect(made.events.find(({ type }) => type === 'error')).toMatchObject({
      code: 'INVALID_MESSAGE',
      fatal: false,
    });
  });
});

it('what asks about a message sees it as it was decoded, before the schema', async () => {
  const seen: unknown[] = [];
  const made = await connected({
    schema: z.object({ price: z.number() }),
    heartbeat: { isPong: (message) => (seen.push(message), message === 'pong') },
  });
  await come(made, 'pong', { price: 1 });
  expect(seen).toEqual(['pong', { price: 1 }]);
  expect(told(made)).toEqual([{ price: 1 }]);
});

it('the data of an error does not get into a log by chance', () => {
  const error = new JetSocketError('INVALID_MESSAGE', 'x', { data: { password: 'secret' } });
  expect(error.data).toEqual({ password: 'secret' });
  expect(JSON.stringify(error) + Object.keys(error).join()).not.toMatch(/secret|data/);
});

it.each(LIBRARIES)(
  'what %s has against a message does not get into a log by chance, nor the rest of it',
  async (_name, schema) => {
    const made = await connected({ schema });
    await come(made, { symbol: 'A', price: true, password: 'hunter2' });
    const [error] = errorsOf(made);
    expect(error?.issues).toHaveLength(1);
    for (const told of [JSON.stringify(error), inspect(error, { depth: Infinity })])
      expect(told).not.toContain('hunter2');
  },
);

it('nor does a message that was sent, by an error that names its delivery', () => {
  const delivery = bench().socket.send('hunter2');
  const error = new JetSocketError('DELIVERY_UNKNOWN', 'x', { deliveries: [delivery] });
  expect(error.deliveries).toEqual([delivery]);
  for (const told of [JSON.stringify(error), inspect(error, { depth: Infinity })])
    expect(told).not.toContain('hunter2');
});

it('an extractor that throws at the thousandth message is one error, and loses none', async () => {
  let count = 0;
  const made = await connected({
    buffer: {
      ackOf: () => {
        if (++count === 1_000) throw new Error('the thousandth');
        return undefined;
      },
    },
  });
  await come(made, ...Array.from({ length: 1_100 }, (_, index) => index));
  const all = told(made);
  expect(all.filter((one) => typeof one === 'number')).toHaveLength(1_100);
  expect(all.filter((one) => one === 'HOOK_FAILED')).toHaveLength(1);
  expect(all.indexOf('HOOK_FAILED')).toBe(999);
});
