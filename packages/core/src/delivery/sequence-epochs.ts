import type { Comparable } from './sequence-id.js';

/** So many are remembered. */
const MAX = 16;

/**
 * The numberings that were left, and how far each had come: so that a replay which begins in one of them, or messages
 * of it that newer ones have overtaken, neither double nor hide anything.
 */
export class LeftEpochs {
  #reached: Map<string | undefined, Comparable> | undefined;

  /** How far an epoch that was left had come; undefined for any other. NaN where ids only differ. */
  reached(epoch: string | undefined): Comparable | undefined {
    return this.#reached?.get(epoch);
  }

  /** An epoch is left, or brought one more message since. */
  leave(epoch: string | undefined, value: Comparable): void {
    this.#reached ??= new Map();
    this.#reached.delete(epoch);
    this.#reached.set(epoch, value);
    const [oldest] = this.#reached.keys();
    if (this.#reached.size > MAX) this.#reached.delete(oldest);
  }

  clear(): void {
    this.#reached = undefined;
  }
}
