import type { Clock } from '@jetsocket/core';

interface Travelling {
  readonly timer: unknown;
  readonly lose: () => void;
}

/** One direction of a virtual link: what is on its way arrives later and in order, or is lost. */
export class Wire {
  readonly #clock: Clock;
  readonly #travelling = new Set<Travelling>();
  #lastDueMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How much is on its way. As many timers run. */
  get inFlight(): number {
    return this.#travelling.size;
  }

  /** Exactly one of `arrive` and `lose` is called: never at once, and nothing overtakes. */
  send(latencyMs: number, arrive: () => void, lose: () => void = () => undefined): void {
    const nowMs = this.#clock.now();
    this.#lastDueMs = Math.max(this.#lastDueMs, nowMs + latencyMs);
    const timer = this.#clock.setTimer(this.#lastDueMs - nowMs, () => {
      this.#travelling.delete(one);
      arrive();
    });
    const one = { timer, lose };
    this.#travelling.add(one);
  }

  /** Loses all that is on its way. */
  cut(): void {
    const lost = [...this.#travelling];
    this.#travelling.clear();
    // Nothing is left that could be overtaken.
    this.#lastDueMs = 0;
    for (const { timer, lose } of lost) {
      this.#clock.clearTimer(timer);
      lose();
    }
  }
}
