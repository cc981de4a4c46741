/**
 * Real time. It comes from Node's modules and not from the globals, so that a test which fakes
 * those does not freeze the network: a real socket knows no virtual time.
 */
import { performance } from 'node:perf_hooks';
import * as timers from 'node:timers';

// Taken once, on import: some fake timers (@sinonjs/fake-timers) replace them in the module as well,
// and CommonJS would look them up there at each call.
const { clearTimeout, setImmediate, setTimeout } = timers;

export function clockMs(): number {
  return performance.now();
}

/** Runs it once what is there to read by now has been read. */
export function afterReads(run: () => void): void {
  setImmediate(run);
}

/** One timer that can be set again. Setting it forgets what it was set to before. */
export class Alarm {
  readonly #ring: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  set(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#ring, Math.ceil(delayMs));
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
