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
interface Kept<Incoming> {
  (event: JetSocketEvent<Incoming>): unknown;
  readonly given: Handler<JetSocketEvent<Incoming>>;
  readonly remove: () => void;
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
  readonly #signals = new Signals();
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

  /** Adds a handler behind the others, `once` for one call. Returns a function that removes it. */
  on(
    type: EventName | '*',
    handler: Handler<JetSocketEvent<Incoming>>,
    { signal }: ListenOptions,
    once: boolean,
  ): () => void {
    if (signal?.aborted === true) return () => undefined;
    let active = true;
    const remove = (): void => {
      if (!active) return;
      active = false;
      if (signal !== undefined) this.#signals.remove(signal, remove);
      this.#registry.off(type, kept);
      this.#renew(type);
    };
    const call = (event: JetSocketEvent<Incoming>): unknown => {
      // Removed by a handler before it, during the same event: it must not be called any more.
      if (!active) return undefined;
      if (once) remove();
      return handler(event);
    };
    const kept: Kept<Incoming> = Object.assign(call, { given: handler, remove });
    if (signal !== undefined) this.#signals.add(signal, remove);
    this.#registry.on(type, kept);
    this.#renew(type);
    return remove;
  }

  /** Removes a handler, as often as it was added; without one, all of that event that are the user's. */
  off(type: EventName | '*', handler: unknown): void {
    for (const kept of this.#lists.get(type) ?? []) {
      if (kept.given === handler || (handler === undefined && !isLasting(kept.given)))
        kept.remove();
    }
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
    for (const handler of handlers) {
      try {
        const result = handler(event);
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
