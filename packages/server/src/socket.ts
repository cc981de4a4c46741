import type { FrameData } from '@jetsocket/core/protocol';

import type { IncomingMessage } from 'node:http';

/** A `WebSocket` of `ws`, as far as a type has to know it. */
export interface WebSocketLike {
  /** The subprotocol that was agreed on. */
  readonly protocol: string;
}

/** A `WebSocketServer` of `ws`, of any version that has these. */
export interface WebSocketServerLike {
  /** Is asked for every `connection` … */
  on(
    event: 'connection',
    listener: (webSocket: WebSocketLike, request: IncomingMessage) => void,
  ): unknown;
  /** … until `Sessions.close`. */
  off(
    event: 'connection',
    listener: (webSocket: WebSocketLike, request: IncomingMessage) => void,
  ): unknown;
}

/** All that is asked of a socket, so that any server's can be used. */
export interface Socket {
  /** Sends a frame: text for a string, else binary. */
  send(data: FrameData): void;
  /** Begins the closing handshake. */
  close(code: number, reason: string): void;
  /** Lets go at once. */
  terminate(): void;
  /** Stops reading, where it can: the other end is to wait. */
  pause?(): void;
  /** Reads on. */
  resume?(): void;
  /** Bytes given to `send` that still wait in this process. */
  readonly bufferedBytes: number;
  /** The largest frame that it reads, in bytes. Default: as `maxMessageBytes` has it. */
  readonly maxFrameBytes?: number | undefined;
}
