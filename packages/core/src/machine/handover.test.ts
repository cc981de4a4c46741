import { describe, expect, it } from 'vitest';
import type { MachineConfig } from './config.js';
import type { Effect, TimerName } from './effect.js';
import type { End, Input, Override } from './input.js';
import { type In, initialState, type State, type Successor } from './state.js';
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
const session = { ...config, isOrdered: true };

// States. The old connection is epoch 7, its successor 8.
const base = { ...initialState(1), epoch: 7, newest: 7, uri: 'wss://old/' };
const ping = { sentAtMs: 900, heardBefore: 5, excused: false, isProbe: true };
const connected: In<'connected'> = {
  ...base,
  attempt: 1,
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
const asked: Successor = {
  epoch: 8,
  cause: 'max_age',
  uri: null,
  place: 'opening',
  protocol: '',
  canPing: false,
};
const withOne = (successor: Successor): In<'connected'> => ({ ...connected, newest: 8, successor });
const asking = withOne(asked);
const opening = withOne({ ...asked, uri: 'wss://new/' });
const open = withOne({
  ...asked,
  uri: 'wss://new/',
  place: 'open',
  protocol: 'v1',
  canPing: true,
});
const gone = withOne({ ...asked, uri: 'wss://new/', place: 'gone' });
const unproven: In<'connected'> = {
  ...withOne({ ...asked, uri: 'wss://new/', cause: 'unproven' }),
  canPing: false,
  ping,
};

// Inputs.
const fired = (timer: TimerName, lateMs = 0): Input => ({
  type: 'timer.fired',
  timer,
  nowMs: 1_000,
  lateMs,
  heard: 5,
});
const prepared: Input = { type: 'attempt.prepared', epoch: 8, uri: 'wss://new/' };
const opened: Input = {
  type: 'transport.opened',
  epoch: 8,
  nowMs: 1_000,
  protocol: 'v1',
  canPing: true,
  heard: 5,
};
const lost: End = { cause: 'connection_lost', code: 1006, reason: '', wasClean: false };
const ended = (epoch: 7 | 8, end: Partial<End> = {}, heard = 5, override?: Override): Input => ({
  type: 'transport.ended',
  epoch,
  nowMs: 1_000,
  end: { ...lost, ...end },
  override,
  heard,
});
const refused = (httpStatus?: number): Partial<End> => ({ cause: 'connect_failed', httpStatus });
const closed = (code: number, reason = ''): Partial<End> => ({
  cause: 'closed_by_server',
  code,
  reason,
  wasClean: true,
});
const close: Input = { type: 'user.close', code: 3001, reason: 'bye', cause: 'close' };
const reconnect: Input = { type: 'user.reconnect', nowMs: 1_000, heard: 5 };
const leaving: Input = { type: 'server.leaving', epoch: 7, withinMs: 10_000 };
const stored: Input = { type: 'signal.raised', signal: 'stored', nowMs: 1_000, heard: 5 };

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

const SWITCH = [
  ...['successor.install', 'timers.clear', 'outbox.mark'],
  ...['disconnected', 'reconnecting', 'connecting', 'connected', 'reconnected'],
  ...['life.opened', 'outbox.open', 'stable in 60000', 'heartbeat in 30000', 'successor.release'],
];
const INSTALLED: Partial<State> = {
  phase: 'connected',
  epoch: 8,
  newest: 8,
  uri: 'wss://new/',
  attempt: 1,
  connections: 2,
  lostAtMs: 1_000,
  successor: null,
};
const LOST = ['state_change', 'error CONNECTION_LOST', 'disconnected', 'reconnecting'];

// Seed 1 draws 0.627 first.
// prettier-ignore
const rows: Row[] = [
  ['opens another connection beside one that is old', connected, fired('age'), { epoch: 7, newest: 8, successor: asked },
    ['connect in 10000', 'successor.prepare']],
  ['opens one, however often it is told', asking, fired('age'), { newest: 8 }, []],
  ['opens a socket when the address is known', asking, prepared, { successor: { ...asked, uri: 'wss://new/' } }, ['transport.open']],
  ['opens one socket for one successor', opening, prepared, {}, []],
  ['closes the old socket when the new one is open, and hears it to its end', opening, opened, { epoch: 7, successor: open.successor },
    ['timers.clear', 'close in 5000', 'outbox.shut', 'transport.close']],
  ['takes over when the old socket has ended', open, ended(7, closed(1000)), INSTALLED, SWITCH],
  ['takes over however the old socket has ended', open, ended(7, closed(4401)), INSTALLED, SWITCH],
  ['does not wait for ever for that', open, fired('close'), {}, ['abandon 7, max_age']],
  ['keeps the old connection when the new one fails', opening, ended(8, refused()),
    { epoch: 7, successor: null, failedSuccessors: 1 }, ['no connect', 'error CONNECT_FAILED', 'successor.discard', 'age in 1000']],
  ['still wants an answer from the old one', { ...opening, ping }, ended(8, refused()), { successor: null, ping },
    ['no connect', 'error CONNECT_FAILED', 'successor.discard', 'age in 1000']],
  ['keeps it when the server refuses for good', opening, ended(8, { cause: 'rejected', httpStatus: 401 }),
    { phase: 'connected', successor: null }, ['no connect', 'error REJECTED', 'successor.discard', 'age in 1000']],
  ['keeps it when the new one takes too long', opening, fired('connect'), { successor: null, failedSuccessors: 1 },
    ['no connect', 'error CONNECT_TIMEOUT', 'successor.discard', 'age in 1000']],
  ['waits longer with each failure', { ...opening, failedSuccessors: 3 }, ended(8, refused()), { failedSuccessors: 4 },
    ['no connect', 'error CONNECT_FAILED', 'successor.discard', 'age in 5017']],
  ['numbers the next one anew', { ...connected, newest: 8 }, fired('age'), { newest: 9 }, ['connect in 10000', 'successor.prepare']],
  ['asks nothing of a connection that has a successor', open, fired('heartbeat', 5_000), {}, ['heartbeat in 30000']],
  ['asks nothing of it after a pause either', open, { type: 'signal.raised', signal: 'restored', nowMs: 1_000, heard: 5 }, {}, []],
  ['asks it as long as there is none', { ...opening, probedAtMs: -5_000 },
    { type: 'signal.raised', signal: 'restored', nowMs: 1_000, heard: 5 },
    { ping: { sentAtMs: 1_000, heardBefore: 5, excused: false, isProbe: true } }, ['pong in 2500', 'heartbeat.send']],
  ['ignores the timer of an attempt that has come to its end', open, fired('connect'), {}, []],
  ['ignores news of yet another one', opening, { ...opened, epoch: 9 }, {}, []],
  ['ignores what is said of the socket of one that is no connection yet', opening,
    { type: 'pong.received', epoch: 8, nowMs: 1_000, payload: null }, {}, []],
  ['ignores news of one that is no more', { ...connected, newest: 8 }, opened, {}, []],

  ['goes on with the new attempt when the old connection is lost meanwhile', opening, ended(7),
    { phase: 'connecting', epoch: 8, attempt: 1, uri: 'wss://new/', announced: true },
    ['timers.clear', 'connect in 10000', 'outbox.shut', 'successor.install', 'state_change', 'disconnected', 'reconnecting', 'connecting',
      'successor.release']],
  ['goes on with it, without an address yet', asking, ended(7), { phase: 'connecting', epoch: 8, announced: false, isHeld: false, uri: '' },
    ['timers.clear', 'connect in 10000', 'outbox.shut', 'successor.install', 'state_change', 'disconnected', 'reconnecting',
      'successor.release']],
  ['gives both up at a code that will not change', opening, ended(7, closed(4401)), { phase: 'failed' },
    ['timers.clear', 'successor.discard', 'outbox.shut', 'state_change', 'error AUTH_FAILED fatal', 'disconnected', 'closed', 'life.end']],
  ['waits as long as the server asks', { ...opening, attempt: 0 }, ended(7, closed(1012, 'retry-after=5')), { phase: 'backing_off' },
    ['timers.clear', 'backoff in 5003', 'successor.discard', 'outbox.shut', 'state_change', 'disconnected', 'reconnecting']],
  ['waits as long as the user says', { ...opening, attempt: 0 }, ended(7, {}, 5, { delayMs: 50 }), { phase: 'backing_off' },
    ['timers.clear', 'backoff in 50', 'successor.discard', 'outbox.shut', ...LOST]],
  ['begins anew when the session has ended with the old connection', { ...opening, attempt: 0 },
    ended(7, { ...closed(1000), endsSession: true }), { phase: 'backing_off', attempt: 1 },
    ['timers.clear', 'backoff in 627', 'successor.discard', 'outbox.shut', 'state_change', 'disconnected', 'reconnecting']],
  ['makes none when the user says so', opening, ended(7, closed(1000), 5, false), { phase: 'closed' },
    ['timers.clear', 'successor.discard', 'outbox.shut', 'outbox.drop', 'state_change', 'disconnected', 'closed', 'life.end']],
  ['hears the old socket to its end when the new one is lost meanwhile', open, ended(8),
    { successor: { ...open.successor, place: 'gone' } as Successor },
    ['error CONNECTION_LOST']],
  ['has lost both then', { ...gone, attempt: 0 }, ended(7, closed(1000)), { phase: 'backing_off', attempt: 1 },
    ['timers.clear', 'backoff in 627', 'successor.discard', 'outbox.shut', ...LOST]],

  ['closes both', opening, close, { phase: 'closing' },
    ['timers.clear', 'close in 5000', 'successor.discard', 'outbox.shut', 'state_change', 'transport.close']],
  ['replaces both when told to reconnect', opening, reconnect, { phase: 'connecting', epoch: 9, newest: 9 },
    ['successor.discard', 'outbox.shut', 'transport.discard', 'disconnected', 'reconnecting', 'timers.clear', 'connect in 10000',
      'state_change', 'attempt.prepare']],
  ['lets go of both when the page is left', opening, stored, { phase: 'backing_off' },
    ['timers.clear', 'successor.discard', 'outbox.shut', 'transport.discard', 'state_change', 'disconnected', 'reconnecting']],

  ['closes one that is silent sooner', unproven, opened, {}, ['timers.clear', 'close in 2500', 'outbox.shut', 'transport.close']],
  ['takes silence for death when there is no other way either', unproven, ended(8, refused()), { successor: null },
    ['no connect', 'error CONNECT_FAILED', 'successor.discard', 'abandon 7, connection_lost']],
  ['takes for no death what has answered since', { ...unproven, ping: null }, ended(8, refused()), { successor: null },
    ['no connect', 'error CONNECT_FAILED', 'successor.discard', 'age in 1000']],
  ['takes it for no more than silence when the server answered', unproven, ended(8, refused(503)), { successor: null },
    ['no connect', 'error CONNECT_FAILED', 'successor.discard', 'age in 1000']],
  ['takes what was heard meanwhile for life', unproven, ended(8, refused(), 6), { successor: null, ageCause: 'unproven' },
    ['no connect', 'error CONNECT_FAILED', 'successor.discard', 'age in 1000']],

  ['makes way when the server is leaving, at a moment of its own', connected, leaving, { ageCause: 'server_leaving' }, ['age in 6271']],
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

describe('in a session', () => {
  it('takes over from a connection that is silent, whose address nobody has told', () => {
    const [state] = transition(asking, opened, session);
    expect(state).toMatchObject({ ...INSTALLED, uri: '' });
  });

  it('takes over as soon as the server has welcomed it: order is a matter of numbers', () => {
    const [state, effects] = transition(opening, opened, session);
    expect(state).toMatchObject(INSTALLED);
    expect(effects.map(brief)).toEqual(['outbox.shut', ...SWITCH]);
  });
});

it.each(['trusted', 'refused', 'renewed'] as const)(
  'a successor asks for fresh credentials where the server refused some: %s',
  (credentials) => {
    const [, effects] = transition({ ...connected, credentials }, fired('age'), config);
    expect(effects).toContainEqual({
      type: 'successor.prepare',
      epoch: 8,
      attempt: 1,
      unauthorized: credentials === 'refused',
    });
  },
);

it('a connection that has a successor is closed as by both', () => {
  const [, effects] = transition(opening, opened, config);
  expect(effects).toContainEqual({ type: 'transport.close', code: 1000, reason: '' });
});

it('a connection that is lost while there is a successor is told to be followed', () => {
  const [, effects] = transition(opening, ended(7, { reason: 'why' }), config);
  expect(effects.flatMap((effect) => (effect.type === 'emit' ? [effect.event] : []))).toEqual([
    { type: 'state_change', from: 'connected', to: 'connecting', cause: 'connection_lost' },
    {
      type: 'disconnected',
      uri: 'wss://old/',
      code: 1006,
      reason: 'why',
      was_clean: false,
      will_reconnect: true,
    },
    { type: 'reconnecting', attempt: 1, delay: 0, cause: 'connection_lost' },
    { type: 'connecting', uri: 'wss://new/', attempt: 1 },
  ]);
});

it('a handover is told as the grammar has it, without a downtime', () => {
  const [, effects] = transition(open, ended(7, closed(1000)), config);
  expect(effects.flatMap((effect) => (effect.type === 'emit' ? [effect.event] : []))).toEqual([
    {
      type: 'disconnected',
      uri: 'wss://old/',
      code: 1000,
      reason: '',
      was_clean: true,
      will_reconnect: true,
    },
    { type: 'reconnecting', attempt: 1, delay: 0, cause: 'max_age' },
    { type: 'connecting', uri: 'wss://new/', attempt: 1 },
    { type: 'connected', uri: 'wss://new/', protocol: 'v1' },
    { type: 'reconnected', uri: 'wss://new/', attempts: 1, downtime_ms: 0 },
  ]);
});
