import { expect, it } from 'vitest';
import { has, Ledger, type LedgerView, MAX_GAPS } from './ledger.js';

// prettier-ignore
const rows: [name: string, arrivals: readonly number[], view: Partial<LedgerView>][] = [
  ['begins with nothing', [], { highest: 0, count: 0, missing: 0 }],
  ['counts in order', [1, 2, 3], { highest: 3, count: 3, missing: 0, doubled: 0, outOfOrder: 0, gaps: [] }],
  ['sees a gap', [1, 4], { highest: 4, count: 2, missing: 2, gaps: [[2, 3]] }],
  ['sees a gap before the first', [3], { highest: 3, count: 1, missing: 2, gaps: [[1, 2]] }],
  ['closes a gap that is filled, and says it came late', [1, 3, 2], { missing: 0, outOfOrder: 1, gaps: [] }],
  ['splits a gap', [1, 5, 3], { missing: 2, outOfOrder: 1, gaps: [[2, 2], [4, 4]] }],
  ['shortens a gap from below', [5, 1], { missing: 3, outOfOrder: 1, gaps: [[2, 4]] }],
  ['shortens a gap from above', [5, 4], { missing: 3, outOfOrder: 1, gaps: [[1, 3]] }],
  ['counts a number that was there', [1, 2, 2, 1], { count: 2, doubled: 2, outOfOrder: 0, missing: 0 }],
  ['counts a late one that came twice', [2, 1, 1], { count: 2, doubled: 1, outOfOrder: 1 }],
];

it.each(rows)('Ledger %s', (_name, arrivals, view) => {
  const ledger = new Ledger();
  for (const number of arrivals) ledger.record(number);
  expect(ledger.view()).toMatchObject(view);
});

it('Ledger bounds its gaps, and still counts what is missing', () => {
  const ledger = new Ledger();
  for (let number = 2; number <= MAX_GAPS * 4; number += 2) ledger.record(number);
  const view = ledger.view();
  expect(view.gaps).toHaveLength(MAX_GAPS);
  expect(view.missing).toBe(MAX_GAPS * 2);
  expect(view.gaps.at(-1)).toEqual([MAX_GAPS * 4 - 1, MAX_GAPS * 4 - 1]);
});

it('Ledger hands out views that do not change', () => {
  const ledger = new Ledger();
  ledger.record(3);
  const before = ledger.view();
  ledger.record(1);
  expect(before).toMatchObject({ count: 1, gaps: [[1, 2]] });
});

it('has() knows what is there', () => {
  const ledger = new Ledger();
  for (const number of [1, 4]) ledger.record(number);
  expect([1, 2, 3, 4, 5].map((number) => has(ledger.view(), number))).toEqual([
    true,
    false,
    false,
    true,
    false,
  ]);
});
