import type { FrameData } from '../ports.js';
import { type Control, parseControl } from './controls.js';
import type { Entry } from './delivery.js';
import { ackFrame, dataFrame, FrameReader, MAX_SEQ } from './frames.js';
import type { Outbox } from './outbox.js';

/**
 * How many bytes may come before they are acknowledged. An acknowledgement is a write, which costs as much as hundreds of
 * small messages; where so much takes longer than 200 ms, the timer is first.
 */
const ACK_BYTES = 1024 * 1024;

/** Said of a message that came: it is not done with yet, and somebody will say when it is. */
export const LATER = 'later';

/** What an exchange tells its owner. None of it may throw. */
export interface ExchangeOutlet {
  /** Send this at once: an acknowledgement. */
  tell(frame: FrameData): void;
  /** A message: the next one in order, or with number 0 one that has none. Say `handled()` of it when it is. */
  payload(data: FrameData, seq: number): void;
  /** These will never come. Say `handled(to)` in its turn. */
  gap(from: number, to: number): void;
  /** The other end has more of ours, or takes more: look at `next()` again. */
  resume(): void;
  /** The other end answered, or merely said what it has handled. */
  answered(): void;
  /** Call `acknowledge()` within 200 ms. */
  ackSoon(): void;
  /** The session's own frames, which are about more than one message. */
  control(control: Control): void;
  /** The other end breaks the protocol: nothing more can be believed on this socket. */
  broken(reason: string): void;
}

/**
 * What both ends of a session do alike: give numbers, keep until acknowledged, take in order, acknowledge.
 * It lives as long as the session, and is told of every socket by `begin`. Pure: no clock, no I/O.
 *
 * ```
 *   acked ≤ sent ≤ highest      what we send: known to be there, handed to this socket, numbered
 *   handled ≤ accepted          what comes: done with, taken in
 * ```
 */
export class Exchange {
  /** What was sent and is not acknowledged, and what waits. */
  readonly outbox: Outbox;
  /** The highest number taken in: what comes next is one more. */
  accepted = 0;
  /** Messages that came again and were dropped. */
  duplicates = 0;
  /** Only up to this number may be sent: a log has not got the rest yet. */
  limit: number = MAX_SEQ;
  readonly #outlet: ExchangeOutlet;
  readonly #window: number;
  readonly #maxSeq: number;
  readonly #reader = new FrameReader();
  #handled = 0;
  /** What the other end knows us to have handled. */
  #told = 0;
  #bytesSinceAck = 0;
  #acked = 0;
  #sent = 0;
  /** The highest number that any socket before this one was given: no acknowledgement may be beyond what was sent. */
  #sentBefore = 0;
  #credit = 0;
  /** What `next()` offered: a skip up to this number, or 0 for a message. */
  #offeredSkip = 0;
  #isEnding = false;

  /**
   * @param window How many messages the other end may send beyond our last acknowledgement.
   * @param maxSeq The last number that may be given.
   */
  constructor(outbox: Outbox, outlet: ExchangeOutlet, window: number, maxSeq: number = MAX_SEQ) {
    this.outbox = outbox;
    this.#outlet = outlet;
    this.#window = window;
    this.#maxSeq = maxSeq;
  }

  /** The highest number that the other end is known to have. */
  get acked(): number {
    return this.#acked;
  }

  /** The highest number that the application is done with. */
  get handled(): number {
    return this.#handled;
  }

  /** Every number is used up: a new session has to begin, once all is acknowledged. */
  get isExhausted(): boolean {
    return this.outbox.highest >= this.#maxSeq && this.#acked >= this.outbox.highest;
  }

  /** Where everything stands, for tests and bug reports. */
  get snapshot(): Readonly<Record<string, number>> {
    return {
      accepted: this.accepted,
      handled: this.#handled,
      told: this.#told,
      acked: this.#acked,
      sent: this.#sent,
      sentBefore: this.#sentBefore,
      credit: this.#credit,
      highest: this.outbox.highest,
      first: this.outbox.firstSeq,
      size: this.outbox.size,
      waiting: this.outbox.waiting,
    };
  }

  /**
   * Another socket: the other end has all up to `rx`, and takes `credit` messages beyond that.
   *
   * @param told What it knows us to have handled. Default: all of it.
   */
  begin(rx: number, credit: number, told: number = this.#handled): void {
    this.#acked = Math.max(this.#acked, rx);
    this.#sentBefore = Math.max(this.#sentBefore, this.#sent, rx);
    this.#sent = rx;
    this.#credit = credit;
    this.#told = Math.min(told, this.#handled);
    this.#bytesSinceAck = 0;
    this.#isEnding = false;
    this.outbox.acknowledgeSeq(rx);
    this.outbox.rewind();
  }

  /** Another session: numbers begin again. What the outbox keeps is numbered anew. */
  reset(): void {
    this.accepted = 0;
    this.#handled = 0;
    this.#told = 0;
    this.#acked = 0;
    this.#sent = 0;
    this.#sentBefore = 0;
    this.#credit = 0;
    this.#isEnding = false;
    this.outbox.renumber();
  }

  /** Goes on where another process stood, which had accepted and handled all up to `rx`. */
  restore(rx: number, acked: number): void {
    this.accepted = rx;
    this.#handled = rx;
    this.#acked = acked;
    // How much of it that process sent, nobody knows.
    this.#sentBefore = this.outbox.highest;
  }

  /** From now on messages are not taken any more, only acknowledgements. */
  end(): void {
    this.#isEnding = true;
  }

  // What goes out.

  /** The next frame to send, or undefined while there is none. Call `advance()` when the socket took it. */
  next(): FrameData | undefined {
    const seq = this.outbox.nextSeq;
    // What stood between was dropped by a bound. To step over it in silence would break the order of numbers.
    if (seq > this.#sent + 1) {
      // What was sent is about to be acknowledged. Until then more may be dropped: it is one hole, not one each.
      if (seq > this.#acked + this.#credit && this.#acked < this.#sent) return undefined;
      this.#offeredSkip = seq - 1;
      return `{"skip":${seq - 1}}`;
    }
    const entry: Entry | undefined = this.outbox.next();
    if (entry === undefined || seq > this.limit || seq > this.#maxSeq) return undefined;
    if (seq > this.#acked + this.#credit) return undefined;
    this.#offeredSkip = 0;
    return dataFrame(seq, this.#handled > this.#told ? this.#handled : 0, entry.data);
  }

  /** The socket took the frame that `next()` gave. */
  advance(): void {
    if (this.#offeredSkip > 0) {
      this.#sent = this.#offeredSkip;
      return;
    }
    this.#sent++;
    this.#noteTold();
    this.outbox.advance();
  }

  /** Says what was handled, if the other end does not know yet. */
  acknowledge(): void {
    if (this.#handled > this.#told) this.#tellAck();
  }

  /** Says what was handled, whether the other end knows or not: an answer that could not be given before. */
  restate(): void {
    this.#tellAck();
  }

  /** All up to this number is done with. */
  handle(seq: number): void {
    if (seq <= this.#handled) return;
    this.#handled = seq;
    const isDue =
      seq - this.#told >= Math.max(1, this.#window >> 2) || this.#bytesSinceAck >= ACK_BYTES;
    if (isDue) this.#tellAck();
    else this.#outlet.ackSoon();
  }

  // What comes in.

  /** Takes in one frame. */
  receive(data: FrameData): void {
    const reader = this.#reader;
    switch (reader.read(data)) {
      case 'data':
        this.#take();
        break;
      case 'ack':
        if (this.#acknowledged(reader.ack)) this.#outlet.answered();
        break;
      case 'probe':
        this.#tellAck();
        break;
      case 'control':
        this.#control(data);
        break;
      case 'broken':
        this.#outlet.broken('a frame that is none of the protocol');
    }
    reader.release();
  }

  #take(): void {
    const reader = this.#reader;
    const { seq, ack } = reader;
    if (ack > 0 && !this.#acknowledged(ack)) return;
    if (this.#isEnding) return;
    if (seq === 0) {
      this.#outlet.payload(reader.payload, 0);
      return;
    }
    if (seq <= this.accepted) {
      this.duplicates++;
      return;
    }
    if (seq !== this.accepted + 1) {
      this.#outlet.broken(`message ${seq} came where ${this.accepted + 1} was due`);
      return;
    }
    if (seq > this.#handled + this.#window) {
      this.#outlet.broken(`message ${seq} came beyond the window`);
      return;
    }
    // Before the handler: what it does must find the message taken.
    this.accepted = seq;
    this.#bytesSinceAck += reader.payloadLength;
    this.#outlet.payload(reader.payload, seq);
  }

  /** @returns False when it cannot be. */
  #acknowledged(ack: number): boolean {
    if (ack <= this.#acked) return true;
    if (!this.#takeAck(ack)) return false;
    this.#outlet.resume();
    return true;
  }

  /** Of more than was acknowledged before. @returns False when it cannot be. */
  #takeAck(ack: number): boolean {
    if (ack > this.#sent && ack > this.#sentBefore) {
      const sent = Math.max(this.#sent, this.#sentBefore);
      this.#outlet.broken(`${ack} was acknowledged, and only ${sent} were sent`);
      return false;
    }
    this.#acked = ack;
    // It may have been handled only now, having come on an earlier socket.
    if (ack > this.#sent) this.#sent = ack;
    this.outbox.acknowledgeSeq(ack);
    return true;
  }

  #control(data: FrameData): void {
    const control = typeof data === 'string' ? parseControl(data) : undefined;
    if (control === undefined) return this.#outlet.broken('a control frame that is none');
    switch (control.type) {
      case 'skip':
        return this.#skip(control.to);
      case 'win':
        this.#credit = control.win;
        return this.#outlet.resume();
      case 'bye':
        // It may make room, but nothing more is to be sent in this session.
        if (control.rx <= this.#acked || this.#takeAck(control.rx)) this.#outlet.control(control);
        return;
      default:
        return this.#outlet.control(control);
    }
  }

  #skip(to: number): void {
    if (to <= this.accepted || this.#isEnding) return;
    const from = this.accepted + 1;
    this.accepted = to;
    this.#outlet.gap(from, to);
  }

  #tellAck(): void {
    this.#noteTold();
    this.#outlet.tell(ackFrame(this.#handled));
  }

  #noteTold(): void {
    this.#told = this.#handled;
    this.#bytesSinceAck = 0;
  }
}
