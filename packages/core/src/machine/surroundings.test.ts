import { describe, expect, it } from 'vitest';
import type { Signal } from '../events.js';
import type { End, Ended, Raised } from './input.js';
import { type In, initialState, type Ping, QUIET, type Surroundings } from './state.js';
import { isAskedFor, isHurried, note, wasAway } from './surroundings.js';

const raised = (signal: Signal, nowMs = 100_000): Raised => ({
  type: 'signal.raised',
  signal,
  nowMs,
  heard: 0,
});
const hidden: Surroundings = { ...QUIET, page: 'hidden', hiddenAtMs: 40_000 };
const stored: Surroundings = { ...QUIET, page: 'stored', hiddenAtMs: 40_000 };

/** What is known after that was said. */
const after = (surroundings: Surroundings, signal: Signal): Surroundings =>
  note({ ...initialState(1), surroundings }, raised(signal)).surroundings;

describe('note()', () => {
  // prettier-ignore
  it.each<readonly [Signal, Surroundings, Partial<Surroundings>]>([
    ['offline', QUIET, { isOnline: false }],
    ['online', { ...QUIET, isOnline: false }, { isOnline: true }],
    ['hidden', QUIET, { page: 'hidden', hiddenAtMs: 100_000 }],
    ['visible', hidden, { page: 'shown' }],
    ['restored', stored, { page: 'shown' }],
    ['resumed', stored, { page: 'shown' }],
    ['stored', QUIET, { page: 'stored', hiddenAtMs: 100_000 }],
    ['stored', hidden, { page: 'stored', hiddenAtMs: 40_000 }],
  ])('notes what is new: %s', (signal, before, then) => {
    expect(after(before, signal)).toEqual({ ...before, ...then });
  });

  // prettier-ignore
  it.each<readonly [Signal, Surroundings]>([
    ['online', QUIET],
    ['visible', QUIET],
    ['hidden', hidden],
    ['hidden', stored],
    ['resumed', hidden],
    ['stored', stored],
    ['frozen', QUIET],
  ])('leaves all as it is where nothing is: %s', (signal, before) => {
    const state = { ...initialState(1), surroundings: before };
    expect(note(state, raised(signal))).toBe(state);
  });
});

describe('wasAway()', () => {
  // prettier-ignore
  it.each<readonly [boolean, Signal, Surroundings]>([
    [true, 'online', { ...QUIET, isOnline: false }],
    [false, 'online', QUIET],
    [true, 'visible', hidden],
    [false, 'visible', { ...hidden, hiddenAtMs: 40_001 }],
    [false, 'visible', { ...QUIET, hiddenAtMs: 40_000 }],
    [true, 'resumed', QUIET],
    [true, 'restored', QUIET],
    [false, 'hidden', hidden],
    [false, 'frozen', hidden],
  ])('is %s when told %s', (was, signal, surroundings) => {
    expect(wasAway(surroundings, raised(signal))).toBe(was);
  });
});

describe('isAskedFor()', () => {
  it.each([
    [1012, '', true],
    [1013, '', true],
    [1011, '', false],
    [1011, 'retry-after=5', true],
  ])('of the code %i and the reason %j is %s', (code, reason, is) => {
    expect(isAskedFor({ cause: 'closed_by_server', code, reason, wasClean: true })).toBe(is);
  });
});

describe('isHurried()', () => {
  const ping: Ping = { sentAtMs: 0, heardBefore: 0, excused: false, isProbe: true };
  const connected: In<'connected'> = {
    ...initialState(1),
    phase: 'connected',
    ping,
    openedAtMs: 0,
    heardBefore: 0,
    canPing: true,
    probedAtMs: 0,
    successor: null,
    ageCause: 'max_age',
    failedSuccessors: 0,
    surroundings: { ...QUIET, attemptedAtMs: 99_000 },
  };
  const end: End = { cause: 'connection_lost', code: 1006, reason: '', wasClean: false };
  const ended: Ended = {
    type: 'transport.ended',
    epoch: 0,
    nowMs: 100_000,
    end,
    override: undefined,
    heard: 0,
  };

  // prettier-ignore
  it.each<readonly [string, boolean, Partial<In<'connected'>>, Partial<Ended>]>([
    ['that was asked for on return', true, {}, {}],
    ['that the user lets be retried', true, {}, { override: true }],
    ['to which the user gives a time', false, {}, { override: { delayMs: 5 } }],
    ['to which the user says no', false, {}, { override: false }],
    ['that was asked for as ever', false, { ping: { ...ping, isProbe: false } }, {}],
    ['that was not asked for', false, { ping: null }, {}],
    ['without a network', false, { surroundings: { ...connected.surroundings, isOnline: false } }, {}],
    ['that the server asked for', false, {}, { end: { ...end, code: 1013 } }],
    ['right after an attempt', false, {}, { nowMs: 99_999 }],
  ])('of a connection %s is %s', (_name, is, state, input) => {
    expect(isHurried({ ...connected, ...state }, { ...ended, ...input })).toBe(is);
  });
});
