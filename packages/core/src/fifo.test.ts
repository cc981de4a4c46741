import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { afterTurn } from '../test/rejections.js';
import { Fifo } from './fifo.js';

const takeAll = <Item>(fifo: Fifo<Item>): (Item | undefined)[] =>
  Array.from({ length: fifo.size }, () => fifo.shift());

describe('Fifo', () => {
  it('keeps the order while it turns, grows and is emptied', () => {
    const fifo = new Fifo<number>();
    const taken: (number | undefined)[] = [];
    let next = 0;
    // In waves, so that the first place is somewhere in the middle whenever it has to grow.
    for (let wave = 0; wave < 50; wave++) {
      for (let n = 0; n < wave; n++) fifo.push(next++);
      for (let n = 0; n < wave - 5; n++) taken.push(fifo.shift());
    }
    taken.push(...takeAll(fifo));
    expect(taken).toEqual(Array.from({ length: next }, (_, n) => n));
    expect([fifo.size, fifo.shift(), fifo.at(0)]).toEqual([0, undefined, undefined]);
  });

  it('tells what stands where, and puts others in their places', () => {
    const fifo = new Fifo<number>();
    for (let n = 0; n < 20; n++) fifo.push(n);
    fifo.shift();
    for (let n = 20; n < 40; n++) fifo.push(n);
    fifo.replace((n) => n * 2);
    expect([fifo.at(0), fifo.at(38), fifo.at(39)]).toEqual([2, 78, undefined]);
    expect(takeAll(fifo)).toEqual(Array.from({ length: 39 }, (_, n) => (n + 1) * 2));
  });

  it('forgets all when it is cleared', () => {
    const fifo = new Fifo<number>();
    for (let n = 0; n < 20; n++) fifo.push(n);
    fifo.clear();
    expect([fifo.size, fifo.shift()]).toEqual([0, undefined]);
    fifo.push(1);
    expect(takeAll(fifo)).toEqual([1]);
  });

  it('keeps nothing of what was taken', async () => {
    const fifo = new Fifo<object>();
    const add = (): WeakRef<object> => {
      const item = {};
      fifo.push(item);
      return new WeakRef(item);
    };
    const refs = [add(), add(), add()];
    fifo.shift();
    fifo.shift();
    // What a WeakRef was made of lives until the turn is over.
    await afterTurn();
    setFlagsFromString('--expose-gc');
    (runInNewContext('gc') as () => void)();
    expect(refs.map((ref) => ref.deref() === undefined)).toEqual([true, true, false]);
    expect(fifo.size).toBe(1);
  });
});
