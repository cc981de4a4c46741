import type { Entry } from '../delivery/delivery.js';
import type { Outbox } from '../delivery/outbox.js';
import type { OverflowPolicy, ReplayMode, Unstamped } from '../events.js';
import type { Clock, FrameData, Link } from '../ports.js';
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
}

/** The events of this road. */
export type OutgoingEvent = Unstamped<'buffer_overflow' | 'replay_started' | 'replay_completed'>;

/** How soon a socket that was full is looked at again: nothing tells when it has sent something. */
const DRAIN_MS = 20;

/**
 * The road out: outbox, then link. Sending is *add, then flush*, so nothing overtakes; a replay is the
 * same flush over what was queued before the connection opened.
 */
export class Outgoing {
  readonly #outbox: Outbox;
  readonly #config: OutgoingConfig;
  readonly #emit: (event: OutgoingEvent) => void;
  readonly #timers: Timers<'drain' | 'overflow'>;
  /** Where messages go; undefined while they have to wait. */
  #link: Link | undefined;
  /** Everything before this position was queued before the connection opened. */
  #mark = 0;
  #replay: { readonly startedAtMs: number; count: number } | undefined;
  #dropped = 0;

  constructor(outbox: Outbox, config: OutgoingConfig, emit: (event: OutgoingEvent) => void) {
    this.#outbox = outbox;
    this.#config = config;
    this.#emit = emit;
    this.#timers = new Timers(config.clock, (name) => {
      if (name === 'drain') this.#flush();
      else this.reportDropped();
    });
  }

  /**
   * Sends a message, at once if nothing is in the way.
   *
   * @throws {JetSocketError} `BUFFER_OVERFLOW`, by the policy `error`.
   */
  send(data: FrameData): Entry {
    if (this.#handsOver(data)) return this.#outbox.pass();
    const entry = this.#outbox.add(data);
    this.#countDropped();
    this.#flush();
    return entry;
  }

  /** The short way, when there is nothing to overtake, to keep, or to wait for. */
  #handsOver(data: FrameData): boolean {
    const link = this.#link;
    if (link === undefined || this.#config.awaitsAck || this.#outbox.waiting > 0) return false;
    return !this.#isFull(link) && link.send(data);
  }

  /** Notes what is queued now: that much is the replay, whatever is sent from now on. */
  mark(): void {
    this.#mark = this.#outbox.end;
  }

  /** Begins to send what is queued, first the noted part, as a replay if `replay`. */
  open(link: Link, replay: boolean): void {
    if (replay) {
      // A handler may send more, or overflow the outbox: the count is of what is still there.
      const count = Math.max(0, this.#mark - this.#outbox.cursor);
      this.#replay = { startedAtMs: this.#config.clock.now(), count: 0 };
      this.#emit({
        type: 'replay_started',
        mode: this.#config.mode,
        message_count: count,
        last_sequence_id: null,
      });
    }
    this.#link = link;
    this.#flush();
  }

  /** Stops sending. What has to be sent again is queued again; mode `none` keeps nothing. */
  shut(): void {
    this.#link = undefined;
    this.#replay = undefined;
    this.#timers.clear('drain');
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
    if (this.#replay !== undefined) this.#flush();
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

  #flush(): void {
    const link = this.#link;
    if (link === undefined) return;
    for (;;) {
      if (this.#replay !== undefined && this.#outbox.cursor >= this.#mark) this.#completeReplay();
      // A handler of `replay_completed` may have ended the connection.
      if (this.#link !== link) return;
      // Looked up only now: a handler of `replay_completed` may have sent, and flushed, meanwhile.
      const entry = this.#outbox.next();
      if (entry === undefined) return;
      if (this.#isFull(link)) {
        if (!this.#timers.has('drain')) this.#timers.set('drain', DRAIN_MS);
        return;
      }
      // The socket is closing: its end is on the way, and the message waits for the next one.
      if (!link.send(entry.data)) return;
      this.#outbox.advance();
      if (this.#replay !== undefined) this.#replay.count++;
    }
  }

  #completeReplay(): void {
    const { startedAtMs = 0, count = 0 } = this.#replay ?? {};
    this.#replay = undefined;
    this.#emit({
      type: 'replay_completed',
      replayed_count: count,
      duration_ms: this.#config.clock.now() - startedAtMs,
      mode: this.#config.mode,
    });
  }

  #isFull(link: Link): boolean {
    return link.bufferedBytes >= this.#config.maxBytes;
  }

  #countDropped(): void {
    const count = this.#outbox.takeDropped();
    if (count === 0) return;
    this.#dropped += count;
    if (!this.#timers.has('overflow')) this.#timers.set('overflow', 0);
  }
}
