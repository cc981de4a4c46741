import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Schedule, schedules, type Setup, simulate, type Step } from './simulate.js';

/** To hunt for longer, or to repeat a failure: `SIMULATION_RUNS=50000 SIMULATION_SEED=7 npx vitest run simulate`. */
const { SIMULATION_RUNS: runs, SIMULATION_SEED: seed } = process.env;

it('simulate() finds no broken promise in random schedules', { timeout: 3_600_000 }, async () => {
  let opened = 0;
  await fc.assert(
    fc.asyncProperty(schedules(), async (schedule) => {
      opened += (await simulate(schedule)).opened;
    }),
    { numRuns: Number(runs ?? 5_000), seed: Number(seed ?? 20_260_101) },
  );
  // Schedules in which nothing happens would prove nothing.
  expect(opened).toBeGreaterThan(Number(runs ?? 5_000));
});

it('simulate() gives equal logs for equal schedules', async () => {
  for (const schedule of fc.sample(schedules(), { numRuns: 20, seed: 1 })) {
    const { log } = await simulate(schedule);
    expect((await simulate(schedule)).log).toEqual(log);
  }
});

const SETUP: Setup = {
  seed: 0,
  mode: 'full_buffer',
  acknowledges: false,
  capacity: 1_000,
  maxBytes: 80,
  overflowPolicy: 'drop_oldest',
  heartbeat: 'ping',
  maxAttempts: Infinity,
  maxConnectionAgeMs: undefined,
  latencyMs: 10,
  connects: true,
};

const schedule = (steps: readonly Step[], setup: Partial<Setup> = {}): Schedule => ({
  setup: { ...SETUP, ...setup },
  steps,
});

const OPEN: Step = { type: 'advance', ms: 20 };

/** What is rare, and what was found once. */
const rows: [name: string, schedule: Schedule][] = [
  [
    'sends what waited for the socket to drain',
    schedule([OPEN, { type: 'block' }, { type: 'send', count: 6, padding: 0 }]),
  ],
  [
    'counts the bytes of a message that a closing socket did not take',
    schedule([
      OPEN,
      { type: 'server_close', code: 1000, reason: '', readsOn: false },
      { type: 'advance', ms: 10 },
      { type: 'send', count: 4, padding: 0 },
    ]),
  ],
  [
    'closes a link once when connect() follows on close()',
    schedule([OPEN, { type: 'close' }, { type: 'connect' }]),
  ],
  [
    'tells nothing between closed and the next life, of a handler that failed before',
    schedule([
      { type: 'advance', ms: 0 },
      { type: 'handle', event: 'state_change', action: 'reject' },
      { type: 'close', atOnce: true },
      { type: 'connect' },
    ]),
  ],
];

it.each(rows)('simulate() holds: the client %s', async (_name, row) => {
  await simulate(row);
});
