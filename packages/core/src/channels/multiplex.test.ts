import { settle } from '@jetsocket/testing';
import { describe, expect, it } from 'vitest';
import { type Bench, connected } from '../../test/test-kit.js';
import type { Options } from '../options.js';
import { type Multiplexer, multiplex, type MultiplexOptions } from './multiplex.js';

interface Data {
  readonly ch?: string;
  readonly n?: number;
}

const options: MultiplexOptions<unknown, unknown> = {
  channelOf: (message) => (message as Data).ch,
  subscribe: (names) => ({ sub: names }),
  unsubscribe: (names) => ({ unsub: names }),
};

type Made = Bench & {
  readonly channels: Multiplexer<unknown>;
  /** The server sends a message of a channel. */
  readonly tell: (ch: string | undefined, n: number) => Promise<void>;
};

async function made(more: Partial<typeof options> = {}, of: Options = {}): Promise<Made> {
  const bench = await connected({ heartbeat: false, ...of });
  const channels = multiplex(bench.socket, { ...options, ...more });
  const tell = async (ch: string | undefined, n: number): Promise<void> => {
    bench.link().deliver(JSON.stringify({ ch, n }));
    await bench.clock.advance(10);
  };
  return { ...bench, channels, tell };
}

/** Loses the connection, and lets the next one open and be told. */
async function reconnected({ link, clock }: Bench): Promise<void> {
  link().cut();
  await clock.advance(1_030);
}

const errorsOf = ({ events }: Bench): string[] =>
  events.flatMap((event) => (event.type === 'error' ? [`${event.code}: ${event.message}`] : []));

describe('multiplex()', () => {
  it('that is closed says nothing of what was still to be said', async () => {
    const { channels, clock, transport } = await made();
    channels.channel('a');
    channels.close();
    await clock.advance(10);
    expect(transport.received).toEqual([]);
  });

  it('gives a loop over a channel that is closed nothing to wait for', async () => {
    const { channels } = await made();
    const channel = channels.channel('a');
    channel.close();
    const seen: unknown[] = [];
    for await (const message of channel) seen.push(message);
    expect(seen).toEqual([]);
  });

  it('tells the server of all channels of one turn at once, each once', async () => {
    const { channels, clock, transport } = await made();
    channels.channel('a');
    channels.channel('b');
    channels.channel('a');
    await clock.advance(10);
    channels.channel('b');
    channels.channel('c');
    await clock.advance(10);
    expect(transport.received).toEqual(['{"sub":["a","b"]}', '{"sub":["c"]}']);
    expect(channels.stats()).toMatchObject({ channels: 3 });
  });

  it('says no more names at once than the server takes', async () => {
    const { channels, clock, transport } = await made({ maxBatch: 2 });
    const { channel } = channels;
    const made5 = ['a', 'b', 'c', 'd', 'e'].map((name) => channel(name));
    await clock.advance(10);
    for (const each of made5) each.close();
    await clock.advance(10);
    expect(transport.received.map((data) => JSON.parse(String(data)) as unknown)).toEqual([
      { sub: ['a', 'b'] },
      { sub: ['c', 'd'] },
      { sub: ['e'] },
      { unsub: ['a', 'b'] },
      { unsub: ['c', 'd'] },
      { unsub: ['e'] },
    ]);
  });

  it('gives each channel its messages, every one of those that asked for it', async () => {
    const { channels, tell, events } = await made();
    const got: unknown[] = [];
    channels.channel('a').on('message', ({ data }) => got.push(['a1', data]));
    channels.channel('a').on('message', ({ data }) => got.push(['a2', data]));
    channels.channel('b').on('message', (event) => got.push(event));
    await tell('a', 1);
    await tell('b', 2);
    expect(got).toEqual([
      ['a1', { ch: 'a', n: 1 }],
      ['a2', { ch: 'a', n: 1 }],
      // The very record, and no copy: nothing is made for each message.
      events.at(-1),
    ]);
    expect(got[2]).toBe(events.at(-1));
    expect(channels.stats()).toEqual({ channels: 2, routed: 2, unroutable: 0, late: 0 });
  });

  it('gives a channel up with its last subscription, and counts what comes late', async () => {
    const { channels, clock, transport, tell } = await made();
    const first = channels.channel('a');
    const second = channels.channel('a');
    const got: string[] = [];
    first.on('message', () => got.push('first'));
    second.on('message', () => got.push('second'));
    await clock.advance(10);
    first.close();
    first.close();
    await tell('a', 1);
    expect(transport.received).toEqual(['{"sub":["a"]}']);
    second.close();
    await tell('a', 2);
    expect(got).toEqual(['second']);
    expect(transport.received).toEqual(['{"sub":["a"]}', '{"unsub":["a"]}']);
    expect(channels.stats()).toEqual({ channels: 0, routed: 1, unroutable: 0, late: 1 });
    expect(second.stats().received).toBe(1);
  });

  it('says nothing when a channel is given up and asked for in one turn', async () => {
    const { channels, clock, transport } = await made();
    const first = channels.channel('a');
    await clock.advance(10);
    first.close();
    channels.channel('a');
    channels.channel('b').close();
    await clock.advance(10);
    expect(transport.received).toEqual(['{"sub":["a"]}']);
  });

  it('counts what is of no channel, and of one nobody asked for; they stay events', async () => {
    const { channels, tell, names } = await made();
    channels.channel('a');
    await tell(undefined, 1);
    await tell('z', 2);
    await tell('__proto__', 3);
    expect(channels.stats()).toEqual({ channels: 1, routed: 0, unroutable: 3, late: 0 });
    expect(names()).toEqual(['message', 'message', 'message']);
  });

  it('survives off(), which removes what the user added', async () => {
    const { channels, socket, tell } = await made();
    const got: unknown[] = [];
    channels.channel('a').on('message', ({ data }) => got.push(data));
    socket.off('message');
    socket.off('*');
    await tell('a', 1);
    expect(got).toHaveLength(1);
  });

  it('gives all up when closed, and takes nothing any more', async () => {
    const { channels, clock, transport, tell } = await made();
    const log: string[] = [];
    const a = channels.channel('a');
    a.on('message', () => log.push('message'));
    a.on('closed', ({ channel }) => log.push(`closed ${channel}`));
    channels.channel('b');
    await clock.advance(10);
    channels.close();
    channels.close();
    await tell('a', 1);
    expect(log).toEqual(['closed a']);
    expect(transport.received).toEqual(['{"sub":["a","b"]}', '{"unsub":["a","b"]}']);
    expect(() => channels.channel('c')).toThrow(expect.objectContaining({ code: 'CLOSED' }));
  });

  it.each([
    ['no channelOf', { channelOf: undefined }],
    ['no subscribe', { subscribe: 'SUBSCRIBE' }],
    ['a batch of none', { maxBatch: 0 }],
    ['no room', { capacity: 0 }],
    ['a misspelt option', { unsubscibe: options.unsubscribe }],
  ])('refuses %s', async (_name, wrong) => {
    const { socket } = await connected();
    expect(() => multiplex(socket, { ...options, ...wrong } as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    );
  });

  it.each([[''], [undefined], [7]])('refuses the name %j', async (name) => {
    const { channels } = await made();
    expect(() => channels.channel(name as string)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    );
  });
});

describe('multiplex() and an outage', () => {
  it('subscribes again to what is wanted by then, before anything else is sent', async () => {
    const bench = await made();
    const { channels, socket, clock, link } = bench;
    const log: unknown[] = [];
    const a = channels.channel('a');
    const b = channels.channel('b');
    a.on('subscribed', ({ channel, again }) => log.push([channel, again]));
    await clock.advance(10);
    link().cut();
    await clock.advance(0);
    socket.send('waits');
    b.close();
    channels.channel('c').on('subscribed', ({ channel, again }) => log.push([channel, again]));
    await clock.advance(1_030);
    expect(link().received).toEqual(['{"sub":["a","c"]}', '"waits"']);
    expect(log).toEqual([
      ['a', false],
      ['a', true],
      ['c', false],
    ]);
  });

  it('keeps no subscription in the buffer: what is wanted at the end counts', async () => {
    const bench = await made({}, { buffer: { ackOf: () => undefined } });
    const { channels, link } = bench;
    channels.channel('a').close();
    const a = channels.channel('a');
    await reconnected(bench);
    a.close();
    link().cut();
    channels.channel('a');
    await reconnected(bench);
    await reconnected(bench);
    expect(link().received).toEqual(['{"sub":["a"]}']);
  });

  it('tells a second subscription of its own, not of the other’s', async () => {
    const { channels, clock } = await made();
    const log: unknown[] = [];
    channels.channel('a');
    await clock.advance(10);
    channels.channel('a').on('subscribed', ({ again }) => log.push(again));
    await clock.advance(10);
    expect(log).toEqual([false]);
  });

  it('subscribes before there was ever a connection, and after close and connect', async () => {
    const bench = await made();
    const { channels, socket, clock, link } = bench;
    channels.channel('a');
    await clock.advance(10);
    await Promise.all([socket.close(), clock.advance(50)]);
    void socket.connect();
    await clock.advance(50);
    expect(link().received).toEqual(['{"sub":["a"]}']);
  });
});

describe('multiplex() and what fails', () => {
  it('tells of a channelOf that throws, and of the message all the same', async () => {
    const bench = await made({
      channelOf: (message) => {
        const { n, ch } = message as Data;
        if (n === 1_000) throw new Error('boom');
        return ch;
      },
    });
    const got: unknown[] = [];
    bench.channels.channel('a').on('message', ({ data }) => got.push((data as Data).n));
    await bench.tell('a', 999);
    await bench.tell('a', 1_000);
    await bench.tell('a', 1_001);
    expect(got).toEqual([999, 1_001]);
    expect(errorsOf(bench)).toEqual(['HOOK_FAILED: multiplex.channelOf failed: boom']);
    expect(bench.channels.stats()).toMatchObject({ routed: 2, unroutable: 1 });
    expect(bench.names().filter((name) => name === 'message')).toHaveLength(3);
  });

  it('tells of a subscribe that throws, and tries it again on the next connection', async () => {
    let isBroken = true;
    const bench = await made({
      maxBatch: 1,
      subscribe: ([name]) => {
        if (isBroken && name === 'a') throw new Error('boom');
        return { sub: name };
      },
    });
    const log: string[] = [];
    const a = bench.channels.channel('a');
    a.on('subscribed', () => log.push('a'));
    bench.channels.channel('b').on('subscribed', () => log.push('b'));
    await bench.clock.advance(10);
    expect(bench.transport.received).toEqual(['{"sub":"b"}']);
    expect(log).toEqual(['b']);
    isBroken = false;
    await reconnected(bench);
    expect(bench.link().received).toEqual(['{"sub":"a"}', '{"sub":"b"}']);
    expect(log).toEqual(['b', 'a', 'b']);
    expect(errorsOf(bench)).toEqual([
      'HOOK_FAILED: multiplex.subscribe failed: boom',
      expect.stringContaining('CONNECTION_LOST'),
    ]);
  });

  it('tells of handlers that throw or reject, and calls the others', async () => {
    const bench = await made();
    const got: string[] = [];
    const a = bench.channels.channel('a');
    a.on('message', () => {
      throw new Error('first');
    });
    a.on('message', () => Promise.reject(new Error('second')));
    a.on('message', () => got.push('third'));
    bench.channels.channel('a').on('message', () => got.push('other'));
    await bench.tell('a', 1);
    expect(got).toEqual(['third', 'other']);
    expect(errorsOf(bench)).toEqual([
      "HANDLER_FAILED: A handler of 'message' of channel 'a' failed: first",
      "HANDLER_FAILED: A handler of 'message' of channel 'a' failed: second",
    ]);
  });

  it('lets handlers ask for channels and give them up', async () => {
    const { channels, transport, tell } = await made();
    const got: string[] = [];
    const a = channels.channel('a');
    const b = channels.channel('a');
    a.on('message', () => {
      b.close();
      channels.channel('c').on('message', () => got.push('c'));
    });
    b.on('message', () => got.push('b'));
    await tell('a', 1);
    await tell('c', 2);
    expect(got).toEqual(['c']);
    expect(transport.received.slice(1)).toEqual(['{"sub":["c"]}']);
  });

  it('takes only events that there are, and removes one handler at a time', async () => {
    const { channels, tell } = await made();
    const a = channels.channel('a');
    expect(() => a.on('pang' as never, () => undefined)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    );
    expect(() => a.on('message', 'me' as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    );
    let calls = 0;
    const handler = (): number => calls++;
    const off = a.on('message', handler);
    a.on('message', handler);
    off();
    off();
    await tell('a', 1);
    expect(calls).toBe(1);
  });
});

describe('for await of a channel', () => {
  it('walks over its messages to its end', async () => {
    const { channels, tell } = await made();
    const a = channels.channel<Data>('a');
    const got: unknown[] = [];
    const walk = (async () => {
      for await (const { n } of a) got.push(n);
      return 'done';
    })();
    await tell('a', 1);
    await tell('b', 2);
    await tell('a', 3);
    a.close();
    expect(await walk).toBe('done');
    expect(got).toEqual([1, 3]);
  });

  it('keeps so many for one that never reads, drops the oldest, and counts them', async () => {
    const { channels, tell } = await made({ capacity: 2 });
    const a = channels.channel<Data>('a');
    const loop = a[Symbol.asyncIterator]();
    for (let n = 1; n <= 5; n++) await tell('a', n);
    expect(a.stats()).toEqual({ received: 5, queued: 2, dropped: 3, subscriptions: 1 });
    expect((await loop.next()).value).toMatchObject({ n: 4 });
    await loop.return?.();
    await tell('a', 6);
    expect(a.stats()).toEqual({ received: 6, queued: 0, dropped: 3, subscriptions: 1 });
  });

  it('ends when the socket is closed, and throws when it has failed', async () => {
    const closing = await made();
    const one = closing.channels.channel('a')[Symbol.asyncIterator]();
    void closing.socket.close();
    await closing.clock.advance(50);
    expect(await one.next()).toEqual({ done: true, value: undefined });

    const failing = await made({}, { reconnect: () => false });
    const two = failing.channels.channel('a')[Symbol.asyncIterator]();
    await settle();
    failing.link().closeFromServer(4401, 'go away');
    await failing.clock.advance(50);
    expect(failing.socket.state).toBe('failed');
    await expect(two.next()).rejects.toMatchObject({ code: 'CLOSED' });
    expect(await two.next()).toEqual({ done: true, value: undefined });
  });

  it('on a socket that is closed or has failed ends at once, and not on one that begins', async () => {
    const { socket, channels, clock, link } = await made({}, { reconnect: () => false });
    const a = channels.channel('a');
    void socket.close();
    await clock.advance(50);
    expect(await a[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined });
    void socket.connect();
    const next = a[Symbol.asyncIterator]().next();
    await clock.advance(20);
    link().deliver('{"ch":"a","n":1}');
    await clock.advance(10);
    expect(await next).toEqual({ done: false, value: { ch: 'a', n: 1 } });
    link().closeFromServer(4401, 'go away');
    await clock.advance(50);
    const failed = a[Symbol.asyncIterator]();
    await expect(failed.next()).rejects.toMatchObject({ code: 'CLOSED' });
    expect(await failed.next()).toEqual({ done: true, value: undefined });
    // Nor does one that was made only then wait for ever.
    const late = multiplex(socket, options).channel('a')[Symbol.asyncIterator]();
    await expect(late.next()).rejects.toMatchObject({ code: 'CLOSED' });
  });
});

describe('handlers of a channel', () => {
  it('that close it: the event reaches the others first, and closed is the last word', async () => {
    const { channels, tell } = await made();
    const a = channels.channel<Data>('a');
    const log: string[] = [];
    a.on('closed', () => log.push('closed'));
    a.on('message', () => {
      a.close();
      log.push('first');
    });
    a.on('message', ({ data }) => log.push(`second ${data.n}`));
    await tell('a', 1);
    await tell('a', 2);
    expect(log).toEqual(['first', 'second 1', 'closed']);
  });

  it('that are removed by one before them are not called any more', async () => {
    const { channels, tell } = await made();
    const a = channels.channel<Data>('a');
    let calls = 0;
    const offs: (() => void)[] = [];
    a.on('message', () => offs.forEach((off) => off()));
    offs.push(a.on('message', () => calls++));
    await tell('a', 1);
    expect(calls).toBe(0);
  });

  it('that close a channel of the same name lose nothing of their own', async () => {
    const { channels, tell } = await made();
    const [one, two] = [channels.channel<Data>('a'), channels.channel<Data>('a')];
    const log: string[] = [];
    one.on('message', ({ data }) => {
      log.push(`one ${data.n}`);
      two.close();
    });
    two.on('message', ({ data }) => log.push(`two ${data.n}`));
    await tell('a', 1);
    await tell('a', 2);
    // What is closed by then gets nothing, though it was open when the message came.
    expect(log).toEqual(['one 1', 'one 2']);
    expect(channels.stats()).toMatchObject({ channels: 1, routed: 2 });
  });
});

it.each([null, undefined, 5, {}, 'wss://host'])('multiplex() refuses %j for a socket', (socket) => {
  expect(() => multiplex(socket as never, options)).toThrow(
    expect.objectContaining({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('takes a JetSocket') as string,
    }) as Error,
  );
});
