import type { FaultProxy } from '@jetsocket/testing/proxy';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Storm } from './storm.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** What a storm orders, one after the other, with dice that fall as given and then as 0.5. */
function stormOf(...rolls: number[]): { storm: Storm; orders: string[] } {
  const orders: string[] = [];
  const proxy = {
    cut: () => void orders.push('cut'),
    hang: () => void orders.push('hang'),
    stall: () => void orders.push('stall'),
    truncateAfter: (bytes: number, way: string) => void orders.push(`truncate ${bytes} ${way}`),
    restore: () => {
      orders.push('restore');
      return Promise.resolve();
    },
  };
  return {
    storm: new Storm(proxy as unknown as FaultProxy, () => rolls.shift() ?? 0.5),
    orders,
  };
}

it.each([
  ['cuts', [0, 0.1], 100, ['cut']],
  ['waits for as long as the dice say', [1, 0.1], 299, []],
  ['ends a connection in the middle of a frame', [0, 0.7, 0.25, 0.1], 100, ['truncate 50 up']],
  ['does so the other way', [0, 0.84, 0, 0.9], 100, ['truncate 0 down']],
  ['leaves a black hole for 400 ms', [0, 0.85], 499, ['hang']],
  ['ends the black hole', [0, 0.85], 500, ['hang', 'restore']],
  ['stands still', [0, 0.93], 500, ['stall', 'restore']],
  ['goes on after a standstill', [0, 0.93, 0, 0.1], 600, ['stall', 'restore', 'cut']],
])('Storm %s', async (_name, rolls, ms, expected) => {
  const { storm, orders } = stormOf(...rolls);
  storm.begin();
  await vi.advanceTimersByTimeAsync(ms);
  expect(orders).toEqual(expected);
});

it('Storm strikes about five times a second, until it is over', async () => {
  const { storm, orders } = stormOf();
  storm.begin();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(orders).toHaveLength(50);
  await storm.end();
  expect(vi.getTimerCount()).toBe(0);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(orders).toHaveLength(50);
});
