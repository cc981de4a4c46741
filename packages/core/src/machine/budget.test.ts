import { describe, expect, it } from 'vitest';
import { spendToken, waitForToken } from './budget.js';

/** The times at which somebody who always wants another connection gets one, in the first `untilMs`. */
function greedy(perMinute: number, untilMs: number): number[] {
  const times: number[] = [];
  let nowMs = 0;
  let paidUntilMs = -Infinity;
  while (nowMs < untilMs && times.length < 10_000) {
    times.push(nowMs);
    paidUntilMs = spendToken(paidUntilMs, nowMs, perMinute);
    nowMs += waitForToken(paidUntilMs, nowMs, perMinute);
  }
  return times;
}

describe('the budget', () => {
  it.each([1, 2, 3, 7, 60, 1_000])('allows no more than %i in any minute', (perMinute) => {
    const times = greedy(perMinute, 300_000);
    for (const from of times) {
      const within = times.filter((at) => at >= from && at < from + 60_000);
      expect(within.length).toBeLessThanOrEqual(perMinute);
    }
    // And not much less: about half of them each minute, after the first half at once.
    expect(times.length).toBeGreaterThanOrEqual((5 * perMinute) / 2);
  });

  it('lets half of a minute follow each other at once', () => {
    expect(greedy(60, 60_000).filter((at) => at === 0)).toHaveLength(30);
  });

  it('is whole again after a minute of rest', () => {
    let paidUntilMs = -Infinity;
    for (let made = 0; made < 30; made++) paidUntilMs = spendToken(paidUntilMs, 0, 60);
    expect(waitForToken(paidUntilMs, 0, 60)).toBeGreaterThan(0);
    for (let made = 0; made < 30; made++) {
      expect(waitForToken(paidUntilMs, 60_000, 60)).toBe(0);
      paidUntilMs = spendToken(paidUntilMs, 60_000, 60);
    }
    expect(waitForToken(paidUntilMs, 60_000, 60)).toBeGreaterThan(0);
  });

  it('makes no debt of attempts that nobody allowed', () => {
    let paidUntilMs = -Infinity;
    for (let made = 0; made < 10_000; made++) paidUntilMs = spendToken(paidUntilMs, 0, 60);
    expect(waitForToken(paidUntilMs, 0, 60)).toBeLessThanOrEqual(2_000);
  });

  it.each([-1e12, -60_000, 1])('waits no more than a minute when the clock is at %d', (nowMs) => {
    const paidUntilMs = spendToken(-Infinity, 0, 1);
    expect(waitForToken(paidUntilMs, nowMs, 1)).toBeGreaterThan(0);
    expect(waitForToken(paidUntilMs, nowMs, 1)).toBeLessThanOrEqual(60_000);
  });

  it('is no limit at Infinity', () => {
    expect(spendToken(-Infinity, 5, Infinity)).toBe(-Infinity);
    expect(waitForToken(1e12, 0, Infinity)).toBe(0);
  });
});
