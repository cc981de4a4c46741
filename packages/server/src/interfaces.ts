import type { Delivery, FrameData } from '@jetsocket/core/protocol';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { SessionLog } from './log.js';
import type { SendOptions, SessionEvents } from './session.js';
import type { CloseOptions, DrainOptions, SessionsEvents } from './sessions.js';
import type { Socket, WebSocketServerLike } from './socket.js';

/**
 * The server's end of `jetsocket.v1`, made by `createSessions()`: keeps a session for each client, over all the
 * connections that it makes. Iterating gives all sessions that this process has.
 */
export interface Sessions<Incoming = unknown, Outgoing = unknown> extends Iterable<
  Session<Incoming, Outgoing>
> {
  /** Where sessions are kept. */
  readonly log: SessionLog;
  /** How many sessions there are, with a connection or without. */
  readonly size: number;

  /** The session of that id, if this process has it. */
  get(id: string): Session<Incoming, Outgoing> | undefined;

  /**
   * Adds a handler. Returns a function that removes it.
   *
   * @throws {JetSocketError} `INVALID_OPTION` for an event that there is not, and a handler that is none.
   */
  on<Type extends 'session' | 'error'>(
    type: Type,
    handler: (...event: SessionsEvents<Incoming, Outgoing>[Type]) => unknown,
  ): () => void;

  /**
   * Serves the connections of a `WebSocketServer` that chose `jetsocket.v1`, and leaves the others alone. Its
   * `maxPayload` bounds what is read. Returns a function that stops it; connections stay.
   *
   * @throws {JetSocketError} `INVALID_OPTION` for what is no such server.
   */
  attach(server: WebSocketServerLike): () => void;

  /** Answers an upgrade request of a Node HTTP server. Clients that do not offer `jetsocket.v1` get 400. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;

  /**
   * Serves a socket of any kind: tell the connection that is returned what comes, by `receive(data)` and `closed()`.
   *
   * @param principal Who the client is; undefined if `connection.admit(principal)` will say so.
   * @param request Handed to the handlers of `session`.
   */
  connect(socket: Socket, principal?: string, request?: IncomingMessage): Connection;

  /**
   * For deploys: refuses new connections, lets handlers finish and the log take everything, and asks every client to
   * move. Where new connections reach another process, and the log is shared, they go on there without a gap: their
   * old connection is open until the new one is. Those that cannot are closed with 1012, and come back.
   *
   * @returns A promise that resolves when all are closed, with the sessions that were not done in time; none, if all is
   *   well. Their handlers are still at work, and the message may be handled once more elsewhere; or the log does not
   *   have everything, as when it cannot be reached, and what it does not have ends with this process. Rejects with
   *   `INVALID_OPTION` alone.
   */
  drain(options?: DrainOptions): Promise<readonly Session<Incoming, Outgoing>[]>;

  /**
   * Ends every connection at once, and lets go of everything. The log keeps the sessions. Those that have something
   * which did not arrive end when the log has said whether they went on elsewhere, after two seconds at the latest.
   *
   * @returns A promise that resolves when all that is done, and what came in sessions that had ended before, or had
   *   expired, is handled: their clients were told that it would be. After `timeoutMs` `error` names what is not, with
   *   `HANDLER_TIMEOUT`. It is one promise however often it is asked for, with the first one's options. Never rejects.
   * @throws {JetSocketError} `INVALID_OPTION`
   */
  close(options?: CloseOptions): Promise<void>;
}

/** The server's end of one client's session, over all its connections. */
export interface Session<Incoming = unknown, Outgoing = unknown> {
  /** Named by the client: 128 random bits. A secret, where `authenticate` does not tell clients apart. */
  readonly id: string;
  /** What `authenticate` returned. */
  readonly principal: string;
  /** Whether there is a connection, or it is over. */
  readonly state: 'attached' | 'detached' | 'ended';
  /** How many messages were sent and are not acknowledged. */
  readonly buffered: number;
  /** Where everything stands, for tests and bug reports. */
  readonly snapshot: Readonly<Record<string, number | string>>;

  /**
   * Adds a handler. Returns a function that removes it.
   *
   * @throws {JetSocketError} `INVALID_OPTION` for an event that there is not, and a handler that is none.
   */
  on<Type extends keyof SessionEvents<Incoming> & string>(
    type: Type,
    handler: (...event: SessionEvents<Incoming>[Type]) => unknown,
  ): () => void;

  /**
   * Sends a message: now, or when the client is back. It is numbered, and kept until acknowledged.
   *
   * @param options With `volatile` it is sent only if there is a connection now, and neither numbered nor kept.
   * @returns What becomes of it.
   * @throws {JetSocketError} `CLOSED` when the session is over; `NOT_SERIALIZABLE`; `MESSAGE_TOO_LARGE`; `INVALID_OPTION`.
   */
  send(message: Outgoing, options?: SendOptions): Delivery;

  /**
   * Ends the session: its client is told, and what it has not acknowledged by then is named by `end`.
   *
   * @param reason What its client is told, up to 100 characters of it. Default: nothing.
   * @returns A promise that resolves when the client has heard of it, after `helloTimeoutMs` at the latest. Handlers may
   *   be at work then: `end` comes when they are done. Never rejects.
   * @throws {JetSocketError} `INVALID_OPTION` for a reason that is no text.
   */
  close(reason?: string): Promise<void>;
}

/** One socket that was given to `Sessions.connect`, from its opening to its end. */
export interface Connection {
  /** Who the client is; undefined until `authenticate` or `admit()` has said so. */
  readonly principal: string | undefined;
  /** Whether the socket is closed, or being closed. */
  readonly isOver: boolean;
  /** Whether a session is served by it. */
  readonly hasSession: boolean;

  /** It is known who the client is. */
  admit(principal: string): void;
  /** A frame came. */
  receive(data: FrameData): void;
  /** The socket is gone. */
  closed(): void;
  /** Begins the closing handshake; what comes from now on is not heard. */
  close(code: number, reason: string): void;
  /** Ends the connection at once. */
  terminate(): void;
}
