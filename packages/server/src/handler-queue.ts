import type { Clock } from '@jetsocket/core/protocol';

/** One thing to handle. It returns a promise when it takes longer than this turn; one that never rejects. */
type Run = () => Promise<unknown> | undefined;

/** What waits to be handled. */
export interface Task {
  readonly type: 'message' | 'gap' | 'end';
  /** All up to this number is done with then; 0 where it has none. It may rise while the task waits. */
  seq: number;
  /** How much it holds. */
  readonly size: number;
  readonly run: Run;
}

/** What a queue tells of its tasks. */
export interface HandlerQueueOutlet {
  /** All up to this number is done with. */
  onHandled(seq: number): void;
  /** Less waits than before. */
  onEased(): void;
  /** It takes too long, and counts as done: what comes after it begins. */
  onLate(task: Task): void;
}

/**
 * Messages on their way to the handlers, one after the other: the next one waits until what the handlers of the one
 * before returned has settled, or takes too long. It waits as well until somebody listens. Whoever adds to it keeps it bounded.
 */
export class HandlerQueue {
  readonly #outlet: HandlerQueueOutlet;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #tasks: Task[] = [];
  #size = 0;
  /** How many tasks were added so far, and how many of them are done with. */
  #added = 0;
  #finished = 0;
  /** How many of those that wait, or are being handled, have a number. */
  #numbered = 0;
  #begun = 0;
  #isStarted = false;
  /** Something else has to be done with first. */
  #isHeld = false;
  #isBusy = false;
  #waiting: { readonly finished: number; readonly resolve: () => void }[] = [];

  /** @param timeoutMs How long one task may take. */
  constructor(outlet: HandlerQueueOutlet, clock: Clock, timeoutMs: number) {
    this.#outlet = outlet;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
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

  /** The highest number of what was handled, or is being handled. */
  get begun(): number {
    return this.#begun;
  }

  /** The task that was added last, while it waits. */
  get last(): Task | undefined {
    return this.#tasks.at(-1);
  }

  add(task: Task): void {
    this.#tasks.push(task);
    this.#size += task.size;
    this.#added++;
    if (task.seq > 0) this.#numbered++;
    this.#run();
  }

  /** Whatever has not begun yet is not handled here any more, and there is nothing to wait for. */
  clear(): void {
    this.#isHeld = false;
    for (const { seq } of this.#tasks) this.#leave(seq);
    this.#tasks.length = 0;
    this.#size = 0;
    this.#tellFinished();
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

  /**
   * Resolves when all that is there now is handled, and all that has a number: a window bounds those, and nothing
   * bounds how long others go on to come. At once while nobody listens: that may take for ever.
   */
  whenHandled(): Promise<void> {
    if (!this.#isStarted || (!this.#isBusy && this.#tasks.length === 0)) return Promise.resolve();
    const finished = this.#added;
    return new Promise((resolve) => this.#waiting.push({ finished, resolve }));
  }

  #run(): void {
    if (!this.#isStarted || this.#isHeld || this.#isBusy) return;
    this.#isBusy = true;
    for (;;) {
      const next = this.#tasks.shift();
      if (next === undefined) break;
      this.#size -= next.size;
      this.#begun = Math.max(this.#begun, next.seq);
      const waiting = next.run();
      if (waiting === undefined) {
        this.#done(next);
        continue;
      }
      return this.#await(next, waiting);
    }
    this.#isBusy = false;
  }

  #await(task: Task, waiting: Promise<unknown>): void {
    let isOver = false;
    const goOn = (): void => {
      isOver = true;
      this.#clock.clearTimer(timer);
      this.#isBusy = false;
      this.#done(task);
      this.#run();
    };
    const timer = this.#clock.setTimer(this.#timeoutMs, () => {
      this.#outlet.onLate(task);
      goOn();
    });
    // A process that has nothing else to do ends.
    this.#clock.unref?.(timer);
    void waiting.then(() => {
      if (!isOver) goOn();
    });
  }

  #done({ seq, size }: Task): void {
    this.#leave(seq);
    if (seq > 0) this.#outlet.onHandled(seq);
    if (size > 0) this.#outlet.onEased();
    this.#tellFinished();
  }

  #leave(seq: number): void {
    this.#finished++;
    if (seq > 0) this.#numbered--;
  }

  #tellFinished(): void {
    if (this.#waiting.length === 0 || this.#numbered > 0) return;
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ finished }) => finished > this.#finished);
    for (const { finished, resolve } of waiting) if (finished <= this.#finished) resolve();
  }
}
