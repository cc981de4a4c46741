/** It makes an attempt now. */
export const ATTEMPT = -1;
/** It has given up, and never comes back. */
export const GIVEN_UP = -2;

/** What a client does next: so many milliseconds of waiting, `ATTEMPT` or `GIVEN_UP`. */
export type Next = number;

/** Many clients of one kind, told apart by their numbers. Times are milliseconds on one clock. */
export interface Fleet {
  readonly name: string;
  /** Whose behaviour it is: a version, or `here` for the code of this repository. */
  readonly version: string;
  /** How long an attempt may take before the client abandons it. */
  readonly connectTimeoutMs: number;
  /** The connection, which had lasted long, is gone. */
  lost(client: number, nowMs: number): Next;
  /** The wait is over. */
  woken(client: number, nowMs: number): Next;
  refused(client: number, nowMs: number): Next;
  /** The attempt took longer than `connectTimeoutMs`. */
  timedOut(client: number, nowMs: number): Next;
  accepted(client: number, nowMs: number): void;
}

/** Numbers in [0, 1), the same for the same seed: xorshift, by George Marsaglia. */
export function dice(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state = (state ^ (state << 5)) >>> 0;
    return state / 4_294_967_296;
  };
}
