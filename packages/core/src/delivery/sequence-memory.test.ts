import { describe, expect, it } from 'vitest';
import { SequenceMemory } from './sequence-memory.js';

/** A memory of two, and of whom it says what. */
function bench(): { memory: SequenceMemory; before: () => string; since: () => string } {
  const memory = new SequenceMemory(2);
  const known = (is: (id: string) => boolean): string => [...'abcde'].filter(is).join('');
  return {
    memory,
    before: () => known((id) => memory.cameBefore(id)),
    since: () => known((id) => memory.cameSince(id)),
  };
}

describe('SequenceMemory', () => {
  it('has nothing to forget at first', () => {
    const { memory } = bench();
    expect([memory.hasForgotten, memory.isFull, memory.knowsOne]).toEqual([false, false, true]);
  });

  it('knows what came since, the newest of it', () => {
    const { memory, before, since } = bench();
    memory.note('a');
    memory.note('b');
    expect([since(), memory.isFull, memory.hasForgotten]).toEqual(['ab', false, false]);
    memory.note('c');
    expect([since(), memory.isFull, memory.hasForgotten]).toEqual(['bc', true, true]);
    expect(before()).toBe('');
  });

  it('knows the first one that it has forgotten since', () => {
    const { memory } = bench();
    for (const id of 'abcd') memory.note(id);
    expect(memory.firstForgotten).toBe('a');
    memory.merge();
    expect(memory.firstForgotten).toBeUndefined();
    expect(memory.hasForgotten).toBe(true);
  });

  it('takes all for what came before when another replay is asked for, the newest of it', () => {
    const { memory, before, since } = bench();
    memory.note('a');
    memory.note('b');
    memory.merge();
    expect([before(), since(), memory.hasForgotten, memory.knowsOne]).toEqual([
      ...['ab', '', false, false],
    ]);
    for (const id of 'cde') memory.note(id);
    expect(memory.isFull).toBe(true);
    memory.merge();
    expect([before(), since(), memory.isFull]).toEqual(['de', '', false]);
  });

  it('forgets nothing that came since for something of before, though it came before too', () => {
    const { memory, before } = bench();
    memory.note('a');
    memory.note('b');
    memory.merge();
    memory.note('a');
    memory.note('c');
    memory.merge();
    expect(before()).toBe('ac');
  });

  it('begins anew, and may be told that it begins late', () => {
    const { memory, before, since } = bench();
    for (const id of 'abc') memory.note(id);
    memory.merge();
    for (const id of 'abc') memory.note(id);
    memory.clear();
    expect([before(), since(), memory.isFull, memory.hasForgotten]).toEqual(['', '', false, false]);
    memory.beginLate();
    expect(memory.hasForgotten).toBe(true);
  });
});
