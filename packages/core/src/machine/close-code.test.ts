import { expect, it } from 'vitest';
import { isRetried, isUnauthorized, retryHint } from './close-code.js';
import type { End } from './input.js';

const closed = (code: number, more: Partial<End> = {}): End => ({
  cause: 'closed_by_server',
  code,
  reason: '',
  wasClean: true,
  ...more,
});

it.each([1000, 1001, 1005, 1006, 1011, 1012, 1013, 1014, 3000, 4000, 4399, 4408, 4429, 4500, 4999])(
  'isRetried() after the close code %i',
  (code) => {
    expect(isRetried(closed(code))).toBe(true);
  },
);

it.each([1002, 1003, 1007, 1008, 1009, 1010, 4400, 4401, 4403, 4404, 4407, 4409, 4428, 4430, 4499])(
  'isRetried() not after the close code %i',
  (code) => {
    expect(isRetried(closed(code))).toBe(false);
  },
);

const rejected = (httpStatus: number): End => closed(1006, { cause: 'rejected', httpStatus });

it.each([200, 302, 400, 408, 425, 429, 500, 502, 503, 504])(
  'isRetried() after the HTTP status %i',
  (status) => {
    expect(isRetried(rejected(status))).toBe(true);
  },
);

it.each([401, 403, 404, 410])('isRetried() not after the HTTP status %i', (status) => {
  expect(isRetried(rejected(status))).toBe(false);
});

it('isRetried() after we ended it for one message that was too large', () => {
  expect(isRetried(closed(1009, { cause: 'message_too_large' }))).toBe(true);
});

it.each(['protocol_error', 'session_fenced', 'session_unsupported'] as const)(
  'isRetried() after an end of the session: %s',
  (cause) => {
    expect(isRetried(closed(4400, { cause }))).toBe(true);
  },
);

it('isRetried() not when it can never work', () => {
  expect(isRetried(closed(1006, { hopeless: true }))).toBe(false);
});

it.each([
  ['retry-after=30', 30_000],
  ['deploying; retry-after=1.5, please', 1_500],
  ['Retry-After=7', 7_000],
  ['retry-after=1.25', 1_250],
  ['retry-after=0', 0],
  ['retry-after=-1', undefined],
  ['retry-after=soon', undefined],
  ['retry-after=1e9', undefined],
  ['retry-after=0x10', undefined],
  ['retry-after=Infinity', undefined],
  ['retry-after=', undefined],
  ['retry-after=.5', undefined],
  ['retry-after = 5', undefined],
  ['retry-after=Wed, 21 Oct 2015 07:28:00 GMT', undefined],
  ['retry-after=30 retry-after=40', 30_000],
  ['retry-after=1234567890', 1_234_567_890_000],
  ['no-retry-afters=5', undefined],
  ['', undefined],
])('retryHint() of the close reason %j is %j ms', (reason, hintMs) => {
  expect(retryHint(closed(1013, { reason }))).toBe(hintMs);
});

it('retryHint() takes the header before the reason', () => {
  expect(retryHint(closed(1006, { reason: 'retry-after=30', retryAfterMs: 5 }))).toBe(5);
  expect(retryHint(closed(1006, { reason: 'retry-after=30', retryAfterMs: 0 }))).toBe(0);
});

it.each([NaN, -1, -Infinity])(
  'retryHint() makes nothing of %d ms from a transport',
  (retryAfterMs) => {
    expect(retryHint(closed(1006, { retryAfterMs }))).toBeUndefined();
    expect(retryHint(closed(1006, { retryAfterMs, reason: 'retry-after=30' }))).toBe(30_000);
  },
);

it.each([
  [closed(4401), true],
  [rejected(401), true],
  [closed(4401, { httpStatus: 500 }), false],
  [closed(4403), false],
  [rejected(403), false],
])('isUnauthorized() of %j is %j', (end, is) => {
  expect(isUnauthorized(end)).toBe(is);
});
