import type { FrameData, Transport } from '@jetsocket/core';

/** A server to test against, and what it is to do. Its controls may be requests to another process. */
export interface ConformanceServer {
  /** Accepts, picks the first subprotocol offered, and sends every message back: text as text, binary as binary. */
  readonly echoUrl: string;
  /** Takes the connection, and never answers the handshake. */
  readonly silentUrl: string;
  /** Nobody listens there. */
  readonly refusedUrl: string;
  /** Answers the handshake with this HTTP status. */
  rejectUrl(status: number): string;
  /** Sends a message on the newest connection. */
  send(data: FrameData): void | Promise<void>;
  /** Closes the newest connection with a close frame. */
  close(code: number, reason: string): void | Promise<void>;
  /** Ends the newest connection without one. */
  terminate(): void | Promise<void>;
  /** How many messages the newest connection has brought. */
  receivedCount(): number | Promise<number>;
  /** A header of the newest handshake, by its name in lower case. */
  header(name: string): string | undefined | Promise<string | undefined>;
  /** Ends every connection and lets go of the port. */
  stop(): void | Promise<void>;
}

/** A transport under test, and what its platform can do. */
export interface ConformanceSubject {
  /** What is tried. */
  readonly transport: Transport;
  /** Whether links have `ping`. */
  readonly canPing: boolean;
  /** Whether `onClose` tells the HTTP status of a refusal. */
  readonly tellsStatus: boolean;
  /** Whether a message over `maxMessageBytes` ends the connection, with `tooLarge`. */
  readonly enforcesMaxMessageBytes: boolean;
  /** Starts a server. Called once for each test. */
  start(): ConformanceServer | Promise<ConformanceServer>;
  /** Lets a few milliseconds pass. Default: 5 real ones; a virtual clock is advanced here. */
  pause?(): Promise<void>;
}
