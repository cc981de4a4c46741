import { expect, it } from 'vitest';
import type { MachineConfig } from './config.js';
import { proven } from './credentials.js';
import type { Input } from './input.js';
import { type In, initialState } from './state.js';

const config = { isOrdered: false } as MachineConfig;
const lived: In<'connected'> = {
  ...initialState(1),
  phase: 'connected',
  credentials: 'renewed',
  ping: null,
  openedAtMs: 0,
  heardBefore: 4,
  canPing: true,
  probedAtMs: 0,
  successor: null,
  ageCause: 'max_age',
  failedSuccessors: 0,
};
const news: Input = { type: 'user.reconnect', nowMs: 2_000, heard: 5 };

it('proven() trusts credentials that were renewed, once the connection has lived for two seconds', () => {
  expect(proven(lived, news, config)).toEqual({ ...lived, credentials: 'trusted' });
  expect(proven(lived, { ...news, nowMs: 1_999 }, config)).toBe(lived);
  expect(proven(lived, { ...news, heard: 4 }, config)).toBe(lived);
});

it.each(['trusted', 'refused'] as const)(
  'proven() leaves credentials that are %s',
  (credentials) => {
    const state = { ...lived, credentials };
    expect(proven(state, news, config)).toBe(state);
  },
);

it('proven() proves nothing without a connection', () => {
  const waiting = { ...lived, phase: 'backing_off', notBeforeMs: 0 } as const;
  expect(proven(waiting, news, config)).toBe(waiting);
});
