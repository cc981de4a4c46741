import {
  type Control,
  formatControl,
  type FrameData,
  type Hello,
  type JetSocketError,
  MAX_CONTROL_LENGTH,
  parseControl,
} from '@jetsocket/core/protocol';
import type { Connection as PublicConnection } from './interfaces.js';
import type { Session } from './session.js';
import type { Socket } from './socket.js';

/** What a connection asks of the server. */
export interface ConnectionHost {
  /** A hello: `accept`, `refuse` or `close` is the answer, now or later. */
  onHello(connection: Connection, hello: Hello): void;
  onOver(connection: Connection): void;
  /** Its session is over, and the socket is not: another hello is awaited. */
  onReleased(connection: Connection): void;
}

/** So many hellos may be refused on one socket. */
const MAX_HELLOS = 8;

/**
 * One socket, from its opening to its end. Until a hello is accepted nothing else on it counts; afterwards
 * everything goes to the session, until another socket takes its place.
 */
export class Connection implements PublicConnection {
  principal: string | undefined;
  /** Whether anything came since the last look: any frame is life. */
  isAlive = true;
  /** It was silent for an interval, and asked for life. */
  wasAsked = false;
  /** It is not read from, and so cannot show that it lives. */
  isPaused = false;
  readonly #socket: Socket;
  readonly #host: ConnectionHost;
  #session: Session<never, never> | undefined;
  #isOver = false;
  #isClaiming = false;
  #hellos = 0;
  /** Came before it was known who the client is. */
  #early: Hello | undefined;

  /** Speaks for this socket from now on, and asks the host about sessions. */
  constructor(socket: Socket, host: ConnectionHost) {
    this.#socket = socket;
    this.#host = host;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get hasSession(): boolean {
    return this.#session !== undefined;
  }

  /** Bytes that wait in the socket. */
  get bufferedBytes(): number {
    return this.#socket.bufferedBytes;
  }

  /** The largest frame that it reads, if it says so. */
  get maxFrameBytes(): number {
    return this.#socket.maxFrameBytes ?? Infinity;
  }

  /** What went wrong with its socket, which is about to end. */
  failed(error: JetSocketError): void {
    this.#session?.tellError(error);
  }

  admit(principal: string): void {
    this.principal = principal;
    const early = this.#early;
    this.#early = undefined;
    if (early !== undefined) this.#claim(early);
  }

  receive(data: FrameData): void {
    this.isAlive = true;
    if (this.#isOver) return;
    if (this.#session !== undefined) {
      this.#session.receive(this, data);
      return;
    }
    // A hello is on its way to the log: until it is judged, nothing that follows it counts.
    if (this.#isClaiming || this.#early !== undefined) return;
    const hello = asHello(data);
    if (hello === undefined) this.close(4400, 'expected a hello');
    else if (this.principal === undefined) this.#early = hello;
    else this.#claim(hello);
  }

  closed(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#leave();
    this.#host.onOver(this);
  }

  /** Hands a frame to the socket, as long as there is one. */
  send(frame: FrameData): void {
    if (!this.#isOver) this.#socket.send(frame);
  }

  /** The hello was accepted. Its session has still to be attached. */
  accept(session: Session<never, never>): void {
    this.#isClaiming = false;
    this.#session = session;
  }

  /** It was not, and the client may say another one. */
  refuse(gone: Extract<Control, { type: 'gone' }>): void {
    this.#isClaiming = false;
    this.send(formatControl(gone));
    // It would say the same again: another client has the session.
    if (gone.why === 'fenced') this.close(4409, 'fenced');
  }

  /** Another connection has taken the session over. */
  fence(sid: string): void {
    this.#session = undefined;
    this.send(formatControl({ type: 'gone', why: 'fenced', sid, rx: null }));
    this.close(4409, 'fenced');
  }

  /** The session is over: the socket may be used for another one. */
  release(): void {
    this.#session = undefined;
    this.unpause();
    if (!this.#isOver) this.#host.onReleased(this);
  }

  /** Reads nothing more for now. */
  pause(): void {
    if (this.isPaused || this.#socket.pause === undefined) return;
    this.isPaused = true;
    this.#socket.pause();
  }

  /** Reads on. */
  unpause(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    // What comes now is late by our own doing.
    this.isAlive = true;
    this.#socket.resume?.();
  }

  close(code: number, reason: string): void {
    if (this.#isOver) return;
    // The answer to the close has to be read.
    this.unpause();
    this.#socket.close(code, reason);
    this.closed();
  }

  terminate(): void {
    if (this.#isOver) return;
    this.#socket.terminate();
    this.closed();
  }

  #claim(hello: Hello): void {
    this.#hellos++;
    if (this.#hellos > MAX_HELLOS) return this.close(4400, 'too many hellos');
    this.#isClaiming = true;
    this.#host.onHello(this, hello);
  }

  #leave(): void {
    const session = this.#session;
    this.#session = undefined;
    session?.detach(this);
  }
}

function asHello(data: FrameData): Hello | undefined {
  if (typeof data !== 'string' || data.length > MAX_CONTROL_LENGTH) return undefined;
  const control = parseControl(data);
  return control?.type === 'hello' ? control : undefined;
}
