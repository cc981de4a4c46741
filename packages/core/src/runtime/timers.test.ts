import { FakeClock } from '@jetsocket/testing';
import { describe, expect, it } from 'vitest';
import { Timers } from './timers.js';

type Name = 'a' | 'b';

/** Timers, and a log of which fired when and how late. */
function logged(): {
  readonly clock: FakeClock;
  readonly timers: Timers<Name>;
  readonly log: string[];
} {
  const clock = new FakeClock();
  const log: string[] = [];
  const timers = new Timers<Name>(clock, (name, lateMs) => {
    log.push(`${name}@${clock.now()} late ${lateMs} ${timers.has(name) ? 'runs' : 'is over'}`);
  });
  return { clock, timers, log };
}

describe('Timers', () => {
  it('fire once, each by its name, and are over by then', async () => {
    const { clock, timers, log } = logged();
    timers.set('b', 20);
    timers.set('a', 10);
    await clock.advance(100);
    expect(log).toEqual(['a@10 late 0 is over', 'b@20 late 0 is over']);
  });

  it('set() replaces the one of that name', async () => {
    const { clock, timers, log } = logged();
    timers.set('a', 10);
    timers.set('b', 10);
    await clock.advance(5);
    timers.set('a', 10);
    expect(clock.pendingCount).toBe(2);
    await clock.advance(100);
    expect(log).toEqual(['b@10 late 0 is over', 'a@15 late 0 is over']);
  });

  it('set() when it fires sets it again', async () => {
    const clock = new FakeClock();
    let fired = 0;
    const timers = new Timers<Name>(clock, (name) => {
      if (++fired < 3) timers.set(name, 10);
    });
    timers.set('a', 10);
    await clock.advance(100);
    expect([fired, timers.has('a'), clock.pendingCount]).toEqual([3, false, 0]);
  });

  it('has() tells which run', async () => {
    const { clock, timers } = logged();
    expect(timers.has('a')).toBe(false);
    timers.set('a', 10);
    expect([timers.has('a'), timers.has('b')]).toEqual([true, false]);
    await clock.advance(10);
    expect(timers.has('a')).toBe(false);
  });

  it('clear() stops one, and does nothing where none runs', async () => {
    const { clock, timers, log } = logged();
    timers.clear('a');
    timers.set('a', 10);
    timers.set('b', 10);
    timers.clear('a');
    timers.clear('a');
    expect([timers.has('a'), clock.pendingCount]).toEqual([false, 1]);
    await clock.advance(10);
    expect(log).toEqual(['b@10 late 0 is over']);
  });

  it('clearAll() stops all', async () => {
    const { clock, timers, log } = logged();
    timers.set('a', 10);
    timers.set('b', 20);
    timers.clearAll();
    expect([timers.has('a'), timers.has('b'), clock.pendingCount]).toEqual([false, false, 0]);
    timers.clearAll();
    await clock.advance(100);
    expect(log).toEqual([]);
  });

  it('clear a clock whose timers are undefined', () => {
    const cleared: unknown[] = [];
    const clock = {
      now: () => 0,
      unixNow: () => 0,
      setTimer: () => undefined,
      clearTimer: (timer: unknown) => void cleared.push(timer),
    };
    const timers = new Timers<Name>(clock, () => undefined);
    timers.set('a', 10);
    expect(timers.has('a')).toBe(true);
    timers.clear('a');
    expect([timers.has('a'), cleared]).toEqual([false, [undefined]]);
  });
});

// prettier-ignore
const sleeps: readonly (readonly [name: string, sleep: (clock: FakeClock) => void, lateMs: number])[] = [
  ['both clocks saw', (clock) => clock.sleep(500), 490],
  ['only the wall clock saw', (clock) => clock.sleep(500, { monotonic: false }), 500],
  ['only the monotonic clock saw', (clock) => clock.sleep(500, { wall: false }), 490],
  ['is none, as the wall clock was set back', (clock) => clock.jumpWallClock(-500), 0],
];

it.each(sleeps)(
  'Timers tell how late they are, by a sleep that %s',
  async (_name, sleep, lateMs) => {
    const { clock, timers, log } = logged();
    timers.set('a', 10);
    sleep(clock);
    await clock.advance(10);
    expect(log).toEqual([expect.stringContaining(`late ${lateMs} `)]);
  },
);

it('Timers are not late where the system fires early', () => {
  const runs: (() => void)[] = [];
  const clock = {
    now: () => 0,
    unixNow: () => 0,
    setTimer: (_delayMs: number, run: () => void) => runs.push(run),
    clearTimer: () => undefined,
  };
  const late: number[] = [];
  new Timers<Name>(clock, (_name, lateMs) => late.push(lateMs)).set('a', 1);
  runs[0]?.();
  expect(late).toEqual([0]);
});
