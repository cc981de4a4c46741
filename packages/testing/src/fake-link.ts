import type {
  Clock,
  FrameData,
  Link,
  LinkClosed,
  LinkListener,
  OpenRequest,
} from '@jetsocket/core';
import { Wire } from './wire.js';

/** What becomes of an attempt. */
export type Outcome =
  | { readonly type: 'accept' }
  /** It ends without ever having been open. */
  | { readonly type: 'refuse'; readonly closed: LinkClosed }
  /** Nobody answers. */
  | { readonly type: 'hang' };

/** What a link must know of its network and of the server. */
export interface LinkWorld {
  /** What latency is made of. */
  readonly clock: Clock;
  /** Whether links have `ping`. */
  readonly canPing: boolean;
  /** Whether links can stop reading. */
  readonly canPause: boolean;
  /** Whether a message over `maxMessageBytes` ends the connection. */
  readonly enforcesMaxMessageBytes: boolean;
  /** One way, now. */
  latencyMs(): number;
  /** Whether the server answers protocol pings now. */
  answersPings(): boolean;
  /** The subprotocol that the server picks of these. */
  chooseProtocol(offered: readonly string[]): string;
  /** The server has accepted it. */
  opened(link: FakeLink): void;
  /** The server has got a message. */
  received(link: FakeLink, data: FrameData): void;
}

/** How a connection is cut. */
export interface CutOptions {
  /** Whether this end hears of it, at once, as 1006. Without, the link is half-open. Default: true. */
  readonly reported?: boolean | undefined;
}

/** How the server closes. */
export interface ServerCloseOptions {
  /** Whether the server still takes what was on its way when it closed; else that is lost. Default: true. */
  readonly readsOn?: boolean | undefined;
}

const LOST: LinkClosed = { code: 1006, reason: '', wasClean: false };

/**
 * A virtual connection. The client holds it as a `Link`; the other methods are the network's and the
 * server's, for the test. They take effect as the clock moves, never while they are called.
 *
 * It is strict: what a client may not do with a link throws.
 */
export class FakeLink implements Link {
  /** Counts the links of a transport: 1, 2, 3, … */
  readonly number: number;
  /** What the client asked for. */
  readonly request: OpenRequest;
  /** What the server got of this link, in order. */
  readonly received: FrameData[] = [];
  /** What was handed over and will never arrive. */
  readonly lost: FrameData[] = [];
  readonly ping: ((payload: string) => void) | undefined;
  readonly pause: (() => void) | undefined;
  /** Goes on delivering. Undefined where the platform cannot pause. */
  readonly resume: (() => void) | undefined;

  readonly #world: LinkWorld;
  readonly #listener: LinkListener;
  readonly #toServer: Wire;
  readonly #toClient: Wire;
  #phase: 'connecting' | 'open' | 'closing' | 'ended' = 'connecting';
  /** Bytes vanish, both ways. */
  #isDead = false;
  /** The server has sent its close frame: nothing of it follows. */
  #serverClosed = false;
  #serverReads = true;
  /** What the network does not take now; undefined while it takes everything. */
  #held: FrameData[] | undefined;
  #heldClose: () => void = () => undefined;
  /** What came and is not read yet, in order. */
  readonly #unread: (() => void)[] = [];
  #isPaused = false;
  #closeCalled = false;

  /** Made by a `FakeTransport`. */
  constructor(
    number: number,
    request: OpenRequest,
    listener: LinkListener,
    world: LinkWorld,
    outcome: Outcome,
  ) {
    this.number = number;
    this.request = request;
    this.#listener = listener;
    this.#world = world;
    this.#toServer = new Wire(world.clock);
    this.#toClient = new Wire(world.clock);
    this.ping = world.canPing ? (payload) => this.#ping(payload) : undefined;
    this.pause = world.canPause ? () => (this.#isPaused = true) : undefined;
    this.resume = world.canPause ? () => this.#readOn() : undefined;
    if (outcome.type === 'accept') this.#handshake(() => this.#accept());
    if (outcome.type === 'refuse') this.#handshake(() => this.#end(outcome.closed));
  }

  // The client's end.

  send(data: FrameData): boolean {
    if (this.#phase === 'connecting')
      throw new Error('The client sent on a link that is not open yet');
    if (this.#phase !== 'open') return false;
    if (this.#held === undefined) this.#transmit(data);
    else this.#held.push(data);
    return true;
  }

  close(code: number, reason: string): void {
    if (this.#closeCalled) throw new Error('The client closed a link twice');
    if (!isCloseCode(code)) throw new Error(`The client closed a link with code ${code}`);
    if (byteLength(reason) > 123)
      throw new Error(`The client closed a link with a reason of ${byteLength(reason)} bytes`);
    this.#closeCalled = true;
    this.#readOn();
    if (this.#phase === 'ended') return;
    // What the standard does with a socket that is not open yet.
    if (this.#phase === 'connecting') return this.cut();
    this.#phase = 'closing';
    const begin = (): void => this.#transmitClose(code, reason);
    // Behind what waits: the handshake begins when the network takes that.
    if (this.#held === undefined) begin();
    else this.#heldClose = begin;
  }

  /** What is on its way to the server still arrives there; what waits in this process is lost. */
  abandon(): void {
    this.#phase = 'ended';
    this.#loseHeld();
    this.#toClient.cut();
  }

  get bufferedBytes(): number {
    return (this.#held ?? []).reduce((sum, data) => sum + byteLength(data), 0);
  }

  // The network.

  /** Whether it is connecting or open: neither closing, nor ended, nor abandoned. */
  get isLive(): boolean {
    return this.#phase === 'connecting' || this.#phase === 'open';
  }

  /** Whether nothing of it will be reported any more. */
  get isOver(): boolean {
    return this.#phase === 'ended';
  }

  /** Whether messages can be handed over. */
  get isOpen(): boolean {
    return this.#phase === 'open';
  }

  /** Whether the client reads nothing of what comes. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Whether bytes vanish on it: it was stalled or cut. */
  get isDead(): boolean {
    return this.#isDead;
  }

  /** How much is on its way, both ways. As many timers of the clock run. */
  get inFlight(): number {
    return this.#toServer.inFlight + this.#toClient.inFlight;
  }

  /** The connection dies, and all that is on its way with it. */
  cut({ reported = true }: CutOptions = {}): void {
    this.stall();
    if (reported && !this.isOver) this.#toClient.send(0, () => this.#end(LOST));
  }

  /** Half-open: what is on its way and all that follows vanishes, and nobody is told. */
  stall(): void {
    this.#isDead = true;
    this.#toServer.cut();
    this.#toClient.cut();
  }

  /** The network takes nothing more: what is handed over waits in this process, as `bufferedBytes`. */
  block(): void {
    this.#held ??= [];
  }

  /** The network takes all again. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const data of held) this.#transmit(data);
    this.#heldClose();
  }

  // The server's end.

  /** The server sends a message. */
  deliver(data: FrameData): void {
    this.#toClientUnlessClosed(() => this.#receive(data));
  }

  /** The server sends a protocol ping: life, and no more. */
  pingFromServer(): void {
    this.#toClientUnlessClosed(() => this.#listener.onPong(null));
  }

  /** The server closes with a close frame. */
  closeFromServer(
    code: number,
    reason: string = '',
    { readsOn = true }: ServerCloseOptions = {},
  ): void {
    if (!readsOn) this.stopReading();
    this.#toClientUnlessClosed(() => {
      // As a platform does: its side takes no more messages, and says so only when the handshake is done.
      this.#phase = 'closing';
      this.#toClient.send(this.#world.latencyMs(), () =>
        this.#end({ code, reason, wasClean: true }),
      );
    });
    this.#serverClosed = true;
  }

  /** The server ignores what comes from now on, and what is on its way to it. */
  stopReading(): void {
    this.#serverReads = false;
  }

  /**
   * Calls the client's listener against the contract, as a bad platform might: an event of a
   * connection that is over, or a second one of what comes once.
   */
  haunt(report: (listener: LinkListener) => void): void {
    report(this.#listener);
  }

  #handshake(answer: () => void): void {
    this.#toServer.send(this.#world.latencyMs(), () => {
      if (this.isLive) this.#toClient.send(this.#world.latencyMs(), answer);
    });
  }

  #accept(): void {
    this.#phase = 'open';
    this.#world.opened(this);
    this.#listener.onOpen(this.#world.chooseProtocol(this.request.protocols));
  }

  #transmit(data: FrameData): void {
    const lose = (): void => void this.lost.push(data);
    if (this.#isDead) return lose();
    const arrive = (): void => {
      if (!this.#serverReads) return lose();
      this.received.push(data);
      this.#world.received(this, data);
    };
    this.#toServer.send(this.#world.latencyMs(), arrive, lose);
  }

  #transmitClose(code: number, reason: string): void {
    if (this.#isDead) return;
    this.#toServer.send(this.#world.latencyMs(), () => {
      this.#toClientUnlessClosed(() => this.#end({ code, reason, wasClean: true }));
      this.#serverClosed = true;
    });
  }

  #ping(payload: string): void {
    if (this.#isDead || this.#phase !== 'open') return;
    this.#toServer.send(this.#world.latencyMs(), () => {
      if (!this.#world.answersPings()) return;
      this.#toClientUnlessClosed(() => this.#listener.onPong(payload));
    });
  }

  #toClientUnlessClosed(arrive: () => void): void {
    if (this.#isDead || this.#serverClosed) return;
    // Before it is open the server has nothing to send on.
    if (this.#phase !== 'open' && this.#phase !== 'closing') return;
    this.#toClient.send(this.#world.latencyMs(), () => {
      this.#unread.push(arrive);
      this.#read();
    });
  }

  #readOn(): void {
    this.#isPaused = false;
    if (this.#unread.length > 0) this.#toClient.send(0, () => this.#read());
  }

  #read(): void {
    while (!this.#isPaused) {
      const arrive = this.#unread.shift();
      if (arrive === undefined) return;
      arrive();
    }
  }

  #receive(data: FrameData): void {
    const { maxMessageBytes } = this.request;
    if (this.#world.enforcesMaxMessageBytes && byteLength(data) > maxMessageBytes) {
      const error = new RangeError(`A message is over ${maxMessageBytes} bytes`);
      this.#end({ ...LOST, error, tooLarge: true });
      return;
    }
    this.#listener.onMessage(data);
  }

  #end(closed: LinkClosed): void {
    if (this.#phase === 'ended') return;
    this.#phase = 'ended';
    this.#loseHeld();
    this.#toClient.cut();
    this.#listener.onClose(closed);
  }

  #loseHeld(): void {
    this.lost.push(...(this.#held ?? []));
    this.#held = undefined;
    this.#heldClose = () => undefined;
  }
}

const isCloseCode = (code: number): boolean => code === 1000 || (code >= 3000 && code <= 4999);

const encoder = new TextEncoder();

const byteLength = (data: FrameData): number =>
  typeof data === 'string' ? encoder.encode(data).byteLength : data.byteLength;
