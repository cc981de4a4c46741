import { expect, it } from 'vitest';
import { initialState, QUIET } from './state.js';

it('initialState() is that of a client which was never connected', () => {
  expect(initialState(7)).toEqual({
    phase: 'idle',
    epoch: 0,
    newest: 0,
    attempt: 0,
    seed: 7,
    uri: '',
    connections: 0,
    credentials: 'trusted',
    paidUntilMs: -Infinity,
    lostAtMs: 0,
    surroundings: QUIET,
  });
});

it('initialState() takes any number for a seed, as 32 bits', () => {
  expect(initialState(-1).seed).toBe(4_294_967_295);
  expect(initialState(2 ** 32 + 5.5).seed).toBe(5);
});
