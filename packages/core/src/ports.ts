/**
 * All that the core asks of the world. The platform packages implement these and nothing else.
 */

import type { Signal } from './events.js';

/** A frame's payload: text as a string, binary as bytes. */
export type FrameData = string | Uint8Array;

/** Time. Inject another to test without waiting. */
export interface Clock {
  /** Milliseconds that never run backwards, from any origin. Deadlines and durations are made of these. */
  now(): number;
  /** Unix time in milliseconds. May jump; only events' `timestamp`s are made of it. */
  unixNow(): number;
  /** Calls `run` once, `delayMs` (0 to 2,147,483,647) from now. Returns what `clearTimer` takes. */
  setTimer(delayMs: number, run: () => void): unknown;
  /** Calls it off. One that has fired, or was cleared, is no matter. */
  clearTimer(timer: unknown): void;
  /** Lets the process end while this timer runs, where there is such a thing. */
  unref?(timer: unknown): void;
}

/** What one attempt asks for. */
export interface OpenRequest {
  /** Absolute, with scheme `ws:` or `wss:` and no fragment. */
  readonly url: string;
  /** Subprotocols to offer, most wanted first; empty for none. */
  readonly protocols: readonly string[];
  /** Handshake headers. Empty for a transport whose `takesHeaders` is false. */
  readonly headers: Readonly<Record<string, string>>;
  /** A limit on incoming messages, in bytes, for transports that can enforce it while reading. */
  readonly maxMessageBytes: number;
}

/** How a connection, or the attempt to make one, ended. */
export interface LinkClosed {
  /** The close code; 1006 when there was no close frame. */
  readonly code: number;
  /** What the close frame said; empty where it said nothing. */
  readonly reason: string;
  /** Whether there was a closing handshake. */
  readonly wasClean: boolean;
  /** What the platform said, where it says anything. */
  readonly error?: Error | undefined;
  /** The HTTP status that refused the handshake, where the platform tells. */
  readonly httpStatus?: number | undefined;
  /** The handshake's `Retry-After`, in milliseconds from now. */
  readonly retryAfterMs?: number | undefined;
  /** The transport itself ended the connection because a message was over `maxMessageBytes`. */
  readonly tooLarge?: boolean | undefined;
}

/** What a transport reports of one link. `onClose` comes exactly once and last. */
export interface LinkListener {
  /** It is open. `protocol` is the subprotocol that the server chose; empty for none. */
  onOpen(protocol: string): void;
  /** A message came, whole. */
  onMessage(data: FrameData): void;
  /** A protocol pong, or a protocol ping of the server's (which proves life as well): `payload` is null then. */
  onPong(payload: string | null): void;
  /** It is over, or never came to be. */
  onClose(closed: LinkClosed): void;
}

/** One socket. */
export interface Link {
  /**
   * Hands over one message. Called only between `onOpen` and the end. Must not throw for what the
   * network does: that is `onClose`. No call of the listener may come before this returns.
   *
   * @returns False when the socket takes nothing any more, so that the message is known not to have left.
   */
  send(data: FrameData): boolean;
  /** Sends a protocol ping, on platforms that can. */
  readonly ping?: ((payload: string) => void) | undefined;
  /**
   * Sends what was handed over, then begins the closing handshake. `onClose` follows, or never does on
   * a dead network. Called once at most, with a code from 1000, 3000 to 4999 and a reason of up to 123 bytes.
   */
  close(code: number, reason: string): void;
  /** Lets go of the socket at once. Nothing of it is reported any more, not even `onClose`. */
  abandon(): void;
  /**
   * Reads nothing from the network until `resume`, so that the server has to wait; what was read already may still
   * come. Both or none, on platforms that can. `close` has to read on by itself.
   */
  readonly pause?: (() => void) | undefined;
  /** Goes on reading after `pause`. */
  readonly resume?: (() => void) | undefined;
  /** Bytes handed to `send` that wait in this process; 0 where nobody can tell. */
  readonly bufferedBytes: number;
}

/** How sockets are made. */
export interface Transport {
  /** Whether handshake headers can be set: in a browser they can't. */
  readonly takesHeaders: boolean;
  /** What relative URLs are relative to; undefined where there is no such thing. */
  baseUrl?(): string | undefined;
  /**
   * Begins to open a socket. No call of `listener` may come before this returns.
   *
   * @throws When it can never work, as without a WebSocket in this runtime, or with a URL that
   * the platform refuses. Such an attempt is not retried.
   */
  open(request: OpenRequest, listener: LinkListener): Link;
}

/** What is told of the environment: network, page, sleep. Inject another for a platform that has its own. */
export interface Signals {
  /**
   * Begins to tell, at once of what is not as usual (`offline`, `hidden`). Called when a life begins; nothing
   * may be told before.
   *
   * @returns Stops it, when the life is over, and leaves nothing behind.
   */
  listen(report: (signal: Signal) => void): () => void;
}

/**
 * Where it is written what happens. Fits `console` and pino. What it throws is ignored. At which level what is written
 * see `Options.logger`; a level that it does not have is not written.
 */
export interface Logger {
  /** Every transition. */
  debug?(details: object, message: string): void;
  /** `connected` and `closed`. */
  info?(details: object, message: string): void;
  /** What was lost or failed, and is tried again. */
  warn?(details: object, message: string): void;
  /** Fatal errors, and failures of your handlers. */
  error(details: object, message: string): void;
}
