import mitt, { type Emitter as Registry } from 'mitt';
import type { EventName, JetSocketEvent } from '../events.js';
import { isLasting } from '../lasting.js';
import { type AbortSignalLike, Signals } from './signals.js';

/** Called with an event. What it returns is ignored, unless it is a promise that rejects. */
export type Handler<Event> = (event: Event) => unknown;

/** How long a handler stays. */
export interface ListenOptions {
  /** Removes the handler when aborted. Aborted already: it is never added. */
  readonly signal?: AbortSignalLike | undefined;
}

/** Told about a handler that threw, or whose promise rejected. */
export type OnHandlerFailed<Incoming> = (thrown: unknown, event: JetSocketEvent<Incoming>) => void;

/** A handler as it is kept: what the user gave, and how to be rid of it. */
class Kept<Incoming> {
  readonly type: EventName | '*';
  readonly given: Handler<JetSocketEvent<Incoming>>;
  readonly isOnce: boolean;
  /** Removed by a handler before it, during the same event: it must not be called any more. */
  isActive = true;
  /** Where it hangs on a signal: that, and what is called when it aborts. */
  signal: AbortSignalLike | undefined;
  onAbort: (() => void) | undefined;

  constructor(type: EventName | '*', given: Handler<JetSocketEvent<Incoming>>, isOnce: boolean) {
    this.type = type;
    this.given = given;
    this.isOnce = isOnce;
  }
}

/**
 * Handlers by event. mitt keeps the register; the calling is our own, because mitt copies the list for
 * every event and lets one handler's error stop the rest.
 */
export class Emitter<Incoming> {
  readonly #registry: Registry<Record<string, JetSocketEvent<Incoming>>> = mitt();
  readonly #onFailed: OnHandlerFailed<Incoming>;
  /** What emit() walks: replaced, never changed, so that a handler may add and remove others. */
  readonly #lists = new Map<string, readonly Kept<Incoming>[]>();
  /** Events that came up while another one is on its way: each reaches all its handlers before the next. */
  readonly #queue: JetSocketEvent<Incoming>[] = [];
  #busy = false;
  #signals: Signals | undefined;
  /** Two of the lists: messages are many, and a look-up for each would show. */
  #ofMessage: readonly Kept<Incoming>[] | undefined;
  #ofAll: readonly Kept<Incoming>[] | undefined;

  constructor(onFailed: OnHandlerFailed<Incoming>) {
    this.#onFailed = onFailed;
  }

  /** Whether a part of JetSocket listens, as a multiplexer or a request does, and not only the user. */
  get hasLasting(): boolean {
    return [...this.#lists.values()].some((list) => list.some(({ given }) => isLasting(given)));
  }

  /** Whether the user listens for errors. */
  get hearsErrors(): boolean {
    return [this.#lists.get('error'), this.#ofAll].some(
      (list) => list?.some(({ given }) => !isLasting(given)) === true,
    );
  }

  /** Adds a handler behind the others, `once` for one call. Returns a function that removes it. */
  on(
    type: EventName | '*',
    handler: Handler<JetSocketEvent<Incoming>>,
    { signal }: ListenOptions,
    once: boolean,
  ): () => void {
    if (signal?.aborted === true) return () => undefined;
    const kept = new Kept(type, handler, once);
    const remove = (): void => {
      this.#remove(kept);
    };
    if (signal !== undefined) {
      kept.signal = signal;
      kept.onAbort = remove;
      this.#signals ??= new Signals();
      this.#signals.add(signal, remove);
    }
    this.#registry.on(type, asRegistered(kept));
    this.#renew(type);
    return remove;
  }

  /** Removes a handler, as often as it was added; without one, all of that event that are the user's. */
  off(type: EventName | '*', handler: unknown): void {
    for (const kept of this.#lists.get(type) ?? []) {
      if (kept.given !== handler && (handler !== undefined || isLasting(kept.given))) continue;
      this.#remove(kept);
    }
  }

  #remove(kept: Kept<Incoming>): void {
    if (!kept.isActive) return;
    kept.isActive = false;
    const { signal, onAbort } = kept;
    if (signal !== undefined && onAbort !== undefined) this.#signals?.remove(signal, onAbort);
    this.#registry.off(kept.type, asRegistered(kept));
    this.#renew(kept.type);
  }

  /** Calls every handler of the event, then those of `*`, each whatever became of the others. */
  emit(event: JetSocketEvent<Incoming>): void {
    if (this.#busy) {
      this.#queue.push(event);
      return;
    }
    this.#busy = true;
    try {
      this.#deliver(event);
      while (this.#queue.length > 0) {
        const next = this.#queue.shift();
        if (next !== undefined) this.#deliver(next);
      }
    } finally {
      // Handlers cannot throw this far, but the stack can be full.
      this.#busy = false;
    }
  }

  #deliver(event: JetSocketEvent<Incoming>): void {
    const own = event.type === 'message' ? this.#ofMessage : this.#lists.get(event.type);
    if (own !== undefined) this.#call(own, event);
    // Read only now: a handler of the event's own may just have added one.
    if (this.#ofAll !== undefined) this.#call(this.#ofAll, event);
  }

  #call(handlers: readonly Kept<Incoming>[], event: JetSocketEvent<Incoming>): void {
    for (const kept of handlers) {
      if (!kept.isActive) continue;
      try {
        if (kept.isOnce) this.#remove(kept);
        // Called by itself: `this` is nothing of ours.
        const { given } = kept;
        const result = given(event);
        if (result !== undefined) this.#watch(result, event);
      } catch (thrown) {
        this.#onFailed(thrown, event);
      }
    }
  }

  #watch(result: unknown, event: JetSocketEvent<Incoming>): void {
    // Inside the caller's try: a result that cannot be looked at is a handler that failed.
    if (typeof result !== 'object' || result === null || !('then' in result)) return;
    Promise.resolve(result).catch((thrown: unknown) => {
      this.#onFailed(thrown, event);
    });
  }

  #renew(type: EventName | '*'): void {
    const handlers = this.#registry.all.get(type);
    if (handlers === undefined || handlers.length === 0) this.#lists.delete(type);
    // Only on() adds to the register, and only such.
    else this.#lists.set(type, [...handlers] as unknown as Kept<Incoming>[]);
    this.#ofMessage = this.#lists.get('message');
    this.#ofAll = this.#lists.get('*');
  }
}

/** mitt takes functions, and calls none here: it keeps what it is given, in order. */
const asRegistered = <Incoming>(
  kept: Kept<Incoming>,
): ((event: JetSocketEvent<Incoming>) => void) =>
  kept as unknown as (event: JetSocketEvent<Incoming>) => void;
