import { decode, encode } from '@msgpack/msgpack';
import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import {
  type Codec,
  connect,
  type Delivery,
  type FlightRecord,
  JetSocket,
  type JetSocketError,
  json,
  type Options,
  presets,
  type SchemaIssue,
  type SendOptions,
  type StandardSchema,
  type Stats,
  text,
  trading,
} from './index.js';

interface Trade {
  readonly price: number;
}
interface Order {
  readonly op: 'subscribe';
}

const url = 'wss://example.com';
const zod = z.object({ price: z.number() });
const valibot = v.object({ price: v.number() });
const arktype = type({ price: 'number' });

/** A codec that says nothing of what comes, as most do. */
const pack: Codec<unknown, Order> = {
  encode: (message) => encode(message),
  decode: (data) => (typeof data === 'string' ? data : decode(data)),
};

describe('json', () => {
  it('goes for a codec of whatever messages there are', () => {
    const options: Options<Trade, Order> = { codec: json };
    expectTypeOf(connect<Trade, Order>(url, { codec: json })).toEqualTypeOf<
      JetSocket<Trade, Order>
    >();
    expectTypeOf(connect(url, options)).toEqualTypeOf<JetSocket<Trade, Order>>();
    expectTypeOf(new JetSocket<Trade>(url, { codec: json })).toEqualTypeOf<JetSocket<Trade>>();
    const codec: Codec<Trade, Order> = json;
    expectTypeOf(codec.decode('')).toEqualTypeOf<Trade | PromiseLike<Trade>>();
    connect<Trade, Order>(url, { codec: json, schema: zod });
  });

  it('claims nothing by itself', () => {
    expectTypeOf(connect(url, { codec: json })).toEqualTypeOf<JetSocket>();
    expectTypeOf(new JetSocket(url, { codec: json })).toEqualTypeOf<JetSocket>();
    expectTypeOf(json.decode('')).toBeUnknown();
    // @ts-expect-error -- unknown: the claim has to be made, as with decode<Trade>().
    const trade: Trade = json.decode('');
    expectTypeOf(json.decode<Trade>('')).toEqualTypeOf(trade);
  });

  it('leaves the other codecs what they are', () => {
    // @ts-expect-error -- a codec of strings.
    const options: Options<Trade, Order> = { codec: text };
    // @ts-expect-error -- a codec that does not say what comes.
    const packed: Options<Trade, Order> = { codec: pack };
    // @ts-expect-error -- its messages are no trades.
    const unsafe: Codec<Trade, Order> = { encode: json.encode, decode: text.decode };
    void [options, packed, unsafe];
  });
});

describe('schema', () => {
  it('says what comes', () => {
    expectTypeOf(connect(url, { schema: zod })).toEqualTypeOf<JetSocket<{ price: number }>>();
    expectTypeOf(connect(url, { schema: valibot })).toEqualTypeOf<JetSocket<{ price: number }>>();
    expectTypeOf(connect(url, { schema: arktype })).toEqualTypeOf<JetSocket<{ price: number }>>();
    expectTypeOf(new JetSocket(url, { schema: zod })).toEqualTypeOf<JetSocket<{ price: number }>>();
    connect(url, { schema: zod }).on('message', ({ data }) => {
      expectTypeOf(data.price).toEqualTypeOf<number>();
      // @ts-expect-error -- no such field.
      void data.prize;
    });
  });

  it('says what comes when it transforms', () => {
    const schema = z.object({ at: z.coerce.date() });
    expectTypeOf(connect(url, { schema })).toEqualTypeOf<JetSocket<{ at: Date }>>();
  });

  it('and a codec says what goes, whatever it makes of what comes', () => {
    const made = connect(url, { schema: zod, codec: pack });
    made.on('message', ({ data }) => expectTypeOf(data).toEqualTypeOf<{ price: number }>());
    expectTypeOf(made.send).parameter(0).toEqualTypeOf<Order>();
    made.send({ op: 'subscribe' });
    // @ts-expect-error -- not what the codec takes.
    made.send({ op: 'unsubscribe' });
    const plain = connect(url, { codec: json, schema: zod });
    plain.on('message', ({ data }) => expectTypeOf(data).toEqualTypeOf<{ price: number }>());
    expectTypeOf(plain.send).parameter(0).toBeUnknown();
    const texts = new JetSocket(url, { codec: text, schema: z.string() });
    texts.on('message', ({ data }) => expectTypeOf(data).toEqualTypeOf<string>());
    expectTypeOf(texts.send).parameter(0).toEqualTypeOf<string>();
  });

  it('agrees with types that are given', () => {
    connect<Trade, Order>(url, { schema: zod, codec: pack });
    // @ts-expect-error -- a schema of something else.
    connect<Trade, Order>(url, { schema: z.string() });
    // @ts-expect-error -- a codec for something else.
    connect<Trade, Order>(url, { schema: zod, codec: text });
    // @ts-expect-error -- without a schema, the codec has to say what comes.
    connect<Trade, Order>(url, { codec: pack });
  });

  it('is known to the functions that ask about a message', () => {
    connect(url, { schema: zod, heartbeat: { isPong: (message) => message.price === 0 } });
    // @ts-expect-error -- no such field.
    connect(url, { schema: zod, heartbeat: { isPong: (message) => message.prize === 0 } });
  });

  it('has to be one', () => {
    // @ts-expect-error -- no schema.
    connect(url, { schema: { parse: (value: unknown) => value } });
    // @ts-expect-error -- no such policy.
    connect(url, { schema: zod, invalidPolicy: 'throw' });
    // @ts-expect-error -- no such option, beside a schema too.
    connect(url, { schema: zod, recconect: true });
    expectTypeOf(zod).toExtend<StandardSchema<unknown, Trade>>();
  });
});

it('an async codec is a codec', () => {
  const codec = {
    encode: async (message: Order) => Promise.resolve(message.op),
    decode: async () => Promise.resolve({ price: 1 }),
  };
  expectTypeOf(connect(url, { codec })).toEqualTypeOf<JetSocket<{ price: number }, Order>>();
});

it('send() takes what is special about a message', () => {
  const socket = connect<Trade, Order>(url);
  const order: Order = { op: 'subscribe' };
  expectTypeOf(socket.send(order, { volatile: true })).toEqualTypeOf<Delivery>();
  socket.send(order, { ttlMs: 5, key: 'k' });
  socket.send(order, { early: true, key: undefined });
  expectTypeOf<SendOptions['key']>().toEqualTypeOf<string | number | undefined>();
  // @ts-expect-error -- no such option.
  socket.send(order, { ttl: 5 });
  // @ts-expect-error -- no key.
  socket.send(order, { key: {} });
  expectTypeOf(socket.ready()).toEqualTypeOf<void>();
});

it('stats() and record() are plain data that cannot be written to', () => {
  const socket = connect(url);
  expectTypeOf(socket.stats()).toEqualTypeOf<Stats>();
  expectTypeOf(socket.record()).toEqualTypeOf<FlightRecord>();
  expectTypeOf(socket.stats().latency?.p99Ms).toEqualTypeOf<number | undefined>();
  // @ts-expect-error -- a snapshot.
  socket.stats().errors = 0;
  // @ts-expect-error -- a snapshot.
  socket.record().forgotten = 0;
});

it('presets fit any socket, as they are, spread and overridden', () => {
  expectTypeOf(trading).toExtend<Options<Trade, Order>>();
  const { buffer } = presets.dashboard;
  connect<Trade, Order>(url, { ...presets.dashboard, buffer: { ...buffer, capacity: 5 } });
  connect(url, {
    ...trading,
    schema: zod,
    heartbeat: { intervalMs: 1_000, isPong: (message) => message.price === 0 },
  });
  expectTypeOf(connect(url, { ...trading, schema: zod })).toEqualTypeOf<
    JetSocket<{ price: number }>
  >();
  // @ts-expect-error -- frozen.
  trading.connectTimeoutMs = 5;
  // @ts-expect-error -- no such preset.
  void presets.gaming;
});

it('an error carries what is wrong with a message', () => {
  expectTypeOf<JetSocketError['issues']>().toEqualTypeOf<readonly SchemaIssue[]>();
  expectTypeOf<JetSocketError['data']>().toBeUnknown();
});
