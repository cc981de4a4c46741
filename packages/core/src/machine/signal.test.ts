import { expect, it } from 'vitest';
import type { Signal } from '../events.js';
import type { MachineConfig } from './config.js';
import type { Effect, TimerName } from './effect.js';
import type { End, Input, Override } from './input.js';
import { type In, initialState, type Ping, type State, type Surroundings } from './state.js';
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

// States. It is 100 s everywhere.
const NOW_MS = 100_000;
const base = { ...initialState(1), epoch: 7, newest: 7, uri: 'wss://host/' };
const opening: In<'connecting'> = {
  ...base,
  attempt: 1,
  phase: 'connecting',
  announced: true,
  isHeld: false,
};
const asking: In<'connecting'> = { ...opening, announced: false };
const connected: In<'connected'> = {
  ...base,
  connections: 1,
  phase: 'connected',
  ping: null,
  openedAtMs: 0,
  heardBefore: 5,
  canPing: true,
  probedAtMs: 0,
  successor: null,
  ageCause: 'max_age',
  failedSuccessors: 0,
};
const question: Ping = { sentAtMs: 99_000, heardBefore: 4, excused: false, isProbe: false };
const probe: Ping = { sentAtMs: NOW_MS, heardBefore: 5, excused: false, isProbe: true };
const waiting: In<'backing_off'> = {
  ...base,
  attempt: 1,
  connections: 1,
  phase: 'backing_off',
  notBeforeMs: Number.NEGATIVE_INFINITY,
};
const inAll = (state: State, surroundings: Partial<Surroundings>): State => ({
  ...state,
  surroundings: { ...state.surroundings, ...surroundings },
});
const offline = (state: State): State => inAll(state, { isOnline: false });
const stored = (state: State): State => inAll(state, { page: 'stored', hiddenAtMs: 50_000 });
const hidden = (state: State, hiddenAtMs = 20_000): State =>
  inAll(state, { page: 'hidden', hiddenAtMs });

// Inputs.
const on = (signal: Signal): Input => ({
  type: 'signal.raised',
  signal,
  nowMs: NOW_MS,
  heard: 5,
});
const lost: End = { cause: 'connection_lost', code: 1006, reason: '', wasClean: false };
const ended = (end: Partial<End> = {}, override?: Override): Input => ({
  type: 'transport.ended',
  epoch: 7,
  nowMs: NOW_MS,
  end: { ...lost, ...end },
  override,
  heard: 5,
});
const fired = (timer: TimerName, lateMs = 0, heard = 5): Input => ({
  type: 'timer.fired',
  timer,
  nowMs: NOW_MS,
  lateMs,
  heard,
});

function brief(effect: Effect): string {
  switch (effect.type) {
    case 'emit':
      return effect.event.type;
    case 'report':
      return `error ${effect.report.code}`;
    case 'timer.set':
      return `${effect.timer} in ${effect.delayMs}`;
    case 'timer.clear':
      return `no ${effect.timer}`;
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

const ATTEMPT = ['timers.clear', 'connect in 10000', 'state_change', 'attempt.prepare'];
const PROBE = ['pong in 2500', 'heartbeat.send'];
const AFTER_LOSS = ['outbox.shut', 'state_change', 'error CONNECTION_LOST', 'disconnected'];
const hurried = { attemptedAtMs: NOW_MS };

// prettier-ignore
const rows: Row[] = [
  // A wait.
  ['cuts a wait short when there is a network again', offline(waiting), on('online'),
    { phase: 'connecting', epoch: 8, attempt: 1, surroundings: { ...base.surroundings, ...hurried } }, ATTEMPT],
  ...(['visible', 'resumed', 'restored', 'online'] as const).map((signal): Row =>
    [`cuts a wait short when told ${signal}`, waiting, on(signal), { phase: 'connecting', epoch: 8 }, ATTEMPT]),
  ['cuts no two waits short within a second', inAll(waiting, { attemptedAtMs: NOW_MS - 400 }), on('online'), {}, ['backoff in 600']],
  ['cuts a wait short as far as the minute allows', { ...waiting, paidUntilMs: NOW_MS + 29 * 1_936 + 64 }, on('online'), {},
    ['backoff in 64']],
  ['does not hurry what the server asked for', { ...waiting, notBeforeMs: NOW_MS + 5_000 }, on('visible'), {}, ['backoff in 5000']],
  ['holds attempts without a network, but for one a minute', waiting, on('offline'),
    { surroundings: { ...base.surroundings, isOnline: false } }, ['backoff in 60000']],
  ['says so once', offline(waiting), on('offline'), {}, []],
  ['still tries once a minute without a network', offline(waiting), fired('backoff'), { phase: 'connecting', epoch: 8 }, ATTEMPT],
  ['holds on without a network, whoever looks', offline(waiting), on('visible'), {}, []],
  ['waits on while hidden', waiting, on('hidden'), {}, []],
  ['waits a minute for the next attempt without a network', offline({ ...opening, attempt: 0 }), ended({ cause: 'connect_failed' }),
    { phase: 'backing_off', attempt: 1 }, ['timers.clear', 'backoff in 60000', 'error CONNECT_FAILED', 'state_change', 'reconnecting']],

  // A connection.
  ...(['online', 'visible', 'resumed', 'restored'] as const).map((signal): Row =>
    [`asks for life when told ${signal}`, connected, on(signal), { ping: probe, probedAtMs: NOW_MS }, PROBE]),
  ['asks once, however often it is told', { ...connected, ping: probe }, on('online'), {}, []],
  ['asks no sooner than a second after it asked', { ...connected, probedAtMs: NOW_MS - 300 }, on('online'), {}, ['heartbeat in 700']],
  ['asks again after a second', { ...connected, probedAtMs: NOW_MS - 1_000 }, on('online'), { ping: probe }, PROBE],
  ['loses patience with a question that is out', { ...connected, ping: question }, on('online'),
    { ping: { ...question, heardBefore: 5, isProbe: true }, probedAtMs: NOW_MS }, ['pong in 2500']],
  ['does nothing without a network but note it', connected, on('offline'), { surroundings: { ...base.surroundings, isOnline: false } }, []],
  ['does nothing when frozen', connected, on('frozen'), {}, []],
  ['asks for life when any timer is late', connected, fired('stable', 2_001), { ping: probe }, PROBE],
  ['does not ask because of a timer that is hardly late', connected, fired('stable', 2_000), { ping: null }, []],
  ['watches when any timer shows that it slept, where nothing can be asked', { ...connected, canPing: false }, fired('stable', 2_001),
    { ping: probe }, ['pong in 2500']],
  ['takes no late timer of a hidden page for sleep, whichever it is', hidden({ ...connected, canPing: false }), fired('stable', 2_001),
    { ping: null }, []],
  ['does not ask because of a timer in time', { ...connected, attempt: 1 }, fired('stable'), { attempt: 0, ping: null }, []],
  ['finds a connection dead on return, and does not wait', { ...connected, ping: probe }, ended(), { phase: 'backing_off', attempt: 1 },
    ['timers.clear', 'backoff in 0', ...AFTER_LOSS, 'reconnecting']],
  ['waits as ever when it was no return', { ...connected, ping: question }, ended(), { phase: 'backing_off' },
    ['timers.clear', 'backoff in 627', ...AFTER_LOSS, 'reconnecting']],
  ['waits as ever when it did not wait just now', inAll({ ...connected, ping: probe }, { attemptedAtMs: NOW_MS - 999 }), ended(), {},
    ['timers.clear', 'backoff in 627', ...AFTER_LOSS, 'reconnecting']],
  ['waits on return as long as the user says', { ...connected, ping: probe }, ended({}, { delayMs: 50 }), {},
    ['timers.clear', 'backoff in 50', ...AFTER_LOSS, 'reconnecting']],
  ['waits on return as long as the server says', { ...connected, ping: probe }, ended({ reason: 'retry-after=5' }),
    { notBeforeMs: NOW_MS + 5_003 },
    ['timers.clear', 'backoff in 5003', ...AFTER_LOSS, 'reconnecting']],

  // A connection on which nothing can be asked.
  ['watches for life after the network was gone', offline({ ...connected, canPing: false }), on('online'),
    { ping: probe }, ['pong in 2500']],
  ['believes a network that was never gone', { ...connected, canPing: false }, on('online'), {}, []],
  ['watches after a minute out of sight', hidden({ ...connected, canPing: false }), on('visible'), { ping: probe }, ['pong in 2500']],
  ['believes a short look elsewhere', hidden({ ...connected, canPing: false }, 40_001), on('visible'), { ping: null }, []],
  ['watches when the clock shows that it slept', { ...connected, canPing: false }, fired('heartbeat', 2_001), { ping: probe },
    ['heartbeat in 30000', 'pong in 2500']],
  ['takes no late timer of a hidden page for sleep', hidden({ ...connected, canPing: false }), fired('heartbeat', 60_000), { ping: null },
    ['heartbeat in 30000']],
  ['asks nothing there', { ...connected, canPing: false }, fired('heartbeat'), {}, ['heartbeat in 30000']],
  ['takes any traffic there for life', { ...connected, canPing: false, ping: probe }, fired('pong', 0, 6), { ping: null }, []],
  ['opens another connection when all is silent there', { ...connected, canPing: false, ping: probe }, fired('pong'),
    { phase: 'connected', newest: 8,
      successor: { epoch: 8, cause: 'unproven', uri: null, place: 'opening', protocol: '', canPing: false } },
    ['connect in 10000', 'successor.prepare']],

  ['watches no sooner than a second after it did', offline({ ...connected, canPing: false, probedAtMs: NOW_MS - 300 }),
    on('online'), {}, []],

  // Leaving the page.
  ['lets go of a connection when the page is left', connected, on('stored'),
    { phase: 'backing_off', attempt: 1, lostAtMs: NOW_MS },
    ['timers.clear', 'outbox.shut', 'transport.discard', 'state_change', 'disconnected', 'reconnecting']],
  ['lets go of an attempt when the page is left', opening, on('stored'), { phase: 'backing_off', attempt: 1 },
    ['timers.clear', 'transport.discard', 'error ABORTED', 'state_change', 'reconnecting']],
  ['tells of an attempt without an address all the same', asking, on('stored'), { phase: 'backing_off' },
    ['timers.clear', 'transport.discard', 'connecting', 'error ABORTED', 'state_change', 'reconnecting']],
  ['does not wait on a page that is left', waiting, on('stored'), { phase: 'backing_off' }, ['no backoff']],
  ['attempts nothing on a page that is left: a timer', stored(waiting), fired('backoff'), {}, []],
  ['attempts nothing on a page that is left: the network', stored(waiting), on('online'), {}, []],
  ['attempts nothing on a page that is left: reconnect()', stored(waiting), { type: 'user.reconnect', nowMs: NOW_MS, heard: 5 }, {}, []],
  ['attempts nothing on a page that is left: an end that was under way', stored({ ...opening, attempt: 0 }), ended(),
    { phase: 'backing_off' }, ['timers.clear', 'error CONNECTION_LOST', 'state_change', 'reconnecting']],
  ['takes hidden, which follows on leaving, for nothing', stored(waiting), on('hidden'), {}, []],
  ['connects when the page is back', stored(waiting), on('restored'), { phase: 'connecting', epoch: 8, attempt: 1 }, ATTEMPT],
  ['connects when the page is back, whatever says so', stored(waiting), on('resumed'), { phase: 'connecting' }, ATTEMPT],
  ['holds when the page is back, without a network', offline(stored(waiting)), on('restored'),
    { phase: 'backing_off' }, ['backoff in 60000']],
  ['asks for life after pageshow without pagehide', connected, on('restored'), { ping: probe }, PROBE],

  ['notes what is said while closing', { ...base, phase: 'closing', code: 1000, reason: '' }, on('offline'),
    { surroundings: { ...base.surroundings, isOnline: false } }, []],

  // A manual close is final.
  ...(['online', 'visible', 'resumed', 'restored'] as const).flatMap((signal): Row[] => [
    [`stays closed when told ${signal}`, { ...base, phase: 'closed' }, on(signal), {}, []],
    [`goes on closing when told ${signal}`, { ...base, phase: 'closing', code: 1000, reason: '' }, on(signal), {}, []],
    [`stays failed when told ${signal}`, { ...base, phase: 'failed' }, on(signal), {}, []],
    [`goes on connecting when told ${signal}`, opening, on(signal), {}, []],
  ]),
];

it.each(rows)('transition() %s', (_name, given, when, next, effects) => {
  const [actual, orders] = transition(Object.freeze(given), when, config);
  expect(actual).toMatchObject(next);
  expect(orders.map(brief)).toEqual(effects);
});

it.each(
  rows.filter(([, , , next, effects]) => effects.length === 0 && Object.keys(next).length === 0),
)('transition() %s: the phase is the same', (_name, given, when) => {
  expect(transition(given, when, config)[0].phase).toBe(given.phase);
});

/** What a step tells: events, and errors by their text. */
const told = (given: State, when: Input): unknown[] =>
  transition(given, when, config)[1].flatMap((effect): unknown[] => {
    if (effect.type === 'report') return [effect.report.message];
    return effect.type === 'emit' ? [effect.event] : [];
  });

it('a page that is left is told as a clean end, and that there will be another connection', () => {
  expect(told(connected, on('stored'))).toEqual([
    { type: 'state_change', from: 'connected', to: 'backing_off', cause: 'page_hidden' },
    {
      type: 'disconnected',
      uri: 'wss://host/',
      code: 1000,
      reason: '',
      was_clean: true,
      will_reconnect: true,
    },
    { type: 'reconnecting', attempt: 1, delay: 0, cause: 'page_hidden' },
  ]);
  expect(told(opening, on('stored'))).toEqual([
    'The attempt to connect was given up: the page was left',
    { type: 'state_change', from: 'connecting', to: 'backing_off', cause: 'page_hidden' },
    { type: 'reconnecting', attempt: 1, delay: 0, cause: 'page_hidden' },
  ]);
});

it('a wait that is cut short is told as a return', () => {
  expect(told(waiting, on('visible'))).toEqual([
    { type: 'state_change', from: 'backing_off', to: 'connecting', cause: 'returned' },
  ]);
});

it('heartbeat false trusts every socket', () => {
  const trusting = { ...config, heartbeat: null };
  for (const signal of ['online', 'restored'] as const)
    expect(transition(connected, on(signal), trusting)[1]).toEqual([]);
});

it('a signal that says nothing new changes nothing', () => {
  expect(transition(connected, on('frozen'), config)[0]).toBe(connected);
  expect(transition(opening, on('online'), config)[0]).toBe(opening);
});

it('10,000 flaps in a second come to one attempt a second, and to no more timers', () => {
  let state: State = waiting;
  let attempts = 0;
  for (let flap = 0; flap < 30_000; flap++) {
    const nowMs = NOW_MS + flap / 10;
    for (const signal of ['offline', 'online'] as const) {
      const [next] = transition(state, { type: 'signal.raised', signal, nowMs, heard: 0 }, config);
      // Refused at once, as by a host that is not there.
      if (next.phase === 'connecting') attempts++;
      state = next.phase === 'connecting' ? { ...waiting, surroundings: next.surroundings } : next;
    }
  }
  expect(attempts).toBe(3);
});
