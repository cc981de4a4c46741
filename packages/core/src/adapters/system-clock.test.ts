import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from './system-clock.js';

const START = 1_700_000_000_000;

beforeEach(() => {
  vi.useFakeTimers({ now: START, toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('systemClock', () => {
  it('now() is the monotonic time in milliseconds, whatever becomes of the wall clock', () => {
    const startMs = systemClock.now();
    vi.advanceTimersByTime(250);
    vi.setSystemTime(START - 60_000);
    expect(systemClock.now() - startMs).toBe(250);
  });

  it('unixNow() is the time in milliseconds since 1970', async () => {
    expect(systemClock.unixNow()).toBe(START);
    await Promise.resolve();
  });

  it('unixNow() stands still during one turn, and is read anew in the next', async () => {
    expect(systemClock.unixNow()).toBe(START);
    vi.setSystemTime(START + 5);
    expect(systemClock.unixNow()).toBe(START);
    await Promise.resolve();
    expect(systemClock.unixNow()).toBe(START + 5);
    await Promise.resolve();
  });

  it('setTimer() calls once, after its delay', () => {
    const run = vi.fn();
    systemClock.setTimer(100, run);
    vi.advanceTimersByTime(99);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(run).toHaveBeenCalledOnce();
  });

  it('clearTimer() stops a timer', () => {
    const run = vi.fn();
    systemClock.clearTimer(systemClock.setTimer(100, run));
    vi.advanceTimersByTime(1_000);
    expect([run.mock.calls, vi.getTimerCount()]).toEqual([[], 0]);
  });

  it('unref() lets the process end, where timers are objects', () => {
    const unref = vi.fn();
    systemClock.unref?.({ unref });
    expect(unref).toHaveBeenCalledOnce();
    expect(() => systemClock.unref?.(7)).not.toThrow();
  });

  it('looks up the globals when it is used, not on import', () => {
    const later = vi.spyOn(globalThis, 'setTimeout');
    systemClock.setTimer(100, () => undefined);
    expect(later).toHaveBeenCalledOnce();
    later.mockRestore();
  });
});
