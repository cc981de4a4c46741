import type { Clock } from '../ports.js';

/** A timer fired: its name, and how much later than asked. */
export type OnFired<Name> = (name: Name, lateMs: number) => void;

/** Timers by name: at most one of each. Setting one that runs replaces it. */
export class Timers<Name extends string> {
  readonly #clock: Clock;
  readonly #onFired: OnFired<Name>;
  /** Made by the first: a socket has several of these, and most of them never run. */
  #running: Map<Name, unknown> | undefined;

  /** All of them run on this clock, and tell this function their name when they fire. */
  constructor(clock: Clock, onFired: OnFired<Name>) {
    this.#clock = clock;
    this.#onFired = onFired;
  }

  /** Sets it, `delayMs` from now. One that runs already is replaced. */
  set(name: Name, delayMs: number): void {
    this.clear(name);
    const dueMs = this.#clock.now() + delayMs;
    const dueUnixMs = this.#clock.unixNow() + delayMs;
    const timer = this.#clock.setTimer(delayMs, () => {
      this.#running?.delete(name);
      // Some systems stop the monotonic clock while they sleep, and the wall clock tells.
      const lateMs = Math.max(this.#clock.now() - dueMs, this.#clock.unixNow() - dueUnixMs, 0);
      this.#onFired(name, lateMs);
    });
    this.#running ??= new Map();
    this.#running.set(name, timer);
  }

  /** That one does not keep the process from ending, where a clock knows such a thing. */
  unref(name: Name): void {
    if (this.has(name)) this.#clock.unref?.(this.#running?.get(name));
  }

  /** Whether it runs. */
  has(name: Name): boolean {
    return this.#running?.has(name) === true;
  }

  /** Calls it off; one that does not run is no matter. */
  clear(name: Name): void {
    if (!this.has(name)) return;
    this.#clock.clearTimer(this.#running?.get(name));
    this.#running?.delete(name);
  }

  /** Calls all of them off. */
  clearAll(): void {
    for (const timer of this.#running?.values() ?? []) this.#clock.clearTimer(timer);
    this.#running?.clear();
  }
}
