import type { Comparable } from './sequence-id.js';

type Id = Comparable | string;

/**
 * Which ids have come, in three parts: before the replay was asked for; since, in connections that were lost before it
 * was over, so that they are asked for again; and in this connection. One of before says that a replay began further
 * back than it had to, the others say nothing. Of each part no more than `limit` are remembered.
 */
export class SequenceMemory {
  readonly #limit: number;
  readonly #before = new Set<Id>();
  readonly #again = new Set<Id>();
  readonly #now = new Set<Id>();
  #hasForgotten = false;
  #isFull = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Not all that came is remembered: what looks new may be old. */
  get hasForgotten(): boolean {
    return this.#hasForgotten;
  }

  /** More has come since than is remembered. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** None but the last message of before is remembered. */
  get knowsOne(): boolean {
    return this.#before.size <= 1;
  }

  cameBefore(id: Id): boolean {
    return this.#before.has(id);
  }

  cameSince(id: Id): boolean {
    return this.#now.has(id) || this.#again.has(id);
  }

  note(id: Id): void {
    if (this.#addTo(this.#now, id)) this.#isFull = true;
  }

  /** There was an earlier run, and its ids are not known. */
  beginLate(): void {
    this.#hasForgotten = true;
  }

  /** The connection is gone, and what came in it is asked for again, unless it is too much. */
  keep(): void {
    for (const id of this.#now) if (this.#addTo(this.#again, id)) this.#isFull = true;
    this.#now.clear();
  }

  /** Another replay: all that came is of before. */
  merge(): void {
    this.keep();
    for (const id of this.#again) this.#addTo(this.#before, id);
    this.#again.clear();
    this.#isFull = false;
  }

  clear(): void {
    this.#before.clear();
    this.#again.clear();
    this.#now.clear();
    this.#isFull = false;
    this.#hasForgotten = false;
  }

  /** @returns Whether the oldest one was forgotten for it. */
  #addTo(ids: Set<Id>, id: Id): boolean {
    ids.add(id);
    if (ids.size <= this.#limit) return false;
    const [oldest] = ids;
    if (oldest !== undefined) ids.delete(oldest);
    this.#hasForgotten = true;
    return true;
  }
}
