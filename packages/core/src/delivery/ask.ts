import { asError, JetSocketError } from '../errors.js';
import { isThenable } from '../thenable.js';

/**
 * Asks a function of the user's about a message. What it throws is told, and counts as no answer. So does a promise:
 * nobody waits for one here, and its rejection would end a process of Node's.
 */
export function ask<Message, Answer>(
  option: string,
  hook: (message: Message) => Answer,
  message: Message,
  onError: (error: JetSocketError) => void,
): Answer | undefined {
  try {
    return atOnce(hook(message));
  } catch (thrown) {
    onError(
      new JetSocketError('HOOK_FAILED', `${option} threw: ${asError(thrown).message}`, {
        cause: thrown,
        hint: `Let ${option} answer for every message, at once, those it does not know too`,
      }),
    );
    return undefined;
  }
}

/**
 * Lets pass what is no promise. What becomes of one that it refuses, nobody is told.
 *
 * @throws {TypeError} For a promise.
 */
export function atOnce<Answer>(answer: Answer): Answer {
  if (!isThenable(answer)) return answer;
  Promise.resolve(answer).catch(() => undefined);
  throw new TypeError('it returned a promise, and is asked for its answer at once');
}
