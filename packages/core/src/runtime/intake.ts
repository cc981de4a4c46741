import { JetSocketError } from '../errors.js';
import type { OverflowPolicy, Unstamped } from '../events.js';
import type { Clock, Link } from '../ports.js';
import type { FrameSizes } from './frame-sizes.js';
import { Reader, type ReaderOwner, type Unread } from './reader.js';
import { Timers } from './timers.js';

/** The bounds of what waits to be read, for each reader by itself. */
export interface IntakeConfig {
  readonly capacity: number;
  readonly maxBytes: number;
  readonly overflowPolicy: OverflowPolicy;
  /** Messages have numbers of a session: what is not read is not acknowledged, and the window is the bound. */
  readonly isSession: boolean;
  readonly sizes: FrameSizes;
  readonly clock: Clock;
}

/** What the intake asks of the runtime. */
export interface IntakeHost {
  /** The connection, while there is one. */
  readonly link: Link | undefined;
  emit(event: Unstamped<'buffer_overflow'>): void;
  /** Of a session: messages were read that were not before. */
  onRead(): void;
  /** Nobody reads any more. */
  onUnread(): void;
}

/**
 * Everything that is read at the consumer's own pace: iterators and streams. There is none while nobody reads.
 *
 * What is too much for a reader is, in this order: not acknowledged, in a session; not read from the network,
 * for a stream on a link that can wait; else dropped, and told.
 */
export class Intake<In> implements ReaderOwner<In> {
  readonly #config: IntakeConfig;
  readonly #host: IntakeHost;
  readonly #readers = new Set<Reader<In>>();
  readonly #timers: Timers<'overflow'>;
  #dropped = 0;
  /** The link that was told to wait. */
  #paused: Link | undefined;
  #wasPaused = false;
  #isOver = false;

  constructor(config: IntakeConfig, host: IntakeHost) {
    this.#config = config;
    this.#host = host;
    this.#timers = new Timers(config.clock, () => {
      this.reportDropped();
    });
  }

  /** The first number of the session that somebody has still to read; Infinity when there is none. */
  get firstSeq(): number {
    let first = Infinity;
    for (const reader of this.#readers) first = Math.min(first, reader.firstSeq);
    return first;
  }

  /** Another consumer. From now on it gets every message. */
  attach(hasPatience: boolean): Reader<In> {
    const reader = new Reader<In>(hasPatience, this);
    this.#readers.add(reader);
    return reader;
  }

  /** A message came, with its number in the session, or 0. */
  push(message: In, seq: number): void {
    const unread = { message, bytes: this.#config.sizes.take(), seq };
    for (const reader of this.#readers) this.#offer(reader, unread);
    if (this.#paused === undefined) this.#pauseIfFull();
  }

  /** There is another link, which nobody has told to wait yet. */
  connected(): void {
    this.#paused = undefined;
    this.#pauseIfFull();
  }

  /** Whether nothing could be heard of the server, because nothing was read of it, since this was asked last. */
  excusesSilence(): boolean {
    const was = this.#wasPaused || this.#paused !== undefined;
    this.#wasPaused = false;
    return was;
  }

  /** Another session: what is unread has no number in it. */
  forgetNumbers(): void {
    for (const reader of this.#readers) reader.forgetNumbers();
  }

  taken(): void {
    if (this.#isOver) return;
    if (this.#paused !== undefined && this.#hasDrained()) this.#resume();
    if (this.#config.isSession) this.#host.onRead();
  }

  left(reader: Reader<In>): void {
    this.#readers.delete(reader);
    this.taken();
    if (this.#readers.size > 0 || this.#isOver) return;
    this.reportDropped();
    this.#host.onUnread();
  }

  /** The socket is at its end, or has failed: readers are told when they have read the rest. */
  end(failure: JetSocketError | undefined): void {
    this.#isOver = true;
    this.#timers.clearAll();
    for (const reader of this.#readers) reader.end(failure);
    this.#readers.clear();
  }

  /** Tells at once what was dropped since the last time; otherwise it is told once a turn. */
  reportDropped(): void {
    if (this.#dropped === 0) return;
    const { overflowPolicy: policy, capacity } = this.#config;
    const event = {
      dropped_count: this.#dropped,
      policy,
      capacity,
      direction: 'incoming',
    } as const;
    this.#dropped = 0;
    this.#timers.clear('overflow');
    this.#host.emit({ type: 'buffer_overflow', ...event });
  }

  #offer(reader: Reader<In>, unread: Unread<In>): void {
    const isBoundElsewhere = unread.seq > 0 || (reader.hasPatience && this.#canPause());
    if (isBoundElsewhere || this.#hasRoom(reader, unread.bytes)) return reader.add(unread);
    const { overflowPolicy, isSession } = this.#config;
    if (overflowPolicy === 'error') {
      reader.end(overflow(reader.size));
      return this.left(reader);
    }
    // What has a number in a session is promised: what has none makes room for it, not the other way round.
    if (overflowPolicy === 'drop_newest' || isSession) return this.#countDropped();
    while (!this.#hasRoom(reader, unread.bytes)) {
      reader.dropOldest();
      this.#countDropped();
    }
    reader.add(unread);
  }

  /** One message is always taken, however large: `maxMessageBytes` is its bound. */
  #hasRoom({ size, bytes }: Reader<In>, more: number): boolean {
    const { capacity, maxBytes } = this.#config;
    return size === 0 || (size < capacity && bytes + more <= maxBytes);
  }

  #countDropped(): void {
    this.#dropped++;
    if (!this.#timers.has('overflow')) this.#timers.set('overflow', 0);
  }

  // The link waits for the slowest stream.

  #canPause(): boolean {
    const { link } = this.#host;
    if (link === undefined) return this.#paused !== undefined;
    // In a session acknowledgements have to come through.
    return link.pause !== undefined && link.resume !== undefined && !this.#config.isSession;
  }

  #pauseIfFull(): void {
    const { capacity, maxBytes } = this.#config;
    const { link } = this.#host;
    if (link === undefined || !this.#canPause()) return;
    for (const { hasPatience, size, bytes } of this.#readers) {
      if (!hasPatience || (size < capacity && bytes < maxBytes)) continue;
      this.#paused = link;
      link.pause?.();
      return;
    }
  }

  /** Half full and no more: else the link would be told to stop and go for every message. */
  #hasDrained(): boolean {
    const { capacity, maxBytes } = this.#config;
    for (const { hasPatience, size, bytes } of this.#readers) {
      if (hasPatience && (size > capacity / 2 || bytes > maxBytes / 2)) return false;
    }
    return true;
  }

  #resume(): void {
    this.#wasPaused = true;
    const link = this.#paused;
    this.#paused = undefined;
    if (link === this.#host.link) link?.resume?.();
  }
}

const overflow = (size: number): JetSocketError =>
  new JetSocketError(
    'BUFFER_OVERFLOW',
    `Cannot read on: ${size} messages waited to be read, and more came`,
    {
      hint: 'Read faster, raise buffer.capacity or buffer.maxBytes, or let buffer.overflowPolicy drop',
    },
  );
