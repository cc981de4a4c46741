import type { AttemptContext, Provider } from '../options.js';

/** A question to the user's functions, before an attempt. */
export interface Question {
  /** Nobody waits for the answer any more: the functions' `signal` is aborted, and what they return is ignored. */
  cancel(): void;
}

/** What the functions are told, besides the signal. */
export type AttemptFacts = Omit<AttemptContext, 'signal'>;

/** What was asked for, or what was thrown. */
export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  /** `known`: what the others answered by then. */
  | { readonly ok: false; readonly thrown: unknown; readonly known: Known<Value> };

export type Known<Value> = { readonly [Index in keyof Value]: unknown };

/**
 * Asks all providers at once, and calls back once, unless cancelled: at once where none of them is
 * asynchronous, so that an attempt with a plain URL costs no turn.
 */
export function ask<Values extends readonly unknown[]>(
  providers: { readonly [Index in keyof Values]: Provider<Values[Index]> },
  facts: AttemptFacts,
  done: (outcome: Outcome<Values>) => void,
): Question {
  // Costs more than all else here, and nobody sees it where there is no function.
  const controller = providers.some(isFunction) ? new AbortController() : undefined;
  // The platform's own signal: its type is only known where its types are loaded.
  const context = { ...facts, signal: controller?.signal } as unknown as AttemptContext;
  let open = true;
  const finish = (outcome: Outcome<Values>): void => {
    if (!open) return;
    open = false;
    done(outcome);
  };
  // What was answered is known, though another one fails: no text of its may give that away.
  const known: unknown[] = [];
  for (const provider of providers) known.push(isFunction(provider) ? undefined : provider);
  const fail = (thrown: unknown): void => {
    finish({ ok: false, thrown, known: known as unknown as Known<Values> });
  };
  const answers: unknown[] = [];
  const note = (index: number, answer: unknown): unknown => (known[index] = answer);
  try {
    for (const [index, provider] of providers.entries()) {
      const answer = isFunction(provider) ? provider(context) : provider;
      answers.push(answer);
      if (!isThenable(answer)) note(index, answer);
    }
    if (!answers.some(isThenable)) {
      finish({ ok: true, value: answers as unknown as Values });
    } else {
      const told = answers.map((answer, index) =>
        isThenable(answer) ? Promise.resolve(answer).then((value) => note(index, value)) : answer,
      );
      Promise.all(told).then((values) => {
        finish({ ok: true, value: values as unknown as Values });
      }, fail);
    }
  } catch (thrown) {
    // Those asked before it may still reject, and nobody will be there to hear it.
    for (const answer of answers.filter(isThenable)) Promise.resolve(answer).catch(() => undefined);
    fail(thrown);
  }
  return {
    cancel() {
      if (!open) return;
      open = false;
      controller?.abort();
    },
  };
}

const isFunction = (provider: unknown): provider is (given: AttemptContext) => unknown =>
  typeof provider === 'function';

/** Whether to wait for it. What throws when it is looked at is left to a promise, which rejects with that. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (typeof value !== 'object' || value === null) return false;
  try {
    return 'then' in value && typeof value.then === 'function';
  } catch {
    return true;
  }
}
