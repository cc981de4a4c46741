/** What the page and the demo's server say to each other: over the WebSocket, and over HTTP. */
import type { LedgerView } from './ledger.js';

/** From a client, over the WebSocket. `t` is when it was sent, in Unix milliseconds. */
export type ToServer = { readonly n: number; readonly t: number } | { readonly op: 'ping' };

/** One of the server's own messages, numbered 1, 2, 3, … */
export interface Numbered {
  readonly seq: number;
  readonly t: number;
}

/** To a client, over the WebSocket. `ack` comes only to one that asked for it with `?ack=1`. */
export type FromServer = Numbered | { readonly ack: number } | { readonly op: 'pong' };

/** Faults that last until they are restored. `restart` restores itself. */
export type LastingFault = 'hang' | 'slow' | 'refuse' | 'restart' | 'reject' | 'storm';

/** What can be done to a network. The first two are over at once. */
export type FaultRequest =
  | { readonly kind: 'cut' | 'restore' | LastingFault }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string };

/** What the server knows of one client: the truth that the page compares its own numbers with. */
export interface RunView {
  /** The client's messages as they arrived here. */
  readonly received: LedgerView;
  /** The highest number that was sent to the client. */
  readonly sent: number;
}

/** A page's private network: a server of its own behind a proxy of its own. */
export interface NetworkView {
  readonly id: string;
  /** Where the proxy listens. */
  readonly url: string;
  readonly fault: LastingFault | null;
  /** Open WebSocket connections, as the server sees them. */
  readonly connections: number;
  /** Messages a second to each client. */
  readonly rateIn: number;
  /** The client that was asked for; null when it never connected. */
  readonly run: RunView | null;
}

export interface ErrorView {
  readonly error: string;
}

/** Messages a second, at most, either way. */
export const MAX_RATE = 500;

/** How long each piece takes through a slow network, on its way in or out. */
export const SLOW_MS = 400;

/** How long a restarting server is away. */
export const RESTART_MS = 1_500;

/** A close frame has this much room for its reason. */
export const MAX_REASON_BYTES = 123;

/** Whether a close frame may carry this code (RFC 6455 §7.4). */
export function isSendable(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && (code < 1004 || code > 1006);
}
