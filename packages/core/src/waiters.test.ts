import { describe, expect, it } from 'vitest';
import { JetSocketError } from './errors.js';
import { END, Waiters } from './waiters.js';

const failure = new JetSocketError('CLOSED', 'It failed');

describe('Waiters', () => {
  it('gives each value to one of those who wait, in their order', async () => {
    const waiters = new Waiters<string>();
    const [first, second] = [waiters.wait(), waiters.wait()];
    expect([waiters.give('a'), waiters.give('b'), waiters.give('c')]).toEqual([true, true, false]);
    expect([(await first).value, (await second).value]).toEqual(['a', 'b']);
  });

  it('tells the first of those who wait why it failed, and the others that it is over', async () => {
    const waiters = new Waiters<string>();
    const [first, second] = [waiters.wait(), waiters.wait()];
    waiters.end(failure);
    await expect(first).rejects.toBe(failure);
    expect([await second, await waiters.wait()]).toEqual([END, END]);
  });

  it('tells who asks later why it failed, once', async () => {
    const waiters = new Waiters<string>();
    waiters.end(failure);
    await expect(waiters.wait()).rejects.toBe(failure);
    expect(await waiters.wait()).toBe(END);
  });

  it('ends once, by what came first', async () => {
    const waiters = new Waiters<string>();
    waiters.end(undefined);
    waiters.end(failure);
    expect([waiters.isOver, await waiters.wait()]).toEqual([true, END]);
  });

  it('tells nobody why it failed where nobody wants to know', async () => {
    const waiters = new Waiters<string>();
    waiters.end(failure);
    waiters.forgetFailure();
    expect(await waiters.wait()).toBe(END);
  });
});
