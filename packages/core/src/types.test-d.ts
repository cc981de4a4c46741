import { describe, expectTypeOf, it } from 'vitest';
import {
  binary,
  type Cause,
  type Codec,
  connect,
  type Delivery,
  type DeliveryStatus,
  type ErrorCode,
  type EventName,
  JetSocket,
  type JetSocketError,
  type JetSocketEvent,
  type JetSocketEventMap,
  type Options,
  type OverflowPolicy,
  type Phase,
  type ReplayMode,
  type SendOptions,
  text,
  type Transport,
} from './index.js';

interface Trade {
  readonly price: number;
}
interface Order {
  readonly op: 'subscribe';
}

declare const transport: Transport;
declare const socket: JetSocket<Trade, Order>;
declare const anything: JetSocket;

it('options may be undefined, one by one', () => {
  const options: Options = { backoff: { baseMs: undefined }, buffer: { capacity: undefined } };
  expectTypeOf(options).toExtend<Options>();
});

describe('on()', () => {
  it('gives a handler the fields of its event', () => {
    socket.on('connected', (event) => {
      expectTypeOf(event.uri).toEqualTypeOf<string>();
      expectTypeOf(event.protocol).toEqualTypeOf<string>();
      expectTypeOf(event.timestamp).toEqualTypeOf<number>();
      expectTypeOf(event.type).toEqualTypeOf<'connected'>();
    });
    socket.on('disconnected', (event) => {
      expectTypeOf(event.code).toEqualTypeOf<number>();
      expectTypeOf(event.reason).toEqualTypeOf<string>();
      expectTypeOf(event.was_clean).toEqualTypeOf<boolean>();
      expectTypeOf(event.will_reconnect).toEqualTypeOf<boolean>();
    });
    socket.on('reconnecting', (event) => {
      expectTypeOf(event.attempt).toEqualTypeOf<number>();
      expectTypeOf(event.delay).toEqualTypeOf<number>();
      expectTypeOf(event.cause).toEqualTypeOf<Cause>();
    });
    socket.on('reconnected', (event) => {
      expectTypeOf(event.attempts).toEqualTypeOf<number>();
      expectTypeOf(event.downtime_ms).toEqualTypeOf<number>();
    });
    socket.on('message', (event) => {
      expectTypeOf(event.data).toEqualTypeOf<Trade>();
      expectTypeOf(event.sequence_id).toEqualTypeOf<number | string | null>();
      expectTypeOf(event.replayed).toEqualTypeOf<boolean>();
    });
    socket.on('error', (event) => {
      expectTypeOf(event.error).toEqualTypeOf<Error>();
      expectTypeOf(event.message).toEqualTypeOf<string>();
      expectTypeOf(event.code).toEqualTypeOf<ErrorCode>();
      expectTypeOf(event.fatal).toEqualTypeOf<boolean>();
    });
    socket.on('ping', (event) => expectTypeOf(event.payload).toBeUnknown());
    socket.on('pong', (event) => expectTypeOf(event.latency_ms).toEqualTypeOf<number>());
    socket.on('buffer_overflow', (event) => {
      expectTypeOf(event.dropped_count).toEqualTypeOf<number>();
      expectTypeOf(event.policy).toEqualTypeOf<OverflowPolicy>();
    });
    socket.on('replay_started', (event) => {
      expectTypeOf(event.mode).toEqualTypeOf<ReplayMode>();
      expectTypeOf(event.message_count).toEqualTypeOf<number>();
    });
    socket.on('replay_completed', (event) => {
      expectTypeOf(event.replayed_count).toEqualTypeOf<number>();
      expectTypeOf(event.duration_ms).toEqualTypeOf<number>();
    });
  });

  it('takes async handlers, and returns a function that removes', () => {
    const off = socket.on('message', async (event) => Promise.resolve(event.data.price));
    expectTypeOf(off).toEqualTypeOf<() => void>();
    expectTypeOf(socket.once('closed', () => undefined)).toEqualTypeOf<() => void>();
    expectTypeOf(socket.off('closed')).toEqualTypeOf<void>();
  });

  it('gives a handler of * any event, discriminated by type', () => {
    socket.on('*', (event) => {
      expectTypeOf(event).toEqualTypeOf<JetSocketEvent<Trade>>();
      expectTypeOf(event.timestamp).toEqualTypeOf<number>();
      if (event.type === 'pong') expectTypeOf(event.latency_ms).toEqualTypeOf<number>();
      if (event.type === 'message') expectTypeOf(event.data).toEqualTypeOf<Trade>();
      // @ts-expect-error -- only some events have it.
      void event.uri;
    });
  });

  it('takes a signal', () => {
    socket.on('message', () => undefined, { signal: new AbortController().signal });
    // @ts-expect-error -- a controller is no signal.
    socket.on('message', () => undefined, { signal: new AbortController() });
    // @ts-expect-error -- there is no such option.
    socket.on('message', () => undefined, { once: true });
  });

  it('refuses what means nothing', () => {
    // @ts-expect-error -- no such event.
    socket.on('open', () => undefined);
    // @ts-expect-error -- no such event.
    socket.once('reconnect', () => undefined);
    // @ts-expect-error -- no such event.
    socket.off('open');
    // @ts-expect-error -- no such field.
    socket.on('pong', (event) => event.latencyMs);
    // @ts-expect-error -- a field of another event.
    socket.on('connected', (event) => event.code);
    // @ts-expect-error -- a handler of another event.
    socket.on('pong', (event: JetSocketEventMap['connected']) => event.uri);
    // @ts-expect-error -- a handler of other messages.
    socket.on('message', (event: JetSocketEventMap<string>['message']) => event.data);
    // @ts-expect-error -- a handler of one event only.
    socket.on('*', (event: JetSocketEventMap['connected']) => event.uri);
    // @ts-expect-error -- no handler.
    socket.on('message');
    // @ts-expect-error -- no function.
    socket.on('message', 'handler');
  });

  it('gives records that cannot be written to', () => {
    socket.on('message', (event) => {
      // @ts-expect-error -- all handlers get the same record.
      event.data = { price: 1 };
      // @ts-expect-error -- all handlers get the same record.
      event.timestamp = 0;
    });
  });
});

describe('JetSocketEvent', () => {
  it('is every event there is, and each has type and timestamp', () => {
    expectTypeOf<JetSocketEvent['type']>().toEqualTypeOf<EventName>();
    expectTypeOf<JetSocketEvent['timestamp']>().toEqualTypeOf<number>();
    expectTypeOf<EventName>().toEqualTypeOf<
      | ('connected' | 'disconnected' | 'reconnecting' | 'reconnected' | 'message' | 'error')
      | ('ping' | 'pong' | 'buffer_overflow' | 'replay_started' | 'replay_completed')
      | ('connecting' | 'state_change' | 'closed' | 'gap')
    >();
  });

  it('is told apart by a switch', () => {
    const tell = (event: JetSocketEvent<Trade>): number | string => {
      switch (event.type) {
        case 'message':
          return event.data.price;
        case 'state_change':
          expectTypeOf(event.to).toEqualTypeOf<Phase>();
          return event.from;
        case 'closed':
          return event.reason;
        case 'gap':
          return event.from;
        default:
          return event.timestamp;
      }
    };
    expectTypeOf(tell).returns.toEqualTypeOf<number | string>();
  });
});

describe('send()', () => {
  it('takes what the socket sends, and returns its delivery', () => {
    expectTypeOf(socket.send).parameters.toEqualTypeOf<
      [message: Order, options?: SendOptions | undefined]
    >();
    const delivery = socket.send({ op: 'subscribe' });
    expectTypeOf(delivery).toEqualTypeOf<Delivery>();
    expectTypeOf(delivery.settled).toEqualTypeOf<Promise<DeliveryStatus>>();
    expectTypeOf(delivery.status).toEqualTypeOf<'buffered' | 'sent' | 'acknowledged' | 'dropped'>();
    anything.send(5);
  });

  it('refuses what the socket does not send', () => {
    // @ts-expect-error -- not an order.
    socket.send({ op: 'unsubscribe' });
    // @ts-expect-error -- not an order.
    socket.send('subscribe');
    // @ts-expect-error -- it is read, not written.
    socket.send({ op: 'subscribe' }).status = 'sent';
  });
});

describe('connect() and new JetSocket()', () => {
  it('have messages of unknown types where none is given', () => {
    expectTypeOf(connect('wss://example.com', { transport })).toEqualTypeOf<JetSocket>();
    anything.on('message', (event) => expectTypeOf(event.data).toBeUnknown());
    anything.on('message', (event) => {
      // @ts-expect-error -- unknown: it has to be looked at first.
      void event.data.price;
    });
  });

  it('have the types that are given', () => {
    const made = connect<Trade, Order>('wss://example.com', { transport });
    expectTypeOf(made).toEqualTypeOf<JetSocket<Trade, Order>>();
    expectTypeOf(new JetSocket<Trade, Order>('wss://example.com')).toEqualTypeOf(made);
  });

  it('have the types of the codec', () => {
    const url = 'wss://example.com';
    expectTypeOf(connect(url, { codec: text })).toEqualTypeOf<JetSocket<string, string>>();
    expectTypeOf(connect(url, { codec: binary })).toEqualTypeOf<
      JetSocket<Uint8Array, Uint8Array | ArrayBuffer>
    >();
    // @ts-expect-error -- a codec of other messages.
    connect<Trade, Order>(url, { codec: text });
  });

  it('take a URL as a string, a URL or a function, sync or async', () => {
    connect(new URL('wss://example.com'));
    connect(() => 'wss://example.com');
    connect(async ({ attempt, signal }) => {
      expectTypeOf(attempt).toEqualTypeOf<number>();
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      return new URL('wss://example.com');
    });
    // @ts-expect-error -- no URL.
    connect(5);
    // @ts-expect-error -- a function that returns none.
    connect(() => 5);
    // @ts-expect-error -- no URL at all.
    connect();
  });

  it('have a state and promises', () => {
    expectTypeOf(socket.state).toEqualTypeOf<Phase>();
    expectTypeOf(socket.state).toEqualTypeOf<
      'idle' | 'connecting' | 'connected' | 'backing_off' | 'closing' | 'closed' | 'failed'
    >();
    expectTypeOf(socket.opened).toEqualTypeOf<Promise<void>>();
    expectTypeOf(socket.connect({ signal: new AbortController().signal })).toEqualTypeOf<
      Promise<void>
    >();
    expectTypeOf(socket.close(1000, 'bye')).toEqualTypeOf<Promise<void>>();
    expectTypeOf(socket.reconnect()).toEqualTypeOf<void>();
    expectTypeOf(socket).toExtend<AsyncDisposable>();
    // @ts-expect-error -- it is read, not written.
    socket.state = 'closed';
  });
});

describe('Options', () => {
  it('give functions what they are for', () => {
    const options: Options<Trade, Order> = {
      protocols: async ({ attempt }) => `v${attempt}`,
      headers: () => ({ Authorization: 'Bearer x' }),
      reconnect: ({ code, httpStatus }) => {
        expectTypeOf(code).toEqualTypeOf<number>();
        expectTypeOf(httpStatus).toEqualTypeOf<number | undefined>();
        return { delayMs: 5 };
      },
      heartbeat: { ping: () => ({ op: 'subscribe' }), isPong: (message) => message.price > 0 },
      buffer: { ackOf: (message) => message.price },
      logger: console,
      random: Math.random,
    };
    expectTypeOf(options.codec).toEqualTypeOf<Codec<Trade, Order> | undefined>();
  });

  it('may each be undefined, and the groups too', () => {
    const options: Options = {
      backoff: undefined,
      heartbeat: { ping: undefined },
      buffer: undefined,
      replay: { mode: undefined },
      connectTimeoutMs: undefined,
    };
    expectTypeOf(options).toExtend<Options>();
  });

  it('refuse what means nothing', () => {
    const url = 'wss://example.com';
    // @ts-expect-error -- no such option.
    connect(url, { recconect: true });
    // @ts-expect-error -- no such option of the group.
    connect(url, { backoff: { maxMs: 5 } });
    // @ts-expect-error -- no number.
    connect(url, { connectTimeoutMs: '10s' });
    // @ts-expect-error -- no such policy.
    connect(url, { buffer: { overflowPolicy: 'block' } });
    // @ts-expect-error -- no such mode.
    connect(url, { replay: { mode: 'all' } });
    // @ts-expect-error -- true is no group.
    connect(url, { heartbeat: true });
    // @ts-expect-error -- a heartbeat that the socket does not send.
    connect<Trade, Order>(url, { heartbeat: { ping: () => 'ping' } });
    // @ts-expect-error -- an acknowledgement is a number.
    connect<Trade, Order>(url, { buffer: { ackOf: () => 'id' } });
    // @ts-expect-error -- reconnect is asked and has to answer at once.
    connect(url, { reconnect: async () => true });
    // @ts-expect-error -- the value of a header is a string.
    connect(url, { headers: { 'X-A': 5 } });
  });

  it('cannot be written to', () => {
    const options: Options = {};
    // @ts-expect-error -- they are read once, when the socket is made.
    options.connectTimeoutMs = 5;
    // @ts-expect-error -- so are the groups.
    if (options.buffer !== undefined) options.buffer.capacity = 5;
  });
});

it('JetSocketError has a code to branch on', () => {
  expectTypeOf<JetSocketError['code']>().toEqualTypeOf<ErrorCode>();
  expectTypeOf<JetSocketError['hint']>().toEqualTypeOf<string | undefined>();
  expectTypeOf<'CLOSED' | 'INVALID_OPTION' | 'UNDECODABLE'>().toExtend<ErrorCode>();
  // @ts-expect-error -- no such code.
  const wrong: ErrorCode = 'OOPS';
  void wrong;
});
