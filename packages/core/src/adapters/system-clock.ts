import type { Clock } from '../ports.js';

/** The globals behind the clock, and the only place that names them. Looked up when used, not on import. */
interface TimeGlobals {
  readonly performance: { now(): number };
  setTimeout(run: () => void, delayMs: number): unknown;
  clearTimeout(timer: unknown): void;
}

const globals = globalThis as unknown as TimeGlobals;

/**
 * Real time.
 *
 * `unixNow` reads the clock once a turn: messages that the network brought in one piece arrived
 * together, and reading it for each would cost as much as handing the message over.
 */
export const systemClock: Clock = {
  now: () => globals.performance.now(),
  unixNow() {
    if (unixMs === 0) {
      unixMs = Date.now();
      void Promise.resolve().then(forget);
    }
    return unixMs;
  },
  setTimer: (delayMs, run) => globals.setTimeout(run, delayMs),
  clearTimer: (timer) => {
    globals.clearTimeout(timer);
  },
  unref(timer) {
    // Node, Bun and Deno have objects for timers; browsers have numbers.
    if (typeof timer === 'object') (timer as { unref?(): unknown }).unref?.();
  },
};

let unixMs = 0;

function forget(): void {
  unixMs = 0;
}
