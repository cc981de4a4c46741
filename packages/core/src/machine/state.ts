import type { Phase } from '../events.js';

/** What every phase has. */
export interface Shared {
  /** Number of the newest socket. News of an older one is stale. */
  readonly epoch: number;
  /** Retries in a row. 0 again after `resetAfterMs` of health, and when the user asks for a connection. */
  readonly attempt: number;
  /** Where the dice stand: a run is told completely by its first seed and its inputs. */
  readonly seed: number;
  /** Address of the newest attempt, without credentials; empty until it is known. */
  readonly uri: string;
  /** How many connections this life has had, from `connect()` to `closed`. */
  readonly connections: number;
  /** How the server took our credentials. */
  readonly credentials: Credentials;
  /** Until when attempts are paid for, on the monotonic clock: see budget.ts. */
  readonly paidUntilMs: number;
  /** When the last connection was lost, on the monotonic clock. */
  readonly lostAtMs: number;
}

/**
 * - `trusted`: it has not refused any since a connection was healthy.
 * - `refused`: it did, and fresh ones are asked for.
 * - `renewed`: it took the fresh ones. When it refuses these too, before `resetAfterMs` of health, that is the end.
 */
export type Credentials = 'trusted' | 'refused' | 'renewed';

/** A heartbeat that waits for its answer. */
export interface Ping {
  readonly sentAtMs: number;
  /** How much had been heard from the server when it was sent. More since then is life as well. */
  readonly heardBefore: number;
  /** It was overdue once, but the timer was late: this machine slept, and the answer may lie in a buffer. */
  readonly excused: boolean;
}

/** What the client is doing. A union, so that no phase can hold what only another one means. */
export type State = Shared &
  (
    | { readonly phase: 'idle' } // Made, never connected.
    | Connecting
    | Connected
    | { readonly phase: 'backing_off' } // There is no socket. The timer `backoff` runs.
    | Closing
    | { readonly phase: 'closed' } // By the user, or a normal end.
    | { readonly phase: 'failed' } // Given up.
  );

/** Address and credentials are asked for, then a socket is being opened. */
export interface Connecting {
  readonly phase: 'connecting';
  /** The event `connecting` of this attempt is out. */
  readonly announced: boolean;
}

/** Messages flow. */
export interface Connected {
  readonly phase: 'connected';
  readonly ping: Ping | null;
}

/** Our close frame is sent; the server's is awaited. */
export interface Closing {
  readonly phase: 'closing';
  readonly code: number;
  readonly reason: string;
}

/** The state in one phase. */
export type In<P extends Phase> = Extract<State, { readonly phase: P }>;

/** Where every client begins. `seed` is any number; equal seeds draw equal delays. */
export function initialState(seed: number): State {
  return {
    phase: 'idle',
    epoch: 0,
    attempt: 0,
    seed: seed >>> 0,
    uri: '',
    connections: 0,
    credentials: 'trusted',
    paidUntilMs: -Infinity,
    lostAtMs: 0,
  };
}
