import { describe, expect as assert, it } from 'vitest';
import { expect } from './expect.js';

describe('expect()', () => {
  it.each([
    [1, 1],
    ['', ''],
    [undefined, undefined],
    [NaN, NaN],
  ])('takes %o for %o', (actual, expected) => {
    expect(actual).toBe(expected);
    expect(actual).toEqual(expected);
    expect([actual, [actual]]).toEqual([expected, [expected]]);
  });

  it.each([
    [1, '1'],
    [1, 2],
    [0, -0],
    [undefined, null],
    [[], undefined],
    [[1], [2]],
    [[1, 2], [1]],
    [[1], [1, 2]],
    [
      [1, [2]],
      [1, [3]],
    ],
    [[[]], [undefined]],
  ])('does not take %o for %o', (actual, expected) => {
    assert(() => expect(actual).toEqual(expected)).toThrow('Expected');
    assert(() => expect(actual).toBe(expected)).toThrow('Expected');
  });

  it('shows both, and not more of them than helps', () => {
    assert(() => expect(['a', 1]).toEqual([undefined])).toThrow(
      'Expected [undefined], and got ["a", 1]',
    );
    assert(() => expect('x'.repeat(9_999)).toBe('')).toThrow(/^Expected "", and got "x{199}…$/);
  });
});
