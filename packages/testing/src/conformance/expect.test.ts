import { describe, expect as vitestExpect, it } from 'vitest';
import { expect } from './expect.js';

describe('expect() of the conformance suite', () => {
  // prettier-ignore
  const same: [name: string, actual: unknown, expected: unknown][] = [
    ['strings', 'a', 'a'],
    ['undefined', undefined, undefined],
    ['arrays within arrays', [1, ['a', undefined]], [1, ['a', undefined]]],
    ['nothing in arrays', [], []],
  ];
  it.each(same)('takes %s for equal', (_name, actual, expected) => {
    expect(actual).toEqual(expected);
  });

  // prettier-ignore
  const different: [name: string, actual: unknown, expected: unknown, message: string][] = [
    ['another string', 'a', 'b', 'Expected "b", got "a"'],
    ['undefined for null', [undefined], [null], 'Expected [null], got ["undefined"]'],
    ['fewer', [1], [1, 2], 'Expected [1,2], got [1]'],
    ['more', [1, 2], [1], 'Expected [1], got [1,2]'],
    ['another order', [1, 2], [2, 1], 'Expected [2,1], got [1,2]'],
    ['an array for none', [], 0, 'Expected 0, got []'],
  ];
  it.each(different)('refuses %s', (_name, actual, expected, message) => {
    const failure = new Error(message);
    vitestExpect(() => expect(actual).toEqual(expected)).toThrow(failure);
    vitestExpect(() => expect(actual).toBe(expected)).toThrow(failure);
  });
});
