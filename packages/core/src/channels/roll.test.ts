import { describe, expect, it } from 'vitest';
import { Roll } from './roll.js';

describe('Roll', () => {
  it('remembers a thousand names that were given up, the newest', () => {
    const roll = new Roll<number>();
    for (let n = 0; n < 1_500; n++) {
      roll.hold(`c${n}`, n);
      roll.leave(`c${n}`, n);
    }
    const known = Array.from({ length: 1_500 }, (_, n) => roll.hasLeft(`c${n}`));
    expect(known.filter(Boolean)).toHaveLength(1_000);
    expect([known[499], known[500]]).toEqual([false, true]);
  });

  it('says again what was not said after all, when it is asked for again or the server has forgotten', () => {
    const roll = new Roll<number>();
    roll.hold('a', 1);
    expect(roll.takeChanges().subscribe).toEqual(['a']);
    roll.unsaid(['a']);
    expect(roll.takeChanges().subscribe).toEqual([]);
    roll.hold('a', 2);
    expect(roll.takeChanges().subscribe).toEqual(['a']);
    roll.forget();
    expect(roll.takeChanges()).toEqual({ subscribe: ['a'], unsubscribe: [] });
  });

  it('does not let go for one who does not hold', () => {
    const roll = new Roll<number>();
    roll.hold('a', 1);
    roll.leave('a', 2);
    roll.leave('b', 1);
    expect([roll.size, roll.holders, roll.hasLeft('b')]).toEqual([1, [1], false]);
  });

  it('keeps nothing of names that came and went before the server could be told', () => {
    const roll = new Roll<number>();
    roll.hold('said', 0);
    roll.takeChanges();
    roll.leave('said', 0);
    for (let n = 0; n < 100_000; n++) {
      roll.hold(`c${n}`, n);
      roll.leave(`c${n}`, n);
    }
    expect(roll.touchedCount).toBe(1);
    expect(roll.takeChanges()).toEqual({ subscribe: [], unsubscribe: ['said'] });
  });
});
