import type { Cause, Phase, ReplayMode } from './events.js';
import type { Stats } from './stats.js';

/**
 * What a socket did last, as plain data for a bug report: see `JetSocket.record`. There is no message in it, no
 * header, no user name or password, nothing of the URL's query, and no text that the server sent.
 */
export interface FlightRecord {
  /** Of this shape. */
  readonly version: 1;
  /** Unix time in seconds. */
  readonly timestamp: number;
  /** Address of the newest attempt. A query is told as `?…`. */
  readonly uri: string;
  /** The option `replay.mode`. */
  readonly replayMode: ReplayMode;
  /** As `JetSocket.stats()` at that moment. */
  readonly stats: Stats;
  /** Where the session stands, in replay mode `session`. */
  readonly session: Readonly<Record<string, number | string | boolean>> | null;
  /** How many transitions came before those below. */
  readonly forgotten: number;
  /** The last transitions, oldest first. */
  readonly transitions: readonly TransitionRecord[];
}

/** One step of the state machine that led to something. */
export interface TransitionRecord {
  /** Milliseconds since the socket was made. */
  readonly atMs: number;
  /** What happened, as `transport.ended`. */
  readonly input: string;
  /** A timer's name, a close code or an HTTP status; else null. */
  readonly detail: string | null;
  /** The state before. */
  readonly from: Phase;
  /** The state after. */
  readonly to: Phase;
  /** Why it was left, where there is a reason to tell; else null. */
  readonly cause: Cause | null;
  /** The number of the socket, and the retries in a row, after it. */
  readonly epoch: number;
  /** Retries in a row so far. */
  readonly attempt: number;
  /** What was done about it, as `timer.set backoff` or `emit connected`. */
  readonly effects: readonly string[];
}
