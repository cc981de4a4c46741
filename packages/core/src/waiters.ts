import type { JetSocketError } from './errors.js';

interface Waiter<Value> {
  readonly resolve: (result: IteratorResult<Value, undefined>) => void;
  readonly reject: (failure: JetSocketError) => void;
}

/** Those who asked for the next value before there was one, in their order; and what they are told at the end. */
export class Waiters<Value> {
  #waiting: Waiter<Value>[] = [];
  #isOver = false;
  /** Why there will be no more, if it is not the normal end. Told once. */
  #failure: JetSocketError | undefined;

  /** Whether there will be no more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Gives a value to who waits for it. Returns whether anybody did. */
  give(value: Value): boolean {
    const waiter = this.#waiting.shift();
    waiter?.resolve({ done: false, value });
    return waiter !== undefined;
  }

  /** The next value; or the end, again and again; or once why it failed. */
  wait(): Promise<IteratorResult<Value, undefined>> {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) return Promise.reject(failure);
    if (this.#isOver) return Promise.resolve(END);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** No more will come. Of those who wait, the first one is told of the failure. */
  end(failure: JetSocketError | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const [first, ...others] = this.#waiting;
    this.#waiting = [];
    if (first === undefined) this.#failure = failure;
    else if (failure === undefined) first.resolve(END);
    else first.reject(failure);
    for (const { resolve } of others) resolve(END);
  }

  /** Nobody wants to know any more why it ended. */
  forgetFailure(): void {
    this.#failure = undefined;
  }
}

export const END: IteratorResult<never, undefined> = { done: true, value: undefined };
