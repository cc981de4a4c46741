import { asError } from '../errors.js';
import type { Clock } from '../ports.js';
import { Timers } from './timers.js';

/** What came of a promise. */
export type Outcome =
  | { readonly isFulfilled: true; readonly value: unknown }
  | { readonly isFulfilled: false; readonly thrown: unknown };

export interface LineConfig {
  readonly clock: Clock;
  /** How long the first in the line may take. */
  readonly timeoutMs: number;
  /** How many may wait. */
  readonly capacity: number;
  /** How large may be, together, what waits. */
  readonly maxLength: number;
}

interface Slot {
  outcome: Outcome | undefined;
  readonly sinceMs: number;
  readonly length: number;
  readonly take: (outcome: Outcome) => void;
}

/**
 * Promises, whose outcomes are taken in the order in which they came to stand here. All of them run at once; one
 * that hangs holds up the others for `timeoutMs`, and is then taken as one that failed.
 */
export class Line {
  readonly #config: LineConfig;
  readonly #run: (deliver: () => void) => void;
  readonly #timers: Timers<'first'>;
  #slots: Slot[] = [];
  #length = 0;
  #isPaused = false;
  #isTaking = false;

  /** @param run Calls the function that it is given, which calls what was given to `add`. */
  constructor(config: LineConfig, run: (deliver: () => void) => void) {
    this.#config = config;
    this.#run = run;
    this.#timers = new Timers(config.clock, () => {
      this.#lookAtFirst();
    });
  }

  /** Whether what comes now has to stand behind others. */
  get isWaiting(): boolean {
    return this.#slots.length > 0 || this.#isPaused;
  }

  /**
   * Stands behind the others.
   *
   * @param length How large it is.
   * @param take Called with what came of it, in its turn.
   * @returns False when the line is full: `take` is not called then.
   */
  add(promise: PromiseLike<unknown>, length: number, take: (outcome: Outcome) => void): boolean {
    const { capacity, maxLength, clock } = this.#config;
    const isFull = this.#slots.length >= capacity || this.#length + length > maxLength;
    if (isFull && this.#slots.length > 0) {
      // Its outcome is of no interest, and must not be an unhandled rejection.
      promise.then(undefined, () => undefined);
      return false;
    }
    const slot: Slot = { outcome: undefined, sinceMs: clock.now(), length, take };
    this.#push(slot);
    const settle = (outcome: Outcome): void => {
      slot.outcome ??= outcome;
      if (slot === this.#slots[0]) this.#takeSettled();
    };
    // A promise of another make may throw while it is listened to.
    try {
      promise.then(
        (value) => {
          settle({ isFulfilled: true, value });
        },
        (thrown: unknown) => {
          settle({ isFulfilled: false, thrown });
        },
      );
    } catch (thrown) {
      settle({ isFulfilled: false, thrown: asError(thrown) });
    }
    this.#lookAtFirst();
    return true;
  }

  /** Stands behind the others, with nothing to wait for itself: it is never refused. */
  follow(take: () => void): void {
    const done: Outcome = { isFulfilled: true, value: undefined };
    this.#push({ outcome: done, sinceMs: this.#config.clock.now(), length: 0, take });
    this.#takeSettled();
  }

  /** Takes nothing until `resume`. */
  pause(): void {
    if (this.#slots.length === 0) return;
    this.#isPaused = true;
    this.#timers.clearAll();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#takeSettled();
  }

  /** Forgets all that waits. */
  clear(): void {
    this.#slots = [];
    this.#length = 0;
    this.#isPaused = false;
    this.#timers.clearAll();
  }

  #push(slot: Slot): void {
    this.#slots.push(slot);
    this.#length += slot.length;
  }

  #takeSettled(): void {
    if (this.#isTaking || this.#isPaused || this.#slots[0]?.outcome === undefined) return;
    this.#isTaking = true;
    try {
      this.#run(() => {
        this.#takeAll();
      });
    } finally {
      this.#isTaking = false;
    }
    this.#lookAtFirst();
  }

  #takeAll(): void {
    for (;;) {
      // A handler may have ended the connection, or all of it.
      const slot = this.#isPaused ? undefined : this.#slots[0];
      if (slot?.outcome === undefined) return;
      this.#slots.shift();
      this.#length -= slot.length;
      slot.take(slot.outcome);
    }
  }

  /** One timer for all: it looks how long the first has been waiting. */
  #lookAtFirst(): void {
    const first = this.#slots[0];
    if (first === undefined) this.#timers.clearAll();
    if (first === undefined || this.#isPaused || this.#isTaking) return;
    const { clock, timeoutMs } = this.#config;
    const leftMs = first.sinceMs + timeoutMs - clock.now();
    if (leftMs > 0) {
      if (!this.#timers.has('first')) this.#timers.set('first', leftMs);
      return;
    }
    first.outcome ??= { isFulfilled: false, thrown: new Error(`no answer within ${timeoutMs} ms`) };
    this.#takeSettled();
  }
}
