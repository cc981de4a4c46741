import { asError, JetSocketError } from '../errors.js';
import type { End, Override } from '../machine/input.js';
import type { Options } from '../options.js';

/** The longest a timer can be asked for, in any runtime: 2³¹ − 1 ms. */
const MAX_MS = 2_147_483_647;

/**
 * The user's word on what follows an end. What the function throws, and an answer that means nothing, is
 * told, and the table decides.
 */
export function askReconnect(
  reconnect: NonNullable<Options['reconnect']>,
  end: End,
  attempt: number,
  onError: (error: JetSocketError) => void,
): Override {
  if (typeof reconnect === 'boolean') return reconnect ? undefined : false;
  const { cause, code, reason, wasClean, httpStatus, error } = end;
  let answer: unknown;
  try {
    answer = reconnect({ cause, code, reason, wasClean, httpStatus, error, attempt });
  } catch (thrown) {
    onError(
      new JetSocketError('HOOK_FAILED', `reconnect failed: ${asError(thrown).message}`, {
        cause: thrown,
        hint: 'The table of close codes and statuses decided',
      }),
    );
    return undefined;
  }
  if (answer === undefined || typeof answer === 'boolean') return answer;
  if (isDelay(answer)) return { delayMs: answer.delayMs };
  quiet(answer);
  onError(
    new JetSocketError('HOOK_FAILED', 'reconnect returned what it must not', {
      hint: `Return true, false, undefined, or { delayMs } with a number from 0 to ${MAX_MS}, not a promise`,
    }),
  );
  return undefined;
}

function isDelay(answer: unknown): answer is { readonly delayMs: number } {
  if (typeof answer !== 'object' || answer === null) return false;
  try {
    const delayMs: unknown = 'delayMs' in answer ? answer.delayMs : undefined;
    return typeof delayMs === 'number' && delayMs >= 0 && delayMs <= MAX_MS;
  } catch {
    return false;
  }
}

/** The answer of an async function may reject, with nobody to hear it. */
function quiet(answer: unknown): void {
  try {
    if (answer instanceof Promise) answer.catch(() => undefined);
  } catch {
    // It cannot be looked at.
  }
}
