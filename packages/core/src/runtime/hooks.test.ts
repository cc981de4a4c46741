import { describe, expect, it } from 'vitest';
import type { JetSocketError } from '../errors.js';
import type { End } from '../machine/input.js';
import type { EndInfo, Options } from '../options.js';
import { afterTurn, watchRejections } from '../../test/rejections.js';
import { askReconnect } from './hooks.js';

const END: End = {
  cause: 'rejected',
  code: 1006,
  reason: 'busy',
  wasClean: false,
  httpStatus: 503,
  error: new Error('refused'),
  retryAfterMs: 5,
};

function asked(reconnect: unknown): {
  readonly answer: unknown;
  readonly errors: JetSocketError[];
} {
  const errors: JetSocketError[] = [];
  const option = reconnect as NonNullable<Options['reconnect']>;
  const answer = askReconnect(option, END, 2, (error) => errors.push(error));
  return { answer, errors };
}

describe('askReconnect()', () => {
  // prettier-ignore
  it.each<readonly [name: string, reconnect: unknown, answer: unknown]>([
    ['true', true, undefined],
    ['false', false, false],
    ['a function that returns true', () => true, true],
    ['a function that returns false', () => false, false],
    ['a function that returns undefined', () => undefined, undefined],
    ['a function that returns a delay', () => ({ delayMs: 5 }), { delayMs: 5 }],
    ['a function that returns no delay', () => ({ delayMs: 0 }), { delayMs: 0 }],
    ['a function that returns a fraction', () => ({ delayMs: 0.5 }), { delayMs: 0.5 }],
    ['a function that returns the longest delay', () => ({ delayMs: 2_147_483_647 }), { delayMs: 2_147_483_647 }],
    ['a function that returns more than a delay', () => ({ delayMs: 5, why: 'so' }), { delayMs: 5 }],
  ])('takes %s', (_name, reconnect, answer) => {
    expect(asked(reconnect)).toEqual({ answer, errors: [] });
  });

  // prettier-ignore
  it.each<readonly [name: string, returned: unknown]>([
    ['null', null], ['a number', 5], ['a string', 'yes'], ['an object without a delay', {}], ['a promise', Promise.resolve(true)],
    ['a negative delay', { delayMs: -1 }], ['a delay that is NaN', { delayMs: NaN }], ['an endless delay', { delayMs: Infinity }],
    ['a delay that no timer takes', { delayMs: 2_147_483_648 }], ['a delay that is a string', { delayMs: '5' }],
  ])('leaves it to the table, and tells, where the function returns %s', (_name, returned) => {
    const { answer, errors } = asked(() => returned);
    expect(answer).toBeUndefined();
    expect(errors.map(({ code, message }) => [code, message])).toEqual([
      ['HOOK_FAILED', 'reconnect returned what it must not'],
    ]);
    expect(errors[0]?.hint).toContain('from 0 to 2147483647');
  });

  it('leaves it to the table, and tells, where the function throws', () => {
    const thrown = new Error('no idea');
    const { answer, errors } = asked(() => {
      throw thrown;
    });
    expect(answer).toBeUndefined();
    expect(errors.map(({ code, message, cause }) => [code, message, cause])).toEqual([
      ['HOOK_FAILED', 'reconnect failed: no idea', thrown],
    ]);
    expect(errors[0]?.hint).toContain('table');
  });

  it('tells the function what ended, and how many retries there were', () => {
    const seen: EndInfo[] = [];
    asked((end: EndInfo) => {
      seen.push(end);
      return true;
    });
    const { cause, code, reason, wasClean, httpStatus, error } = END;
    expect(seen).toEqual([{ cause, code, reason, wasClean, httpStatus, error, attempt: 2 }]);
  });

  it('leaves no rejection of an async function to nobody', async () => {
    const { unhandled, stop } = watchRejections();
    const { answer, errors } = asked(() => Promise.reject(new Error('no')));
    await afterTurn();
    stop();
    expect([answer, errors.map(({ code }) => code), unhandled]).toEqual([
      undefined,
      ['HOOK_FAILED'],
      [],
    ]);
  });
});
