import { describe, expect, it } from 'vitest';
import { after, before, comparable, positionOf, told } from './sequence-id.js';

const LARGEST = Number.MAX_SAFE_INTEGER;

describe('positionOf()', () => {
  it.each([0, 1, LARGEST, 0n, 2n ** 70n, '0', '7', '0'.repeat(40)])(
    'takes %s for an id, whether ids are numbers or not',
    (id) => {
      expect(positionOf(id, true)).toEqual({ id });
      expect(positionOf(id, false)).toEqual({ id });
    },
  );

  it.each(['x', '1.5', '-1', ' 1', '1 ', '1e3', '0'.repeat(41)])(
    'takes %j for an id where ids only differ',
    (id) => {
      expect(positionOf(id, true)).toBeUndefined();
      expect(positionOf(id, false)).toEqual({ id });
    },
  );

  it.each([-1, 0.5, NaN, Infinity, LARGEST + 1, -1n, '', true, null, undefined, {}, Symbol('s')])(
    'takes %s for none',
    (given) => {
      expect(positionOf(given, true)).toBeUndefined();
      expect(positionOf(given, false)).toBeUndefined();
    },
  );

  it('takes an id with the name of its numbering', () => {
    expect(positionOf({ id: 7, epoch: 'a' }, true)).toEqual({ id: 7, epoch: 'a' });
    expect(positionOf({ id: 'x', epoch: '' }, false)).toEqual({ id: 'x', epoch: '' });
    expect(positionOf({ id: 7 }, true)).toEqual({ id: 7, epoch: undefined });
    expect(positionOf({ id: 7, epoch: undefined }, true)).toEqual({ id: 7, epoch: undefined });
  });

  it.each([{ id: 7, epoch: 1 }, { id: 7, epoch: null }, { epoch: 'a' }, { id: { id: 7 } }])(
    'takes %j for none',
    (given) => {
      expect(positionOf(given, true)).toBeUndefined();
    },
  );
});

describe('numbers', () => {
  it('compare as numbers where they are exact, and as bigints beyond', () => {
    expect([comparable(7), comparable('7'), comparable(7n)]).toEqual([7, 7, 7]);
    expect([comparable(String(LARGEST)), comparable(2n ** 53n)]).toEqual([LARGEST, 2n ** 53n]);
  });

  it('go on across what a number holds exactly, and back', () => {
    expect([after(7), after(LARGEST - 1), after(LARGEST), after(2n ** 53n)]).toEqual([
      8,
      LARGEST,
      2n ** 53n,
      2n ** 53n + 1n,
    ]);
    expect([before(8), before(2n ** 53n), before(2n ** 53n + 1n)]).toEqual([7, LARGEST, 2n ** 53n]);
  });

  it('are told as what can be shown', () => {
    expect([told(7), told('x'), told(7n)]).toEqual([7, 'x', '7']);
  });
});
