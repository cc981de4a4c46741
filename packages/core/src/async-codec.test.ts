import { decode, encode } from '@msgpack/msgpack';
import { settle } from '@jetsocket/testing';
import { describe, expect, it } from 'vitest';
import { type Bench, bench, connected } from '../test/test-kit.js';
import type { Codec } from './codec.js';
import { JetSocketError } from './errors.js';
import type { Options } from './options.js';
import type { FrameData } from './ports.js';

/** Promises that the test settles, by message. */
class Desk {
  readonly #waiting = new Map<string, { done: () => void; fail: (why: unknown) => void }>();
  wait<Value>(key: string, value: Value): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(key, { done: () => resolve(value), fail: reject });
    });
  }
  async done(...keys: string[]): Promise<void> {
    for (const key of keys) this.#waiting.get(key)?.done();
    await settle();
  }
  async fail(key: string): Promise<void> {
    this.#waiting.get(key)?.fail(new Error(`no ${key}`));
    await settle();
  }
}

interface Made extends Bench {
  readonly desk: Desk;
}

async function slow(
  options: Options = {},
  begin: typeof connected | typeof bench = connected,
): Promise<Made> {
  const desk = new Desk();
  const codec: Codec<unknown, unknown> = {
    encode: (message) => desk.wait(`out ${String(message)}`, String(message)),
    decode: (data) => desk.wait(`in ${String(data)}`, data),
  };
  return { ...(await begin({ codec, ...options })), desk };
}

const told = ({ events }: Bench): unknown[] =>
  events.flatMap((event) => {
    if (event.type === 'message') return [event.data];
    return event.type === 'error' ? [event.code] : [];
  });

async function come(made: Bench, ...frames: string[]): Promise<void> {
  for (const frame of frames) made.link().deliver(frame);
  await made.clock.advance(10);
}

describe('encode() that returns a promise', () => {
  it('sends what is volatile if the connection is still the same', async () => {
    const made = await slow();
    const [now, early, late] = [
      made.socket.send('a', { volatile: true }),
      made.socket.send('b', { early: true }),
      made.socket.send('c', { volatile: true }),
    ];
    await made.desk.done('out a', 'out b');
    expect([now.status, early.status, late.status]).toEqual(['sent', 'sent', 'buffered']);
    await made.clock.advance(10);
    made.link().cut();
    await made.clock.advance(1_100);
    await made.desk.done('out c');
    expect(late.status).toBe('dropped');
    expect(made.transport.received).toEqual(['a', 'b']);
  });

  it('drops what is volatile and cannot be encoded, and tells', async () => {
    const made = await slow();
    const delivery = made.socket.send('a', { volatile: true });
    await made.desk.fail('out a');
    expect([delivery.status, told(made)]).toEqual(['dropped', ['NOT_SERIALIZABLE']]);
  });

  it('is for greetings too, which are told apart when they fail', async () => {
    const made = await slow({}, bench);
    made.socket.greet((say) => {
      say('a');
      say('b');
    });
    void made.socket.connect();
    await made.clock.advance(20);
    await made.desk.done('out b');
    expect(made.transport.received).toEqual([]);
    await made.desk.done('out a');
    await made.clock.advance(10);
    expect(made.transport.received).toEqual(['a', 'b']);
    made.link().cut();
    await made.clock.advance(1_030);
    await made.desk.fail('out a');
    await made.desk.done('out b');
    await made.clock.advance(10);
    expect(made.transport.received).toEqual(['a', 'b', 'b']);
  });

  it('may take too long for a message that expires', async () => {
    const made = await slow();
    const delivery = made.socket.send('a', { ttlMs: 500 });
    await made.clock.advance(1_000);
    await made.desk.done('out a');
    expect([delivery.status, made.transport.received]).toEqual(['dropped', []]);
  });

  it('that fails after the end is told to nobody but the log', async () => {
    const logged: string[] = [];
    const logger = { error: (_details: unknown, text: string) => void logged.push(text) };
    const made = await slow({ logger, reconnect: false });
    const delivery = made.socket.send('a');
    made.link().cut();
    await made.clock.advance(10);
    expect(made.socket.state).toBe('failed');
    const { length } = made.events;
    await made.desk.fail('out a');
    expect([delivery.status, made.events.length]).toEqual(['dropped', length]);
    expect(logged.join()).toContain('no out a');
  });

  it('keeps the order of send(), whichever is done first', async () => {
    const made = await slow();
    const deliveries = ['a', 'b', 'c'].map((message) => made.socket.send(message));
    expect(deliveries.map(({ id, status }) => [id, status])).toEqual([
      [1, 'buffered'],
      [2, 'buffered'],
      [3, 'buffered'],
    ]);
    await made.desk.done('out c', 'out b');
    await made.clock.advance(10);
    expect(made.transport.received).toEqual([]);
    await made.desk.done('out a');
    await made.clock.advance(10);
    expect(made.transport.received).toEqual(['a', 'b', 'c']);
    expect(deliveries.map(({ status }) => status)).toEqual(['sent', 'sent', 'sent']);
  });

  it('that rejects in the middle of a burst frees its place: dropped, one error, nothing else lost', async () => {
    const made = await slow();
    const [a, b, c] = ['a', 'b', 'c'].map((message) => made.socket.send(message));
    await made.desk.done('out a', 'out c');
    await made.desk.fail('out b');
    await made.clock.advance(10);
    expect(made.transport.received).toEqual(['a', 'c']);
    expect([a?.status, b?.status, c?.status]).toEqual(['sent', 'dropped', 'sent']);
    expect(await b?.settled).toBe('dropped');
    expect(told(made)).toEqual(['NOT_SERIALIZABLE']);
    const error = made.events.find((event) => event.type === 'error')?.error;
    expect(error).toBeInstanceOf(JetSocketError);
    expect(error).toMatchObject({ deliveries: [b], message: 'Cannot send: no out b' });
    expect(made.socket.stats().dropped.unserializable).toBe(1);
    expect(made.socket.stats().buffered).toEqual({ messages: 0, bytes: 0 });
  });

  it('waits for the connection as others do', async () => {
    const made = await slow({}, bench);
    made.socket.send('a');
    made.socket.send('b');
    await made.desk.done('out b');
    void made.socket.connect();
    await made.clock.advance(20);
    expect(made.link().received).toEqual([]);
    await made.desk.done('out a');
    await made.clock.advance(10);
    expect(made.link().received).toEqual(['a', 'b']);
  });

  it('that hangs is given up after codecTimeoutMs, and those behind it go', async () => {
    const made = await slow({ codecTimeoutMs: 500 });
    const hung = made.socket.send('a');
    made.socket.send('b');
    await made.desk.done('out b');
    await made.clock.advance(499);
    expect(made.transport.received).toEqual([]);
    await made.clock.advance(11);
    expect(made.transport.received).toEqual(['b']);
    expect(hung.status).toBe('dropped');
    expect(told(made)).toEqual(['NOT_SERIALIZABLE']);
    await made.desk.done('out a');
    await made.clock.advance(10);
    expect(made.transport.received).toEqual(['b']);
  });

  it('that hangs does not hold up close(), and says nothing after it', async () => {
    const made = await slow();
    const hung = made.socket.send('a');
    const closed = made.socket.close();
    await made.clock.advance(20);
    await closed;
    expect(hung.status).toBe('dropped');
    await made.desk.fail('out a');
    expect(made.events.at(-1)?.type).toBe('closed');
    expect(made.clock.pendingCount).toBe(0);
  });

  it.each<
    readonly [policy: 'drop_oldest' | 'drop_newest' | 'error', sent: string[], dropped: number]
  >([
    ['drop_oldest', ['bbbb', 'c'], 1],
    ['drop_newest', ['a', 'c'], 1],
    ['error', ['a', 'c'], 1],
  ])('counts its bytes once they are known: %s', async (overflowPolicy, sent, dropped) => {
    const made = await slow({ buffer: { maxBytes: 5, overflowPolicy } }, bench);
    for (const message of ['a', 'bbbb', 'c']) made.socket.send(message);
    await made.desk.done('out a', 'out c', 'out bbbb');
    expect(made.socket.stats()).toMatchObject({ dropped: { overflow: dropped } });
    void made.socket.connect();
    await made.clock.advance(30);
    expect(made.transport.received).toEqual(sent);
  });

  it('that comes to no frame, or to one that is too large, is an error', async () => {
    const made = await connected({
      maxMessageBytes: 3,
      codec: {
        encode: async (message) => Promise.resolve(message as FrameData),
        decode: (data) => data,
      },
    });
    const deliveries = [5, 'long', 'ok'].map((message) => made.socket.send(message));
    await settle();
    expect(told(made)).toEqual(['NOT_SERIALIZABLE', 'MESSAGE_TOO_LARGE']);
    expect(deliveries.map(({ status }) => status)).toEqual(['dropped', 'dropped', 'sent']);
  });

  it('overflow by the policy error throws, and the promise is no unhandled rejection', async () => {
    const made = await slow({ buffer: { capacity: 1, overflowPolicy: 'error' } }, bench);
    made.socket.send('a');
    expect(() => made.socket.send('b')).toThrow(
      expect.objectContaining({ code: 'BUFFER_OVERFLOW' }),
    );
    await made.desk.fail('out b');
    expect(told(made)).toEqual([]);
  });

  it('volatile: to the connection that there was, or dropped', async () => {
    const made = await slow();
    const [kept, lost] = ['a', 'b'].map((message) => made.socket.send(message, { volatile: true }));
    await made.desk.done('out a');
    made.link().cut();
    await made.clock.advance(1_100);
    await made.desk.done('out b');
    expect([kept?.status, lost?.status]).toEqual(['sent', 'dropped']);
    expect(made.socket.stats().dropped.volatile).toBe(1);
  });
});

describe('decode() that returns a promise', () => {
  it('keeps the order, and one that rejects is one error', async () => {
    const made = await slow();
    await come(made, 'a', 'b', 'c');
    await made.desk.done('in c');
    await made.desk.fail('in b');
    expect(told(made)).toEqual([]);
    await made.desk.done('in a');
    expect(told(made)).toEqual(['a', 'UNDECODABLE', 'c']);
  });

  it('that hangs is given up after codecTimeoutMs', async () => {
    const made = await slow({ codecTimeoutMs: 300 });
    await come(made, 'a', 'b');
    await made.desk.done('in b');
    await made.clock.advance(300);
    expect(told(made)).toEqual(['UNDECODABLE', 'b']);
    await made.desk.done('in a');
    expect(told(made)).toEqual(['UNDECODABLE', 'b']);
  });

  it('across an outage: what came before it is delivered after it, in order', async () => {
    const made = await slow();
    await come(made, 'a', 'b');
    made.link().cut();
    await made.clock.advance(1);
    await made.desk.done('in b', 'in a');
    expect(told(made)).not.toContain('a');
    await made.clock.advance(1_100);
    await come(made, 'c');
    await made.desk.done('in c');
    expect(told(made).filter((one) => one !== 'CONNECTION_LOST')).toEqual(['a', 'b', 'c']);
    const names = made.events.map(({ type }) => type);
    expect(names.indexOf('reconnected')).toBeLessThan(names.indexOf('message'));
  });

  it('too large a message stays in its turn', async () => {
    const made = await slow({ maxMessageBytes: 2 }, (options, world) =>
      connected(options, { ...world, enforcesMaxMessageBytes: false }),
    );
    await come(made, 'a', 'long', 'b');
    await made.desk.done('in b');
    expect(told(made)).toEqual([]);
    await made.desk.done('in a');
    expect(told(made)).toEqual(['a', 'MESSAGE_TOO_LARGE', 'b']);
  });

  it('a pong of an earlier connection answers nothing', async () => {
    const made = await slow({
      heartbeat: { intervalMs: 5_000, isPong: (message) => message === 'pong' },
    });
    await come(made, 'pong');
    made.link().cut();
    await made.clock.advance(1_100);
    await made.desk.done('in pong');
    expect(made.events.map(({ type }) => type)).not.toContain('pong');
    expect(told(made)).toEqual(['CONNECTION_LOST']);
  });

  it('after close() nothing is delivered', async () => {
    const made = await slow();
    await come(made, 'a');
    void made.socket.close();
    await made.desk.done('in a');
    await made.clock.advance(20);
    expect(told(made)).toEqual([]);
  });

  it('sequence_id: what was lost with the connection is asked for again, and comes once', async () => {
    const made = await slow({
      replay: {
        mode: 'sequence_id',
        sequenceOf: (message) => Number(message),
        requestReplay: () => undefined,
      },
    });
    await come(made, '1', '2');
    await made.desk.done('in 1');
    made.link().cut();
    await made.clock.advance(1_100);
    await made.desk.done('in 2');
    await come(made, '2', '3');
    await made.desk.done('in 2', 'in 3');
    expect(told(made).filter((one) => one !== 'CONNECTION_LOST')).toEqual(['1', '2', '3']);
  });
});

it('a heartbeat and a request for a replay are encoded by a promise too', async () => {
  const made = await connected({
    codec: { encode: async (message) => Promise.resolve(String(message)), decode: (data) => data },
    heartbeat: { intervalMs: 100, ping: () => 'ping' },
    replay: {
      mode: 'sequence_id',
      sequenceOf: Number,
      requestReplay: (last) => `after ${String(last)}`,
    },
  });
  await made.clock.advance(110);
  expect(made.transport.received).toEqual(['ping']);
  await come(made, '7');
  made.link().cut();
  await made.clock.advance(1_050);
  expect(made.link().received).toEqual(['after 7']);
});

it('messagepack: a codec of four lines', async () => {
  const codec: Codec<unknown, unknown> = {
    encode: (message) => encode(message),
    decode: (data) => {
      if (typeof data === 'string') throw new TypeError('a text frame is not MessagePack');
      return decode(data);
    },
  };
  const made = await connected({ codec });
  made.socket.send({ a: [1, 'b', null] });
  await made.clock.advance(10);
  const [frame] = made.transport.received;
  expect(frame).toBeInstanceOf(Uint8Array);
  made.link().deliver(frame ?? '');
  made.link().deliver('text');
  await made.clock.advance(10);
  expect(told(made)).toEqual([{ a: [1, 'b', null] }, 'UNDECODABLE']);
});
