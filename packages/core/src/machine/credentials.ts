/** Whether the server has taken our credentials, or has only not looked at them yet. */
import { isUnauthorized } from './close-code.js';
import type { MachineConfig } from './config.js';
import type { End, Input } from './input.js';
import type { Credentials, In, State } from './state.js';

/**
 * A server that refuses says so sooner than this: many accept first, ask somebody about the token, and close with 4401.
 * Some say why in a message before, so a word alone proves nothing either.
 */
export const PROVEN_MS = 2_000;

/**
 * Whom the server hears for so long it has let in, and what ends then has expired: no failure, so waits and attempts are
 * counted anew. Who is refused sooner, however often, comes ever more rarely.
 */
export const EXPIRED_MS = 10_000;

/** How the credentials stand when another attempt follows that end. */
export const credentialsAfter = (state: State, end: End): Credentials =>
  isUnauthorized(end) ? 'refused' : state.credentials;

/** The state, with credentials that are trusted where the connection has proven them. The very same where it has not. */
export function proven(state: State, input: Input, config: MachineConfig): State {
  if (state.phase !== 'connected' || state.credentials !== 'renewed') return state;
  return hasLived(state, input, PROVEN_MS, config) ? { ...state, credentials: 'trusted' } : state;
}

/** Whether credentials were taken for a while, and are not any more. */
export const hasExpired = (
  state: In<'connected'>,
  input: Input,
  end: End,
  config: MachineConfig,
): boolean => isUnauthorized(end) && hasLived(state, input, EXPIRED_MS, config);

/** Whether the connection has lasted so long, and the server said something on it. Only `resetAfterMs` proves a silent one. */
function hasLived(
  state: In<'connected'>,
  input: Input,
  leastMs: number,
  config: MachineConfig,
): boolean {
  if (!('heard' in input)) return false;
  // A session is open once the server has welcomed it, and that is a word.
  const isHeard = config.isOrdered || input.heard > state.heardBefore;
  return isHeard && input.nowMs - state.openedAtMs >= leastMs;
}
