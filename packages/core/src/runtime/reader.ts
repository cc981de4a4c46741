import type { JetSocketError } from '../errors.js';

/** A message that waits to be read. The readers of a socket share it. */
export interface Unread<In> {
  readonly message: In;
  /** The size of what it came in. */
  readonly bytes: number;
  /** Its number in the session; 0 where it has none. */
  readonly seq: number;
}

/** Who wants to know what a reader does. */
export interface ReaderOwner<In> {
  /** Something was taken out: there is more room. */
  taken(): void;
  /** It reads no more. */
  left(reader: Reader<In>): void;
}

interface Waiter<In> {
  readonly resolve: (result: IteratorResult<In, undefined>) => void;
  readonly reject: (failure: JetSocketError) => void;
}

/** Once so many places are empty in front, and they are half of all, the rest moves up. */
const MAX_EMPTY = 256;

/**
 * What one consumer has not read yet, in order, and what it waits for. It decides nothing: how much may
 * wait here is the intake's business.
 */
export class Reader<In> {
  /** It is a stream, which has the connection wait for it; else what is too much is dropped. */
  readonly hasPatience: boolean;
  /** Bytes that wait here. */
  bytes = 0;
  readonly #owner: ReaderOwner<In>;
  #queue: (Unread<In> | undefined)[] = [];
  #head = 0;
  #waiting: Waiter<In>[] = [];
  #isOver = false;
  /** Why there will be no more, if it is not the normal end. Told once. */
  #failure: JetSocketError | undefined;

  constructor(hasPatience: boolean, owner: ReaderOwner<In>) {
    this.hasPatience = hasPatience;
    this.#owner = owner;
  }

  /** How many messages wait here. */
  get size(): number {
    return this.#queue.length - this.#head;
  }

  /** The number of the first message that has one and is not read; Infinity when all are. */
  get firstSeq(): number {
    for (let index = this.#head; index < this.#queue.length; index++) {
      const seq = this.#queue[index]?.seq ?? 0;
      if (seq > 0) return seq;
    }
    return Infinity;
  }

  /** The numbers of what waits mean nothing any more. */
  forgetNumbers(): void {
    this.#queue = this.#queue.map((unread) => unread && { ...unread, seq: 0 });
  }

  /** Takes a message in: at once to who waits for it, else behind the others. */
  add(unread: Unread<In>): void {
    const waiter = this.#waiting.shift();
    if (waiter !== undefined) return waiter.resolve({ done: false, value: unread.message });
    this.#queue.push(unread);
    this.bytes += unread.bytes;
  }

  /** Drops the oldest. */
  dropOldest(): void {
    this.#shift();
  }

  /** The next message; or the end, again and again; or once why it failed. */
  next(): Promise<IteratorResult<In, undefined>> {
    const unread = this.#shift();
    if (unread !== undefined) {
      this.#owner.taken();
      return Promise.resolve({ done: false, value: unread.message });
    }
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) return Promise.reject(failure);
    if (this.#isOver) return Promise.resolve(END);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** The consumer wants no more: what waits is let go of. */
  leave(): void {
    this.#queue = [];
    this.#head = 0;
    this.bytes = 0;
    this.#failure = undefined;
    this.end(undefined);
    this.#owner.left(this);
  }

  /** No more will come. What waits can still be read; then comes the end, or the failure. */
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

  #shift(): Unread<In> | undefined {
    if (this.size === 0) return undefined;
    const unread = this.#queue[this.#head];
    this.#queue[this.#head++] = undefined;
    this.bytes -= unread?.bytes ?? 0;
    if (this.size === 0 || (this.#head >= MAX_EMPTY && this.#head * 2 >= this.#queue.length)) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return unread;
  }
}

const END: IteratorResult<never, undefined> = { done: true, value: undefined };
