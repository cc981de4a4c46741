import type { FrameData } from '../ports.js';
import {
  type Control,
  formatControl,
  type Gone,
  type GoneReason,
  parseControl,
  type Welcome,
} from './controls.js';
import type { Delivery } from './delivery.js';
import { Exchange, type ExchangeOutlet, LATER } from './exchange.js';
import { dataFrame, MAX_SEQ, PROBE } from './frames.js';
import type { Outbox } from './outbox.js';

/** What became of a session that cannot go on. */
export interface SessionLoss {
  /** What the server says of it. */
  readonly why: GoneReason;
  /** Sent, not acknowledged, and nobody can tell whether they arrived: they are not sent again. */
  readonly unknown: readonly Delivery[];
  /** Those of which nobody can tell it either, and which are sent again: some may arrive twice. */
  readonly doubtful: readonly Delivery[];
  /** How many go on into the next session. */
  readonly resent: number;
  /** The first incoming number that may be missing; null when none is. */
  readonly missingFrom: number | null;
}

/** What a session tells its owner. None of it may throw. */
export interface ClientSessionOutlet {
  /** Send this at once. */
  tell(frame: FrameData): void;
  /** Send this on the other socket, to which the session is about to move. */
  tellNext(frame: FrameData): void;
  /** The server has taken the hello on it: it is the session's from now on, and the one before is not. */
  moved(): void;
  /** The server did not, and the session goes on where it is. */
  moveRefused(saying: string): void;
  /** The server is about to stop: another socket is to take over within so many seconds. */
  leaving(within: number): void;
  /** The server closed this socket for the sake of the other one. */
  fencedByMove(): void;
  /** @returns `LATER` when the message is not done with yet: `handled(seq)` follows. Else it is. */
  payload(data: FrameData, seq: number, isReplayed: boolean): unknown;
  /** @returns As `payload`, of `to`. */
  gap(from: number, to: number): unknown;
  /** There is more to send. */
  resume(): void;
  /** The other end answered a probe, or merely said what it has. */
  answered(): void;
  /** Call `exchange.acknowledge()` within 200 ms. */
  ackSoon(): void;
  /** The server took the hello: messages may flow. */
  welcomed(): void;
  /** All that the server had to send again has come: so many messages. */
  caughtUp(count: number): void;
  /** The session cannot go on. What waits is sent in a new one. */
  lost(loss: SessionLoss): void;
  /** Another client goes on with this session. The socket is of no use any more. */
  fenced(): void;
  /** What the server speaks is not this protocol. Nothing was sent to it but a hello. */
  unsupported(saying: string): void;
  /** The server breaks the protocol; `isFinal` when it did so before at the same place. */
  broken(reason: string, isFinal: boolean): void;
  /** Our `bye` was answered. */
  ended(): void;
  /** The server says that the session ends. */
  endedByServer(reason: string): void;
}

/** How a session behaves. */
export interface ClientSessionConfig {
  /** How many messages the server may send beyond the last one acknowledged. */
  readonly window: number;
  /** The largest message that is taken, in bytes. Default: it does not say. */
  readonly maxBytes?: number | undefined;
  /** What is done with messages of which nobody can tell whether they arrived. */
  readonly unknownPolicy: 'drop' | 'resend';
  /** A new name for a session: 128 random bits. */
  readonly newId: () => string;
  /** The last number that may be given. */
  readonly maxSeq?: number | undefined;
}

/** Who reads messages at a pace of their own. */
export interface Unread {
  /** The first number that is still to be read; Infinity when there is none. */
  readonly firstSeq: number;
  /** The session is another one: the numbers of what is unread mean nothing any more. */
  forgetNumbers(): void;
}

/** So many times in a row the server closed instead of answering: try without the past. */
const MAX_UNANSWERED = 3;

/** So many sessions may be refused on one socket, before it is given up. */
const MAX_REFUSED = 3;

/** More messages than can be sent over one socket while a hello is on its way over another one. */
const MOVE_AHEAD = 1_000_000;

/**
 * The client's end of `jetsocket.v1`. It lives from `connect()` to `closed`, over all sockets, and is told of
 * each by `greet` and `detach`. Pure: no clock, no I/O.
 *
 * ```
 *   detached -- greet --> greeting -- welcome --> live -- bye --> ending
 * ```
 *
 * `retiring` is a session whose numbers are used up: it ends by `bye`, and another one begins on the same socket.
 */
export class ClientSession implements ExchangeOutlet {
  /** Numbers and acknowledgements, both ways. */
  readonly exchange: Exchange;
  readonly #config: ClientSessionConfig;
  readonly #outlet: ClientSessionOutlet;
  #place: 'detached' | 'greeting' | 'live' | 'retiring' | 'ending' = 'detached';
  #sid: string;
  /** The session before this one: the server handles what it took in that one first. */
  #former: string | undefined;
  /** Another name, tried while it is not certain that this session cannot go on. */
  #trial: string | undefined;
  #isKnown = false;
  #wasWelcomed = false;
  #n = 0;
  /** What the newest hello said we have. */
  #saidRx = 0;
  /** `moving`: a hello is out on another socket. `moved`: one was, and nobody knows what the server did with it. */
  #move: 'none' | 'moving' | 'moved' = 'none';
  #token: string | undefined;
  #maxBytes = Infinity;
  #unanswered = 0;
  #refused = 0;
  /** Where the server last broke the protocol. */
  #brokenAt = -1;
  /** Up to this number messages are sent again after a reconnect. */
  #replayTo = 0;
  #replayed = 0;
  /** Up to this number handlers are done. Readers need not be. */
  #reached = 0;
  #unread: Unread | undefined;

  /** Outlives its sockets: what waits is in the outbox, and what happens is told to the outlet. */
  constructor(outbox: Outbox, config: ClientSessionConfig, outlet: ClientSessionOutlet) {
    this.#config = config;
    this.#outlet = outlet;
    this.#sid = config.newId();
    this.exchange = new Exchange(outbox, this, config.window, config.maxSeq);
  }

  /** Names the session. */
  get sid(): string {
    return this.#sid;
  }

  /** A hello is out, and not answered. */
  get isGreeting(): boolean {
    return this.#place === 'greeting';
  }

  /** Whether both ends have agreed on this socket. */
  get isLive(): boolean {
    return this.#place === 'live';
  }

  /** Whether a server ever answered as it should. */
  get wasWelcomed(): boolean {
    return this.#wasWelcomed;
  }

  /** The largest message that the server takes, as far as it has said. */
  get maxBytes(): number {
    return this.#maxBytes;
  }

  /** Where everything stands, for tests and bug reports. Without names: they are secrets. */
  get snapshot(): Readonly<Record<string, number | string | boolean>> {
    return {
      ...this.exchange.snapshot,
      place: this.#place,
      isKnown: this.#isKnown,
      n: this.#n,
      unanswered: this.#unanswered,
      refused: this.#refused,
      brokenAt: this.#brokenAt,
      replayTo: this.#replayTo,
      isTrying: this.#trial !== undefined,
    };
  }

  /** A socket is open: the first frame on it is ours. */
  greet(): void {
    this.#refused = 0;
    if (this.#unanswered >= MAX_UNANSWERED && this.#isKnown) this.#trial ??= this.#config.newId();
    this.#sayHello();
  }

  /** The socket is gone. `couldAnswer`: the server closed it instead of answering. */
  detach(couldAnswer: boolean): void {
    if (this.#place === 'greeting') {
      if (this.#trial !== undefined) this.#unanswered = 0;
      else if (couldAnswer) this.#unanswered++;
      this.#trial = undefined;
    }
    this.#place = 'detached';
  }

  /** From now on what is not read does not count as handled: the window is what may be unread. */
  readBy(unread: Unread | undefined): void {
    this.#unread = unread;
    this.read();
  }

  /** Something was read. It is acknowledged on a live socket alone: a hello says what was handled before it. */
  read(): void {
    if (this.#place !== 'live' && this.#place !== 'retiring') return;
    this.exchange.handle(Math.min(this.#reached, this.#firstUnread() - 1));
  }

  /** Another socket is open beside this one: says hello on it. Until it is answered all goes on over this one. */
  move(): void {
    this.#move = 'moving';
    this.#outlet.tellNext(this.#formatHello(MOVE_AHEAD));
  }

  /** It came to nothing. */
  stay(): void {
    if (this.#move === 'moving') this.#move = 'moved';
  }

  /** This socket is gone, and a hello is out on the other one. */
  promote(): void {
    if (this.#move !== 'moving') return;
    this.#move = 'none';
    this.#place = 'greeting';
    this.#refused = 0;
  }

  /** Takes what comes on the other socket: the answer to the hello. */
  receiveOnNext(data: FrameData): void {
    const { exchange } = this;
    const answer = typeof data === 'string' ? parseControl(data) : undefined;
    const isWelcome =
      answer?.type === 'welcome' &&
      answer.sid === this.#sid &&
      answer.rx <= exchange.outbox.highest &&
      answer.rx >= exchange.acked &&
      answer.hi >= exchange.accepted;
    // Whatever else it says is said of a session that is well: this server does not know it, and the other one does.
    if (!isWelcome || this.#place !== 'live') return this.#outlet.moveRefused(beginningOf(data));
    this.#begin(answer);
    this.#outlet.moved();
    exchange.acknowledge();
  }

  /** Takes a frame, whatever it is. */
  receive(data: FrameData): void {
    if (this.#place === 'greeting') this.#receiveAnswer(data);
    else if (this.#place !== 'detached') this.exchange.receive(data);
  }

  /** Asks whether the server is still there: it answers at once with what it has handled. */
  probe(): void {
    this.#outlet.tell(PROBE);
  }

  /** The next frame to send, or undefined while there is none or none may be sent. */
  next(): FrameData | undefined {
    return this.#place === 'live' ? this.exchange.next() : undefined;
  }

  /** The socket took it. */
  advance(): void {
    this.exchange.advance();
  }

  /** The frame of a message that has no number, and is not kept. Undefined while nothing may be sent. */
  unordered(data: FrameData): FrameData | undefined {
    return this.#place === 'live' ? dataFrame(0, 0, data) : undefined;
  }

  /** Says that the session ends. `ended()` follows, if the server answers. */
  bye(reason: string): void {
    this.#place = 'ending';
    this.exchange.end();
    this.#outlet.tell(this.#formatBye(reason));
  }

  /** Forgets the session: the next hello begins another one. The outbox is the owner's. */
  end(): void {
    this.#forget();
    this.#place = 'detached';
  }

  // Of the exchange.

  tell(frame: FrameData): void {
    this.#outlet.tell(frame);
  }

  payload(data: FrameData, seq: number): void {
    const isReplayed = seq > 0 && seq <= this.#replayTo;
    if (isReplayed) this.#replayed++;
    const outcome = this.#outlet.payload(data, seq, isReplayed);
    if (seq > 0 && outcome !== LATER) this.handled(seq);
  }

  gap(from: number, to: number): void {
    if (this.#outlet.gap(from, to) !== LATER) this.handled(to);
  }

  resume(): void {
    if (this.#place === 'live' && this.exchange.isExhausted) {
      this.#place = 'retiring';
      this.#outlet.tell(this.#formatBye('numbers are used up'));
    }
    this.#outlet.resume();
  }

  answered(): void {
    this.#outlet.answered();
  }

  ackSoon(): void {
    this.#outlet.ackSoon();
  }

  broken(reason: string): void {
    const { accepted } = this.exchange;
    const isFinal = this.#brokenAt === accepted;
    this.#brokenAt = accepted;
    this.#outlet.broken(reason, isFinal);
  }

  control(control: Control): void {
    switch (control.type) {
      case 'bye':
        return this.#receiveBye(control.reason, control.hi);
      case 'move':
        return this.#outlet.leaving(control.within);
      case 'gone':
        if (control.sid !== this.#sid) return this.broken('gone, of another session');
        if (control.why === 'fenced' && this.#move !== 'none') return this.#outlet.fencedByMove();
        return this.#gone(control);
      default:
        return this.broken(`${control.type} in the middle of a session`);
    }
  }

  // The greeting.

  #sayHello(): void {
    this.#place = 'greeting';
    this.#move = 'none';
    this.#outlet.tell(this.#formatHello());
  }

  /** @param ahead How many messages may overtake it: a server that has more than a hello says calls it regressed. */
  #formatHello(ahead: number = 0): string {
    this.#n++;
    const isTrial = this.#trial !== undefined;
    // Not all that was accepted: the window that the server counts from here must not hold what is unread twice.
    this.#saidRx = isTrial ? 0 : this.exchange.handled;
    return formatControl({
      type: 'hello',
      sid: this.#trial ?? this.#sid,
      isKnown: this.#isKnown && !isTrial,
      n: this.#n,
      rx: this.#saidRx,
      hi: isTrial ? 0 : Math.min(this.exchange.outbox.highest + ahead, MAX_SEQ),
      win: this.#config.window,
      max: this.#config.maxBytes,
      tok: isTrial ? undefined : this.#token,
      was: isTrial ? this.#sid : this.#former,
    });
  }

  #receiveAnswer(data: FrameData): void {
    const answer = typeof data === 'string' ? parseControl(data) : undefined;
    const isOurs =
      (answer?.type === 'welcome' || answer?.type === 'gone') &&
      answer.sid === (this.#trial ?? this.#sid);
    if (!isOurs) return this.#outlet.unsupported(beginningOf(data));
    if (answer.type === 'gone') this.#gone(answer);
    else this.#welcome(answer);
  }

  #welcome(welcome: Welcome): void {
    const { exchange } = this;
    if (this.#trial !== undefined) {
      this.#lose('unknown', null);
      this.#sid = this.#trial;
      this.#trial = undefined;
    }
    if (welcome.rx > exchange.outbox.highest) {
      return this.broken(`welcome says ${welcome.rx} were accepted, and fewer were sent`);
    }
    // The server has forgotten what it had: its numbers mean something else by now.
    if (welcome.hi < exchange.accepted || welcome.rx < exchange.acked) {
      return this.#renew('regressed', null);
    }
    this.#begin(welcome);
    this.#outlet.welcomed();
  }

  #begin(welcome: Welcome): void {
    this.#unanswered = 0;
    this.#wasWelcomed = true;
    this.#token = welcome.tok;
    this.#maxBytes = welcome.max ?? Infinity;
    this.#former = undefined;
    this.#replayTo = this.#isKnown ? welcome.hi : 0;
    this.#replayed = 0;
    this.#isKnown = true;
    this.#place = 'live';
    this.#move = 'none';
    this.exchange.begin(welcome.rx, welcome.win, this.#saidRx);
    if (this.#unread !== undefined) this.read();
  }

  /** Tells at once when there is nothing to catch up on. Called when the owner is ready to hear it. */
  checkCaughtUp(): void {
    if (this.#reached < this.#replayTo) return;
    this.#replayTo = 0;
    this.#outlet.caughtUp(this.#replayed);
  }

  #gone({ why, rx }: Gone): void {
    const trial = this.#trial;
    this.#trial = undefined;
    if (trial !== undefined) {
      // What was refused is the new name, and says nothing about this session.
      this.#unanswered = 0;
      return this.#outlet.broken(`a new session was refused: ${why}`, false);
    }
    if (rx !== null && (rx > this.exchange.outbox.highest || rx < this.exchange.acked)) {
      this.#renew(why, null);
    } else this.#renew(why, rx);
  }

  #renew(why: GoneReason, rx: number | null): void {
    this.#lose(why, rx);
    if (why === 'fenced') {
      this.#place = 'detached';
      return this.#outlet.fenced();
    }
    this.#refused++;
    if (this.#refused > MAX_REFUSED)
      return this.#outlet.broken('session after session was refused', false);
    return this.#sayHello();
  }

  /** @param rx What the server is known to have accepted in it; null when nobody knows. */
  #lose(
    why: GoneReason,
    rx: number | null,
    // Though it was never welcomed here: the server may have begun it, and sent, and the welcome was lost.
    missingFrom: number | null = this.exchange.accepted + 1,
  ): void {
    const { outbox } = this.exchange;
    if (rx !== null) outbox.acknowledgeSeq(rx);
    const isDropped = this.#config.unknownPolicy === 'drop';
    const doubtful = rx === null && !isDropped ? outbox.numbered() : [];
    const unknown = rx === null && isDropped ? outbox.dropNumbered() : [];
    this.#forget();
    if (missingFrom === null && unknown.length === 0) return;
    this.#outlet.lost({ why, unknown, doubtful, resent: outbox.size, missingFrom });
  }

  #firstUnread(): number {
    return this.#unread?.firstSeq ?? Infinity;
  }

  #forget(): void {
    this.exchange.reset();
    this.#reached = 0;
    this.#unread?.forgetNumbers();
    // One that never began was followed by nothing.
    if (this.#isKnown) this.#former = this.#sid;
    this.#sid = this.#config.newId();
    this.#isKnown = false;
    this.#token = undefined;
    this.#unanswered = 0;
    this.#brokenAt = -1;
    this.#replayTo = 0;
  }

  // The session, live.

  /** All up to this number is done with, but for readers. */
  handled(seq: number): void {
    this.#reached = seq;
    if (this.#unread === undefined) this.exchange.handle(seq);
    else this.read();
    if (seq === this.#replayTo) this.checkCaughtUp();
  }

  #receiveBye(reason: string, hi: number): void {
    if (this.#place === 'ending') return this.#outlet.ended();
    const isRetiring = this.#place === 'retiring';
    if (!isRetiring) this.#outlet.tell(this.#formatBye(''));
    const { accepted, acked } = this.exchange;
    this.#lose('ended', acked, hi > accepted ? accepted + 1 : null);
    if (isRetiring) return this.#sayHello();
    this.#place = 'detached';
    return this.#outlet.endedByServer(reason);
  }

  #formatBye(reason: string): string {
    const { accepted, outbox } = this.exchange;
    return formatControl({ type: 'bye', reason, rx: accepted, hi: outbox.highest });
  }
}

/** As much of a frame as fits into a message to a developer. */
function beginningOf(data: FrameData): string {
  if (typeof data !== 'string') return `${data.length} bytes`;
  return data.length > 60 ? `'${data.slice(0, 59)}…'` : `'${data}'`;
}
