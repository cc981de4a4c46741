import { describe, expect, it } from 'vitest';
import { JetSocketError } from '../errors.js';
import { Backlog } from './backlog.js';

const value = (n: number): unknown => ({ done: false, value: n });
const DONE = { done: true, value: undefined };

describe('Backlog', () => {
  it('keeps order over many turns of its ring', async () => {
    const backlog = new Backlog<number>(3, () => undefined);
    const read: unknown[] = [];
    for (let n = 0; n < 20; n += 2) {
      backlog.push(n);
      backlog.push(n + 1);
      read.push(await backlog.next(), await backlog.next());
    }
    expect(read).toEqual(Array.from({ length: 20 }, (_, n) => value(n)));
  });

  it('gives to those that wait, in their order', async () => {
    const backlog = new Backlog<number>(3, () => undefined);
    const both = Promise.all([backlog.next(), backlog.next()]);
    expect([backlog.push(1), backlog.push(2)]).toEqual([true, true]);
    expect(await both).toEqual([value(1), value(2)]);
    expect(backlog.size).toBe(0);
  });

  it('drops the oldest when it is full, and says so', async () => {
    const backlog = new Backlog<number>(2, () => undefined);
    expect([1, 2, 3, 4].map((n) => backlog.push(n))).toEqual([true, true, false, false]);
    expect([await backlog.next(), await backlog.next()]).toEqual([value(3), value(4)]);
  });

  it('lets what waits be read before the end, and tells an error once', async () => {
    let ends = 0;
    const backlog = new Backlog<number>(2, () => ends++);
    const error = new JetSocketError('CLOSED', 'over');
    backlog.push(1);
    backlog.end(error);
    backlog.end();
    expect(backlog.push(2)).toBe(true);
    expect(await backlog.next()).toEqual(value(1));
    await expect(backlog.next()).rejects.toBe(error);
    expect(await backlog.next()).toEqual(DONE);
    expect(ends).toBe(1);
  });

  it('tells all that wait of the end, and one of them of the error', async () => {
    const backlog = new Backlog<number>(2, () => undefined);
    const waiting = [backlog.next(), backlog.next()];
    const error = new JetSocketError('CLOSED', 'over');
    backlog.end(error);
    await expect(waiting[0]).rejects.toBe(error);
    expect(await waiting[1]).toEqual(DONE);
  });

  it('lets go of what waits when the loop is left', async () => {
    const backlog = new Backlog<number>(2, () => undefined);
    backlog.push(1);
    for await (const one of backlog) {
      expect(one).toBe(1);
      backlog.push(2);
      break;
    }
    expect(backlog.size).toBe(0);
    expect(await backlog.next()).toEqual(DONE);
  });
});
