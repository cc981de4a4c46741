import { expect, it } from 'vitest';
import { Signals } from './signals.js';

/** A signal that counts its listeners. */
function counted(): { readonly controller: AbortController; readonly listeners: () => number } {
  const controller = new AbortController();
  let count = 0;
  const { signal } = controller;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...given: Parameters<typeof add>) => {
    count++;
    add(...given);
  };
  signal.removeEventListener = (...given: Parameters<typeof remove>) => {
    count--;
    remove(...given);
  };
  return { controller, listeners: () => count };
}

it('Signals listens once to a signal, and calls all when it aborts', () => {
  const { controller, listeners } = counted();
  const signals = new Signals();
  const called: number[] = [];
  for (const number of [1, 2, 3]) signals.add(controller.signal, () => called.push(number));
  expect(listeners()).toBe(1);
  controller.abort();
  expect(called).toEqual([1, 2, 3]);
});

it('Signals lets go of a signal with the last action', () => {
  const { controller, listeners } = counted();
  const signals = new Signals();
  const actions = [() => expect.fail('it was removed'), () => expect.fail('it was removed')];
  for (const action of actions) signals.add(controller.signal, action);
  for (const [index, action] of actions.entries()) {
    expect(listeners()).toBe(1 - Number(index > 1));
    signals.remove(controller.signal, action);
  }
  expect(listeners()).toBe(0);
  controller.abort();
});

it('Signals may be told to remove while it calls, and what it never had', () => {
  const { controller } = counted();
  const signals = new Signals();
  const called: string[] = [];
  const second = (): void => void called.push('second');
  signals.remove(controller.signal, second);
  signals.add(controller.signal, () => {
    called.push('first');
    signals.remove(controller.signal, second);
  });
  signals.add(controller.signal, second);
  controller.abort();
  expect(called).toEqual(['first', 'second']);
});
