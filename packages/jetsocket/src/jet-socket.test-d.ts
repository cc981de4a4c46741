import { describe, expectTypeOf, it } from 'vitest';
import type { JetSocketEvent } from './index.js';
import { type Codec, connect, JetSocket, type JetSocketError, text } from './index.js';
import * as inBrowsers from './index.browser.js';

interface Trade {
  readonly price: number;
}

interface Order {
  readonly op: 'buy' | 'sell';
}

const socket = connect<Trade, Order>('wss://example.com/');

describe('on()', () => {
  it('knows the fields of each event', () => {
    socket.on('connected', (e) => expectTypeOf(e.uri).toBeString());
    socket.on('connected', (e) => expectTypeOf(e.timestamp).toBeNumber());
    socket.on('disconnected', (e) => expectTypeOf(e.code).toBeNumber());
    socket.on('disconnected', (e) => expectTypeOf(e.reason).toBeString());
    socket.on('reconnecting', (e) => expectTypeOf(e.attempt).toBeNumber());
    socket.on('reconnecting', (e) => expectTypeOf(e.delay).toBeNumber());
    socket.on('reconnected', (e) => expectTypeOf(e.attempts).toBeNumber());
    socket.on('message', (e) => expectTypeOf(e.data).toEqualTypeOf<Trade>());
    socket.on('error', (e) => expectTypeOf(e.error).toEqualTypeOf<Error>());
    socket.on('error', (e) => expectTypeOf(e.message).toBeString());
    socket.on('ping', (e) => expectTypeOf(e.payload).toBeUnknown());
    socket.on('pong', (e) => expectTypeOf(e.latency_ms).toBeNumber());
    socket.on('buffer_overflow', (e) => expectTypeOf(e.dropped_count).toBeNumber());
    socket.on('replay_started', (e) => expectTypeOf(e.message_count).toBeNumber());
    socket.on('replay_completed', (e) => expectTypeOf(e.replayed_count).toBeNumber());
    socket.on('replay_completed', (e) => expectTypeOf(e.duration_ms).toBeNumber());
    socket.on('closed', (e) => expectTypeOf(e.cause).toExtend<string>());
  });

  it('refuses an event that there is not', () => {
    // @ts-expect-error misspelt
    socket.on('mesage', () => undefined);
    // @ts-expect-error misspelt
    socket.once('open', () => undefined);
    // @ts-expect-error misspelt
    socket.off('close');
  });

  it('refuses a field that there is not', () => {
    // @ts-expect-error it is latency_ms
    socket.on('pong', (e) => e.latencyMs);
    // @ts-expect-error that is what `disconnected` has
    socket.on('connected', (e) => e.code);
    // @ts-expect-error a Trade has no such field
    socket.on('message', (e) => e.data.prize);
  });

  it("gives '*' the union, told apart by type", () => {
    socket.on('*', (e) => {
      expectTypeOf(e).toEqualTypeOf<JetSocketEvent<Trade>>();
      if (e.type === 'message') expectTypeOf(e.data).toEqualTypeOf<Trade>();
      // @ts-expect-error not every event has it
      return e.data as unknown;
    });
  });

  it('returns what removes the handler', () => {
    expectTypeOf(socket.on('closed', () => undefined)).toEqualTypeOf<() => void>();
    expectTypeOf(socket.once('closed', () => undefined)).toEqualTypeOf<() => void>();
  });
});

describe('send()', () => {
  it('takes Outgoing and nothing else', () => {
    expectTypeOf(socket.send({ op: 'buy' }).status).toEqualTypeOf<
      'buffered' | 'sent' | 'acknowledged' | 'dropped'
    >();
    // @ts-expect-error no such op
    socket.send({ op: 'hold' });
    // @ts-expect-error what comes is not what goes
    socket.send({ price: 1 });
    // @ts-expect-error something has to be sent
    socket.send();
  });

  it('takes anything where nothing was said', () => {
    const plain = connect('wss://example.com/');
    plain.send(1);
    plain.send({ any: 'thing' });
    plain.on('message', (e) => expectTypeOf(e.data).toBeUnknown());
  });

  it('takes what the codec takes', () => {
    const texts = connect('wss://example.com/', { codec: text });
    texts.on('message', (e) => expectTypeOf(e.data).toBeString());
    // @ts-expect-error text takes strings
    texts.send(1);
  });
});

describe('connect()', () => {
  it('is the same in browsers', () => {
    const there = inBrowsers.connect<Trade, Order>(new URL('wss://example.com/'));
    there.on('message', (e) => expectTypeOf(e.data).toEqualTypeOf<Trade>());
    // @ts-expect-error no such op
    there.send({ op: 'hold' });
  });

  it('takes functions, sync and async, that know their attempt', () => {
    connect(() => 'wss://example.com/');
    connect(async ({ attempt, signal }) => {
      expectTypeOf(attempt).toBeNumber();
      await fetch('https://example.com/token', { signal });
      return new URL('wss://example.com/');
    });
    // @ts-expect-error a number is no address
    connect(() => 1);
    // @ts-expect-error a number is no address
    connect(1);
  });

  it('types its hooks by what comes and goes', () => {
    connect<Trade, Order>('wss://example.com/', {
      heartbeat: { ping: () => ({ op: 'buy' }), isPong: (message) => message.price === 0 },
      buffer: { ackOf: (message) => message.price },
      reconnect: ({ code, cause }) => (code === 4000 ? false : { delayMs: cause.length }),
      headers: async () => ({ authorization: 'Bearer 1' }),
    });
    // @ts-expect-error a ping is an Order
    connect<Trade, Order>('wss://example.com/', { heartbeat: { ping: () => 'ping' } });
    // @ts-expect-error misspelt
    connect('wss://example.com/', { reconect: true });
    // @ts-expect-error no such policy
    connect('wss://example.com/', { buffer: { overflowPolicy: 'drop' } });
    // @ts-expect-error headers are strings
    connect('wss://example.com/', { headers: { a: 1 } });
  });

  it('takes a codec of both types', () => {
    const codec: Codec<Trade, Order> = {
      encode: ({ op }) => op,
      decode: () => ({ price: 1 }),
    };
    expectTypeOf(connect('wss://example.com/', { codec })).toEqualTypeOf<JetSocket<Trade, Order>>();
  });
});

describe('JetSocket', () => {
  it('has the state, the promises and the error codes', () => {
    const made = new JetSocket<Trade, Order>('wss://example.com/', {});
    expectTypeOf(made.state).toEqualTypeOf<
      'idle' | 'connecting' | 'connected' | 'backing_off' | 'closing' | 'closed' | 'failed'
    >();
    expectTypeOf(made.opened).toEqualTypeOf<Promise<void>>();
    expectTypeOf(made.connect({ signal: new AbortController().signal })).toEqualTypeOf<
      Promise<void>
    >();
    expectTypeOf(made.close(1000, 'bye')).toEqualTypeOf<Promise<void>>();
    expectTypeOf<JetSocketError['code']>().toExtend<string>();
    // @ts-expect-error it is read only
    made.state = 'closed';
  });
});
