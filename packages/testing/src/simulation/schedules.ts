import { EVENT_NAMES } from '@jetsocket/core';
import fc from 'fast-check';
import type { Schedule, Setup, Step } from './schedule.js';

const type = <Name extends string>(name: Name): fc.Arbitrary<Name> => fc.constant(name);
const upTo = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });

const setups: fc.Arbitrary<Setup> = fc.record({
  seed: fc.nat(),
  mode: fc.constantFrom('full_buffer', 'full_buffer', 'full_buffer', 'none'),
  acknowledges: fc.boolean(),
  capacity: fc.constantFrom(1_000, 8, 2, 1),
  maxBytes: fc.constantFrom(100_000, 300, 80),
  overflowPolicy: fc.constantFrom('drop_oldest', 'drop_newest', 'error'),
  heartbeat: fc.constantFrom('ping', 'message', 'off'),
  maxAttempts: fc.constantFrom(Infinity, Infinity, 3, 0),
  maxConnectionAgeMs: fc.constantFrom(undefined, undefined, undefined, 8_000),
  latencyMs: fc.constantFrom(10, 0, 150),
  connects: fc.constantFrom(true, true, true, false),
});

/** Close codes that are retried, some with a hint, and some that are not. */
const ENDS = [
  [1000, ''],
  [1001, 'going away'],
  [1012, 'restart, retry-after=2'],
  [1013, ''],
  [4000, 'custom'],
  [4408, ''],
  [1008, 'policy'],
  [4401, ''],
] as const;

/** The latencies among them: the moments between two frames are where things go wrong. */
const waits = fc.oneof(fc.constantFrom(10, 15, 150), upTo(40), upTo(400), upTo(12_000));

const actions = fc.constantFrom('send', 'close', 'connect', 'reconnect', 'throw', 'reject');

const SIGNALS = [
  ...(['online', 'offline', 'online', 'hidden', 'visible', 'frozen', 'resumed'] as const),
  ...(['stored', 'restored', 'restored'] as const),
];

/** What happens, and how often of a hundred or so. */
const happenings: readonly { readonly weight: number; readonly arbitrary: fc.Arbitrary<Step> }[] = [
  {
    weight: 20,
    arbitrary: fc.record({
      type: type('send'),
      count: upTo(6),
      padding: fc.constantFrom(0, 0, 30, 120),
    }),
  },
  {
    weight: 20,
    arbitrary: fc.record({
      type: type('advance'),
      ms: waits,
    }),
  },
  { weight: 5, arbitrary: fc.record({ type: fc.constantFrom('connect', 'reconnect') }) },
  { weight: 2, arbitrary: fc.record({ type: type('close') }) },
  {
    weight: 8,
    arbitrary: fc.record({
      type: type('handle'),
      event: fc.constantFrom(...EVENT_NAMES),
      action: actions,
    }),
  },
  { weight: 6, arbitrary: fc.record({ type: type('server_send'), count: upTo(4) }) },
  {
    weight: 7,
    arbitrary: fc
      .record({ end: fc.constantFrom(...ENDS), readsOn: fc.boolean() })
      .map(({ end: [code, reason], readsOn }) => ({ type: 'server_close', code, reason, readsOn })),
  },
  { weight: 10, arbitrary: fc.record({ type: type('kill') }) },
  { weight: 3, arbitrary: fc.record({ type: type('stall') }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: type('refuse'),
      count: upTo(4),
      httpStatus: fc.constantFrom(undefined, undefined, 503, 401),
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: type('hang'), count: upTo(2) }) },
  { weight: 1, arbitrary: fc.record({ type: type('throw_on_open') }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: type('slow_provider'), ms: fc.constantFrom(0, 50, 3_000) }),
  },
  { weight: 2, arbitrary: fc.record({ type: type('failing_provider'), count: upTo(2) }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constantFrom('block', 'release') }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: type('lag'), ms: fc.constantFrom(0, 60, 900, 4_000) }),
  },
  { weight: 2, arbitrary: fc.record({ type: type('mute_pongs') }) },
  { weight: 4, arbitrary: fc.record({ type: type('haunt') }) },
  {
    weight: 4,
    arbitrary: fc.record({ type: type('sleep'), ms: upTo(60_000), monotonic: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: type('jump_wall_clock'),
      ms: fc.integer({ min: -60_000, max: 60_000 }),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      type: type('signal'),
      signal: fc.constantFrom(...SIGNALS),
      count: fc.constantFrom(1, 1, 1, 1, 50),
    }),
  },
  { weight: 5, arbitrary: fc.record({ type: type('heal') }) },
];

const steps: fc.Arbitrary<Step> = fc
  .tuple(fc.oneof(...happenings), fc.constantFrom(false, false, false, true))
  .map(([step, atOnce]) => (atOnce ? { ...step, atOnce } : step));

/**
 * Schedules for `simulate`, as a fast-check arbitrary: outages, half-open links, refusals, slow and
 * failing providers, backpressure, sleep, and handlers that send, close, reconnect and throw.
 *
 * @param maxSteps The longest. Default: 40.
 */
export function schedules(maxSteps: number = 40): fc.Arbitrary<Schedule> {
  return fc.record({
    setup: setups,
    // Sizes are drawn evenly: small ones alone would hardly ever have two outages.
    steps: fc.array(steps, { maxLength: maxSteps, size: 'max' }),
  });
}
