import type { FrameData } from '@jetsocket/core/protocol';
import {
  type Change,
  type Claim,
  type Claimed,
  judge,
  type LogFactory,
  type LogLimits,
  type SessionLog,
  type Written,
} from './log.js';

interface Session {
  n: number;
  readonly principal: string;
  rx: number;
  base: number;
  /** From `base + 1` on. */
  messages: FrameData[];
  aliveAtMs: number;
}

interface Tombstone {
  readonly n: number;
  readonly why: 'expired' | 'ended';
  readonly rx: number;
  readonly principal: string;
  readonly untilMs: number;
}

/** Counts of sessions that are over: about 100 bytes each. */
const MAX_TOMBSTONES = 100_000;

/**
 * Keeps sessions in this process: they outlive connections, and end with the process. The default.
 *
 * A log may be shared by several servers in one process, as a test does that starts its server anew.
 */
export function memoryLog(): LogFactory {
  let log: MemoryLog | undefined;
  return (limits, now) => {
    log ??= new MemoryLog(limits, now);
    return log;
  };
}

class MemoryLog implements SessionLog {
  readonly #limits: LogLimits;
  readonly #now: () => number;
  readonly #sessions = new Map<string, Session>();
  readonly #tombstones = new Map<string, Tombstone>();

  constructor(limits: LogLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  claim(claim: Claim): Claimed {
    this.#expire(claim.sid);
    const session = this.#sessions.get(claim.sid);
    if (session === undefined) return this.#claimAbsent(claim);
    const { n, rx, base, messages, principal } = session;
    const hi = base + messages.length;
    const gone = judge(claim, { n, principal, rx, hi });
    if (gone !== undefined) return gone;
    session.n = claim.n;
    session.aliveAtMs = this.#now();
    const isHere = claim.localN === n;
    return {
      type: 'resumed',
      stored: { n, rx, base, messages: isHere ? undefined : [...messages] },
    };
  }

  write(
    sid: string,
    n: number,
    { first, messages, rx, base, isWhole, principal }: Change,
  ): Written {
    let session = this.#sessions.get(sid);
    if (session === undefined) {
      const tombstone = this.#tombstones.get(sid);
      // It went on elsewhere before it was over.
      if (tombstone !== undefined && n < tombstone.n) return 'fenced';
      if (!isWhole) return 'behind';
      session = { n, principal, rx, base: first - 1, messages: [], aliveAtMs: this.#now() };
      this.#sessions.set(sid, session);
    }
    if (session.n !== n) return 'fenced';
    if (isWhole) {
      session.base = first - 1;
      session.messages = [];
    }
    const next = session.base + session.messages.length + 1;
    if (first > next && base + 1 < first) return 'behind';
    if (first > next) {
      session.base = first - 1;
      session.messages = [];
    }
    for (const message of messages) session.messages.push(message);
    session.rx = rx;
    session.aliveAtMs = this.#now();
    if (base > session.base) {
      session.messages.splice(0, base - session.base);
      session.base = base;
    }
    return 'ok';
  }

  end(sid: string, n: number, why: 'expired' | 'ended', rx: number): void {
    const session = this.#sessions.get(sid);
    if (session?.n !== n) return;
    this.#bury(sid, session, why, rx);
  }

  renew(sids: readonly string[]): void {
    for (const sid of sids) {
      const session = this.#sessions.get(sid);
      if (session !== undefined) session.aliveAtMs = this.#now();
    }
  }

  close(): void {
    // It is the process's: another server may go on with it.
  }

  #claimAbsent(claim: Claim): Claimed {
    const tombstone = this.#tombstones.get(claim.sid);
    if (tombstone !== undefined && tombstone.principal === claim.principal) {
      return { type: 'gone', why: tombstone.why, rx: tombstone.rx };
    }
    if (claim.localN !== undefined) return { type: 'missing' };
    if (claim.isKnown || tombstone !== undefined) return { type: 'gone', why: 'unknown', rx: null };
    const { sid, n, principal } = claim;
    const aliveAtMs = this.#now();
    this.#sessions.set(sid, { n, principal, rx: 0, base: 0, messages: [], aliveAtMs });
    return { type: 'created' };
  }

  #expire(sid: string): void {
    const now = this.#now();
    const session = this.#sessions.get(sid);
    if (session !== undefined && now - session.aliveAtMs > this.#limits.ttlMs) {
      this.#bury(sid, session, 'expired', session.rx);
    }
    const tombstone = this.#tombstones.get(sid);
    if (tombstone !== undefined && now > tombstone.untilMs) this.#tombstones.delete(sid);
  }

  #bury(sid: string, { n, principal }: Session, why: 'expired' | 'ended', rx: number): void {
    this.#sessions.delete(sid);
    const untilMs = this.#now() + this.#limits.tombstoneMs;
    this.#tombstones.set(sid, { n, why, rx, principal, untilMs });
    if (this.#tombstones.size <= MAX_TOMBSTONES) return;
    const [oldest] = this.#tombstones.keys();
    if (oldest !== undefined) this.#tombstones.delete(oldest);
  }
}
