/** What the environment says, and how much of it is believed. Pure, and without a way to any other phase. */
import type { End, Ended, Raised } from './input.js';
import { retryHint } from './close-code.js';
import type { In, State, Surroundings } from './state.js';

/**
 * While the environment says that there is no network, there is one attempt in this time and no more. Not none:
 * `navigator.onLine` is false in a browser that reaches localhost, or a network that it knows nothing about.
 */
export const OFFLINE_MS = 60_000;

/** No wait is cut short so soon after the attempt before: 10,000 flaps a second make one attempt a second. */
export const HURRY_MS = 1_000;

/** A page that was hidden for less was hardly away. */
const AWAY_MS = 60_000;

/** Notes what was said. The very same state when that is nothing new. */
export function note<Any extends State>(state: Any, { signal, nowMs }: Raised): Any {
  const before = state.surroundings;
  const after = { ...before, ...saidBy(signal, nowMs, before) };
  const isSame = after.isOnline === before.isOnline && after.page === before.page;
  return isSame ? state : { ...state, surroundings: after };
}

function saidBy(
  signal: Raised['signal'],
  nowMs: number,
  { page }: Surroundings,
): Partial<Surroundings> {
  switch (signal) {
    case 'online':
      return { isOnline: true };
    case 'offline':
      return { isOnline: false };
    case 'visible':
    case 'restored':
      return { page: 'shown' };
    case 'resumed':
      // It may be hidden still. It is not stored any more, or nothing would run.
      return page === 'stored' ? { page: 'shown' } : {};
    case 'hidden':
      // Leaving a page says `stored` first, and then this.
      return page === 'shown' ? { page: 'hidden', hiddenAtMs: nowMs } : {};
    case 'stored':
      return page === 'shown' ? { page: 'stored', hiddenAtMs: nowMs } : { page: 'stored' };
    case 'frozen':
      return {};
  }
}

/**
 * Whether the network may be another one since, or the time long. After less a connection on which nothing can be
 * asked is believed.
 */
export function wasAway({ isOnline, page, hiddenAtMs }: Surroundings, raised: Raised): boolean {
  switch (raised.signal) {
    case 'online':
      return !isOnline;
    case 'visible':
      return page !== 'shown' && raised.nowMs - hiddenAtMs >= AWAY_MS;
    case 'resumed':
    case 'restored':
      return true;
    default:
      return false;
  }
}

/** Notes that an attempt begins: the next wait is not cut short at once. */
export const attempted = <Any extends State>(state: Any, nowMs: number): Any => ({
  ...state,
  surroundings: { ...state.surroundings, attemptedAtMs: nowMs },
});

/** When a wait may be cut short again. */
export const hurryAtMs = ({ attemptedAtMs }: Surroundings): number => attemptedAtMs + HURRY_MS;

/** Whether the server itself said to stay away for a while. */
export const isAskedFor = (end: End): boolean =>
  retryHint(end) !== undefined || end.code === 1012 || end.code === 1013;

/** Whether the connection was found dead on return: then there is nothing to wait for, if nobody asked for it. */
export function isHurried(state: In<'connected'>, { end, nowMs, override }: Ended): boolean {
  const { ping, surroundings } = state;
  const wasProbed = ping?.isProbe === true && surroundings.isOnline;
  const isFree = override === undefined || override === true;
  return wasProbed && isFree && !isAskedFor(end) && nowMs >= hurryAtMs(surroundings);
}
