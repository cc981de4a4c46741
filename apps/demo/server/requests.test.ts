import { expect, it } from 'vitest';
import { readFault, readRate } from './requests.js';

const bad = (text: string): unknown =>
  expect.objectContaining({ status: 400, message: expect.stringContaining(text) as string });

it.each(['cut', 'hang', 'slow', 'refuse', 'restart', 'reject', 'storm', 'restore'])(
  'readFault() knows %s',
  (kind) => {
    expect(readFault({ kind, code: 'ignored' })).toEqual({ kind });
  },
);

it.each([1000, 1001, 1003, 1007, 1012, 1014, 3000, 4001, 4401, 4999])(
  'readFault() closes with %i',
  (code) => {
    expect(readFault({ kind: 'close', code, reason: 'x' })).toEqual({
      kind: 'close',
      code,
      reason: 'x',
    });
  },
);

it.each([0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 1000.5, NaN, '1000', null])(
  'readFault() does not close with %j',
  (code) => {
    expect(() => readFault({ kind: 'close', code })).toThrow(bad('code'));
  },
);

it('readFault() closes with 1000 and no reason unless told otherwise', () => {
  expect(readFault({ kind: 'close' })).toEqual({ kind: 'close', code: 1000, reason: '' });
});

it('readFault() measures a reason in bytes', () => {
  const close = (reason: unknown) => () => readFault({ kind: 'close', reason });
  expect(close('é'.repeat(61))).not.toThrow();
  expect(close('é'.repeat(62))).toThrow(bad('123 bytes'));
  expect(close(7)).toThrow(bad('reason'));
});

it.each([{}, { kind: 'flood' }, { kind: ['cut'] }])('readFault() refuses %j', (body) => {
  expect(() => readFault(body)).toThrow(bad('kind'));
});

it('readRate() takes 0 to 500, and 0 for nothing', () => {
  expect([{}, { rateIn: 0 }, { rateIn: 0.5 }, { rateIn: 500 }].map(readRate)).toEqual([
    0, 0, 0.5, 500,
  ]);
});

it.each([-1, 501, NaN, Infinity, '5', null])('readRate() refuses %j', (rateIn) => {
  expect(() => readRate({ rateIn })).toThrow(bad('rateIn'));
});
