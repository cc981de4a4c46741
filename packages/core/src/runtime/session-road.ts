import type { Outbox } from '../delivery/outbox.js';
import {
  ClientSession,
  type ClientSessionConfig,
  type ClientSessionOutlet,
  type SessionLoss,
} from '../delivery/client-session.js';
import { SUBPROTOCOL } from '../delivery/frames.js';
import { JetSocketError } from '../errors.js';
import type { Continuity } from '../events.js';
import type { End } from '../machine/input.js';
import type { Clock, FrameData, Link } from '../ports.js';
import { Timers } from './timers.js';

/** What a session asks of the runtime. */
export interface SessionHost {
  /** The handshake is done: the connection is usable. */
  onWelcomed(): void;
  /** @returns `LATER` when `session.handled(seq)` follows. */
  onPayload(data: FrameData, seq: number, isReplayed: boolean): unknown;
  /** @returns As `onPayload`, of `to`. */
  onGap(from: number, to: number | null, cause: string): unknown;
  onError(error: JetSocketError): void;
  /** There may be more to send. */
  onResume(): void;
  /** The server answered; it may be to a heartbeat. */
  onAnswered(): void;
  onReplayed(count: number, continuity: Continuity): void;
  /** The server knows that the session ends: the socket may close. */
  onGoodbye(): void;
  /** The session goes on over the other socket from now on. */
  onMoved(): void;
  /** That socket is of no use: it goes on over this one. */
  onMoveRefused(error: Error): void;
  /** The server is about to stop. */
  onLeaving(withinMs: number): void;
  /** This socket is of no use any more: close it with that code, and take its end for this one. */
  onUnusable(end: End): void;
}

/** How long an acknowledgement may wait for others, or for a message to ride on. */
const ACK_MS = 200;
/** What may wait inside a socket, before answers wait here. */
const MAX_UNREAD_BYTES = 1024 * 1024;
const RESOLVED = Promise.resolve();

/** The session on its way over sockets: between the link and the inbox, and between the outbox and the link. */
export class SessionRoad implements ClientSessionOutlet {
  readonly session: ClientSession;
  readonly #host: SessionHost;
  readonly #timers: Timers<'ack'>;
  #link: Link | undefined;
  /** The socket that the session is about to move to. */
  #next: Link | undefined;
  /** Told when there is a connection again: before that, no event may say so. */
  #losses: SessionLoss[] = [];
  #isReady = false;
  #owesAnswer = false;
  /** What is to be said when all that came together is taken in. */
  #ack: FrameData | undefined;

  constructor(outbox: Outbox, config: ClientSessionConfig, clock: Clock, host: SessionHost) {
    this.#host = host;
    this.#timers = new Timers(clock, () => {
      const { exchange } = this.session;
      if (this.#owesAnswer) exchange.restate();
      else exchange.acknowledge();
    });
    this.session = new ClientSession(outbox, config, this);
  }

  /** The socket is open, and the server chose this subprotocol: the handshake of the session begins. */
  greet(link: Link, protocol: string): void {
    this.#link = link;
    if (protocol === SUBPROTOCOL) return this.session.greet();
    const chosen = protocol === '' ? 'no subprotocol' : `the subprotocol '${protocol}'`;
    return this.#refuse(`the server chose ${chosen}, not ${SUBPROTOCOL}`);
  }

  /** Another socket is open: the session goes on over the one that there is until the server agrees. */
  moveTo(link: Link, protocol: string): void {
    if (protocol !== SUBPROTOCOL || !this.session.isLive) {
      this.#host.onMoveRefused(
        new Error(
          `the session cannot move: ${this.session.isLive ? 'the server chose another subprotocol' : 'it is not live'}`,
        ),
      );
      return;
    }
    this.#next = link;
    this.session.move();
  }

  /** It stays where it is. */
  stay(): void {
    this.#next = undefined;
    this.session.stay();
  }

  /** The socket that it was on is gone: the other one is its only one. */
  promote(): void {
    if (this.#next === undefined) return;
    // Its hello says how far we are, and nothing is to come between that and the welcome.
    this.#ack = undefined;
    this.#link = this.#next;
    this.#next = undefined;
    this.session.promote();
  }

  /** Says now what was handled. */
  acknowledge(): void {
    if (!this.session.isLive) return;
    this.session.exchange.acknowledge();
    this.#sayAck();
  }

  /** Events may be told again: what was lost on the way, then what is missed. */
  ready(): void {
    this.#isReady = true;
    const losses = this.#losses;
    this.#losses = [];
    for (const loss of losses) this.#tellLoss(loss);
  }

  /** The socket is gone. `couldAnswer`: the server closed it instead of answering. */
  detach(couldAnswer: boolean): void {
    this.#isReady = false;
    this.#link = undefined;
    this.#owesAnswer = false;
    this.#ack = undefined;
    this.#timers.clearAll();
    this.session.detach(couldAnswer);
  }

  /** Sends a message that has no number, and is not kept. */
  sendUnnumbered(data: FrameData): void {
    const frame = this.session.unordered(data);
    if (frame !== undefined) this.#link?.send(frame);
  }

  tell(frame: FrameData): void {
    this.#timers.clear('ack');
    const link = this.#link;
    if (link === undefined) return;
    // A server that does not read is owed one answer, however often it asks. All else is said once.
    this.#owesAnswer = isAck(frame) && link.bufferedBytes > MAX_UNREAD_BYTES;
    if (this.#owesAnswer) return this.ackSoon();
    if (isAck(frame)) return this.#tellAck(frame);
    this.#sayAck();
    link.send(frame);
  }

  /** A thousand messages may come in one piece: what is said of each quarter of a window is said once, of all. */
  #tellAck(frame: FrameData): void {
    if (this.#ack === undefined) void RESOLVED.then(this.#sayAck);
    this.#ack = frame;
  }

  readonly #sayAck = (): void => {
    const frame = this.#ack;
    this.#ack = undefined;
    if (frame !== undefined) this.#link?.send(frame);
  };

  tellNext(frame: FrameData): void {
    this.#next?.send(frame);
  }

  moved(): void {
    this.#link = this.#next;
    this.#next = undefined;
    this.#timers.clear('ack');
    this.#host.onMoved();
  }

  moveRefused(saying: string): void {
    this.#host.onMoveRefused(
      Object.assign(new Error(`the server answered the hello with ${saying}`), {
        hint: 'The session goes on over the connection that it has. Do all servers share one log?',
      }),
    );
  }

  leaving(within: number): void {
    this.#host.onLeaving(within * 1_000);
  }

  fencedByMove(): void {
    this.#host.onUnusable({ ...ENDED, cause: 'connection_lost' });
  }

  payload(data: FrameData, seq: number, isReplayed: boolean): unknown {
    return this.#host.onPayload(data, seq, isReplayed);
  }

  gap(from: number, to: number): unknown {
    return this.#host.onGap(from, to, 'overflow');
  }

  resume(): void {
    this.#host.onResume();
  }

  answered(): void {
    this.#host.onAnswered();
  }

  ackSoon(): void {
    if (!this.#timers.has('ack')) this.#timers.set('ack', ACK_MS);
  }

  welcomed(): void {
    this.#host.onWelcomed();
  }

  caughtUp(count: number): void {
    this.#host.onReplayed(count, 'verified');
  }

  lost(loss: SessionLoss): void {
    if (this.#isReady) this.#tellLoss(loss);
    else this.#losses.push(loss);
  }

  fenced(): void {
    this.#host.onUnusable({ ...ENDED, cause: 'session_fenced', code: 4409, reason: 'fenced' });
  }

  unsupported(saying: string): void {
    this.#refuse(`the server answered the hello with ${saying}`);
  }

  broken(reason: string, isFinal: boolean): void {
    const error = new Error(reason);
    this.#host.onUnusable({
      ...ENDED,
      cause: 'protocol_error',
      code: 4400,
      reason,
      error,
      hopeless: isFinal,
    });
  }

  ended(): void {
    this.#host.onGoodbye();
  }

  endedByServer(reason: string): void {
    const because = reason === '' ? '' : `: ${reason}`;
    this.#host.onError(
      new JetSocketError('SESSION_LOST', `The server ended the session${because}`, {
        hint: 'A new one begins with the next connection; what was not accepted is sent there',
      }),
    );
    this.#host.onUnusable({
      ...ENDED,
      cause: 'closed_by_server',
      code: 1000,
      reason,
      wasClean: true,
      endsSession: true,
    });
  }

  #refuse(what: string): void {
    this.#host.onUnusable({
      ...ENDED,
      cause: 'session_unsupported',
      code: 4400,
      reason: `not ${SUBPROTOCOL}`,
      error: new Error(what),
      hopeless: true,
    });
  }

  #tellLoss({ why, unknown, doubtful, resent, missingFrom }: SessionLoss): void {
    const rest = resent === 0 ? '' : `; ${resent} messages go on into the new one`;
    const twice = doubtful.length === 0 ? '' : `, ${doubtful.length} of them perhaps twice`;
    this.#host.onError(
      new JetSocketError('SESSION_LOST', `The session cannot go on (${why})${rest}${twice}`, {
        hint: HINTS[why],
        deliveries: doubtful,
      }),
    );
    if (unknown.length > 0) this.#host.onError(deliveryUnknown(unknown));
    if (missingFrom !== null) this.#host.onGap(missingFrom, null, why);
  }
}

const isAck = (frame: FrameData): boolean => typeof frame === 'string' && frame.startsWith(',');

const ENDED = { code: 1006, reason: '', wasClean: false } as const;

const HINTS: Record<SessionLoss['why'], string> = {
  expired: 'The connection was away for longer than the server keeps sessions: its option ttlMs',
  unknown: 'The server does not know it: was it started anew without its log?',
  regressed: 'The server has forgotten what it had: after a restore it has to begin new sessions',
  fenced: 'Another client uses the same session: each has to have its own',
  ended: 'The server ended it',
};

const deliveryUnknown = (deliveries: SessionLoss['unknown']): JetSocketError =>
  new JetSocketError(
    'DELIVERY_UNKNOWN',
    `${deliveries.length} messages were sent, and nobody can tell whether they arrived: they are not sent again`,
    {
      deliveries,
      hint: "error.deliveries names them; replay.unknownPolicy 'resend' sends them again, some perhaps twice",
    },
  );
