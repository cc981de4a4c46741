/**
 * How often new connections may be made, whatever asks for them: a server that accepts and closes at once, a
 * network that flaps, a handler that calls `reconnect()`. The backoff slows down failures; this stops loops.
 *
 * A token bucket that holds half of what a minute allows and is refilled with the other half in that minute,
 * so that no minute, wherever it begins, sees more than the whole. It is kept as one number, the time until
 * which attempts are paid for: the generic cell rate algorithm, ITU-T I.371.
 */

/** How many attempts may be made in any one minute; Infinity for as many as there are. */
type PerMinute = number;

const MINUTE_MS = 60_000;

/** How long from `nowMs` until another attempt is allowed: 0 where it is now, never more than a minute. */
export function waitForToken(paidUntilMs: number, nowMs: number, perMinute: PerMinute): number {
  if (perMinute === Infinity) return 0;
  const aheadMs = (burst(perMinute) - 1) * intervalMs(perMinute);
  // A clock that was set back must not strand anyone.
  const waitMs = Math.max(0, paidUntilMs - aheadMs - nowMs);
  return Math.ceil(Math.min(MINUTE_MS, waitMs));
}

/** The time until which attempts are paid for, after one at `nowMs`. One that was not allowed makes no debt beyond an empty bucket. */
export function spendToken(paidUntilMs: number, nowMs: number, perMinute: PerMinute): number {
  if (perMinute === Infinity) return paidUntilMs;
  const everyMs = intervalMs(perMinute);
  const paidMs = Math.max(paidUntilMs, nowMs) + everyMs;
  return Math.min(paidMs, nowMs + burst(perMinute) * everyMs);
}

/** How many attempts may follow each other at once. */
const burst = (perMinute: PerMinute): number => Math.max(1, Math.floor(perMinute / 2));

/** How long it takes to earn another one: whole milliseconds, as timers have it. */
const intervalMs = (perMinute: PerMinute): number =>
  Math.ceil(MINUTE_MS / (perMinute - burst(perMinute) + 1));
