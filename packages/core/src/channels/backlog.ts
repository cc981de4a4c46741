import type { JetSocketError } from '../errors.js';
import { Fifo } from '../fifo.js';
import { END, Waiters } from '../waiters.js';

/** Values between one who pushes and one who iterates, with a bound: when the reader is too slow, the oldest make room. */
export class Backlog<Value> implements AsyncIterableIterator<Value, undefined> {
  readonly #capacity: number;
  readonly #onEnd: () => void;
  readonly #queue = new Fifo<Value>();
  readonly #waiters = new Waiters<Value>();

  /** @param onEnd Nothing is taken any more. */
  constructor(capacity: number, onEnd: () => void) {
    this.#capacity = capacity;
    this.#onEnd = onEnd;
  }

  /** How many values wait. */
  get size(): number {
    return this.#queue.size;
  }

  /** Adds a value. Returns false when another one had to make room. */
  push(value: Value): boolean {
    if (this.#waiters.isOver || this.#waiters.give(value)) return true;
    const isFull = this.#queue.size >= this.#capacity;
    if (isFull) this.#queue.shift();
    this.#queue.push(value);
    return !isFull;
  }

  /** No more values: those that wait can still be read, and then the error is thrown, if there is one. */
  end(error?: JetSocketError): void {
    if (this.#waiters.isOver) return;
    this.#waiters.end(error);
    this.#onEnd();
  }

  next(): Promise<IteratorResult<Value, undefined>> {
    if (this.#queue.size === 0) return this.#waiters.wait();
    return Promise.resolve({ done: false, value: this.#queue.shift() as Value });
  }

  /** The loop was left: what waits is let go of. */
  return(): Promise<IteratorResult<Value, undefined>> {
    this.#queue.clear();
    this.#waiters.forgetFailure();
    this.end();
    return Promise.resolve(END);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
