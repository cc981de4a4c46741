/** The same client from a script tag: one file, no bundler. */
import { CONTRACT } from './contract.js';
import { expect, test } from './demo-test.js';

const timestamp = expect.any(Number);
const uri = expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+\/ws\/[0-9a-f]{32}\?ack=1$/);

/** The latest of each of the eleven, after what the first test does. */
const LATEST: Readonly<Record<string, object>> = {
  connected: { uri, protocol: '' },
  disconnected: { uri, code: 1006, reason: '', was_clean: false, will_reconnect: true },
  reconnecting: {
    attempt: expect.any(Number),
    delay: expect.any(Number),
    cause: expect.stringMatching(/^connection_lost$|^connect_failed$/),
  },
  reconnected: { uri, attempts: expect.any(Number), downtime_ms: expect.any(Number) },
  message: { data: { ack: 21 }, sequence_id: null, replayed: false },
  error: {
    error: { name: 'JetSocketError', message: expect.any(String) },
    message: expect.any(String),
    code: expect.stringMatching(/^CONNECTION_LOST$|^CONNECT_FAILED$/),
    fatal: false,
  },
  ping: { payload: { op: 'ping' } },
  pong: { latency_ms: expect.any(Number), payload: { op: 'pong' } },
  buffer_overflow: {
    dropped_count: 10,
    policy: 'drop_oldest',
    capacity: 10,
    direction: 'outgoing',
  },
  replay_started: { mode: 'full_buffer', message_count: 10, last_sequence_id: null },
  replay_completed: {
    replayed_count: 10,
    duration_ms: expect.any(Number),
    mode: 'full_buffer',
  },
};

test('a script tag is all it takes: the eleven events, with their exact fields', async ({
  demo,
}) => {
  await demo.tab.goto('/umd.html');
  await demo.isIn('connected');
  await demo.event('message');
  await demo.event('pong');
  await demo.click('send-one');
  await expect.poll(async () => JSON.stringify(await demo.ofType('message'))).toContain('"ack":1');
  await demo.click('fault-cut');
  await demo.event('reconnected');
  await demo.click('fault-refuse');
  await demo.event('disconnected', 2);
  await demo.click('send-burst');
  await demo.event('buffer_overflow');
  await demo.click('fault-restore');
  await demo.event('replay_completed', 2);
  await expect.poll(async () => JSON.stringify(await demo.ofType('message'))).toContain('"ack":21');

  expect(Object.keys(LATEST)).toEqual(CONTRACT);
  for (const [type, fields] of Object.entries(LATEST)) {
    const all = await demo.ofType(type);
    // The server's own numbers come in between: of the messages the last acknowledgement counts.
    const latest = all
      .filter((event) => type !== 'message' || 'ack' in Object(event['data']))
      .at(-1);
    expect(latest).toEqual({ type, timestamp, ...fields });
  }
  expect(await demo.text('log')).toContain('replay_completed');
});
