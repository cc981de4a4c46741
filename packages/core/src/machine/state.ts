import type { Cause, Phase } from '../events.js';

/** What every phase has. */
export interface Shared {
  /** Number of the newest socket. News of an older one is stale. */
  readonly epoch: number;
  /** The highest number given: ahead of `epoch` while a successor is being opened, or was in vain. */
  readonly newest: number;
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
  readonly surroundings: Surroundings;
}

/** What the environment last said. Where it says nothing, all is well. */
export interface Surroundings {
  readonly isOnline: boolean;
  /** `stored`: put aside by the browser, to be restored or never. Nothing is attempted then. */
  readonly page: 'shown' | 'hidden' | 'stored';
  /** Since when the page is not shown, on the monotonic clock. */
  readonly hiddenAtMs: number;
  /** When the last attempt began that ended a wait. */
  readonly attemptedAtMs: number;
}

/**
 * - `trusted`: it has not refused any since it took some.
 * - `refused`: it did, and fresh ones are asked for.
 * - `renewed`: it took the fresh ones, or has not looked at them yet. When it refuses these too, before the connection has
 *   proven them (credentials.ts) or lasted for `resetAfterMs`, that is the end.
 */
export type Credentials = 'trusted' | 'refused' | 'renewed';

/** A heartbeat that waits for its answer. */
export interface Ping {
  readonly sentAtMs: number;
  /** How much had been heard from the server when it was sent. More since then is life as well. */
  readonly heardBefore: number;
  /** It was overdue once, but the timer was late: this machine slept, and the answer may lie in a buffer. */
  readonly excused: boolean;
  /** It was asked because of a pause, and has a short deadline. */
  readonly isProbe: boolean;
}

/** A connection that is to follow on the open one. */
export interface Successor {
  readonly epoch: number;
  /** Why there has to be another one. */
  readonly cause: Cause;
  /** Null until the address is known. */
  readonly uri: string | null;
  /**
   * `opening`; then `open`, while the old one, which we have closed, says its last; `gone` when it was lost
   * meanwhile.
   */
  readonly place: 'opening' | 'open' | 'gone';
  readonly protocol: string;
  readonly canPing: boolean;
}

/** What the client is doing. A union, so that no phase can hold what only another one means. */
export type State = Shared &
  (
    | { readonly phase: 'idle' } // Made, never connected.
    | Connecting
    | Connected
    | BackingOff
    | Closing
    | { readonly phase: 'closed' } // By the user, or a normal end.
    | { readonly phase: 'failed' } // Given up.
  );

/** Address and credentials are asked for, then a socket is being opened. */
export interface Connecting {
  readonly phase: 'connecting';
  /** The event `connecting` of this attempt is out. */
  readonly announced: boolean;
  /** It has not begun: the minute allows no further attempt yet, and the timer `backoff` runs. */
  readonly isHeld: boolean;
}

/** Messages flow. */
export interface Connected {
  readonly phase: 'connected';
  /** The question that is out. Where nothing can be asked, the silence that is watched. */
  readonly ping: Ping | null;
  /** Since when, on the monotonic clock. */
  readonly openedAtMs: number;
  /** How much had been heard from the server by then, on other connections. */
  readonly heardBefore: number;
  /** Whether anything can be asked on this socket. */
  readonly canPing: boolean;
  /** When it was last proven to live, or asked because of a pause. */
  readonly probedAtMs: number;
  readonly successor: Successor | null;
  /** What the timer `age` stands for. */
  readonly ageCause: Cause;
  /** Successors in a row that came to nothing. */
  readonly failedSuccessors: number;
}

/** There is no socket. The timer `backoff` runs, unless the page is stored. */
export interface BackingOff {
  readonly phase: 'backing_off';
  /** The server asked us to stay away until then: no signal hurries that. */
  readonly notBeforeMs: number;
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
    newest: 0,
    attempt: 0,
    seed: seed >>> 0,
    uri: '',
    connections: 0,
    credentials: 'trusted',
    paidUntilMs: -Infinity,
    lostAtMs: 0,
    surroundings: QUIET,
  };
}

/** Before anything was said. */
export const QUIET: Surroundings = {
  isOnline: true,
  page: 'shown',
  hiddenAtMs: 0,
  attemptedAtMs: Number.NEGATIVE_INFINITY,
};
