import type { Comparable } from './sequence-id.js';

type Id = Comparable | string;

/**
 * Which ids have come, in two parts: before the replay was asked for, and since, over connections that were lost before
 * it was over, so that they are asked for again. One of before says that a replay began further back than it had to, one
 * that came since says nothing. Of each part no more than `limit` are remembered.
 */
export class SequenceMemory {
  readonly #limit: number;
  readonly #before = new Set<Id>();
  readonly #since = new Set<Id>();
  #hasForgotten = false;
  #firstForgotten: Id | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Not all that came is remembered: what looks new may be old. */
  get hasForgotten(): boolean {
    return this.#hasForgotten;
  }

  /** Of those that came since, the first one, if it is not remembered any more. */
  get firstForgotten(): Id | undefined {
    return this.#firstForgotten;
  }

  /** More has come since than is remembered. */
  get isFull(): boolean {
    return this.#firstForgotten !== undefined;
  }

  /** None but the last message of before is remembered. */
  get knowsOne(): boolean {
    return this.#before.size <= 1;
  }

  cameBefore(id: Id): boolean {
    return this.#before.has(id);
  }

  cameSince(id: Id): boolean {
    return this.#since.has(id);
  }

  note(id: Id): void {
    this.#since.add(id);
    if (this.#since.size > this.#limit) this.#firstForgotten ??= this.#forgetOldest(this.#since);
  }

  /** There was an earlier run, and its ids are not known. */
  beginLate(): void {
    this.#hasForgotten = true;
  }

  /** Another replay: all that came is of before. What came last is forgotten last. */
  merge(): void {
    for (const id of this.#since) {
      this.#before.delete(id);
      this.#before.add(id);
    }
    while (this.#before.size > this.#limit) this.#forgetOldest(this.#before);
    this.#since.clear();
    this.#firstForgotten = undefined;
  }

  clear(): void {
    this.#before.clear();
    this.#since.clear();
    this.#firstForgotten = undefined;
    this.#hasForgotten = false;
  }

  #forgetOldest(ids: Set<Id>): Id | undefined {
    const [oldest] = ids;
    if (oldest !== undefined) ids.delete(oldest);
    this.#hasForgotten = true;
    return oldest;
  }
}
