import { expect, it } from 'vitest';
import { slope } from './trend.mjs';

it('slope() of points on a line is the line’s', () => {
  expect(slope([1, 5, 9].map((x) => ({ x, y: 3 * x + 7 })))).toBeCloseTo(3);
});

it('slope() of what goes up and down about the same is none', () => {
  expect(slope([2, 4, 4, 2].map((y, x) => ({ x, y })))).toBeCloseTo(0);
});

it('slope() has an outlier count for little among many', () => {
  const points = Array.from({ length: 21 }, (_, x) => ({ x, y: x === 10 ? 100 : 2 * x }));
  expect(slope(points)).toBeCloseTo(2);
});

it('slope() refuses points that have none', () => {
  expect(() =>
    slope([
      { x: 1, y: 1 },
      { x: 1, y: 2 },
    ]),
  ).toThrow(RangeError);
});
