import type { Cause } from '../events.js';
import { backoffDelay, hintedDelay } from './backoff.js';
import { isRetried, retryHint } from './close-code.js';
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

/** The user's word first, then the table, then the count of attempts. */
export function decide(state: State, { end, override }: Ended, config: MachineConfig): Plan {
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
  const [waitMs, seed] = backoffDelay(state.attempt + 1, state.seed, config.backoff);
  const hintMs = retryHint(end);
  if (hintMs === undefined) return [waitMs, seed];
  const [hintedMs, next] = hintedDelay(hintMs, seed, config.backoff);
  // A hint lengthens the wait and never shortens it: `Retry-After: 0` must not make a hot loop.
  return [Math.max(waitMs, hintedMs), next];
}

const isNormal = (state: State, end: End): boolean =>
  state.phase === 'connected' && end.code === 1000 && end.wasClean;
