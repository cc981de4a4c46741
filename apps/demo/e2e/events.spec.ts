/** Each of the eleven events, made to happen by what a visitor does, with its exact fields. */
import { expect, test } from './demo-test.js';

const time = expect.any(Number);
const uri = expect.stringMatching(
  /^ws:\/\/127\.0\.0\.1:\d+\/ws\/[0-9a-f]{32}\?run=[0-9a-f]{8}&ack=1&after=\d+$/,
);

test('connected: when the page opens', async ({ demo }) => {
  await demo.open();
  expect(await demo.ofType('connected')).toEqual([
    { type: 'connected', uri, protocol: '', timestamp: time },
  ]);
  expect(await demo.ofType('connecting')).toEqual([
    { type: 'connecting', uri, attempt: 0, timestamp: time },
  ]);
});

test('disconnected, error, reconnecting, reconnected: after a cut', async ({ demo }) => {
  await demo.open();
  await demo.click('fault-cut');
  expect(await demo.event('disconnected')).toEqual({
    type: 'disconnected',
    uri,
    code: 1006,
    reason: '',
    was_clean: false,
    will_reconnect: true,
    timestamp: time,
  });
  const error = await demo.event('error');
  expect(error).toEqual({
    type: 'error',
    error: { name: 'JetSocketError', message: error['message'] },
    message: expect.stringContaining('1006'),
    code: 'CONNECTION_LOST',
    fatal: false,
    timestamp: time,
  });
  const { delay, ...reconnecting } = await demo.event('reconnecting');
  expect(reconnecting).toEqual({
    type: 'reconnecting',
    attempt: 1,
    cause: 'connection_lost',
    timestamp: time,
  });
  // Seconds, drawn from 0 to baseMs.
  expect(delay).toBeGreaterThanOrEqual(0);
  expect(delay).toBeLessThanOrEqual(0.5);
  const reconnected = await demo.event('reconnected');
  expect(reconnected).toEqual({
    type: 'reconnected',
    uri,
    attempts: 1,
    downtime_ms: expect.any(Number),
    timestamp: time,
  });
  const downSeconds = reconnected.timestamp - (await demo.event('disconnected')).timestamp;
  expect(Math.abs(Number(reconnected['downtime_ms']) / 1_000 - downSeconds)).toBeLessThan(0.1);
  expect(await demo.ofType('disconnected')).toHaveLength(1);
});

test('message: from the server, in order', async ({ demo }) => {
  await demo.open('rateIn=20&ack=0');
  await demo.event('message', 10);
  const messages = await demo.ofType('message');
  messages.forEach((message, index) => {
    expect(message).toEqual({
      type: 'message',
      data: { seq: index + 1, t: time },
      sequence_id: null,
      replayed: false,
      timestamp: time,
    });
  });
});

test('ping and pong: by the heartbeat', async ({ demo }) => {
  await demo.open('heartbeatMs=200');
  await demo.event('pong', 3);
  for (const ping of await demo.ofType('ping')) {
    expect(ping).toEqual({ type: 'ping', payload: { op: 'ping' }, timestamp: time });
  }
  for (const { latency_ms: latency, ...pong } of await demo.ofType('pong')) {
    expect(pong).toEqual({ type: 'pong', payload: { op: 'pong' }, timestamp: time });
    expect(latency).toBeGreaterThanOrEqual(0);
    expect(latency).toBeLessThan(1_500);
  }
  await demo.shows('latency-last', /^[\d.]+ ms$/);
});

for (const policy of ['drop_oldest', 'drop_newest'] as const) {
  test(`buffer_overflow: by ${policy}, and the sum is what was dropped`, async ({ demo }) => {
    await demo.open(`rateOut=0&capacity=5&policy=${policy}`);
    await demo.click('fault-refuse');
    await demo.event('disconnected');
    await demo.click('send-burst');
    await demo.click('send-burst');
    await demo.counts('waiting', 5);
    await demo.counts('dropped', 195);
    const overflows = await demo.ofType('buffer_overflow');
    for (const { dropped_count: dropped, ...overflow } of overflows) {
      expect(overflow).toEqual({
        type: 'buffer_overflow',
        policy,
        capacity: 5,
        direction: 'outgoing',
        timestamp: time,
      });
      expect(dropped).toBeGreaterThan(0);
    }
    // A burst is one turn of the event loop: one event for each.
    expect(overflows).toHaveLength(2);
    expect(overflows.reduce((sum, event) => sum + Number(event['dropped_count']), 0)).toBe(195);
    await demo.click('fault-restore');
    await demo.counts('arrived', 5);
    await demo.counts('missing-out', 0);
  });
}

test('buffer_overflow: never by the policy error, which refuses', async ({ demo }) => {
  await demo.open('rateOut=0&capacity=5&policy=error');
  await demo.click('fault-refuse');
  await demo.event('disconnected');
  await demo.click('send-burst');
  await demo.counts('refused', 95);
  await demo.counts('waiting', 5);
  expect(await demo.ofType('buffer_overflow')).toEqual([]);
  await demo.click('fault-restore');
  await demo.counts('arrived', 5);
});

test('replay_started and replay_completed: of what waited', async ({ demo }) => {
  await demo.open('rateOut=0');
  await demo.click('fault-refuse');
  await demo.event('disconnected');
  await demo.click('send-burst');
  await demo.counts('waiting', 100);
  await demo.click('fault-restore');
  expect(await demo.event('replay_started')).toEqual({
    type: 'replay_started',
    mode: 'full_buffer',
    message_count: 100,
    last_sequence_id: null,
    timestamp: time,
  });
  expect(await demo.event('replay_completed')).toEqual({
    type: 'replay_completed',
    replayed_count: 100,
    duration_ms: expect.any(Number),
    mode: 'full_buffer',
    timestamp: time,
  });
  await demo.counts('acknowledged', 100);
  await demo.counts('doubled', 0);
});

test('replay_started and replay_completed: with 0, too', async ({ demo }) => {
  await demo.open('rateOut=0&ack=0');
  await demo.click('fault-cut');
  expect(await demo.event('replay_completed')).toMatchObject({ replayed_count: 0 });
  expect(await demo.event('replay_started')).toMatchObject({ message_count: 0 });
});

test('state_change and closed: by Close, and Connect begins anew', async ({ demo }) => {
  await demo.open();
  await demo.click('socket-close');
  expect(await demo.event('closed')).toEqual({
    type: 'closed',
    code: 1000,
    reason: 'closed by the visitor',
    cause: 'close',
    timestamp: time,
  });
  expect(await demo.event('disconnected')).toMatchObject({ will_reconnect: false });
  await demo.isIn('closed');
  await demo.click('socket-connect');
  await demo.isIn('connected');
  expect(
    (await demo.ofType('state_change')).map(({ from, to, cause }) => [from, to, cause]),
  ).toEqual([
    ['idle', 'connecting', 'connect'],
    ['connecting', 'connected', 'opened'],
    ['connected', 'closing', 'close'],
    ['closing', 'closed', 'close'],
    ['closed', 'connecting', 'connect'],
    ['connecting', 'connected', 'opened'],
  ]);
  // A new life: its first connection is no reconnect.
  expect(await demo.ofType('reconnected')).toEqual([]);
});

test('reconnecting with reconnect(): at once', async ({ demo }) => {
  await demo.open();
  await demo.click('socket-reconnect');
  await demo.event('reconnected');
  expect(await demo.event('reconnecting')).toMatchObject({
    attempt: 1,
    delay: 0,
    cause: 'reconnect',
  });
  expect(await demo.event('disconnected')).toMatchObject({ will_reconnect: true });
  expect(await demo.ofType('error')).toEqual([]);
});
