import type { JetSocketError } from '../errors.js';

/** Who waits for the next value. */
interface Waiting<Value> {
  readonly resolve: (result: IteratorResult<Value, undefined>) => void;
  readonly reject: (error: JetSocketError) => void;
}

const DONE: IteratorResult<never, undefined> = { done: true, value: undefined };

/**
 * Values between one who pushes and one who iterates, with a bound: when the reader is too slow, the oldest make
 * room. A ring, so that each costs the same however many wait.
 */
export class Backlog<Value> implements AsyncIterableIterator<Value, undefined> {
  readonly #capacity: number;
  readonly #onEnd: () => void;
  #ring: (Value | undefined)[] = [];
  #first = 0;
  #size = 0;
  readonly #waiting: Waiting<Value>[] = [];
  #isEnded = false;
  #error: JetSocketError | undefined;

  /** @param onEnd Nothing is taken any more. */
  constructor(capacity: number, onEnd: () => void) {
    this.#capacity = capacity;
    this.#onEnd = onEnd;
  }

  /** How many values wait. */
  get size(): number {
    return this.#size;
  }

  /** Adds a value. Returns false when another one had to make room. */
  push(value: Value): boolean {
    if (this.#isEnded) return true;
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) {
      waiting.resolve({ done: false, value });
      return true;
    }
    if (this.#size < this.#capacity) {
      this.#ring[(this.#first + this.#size) % this.#capacity] = value;
      this.#size++;
      return true;
    }
    this.#ring[this.#first] = value;
    this.#first = (this.#first + 1) % this.#capacity;
    return false;
  }

  /** No more values: those that wait can still be read, and then the error is thrown, if there is one. */
  end(error?: JetSocketError): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#error = error;
    this.#onEnd();
    for (const waiting of this.#waiting.splice(0)) this.#finish(waiting);
  }

  next(): Promise<IteratorResult<Value, undefined>> {
    if (this.#size > 0) return Promise.resolve({ done: false, value: this.#shift() });
    return new Promise((resolve, reject) => {
      if (this.#isEnded) this.#finish({ resolve, reject });
      else this.#waiting.push({ resolve, reject });
    });
  }

  /** The loop was left: what waits is let go of. */
  return(): Promise<IteratorResult<Value, undefined>> {
    this.#ring = [];
    this.#size = 0;
    this.#error = undefined;
    this.end();
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #shift(): Value {
    const value = this.#ring[this.#first];
    // What was read is not kept.
    this.#ring[this.#first] = undefined;
    this.#first = (this.#first + 1) % this.#capacity;
    this.#size--;
    return value as Value;
  }

  #finish({ resolve, reject }: Waiting<Value>): void {
    const error = this.#error;
    this.#error = undefined;
    if (error === undefined) resolve(DONE);
    else reject(error);
  }
}
