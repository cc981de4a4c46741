import { nextRandom } from './random.js';

/** How long to wait before a retry. Durations in milliseconds. */
export interface BackoffConfig {
  /** The ceiling of the first wait. */
  readonly baseMs: number;
  /** What each further ceiling is multiplied by. */
  readonly multiplier: number;
  /** No ceiling is higher. */
  readonly capMs: number;
  /** Draw the wait evenly from 0 to the ceiling; without, the wait is the ceiling. */
  readonly jitter: boolean;
  /** Retries in a row before giving up; may be Infinity. */
  readonly maxAttempts: number;
  /** How long a connection must last before retries are counted from 0 again. */
  readonly resetAfterMs: number;
}

/**
 * The wait before retry number `attempt` (from 1), and the seed after drawing it.
 *
 * Exponential with full jitter, and the jitter comes after the cap: a fleet that lost one server
 * comes back spread over the whole interval, on the first retry and on the hundredth.
 * Source: Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
 */
export function backoffDelay(
  attempt: number,
  seed: number,
  config: BackoffConfig,
): readonly [delayMs: number, seed: number] {
  const ceilingMs = Math.min(config.capMs, config.baseMs * config.multiplier ** (attempt - 1));
  return spread(ceilingMs, seed, config);
}

/**
 * The wait that the server asked for, never less, and up to one `baseMs` more, so that those whom
 * it told the same do not come back at the same moment.
 */
export function hintedDelay(
  retryAfterMs: number,
  seed: number,
  config: BackoffConfig,
): readonly [delayMs: number, seed: number] {
  const [extraMs, next] = config.jitter ? spread(config.baseMs, seed, config) : [0, seed];
  return [Math.min(retryAfterMs, MAX_HINT_MS) + extraMs, next];
}

/** A server's hint is believed up to an hour: a longer one would strand clients for a typing error. */
const MAX_HINT_MS = 3_600_000;

function spread(ceilingMs: number, seed: number, config: BackoffConfig): readonly [number, number] {
  if (!config.jitter) return [ceilingMs, seed];
  const [random, next] = nextRandom(seed);
  return [Math.round(random * ceilingMs), next];
}
