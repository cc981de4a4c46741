import { describe, expect, it } from 'vitest';
import { type BackoffConfig, backoffDelay, hintedDelay, politeDelay } from './backoff.js';

const config: BackoffConfig = {
  baseMs: 1_000,
  multiplier: 2,
  capMs: 60_000,
  jitter: true,
  maxAttempts: Infinity,
  resetAfterMs: 60_000,
  maxPerMinute: 60,
};
const still = { ...config, jitter: false };

/** Many delays of one retry, each with the dice of the one before. */
function draw(count: number, attempt: number): number[] {
  const delays: number[] = [];
  let seed = 12_345;
  for (let drawn = 0; drawn < count; drawn++) {
    const [delayMs, next] = backoffDelay(attempt, seed, config);
    delays.push(delayMs);
    seed = next;
  }
  return delays;
}

describe('backoffDelay()', () => {
  it.each([
    [1, 1_000],
    [2, 2_000],
    [6, 32_000],
    [7, 60_000],
    [100, 60_000],
    [5_000, 60_000],
  ])('has for retry %i the ceiling %i ms', (attempt, ceilingMs) => {
    expect(backoffDelay(attempt, 1, still)).toEqual([ceilingMs, 1]);
  });

  it.each([1, 4, 50])('spreads retry %i evenly from 0 to the ceiling', (attempt) => {
    const [ceilingMs] = backoffDelay(attempt, 1, still);
    const delays = draw(20_000, attempt);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...delays)).toBeLessThanOrEqual(ceilingMs);
    const tenths = new Array<number>(10).fill(0);
    for (const delayMs of delays) {
      const tenth = Math.min(9, Math.floor((delayMs / ceilingMs) * 10));
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    // Each tenth expects 2,000; five standard deviations are 212.
    for (const count of tenths) expect(Math.abs(count - 2_000)).toBeLessThan(212);
  });

  it('draws equal delays from equal seeds, and others from others', () => {
    expect(backoffDelay(5, 42, config)).toEqual(backoffDelay(5, 42, config));
    const firsts = new Set(
      Array.from({ length: 100 }, (_, seed) => backoffDelay(8, seed, config)[0]),
    );
    expect(firsts.size).toBeGreaterThan(95);
  });

  it('is 0 with a base of 0', () => {
    expect(backoffDelay(3, 1, { ...config, baseMs: 0 })[0]).toBe(0);
  });
});

describe('hintedDelay()', () => {
  it('waits no less than the server asked, and up to baseMs more', () => {
    const delays = Array.from({ length: 1_000 }, (_, seed) => hintedDelay(30_000, seed, config)[0]);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(30_000);
    expect(Math.max(...delays)).toBeLessThanOrEqual(31_000);
    expect(new Set(delays).size).toBeGreaterThan(500);
  });

  it('waits exactly so long without jitter', () => {
    expect(hintedDelay(30_000, 1, still)).toEqual([30_000, 1]);
  });

  it('believes no more than an hour', () => {
    expect(hintedDelay(86_400_000, 1, still)[0]).toBe(3_600_000);
  });
});

describe('politeDelay()', () => {
  const drawn = (code: 1012 | 1013, attempt: number, given = config): readonly number[] =>
    Array.from({ length: 2_000 }, (_, seed) => politeDelay(code, attempt, seed, given)[0]);

  // prettier-ignore
  it.each<readonly [code: 1012 | 1013, attempt: number, least: number, most: number]>([
    [1012, 1, 0, 4_000],
    [1012, 3, 0, 4_000],
    [1012, 4, 0, 8_000],
    [1012, 100, 0, 60_000],
    [1013, 1, 1_000, 16_000],
    [1013, 6, 1_000, 32_000],
    [1013, 100, 1_000, 60_000],
  ])('spreads those of %i, at retry %i, from %i to %i ms', (code, attempt, least, most) => {
    const delays = drawn(code, attempt);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(least);
    expect(Math.min(...delays)).toBeLessThan(least + (most - least) / 20);
    expect(Math.max(...delays)).toBeLessThanOrEqual(most);
    expect(Math.max(...delays)).toBeGreaterThan(most - (most - least) / 20);
  });

  it.each([1012, 1013] as const)('keeps to the cap after %i', (code) => {
    const delays = drawn(code, 1, { ...config, capMs: 500 });
    expect(Math.max(...delays)).toBeLessThanOrEqual(500);
  });

  it('is the ceiling without jitter', () => {
    expect(politeDelay(1012, 1, 1, still)).toEqual([4_000, 1]);
    expect(politeDelay(1013, 1, 1, still)).toEqual([16_000, 1]);
  });
});
