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
  /** How many connections may be begun in any one minute, whatever asks for them; may be Infinity. */
  readonly maxPerMinute: number;
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
  return spread(ceiling(attempt, config), 0, seed, config);
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
  const [extraMs, next] = config.jitter ? spread(config.baseMs, 0, seed, config) : [0, seed];
  return [Math.min(retryAfterMs, MAX_HINT_MS) + extraMs, next];
}

/**
 * The wait after a server that restarts (1012) or is too busy (1013) and does not say for how long.
 *
 * It is there and overloaded rather than lost, so its clients begin further up the ladder: after a restart at
 * the ceiling of the third wait, which spreads a fleet over `4 × baseMs` by default. Who is told to try later waits
 * `baseMs` at least, up to the ceiling of the fifth wait. The cap holds for both.
 * Source: the registry of close codes of RFC 6455, which has clients of 1012 wait for some randomized seconds.
 */
export function politeDelay(
  code: 1012 | 1013,
  attempt: number,
  seed: number,
  config: BackoffConfig,
): readonly [delayMs: number, seed: number] {
  if (code === 1012) return backoffDelay(Math.max(attempt, 3), seed, config);
  return spread(ceiling(Math.max(attempt, 5), config), config.baseMs, seed, config);
}

/** A server's hint is believed up to an hour: a longer one would strand clients for a typing error. */
const MAX_HINT_MS = 3_600_000;

const ceiling = (attempt: number, { capMs, baseMs, multiplier }: BackoffConfig): number =>
  Math.min(capMs, baseMs * multiplier ** (attempt - 1));

/** Evenly between the two, or the ceiling where there are no dice. */
function spread(
  ceilingMs: number,
  leastMs: number,
  seed: number,
  config: BackoffConfig,
): readonly [number, number] {
  if (!config.jitter) return [ceilingMs, seed];
  const [random, next] = nextRandom(seed);
  const fromMs = Math.min(leastMs, ceilingMs);
  return [Math.round(fromMs + random * (ceilingMs - fromMs)), next];
}
