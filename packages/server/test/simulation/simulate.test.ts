import { expect, it } from 'vitest';
import { simulateSession } from './run.js';

/** `pnpm simulate --seeds 100000`, and to see one again `pnpm simulate --seed 7`. */
const { SEEDS: seeds = '10000', SEED: seed } = process.env;

it(
  'sessions keep their promise whatever the dice do to the network',
  { timeout: 36_000_000 },
  async () => {
    const from = seed === undefined ? 1 : Number(seed);
    const to = seed === undefined ? Number(seeds) : from;
    const sum = { reconnects: 0, delivered: 0, confessed: 0 };
    for (let one = from; one <= to; one++) {
      const run = await simulateSession(one);
      sum.reconnects += run.reconnects;
      sum.delivered += run.delivered;
      sum.confessed += run.confessed;
    }
    // Runs in which nothing happens, or in which everything is lost, would prove nothing.
    const count = to - from + 1;
    if (count < 100) return;
    expect(sum.reconnects).toBeGreaterThan(1.5 * count);
    expect(sum.delivered).toBeGreaterThan(30 * count);
    expect(sum.confessed).toBeLessThan(sum.delivered);
  },
);
