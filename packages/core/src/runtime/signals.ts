/** What is used of an `AbortSignal`. */
export interface AbortSignalLike {
  /** Whether it was aborted. */
  readonly aborted: boolean;
  /** What it was aborted with. */
  readonly reason?: unknown;
  /** Hears of the abort. */
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  /** Stops hearing of it. */
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** What is to be done when a signal aborts. */
interface Watched {
  readonly actions: Set<() => void>;
  readonly onAbort: () => void;
}

/**
 * One listener for each signal, however much hangs on it: a handler for every event on one signal is
 * natural, and Node warns of a leak from eleven on.
 */
export class Signals {
  readonly #watched = new Map<AbortSignalLike, Watched>();

  /** Has `action` called, once, when the signal aborts. */
  add(signal: AbortSignalLike, action: () => void): void {
    const known = this.#watched.get(signal);
    if (known !== undefined) {
      known.actions.add(action);
      return;
    }
    const actions = new Set([action]);
    const onAbort = (): void => {
      this.#watched.delete(signal);
      for (const each of actions) each();
    };
    this.#watched.set(signal, { actions, onAbort });
    signal.addEventListener('abort', onAbort, { once: true });
  }

  remove(signal: AbortSignalLike, action: () => void): void {
    const known = this.#watched.get(signal);
    if (known === undefined) return;
    known.actions.delete(action);
    if (known.actions.size > 0) return;
    this.#watched.delete(signal);
    signal.removeEventListener('abort', known.onAbort);
  }
}
