/** One thing to handle. It returns a promise when it takes longer than this turn; one that never rejects. */
type Run = () => Promise<unknown> | undefined;

/** What waits to be handled. */
export interface Task {
  /** All up to this number is done with then; 0 where it has none. It may rise while the task waits. */
  seq: number;
  /** How much it holds. */
  readonly size: number;
  readonly run: Run;
}

/**
 * Messages on their way to the handlers, one after the other: the next one waits until what the handlers of the one
 * before returned has settled. It waits as well until somebody listens. Whoever adds to it keeps it bounded.
 */
export class HandlerQueue {
  readonly #onHandled: (seq: number) => void;
  readonly #onEased: () => void;
  readonly #tasks: Task[] = [];
  #size = 0;
  #isStarted = false;
  /** Something else has to be done with first. */
  #isHeld = false;
  #isBusy = false;
  #whenIdle: (() => void)[] = [];

  /**
   * @param onHandled All up to this number is done with.
   * @param onEased Less waits than before.
   */
  constructor(onHandled: (seq: number) => void, onEased: () => void) {
    this.#onHandled = onHandled;
    this.#onEased = onEased;
  }

  /** Whether anything waits, or is being handled. */
  get isBusy(): boolean {
    return this.#isHeld || this.#isBusy || this.#tasks.length > 0;
  }

  /** How many tasks wait. */
  get length(): number {
    return this.#tasks.length;
  }

  /** How much all that wait hold together. */
  get size(): number {
    return this.#size;
  }

  /** The task that was added last, while it waits. */
  get last(): Task | undefined {
    return this.#tasks.at(-1);
  }

  add(task: Task): void {
    this.#tasks.push(task);
    this.#size += task.size;
    this.#run();
  }

  /** Whatever has not begun yet is not handled here any more, and there is nothing to wait for. */
  clear(): void {
    this.#isHeld = false;
    this.#tasks.length = 0;
    this.#size = 0;
  }

  /** Begins nothing before that has resolved. It must not reject. */
  hold(until: Promise<unknown>): void {
    this.#isHeld = true;
    void until.then(() => {
      this.#isHeld = false;
      this.#run();
    });
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
    if (!this.#isStarted || this.#isHeld || this.#isBusy) return;
    this.#isBusy = true;
    for (;;) {
      const next = this.#tasks.shift();
      if (next === undefined) break;
      this.#size -= next.size;
      const waiting = next.run();
      if (waiting === undefined) {
        this.#done(next);
        continue;
      }
      void waiting.then(() => {
        this.#isBusy = false;
        this.#done(next);
        this.#run();
      });
      return;
    }
    this.#isBusy = false;
    const idle = this.#whenIdle;
    this.#whenIdle = [];
    for (const resolve of idle) resolve();
  }

  #done({ seq, size }: Task): void {
    if (seq > 0) this.#onHandled(seq);
    if (size > 0) this.#onEased();
  }
}
