import { expect, it } from 'vitest';
import { Tally } from './tally.mjs';

it('counts what is lost, doubled and reordered', () => {
  const tally = new Tally();
  for (let count = 0; count < 6; count++) tally.next();
  for (const number of [1, 2, 2, 5, 4, 4, undefined, 'x']) tally.note(number);
  expect(tally).toMatchObject({ sent: 6, received: 4, lost: 2, doubled: 2, reordered: 1 });
});
