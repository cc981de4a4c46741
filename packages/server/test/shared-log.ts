/** For tests of several servers over virtual time: a log that they share, and that takes its time. */
import type { FakeClock } from '@jetsocket/testing';
import { type LogFactory, memoryLog, type SessionLog } from '../src/index.js';

/** A log that servers share, and whose answers take so long once a clock is there. */
export interface SharedLog {
  readonly factory: LogFactory;
  clock: FakeClock | undefined;
  delayMs: number;
  /** Every call fails. */
  isDown: boolean;
}

export function sharedLog(delayMs: number): SharedLog {
  let inner: SessionLog | undefined;
  const later = <Answer>(ask: () => Answer): Answer | Promise<Awaited<Answer>> => {
    const { clock, delayMs: ms, isDown } = shared;
    if (isDown) return Promise.reject(new Error('It is down'));
    if (clock === undefined || ms === 0) return ask();
    // It is done on arrival, and heard of on the way back.
    return new Promise((resolve) => {
      clock.setTimer(ms / 2, () => {
        const answer = ask() as Awaited<Answer>;
        clock.setTimer(ms / 2, () => {
          resolve(answer);
        });
      });
    });
  };
  const factory: LogFactory = (limits, now) => {
    const log = (inner ??= memoryLog()(limits, now));
    return {
      claim: (claim) => later(() => log.claim(claim)),
      write: (sid, n, change) => later(() => log.write(sid, n, change)),
      end: (sid, n, why, rx) => later(() => log.end(sid, n, why, rx)),
      renew: (sids) => log.renew(sids),
      close: () => undefined,
    };
  };
  const shared: SharedLog = { factory, clock: undefined, delayMs, isDown: false };
  return shared;
}

/** Does it every so often, until told to stop. */
export function every(clock: FakeClock, ms: number, run: () => void): () => void {
  let isOn = true;
  const again = (): void => {
    if (!isOn) return;
    run();
    clock.setTimer(ms, again);
  };
  again();
  return () => void (isOn = false);
}
