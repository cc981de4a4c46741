import type { Cause, Unstamped } from '../events.js';
import { backoffDelay, hintedDelay } from './backoff.js';
import { isRetried, retryHint } from './close-code.js';
import type { MachineConfig } from './config.js';
import type { Effect, EmittedName } from './effect.js';
import { isFault, reportOf } from './failure.js';
import { answer, beat, forget, overdue } from './heartbeat.js';
import type { End, Input, Override } from './input.js';
import type { In, Shared, State } from './state.js';

export type Step = readonly [next: State, effects: readonly Effect[]];

/**
 * Decides what happens next, and does none of it: no clock, no dice, no I/O.
 *
 * @param state Where the client is. Never mutated.
 * @param input News of a socket from another epoch than the state's is stale, and ignored.
 * @returns The next state, and the effects to carry out in order. An input that means nothing in
 * this phase returns the very same state and no effects: facts race, so a fact is never an error.
 */
export function transition(state: State, input: Input, config: MachineConfig): Step {
  if ('epoch' in input && input.epoch !== state.epoch) return [state, []];
  switch (state.phase) {
    case 'idle':
    case 'closed':
    case 'failed':
      return fromRest(state, input, config);
    case 'connecting':
      return fromConnecting(state, input, config);
    case 'connected':
      return fromConnected(state, input, config);
    case 'backing_off':
      return fromBackingOff(state, input, config);
    case 'closing':
      return fromClosing(state, input, config);
    default:
      return assertNever(state);
  }
}

// The phases, in the order of a life. Each is a table: what may come in, and what follows.

function fromRest(
  state: In<'idle' | 'closed' | 'failed'>,
  input: Input,
  config: MachineConfig,
): Step {
  switch (input.type) {
    case 'user.connect':
    case 'user.reconnect':
      return beginLife(state, config);
    case 'user.close':
      if (state.phase === 'idle') return endLife(state, 'closed', input);
      // It is over already. What a failed client still keeps for another try goes now.
      return [state, [{ type: 'outbox.drop' }]];
    default:
      return [state, []];
  }
}

function fromConnecting(state: In<'connecting'>, input: Input, config: MachineConfig): Step {
  switch (input.type) {
    case 'attempt.prepared':
      return announce(state, input.uri);
    case 'transport.opened':
      return open(state, input, config);
    case 'transport.ended':
      return fail(state, input, config);
    case 'timer.fired':
      if (input.timer !== 'connect') return [state, []];
      return [state, [{ type: 'transport.abandon', epoch: state.epoch, cause: 'connect_timeout' }]];
    case 'user.reconnect':
      return startOver(state, config);
    case 'user.close':
      return endLife(state, 'closed', input, [{ type: 'transport.discard' }]);
    default:
      return [state, []];
  }
}

function fromConnected(state: In<'connected'>, input: Input, config: MachineConfig): Step {
  switch (input.type) {
    case 'transport.ended':
      return lose(state, input, config);
    case 'pong.received':
      return answer(state, input);
    case 'ping.failed':
      return forget(state);
    case 'timer.fired':
      if (input.timer === 'stable') return [{ ...state, attempt: 0 }, []];
      if (config.heartbeat === null) return [state, []];
      if (input.timer === 'heartbeat') return beat(state, input, config.heartbeat);
      if (input.timer === 'pong') return overdue(state, input, config.heartbeat);
      return [state, []];
    case 'user.reconnect':
      return replace(state, input.nowMs, config);
    case 'user.close':
      return close(state, input.code, input.reason, config);
    default:
      return [state, []];
  }
}

function fromBackingOff(state: In<'backing_off'>, input: Input, config: MachineConfig): Step {
  switch (input.type) {
    case 'timer.fired':
      if (input.timer !== 'backoff') return [state, []];
      return attempt(state, 'backoff_elapsed', config);
    case 'user.reconnect':
      return attempt(state, 'reconnect', config);
    case 'user.close':
      return endLife(state, 'closed', input);
    default:
      return [state, []];
  }
}

function fromClosing(state: In<'closing'>, input: Input, config: MachineConfig): Step {
  switch (input.type) {
    case 'transport.ended':
      return finish(state, input.end);
    case 'timer.fired':
      if (input.timer !== 'close') return [state, []];
      return [state, [{ type: 'transport.abandon', epoch: state.epoch, cause: 'close' }]];
    case 'user.connect':
    case 'user.reconnect': {
      // The user changed her mind. The old life ends now, not when the server gets round to it.
      const unanswered: End = { cause: 'close', code: 1006, reason: '', wasClean: false };
      const [ended, last] = finish(state, unanswered);
      const [begun, first] = beginLife(ended, config);
      return [begun, [{ type: 'transport.discard' }, ...last, ...first]];
    }
    default:
      return [state, []];
  }
}

// The ways from one phase to the next.

function beginLife(state: State, config: MachineConfig): Step {
  const fresh = { ...state, attempt: 0, connections: 0 };
  const [next, effects] = attempt(fresh, 'connect', config);
  return [next, [{ type: 'life.begin' }, ...effects]];
}

function attempt(state: State, cause: Cause, config: MachineConfig): Step {
  const epoch = state.epoch + 1;
  const next: State = { ...shared(state), epoch, phase: 'connecting', announced: false };
  return [
    next,
    [
      { type: 'timers.clear' },
      { type: 'timer.set', timer: 'connect', delayMs: config.connectTimeoutMs },
      ...change(state, next, cause),
      { type: 'attempt.prepare', epoch, attempt: state.attempt },
    ],
  ];
}

function announce(state: In<'connecting'>, uri: string): Step {
  if (state.announced) return [state, []];
  const next: State = { ...state, uri, announced: true };
  return [next, [connecting(next), { type: 'transport.open', epoch: state.epoch }]];
}

function open(
  state: In<'connecting'>,
  input: Extract<Input, { readonly type: 'transport.opened' }>,
  config: MachineConfig,
): Step {
  const again = state.connections > 0;
  const next: State = {
    ...shared(state),
    phase: 'connected',
    connections: state.connections + 1,
    ping: null,
  };
  const effects: Effect[] = [
    { type: 'timers.clear' },
    // What handlers of `connected` send comes behind what was queued before: note where that ends.
    { type: 'outbox.mark' },
    ...change(state, next, 'opened'),
    emit({ type: 'connected', uri: state.uri, protocol: input.protocol }),
  ];
  if (again) effects.push(reconnected(state, input.nowMs));
  effects.push({ type: 'life.opened' }, { type: 'outbox.open', replay: again && config.replays });
  if (state.attempt > 0) effects.push(setTimer('stable', config.backoff.resetAfterMs));
  if (config.heartbeat !== null && input.canPing) {
    effects.push(setTimer('heartbeat', config.heartbeat.intervalMs));
  }
  return [next, effects];
}

/** The attempt came to nothing. */
function fail(state: In<'connecting'>, input: Ended, config: MachineConfig): Step {
  // An attempt that never had an address is an attempt all the same: its events come in pairs.
  const told = state.announced ? [] : [connecting({ ...state, uri: '' })];
  const plan = decide(state, input, config);
  return plan.retry
    ? waitFor(state, input.end, plan, [...told, report(input.end, false)])
    : giveUp(state, input.end, plan.cause, told);
}

/** The connection is gone, by itself. */
function lose(state: In<'connected'>, input: Ended, config: MachineConfig): Step {
  const { end, nowMs } = input;
  const plan = decide(state, input, config);
  const lost: State = { ...state, lostAtMs: nowMs };
  const shut: Effect = { type: 'outbox.shut' };
  const gone = disconnected(state, end, plan.retry);
  if (!plan.retry) return giveUp(lost, end, plan.cause, [shut], [gone]);
  return waitFor(lost, end, plan, [shut], isFault(end) ? [report(end, false), gone] : [gone]);
}

/** reconnect() during an attempt: a new one, now. */
function startOver(state: In<'connecting'>, config: MachineConfig): Step {
  const [next, effects] = attempt({ ...state, attempt: 1 }, 'reconnect', config);
  const told = state.announced ? [] : [connecting({ ...state, uri: '' })];
  const superseded: Effect = {
    type: 'report',
    report: {
      code: 'ABORTED',
      message: 'The attempt to connect was given up: reconnect() was called',
      fatal: false,
    },
  };
  const now = reconnecting(1, 0, 'reconnect');
  return [next, [{ type: 'transport.discard' }, ...told, superseded, now, ...effects]];
}

/** reconnect() on an open connection: another one, now. */
function replace(state: In<'connected'>, nowMs: number, config: MachineConfig): Step {
  const end: End = { cause: 'reconnect', code: 1000, reason: '', wasClean: true };
  const [next, effects] = attempt({ ...state, attempt: 1, lostAtMs: nowMs }, 'reconnect', config);
  return [
    next,
    [
      { type: 'outbox.shut' },
      { type: 'transport.discard' },
      disconnected(state, end, true),
      reconnecting(1, 0, 'reconnect'),
      ...effects,
    ],
  ];
}

function close(state: In<'connected'>, code: number, reason: string, config: MachineConfig): Step {
  const next: State = { ...shared(state), phase: 'closing', code, reason };
  return [
    next,
    [
      { type: 'timers.clear' },
      setTimer('close', config.closeTimeoutMs),
      { type: 'outbox.shut' },
      ...change(state, next, 'close'),
      { type: 'transport.close', code, reason },
    ],
  ];
}

/** Our close frame was answered, or its answer is no longer waited for. */
function finish(state: In<'closing'>, end: End): Step {
  const { code, reason } = state;
  return endLife(
    state,
    'closed',
    { code, reason, cause: 'close' },
    [],
    [disconnected(state, end, false)],
  );
}

interface Plan {
  readonly retry: boolean;
  readonly cause: Cause;
  readonly delayMs: number;
  readonly seed: number;
}

type Ended = Extract<Input, { readonly type: 'transport.ended' }>;

/** The user's word first, then the table, then the count of attempts. */
function decide(state: State, { end, override }: Ended, config: MachineConfig): Plan {
  const stop = (cause: Cause): Plan => ({ retry: false, cause, delayMs: 0, seed: state.seed });
  if (override === false) return stop(isNormal(state, end) ? 'normal' : 'fatal');
  if (override === undefined && !isRetried(end)) return stop('fatal');
  if (state.attempt >= config.backoff.maxAttempts) return stop('exhausted');
  const [delayMs, seed] = delay(state, end, override, config);
  return { retry: true, cause: end.cause, delayMs, seed };
}

function delay(
  state: State,
  end: End,
  override: Override,
  config: MachineConfig,
): readonly [number, number] {
  if (typeof override === 'object') return [override.delayMs, state.seed];
  const hintMs = retryHint(end);
  if (hintMs !== undefined) return hintedDelay(hintMs, state.seed, config.backoff);
  return backoffDelay(state.attempt + 1, state.seed, config.backoff);
}

const isNormal = (state: State, end: End): boolean =>
  state.phase === 'connected' && end.code === 1000 && end.wasClean;

function waitFor(
  state: State,
  end: End,
  plan: Plan,
  before: readonly Effect[],
  after: readonly Effect[] = [],
): Step {
  const { delayMs, seed } = plan;
  const next: State = {
    ...shared(state),
    attempt: state.attempt + 1,
    seed,
    phase: 'backing_off',
  };
  return [
    next,
    [
      { type: 'timers.clear' },
      setTimer('backoff', delayMs),
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

function endLife(
  state: State,
  phase: 'closed' | 'failed',
  {
    code,
    reason,
    cause,
  }: { readonly code: number; readonly reason: string; readonly cause: Cause },
  before: readonly Effect[] = [],
  after: readonly Effect[] = [],
): Step {
  const next: State = { ...shared(state), phase };
  const effects: Effect[] = [{ type: 'timers.clear' }, ...before];
  if (phase === 'closed') effects.push({ type: 'outbox.drop' });
  effects.push(...change(state, next, cause), ...after);
  effects.push(emit({ type: 'closed', code, reason, cause }), { type: 'life.end', cause });
  return [next, effects];
}

// Leaves.

/** A state without what only its phase has. */
const shared = ({ epoch, attempt, seed, uri, connections, lostAtMs }: Shared): Shared => ({
  epoch,
  attempt,
  seed,
  uri,
  connections,
  lostAtMs,
});

const emit = (event: Unstamped<EmittedName>): Effect => ({ type: 'emit', event });

const report = (end: End, fatal: boolean): Effect => ({
  type: 'report',
  report: reportOf(end, fatal),
});

const setTimer = (
  timer: Extract<Effect, { type: 'timer.set' }>['timer'],
  delayMs: number,
): Effect => ({
  type: 'timer.set',
  timer,
  delayMs,
});

const change = (from: State, to: State, cause: Cause): Effect[] =>
  from.phase === to.phase
    ? []
    : [emit({ type: 'state_change', from: from.phase, to: to.phase, cause })];

const connecting = ({ uri, attempt: count }: Shared): Effect =>
  emit({ type: 'connecting', uri, attempt: count });

const reconnecting = (count: number, delaySeconds: number, cause: Cause): Effect =>
  emit({ type: 'reconnecting', attempt: count, delay: delaySeconds, cause });

const reconnected = (state: State, nowMs: number): Effect =>
  emit({
    type: 'reconnected',
    uri: state.uri,
    attempts: state.attempt,
    downtime_ms: Math.max(0, nowMs - state.lostAtMs),
  });

const disconnected = (state: State, end: End, willReconnect: boolean): Effect =>
  emit({
    type: 'disconnected',
    uri: state.uri,
    code: end.code,
    reason: end.reason,
    was_clean: end.wasClean,
    will_reconnect: willReconnect,
  });

function assertNever(value: never): never {
  throw new TypeError(`Unexpected: ${JSON.stringify(value)}`);
}
