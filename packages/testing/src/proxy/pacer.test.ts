import { describe, expect, it } from 'vitest';
import { Pacer, type Shape } from './pacer.js';
import { seededRandom } from '../seeded-random.js';

const none: Shape = { delayMs: 0, jitterMs: 0, bytesPerSecond: Infinity };

function pacer(shape: Partial<Shape>, random: () => number = () => 0): Pacer {
  const made = new Pacer(random);
  made.reshape({ ...none, ...shape }, 0);
  return made;
}

describe('Pacer', () => {
  it('lets everything go at once without a shape', () => {
    const free = new Pacer(() => 1);
    expect(free.dueMs(7)).toBe(7);
    expect(free.next(9, 1_000, 7)).toEqual({ byteCount: 9, waitMs: 0 });
  });

  it.each([
    ['nothing of the jitter', 0, 110],
    ['half of it', 0.5, 115],
    ['all of it', 1, 120],
    ['no more than all of it', 7, 120],
    ['no less than nothing', -7, 110],
    ['nothing for what is no number', NaN, 110],
  ])('draws %s', (_name, drawn, dueMs) => {
    expect(pacer({ delayMs: 10, jitterMs: 10 }, () => drawn).dueMs(100)).toBe(dueMs);
  });

  it('draws nothing when there is no jitter', () => {
    const refuse = (): number => {
      throw new Error('drew');
    };
    expect(pacer({ delayMs: 10 }, refuse).dueMs(0)).toBe(10);
  });

  it('waits until bytes are due, and not a fraction less', () => {
    const late = pacer({ delayMs: 10 });
    expect(late.next(5, 110, 100)).toEqual({ byteCount: 0, waitMs: 10 });
    expect(late.next(5, 110, 109.9).waitMs).toBeGreaterThan(0);
    expect(late.next(5, 110, 110)).toEqual({ byteCount: 5, waitMs: 0 });
  });

  it('lets a slice go when its last byte is through, one after the other', () => {
    const rated = pacer({ bytesPerSecond: 1_000 });
    expect(rated.next(25, 0, 0)).toEqual({ byteCount: 0, waitMs: 10 });
    expect(rated.next(25, 0, 10)).toEqual({ byteCount: 10, waitMs: 0 });
    expect(rated.next(15, 0, 10)).toEqual({ byteCount: 0, waitMs: 10 });
    // A timer was late: what is due goes, and no more.
    expect(rated.next(15, 0, 24)).toEqual({ byteCount: 10, waitMs: 0 });
    expect(rated.next(5, 0, 24)).toEqual({ byteCount: 0, waitMs: 1 });
    expect(rated.next(5, 0, 25)).toEqual({ byteCount: 5, waitMs: 0 });
  });

  it('lets single bytes go at one a second', () => {
    const rated = pacer({ bytesPerSecond: 1 });
    expect(rated.next(9, 0, 999)).toEqual({ byteCount: 0, waitMs: 1 });
    expect(rated.next(9, 0, 1_000)).toEqual({ byteCount: 1, waitMs: 0 });
  });

  it('begins to count the rate when bytes are due', () => {
    const rated = pacer({ delayMs: 100, bytesPerSecond: 1_000 });
    expect(rated.next(10, 100, 0)).toEqual({ byteCount: 0, waitMs: 110 });
  });

  it('does not make up for time in which the line was blocked', () => {
    const rated = pacer({ bytesPerSecond: 1_000 });
    rated.restart(5_000);
    expect(rated.next(10, 0, 5_000)).toEqual({ byteCount: 0, waitMs: 10 });
    rated.reshape({ ...none, bytesPerSecond: 100 }, 6_000);
    expect(rated.next(1, 0, 6_000)).toEqual({ byteCount: 0, waitMs: 10 });
  });
});

it('seededRandom() gives the same numbers in [0, 1) for the same seed', () => {
  const [first, again, other] = [seededRandom(1), seededRandom(1), seededRandom(2)];
  const drawn = Array.from({ length: 1_000 }, first);
  expect(Array.from({ length: 1_000 }, again)).toEqual(drawn);
  expect(other()).not.toBe(drawn[0]);
  expect(drawn.every((number) => number >= 0 && number < 1)).toBe(true);
  const mean = drawn.reduce((sum, number) => sum + number) / drawn.length;
  expect(mean).toBeCloseTo(0.5, 1);
});
