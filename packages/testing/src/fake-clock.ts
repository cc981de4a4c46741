import type { Clock } from '@jetsocket/core';
import { settle } from './settle.js';

/** Where a virtual clock begins. */
export interface FakeClockOptions {
  /** Unix time in milliseconds. Default: 1,700,000,000,000, which is in November 2023. */
  readonly unixMs?: number | undefined;
}

/** Which clocks go on while the machine sleeps. */
export interface SleepOptions {
  /** The monotonic one. True on Windows and on most phones; on Linux and macOS it stands still. Default: true. */
  readonly monotonic?: boolean | undefined;
  /** The wall clock. Default: true. */
  readonly wall?: boolean | undefined;
}

interface Timer {
  readonly dueMs: number;
  readonly run: () => void;
}

/** A timer that sets itself again without a delay would go on for ever. */
const MAX_FIRED = 100_000;

/** What `setTimeout` takes: 2³¹ − 1 ms. Beyond it a real timer fires at once. */
const MAX_DELAY_MS = 2_147_483_647;

/**
 * Time that passes only when told to. Nothing in it waits, and equal calls give equal runs.
 *
 * ```ts
 * const clock = new FakeClock();
 * const socket = new JetSocket(url, { clock, transport });
 * await clock.advance(30_000);
 * ```
 */
export class FakeClock implements Clock {
  /** In the order in which they were set. The key is what `setTimer` returned. */
  readonly #timers = new Map<unknown, Timer>();
  #nowMs = 0;
  #unixMs: number;

  /** Stands still until it is told to advance. */
  constructor(options: FakeClockOptions = {}) {
    this.#unixMs = options.unixMs ?? 1_700_000_000_000;
  }

  now(): number {
    return this.#nowMs;
  }

  unixNow(): number {
    return this.#unixMs;
  }

  /** @throws {RangeError} When a real timer could not wait that long. */
  setTimer(delayMs: number, run: () => void): unknown {
    if (!(delayMs >= 0 && delayMs <= MAX_DELAY_MS)) {
      throw new RangeError(
        `Cannot set a timer: a delay of ${delayMs} ms is not in 0 to ${MAX_DELAY_MS}`,
      );
    }
    const key = {};
    this.#timers.set(key, { dueMs: this.#nowMs + delayMs, run });
    return key;
  }

  /** Calls it off. */
  clearTimer(timer: unknown): void {
    this.#timers.delete(timer);
  }

  /** How many timers run. 0 when nothing is left behind. */
  get pendingCount(): number {
    return this.#timers.size;
  }

  /**
   * Lets time pass. Timers fire in the order in which they are due, equal ones in the order in which
   * they were set, each with the clock at its own time; promises run on before and after each.
   *
   * @throws What a timer threw, with the clock at that timer's time.
   * @throws {RangeError} For what is no time that can pass.
   */
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0 && ms < Infinity)) {
      throw new RangeError(`Cannot advance: ${ms} ms is not a number from 0`);
    }
    const endMs = this.#nowMs + ms;
    await settle();
    for (let fired = 0; ; fired++) {
      const due = this.#earliest(endMs);
      if (due === undefined) break;
      if (fired === MAX_FIRED)
        throw new Error(`Cannot advance ${ms} ms: ${MAX_FIRED} timers fired, and there are more`);
      const [key, timer] = due;
      this.#timers.delete(key);
      // One that was slept through is late: the clock is past it, and never runs backwards.
      this.#pass(Math.max(0, timer.dueMs - this.#nowMs));
      timer.run();
      await settle();
    }
    this.#pass(Math.max(0, endMs - this.#nowMs));
  }

  /**
   * The machine sleeps: clocks move, and nothing fires. What was due meanwhile fires, late, at the
   * next `advance`, be it by 0.
   */
  sleep(ms: number, { monotonic = true, wall = true }: SleepOptions = {}): void {
    if (monotonic) this.#nowMs += ms;
    if (wall) this.#unixMs += ms;
  }

  /** The wall clock alone is set, forwards or backwards. Timers do not care. */
  jumpWallClock(ms: number): void {
    this.#unixMs += ms;
  }

  #pass(ms: number): void {
    this.#nowMs += ms;
    this.#unixMs += ms;
  }

  #earliest(endMs: number): readonly [key: unknown, timer: Timer] | undefined {
    let earliest: readonly [unknown, Timer] | undefined;
    for (const entry of this.#timers) {
      const { dueMs } = entry[1];
      if (dueMs <= endMs && (earliest === undefined || dueMs < earliest[1].dueMs)) earliest = entry;
    }
    return earliest;
  }
}
