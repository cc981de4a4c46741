import type { EventEmitter } from 'node:events';

/** What is used of a socket of the package `ws`, so that its types are no dependency of ours. */
export interface WsLike extends EventEmitter {
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
  /** Bytes that were sent and are not yet handed to the network. */
  readonly bufferedAmount: number;
  /** The subprotocol that the server chose; empty for none. */
  readonly protocol: string;
  /** What was negotiated, as compression; empty for nothing. */
  readonly extensions?: string;
  /** Sends a frame: text for a string, else binary. */
  send(data: string | Uint8Array): void;
  send(data: Uint8Array, options: { readonly binary: boolean }): void;
  /** Sends a protocol ping. */
  ping(payload: string): void;
  /** Stops reading. */
  pause(): void;
  /** Goes on reading. */
  resume(): void;
  /** Begins the closing handshake. */
  close(code?: number, reason?: string): void;
  /** Ends the connection at once, without one. */
  terminate(): void;
}

/** The class that `ws` exports. */
export type WsConstructor = new (
  url: string,
  protocols: string[],
  options: Readonly<Record<string, unknown>>,
) => WsLike;
