import { describe, expect, it } from 'vitest';
import type { Cause } from '../events.js';
import type { MachineConfig } from './config.js';
import type { Effect, TimerName } from './effect.js';
import type { End, Input, Override } from './input.js';
import { type In, initialState, type Ping, type State } from './state.js';
import { transition } from './transition.js';

const config: MachineConfig = {
  backoff: {
    baseMs: 1_000,
    multiplier: 2,
    capMs: 30_000,
    jitter: true,
    maxAttempts: 2,
    resetAfterMs: 60_000,
    maxPerMinute: 60,
  },
  canRefresh: false,
  heartbeat: { intervalMs: 30_000, timeoutMs: 10_000 },
  connectTimeoutMs: 10_000,
  closeTimeoutMs: 5_000,
  maxConnectionAgeMs: Infinity,
  replays: true,
  isOrdered: false,
};

// States. Epoch 7 everywhere, so that 6 is stale and 8 is the next.
const base = { ...initialState(1), epoch: 7, newest: 7, uri: 'wss://host/' };
// Thirty attempts a moment ago: the next one is allowed in 64 ms.
const spent = { paidUntilMs: 1_000 + 29 * 1_936 + 64 };
const idle: State = { ...initialState(1), phase: 'idle' };
const asking: State = { ...base, phase: 'connecting', announced: false, isHeld: false };
const held: State = { ...base, ...spent, phase: 'connecting', announced: false, isHeld: true };
const opening: State = { ...base, phase: 'connecting', announced: true, isHeld: false };
const retrying: State = {
  ...base,
  attempt: 1,
  connections: 1,
  lostAtMs: 400,
  phase: 'connecting',
  announced: true,
  isHeld: false,
};
const connected: In<'connected'> = {
  ...base,
  connections: 1,
  phase: 'connected',
  ping: null,
  openedAtMs: 0,
  heardBefore: 5,
  canPing: true,
  probedAtMs: -60_000,
  successor: null,
  ageCause: 'max_age',
  failedSuccessors: 0,
};
const question: Ping = { sentAtMs: 900, heardBefore: 5, excused: false, isProbe: false };
const asked: State = { ...connected, ping: question };
const backingOff: In<'backing_off'> = {
  ...base,
  attempt: 1,
  connections: 1,
  phase: 'backing_off',
  notBeforeMs: Number.NEGATIVE_INFINITY,
};
const renewed: In<'connected'> = { ...connected, attempt: 1, credentials: 'renewed' };
const closing: State = { ...base, connections: 1, phase: 'closing', code: 1000, reason: 'bye' };
const closed: State = { ...base, phase: 'closed' };
const failed: State = { ...base, phase: 'failed' };

// Inputs.
const connect: Input = { type: 'user.connect', nowMs: 1_000 };
const reconnect: Input = { type: 'user.reconnect', nowMs: 1_000, heard: 5 };
const close: Input = { type: 'user.close', code: 3001, reason: 'bye', cause: 'close' };
const abort: Input = { ...close, cause: 'aborted' };
const prepared: Input = { type: 'attempt.prepared', epoch: 7, uri: 'wss://host/' };
const opened: Input = {
  type: 'transport.opened',
  epoch: 7,
  nowMs: 1_000,
  protocol: 'v1',
  canPing: true,
  heard: 5,
};
const pong: Input = { type: 'pong.received', epoch: 7, nowMs: 1_000, payload: 'x' };
const pingFailed: Input = { type: 'ping.failed', epoch: 7 };
const lost: End = { cause: 'connection_lost', code: 1006, reason: '', wasClean: false };
const ended = (end: Partial<End> = {}, override?: Override): Input => ({
  type: 'transport.ended',
  epoch: 7,
  nowMs: 1_000,
  end: { ...lost, ...end },
  override,
  heard: 5,
});
const byServer = (code: number): Partial<End> => ({
  cause: 'closed_by_server',
  code,
  wasClean: true,
});
const fired = (timer: TimerName, lateMs = 0, heard = 5): Input => ({
  type: 'timer.fired',
  timer,
  nowMs: 1_000,
  lateMs,
  heard,
});

/** An effect in one word: the event's name, a timer with its delay, or its own type. */
function brief(effect: Effect): string {
  switch (effect.type) {
    case 'emit':
      return effect.event.type;
    case 'report':
      return `error ${effect.report.code}${effect.report.fatal ? ' fatal' : ''}`;
    case 'timer.set':
      return `${effect.timer} in ${effect.delayMs}`;
    case 'timer.clear':
      return `no ${effect.timer}`;
    case 'outbox.open':
      return effect.replay ? 'replay' : 'flush';
    case 'transport.abandon':
      return `abandon ${effect.epoch}, ${effect.cause}`;
    default:
      return effect.type;
  }
}

type Row = readonly [
  name: string,
  given: State,
  when: Input,
  next: Partial<State>,
  effects: readonly string[],
];

// Seed 1 draws 0.627 first, then 0.003.
// prettier-ignore
const rows: Row[] = [
  ['begins a life when told to connect', idle, connect, { phase: 'connecting', epoch: 1, attempt: 0 },
    ['life.begin', 'timers.clear', 'connect in 10000', 'state_change', 'attempt.prepare']],
  ['begins a life when told to reconnect', { ...failed, attempt: 2 }, reconnect, { phase: 'connecting', epoch: 8, attempt: 0 },
    ['life.begin', 'timers.clear', 'connect in 10000', 'state_change', 'attempt.prepare']],
  ['begins anew after a close', closed, connect, { phase: 'connecting', epoch: 8 },
    ['life.begin', 'timers.clear', 'connect in 10000', 'state_change', 'attempt.prepare']],
  ['begins a life with a wait when there were too many in this minute', { ...failed, ...spent }, connect,
    { phase: 'connecting', epoch: 7, isHeld: true, announced: false }, ['life.begin', 'timers.clear', 'backoff in 64', 'state_change']],
  ['makes the attempt when the minute allows it', held, fired('backoff'), { phase: 'connecting', epoch: 8, isHeld: false },
    ['timers.clear', 'connect in 10000', 'attempt.prepare']],
  ['is not hurried by who cannot wait', held, reconnect, {}, []],
  ['takes nothing for news of an attempt that was not made: an address', held, prepared, {}, []],
  ['takes nothing for news of an attempt that was not made: a socket', held, opened, {}, []],
  ['takes nothing for news of an attempt that was not made: an end', held, ended(), {}, []],
  ['takes nothing for news of an attempt that was not made: a timer', held, fired('connect'), {}, []],
  ['closes what was held back', held, close, { phase: 'closed' },
    ['timers.clear', 'outbox.drop', 'state_change', 'closed', 'life.end']],
  ['begins anew while closing, but not too often', { ...closing, ...spent }, connect, { phase: 'connecting', isHeld: true },
    ['transport.discard', 'timers.clear', 'outbox.drop', 'state_change', 'disconnected', 'closed', 'life.end',
      'life.begin', 'timers.clear', 'backoff in 64', 'state_change']],
  ['closes what was never connected', idle, close, { phase: 'closed' },
    ['timers.clear', 'outbox.drop', 'state_change', 'closed', 'life.end']],
  ['drops what a failed socket kept, and says nothing', failed, close, {}, ['outbox.drop']],

  ['opens a socket when the address is known', asking, prepared, { phase: 'connecting', announced: true, isHeld: false },
    ['connecting', 'transport.open']],
  ['opens one socket for one attempt', opening, prepared, {}, []],
  ['is connected: says so, then sends, then asks', opening, opened, { phase: 'connected', connections: 1, ping: null },
    ['timers.clear', 'outbox.mark', 'state_change', 'connected', 'life.opened', 'flush', 'heartbeat in 30000']],
  ['is connected again: says so, then replays', retrying, opened, { phase: 'connected', connections: 2, attempt: 1 },
    ['timers.clear',
      'outbox.mark', 'state_change', 'connected', 'reconnected', 'life.opened', 'replay', 'stable in 60000', 'heartbeat in 30000']],
  ['watches the clock where it cannot ask', opening, { ...opened, canPing: false }, { phase: 'connected', canPing: false },
    ['timers.clear', 'outbox.mark', 'state_change', 'connected', 'life.opened', 'flush', 'heartbeat in 30000']],
  ['gives an attempt up in time', opening, fired('connect'), {}, ['abandon 7, connect_timeout']],
  ['ignores the timer of another phase', opening, fired('backoff'), {}, []],
  ['waits, jittered, when an attempt fails', opening, ended({ cause: 'connect_failed' }), { phase: 'backing_off', attempt: 1 },
    ['timers.clear', 'backoff in 627', 'error CONNECT_FAILED', 'state_change', 'reconnecting']],
  ['tells of an attempt that never had an address', asking, ended({ cause: 'provider_failed' }), { phase: 'backing_off' },
    ['timers.clear', 'backoff in 627', 'connecting', 'error PROVIDER_FAILED', 'state_change', 'reconnecting']],
  ['gives up when the attempts are used up', { ...opening, attempt: 2 }, ended({ cause: 'connect_failed' }), { phase: 'failed' },
    ['timers.clear', 'state_change', 'error CONNECT_FAILED fatal', 'closed', 'life.end']],
  ['makes the last attempt that is allowed',
    { ...opening, attempt: 1 }, ended({ cause: 'connect_failed' }), { phase: 'backing_off', attempt: 2 },
    ['timers.clear', 'backoff in 1254', 'error CONNECT_FAILED', 'state_change', 'reconnecting']],
  ['gives up at a status that will not change', opening, ended({ cause: 'rejected', httpStatus: 401 }), { phase: 'failed' },
    ['timers.clear', 'state_change', 'error AUTH_FAILED fatal', 'closed', 'life.end']],
  ['gives up what can never work', opening, ended({ cause: 'connect_failed', hopeless: true }), { phase: 'failed' },
    ['timers.clear', 'state_change', 'error CONNECT_FAILED fatal', 'closed', 'life.end']],
  ['waits as long as the server asks, and a little',
    opening, ended({ cause: 'rejected', httpStatus: 503, retryAfterMs: 5_000 }), { phase: 'backing_off' },
    ['timers.clear', 'backoff in 5003', 'error REJECTED', 'state_change', 'reconnecting']],
  ['is not hurried by a server that says at once', { ...opening, attempt: 1 },
    ended({ cause: 'rejected', httpStatus: 503, retryAfterMs: 0 }), { phase: 'backing_off' },
    ['timers.clear', 'backoff in 1254', 'error REJECTED', 'state_change', 'reconnecting']],
  ['starts over when told to reconnect meanwhile', asking, reconnect, { phase: 'connecting', epoch: 8, attempt: 1, announced: false },
    ['transport.discard', 'connecting', 'error ABORTED', 'reconnecting', 'timers.clear', 'connect in 10000', 'attempt.prepare']],
  ['does not announce twice when starting over', opening, reconnect, { phase: 'connecting', epoch: 8 },
    ['transport.discard', 'error ABORTED', 'reconnecting', 'timers.clear', 'connect in 10000', 'attempt.prepare']],
  ['closes while connecting at once', opening, close, { phase: 'closed' },
    ['timers.clear', 'transport.discard', 'outbox.drop', 'state_change', 'closed', 'life.end']],
  ['makes the attempt do that is made, when no other is allowed in this minute', { ...opening, ...spent }, reconnect, {}, []],
  ['takes connect() while connecting for said', opening, connect, {}, []],

  ['tells of a loss, and waits', connected, ended(), { phase: 'backing_off', attempt: 1, lostAtMs: 1_000 },
    ['timers.clear', 'backoff in 627', 'outbox.shut', 'state_change', 'error CONNECTION_LOST', 'disconnected', 'reconnecting']],
  ['takes a close frame for no error', connected, ended(byServer(1001)), { phase: 'backing_off' },
    ['timers.clear', 'backoff in 627', 'outbox.shut', 'state_change', 'disconnected', 'reconnecting']],
  ['gives up at a close code that will not change', connected, ended(byServer(4401)), { phase: 'failed' },
    ['timers.clear', 'outbox.shut', 'state_change', 'error AUTH_FAILED fatal', 'disconnected', 'closed', 'life.end']],
  ['lets the user forbid a retry', connected, ended({}, false), { phase: 'failed' },
    ['timers.clear', 'outbox.shut', 'state_change', 'error CONNECTION_LOST fatal', 'disconnected', 'closed', 'life.end']],
  ['ends in peace after 1000 without a retry', connected, ended(byServer(1000), false), { phase: 'closed' },
    ['timers.clear', 'outbox.shut', 'outbox.drop', 'state_change', 'disconnected', 'closed', 'life.end']],
  ['takes no 1000 that was not clean for peace', connected, ended({ code: 1000 }, false), { phase: 'failed' },
    ['timers.clear', 'outbox.shut', 'state_change', 'error CONNECTION_LOST fatal', 'disconnected', 'closed', 'life.end']],
  ['takes no 1000 before it was connected for peace', opening, ended({ ...byServer(1000) }, false), { phase: 'failed' },
    ['timers.clear', 'state_change', 'error CLOSED_BY_SERVER fatal', 'closed', 'life.end']],
  ['lets the user retry what the table would not', connected, ended(byServer(4401), true), { phase: 'backing_off' },
    ['timers.clear', 'backoff in 627', 'outbox.shut', 'state_change', 'disconnected', 'reconnecting']],
  ['lets the user say when', connected, ended({}, { delayMs: 50 }), { phase: 'backing_off', seed: 1 },
    ['timers.clear', 'backoff in 50', 'outbox.shut', 'state_change', 'error CONNECTION_LOST', 'disconnected', 'reconnecting']],
  ['does not let the user pass the count of attempts', { ...connected, attempt: 2 }, ended({}, true), { phase: 'failed' },
    ['timers.clear', 'outbox.shut', 'state_change', 'error CONNECTION_LOST fatal', 'disconnected', 'closed', 'life.end']],
  ['ignores news of an older socket', connected, { ...ended(), epoch: 6 } as Input, {}, []],
  ['counts attempts anew after a time of health', { ...connected, attempt: 2 }, fired('stable'), { attempt: 0 }, []],
  ['replaces a connection when told to reconnect', connected, reconnect, { phase: 'connecting', epoch: 8, attempt: 1, lostAtMs: 1_000 },
    ['outbox.shut',
      'transport.discard', 'disconnected', 'reconnecting', 'timers.clear', 'connect in 10000', 'state_change', 'attempt.prepare']],
  ['lets go of a connection, and waits, when told to reconnect too often', { ...connected, ...spent }, reconnect,
    { phase: 'backing_off', epoch: 7, attempt: 1, lostAtMs: 1_000 },
    ['timers.clear', 'backoff in 64', 'outbox.shut', 'transport.discard', 'state_change', 'disconnected', 'reconnecting']],
  ['waits for the budget of the minute, whatever the user says', { ...connected, ...spent },
    ended({}, { delayMs: 0 }), { phase: 'backing_off' },
    ['timers.clear', 'backoff in 64', 'outbox.shut', 'state_change', 'error CONNECTION_LOST', 'disconnected', 'reconnecting']],
  ['waits no shorter for having a budget to wait for', { ...connected, ...spent }, ended({}, { delayMs: 65 }), { phase: 'backing_off' },
    ['timers.clear', 'backoff in 65', 'outbox.shut', 'state_change', 'error CONNECTION_LOST', 'disconnected', 'reconnecting']],
  ['trusts credentials again after a time of health', renewed, fired('stable'), { attempt: 0, credentials: 'trusted' }, []],
  ['spreads over 4 s after a restart', connected, ended(byServer(1012)), { phase: 'backing_off' },
    ['timers.clear', 'backoff in 2508', 'outbox.shut', 'state_change', 'disconnected', 'reconnecting']],
  ['stays away for longer when told to try later', connected, ended(byServer(1013)), { phase: 'backing_off' },
    ['timers.clear', 'backoff in 10406', 'outbox.shut', 'state_change', 'disconnected', 'reconnecting']],
  ['knows of a restart how long it takes', connected, ended({ ...byServer(1012), reason: 'retry-after=5' }), { phase: 'backing_off' },
    ['timers.clear', 'backoff in 5003', 'outbox.shut', 'state_change', 'disconnected', 'reconnecting']],
  ['opens no other connection when there was one too often', { ...connected, ...spent }, fired('age'), { successor: null }, ['age in 64']],
  ['says goodbye, and waits for the answer', connected, close, { phase: 'closing', code: 3001, reason: 'bye' },
    ['timers.clear', 'close in 5000', 'outbox.shut', 'state_change', 'transport.close']],

  ['asks whether the server is there', connected, fired('heartbeat'), { ping: { ...question, sentAtMs: 1_000 } },
    ['heartbeat in 30000', 'pong in 10000', 'heartbeat.send']],
  ['asks once at a time', asked, fired('heartbeat'), {}, ['heartbeat in 30000']],
  ['is impatient after a pause', connected, fired('heartbeat', 2_001),
    { ping: { ...question, sentAtMs: 1_000, isProbe: true }, probedAtMs: 1_000 },
    ['heartbeat in 30000', 'pong in 2500', 'heartbeat.send']],
  ['is not impatient when it is hardly late', connected, fired('heartbeat', 2_000), { ping: { ...question, sentAtMs: 1_000 } },
    ['heartbeat in 30000', 'pong in 10000', 'heartbeat.send']],
  ['excuses no answer when it is hardly late itself', asked, fired('pong', 2_000), {}, ['abandon 7, pong_timeout']],
  ['takes no other code than 1000 for peace', connected, ended(byServer(1001), false), { phase: 'failed' },
    ['timers.clear', 'outbox.shut', 'state_change', 'error CLOSED_BY_SERVER fatal', 'disconnected', 'closed', 'life.end']],
  ['measures the answer', asked, pong, { ping: null }, ['no pong', 'pong']],
  ['takes an answer to nothing for nothing', connected, pong, {}, []],
  ['forgets a question that was not asked', asked, pingFailed, { ping: null }, ['no pong']],
  ['ends a connection that does not answer', asked, fired('pong'), {}, ['abandon 7, pong_timeout']],
  ['takes any traffic for life', asked, fired('pong', 0, 6), { ping: null }, []],
  ['excuses one answer that is late with us', asked, fired('pong', 2_001), { ping: { ...question, excused: true } },
    ['pong in 2500']],
  ['excuses it once',
    { ...asked, ping: { ...question, excused: true } }, fired('pong', 2_001), {}, ['abandon 7, pong_timeout']],
  ['has nothing to say to a pong timer without a question', connected, fired('pong'), {}, []],

  ['waits on at the timer of another phase', backingOff, fired('close'), {}, []],
  ['makes the attempt after the wait', backingOff, fired('backoff'), { phase: 'connecting', epoch: 8, attempt: 1 },
    ['timers.clear', 'connect in 10000', 'state_change', 'attempt.prepare']],
  ['cuts the wait short when told to reconnect', backingOff, reconnect, { phase: 'connecting', epoch: 8, attempt: 1 },
    ['timers.clear', 'connect in 10000', 'state_change', 'attempt.prepare']],
  ['cuts the wait short as far as the minute allows', { ...backingOff, ...spent }, reconnect, { phase: 'backing_off', epoch: 7 },
    ['backoff in 64']],
  ['closes while waiting at once', backingOff, close, { phase: 'closed' },
    ['timers.clear', 'outbox.drop', 'state_change', 'closed', 'life.end']],
  ['ends a wait by a signal', backingOff, abort, { phase: 'closed' },
    ['timers.clear', 'outbox.drop', 'state_change', 'closed', 'life.end']],

  ['waits for the answer at the timer of another phase', closing, fired('backoff'), {}, []],
  ['has closed when the server answers', closing, ended(byServer(1000)), { phase: 'closed' },
    ['timers.clear', 'outbox.drop', 'state_change', 'disconnected', 'closed', 'life.end']],
  ['does not wait for ever for the answer', closing, fired('close'), {}, ['abandon 7, close']],
  ['closes once', closing, close, {}, []],
  ['ends the old life before the new one', closing, connect, { phase: 'connecting', epoch: 8, attempt: 0, connections: 0 },
    ['transport.discard', 'timers.clear', 'outbox.drop', 'state_change', 'disconnected', 'closed', 'life.end',
      'life.begin', 'timers.clear', 'connect in 10000', 'state_change', 'attempt.prepare']],
  ['ends the old life before the new one, whichever way it is asked for', closing, reconnect, { phase: 'connecting', epoch: 8 },
    ['transport.discard', 'timers.clear', 'outbox.drop', 'state_change', 'disconnected', 'closed', 'life.end',
      'life.begin', 'timers.clear', 'connect in 10000', 'state_change', 'attempt.prepare']],
];

it.each(rows)('transition() %s', (_name, given, when, next, effects) => {
  const [actual, orders] = transition(Object.freeze(given), when, config);
  expect(actual).toMatchObject(next);
  expect(orders.map(brief)).toEqual(effects);
});

it.each(
  rows.filter(([, , , next, effects]) => effects.length === 0 && Object.keys(next).length === 0),
)('transition() %s: the state is the very same', (_name, given, when) => {
  expect(transition(given, when, config)[0]).toBe(given);
});

/** Facts race, and orders may come twice: what means nothing in a phase. */
const meaningless: readonly (readonly [State, Input[]])[] = [
  [closed, [prepared, opened, ended(), pong, pingFailed, fired('backoff'), abort]],
  [failed, [prepared, opened, ended(), pong, pingFailed, fired('backoff')]],
  [opening, [pong, pingFailed, fired('close'), connect, { ...ended(), epoch: 6 } as Input]],
  [
    connected,
    [
      connect,
      prepared,
      opened,
      ...(['backoff', 'connect', 'close'] as const).map((one) => fired(one)),
    ],
  ],
  [backingOff, [connect, prepared, opened, ended(), pong, { ...ended(), epoch: 6 } as Input]],
  [closing, [prepared, opened, pong, pingFailed, close]],
];

it.each(
  meaningless.flatMap(([given, inputs]) =>
    inputs.map((when) => [given.phase, when, given] as const),
  ),
)('transition() takes for nothing, while %s: %j', (_phase, when, given) => {
  const [next, effects] = transition(given, when, config);
  expect(next).toBe(given);
  // A buffer that is empty may be emptied again.
  expect(effects.filter(({ type }) => type !== 'outbox.drop')).toEqual([]);
});

it.each<readonly [cause: Cause, given: State, when: Input]>([
  ['connect', idle, connect],
  ['connect', failed, reconnect],
  ['connect', { ...failed, ...spent }, connect],
  ['opened', opening, opened],
  ['connect_failed', opening, ended({ cause: 'connect_failed' })],
  ['fatal', opening, ended({ cause: 'rejected', httpStatus: 404 })],
  ['fatal', connected, ended({}, false)],
  ['exhausted', { ...opening, attempt: 2 }, ended()],
  ['connection_lost', connected, ended()],
  ['normal', connected, ended(byServer(1000), false)],
  ['reconnect', connected, reconnect],
  ['reconnect', { ...connected, ...spent }, reconnect],
  ['close', connected, close],
  ['close', idle, close],
  ['aborted', opening, abort],
  ['close', closing, ended()],
  ['close', closing, connect],
  ['backoff_elapsed', backingOff, fired('backoff')],
  ['reconnect', backingOff, reconnect],
])('state_change tells why: %s', (cause, given, when) => {
  expect(events(given, when)).toContainEqual(
    expect.objectContaining({ type: 'state_change', cause }),
  );
});

it('every connection that is begun is paid for, whoever asked for it, and nothing else is', () => {
  const paid = (given: State, when: Input): number =>
    transition(given, when, config)[0].paidUntilMs;
  for (const [given, when] of [
    [idle, connect],
    [opening, reconnect],
    [connected, reconnect],
    [connected, fired('age')],
    [backingOff, fired('backoff')],
  ] as const) {
    expect(paid(given, when)).toBe(1_000 + 1_936);
    expect(
      transition(given, when, { ...config, backoff: { ...config.backoff, maxPerMinute: 1 } })[0]
        .paidUntilMs,
    ).toBe(61_000);
  }
  for (const [given, when] of [
    [opening, opened],
    [connected, ended()],
    [backingOff, close],
  ] as const)
    expect(paid(given, when)).toBe(-Infinity);
});

/** The fields of the events that a step emits. */
const events = (given: State, when: Input, options: Partial<MachineConfig> = {}): unknown[] =>
  transition(given, when, { ...config, ...options })[1].flatMap((effect) =>
    effect.type === 'emit' ? [effect.event] : [],
  );

describe('credentials', () => {
  const fresh = { ...config, canRefresh: true };
  const refusals: readonly (readonly [string, State, Input])[] = [
    ['4401', connected, ended(byServer(4401))],
    ['4401 instead of a welcome', opening, ended(byServer(4401))],
    ['HTTP status 401', opening, ended({ cause: 'rejected', httpStatus: 401 })],
  ];

  it.each(refusals)(
    'are asked for anew after %s, once, at a time that is drawn',
    (_name, given, when) => {
      const [waiting, effects] = transition(given, when, fresh);
      expect(waiting).toMatchObject({ phase: 'backing_off', credentials: 'refused', attempt: 1 });
      expect(effects).toContainEqual({ type: 'timer.set', timer: 'backoff', delayMs: 627 });
      const [, asking] = transition(waiting, fired('backoff'), fresh);
      expect(asking).toContainEqual({
        type: 'attempt.prepare',
        epoch: 8,
        attempt: 1,
        unauthorized: true,
      });
    },
  );

  it.each(refusals)(
    'are the end of it when they are refused again, by %s',
    (_name, given, when) => {
      for (const credentials of ['refused', 'renewed'] as const) {
        const [next, effects] = transition({ ...given, credentials }, when, fresh);
        expect(next.phase).toBe('failed');
        expect(effects.map(brief)).toContain('error AUTH_FAILED fatal');
      }
    },
  );

  it.each(refusals)('that cannot change are the end of it at once, by %s', (_name, given, when) => {
    expect(transition(given, when, config)[0].phase).toBe('failed');
  });

  it.each([
    ['403', opening, ended({ cause: 'rejected', httpStatus: 403 })],
    ['4403', connected, ended(byServer(4403))],
    [
      'a status that comes with 4401 for a code',
      opening,
      ended({ cause: 'rejected', httpStatus: 404, code: 4401 }),
    ],
  ] as const)('are not asked for anew after %s', (_name, given, when) => {
    expect(transition(given, when, fresh)[0].phase).toBe('failed');
  });

  it('are still asked for when the attempt with them fails for another reason', () => {
    const [waiting] = transition(
      { ...opening, credentials: 'refused' },
      ended({ cause: 'connect_failed' }),
      fresh,
    );
    const [, asking] = transition(waiting, fired('backoff'), fresh);
    expect(asking).toContainEqual(expect.objectContaining({ unauthorized: true }));
  });

  it('that were taken are no longer refused, but a second refusal soon is the end', () => {
    const [open] = transition({ ...retrying, credentials: 'refused' }, opened, fresh);
    expect(open.credentials).toBe('renewed');
    const [, asking] = transition(transition(open, ended(), fresh)[0], fired('backoff'), fresh);
    expect(asking).toContainEqual(expect.objectContaining({ unauthorized: false }));
    const [healthy] = transition(open, fired('stable'), fresh);
    expect(transition(healthy, ended(byServer(4401)), fresh)[0].phase).toBe('backing_off');
  });

  // It is 1 s everywhere, and 5 were heard.
  it.each<readonly [name: string, more: Partial<In<'connected'>>, then: Partial<State>]>([
    ['had not lived', { openedAtMs: -999, heardBefore: 4 }, { phase: 'failed' }],
    ['said nothing', { openedAtMs: -9_000, heardBefore: 5 }, { phase: 'failed' }],
    ['had lived', { openedAtMs: -1_000, heardBefore: 4 }, { phase: 'backing_off', attempt: 2 }],
    ['had not lived long', { openedAtMs: -8_999, heardBefore: 4 }, { attempt: 2 }],
    ['had lived long', { openedAtMs: -9_000, heardBefore: 4 }, { attempt: 1 }],
  ])(
    'that were renewed, on a connection that %s: they are asked for anew, or not',
    (_name, more, then) => {
      expect(transition({ ...renewed, ...more }, ended(byServer(4401)), fresh)[0]).toMatchObject(
        then,
      );
    },
  );

  it('need no word in a session: it was welcomed', () => {
    const silent = { ...renewed, openedAtMs: -1_000, heardBefore: 5 };
    const session = { ...fresh, isOrdered: true };
    expect(transition(silent, ended(byServer(4401)), session)[0].phase).toBe('backing_off');
  });

  it('are not proven by what is no news of the server', () => {
    const lived = { ...renewed, openedAtMs: -1_000, heardBefore: 4 };
    for (const when of [pong, pingFailed, close])
      expect(transition(lived, when, fresh)[0].credentials).toBe('renewed');
  });

  it.each([ended(), reconnect, { ...fired('heartbeat'), nowMs: 1_000 } as const])(
    'that have proven themselves are trusted from then on, whatever comes: $type',
    (when) => {
      const lived = { ...renewed, openedAtMs: -1_000, heardBefore: 4 };
      expect(transition(lived, when, fresh)[0].credentials).toBe('trusted');
      expect(transition({ ...lived, openedAtMs: -999 }, when, fresh)[0].credentials).toBe(
        'renewed',
      );
    },
  );

  it('are trusted again in another life', () => {
    const again = transition({ ...failed, credentials: 'refused' }, connect, fresh);
    expect(again[0].credentials).toBe('trusted');
    expect(again[1]).toContainEqual(expect.objectContaining({ unauthorized: false }));
  });

  it('count as retries', () => {
    const [, refused = connected, when = opened] = refusals[0] ?? [];
    expect(transition({ ...refused, attempt: 2 }, when, fresh)[0].phase).toBe('failed');
  });

  it.each([true, { delayMs: 5 }])('are asked for as often as the user says: %j', (override) => {
    const [next] = transition(renewed, ended(byServer(4401), override), {
      ...fresh,
      canRefresh: false,
    });
    expect(next).toMatchObject({ phase: 'backing_off', credentials: 'refused' });
  });
});

describe('the events', () => {
  it('state_change, connected and reconnected tell the way and the downtime', () => {
    expect(events(retrying, opened)).toEqual([
      { type: 'state_change', from: 'connecting', to: 'connected', cause: 'opened' },
      { type: 'connected', uri: 'wss://host/', protocol: 'v1' },
      { type: 'reconnected', uri: 'wss://host/', attempts: 1, downtime_ms: 600 },
    ]);
  });

  it('disconnected and reconnecting tell the code, and the wait in seconds', () => {
    expect(events(connected, ended({ reason: 'why' }))).toEqual([
      { type: 'state_change', from: 'connected', to: 'backing_off', cause: 'connection_lost' },
      {
        type: 'disconnected',
        uri: 'wss://host/',
        code: 1006,
        reason: 'why',
        was_clean: false,
        will_reconnect: true,
      },
      { type: 'reconnecting', attempt: 1, delay: 0.627, cause: 'connection_lost' },
    ]);
  });

  it('closed tells why no attempt follows', () => {
    const last = (given: State, when: Input): unknown => events(given, when).at(-1);
    expect(last(connected, ended(byServer(4401)))).toEqual({
      type: 'closed',
      code: 4401,
      reason: '',
      cause: 'fatal',
    });
    expect(last(connected, ended(byServer(1000), false))).toMatchObject({
      code: 1000,
      cause: 'normal',
    });
    expect(last({ ...connected, attempt: 2 }, ended())).toMatchObject({
      code: 1006,
      cause: 'exhausted',
    });
    expect(last(opening, abort)).toMatchObject({ code: 3001, reason: 'bye', cause: 'aborted' });
    expect(last(closing, ended(byServer(1000)))).toMatchObject({
      code: 1000,
      reason: 'bye',
      cause: 'close',
    });
  });

  it('connecting tells the attempt, without an address that there never was', () => {
    const stale: State = { ...asking, attempt: 2, uri: 'wss://earlier/' };
    expect(events(stale, ended({ cause: 'provider_failed' }, true))[0]).toEqual({
      type: 'connecting',
      uri: '',
      attempt: 2,
    });
    expect(events(stale, prepared)[0]).toEqual({
      type: 'connecting',
      uri: 'wss://host/',
      attempt: 2,
    });
  });

  it('pong tells the latency, never less than nothing', () => {
    expect(events(asked, pong)).toEqual([{ type: 'pong', latency_ms: 100, payload: 'x' }]);
    expect(events(asked, { ...pong, nowMs: 800 })).toEqual([
      { type: 'pong', latency_ms: 0, payload: 'x' },
    ]);
  });
});

describe('reconnect()', () => {
  const gone = {
    type: 'disconnected',
    uri: 'wss://host/',
    code: 1000,
    reason: '',
    was_clean: true,
    will_reconnect: true,
  };

  it('tells of the end that it makes, and of the attempt, without a wait', () => {
    expect(events(connected, reconnect)).toEqual([
      gone,
      { type: 'reconnecting', attempt: 1, delay: 0, cause: 'reconnect' },
      { type: 'state_change', from: 'connected', to: 'connecting', cause: 'reconnect' },
    ]);
  });

  it('tells of the wait, where the minute allows no attempt', () => {
    expect(events({ ...connected, ...spent }, reconnect)).toEqual([
      { type: 'state_change', from: 'connected', to: 'backing_off', cause: 'reconnect' },
      gone,
      { type: 'reconnecting', attempt: 1, delay: 0.064, cause: 'reconnect' },
    ]);
  });

  it('tells of the attempt that it gives up', () => {
    const [, effects] = transition(opening, reconnect, config);
    expect(effects).toContainEqual({
      type: 'report',
      report: {
        code: 'ABORTED',
        message: 'The attempt to connect was given up: reconnect() was called',
        fatal: false,
      },
    });
    expect(events(opening, reconnect)).toEqual([
      { type: 'reconnecting', attempt: 1, delay: 0, cause: 'reconnect' },
    ]);
  });
});

it('connect() while closing tells of an end that was not answered', () => {
  expect(events(closing, connect).slice(0, 3)).toEqual([
    { type: 'state_change', from: 'closing', to: 'closed', cause: 'close' },
    {
      type: 'disconnected',
      uri: 'wss://host/',
      code: 1006,
      reason: '',
      was_clean: false,
      will_reconnect: false,
    },
    { type: 'closed', code: 1000, reason: 'bye', cause: 'close' },
  ]);
});

it('a connection begins with nothing asked, heard or followed', () => {
  const [next] = transition(opening, opened, config);
  expect(next).toMatchObject({
    ...{ ping: null, openedAtMs: 1_000, probedAtMs: 1_000, heardBefore: 5, canPing: true },
    ...{ successor: null, ageCause: 'max_age', failedSuccessors: 0, credentials: 'trusted' },
  });
});

it('every wait is drawn with other dice', () => {
  const [first] = transition(opening, ended(), config);
  expect(first.seed).not.toBe(opening.seed);
  const [second] = transition({ ...opening, attempt: 1, seed: first.seed }, ended(), config);
  expect(second.seed).not.toBe(first.seed);
});

it('no downtime is less than nothing', () => {
  const [, effects] = transition({ ...retrying, lostAtMs: 2_000 }, opened, config);
  expect(effects).toContainEqual({
    type: 'emit',
    event: { type: 'reconnected', uri: 'wss://host/', attempts: 1, downtime_ms: 0 },
  });
});

it('the end of a close is told as the last', () => {
  expect(events(closing, ended(byServer(1000)))).toMatchObject([
    { type: 'state_change', from: 'closing', to: 'closed', cause: 'close' },
    { type: 'disconnected', code: 1000, will_reconnect: false, was_clean: true },
    { type: 'closed', code: 1000, reason: 'bye', cause: 'close' },
  ]);
});

describe('the options', () => {
  it('mode none replays nothing', () => {
    const [, effects] = transition(retrying, opened, { ...config, replays: false });
    expect(effects).toContainEqual({ type: 'outbox.open', replay: false });
  });

  it('heartbeat false asks nothing', () => {
    const [, effects] = transition(opening, opened, { ...config, heartbeat: null });
    expect(effects.map(brief)).not.toContain('heartbeat in 30000');
    for (const [given, timer] of [
      [connected, 'heartbeat'],
      [asked, 'pong'],
    ] as const)
      expect(transition(given, fired(timer), { ...config, heartbeat: null })).toEqual([given, []]);
  });

  it('maxConnectionAgeMs is drawn, up to a tenth earlier', () => {
    const [next, effects] = transition(opening, opened, { ...config, maxConnectionAgeMs: 1_000 });
    expect(effects.map(brief)).toContain('age in 937');
    expect(next.seed).not.toBe(opening.seed);
  });

  it('a probe after a pause is never longer than timeoutMs', () => {
    const heartbeat = { intervalMs: 1_000, timeoutMs: 100 };
    const [, effects] = transition(connected, fired('heartbeat', 5_000), { ...config, heartbeat });
    expect(effects.map(brief)).toContain('pong in 100');
  });
});
