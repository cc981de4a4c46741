import type { FrameData, GoneReason } from '@jetsocket/core/protocol';

/** A value now, or a promise of it: a log in memory answers at once, and costs no turn. */
export type MaybePromise<Value> = Value | PromiseLike<Value>;

/** A hello, as the log has to judge it. */
export interface Claim {
  /** Names the session. */
  readonly sid: string;
  /** Rises with every hello of a client: the log takes it only if it is higher than the one it knows. */
  readonly n: number;
  /** Whether the client was ever welcomed in this session. */
  readonly isKnown: boolean;
  /** The highest number that the client has of ours. */
  readonly rx: number;
  /** The highest number that the client has given. */
  readonly hi: number;
  /** Who the client is. A session belongs to the one who began it. */
  readonly principal: string;
  /** The `n` of the session that this process holds, if it does: what it holds need not be read. */
  readonly localN: number | undefined;
}

/** What the log says to a claim. All but `gone` have taken it: from now on only this `n` may write. */
export type Claimed =
  | { readonly type: 'created' }
  | { readonly type: 'resumed'; readonly stored: Stored }
  /** The log has lost it, but this process has it, and has to write it anew. */
  | { readonly type: 'missing' }
  | { readonly type: 'gone'; readonly why: GoneReason; readonly rx: number | null };

/** A session as it is written. */
export interface Stored {
  /** The `n` that the last one to write had. */
  readonly n: number;
  /** The highest number of the client's that was handled. */
  readonly rx: number;
  /** What is up to this number need not be kept any more, or was dropped. */
  readonly base: number;
  /** The messages from `base + 1` on; undefined when `n` is the `localN` of the claim: this process has them. */
  readonly messages: readonly FrameData[] | undefined;
}

/** What changed in a session since the last write. */
export interface Change {
  /** The number of the first message. */
  readonly first: number;
  /** New messages; with `isWhole` all from `first` on, in place of what was there. */
  readonly messages: readonly FrameData[];
  /** The highest number of the client's that was handled. */
  readonly rx: number;
  /** Messages up to this number may be forgotten. */
  readonly base: number;
  /** Whether the messages replace what was there. */
  readonly isWhole: boolean;
  /** Whom the session belongs to, for the case that it has to be written anew. */
  readonly principal: string;
}

/**
 * - `ok`: it is written, and survives what the log survives.
 * - `fenced`: somebody else goes on with this session, or did until it was over.
 * - `behind`: the log does not have what comes before: write it whole.
 */
export type Written = 'ok' | 'fenced' | 'behind';

/**
 * Where sessions are kept: what has to outlive a connection, or a process. Every method is one atomic step. One
 * that rejects is tried again; a log that cannot be reached holds up acknowledgements, and loses nothing.
 */
export interface SessionLog {
  /** Decides on a hello, by the rules of docs/protocol.md. */
  claim(claim: Claim): MaybePromise<Claimed>;
  /**
   * Writes what changed, if `n` is still the newest that the log knows. Nothing may have: then it is only asked whether
   * it is.
   */
  write(sid: string, n: number, change: Change): MaybePromise<Written>;
  /** The session is over. Its count is kept, so that a client who comes late learns what arrived. */
  end(sid: string, n: number, why: 'expired' | 'ended', rx: number): MaybePromise<void>;
  /** These sessions are alive in this process: their time begins again. */
  renew(sids: readonly string[]): MaybePromise<void>;
  /** Lets go of what the log holds open. */
  close(): MaybePromise<void>;
}

/** How long a log keeps what. The server sets it. */
export interface LogLimits {
  /** How long a session without a connection is kept, in milliseconds. */
  readonly ttlMs: number;
  /** How long afterwards its count is kept, in milliseconds. */
  readonly tombstoneMs: number;
}

/** Makes a log for a server with these limits. What `options.log` takes. */
export type LogFactory = (limits: LogLimits, now: () => number) => SessionLog;

/** The rules for a hello about a session that is there; undefined: it goes on. The same in every log. */
export function judge(
  claim: Claim,
  stored: {
    readonly n: number;
    readonly principal: string;
    readonly rx: number;
    readonly hi: number;
  },
): Extract<Claimed, { type: 'gone' }> | undefined {
  // A stolen id is worth nothing, and is not even told to exist.
  if (claim.principal !== stored.principal) return { type: 'gone', why: 'unknown', rx: null };
  if (claim.n <= stored.n) return { type: 'gone', why: 'fenced', rx: null };
  // One of us has forgotten what it had, and with it, how much it took.
  if (claim.rx > stored.hi || claim.hi < stored.rx)
    return { type: 'gone', why: 'regressed', rx: null };
  return undefined;
}
