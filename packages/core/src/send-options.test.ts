import { settle } from '@jetsocket/testing';
import { describe, expect, it } from 'vitest';
import { type Bench, bench, connected } from '../test/test-kit.js';
import type { SendOptions } from './send-options.js';

const texts = ({ transport }: Bench): unknown[] =>
  transport.received.map((data) => JSON.parse(String(data)) as unknown);

/** Loses the connection, and waits for the next one. */
async function comeBack({ clock, link }: Bench): Promise<void> {
  link().cut();
  await clock.advance(1_050);
}

it('send() with options that ask for nothing is send()', async () => {
  const made = await connected();
  const sent = [{}, { ttlMs: undefined, key: undefined, volatile: false }].map((given) =>
    made.socket.send('a', given),
  );
  expect(sent.map(({ id, status }) => [id, status])).toEqual([
    [1, 'sent'],
    [2, 'sent'],
  ]);
});

describe('send(…, { volatile })', () => {
  it('is sent when there is a connection, and dropped when there is none', async () => {
    const made = bench();
    const early = made.socket.send('early', { volatile: true });
    void made.socket.connect();
    await made.clock.advance(20);
    const sent = made.socket.send('sent', { volatile: true });
    made.link().cut();
    await made.clock.advance(1);
    const late = made.socket.send('late', { volatile: true });
    await made.clock.advance(1_100);
    expect([early, sent, late].map(({ id, status }) => [id, status])).toEqual([
      [0, 'dropped'],
      [1, 'sent'],
      [0, 'dropped'],
    ]);
    expect(await late.settled).toBe('dropped');
    expect(made.socket.stats().dropped.volatile).toBe(2);
    expect(made.names()).not.toContain('buffer_overflow');
  });

  it('is dropped when the socket is full, and does not wait behind others', async () => {
    const made = await connected({ buffer: { maxBytes: 10 } });
    made.link().block();
    made.socket.send('12345678');
    const waits = made.socket.send('waits');
    const dropped = made.socket.send('v', { volatile: true });
    expect([waits.status, dropped.status]).toEqual(['buffered', 'dropped']);
  });

  it('in mode none is no misuse without a connection', async () => {
    const made = bench({ replay: { mode: 'none' } });
    expect(made.socket.send('v', { volatile: true }).status).toBe('dropped');
    expect(() => made.socket.send('v')).toThrow(expect.objectContaining({ code: 'NOT_CONNECTED' }));
    await made.socket.close();
    expect(() => made.socket.send('v', { volatile: true })).toThrow(
      expect.objectContaining({ code: 'CLOSED' }),
    );
  });

  it('with acknowledgements is not sent again, and takes no other message with it', async () => {
    const made = await connected({ buffer: { ackOf: (m) => (m as { ack?: number }).ack } });
    const kept = made.socket.send('kept');
    made.socket.send('v', { volatile: true });
    await made.clock.advance(10);
    await comeBack(made);
    expect(texts(made)).toEqual(['kept', 'v', 'kept']);
    made.link().deliver('{"ack":2}');
    await made.clock.advance(10);
    expect(kept.status).toBe('acknowledged');
  });
});

describe('send(…, { ttlMs })', () => {
  it('drops at its age what was not handed over, and sends what was not too old', async () => {
    const made = bench();
    const [short, long, plain] = [
      made.socket.send('short', { ttlMs: 100 }),
      made.socket.send('long', { ttlMs: 10_000 }),
      made.socket.send('plain'),
    ];
    await made.clock.advance(99);
    expect(short.status).toBe('buffered');
    await made.clock.advance(1);
    expect(short.status).toBe('dropped');
    void made.socket.connect();
    await made.clock.advance(30);
    expect(texts(made)).toEqual(['long', 'plain']);
    expect([long.status, plain.status]).toEqual(['sent', 'sent']);
    expect(made.socket.stats().dropped).toMatchObject({ expired: 1, overflow: 0 });
    expect(made.names()).not.toContain('buffer_overflow');
  });

  it('makes room as it expires', async () => {
    const made = bench({ buffer: { capacity: 2, overflowPolicy: 'error' } });
    made.socket.send(1, { ttlMs: 50 });
    made.socket.send(2);
    expect(() => made.socket.send(3)).toThrow();
    await made.clock.advance(50);
    expect(made.socket.send(3).status).toBe('buffered');
  });

  it('of each its own, whatever the order', async () => {
    const made = bench();
    const deliveries = [300, 100, 200].map((ttlMs) => made.socket.send(ttlMs, { ttlMs }));
    const states: string[] = [];
    for (let step = 0; step < 3; step++) {
      await made.clock.advance(100);
      states.push(deliveries.map(({ status }) => status[0]).join(''));
    }
    expect(states).toEqual(['bdb', 'bdd', 'ddd']);
  });

  it('ends when it is handed over: it is sent again as any other', async () => {
    const made = await connected({ buffer: { ackOf: () => undefined } });
    const delivery = made.socket.send('a', { ttlMs: 50 });
    await made.clock.advance(10);
    await comeBack(made);
    expect(texts(made)).toEqual(['a', 'a']);
    expect(delivery.status).toBe('sent');
  });

  it('counts only what is left in a replay', async () => {
    const made = await connected();
    made.link().cut();
    await made.clock.advance(1);
    for (let index = 0; index < 3; index++) made.socket.send(index, { ttlMs: 100 });
    made.socket.send('last');
    await made.clock.advance(1_100);
    expect(made.events).toContainEqual(
      expect.objectContaining({ type: 'replay_started', message_count: 1 }),
    );
    expect(made.events).toContainEqual(
      expect.objectContaining({ type: 'replay_completed', replayed_count: 1 }),
    );
  });

  it('leaves no timer behind when the socket has failed, and drops at the next connection', async () => {
    const made = bench({ reconnect: false });
    made.transport.refuse(1);
    const delivery = made.socket.send('a', { ttlMs: 1_000 });
    void made.socket.connect();
    await made.clock.advance(20);
    expect([made.socket.state, made.clock.pendingCount]).toEqual(['failed', 0]);
    await made.clock.advance(2_000);
    void made.socket.connect();
    await made.clock.advance(20);
    expect(delivery.status).toBe('dropped');
  });
});

describe('send(…, { key })', () => {
  it('the newer one takes the place and the id of the older one', async () => {
    const made = bench();
    const deliveries = (['a', 'b', 'a', 'b', 'c'] as const).map((key, index) =>
      made.socket.send({ key, index }, { key }),
    );
    expect(deliveries.map(({ id, status }) => [id, status])).toEqual([
      [1, 'dropped'],
      [2, 'dropped'],
      [1, 'buffered'],
      [2, 'buffered'],
      [3, 'buffered'],
    ]);
    void made.socket.connect();
    await made.clock.advance(30);
    expect(texts(made)).toEqual([
      { key: 'a', index: 2 },
      { key: 'b', index: 3 },
      { key: 'c', index: 4 },
    ]);
    expect(made.socket.stats().dropped.replaced).toBe(2);
  });

  it('a million values of one key are one message', () => {
    const made = bench({ buffer: { capacity: 2 } });
    for (let index = 0; index < 1_000_000; index++) made.socket.send(index, { key: 'k' });
    expect(made.socket.stats()).toMatchObject({
      buffered: { messages: 1, bytes: 6 },
      dropped: { replaced: 999_999, overflow: 0 },
    });
  });

  it('any number of keys is bounded by capacity, and what was dropped is no longer replaced', async () => {
    const made = bench({ buffer: { capacity: 3 } });
    for (let index = 0; index < 100_000; index++) made.socket.send(index, { key: index });
    expect(made.socket.stats().buffered.messages).toBe(3);
    made.socket.send('again', { key: 0 });
    void made.socket.connect();
    await made.clock.advance(30);
    expect(texts(made)).toEqual([99_998, 99_999, 'again']);
  });

  it('does not replace what was handed over, even if it waits to be sent again', async () => {
    const made = await connected({ buffer: { ackOf: () => undefined } });
    made.socket.send(1, { key: 'k' });
    await made.clock.advance(10);
    made.link().cut();
    await made.clock.advance(1);
    made.socket.send(2, { key: 'k' });
    await made.clock.advance(1_100);
    expect(texts(made)).toEqual([1, 1, 2]);
  });

  it('with bytes that are too many follows the policy', () => {
    const full = bench({ buffer: { maxBytes: 6, overflowPolicy: 'error' } });
    full.socket.send('1', { key: 'k' });
    expect(() => full.socket.send('12345', { key: 'k' })).toThrow(
      expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' }),
    );
    full.socket.send('x');
    expect(() => full.socket.send('12', { key: 'k' })).toThrow(
      expect.objectContaining({ code: 'BUFFER_OVERFLOW' }),
    );
    expect(full.socket.stats().buffered.messages).toBe(2);

    const oldest = bench({ buffer: { maxBytes: 7 } });
    oldest.socket.send('x');
    oldest.socket.send('1', { key: 'k' });
    oldest.socket.send('123', { key: 'k' });
    expect(oldest.socket.stats()).toMatchObject({ buffered: { messages: 1, bytes: 5 } });

    const newest = bench({ buffer: { maxBytes: 7, overflowPolicy: 'drop_newest' } });
    newest.socket.send('x');
    newest.socket.send('1', { key: 'k' });
    expect(newest.socket.send('123', { key: 'k' }).status).toBe('dropped');
    expect(newest.socket.stats()).toMatchObject({ buffered: { messages: 2, bytes: 6 } });
  });

  it('finds its message after others before it expired', async () => {
    const made = bench();
    made.socket.send('old', { ttlMs: 10 });
    made.socket.send(1, { key: 'k' });
    made.socket.send('old', { ttlMs: 20 });
    made.socket.send(1, { key: 'l' });
    await made.clock.advance(20);
    made.socket.send(2, { key: 'k' });
    made.socket.send(2, { key: 'l' });
    void made.socket.connect();
    await made.clock.advance(30);
    expect(texts(made)).toEqual([2, 2]);
  });
});

describe('holdUntilReady', () => {
  it('sends nothing before ready() but what is early, after each connect', async () => {
    const made = bench({ holdUntilReady: true });
    made.socket.send('kept');
    made.socket.on('connected', () => made.socket.send('auth', { early: true }));
    void made.socket.connect();
    await made.clock.advance(1_000);
    made.socket.send('later');
    await made.clock.advance(20);
    expect(texts(made)).toEqual(['auth']);
    made.socket.ready();
    await made.clock.advance(10);
    expect(texts(made)).toEqual(['auth', 'kept', 'later']);
    made.names();

    await comeBack(made);
    made.socket.send('again');
    expect(made.names()).not.toContain('replay_started');
    made.socket.ready();
    await made.clock.advance(10);
    expect(texts(made).slice(3)).toEqual(['auth', 'again']);
    expect(made.names()).toEqual(['replay_started', 'replay_completed']);
  });

  it('ready() in the handler of connected is early enough', async () => {
    const made = bench({ holdUntilReady: true });
    const kept = made.socket.send('kept');
    made.socket.on('connected', () => {
      made.socket.send('auth', { early: true });
      made.socket.ready();
    });
    void made.socket.connect();
    await made.clock.advance(30);
    expect(texts(made)).toEqual(['auth', 'kept']);
    expect(kept.status).toBe('sent');
  });

  it('ready() means the connection that there is: none before, none later, and twice is once', async () => {
    const made = bench({ holdUntilReady: true });
    made.socket.send('kept');
    made.socket.ready();
    void made.socket.connect();
    made.socket.ready();
    await made.clock.advance(30);
    expect(texts(made)).toEqual([]);
    made.socket.ready();
    made.socket.ready();
    await made.clock.advance(10);
    made.link().cut();
    await made.clock.advance(1);
    made.socket.send('next');
    made.socket.ready();
    await made.clock.advance(1_100);
    expect(texts(made)).toEqual(['kept']);
  });

  it('volatile messages wait for nobody: they are dropped', async () => {
    const made = await connected({ holdUntilReady: true });
    expect(made.socket.send('v', { volatile: true }).status).toBe('dropped');
    made.socket.ready();
    expect(made.socket.send('v', { volatile: true }).status).toBe('sent');
  });

  it('holds back the request for a replay as well', async () => {
    const made = await connected({
      holdUntilReady: true,
      replay: {
        mode: 'sequence_id',
        sequenceOf: Number,
        requestReplay: (last) => ({ after: last }),
      },
    });
    made.link().deliver('7');
    await made.clock.advance(10);
    await comeBack(made);
    await made.clock.advance(100);
    expect(texts(made)).toEqual([]);
    made.socket.ready();
    await made.clock.advance(10);
    expect(texts(made)).toEqual([{ after: 7 }]);
  });

  it('early without a connection is dropped', async () => {
    const made = bench({ holdUntilReady: true });
    expect(made.socket.send('auth', { early: true }).status).toBe('dropped');
    void made.socket.connect();
    await settle();
    expect(made.socket.send('auth', { early: true }).status).toBe('dropped');
  });
});

it.each<readonly [options: unknown, says: string]>([
  [{ volatil: true }, 'Cannot use option send.volatil'],
  [{ volatile: 1 }, 'send.volatile'],
  [{ early: 'yes' }, 'send.early'],
  [{ ttlMs: 0 }, 'send.ttlMs'],
  [{ ttlMs: '5s' }, 'send.ttlMs'],
  [{ ttlMs: Number.NaN }, 'send.ttlMs'],
  [{ key: {} }, 'send.key'],
  [{ volatile: true, ttlMs: 5 }, "send.ttlMs with 'volatile'"],
  [{ early: true, key: 'k' }, "send.key with 'early'"],
  [5, 'Cannot use option send'],
])('refuses %j', (options, says) => {
  const { socket } = bench();
  expect(() => socket.send('x', options as SendOptions)).toThrow(
    expect.objectContaining({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(says) as string,
    }),
  );
});
