import fc from 'fast-check';
import { expect, it } from 'vitest';
import { schedules, simulate } from './simulate.js';

/** To hunt for longer, or to repeat a failure: `SIMULATION_RUNS=50000 SIMULATION_SEED=7 npx vitest run simulate`. */
const { SIMULATION_RUNS: runs, SIMULATION_SEED: seed } = process.env;

it('simulate() finds no broken promise in random schedules', { timeout: 3_600_000 }, async () => {
  let opened = 0;
  await fc.assert(
    fc.asyncProperty(schedules(), async (schedule) => {
      opened += (await simulate(schedule)).opened;
    }),
    { numRuns: Number(runs ?? 1_000), seed: Number(seed ?? 20_260_101) },
  );
  // Schedules in which nothing happens would prove nothing.
  expect(opened).toBeGreaterThan(Number(runs ?? 1_000));
});

it('simulate() gives equal logs for equal schedules', async () => {
  for (const schedule of fc.sample(schedules(), { numRuns: 20, seed: 1 })) {
    const { log } = await simulate(schedule);
    expect((await simulate(schedule)).log).toEqual(log);
  }
});
