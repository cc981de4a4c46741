/** Real faults of a real network, and what becomes of the messages. */
import { expect, test } from './demo-test.js';

test('hang: ends as 1006 by the missing pong, and nothing is lost, either way', async ({
  demo,
}) => {
  await demo.open('heartbeatMs=400&timeoutMs=400&connectTimeoutMs=600&rateOut=20&rateIn=5');
  await demo.countsAtLeast('acknowledged', 5);
  await demo.click('fault-hang');
  await demo.shows('fault-status', 'Hanging');
  expect(await demo.event('disconnected')).toMatchObject({ code: 1006, was_clean: false });
  // Among all there were: on a slow machine the first attempts run into their timeout, too.
  expect(await demo.ofType('error')).toContainEqual(
    expect.objectContaining({ code: 'PONG_TIMEOUT', fatal: false }),
  );
  expect(await demo.ofType('reconnecting')).toContainEqual(
    expect.objectContaining({ cause: 'pong_timeout' }),
  );
  // The network is still dead, so attempts run into their timeout.
  await expect
    .poll(async () => (await demo.ofType('error')).map(({ code }) => code))
    .toContain('CONNECT_TIMEOUT');
  await demo.click('fault-restore');
  await demo.event('replay_completed');
  await demo.settle();
  await demo.counts('missing', 0);
  await demo.counts('out-of-order', 0);
  await demo.counts('doubled-in', 0);
});

test('hang: without the server’s help, the page tells what is missing on the way in', async ({
  demo,
}) => {
  await demo.open('fill=0&heartbeatMs=300&timeoutMs=300&rateOut=0&rateIn=50');
  await demo.countsAtLeast('received', 5);
  await demo.click('fault-hang');
  await demo.event('disconnected');
  await demo.click('fault-restore');
  await demo.event('reconnected');
  await demo.countsAtLeast('missing-in', 1);
  await demo.counts('missing-out', 0);
  await demo.shows('verdict', /^\d+ messages missed on the way in: let the/);
});

for (const [code, reason] of [
  [1000, ''],
  [1001, 'going away'],
  [1012, 'service restart'],
  [4001, 'moved'],
  [4429, 'too many'],
] as const) {
  test(`close ${code}: is retried`, async ({ demo }) => {
    // Chromium calls no close clean while something sent is still on its way out: no ping may meet it.
    await demo.open('heartbeatMs=60000');
    await demo.fill('close-code', String(code));
    await demo.fill('close-reason', reason);
    await demo.click('fault-close');
    const isWebKit = demo.tab.engine === 'webkit';
    const isTold = !isWebKit || code < 1012 || code > 1014;
    expect(await demo.event('disconnected')).toMatchObject({
      ...(isTold ? { code, reason } : { code: 1006, reason: '' }),
      ...(!isWebKit && { was_clean: true }),
      will_reconnect: true,
    });
    const cause = isTold ? 'closed_by_server' : 'connection_lost';
    expect(await demo.event('reconnecting')).toMatchObject({ cause });
    await demo.event('reconnected');
    expect(await demo.ofType('error')).toHaveLength(isTold ? 0 : 1);
  });
}

for (const [code, reason] of [
  [1008, 'policy'],
  [4403, 'who are you?'],
] as const) {
  test(`close ${code}: is the end, until Connect`, async ({ demo }) => {
    await demo.open('rateOut=0');
    await demo.fill('close-code', String(code));
    await demo.fill('close-reason', reason);
    await demo.tab.pressEnter('close-reason');
    expect(await demo.event('closed')).toMatchObject({ code, reason, cause: 'fatal' });
    expect(await demo.event('error')).toMatchObject({ code: 'CLOSED_BY_SERVER', fatal: true });
    expect(await demo.event('disconnected')).toMatchObject({ code, will_reconnect: false });
    await demo.isIn('failed');
    expect(await demo.ofType('reconnecting')).toEqual([]);
    await demo.click('socket-connect');
    await demo.isIn('connected');
  });
}

test('reject: a browser is not told of the 401, and tries until it is let in', async ({ demo }) => {
  await demo.open('baseMs=200&capMs=400');
  await demo.click('fault-reject');
  await demo.event('reconnecting', 3);
  const [lost, ...failed] = await demo.ofType('error');
  expect(lost).toMatchObject({ code: 'CONNECTION_LOST' });
  for (const error of failed) expect(error).toMatchObject({ code: 'CONNECT_FAILED', fatal: false });
  expect(await demo.event('reconnecting')).toMatchObject({ cause: 'connect_failed' });
  await demo.click('fault-restore');
  await demo.event('reconnected');
});

test('refuse, then restore: what waited arrives, in order', async ({ demo }) => {
  // Long enough to be seen: Firefox itself holds back attempts, and is connecting most of the time.
  await demo.open('rateOut=50&baseMs=1500&capMs=3000&capacity=10000');
  await demo.click('fault-refuse');
  await demo.isIn('backing_off');
  await expect.poll(() => demo.isVisible('countdown')).toBe(true);
  await demo.countsAtLeast('waiting', 50);
  await demo.click('fault-restore');
  await demo.event('reconnected');
  await demo.settle();
  await demo.counts('missing-out', 0);
  await demo.counts('out-of-order-out', 0);
  await demo.counts('dropped', 0);
});

test('restart: nothing is lost', async ({ demo }) => {
  await demo.open('rateOut=100&capacity=10000&baseMs=200&capMs=500');
  await demo.countsAtLeast('acknowledged', 20);
  await demo.click('fault-restart');
  await demo.event('reconnected');
  await demo.shows('fault-status', 'Healthy');
  await demo.settle();
  const sent = await demo.count('sent');
  expect(sent).toBeGreaterThan(20);
  await demo.counts('arrived', sent);
  await demo.counts('acknowledged', sent);
  await demo.counts('missing-out', 0);
  await demo.counts('dropped', 0);
  await demo.counts('out-of-order-out', 0);
  // At least once: only what was sent again can come twice.
  const { replayed_count: replayed } = await demo.event('replay_completed');
  expect(await demo.count('doubled-out')).toBeLessThanOrEqual(Number(replayed));
});

test('cut, again and again under load: nothing is lost', async ({ demo }) => {
  await demo.open('rateOut=200&rateIn=50&capacity=100000&baseMs=20&capMs=50');
  for (let round = 1; round <= 8; round++) {
    await demo.click('fault-cut');
    await demo.event('reconnected', round);
  }
  await demo.settle();
  await demo.counts('arrived', await demo.count('sent'));
  await demo.counts('missing', 0);
  await demo.counts('out-of-order', 0);
  await demo.counts('doubled-in', 0);
  expect(await demo.ofType('disconnected')).toHaveLength(8);
});

test('slow: is measured', async ({ demo }) => {
  await demo.open('heartbeatMs=300&timeoutMs=3000');
  await demo.click('fault-slow');
  await expect
    .poll(async () => Number((await demo.event('pong'))['latency_ms']), { timeout: 10_000 })
    .toBeGreaterThan(790);
  expect(await demo.ofType('disconnected')).toEqual([]);
});

test('mode none: keeps nothing, and says so', async ({ demo }) => {
  await demo.open('mode=none&rateOut=0');
  await demo.click('send-one');
  await demo.counts('arrived', 1);
  await demo.click('fault-refuse');
  await demo.event('disconnected');
  await demo.click('send-burst');
  await demo.counts('refused', 100);
  await demo.counts('waiting', 0);
  await demo.click('fault-restore');
  await demo.event('reconnected');
  expect(await demo.ofType('replay_started')).toEqual([]);
  await demo.click('send-one');
  await demo.counts('arrived', 2);
});

test('without acknowledgements: the page tells what a hang swallowed', async ({ demo }) => {
  await demo.open('ack=0&heartbeatMs=500&timeoutMs=500&rateOut=50');
  await demo.countsAtLeast('arrived', 5);
  await demo.click('fault-hang');
  await demo.event('disconnected');
  await demo.click('fault-restore');
  await demo.event('reconnected');
  await demo.settle();
  expect(await demo.count('missing-out')).toBeGreaterThan(0);
  await expect.poll(() => demo.attribute('verdict', 'data-verdict')).toBe('bad');
});

test('mode session: cut, hung and restarted under load, and everything comes exactly once, both ways', async ({
  demo,
}) => {
  await demo.open(
    'mode=session&rateOut=200&rateIn=200&capacity=100000&baseMs=20&capMs=50&heartbeatMs=400&timeoutMs=400&connectTimeoutMs=600',
  );
  await demo.countsAtLeast('acknowledged', 20);
  for (let round = 1; round <= 4; round++) {
    await demo.click('fault-cut');
    await demo.event('reconnected', round);
  }
  await demo.click('fault-hang');
  await expect
    .poll(async () => (await demo.ofType('error')).map(({ code }) => code))
    .toContain('PONG_TIMEOUT');
  await demo.click('fault-restore');
  await demo.event('reconnected', 5);
  await demo.click('fault-restart');
  await demo.event('reconnected', 6);
  await demo.settle();
  const sent = await demo.count('sent');
  expect(sent).toBeGreaterThan(500);
  await demo.counts('arrived', sent);
  await demo.counts('acknowledged', sent);
  for (const wrong of ['missing', 'doubled', 'out-of-order', 'dropped']) {
    await demo.counts(wrong, 0);
  }
  expect(await demo.ofType('gap')).toEqual([]);
  expect((await demo.ofType('replay_completed')).at(-1)).toMatchObject({
    mode: 'session',
    continuity: 'verified',
  });
});

test('mode sequence_id: what was missed on the way in is asked for, and comes', async ({
  demo,
}) => {
  await demo.open('mode=sequence_id&rateOut=20&rateIn=200&capacity=100000&baseMs=20&capMs=50');
  await demo.countsAtLeast('received', 20);
  for (let round = 1; round <= 4; round++) {
    await demo.click('fault-cut');
    await demo.event('reconnected', round);
  }
  await demo.settle();
  for (const wrong of ['missing', 'doubled-in', 'out-of-order']) await demo.counts(wrong, 0);
  expect(await demo.ofType('gap')).toEqual([]);
});

test('the four modes say what they promise, and what is theirs to choose', async ({ demo }) => {
  await demo.open('rateOut=0');
  const promises = new Set<string>();
  for (const mode of ['none', 'full_buffer', 'sequence_id', 'session']) {
    await demo.tab.choose('option-mode', mode);
    promises.add(await demo.text('promise'));
    const hasAck = mode === 'full_buffer' || mode === 'sequence_id';
    expect(await demo.isEnabled('option-ack')).toBe(hasAck);
    expect(await demo.isEnabled('option-fill')).toBe(mode === 'full_buffer');
  }
  expect(promises.size).toBe(4);
});
