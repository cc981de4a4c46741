/** One thing to handle. It returns a promise when it takes longer than this turn; one that never rejects. */
type Task = () => Promise<unknown> | undefined;

/**
 * Messages on their way to the handlers, one after the other: the next one waits until what the handlers of the one
 * before returned has settled. It waits as well until somebody listens. Bounded by the window that the client has.
 */
export class HandlerQueue {
  readonly #onHandled: (seq: number) => void;
  readonly #tasks: { readonly seq: number; readonly task: Task }[] = [];
  #isStarted = false;
  #isBusy = false;
  #whenIdle: (() => void)[] = [];

  /** @param onHandled All up to this number is done with. */
  constructor(onHandled: (seq: number) => void) {
    this.#onHandled = onHandled;
  }

  /** @param seq Its number; 0 where it has none. */
  add(seq: number, task: Task): void {
    this.#tasks.push({ seq, task });
    this.#run();
  }

  /** Whatever has not begun yet is not handled here any more. */
  clear(): void {
    this.#tasks.length = 0;
  }

  /** Somebody listens. */
  start(): void {
    this.#isStarted = true;
    this.#run();
  }

  /** Resolves when all that is there now is handled. At once while nobody listens: that may take for ever. */
  whenIdle(): Promise<void> {
    if (!this.#isStarted || (!this.#isBusy && this.#tasks.length === 0)) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  #run(): void {
    if (!this.#isStarted || this.#isBusy) return;
    this.#isBusy = true;
    for (;;) {
      const next = this.#tasks.shift();
      if (next === undefined) break;
      const waiting = next.task();
      if (waiting === undefined) {
        if (next.seq > 0) this.#onHandled(next.seq);
        continue;
      }
      void waiting.then(() => {
        this.#isBusy = false;
        if (next.seq > 0) this.#onHandled(next.seq);
        this.#run();
      });
      return;
    }
    this.#isBusy = false;
    const idle = this.#whenIdle;
    this.#whenIdle = [];
    for (const resolve of idle) resolve();
  }
}
