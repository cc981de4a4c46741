import type { BackoffConfig } from './backoff.js';

/** What the machine must know of the options. Durations in milliseconds. */
export interface MachineConfig {
  readonly backoff: BackoffConfig;
  /** Whether a function gives the address, the protocols or the headers: it may have fresh credentials. */
  readonly canRefresh: boolean;
  /** Null: no heartbeat is sent, whatever the socket can. */
  readonly heartbeat: HeartbeatConfig | null;
  readonly connectTimeoutMs: number;
  readonly closeTimeoutMs: number;
  /** How long a connection is kept before another one replaces it; Infinity for as long as it lives. */
  readonly maxConnectionAgeMs: number;
  /** Whether a reconnect replays, that is, every mode but `none`. */
  readonly replays: boolean;
  /**
   * Whether messages are in order whichever socket they come by, as in a session: a successor takes over at
   * once. Else the old socket is heard to its end before.
   */
  readonly isOrdered: boolean;
}

/** When heartbeats are sent, and how long one may stay unanswered. */
export interface HeartbeatConfig {
  readonly intervalMs: number;
  readonly timeoutMs: number;
}
