import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Pulse } from './pulse.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it.each([
  [1, 10],
  [4, 40],
  [200, 2_000],
  [500, 5_000],
])('Pulse at %i a second beats %i times in ten', (rate, beats) => {
  const beat = vi.fn();
  const pulse = new Pulse(beat);
  pulse.rate = rate;
  vi.advanceTimersByTime(10_000);
  pulse.stop();
  // The first comes at once.
  expect(beat.mock.calls.length).toBeGreaterThanOrEqual(beats);
  expect(beat.mock.calls.length).toBeLessThanOrEqual(beats + 1);
});

it('Pulse stops at 0, and leaves no timer', () => {
  const beat = vi.fn();
  const pulse = new Pulse(beat);
  pulse.rate = 10;
  vi.advanceTimersByTime(500);
  const before = beat.mock.calls.length;
  pulse.rate = 0;
  vi.advanceTimersByTime(5_000);
  expect(beat).toHaveBeenCalledTimes(before);
  expect(vi.getTimerCount()).toBe(0);
});

it('Pulse makes up for a second of sleep, and not for an hour', () => {
  const beat = vi.fn();
  const pulse = new Pulse(beat);
  pulse.rate = 10;
  vi.advanceTimersByTime(100);
  beat.mockClear();
  vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 3_600_000);
  vi.advanceTimersByTime(25);
  expect(beat).toHaveBeenCalledTimes(10);
  vi.restoreAllMocks();
  pulse.stop();
});
