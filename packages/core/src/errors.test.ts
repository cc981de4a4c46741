import { describe as suite, expect, it } from 'vitest';
import { asError, describe, JetSocketError } from './errors.js';

suite('JetSocketError', () => {
  it('has a code, a message, a hint and a cause', () => {
    const cause = new Error('underneath');
    const error = new JetSocketError('CLOSED', 'Cannot send', { hint: 'connect()', cause });
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.code, error.message, error.hint, error.cause]).toEqual([
      'JetSocketError',
      'CLOSED',
      'Cannot send',
      'connect()',
      cause,
    ]);
    expect(String(error)).toBe('JetSocketError: Cannot send');
  });

  it('has neither hint nor cause where none is given', () => {
    const error = new JetSocketError('CLOSED', 'Cannot send');
    expect([error.hint, 'cause' in error]).toEqual([undefined, false]);
  });

  it.each([null, 0, '', false])('keeps %j as a cause', (cause) => {
    expect(new JetSocketError('CLOSED', 'Cannot send', { cause }).cause).toBe(cause);
  });
});

suite('asError()', () => {
  it('returns an Error as it is', () => {
    const error = new TypeError('mine');
    expect(asError(error)).toBe(error);
  });

  it.each([
    ['out of cheese', "'out of cheese'"],
    [undefined, 'undefined'],
    [{ message: 'like an error' }, 'an object'],
  ])('makes one of %j', (thrown, message) => {
    expect(asError(thrown)).toEqual(new Error(message));
  });
});

suite('describe()', () => {
  // prettier-ignore
  it.each<readonly [unknown, string]>([
    ['text', "'text'"], ['', "''"], [5, '5'], [NaN, 'NaN'], [10n, '10n'], [true, 'true'], [null, 'null'], [undefined, 'undefined'],
    [Symbol('s'), 'Symbol(s)'], [() => 1, 'a function'], [class A {}, 'a function'], [[1, 2], 'an array of 2'], [{}, 'an object'],
    [new Date(0), 'an object'], [Object.create(null), 'an object'],
    ['x'.repeat(80), `'${'x'.repeat(80)}'`], ['x'.repeat(81), `'${'x'.repeat(79)}…'`],
    [10n ** 99n, `1${'0'.repeat(78)}…`], [Symbol('x'.repeat(99)), `Symbol(${'x'.repeat(72)}…`],
  ])('tells of %s', (value, told) => {
    expect(describe(value)).toBe(told);
  });
});
