/** The effects that more than one way out needs, by what they say. */
import type { Cause, Unstamped } from '../events.js';
import type { Effect, EmittedName, TimerName } from './effect.js';
import { reportOf } from './failure.js';
import type { End } from './input.js';
import type { In, Shared, State } from './state.js';

const emit = (event: Unstamped<EmittedName>): Effect => ({ type: 'emit', event });

export const report = (end: End, fatal: boolean): Effect => ({
  type: 'report',
  report: reportOf(end, fatal),
});

export const setTimer = (timer: TimerName, delayMs: number): Effect => ({
  type: 'timer.set',
  timer,
  delayMs,
});

export const change = (from: State, to: State, cause: Cause): Effect[] =>
  from.phase === to.phase
    ? []
    : [emit({ type: 'state_change', from: from.phase, to: to.phase, cause })];

export const connecting = ({ uri, attempt: count }: Shared): Effect =>
  emit({ type: 'connecting', uri, attempt: count });

export const reconnecting = (count: number, delaySeconds: number, cause: Cause): Effect =>
  emit({ type: 'reconnecting', attempt: count, delay: delaySeconds, cause });

export const reconnected = (state: State, nowMs: number): Effect =>
  emit({
    type: 'reconnected',
    uri: state.uri,
    attempts: state.attempt,
    downtime_ms: Math.max(0, nowMs - state.lostAtMs),
  });

export const disconnected = (state: State, end: End, willReconnect: boolean): Effect =>
  emit({
    type: 'disconnected',
    uri: state.uri,
    code: end.code,
    reason: end.reason,
    was_clean: end.wasClean,
    will_reconnect: willReconnect,
  });

/** The event of an attempt that never had an address: its events come in pairs all the same. */
export const untold = (state: In<'connecting'>): Effect[] =>
  state.announced ? [] : [connecting({ ...state, uri: '' })];

/** The attempt was given up, and something else is done now. */
export const givenUp = (why: string): Effect => ({
  type: 'report',
  report: {
    code: 'ABORTED',
    message: `The attempt to connect was given up: ${why}`,
    fatal: false,
  },
});

export const closed = (code: number, reason: string, cause: Cause): Effect =>
  emit({ type: 'closed', code, reason, cause });

export const connected = (uri: string, protocol: string): Effect =>
  emit({ type: 'connected', uri, protocol });

export const pong = (latencyMs: number, payload: unknown): Effect =>
  emit({ type: 'pong', latency_ms: latencyMs, payload });
