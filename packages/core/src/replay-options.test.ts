import { describe, expect, it } from 'vitest';
import { JetSocketError } from './errors.js';
import { type ReplayConfig, type ReplayOptions, resolveReplay } from './replay-options.js';

const sequenceOf = (): number => 1;
const resolved = (given: unknown): ReplayConfig<unknown, unknown> =>
  resolveReplay(given as ReplayOptions);
const sequence = (given: object): ReplayConfig<unknown, unknown> =>
  resolved({ mode: 'sequence_id', sequenceOf, ...given });

function refusal(given: unknown): string {
  try {
    resolved(given);
  } catch (thrown) {
    if (thrown instanceof JetSocketError && thrown.code === 'INVALID_OPTION') return thrown.message;
    throw thrown;
  }
  throw new Error('Nothing was thrown');
}

describe('resolveReplay()', () => {
  it('fills in what is left open', () => {
    expect(resolved(undefined)).toEqual({ mode: 'full_buffer' });
    expect(resolved({ mode: 'session' })).toEqual({
      mode: 'session',
      unknownPolicy: 'drop',
      window: 1_024,
    });
    expect(sequence({})).toEqual({
      mode: 'sequence_id',
      sequenceOf,
      positionOf: undefined,
      startAt: undefined,
      timeoutMs: 30_000,
      requestReplay: undefined,
      isReplayEnd: undefined,
      order: undefined,
      inclusive: false,
      gapTimeoutMs: 5_000,
      maxHeld: 1_000,
      onRegression: 'drop',
    });
  });

  it('takes contiguous for an order, and beside no other one', () => {
    expect(sequence({ contiguous: true })).toMatchObject({ order: 'dense' });
    expect(sequence({ contiguous: true, order: 'dense' })).toMatchObject({ order: 'dense' });
    expect(sequence({ contiguous: false, order: 'opaque' })).toMatchObject({ order: 'opaque' });
    expect(refusal({ mode: 'sequence_id', sequenceOf, contiguous: true, order: 'opaque' })).toBe(
      "Cannot use option replay.contiguous: it got true, and takes nothing beside replay.order 'opaque'",
    );
  });

  it('does not know messages without a function for their numbers', () => {
    expect(refusal({ mode: 'sequence_id' })).toContain('replay.sequenceOf: it got undefined');
    expect(refusal({ mode: 'sequence_id', sequenceOf: 'id' })).toContain('replay.sequenceOf');
  });

  it.each([
    [0, { id: 0 }],
    [7n, { id: 7n }],
    ['x', { id: 'x' }],
    [
      { id: 7, epoch: 'a' },
      { id: 7, epoch: 'a' },
    ],
  ])('takes %o for where to start', (startAt, position) => {
    expect(sequence({ startAt })).toMatchObject({ startAt: position });
  });

  it.each([
    [undefined, -1],
    [undefined, 0.5],
    [undefined, -1n],
    [undefined, ''],
    [undefined, null],
    [undefined, true],
    [undefined, {}],
    [undefined, { id: 7, epoch: 5 }],
    ['opaque', ''],
    ['dense', 'x'],
    ['dense', { id: 'x', epoch: 'a' }],
    ['monotonic', '1.5'],
  ])('does not take for where to start, by the order %s: %s', (order, startAt) => {
    expect(refusal({ mode: 'sequence_id', sequenceOf, order, startAt })).toContain(
      'Cannot use option replay.startAt: it got ',
    );
  });

  it('starts at digits where ids are numbers, however many', () => {
    for (const order of ['dense', 'monotonic'])
      expect(sequence({ order, startAt: '12345678901234567890' })).toMatchObject({
        startAt: { id: '12345678901234567890' },
      });
  });
});
