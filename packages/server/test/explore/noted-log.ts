import type * as ServerModule from '../../src/index.js';

type Log = ReturnType<ServerModule.LogFactory>;

/** What the log was asked, and has not done yet. */
interface Order {
  readonly print: string;
  readonly carryOut: () => void;
  readonly isAnew: boolean;
}

/**
 * A log of which is known what is in it, since that makes a difference to what follows. One that is slow does, and
 * answers, only what `answer` tells it to: one thing at a time, in order.
 */
export class NotedLog {
  readonly factory: ServerModule.LogFactory;
  /** The count of sessions that are over. */
  readonly #graves = new Map<string, number>();
  /** The newest hello of each, and when it came. */
  readonly #claims = new Map<string, readonly number[]>();
  readonly #written = new Map<string, readonly unknown[]>();
  readonly #orders: Order[] = [];

  constructor(inner: ServerModule.LogFactory, isSlow: boolean) {
    this.factory = (limits, now) => {
      const log = this.#noted(inner(limits, now), now);
      return isSlow ? this.#slow(log) : log;
    };
  }

  get isWaiting(): boolean {
    return this.#orders.length > 0;
  }

  /** It is asked for a session that was not there. One that is there, the server holds meanwhile. */
  get isAskedAnew(): boolean {
    return this.#orders.some(({ isAnew }) => isAnew);
  }

  /** Does and answers the oldest thing that it was asked. */
  answer(): void {
    this.#orders.shift()?.carryOut();
  }

  /** The process that asked is gone. What it asked arrives nowhere. */
  forgetOrders(): void {
    this.#orders.length = 0;
  }

  get print(): readonly unknown[] {
    return [
      [...this.#graves],
      [...this.#claims],
      [...this.#written],
      this.#orders.map(({ print }) => print),
    ];
  }

  #noted(log: Log, now: () => number): Log {
    return {
      claim: (claim) => {
        const claimed = log.claim(claim);
        const isTaken = !('then' in claimed) && claimed.type !== 'gone';
        if (isTaken) this.#claims.set(claim.sid, [claim.n, now()]);
        return claimed;
      },
      write: (sid, n, change) => {
        const { rx, base, first, messages } = change;
        const written = log.write(sid, n, change);
        if (written === 'ok') this.#written.set(sid, [rx, base, first + messages.length, now()]);
        return written;
      },
      end: (sid, n, why, rx) => {
        this.#graves.set(sid, rx);
        return log.end(sid, n, why, rx);
      },
      renew: (sids) => log.renew(sids),
      close: () => log.close(),
    };
  }

  #slow(log: Log): Log {
    const later = <Answer>(
      print: string,
      answer: () => Answer,
      isAnew: boolean = false,
    ): Promise<Awaited<Answer>> =>
      new Promise((resolve) => {
        const carryOut = (): void => resolve(answer() as Awaited<Answer>);
        this.#orders.push({ print, carryOut, isAnew });
      });
    return {
      ...log,
      claim: (claim) =>
        later(`claim ${JSON.stringify(claim)}`, () => log.claim(claim), claim.localN === undefined),
      write: (sid, n, change) =>
        later(`write ${sid} ${n} ${JSON.stringify(change)}`, () => log.write(sid, n, change)),
      end: (sid, n, why, rx) =>
        later(`end ${sid} ${n} ${why} ${rx}`, () => log.end(sid, n, why, rx)),
    };
  }
}
