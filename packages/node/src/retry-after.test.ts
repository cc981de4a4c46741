import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { retryAfterMs } from './retry-after.js';

const NOW = 'Wed, 21 Oct 2015 07:28:00 GMT';
const SOON = 'Wed, 21 Oct 2015 07:28:30 GMT';

beforeEach(() => {
  // Dates of HTTP are in GMT, wherever this machine is.
  vi.stubEnv('TZ', 'America/New_York');
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

// prettier-ignore
const rows: [what: string, header: string | undefined, date: string | undefined, ms: number | undefined][] = [
  ['no header', undefined, NOW, undefined],
  ['seconds', '120', NOW, 120_000],
  ['seconds with blanks', ' 5 ', undefined, 5_000],
  ['no seconds', '0', NOW, 0],
  ['a date, by the clock of the server', SOON, NOW, 30_000],
  ['a date that is over', NOW, SOON, 0],
  ['a date as RFC 850 had it', 'Wednesday, 21-Oct-15 07:28:30 GMT', NOW, 30_000],
  ['a date as asctime() has it', 'Wed Oct 21 07:28:30 2015', NOW, 30_000],
  ['nothing', '', NOW, undefined],
  ['a word', 'soon', NOW, undefined],
  ['less than nothing', '-5', NOW, undefined],
  ['less than nothing by one', '-1', NOW, undefined],
  ['a power', '1e9', NOW, undefined],
  ['thirty years', '1000000000', NOW, 1_000_000_000_000],
  ['another base', '0x10', NOW, undefined],
  ['a plus', '+5', NOW, undefined],
  ['two of them', '5, 10', NOW, undefined],
  ['infinity', 'Infinity', NOW, undefined],
  ['a date far ahead', 'Tue, 21 Oct 2115 07:28:00 GMT', NOW, Date.parse('2115-10-21T07:28:00Z') - Date.parse(NOW)],
  ['a date before time began', 'Wed, 21 Oct 1965 07:28:00 GMT', NOW, 0],
  ['a day that there is not', 'Wed, 99 Foo 2015 07:28:00 GMT', NOW, undefined],
  ['a fraction', '1.5', NOW, undefined],
  ['a date without a day', '2015-10-21', NOW, undefined],
  ['more digits than anyone waits', '9'.repeat(30), NOW, Number('9'.repeat(30)) * 1_000],
];

it.each(rows)('retryAfterMs() reads %s', (_what, header, date, ms) => {
  expect(retryAfterMs(header, date)).toBe(ms);
});

it.each([undefined, 'whenever', ''])(
  "retryAfterMs() takes this machine's clock when the server tells none: %s",
  (date) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(NOW) });
    expect(retryAfterMs(SOON, date)).toBe(30_000);
  },
);

it("retryAfterMs() takes the server's clock for true where this machine's is at 1970", () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 0 });
  expect(retryAfterMs(SOON, NOW)).toBe(30_000);
});
