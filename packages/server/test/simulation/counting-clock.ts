import type { Clock } from '@jetsocket/node';

/** A clock of one process: how many timers it has is known, and they end with it. */
export class CountingClock implements Clock {
  readonly #clock: Clock;
  readonly #timers = new Set<unknown>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get count(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#clock.now();
  }

  unixNow(): number {
    return this.#clock.unixNow();
  }

  setTimer(delayMs: number, run: () => void): unknown {
    const timer = this.#clock.setTimer(delayMs, () => {
      this.#timers.delete(timer);
      run();
    });
    this.#timers.add(timer);
    return timer;
  }

  clearTimer(timer: unknown): void {
    this.#timers.delete(timer);
    this.#clock.clearTimer(timer);
  }

  /** The process is killed. */
  kill(): void {
    for (const timer of this.#timers) this.#clock.clearTimer(timer);
    this.#timers.clear();
  }
}
