import type { JetSocketError } from '../errors.js';
import { Fifo } from '../fifo.js';
import { Waiters } from '../waiters.js';

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
  readonly #queue = new Fifo<Unread<In>>();
  readonly #waiters = new Waiters<In>();

  constructor(hasPatience: boolean, owner: ReaderOwner<In>) {
    this.hasPatience = hasPatience;
    this.#owner = owner;
  }

  /** How many messages wait here. */
  get size(): number {
    return this.#queue.size;
  }

  /** The number of the first message that has one and is not read; Infinity when all are. */
  get firstSeq(): number {
    for (let index = 0; index < this.size; index++) {
      const seq = this.#queue.at(index)?.seq ?? 0;
      if (seq > 0) return seq;
    }
    return Infinity;
  }

  /** The numbers of what waits mean nothing any more. */
  forgetNumbers(): void {
    this.#queue.replace((unread) => ({ ...unread, seq: 0 }));
  }

  /** Takes a message in: at once to who waits for it, else behind the others. */
  add(unread: Unread<In>): void {
    if (this.#waiters.give(unread.message)) return;
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
    if (unread === undefined) return this.#waiters.wait();
    this.#owner.taken();
    return Promise.resolve({ done: false, value: unread.message });
  }

  /** The consumer wants no more: what waits is let go of. */
  leave(): void {
    this.#queue.clear();
    this.bytes = 0;
    this.#waiters.forgetFailure();
    this.end(undefined);
    this.#owner.left(this);
  }

  /** No more will come. What waits can still be read; then comes the end, or the failure. */
  end(failure: JetSocketError | undefined): void {
    this.#waiters.end(failure);
  }

  #shift(): Unread<In> | undefined {
    const unread = this.#queue.shift();
    this.bytes -= unread?.bytes ?? 0;
    return unread;
  }
}
