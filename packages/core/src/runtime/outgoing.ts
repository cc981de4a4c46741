import { Entry, type Terms } from '../delivery/delivery.js';
import type { Outbox, OutboxCounts } from '../delivery/outbox.js';
import type { Continuity, OverflowPolicy, ReplayMode, Unstamped } from '../events.js';
import type { Clock, FrameData, Link } from '../ports.js';
import { Replay } from './replay.js';
import { Timers } from './timers.js';

/** What the outgoing road must know of the options. */
export interface OutgoingConfig {
  readonly mode: ReplayMode;
  readonly capacity: number;
  readonly maxBytes: number;
  readonly overflowPolicy: OverflowPolicy;
  /** Messages are kept until they are acknowledged. */
  readonly awaitsAck: boolean;
  readonly clock: Clock;
  /** How long a message may take to be encoded, once all before it are sent. */
  readonly codecTimeoutMs: number;
}

/** Where the frames come from, in order: the outbox, or a session that frames what is in it. */
export interface FrameSource {
  /** The next frame, or undefined while there is none. */
  next(): FrameData | undefined;
  /** The socket took it. */
  advance(): void;
  /**
   * A frame of its own for a message that has no place in the order, or undefined while none can be sent. Default:
   * the message itself.
   */
  unordered?(data: FrameData): FrameData | undefined;
}

/** What there is to replay besides what is queued. */
export interface ReplayPlan {
  readonly lastSequenceId: number | string | null;
  /** Messages come again too. */
  readonly awaitsIncoming: boolean;
}

/** The events of this road. */
export type OutgoingEvent = Unstamped<'buffer_overflow' | 'replay_started' | 'replay_completed'>;

/** How soon a socket that was full is looked at again: nothing tells when it has sent something. */
const DRAIN_MS = 20;

/** More than this need not wait inside a socket to keep the network busy. */
const HIGH_BYTES = 1024 * 1024;
/** Messages that expire within so long of each other are dropped together. */
const EXPIRY_MS = 10;

/**
 * The road out: outbox, then link. Sending is *add, then flush*, so nothing overtakes; a replay is the
 * same flush over what was queued before the connection opened.
 */
export class Outgoing {
  readonly #outbox: Outbox;
  readonly #source: FrameSource;
  readonly #config: OutgoingConfig;
  readonly #emit: (event: OutgoingEvent) => void;
  readonly #timers: Timers<'drain' | 'overflow' | 'expiry' | 'encode'>;
  readonly #onEncodeTimeout: (entry: Entry) => void;
  /** Where messages go; undefined while they have to wait. */
  #link: Link | undefined;
  #replay: Replay | undefined;
  #dropped = 0;
  /** When the timer `expiry` is due. */
  #expiresAtMs = Infinity;
  /** Messages handed to a socket, each time anew. */
  sent = 0;
  /** Their payload: bytes, and of text its UTF-16 units. */
  sentLength = 0;
  /** Volatile messages that met no connection. */
  missed = 0;

  constructor(
    outbox: Outbox,
    config: OutgoingConfig,
    emit: (event: OutgoingEvent) => void,
    source: FrameSource = { next: () => outbox.next()?.data, advance: () => outbox.advance() },
    onEncodeTimeout: (entry: Entry) => void = () => undefined,
  ) {
    this.#onEncodeTimeout = onEncodeTimeout;
    this.#outbox = outbox;
    this.#source = source;
    this.#config = config;
    this.#emit = emit;
    this.#timers = new Timers(config.clock, (name) => {
      if (name === 'overflow') this.reportDropped();
      else if (name === 'expiry') this.#expire();
      else this.flush();
    });
  }

  /**
   * Sends a message, at once if nothing is in the way.
   *
   * @throws {JetSocketError} `BUFFER_OVERFLOW`, by the policy `error`.
   */
  send(data: FrameData, terms?: Terms): Entry {
    if (this.#handsOver(data)) return this.#outbox.pass();
    const entry = this.#outbox.add(data, terms);
    this.#countDropped();
    if (terms?.expiresAtMs !== undefined) this.#expireAt(terms.expiresAtMs);
    this.flush();
    return entry;
  }

  /**
   * Sends a message that has no place in the order, and is for this connection or for none: at once, or it is
   * dropped.
   *
   * @param link Where to, though what is queued has to wait. Default: where everything goes.
   */
  sendNow(data: FrameData, link: Link | undefined = this.#link): Entry {
    if (link === undefined || this.#isFull(link)) return this.miss();
    const source = this.#source;
    const frame = source.unordered === undefined ? data : source.unordered(data);
    if (frame === undefined || !link.send(frame)) return this.miss();
    this.sent++;
    this.sentLength += data.length;
    return this.#outbox.pass();
  }

  /** Such a message met no connection. */
  miss(): Entry {
    this.missed++;
    const entry = new Entry(0, '');
    entry.settle('dropped');
    return entry;
  }

  /** Keeps a place for a message that is still being encoded: `fill` or `remove` follows. */
  reserve(terms: Terms): Entry {
    const entry = this.#outbox.add('', terms);
    this.#countDropped();
    if (terms.expiresAtMs !== undefined) this.#expireAt(terms.expiresAtMs);
    this.flush();
    return entry;
  }

  /** A message that had its place is encoded. */
  fill(entry: Entry, data: FrameData): void {
    this.#outbox.fill(entry, data);
    this.#countDropped();
    this.flush();
  }

  /** A message cannot be encoded: its place is free, and no number is left out. */
  remove(entry: Entry): void {
    this.#outbox.remove(entry);
    this.flush();
  }

  /** Gives up what waits and is larger than the other end takes. */
  removeOver(maxBytes: number): readonly Entry[] {
    return this.#outbox.removeOver(maxBytes);
  }

  /** What waits, and for what nothing was sent. */
  get snapshot(): { readonly size: number; readonly bytes: number } & OutboxCounts {
    const { size, bytes, counts } = this.#outbox;
    return { size, bytes, ...counts };
  }

  /** The short way, when there is nothing to overtake, to keep, or to wait for. */
  #handsOver(data: FrameData): boolean {
    const link = this.#link;
    if (link === undefined || this.#config.awaitsAck || this.#outbox.waiting > 0) return false;
    if (this.#isFull(link) || !link.send(data)) return false;
    this.sent++;
    this.sentLength += data.length;
    return true;
  }

  /** Whether who can wait with the next message had better send it now. */
  get hasRoom(): boolean {
    const { capacity, maxBytes } = this.#config;
    const { size, bytes } = this.#outbox;
    if (size > 0 && (size >= capacity / 2 || bytes >= maxBytes / 2)) return false;
    return this.#link === undefined || this.#link.bufferedBytes < Math.min(maxBytes, HIGH_BYTES);
  }

  /** Bytes that were sent and still wait, here and in the socket below; with acknowledgements, that have none. */
  get bufferedBytes(): number {
    return this.#outbox.bytes + (this.#link?.bufferedBytes ?? 0);
  }

  /** Notes what is queued now: that much is the replay, whatever is sent from now on. */
  mark(): void {
    this.#outbox.mark();
  }

  /** Says that a replay begins. `open` carries it out. */
  beginReplay({ lastSequenceId, awaitsIncoming }: ReplayPlan): void {
    const { mode, clock } = this.#config;
    this.#replay = new Replay(mode, awaitsIncoming, clock, this.#emit);
    // A handler may send more, or overflow the outbox: the count is of what is still there.
    this.#replay.start(this.#outbox.markedWaiting, lastSequenceId);
  }

  /** Begins to send what is queued. */
  open(link: Link): void {
    this.#link = link;
    this.#expireAt(this.#outbox.expire(this.#config.clock.now()));
    this.flush();
  }

  /** The life is over: no timer outlasts it. What is queued stays. */
  rest(): void {
    this.#timers.clear('expiry');
    this.#expiresAtMs = Infinity;
  }

  /** The replay's other half is done: so many messages came again. */
  receivedReplay(count: number, continuity: Continuity): void {
    const replay = this.#replay;
    if (replay === undefined) return;
    // What a handler of `replay_completed` sends comes behind: the replay is over when it is called.
    if (replay.isSent) this.#replay = undefined;
    replay.received(count, continuity);
  }

  /** Stops sending. What has to be sent again is queued again; mode `none` keeps nothing. */
  shut(): void {
    this.#link = undefined;
    this.#replay = undefined;
    this.#timers.clear('drain');
    this.#timers.clear('encode');
    if (this.#config.mode === 'none') this.#outbox.clear();
    else this.#outbox.rewind();
  }

  /** Gives up what is queued. */
  drop(): void {
    this.#outbox.clear();
  }

  /** The server has all up to this delivery. Returns false when that can't be. */
  acknowledge(id: number): boolean {
    const known = this.#outbox.acknowledge(id);
    if (this.#replay !== undefined) this.flush();
    return known;
  }

  /** Tells at once what was dropped since the last time; otherwise it is told once a turn. */
  reportDropped(): void {
    if (this.#dropped === 0) return;
    const { overflowPolicy: policy, capacity } = this.#config;
    const event = {
      dropped_count: this.#dropped,
      policy,
      capacity,
      direction: 'outgoing',
    } as const;
    this.#dropped = 0;
    this.#timers.clear('overflow');
    this.#emit({ type: 'buffer_overflow', ...event });
  }

  /** Sends what is queued, as far as the socket and the other end take it. */
  flush(): void {
    const link = this.#link;
    if (link === undefined) return;
    for (;;) {
      const replay = this.#replay;
      if (replay !== undefined && this.#outbox.markedWaiting === 0) this.#sentReplay(replay);
      // A handler of `replay_completed` may have ended the connection.
      if (this.#link !== link) return;
      // Looked up only now: a handler of `replay_completed` may have sent, and flushed, meanwhile.
      const frame = this.#source.next();
      if (frame === undefined) {
        if (this.#outbox.withTerms === 0 || !this.#isStuck()) return;
        continue;
      }
      if (this.#isFull(link)) {
        if (!this.#timers.has('drain')) this.#timers.set('drain', DRAIN_MS);
        return;
      }
      // The socket is closing: its end is on the way, and the message waits for the next one.
      if (!link.send(frame)) return;
      const before = this.#outbox.cursor;
      this.#source.advance();
      if (this.#outbox.cursor === before) continue;
      this.sent++;
      this.sentLength += frame.length;
      this.#replay?.countSent();
    }
  }

  #sentReplay(replay: Replay): void {
    if (replay.isSent) return;
    if (!replay.awaitsIncoming) this.#replay = undefined;
    replay.sentAll();
  }

  #isFull(link: Link): boolean {
    return link.bufferedBytes >= this.#config.maxBytes;
  }

  /**
   * Whether the next message took too long to be encoded: it is given up, and there may be another one.
   * While it may still take, a timer looks again.
   */
  #isStuck(): boolean {
    const sinceMs = this.#outbox.blockedSinceMs;
    if (sinceMs === undefined) return false;
    const entry = this.#outbox.blocked;
    if (entry === undefined) return false;
    const { clock, codecTimeoutMs } = this.#config;
    const leftMs = sinceMs + codecTimeoutMs - clock.now();
    if (leftMs > 0) {
      if (!this.#timers.has('encode')) this.#timers.set('encode', leftMs);
      return false;
    }
    this.#outbox.remove(entry);
    this.#onEncodeTimeout(entry);
    return true;
  }

  #expireAt(atMs: number): void {
    if (atMs >= this.#expiresAtMs) return;
    this.#expiresAtMs = atMs;
    const leftMs = atMs - this.#config.clock.now();
    this.#timers.set('expiry', Math.max(EXPIRY_MS, leftMs));
    // To forget a message is no reason to keep a process that has none else.
    this.#timers.unref('expiry');
  }

  #expire(): void {
    this.#expiresAtMs = Infinity;
    this.#expireAt(this.#outbox.expire(this.#config.clock.now()));
    this.flush();
  }

  #countDropped(): void {
    const count = this.#outbox.takeDropped();
    if (count === 0) return;
    this.#dropped += count;
    if (!this.#timers.has('overflow')) this.#timers.set('overflow', 0);
  }
}
