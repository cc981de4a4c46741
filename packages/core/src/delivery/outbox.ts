import { JetSocketError } from '../errors.js';
import type { OverflowPolicy } from '../events.js';
import type { FrameData } from '../ports.js';
import { utf8Bytes } from '../utf8.js';
import { Entry, type Terms } from './delivery.js';

/** The outbox's bounds, and whether it keeps what was sent. */
export interface OutboxConfig {
  /** How many messages may be kept. */
  readonly capacity: number;
  /** How many bytes of payload may be kept. */
  readonly maxBytes: number;
  /** Which message goes when there is no room. */
  readonly overflowPolicy: OverflowPolicy;
  /** Keep what was handed to a socket until it is acknowledged. */
  readonly awaitsAck: boolean;
  /**
   * What was numbered may be at the other end already: when there is no room, drop what was not. Default: false,
   * the oldest of all.
   */
  readonly sparesNumbered?: boolean | undefined;
  /** Milliseconds on the monotonic clock. Needed where messages expire. */
  readonly now?: (() => number) | undefined;
}

/** How many messages were dropped, in total, and why. */
export interface OutboxCounts {
  /** There was no place for them. */
  overflow: number;
  /** Their time was over. */
  expired: number;
  /** A newer one with the same key took their place. */
  replaced: number;
  /** Given up with the socket, or with a session. */
  closed: number;
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
 * A message may have terms: a time after which it is not to be sent, a key by which a newer one takes its place,
 * or it is still being encoded. They hold until it is first handed over: after that it may be at the other end.
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
  /** Everything before this position was there when `mark` was called. */
  #mark = 0;
  /** Where the message with that key waits; none while no message has one. */
  #keyed: Map<string | number, number> | undefined;
  /** How many of those that wait have terms: mostly none, and nothing is looked for then. */
  withTerms = 0;
  /** What became of messages before they were handed over, in total. */
  readonly counts: OutboxCounts = { overflow: 0, expired: 0, replaced: 0, closed: 0 };

  /** Keeps messages in order until they are done with, within the bounds of the configuration. */
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
  add(data: FrameData, terms?: Terms): Entry {
    const key = terms?.key;
    const position = key === undefined ? undefined : this.#keyed?.get(key);
    if (position !== undefined) return this.#replace(position, data, terms);
    const entry = new Entry(this.#lastId + 1, data);
    entry.bytes = typeof data === 'string' ? utf8Bytes(data) : data.byteLength;
    if (terms !== undefined) entry.terms = terms;
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
    // The server may acknowledge it, with all before it.
    this.#highestHandedId = entry.id;
    entry.settle('sent');
    return entry;
  }

  /** Notes where the outbox ends now. */
  mark(): void {
    this.#mark = this.#end;
  }

  /** How many of those that were there at the mark wait. */
  get markedWaiting(): number {
    return Math.max(0, this.#mark - this.#cursor);
  }

  /** Since when the next message is being encoded; undefined when it is not. */
  get blockedSinceMs(): number | undefined {
    if (this.withTerms === 0 || this.#cursor === this.#end) return undefined;
    return this.#at(this.#cursor).terms?.pendingSinceMs;
  }

  /** The next message, if it is still being encoded. */
  get blocked(): Entry | undefined {
    return this.blockedSinceMs === undefined ? undefined : this.#at(this.#cursor);
  }

  /** A message that was added to be encoded is. What the bounds do not allow now is dropped by the policy. */
  fill(entry: Entry, data: FrameData): void {
    if (entry.isFinal || entry.terms === undefined) return;
    entry.terms.pendingSinceMs = undefined;
    entry.data = data;
    entry.bytes = sizeOf(data);
    this.#bytes += entry.bytes;
    if (this.#bytes <= this.#config.maxBytes) return;
    if (this.#config.overflowPolicy === 'drop_oldest') this.#trim();
    else {
      this.remove(entry);
      this.#countOverflow();
    }
  }

  /** Drops one that was never handed over. */
  remove(entry: Entry): void {
    for (let position = this.#frontier; position < this.#end; position++) {
      if (this.#at(position) !== entry) continue;
      this.#takeOut((one) => one === entry, position + 1);
      return;
    }
  }

  /**
   * Takes messages out that were never handed over, wherever they wait, and drops them. Those before them move
   * up, so that there is no hole, and no number is skipped.
   *
   * @param end Those from this position on stay as they are.
   * @returns How many they were.
   */
  #takeOut(isOut: (entry: Entry) => boolean, end: number): number {
    const mask = this.#ring.length - 1;
    let to = end;
    let beforeMark = 0;
    for (let from = end - 1; from >= this.#base; from--) {
      const entry = this.#at(from);
      if (from >= this.#frontier && isOut(entry)) {
        this.#forget(entry);
        this.#bytes -= entry.bytes;
        entry.settle('dropped');
        if (from < this.#mark) beforeMark++;
        continue;
      }
      to--;
      if (to === from) continue;
      this.#ring[to & mask] = entry;
      if (entry.terms?.key !== undefined) this.#keyed?.set(entry.terms.key, to);
    }
    const count = to - this.#base;
    for (let position = this.#base; position < to; position++)
      this.#ring[position & mask] = undefined;
    this.#base += count;
    this.#cursor += count;
    this.#frontier += count;
    this.#mark += count - beforeMark;
    return count;
  }

  /** Drops what is larger than this and was never handed over. Returns it. */
  removeOver(maxBytes: number): Entry[] {
    const list: Entry[] = [];
    if (maxBytes === Infinity) return list;
    this.#takeOut((entry) => {
      const isOver = entry.bytes > maxBytes;
      if (isOver) list.unshift(entry);
      return isOver;
    }, this.#end);
    return list;
  }

  /** Drops what is too old to be sent. Returns when the next one will be; Infinity for never. */
  expire(nowMs: number): number {
    if (this.withTerms === 0) return Infinity;
    let nextMs = Infinity;
    this.counts.expired += this.#takeOut(({ terms }) => {
      const expiresAtMs = terms?.expiresAtMs ?? Infinity;
      if (expiresAtMs > nowMs) nextMs = Math.min(nextMs, expiresAtMs);
      return expiresAtMs <= nowMs;
    }, this.#end);
    return nextMs;
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
    if (this.#cursor === this.#end) return undefined;
    const entry = this.#at(this.#cursor);
    return entry.terms === undefined ? entry : this.#nextByTerms(entry);
  }

  /** One that is too old goes, with all others that are; one that is being encoded is waited for. */
  #nextByTerms(entry: Entry): Entry | undefined {
    const { expiresAtMs, pendingSinceMs } = entry.terms ?? {};
    if (expiresAtMs !== undefined) {
      const nowMs = this.#config.now?.() ?? 0;
      if (expiresAtMs <= nowMs) {
        this.expire(nowMs);
        return this.next();
      }
    }
    return pendingSinceMs === undefined ? entry : undefined;
  }

  /** The next message was handed over. */
  advance(): void {
    const entry = this.#at(this.#cursor);
    if (entry.terms !== undefined) this.#forget(entry);
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
    // Not one that was never handed over: a volatile message may have gone before it.
    while (this.#base < this.#frontier && this.#at(this.#base).id <= id)
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
    for (let at = this.#frontier; this.withTerms > 0 && at < this.#end; at++) {
      this.#forget(this.#at(at));
    }
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

  /** The messages that have numbers. */
  numbered(): Entry[] {
    const list: Entry[] = [];
    for (let position = this.#base; position < this.#frontier; position++) {
      list.push(this.#at(position));
    }
    return list;
  }

  /** Gives up the messages that have a number: nobody can tell whether they arrived. */
  dropNumbered(): Entry[] {
    const list: Entry[] = [];
    this.counts.closed += this.#frontier - this.#base;
    while (this.#base < this.#frontier) {
      const entry = this.#shift();
      entry.settle('dropped');
      list.push(entry);
    }
    return list;
  }

  /** Others see to the messages with numbers up to this one: as far as can be known here, they are sent. */
  handOn(seq: number): void {
    while (this.#base < this.#frontier && this.firstSeq <= seq) this.#shift().settle('sent');
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
    this.#countOverflow();
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
    this.counts.closed += this.size;
    while (this.#base < this.#end) this.#shift().settle('dropped');
  }

  #hasRoomFor(entry: Entry): boolean {
    const { capacity, maxBytes } = this.#config;
    return this.size < capacity && this.#bytes + entry.bytes <= maxBytes;
  }

  #makeRoomFor(entry: Entry): boolean {
    switch (this.#config.overflowPolicy) {
      case 'drop_oldest':
        while (this.size > 0 && !this.#hasRoomFor(entry)) this.dropOldest();
        return true;
      case 'drop_newest':
        // It had its turn: its id stays used, so that no two deliveries share one.
        this.#lastId = entry.id;
        entry.settle('dropped');
        this.#countOverflow();
        return false;
      case 'error':
        throw new JetSocketError('BUFFER_OVERFLOW', this.#fullMessage(entry), {
          hint: ROOM,
        });
    }
  }

  /** The newer message with that key stands where the older one stood, and is called as it was. */
  #replace(position: number, data: FrameData, terms: Terms | undefined): Entry {
    const older = this.#at(position);
    const entry = new Entry(older.id, data);
    entry.bytes = sizeOf(data);
    entry.terms = terms;
    const { maxBytes, overflowPolicy } = this.#config;
    const isOver = this.#bytes - older.bytes + entry.bytes > maxBytes;
    if (isOver && overflowPolicy === 'error') {
      throw new JetSocketError('BUFFER_OVERFLOW', this.#fullMessage(entry), { hint: ROOM });
    }
    if (isOver && overflowPolicy === 'drop_newest') {
      entry.settle('dropped');
      this.#countOverflow();
      return entry;
    }
    this.#forget(older);
    this.#bytes += entry.bytes - older.bytes;
    older.settle('dropped');
    this.counts.replaced++;
    this.#ring[position & (this.#ring.length - 1)] = entry;
    this.#remember(entry, position);
    this.#trim();
    return entry;
  }

  #trim(): void {
    while (this.#bytes > this.#config.maxBytes) this.dropOldest();
  }

  #countOverflow(): void {
    this.#dropped++;
    this.counts.overflow++;
  }

  #remember({ terms }: Entry, position: number): void {
    if (terms === undefined) return;
    if (terms.key !== undefined) {
      this.#keyed ??= new Map();
      this.#keyed.set(terms.key, position);
    }
    this.withTerms++;
  }

  /** It is handed over, or leaves: its terms mean nothing any more. */
  #forget(entry: Entry): void {
    const { terms } = entry;
    if (terms === undefined) return;
    if (terms.key !== undefined) this.#keyed?.delete(terms.key);
    this.withTerms--;
    entry.terms = undefined;
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
    if (entry.terms !== undefined) this.#remember(entry, this.#end);
    this.#end++;
    this.#bytes += entry.bytes;
  }

  #shift(): Entry {
    const entry = this.#at(this.#base);
    if (entry.terms !== undefined) this.#forget(entry);
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

const ROOM =
  'Send less while the connection is away, raise buffer.capacity or buffer.maxBytes, or let buffer.overflowPolicy drop';

const sizeOf = (data: FrameData): number =>
  typeof data === 'string' ? utf8Bytes(data) : data.byteLength;
