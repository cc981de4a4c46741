import type { EventEmitter } from 'node:events';

/** What is used of a socket of the package `ws`, so that its types are no dependency of ours. */
export interface WsLike extends EventEmitter {
  readonly readyState: number;
  readonly bufferedAmount: number;
  readonly protocol: string;
  send(data: string | Uint8Array): void;
  send(data: Uint8Array, options: { readonly binary: boolean }): void;
  ping(payload: string): void;
  pause(): void;
  resume(): void;
  close(code: number, reason: string): void;
  terminate(): void;
}

/** The class that `ws` exports. */
export type WsConstructor = new (
  url: string,
  protocols: string[],
  options: Readonly<Record<string, unknown>>,
) => WsLike;
