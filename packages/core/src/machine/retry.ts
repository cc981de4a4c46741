import type { Cause } from '../events.js';
import { backoffDelay, hintedDelay, politeDelay } from './backoff.js';
import { waitForToken } from './budget.js';
import { isRetried, isUnauthorized, retryHint } from './close-code.js';
import type { MachineConfig } from './config.js';
import type { End, Ended, Override } from './input.js';
import type { State } from './state.js';

/** What follows an end. */
export interface Plan {
  readonly retry: boolean;
  /** Why another attempt is made, or none. */
  readonly cause: Cause;
  readonly delayMs: number;
  /** Where the dice stand afterwards. */
  readonly seed: number;
}

/** The user's word first, then the table, then the count of attempts, and always the budget. */
export function decide(state: State, ended: Ended, config: MachineConfig): Plan {
  const { end, override, nowMs } = ended;
  const stop = (cause: Cause): Plan => ({ retry: false, cause, delayMs: 0, seed: state.seed });
  if (override === false) return stop(isNormal(state, end) ? 'normal' : 'fatal');
  if (override === undefined && !isRetried(end) && !isWorthFresh(state, end, config)) {
    return stop('fatal');
  }
  if (state.attempt >= config.backoff.maxAttempts) return stop('exhausted');
  const [delayMs, seed] = delay(state, end, override, config);
  const tokenMs = waitForToken(state.paidUntilMs, nowMs, config.backoff.maxPerMinute);
  return { retry: true, cause: end.cause, delayMs: Math.max(delayMs, tokenMs), seed };
}

/** Credentials expire, so the first refusal is answered with fresh ones, where a function may give such. */
const isWorthFresh = (state: State, end: End, config: MachineConfig): boolean =>
  isUnauthorized(end) && config.canRefresh && state.credentials === 'trusted';

function delay(
  state: State,
  end: End,
  override: Override,
  config: MachineConfig,
): readonly [number, number] {
  if (typeof override === 'object') return [override.delayMs, state.seed];
  const attempt = state.attempt + 1;
  const hintMs = retryHint(end);
  if (hintMs === undefined && (end.code === 1012 || end.code === 1013)) {
    return politeDelay(end.code, attempt, state.seed, config.backoff);
  }
  const [waitMs, seed] = backoffDelay(attempt, state.seed, config.backoff);
  if (hintMs === undefined) return [waitMs, seed];
  const [hintedMs, next] = hintedDelay(hintMs, seed, config.backoff);
  // A hint lengthens the wait and never shortens it: `Retry-After: 0` must not make a hot loop.
  return [Math.max(waitMs, hintedMs), next];
}

const isNormal = (state: State, end: End): boolean =>
  state.phase === 'connected' && end.code === 1000 && end.wasClean;
