/** The ways from one phase to the next. `transition` says when each is taken. */
import type { Cause, Phase } from '../events.js';
import { waitForToken } from './budget.js';
import type { MachineConfig } from './config.js';
import { credentialsAfter, hasExpired } from './credentials.js';
import type { Effect, Step } from './effect.js';
import { isFault } from './failure.js';
import type { End, Ended, Opened } from './input.js';
import {
  change,
  closed,
  connected,
  connecting,
  disconnected,
  givenUp,
  reconnected,
  reconnecting,
  report,
  setTimer,
  untold,
} from './orders.js';
import { nextRandom } from './random.js';
import { decide, type Plan } from './retry.js';
import { attempted, isAskedFor, isHurried, OFFLINE_MS } from './surroundings.js';
import { type In, QUIET, type Shared, type State } from './state.js';

/** A life begins with an attempt; where the minute allows none, as after a loop of lives, with a wait for it. */
export function beginLife(state: State, nowMs: number, config: MachineConfig): Step {
  const fresh: State = {
    ...state,
    attempt: 0,
    connections: 0,
    credentials: 'trusted',
    surroundings: QUIET,
  };
  const tokenMs = waitForToken(state.paidUntilMs, nowMs, config.backoff.maxPerMinute);
  const [next, effects] = tokenMs > 0 ? hold(fresh, tokenMs) : attempt(fresh, 'connect', config);
  return [next, [{ type: 'life.begin' }, ...effects]];
}

function hold(state: State, tokenMs: number): Step {
  const next: State = enter(state, { phase: 'connecting', announced: false, isHeld: true });
  return [
    next,
    [{ type: 'timers.clear' }, setTimer('backoff', tokenMs), ...change(state, next, 'connect')],
  ];
}

export function attempt(state: State, cause: Cause, config: MachineConfig): Step {
  const epoch = state.newest + 1;
  const next: State = enter(state, {
    epoch,
    newest: epoch,
    phase: 'connecting',
    announced: false,
    isHeld: false,
  });
  return [
    next,
    [
      { type: 'timers.clear' },
      setTimer('connect', config.connectTimeoutMs),
      ...change(state, next, cause),
      {
        type: 'attempt.prepare',
        epoch,
        attempt: state.attempt,
        unauthorized: state.credentials === 'refused',
      },
    ],
  ];
}

/** The attempt that is waited for, now: or as soon as the budget allows. */
export function hurry(
  state: In<'backing_off'>,
  cause: Cause,
  nowMs: number,
  config: MachineConfig,
): Step {
  const tokenMs = waitForToken(state.paidUntilMs, nowMs, config.backoff.maxPerMinute);
  if (tokenMs > 0) return [state, [setTimer('backoff', tokenMs)]];
  return attempt(state, cause, config);
}

export function announce(state: In<'connecting'>, uri: string): Step {
  if (state.announced) return [state, []];
  const next: State = { ...state, uri, announced: true };
  return [next, [connecting(next), { type: 'transport.open', epoch: state.epoch }]];
}

/** What is known of a socket that is open. */
export type Usable = Pick<Opened, 'nowMs' | 'protocol' | 'canPing' | 'heard'>;

/** @param told The events of what led to it, besides the change of the state. */
export function open(
  state: State,
  { nowMs, protocol, canPing, heard }: Usable,
  config: MachineConfig,
  told: readonly Effect[] = [],
): Step {
  const again = state.connections > 0;
  const [ageing, seed] = age(state.seed, config);
  const next: State = enter(state, {
    seed,
    phase: 'connected',
    connections: state.connections + 1,
    credentials: state.credentials === 'refused' ? 'renewed' : state.credentials,
    ping: null,
    openedAtMs: nowMs,
    heardBefore: heard,
    canPing,
    probedAtMs: nowMs,
    successor: null,
    ageCause: 'max_age',
    failedSuccessors: 0,
  });
  const effects: Effect[] = [
    { type: 'timers.clear' },
    // What handlers of `connected` send comes behind what was queued before: note where that ends.
    { type: 'outbox.mark' },
    ...change(state, next, 'opened'),
    ...told,
    connected(state.uri, protocol),
  ];
  if (again) effects.push(reconnected(state, nowMs));
  effects.push({ type: 'life.opened' }, { type: 'outbox.open', replay: again && config.replays });
  if (state.attempt > 0) effects.push(setTimer('stable', config.backoff.resetAfterMs));
  // Where nothing can be sent the timer still tells when this machine slept.
  if (config.heartbeat !== null) effects.push(setTimer('heartbeat', config.heartbeat.intervalMs));
  return [next, [...effects, ...ageing]];
}

/** Up to a tenth early: a fleet that connected at the same moment must not come back at the same moment. */
function age(seed: number, { maxConnectionAgeMs }: MachineConfig): readonly [Effect[], number] {
  if (maxConnectionAgeMs === Infinity) return [[], seed];
  const [random, next] = nextRandom(seed);
  return [[setTimer('age', Math.round(maxConnectionAgeMs * (1 - random / 10)))], next];
}

/** The attempt came to nothing. */
export function fail(state: In<'connecting'>, input: Ended, config: MachineConfig): Step {
  const told = untold(state);
  const plan = decide(state, input, config);
  return plan.retry
    ? waitFor(state, input, plan, [...told, report(input.end, false)])
    : giveUp(state, input.end, plan.cause, told);
}

/** The connection is gone, by itself. */
export function lose(before: In<'connected'>, input: Ended, config: MachineConfig): Step {
  const { end, nowMs } = input;
  const state = hasExpired(before, input, end, config) ? { ...before, attempt: 0 } : before;
  const plan = decide(state, input, config);
  const lost = { ...state, lostAtMs: nowMs };
  const shut: Effect[] = [...withoutSuccessor(state), { type: 'outbox.shut' }];
  const gone = disconnected(state, end, plan.retry);
  if (!plan.retry) return giveUp(lost, end, plan.cause, shut, [gone]);
  const told = isFault(end) ? [report(end, false), gone] : [gone];
  if (!isHurried(state, input)) return waitFor(lost, input, plan, shut, told);
  const delayMs = waitForToken(state.paidUntilMs, nowMs, config.backoff.maxPerMinute);
  return waitFor(attempted(lost, nowMs), input, { ...plan, delayMs }, shut, told);
}

/** reconnect() during an attempt: a new one, now. Where the budget allows none, the one that is made will do. */
export function startOver(state: In<'connecting'>, nowMs: number, config: MachineConfig): Step {
  if (waitForToken(state.paidUntilMs, nowMs, config.backoff.maxPerMinute) > 0) return [state, []];
  const [next, effects] = attempt({ ...state, attempt: 1 }, 'reconnect', config);
  const superseded = givenUp('reconnect() was called');
  const now = reconnecting(1, 0, 'reconnect');
  return [next, [{ type: 'transport.discard' }, ...untold(state), superseded, now, ...effects]];
}

/** Another connection instead of an open one, now. */
export function replace(state: In<'connected'>, nowMs: number, config: MachineConfig): Step {
  const end: End = { cause: 'reconnect', code: 1000, reason: '', wasClean: true };
  const delayMs = waitForToken(state.paidUntilMs, nowMs, config.backoff.maxPerMinute);
  if (delayMs > 0) {
    const plan: Plan = { retry: true, cause: 'reconnect', delayMs, seed: state.seed };
    const before: Effect[] = [
      ...withoutSuccessor(state),
      { type: 'outbox.shut' },
      { type: 'transport.discard' },
    ];
    const lost: State = { ...state, attempt: 0, lostAtMs: nowMs };
    return waitFor(lost, { end, nowMs }, plan, before, [disconnected(state, end, true)]);
  }
  const [next, effects] = attempt({ ...state, attempt: 1, lostAtMs: nowMs }, 'reconnect', config);
  return [
    next,
    [
      ...withoutSuccessor(state),
      { type: 'outbox.shut' },
      { type: 'transport.discard' },
      disconnected(state, end, true),
      reconnecting(1, 0, 'reconnect'),
      ...effects,
    ],
  ];
}

/** What is let go of with a connection. */
export const withoutSuccessor = ({ successor }: In<'connected'>): Effect[] =>
  successor === null ? [] : [{ type: 'successor.discard' }];

export function close(
  state: In<'connected'>,
  code: number,
  reason: string,
  config: MachineConfig,
): Step {
  const next: State = enter(state, { phase: 'closing', code, reason });
  return [
    next,
    [
      { type: 'timers.clear' },
      setTimer('close', config.closeTimeoutMs),
      ...withoutSuccessor(state),
      { type: 'outbox.shut' },
      ...change(state, next, 'close'),
      { type: 'transport.close', code, reason },
    ],
  ];
}

/** Our close frame was answered, or its answer is no longer waited for. */
export function finish(state: In<'closing'>, end: End): Step {
  const { code, reason } = state;
  return endLife(
    state,
    'closed',
    { code, reason, cause: 'close' },
    [],
    [disconnected(state, end, false)],
  );
}

/** connect() or reconnect() while closing: the old life ends now, not when the server gets round to it. */
export function beginInstead(state: In<'closing'>, nowMs: number, config: MachineConfig): Step {
  const unanswered: End = { cause: 'close', code: 1006, reason: '', wasClean: false };
  const [ended, last] = finish(state, unanswered);
  const [begun, first] = beginLife(ended, nowMs, config);
  return [begun, [{ type: 'transport.discard' }, ...last, ...first]];
}

function waitFor(
  state: State,
  { end, nowMs }: Pick<Ended, 'end' | 'nowMs'>,
  plan: Plan,
  before: readonly Effect[],
  after: readonly Effect[] = [],
): Step {
  const { seed } = plan;
  const delayMs = state.surroundings.isOnline ? plan.delayMs : Math.max(plan.delayMs, OFFLINE_MS);
  const next: State = enter(state, {
    attempt: state.attempt + 1,
    credentials: credentialsAfter(state, end),
    seed,
    phase: 'backing_off',
    notBeforeMs: isAskedFor(end) ? nowMs + plan.delayMs : Number.NEGATIVE_INFINITY,
  });
  return [
    next,
    [
      { type: 'timers.clear' },
      ...(state.surroundings.page === 'stored' ? [] : [setTimer('backoff', delayMs)]),
      ...before,
      ...change(state, next, end.cause),
      ...after,
      reconnecting(next.attempt, delayMs / 1_000, end.cause),
    ],
  ];
}

/** No further attempt. What is queued stays: `connect()` starts anew from here and sends it. */
function giveUp(
  state: State,
  end: End,
  cause: Cause,
  before: readonly Effect[],
  after: readonly Effect[] = [],
): Step {
  const closing = { code: end.code, reason: end.reason, cause };
  if (cause === 'normal') return endLife(state, 'closed', closing, before, after);
  return endLife(state, 'failed', closing, before, [report(end, true), ...after]);
}

/** What `closed` says. */
interface Closing {
  readonly code: number;
  readonly reason: string;
  readonly cause: Cause;
}

export function endLife(
  state: State,
  phase: 'closed' | 'failed',
  { code, reason, cause }: Closing,
  before: readonly Effect[] = [],
  after: readonly Effect[] = [],
): Step {
  const next: State = enter(state, { phase });
  const effects: Effect[] = [{ type: 'timers.clear' }, ...before];
  if (phase === 'closed') effects.push({ type: 'outbox.drop' });
  effects.push(...change(state, next, cause), ...after);
  effects.push(closed(code, reason, cause), { type: 'life.end', cause });
  return [next, effects];
}

/**
 * The state in another phase: what every phase has, with what changes of it, and what only that one has.
 *
 * It adds to one object, as V8 gives every object that is spread and then added to a shape of its own, which costs
 * each client half a kilobyte, and each look at its state time.
 */
export const enter = <const Own extends Partial<Shared> & { readonly phase: Phase }>(
  state: Shared,
  own: Own,
): Shared & Own => Object.assign(shared(state), own);

/** A state without what only its phase has. */
const shared = (state: Shared): Shared => ({
  epoch: state.epoch,
  newest: state.newest,
  attempt: state.attempt,
  seed: state.seed,
  uri: state.uri,
  connections: state.connections,
  credentials: state.credentials,
  paidUntilMs: state.paidUntilMs,
  lostAtMs: state.lostAtMs,
  surroundings: state.surroundings,
});
