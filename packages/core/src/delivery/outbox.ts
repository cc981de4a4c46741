import { JetSocketError } from '../errors.js';
import type { OverflowPolicy } from '../events.js';
import type { FrameData } from '../ports.js';
import { utf8Bytes } from '../utf8.js';
import { Entry } from './delivery.js';

/** The outbox's bounds, and whether it keeps what was sent. */
export interface OutboxConfig {
  /** How many messages may be kept. */
  readonly capacity: number;
  /** How many bytes of payload may be kept. */
  readonly maxBytes: number;
  readonly overflowPolicy: OverflowPolicy;
  /** Keep what was handed to a socket until it is acknowledged. */
  readonly awaitsAck: boolean;
  /**
   * What was numbered may be at the other end already: when there is no room, drop what was not. Default: false,
   * the oldest of all.
   */
  readonly sparesNumbered?: boolean | undefined;
}

/**
 * Every outgoing message, in order: a ring with one cursor.
 *
 * ```
 *   base ≤ … handed over, not acknowledged … < cursor ≤ … waiting … < end
 * ```
 *
 * Without acknowledgements a message leaves when it is handed over, so `base` is `cursor`. A replay
 * is no second path: `rewind` sets the cursor back, and the same flush sends the same messages again.
 *
 * In a session messages have numbers as well, given when they are first handed over, or all at once by
 * `numberAll`. Those that have one stand before those that have none, without a hole, so that a number is a
 * position less an offset, and costs nothing to keep.
 */
export class Outbox {
  readonly #config: OutboxConfig;
  #ring: (Entry | undefined)[] = new Array<Entry | undefined>(16);
  #base = 0;
  #cursor = 0;
  #end = 0;
  #bytes = 0;
  #lastId = 0;
  #highestHandedId = 0;
  /** The position of the first message that has no number. */
  #frontier = 0;
  /** The highest number given. */
  #highest = 0;

  constructor(config: OutboxConfig) {
    this.#config = config;
  }

  /** Where the next message will stand: positions only grow. */
  get end(): number {
    return this.#end;
  }

  /** The position of the next message to hand over. */
  get cursor(): number {
    return this.#cursor;
  }

  /** How many messages wait to be handed over. */
  get waiting(): number {
    return this.#end - this.#cursor;
  }

  /** How many messages are kept, waiting or not acknowledged. */
  get size(): number {
    return this.#end - this.#base;
  }

  /** The highest number that was given in this session. */
  get highest(): number {
    return this.#highest;
  }

  /** The number that the next message to hand over has, or will get. */
  get nextSeq(): number {
    return this.#highest + 1 - Math.max(0, this.#frontier - this.#cursor);
  }

  /** The number that the oldest message has, or will get. Those before it are not kept any more. */
  get firstSeq(): number {
    return this.#highest + 1 - (this.#frontier - this.#base);
  }

  /** Bytes of payload that are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Adds a message behind all others. What the bounds do not allow is dropped by the policy: see
   * `takeDropped`.
   *
   * @throws {JetSocketError} `BUFFER_OVERFLOW` when the outbox is full and the policy is `error`.
   */
  add(data: FrameData): Entry {
    const entry = new Entry(this.#lastId + 1, data);
    entry.bytes = typeof data === 'string' ? utf8Bytes(data) : data.byteLength;
    if (!this.#hasRoomFor(entry) && !this.#makeRoomFor(entry)) return entry;
    this.#lastId = entry.id;
    this.#push(entry);
    return entry;
  }

  /**
   * Counts a message that was handed over at once and need not be kept: it is in no one's way, so no bound
   * applies to it.
   */
  pass(): Entry {
    const entry = new Entry(++this.#lastId, '');
    entry.settle('sent');
    return entry;
  }

  /** How many messages the bounds dropped since the last call. */
  takeDropped(): number {
    const count = this.#dropped;
    this.#dropped = 0;
    return count;
  }
  #dropped = 0;

  /** The next message to hand over. */
  next(): Entry | undefined {
    return this.#cursor === this.#end ? undefined : this.#at(this.#cursor);
  }

  /** The next message was handed over. */
  advance(): void {
    const entry = this.#at(this.#cursor);
    if (this.#cursor === this.#frontier) {
      this.#frontier++;
      this.#highest++;
    }
    this.#cursor++;
    if (entry.id > this.#highestHandedId) this.#highestHandedId = entry.id;
    if (this.#config.awaitsAck) entry.status = 'sent';
    else this.#shift().settle('sent');
  }

  /**
   * The server has every message up to this id.
   *
   * @returns False when it can't: no such message was ever handed over. Nothing is changed then.
   */
  acknowledge(id: number): boolean {
    if (!Number.isSafeInteger(id) || id < 0 || id > this.#highestHandedId) return false;
    while (this.#base < this.#end && this.#at(this.#base).id <= id)
      this.#shift().settle('acknowledged');
    return true;
  }

  /** The other end of the session has every message up to this number. */
  acknowledgeSeq(seq: number): void {
    while (this.#base < this.#frontier && this.firstSeq <= seq)
      this.#shift().settle('acknowledged');
  }

  /** Gives every message a number now. */
  numberAll(): void {
    this.#highest += this.#end - this.#frontier;
    this.#frontier = this.#end;
  }

  /** Another session: numbers are given anew, from 1. */
  renumber(): void {
    this.#frontier = this.#base;
    this.#cursor = this.#base;
    this.#highest = 0;
  }

  /** Another process had given all numbers up to this one; nothing of it is kept here. */
  continueAfter(seq: number): void {
    this.#highest = seq;
  }

  /** The payloads that have numbers from `seq` on, in order. */
  numberedFrom(seq: number): FrameData[] {
    const list: FrameData[] = [];
    const first = this.#base + Math.max(0, seq - this.firstSeq);
    for (let position = first; position < this.#frontier; position++) {
      list.push(this.#at(position).data);
    }
    return list;
  }

  /** Gives up the messages that have a number: nobody can tell whether they arrived. */
  dropNumbered(): Entry[] {
    const list: Entry[] = [];
    while (this.#base < this.#frontier) {
      const entry = this.#shift();
      entry.settle('dropped');
      list.push(entry);
    }
    return list;
  }

  /** Gives up everything, and says what it was. */
  dropAll(): Entry[] {
    this.numberAll();
    return this.dropNumbered();
  }

  /** Gives up the oldest message, as a full outbox does. Returns whether there was one. */
  dropOldest(): boolean {
    if (this.#base === this.#end) return false;
    this.#shiftOldest().settle('dropped');
    this.#dropped++;
    return true;
  }

  /** The connection is gone: all that is not acknowledged has to be handed over again. */
  rewind(): void {
    for (let position = this.#base; position < this.#cursor; position++) {
      this.#at(position).status = 'buffered';
    }
    this.#cursor = this.#base;
  }

  /** Gives up all that is kept. */
  clear(): void {
    while (this.#base < this.#end) this.#shift().settle('dropped');
  }

  #hasRoomFor(entry: Entry): boolean {
    const { capacity, maxBytes } = this.#config;
    return this.size < capacity && this.#bytes + entry.bytes <= maxBytes;
  }

  #makeRoomFor(entry: Entry): boolean {
    switch (this.#config.overflowPolicy) {
      case 'drop_oldest':
        while (this.size > 0 && !this.#hasRoomFor(entry)) {
          this.#shiftOldest().settle('dropped');
          this.#dropped++;
        }
        return true;
      case 'drop_newest':
        // It had its turn: its id stays used, so that no two deliveries share one.
        this.#lastId = entry.id;
        entry.settle('dropped');
        this.#dropped++;
        return false;
      case 'error':
        throw new JetSocketError('BUFFER_OVERFLOW', this.#fullMessage(entry), {
          hint: 'Send less while the connection is away, raise buffer.capacity or buffer.maxBytes, or let buffer.overflowPolicy drop',
        });
    }
  }

  #fullMessage(entry: Entry): string {
    const { capacity, maxBytes } = this.#config;
    return this.size >= capacity
      ? `Cannot send: the buffer holds ${this.size} messages, its capacity`
      : `Cannot send: ${entry.bytes} bytes more would pass buffer.maxBytes, ${maxBytes}`;
  }

  #at(position: number): Entry {
    const entry = this.#ring[position & (this.#ring.length - 1)];
    if (entry === undefined) throw new RangeError(`No message at ${position}`);
    return entry;
  }

  #push(entry: Entry): void {
    if (this.size === this.#ring.length) this.#grow();
    this.#ring[this.#end & (this.#ring.length - 1)] = entry;
    this.#end++;
    this.#bytes += entry.bytes;
  }

  #shift(): Entry {
    const entry = this.#at(this.#base);
    this.#ring[this.#base & (this.#ring.length - 1)] = undefined;
    this.#base++;
    if (this.#cursor < this.#base) this.#cursor = this.#base;
    if (this.#frontier < this.#base) this.#frontier = this.#base;
    this.#bytes -= entry.bytes;
    return entry;
  }

  /** Takes out the oldest message that may be dropped. */
  #shiftOldest(): Entry {
    const isNumberSpared = this.#config.sparesNumbered === true && this.#frontier < this.#end;
    if (!isNumberSpared || this.#frontier === this.#base) return this.#shift();
    const entry = this.#at(this.#frontier);
    // Those with a number move up by one, a window full at most. They keep their numbers and their turn.
    const mask = this.#ring.length - 1;
    for (let position = this.#frontier; position > this.#base; position--) {
      this.#ring[position & mask] = this.#at(position - 1);
    }
    this.#ring[this.#base & mask] = entry;
    this.#frontier++;
    this.#cursor++;
    return this.#shift();
  }

  /** Doubles the ring, whose length is a power of two so that a position is found by masking. */
  #grow(): void {
    const bigger = new Array<Entry | undefined>(this.#ring.length * 2);
    for (let position = this.#base; position < this.#end; position++) {
      bigger[position & (bigger.length - 1)] = this.#at(position);
    }
    this.#ring = bigger;
  }
}
