import type { Phase } from './events.js';

/** How a socket has been doing since it was made: a snapshot, frozen, of plain data. See `JetSocket.stats`. */
export interface Stats {
  /** What the socket is doing. */
  readonly state: Phase;
  /** How long this connection has been open, in milliseconds; 0 without one. */
  readonly uptimeMs: number;
  /** Connections so far. */
  readonly connections: number;
  /** Those of them that followed on another one in the same life. */
  readonly reconnects: number;
  /** `error` events. */
  readonly errors: number;
  /** What was handed to a socket, each time that it was. */
  readonly sent: Volume;
  /** Messages that were delivered to the application, and all payload that came. */
  readonly received: Volume;
  /** What waits to be handed over, or to be acknowledged. */
  readonly buffered: Volume;
  /** Messages that were not delivered, by reason. */
  readonly dropped: Drops;
  /** How long heartbeats took to be answered; null before the first answer. Of the last 128. */
  readonly latency: Latency | null;
}

/**
 * Messages, and the size of their payload in bytes. Of what is buffered that is exact. Of what was sent and
 * received, a character of text that is not ASCII counts as its UTF-16 units, 1 or 2: counting its UTF-8 would cost
 * more than all the rest.
 */
export interface Volume {
  /** How many. */
  readonly messages: number;
  /** Their payload. */
  readonly bytes: number;
}

/** See `Stats.dropped`. */
export interface Drops {
  /** Outgoing: the buffer was full. */
  readonly overflow: number;
  /** Outgoing: older than their `ttlMs`. */
  readonly expired: number;
  /** Outgoing: a newer one with the same `key` came. */
  readonly replaced: number;
  /** Outgoing: volatile or early, with no connection to take them. */
  readonly volatile: number;
  /** Outgoing: the codec's promise rejected. */
  readonly unserializable: number;
  /** Outgoing: still waiting when the socket was closed, or of unknown fate when a session was lost. */
  readonly closed: number;
  /** Incoming: the schema refused them. */
  readonly invalid: number;
  /** Incoming: too many were being decoded or validated. */
  readonly incoming: number;
  /** Incoming: a loop or a stream was too slow for them. Each that missed one counts; handlers had it all the same. */
  readonly unread: number;
}

/** Milliseconds. */
export interface Latency {
  /** The newest. */
  readonly lastMs: number;
  /** Half of them took no longer. */
  readonly p50Ms: number;
  /** 99 of 100 took no longer. */
  readonly p99Ms: number;
}
