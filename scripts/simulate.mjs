/**
 * Runs the simulation of sessions for longer than the tests do, or one run again.
 *
 * Options: `--seeds 100000` (default 10,000) or `--seed 7`.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '10000' }, seed: { type: 'string' } },
});
for (const [name, value] of Object.entries(values)) {
  if (/^[1-9]\d*$/.test(value)) continue;
  console.error(`Cannot use --${name} ${value}: it takes a whole number from 1`);
  process.exit(2);
}
const { status } = spawnSync(
  join('node_modules', '.bin', 'vitest'),
  ['run', '--project', 'unit', 'packages/server/test/simulation'],
  {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: 'inherit',
    env: {
      ...process.env,
      SEEDS: values.seeds,
      ...(values.seed !== undefined && { SEED: values.seed }),
    },
  },
);
process.exit(status ?? 1);
