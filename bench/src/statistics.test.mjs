import { expect, it } from 'vitest';
import { quantile, ratioOf } from './statistics.mjs';

it.each([
  ['the middle one', [3, 1, 2], 0.5, 2],
  ['the mean of the two in the middle', [4, 1, 3, 2], 0.5, 2.5],
  ['the smallest', [3, 1, 2], 0, 1],
  ['the largest', [3, 1, 2], 1, 3],
  ['a point between two', [0, 10], 0.25, 2.5],
  ['the only one', [7], 0.99, 7],
  ['numbers, not their names', [10, 9, 8], 0, 8],
])('quantile() finds %s', (_name, values, share, expected) => {
  expect(quantile(values, share)).toBe(expected);
});

it('quantile() leaves the values in their order', () => {
  const values = [3, 1, 2];
  quantile(values, 0.5);
  expect(values).toEqual([3, 1, 2]);
});

it('quantile() refuses an empty list', () => {
  expect(() => quantile([], 0.5)).toThrow(RangeError);
});

it('ratioOf() compares round by round, so that a slow round is slow for both', () => {
  expect(ratioOf([100, 10, 100], [200, 20, 200])).toEqual({
    median: 2,
    least: 2,
    greatest: 2,
  });
});

it('ratioOf() gives the median of the ratios, the least and the greatest', () => {
  expect(ratioOf([1, 1, 1, 1, 1], [5, 1, 3, 2, 4])).toEqual({
    median: 3,
    least: 1,
    greatest: 5,
  });
});

it('ratioOf() refuses a round without its other half', () => {
  expect(() => ratioOf([1], [1, 2])).toThrow(RangeError);
});
