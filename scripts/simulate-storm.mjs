/** Runs scripts/storm/main.ts as one module, so that a million machines run at full speed. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle, cache } from '../tools/typescript.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const file = join(cache, 'storm.mjs');
await bundle({ input: join(root, 'scripts/storm/main.ts'), file, external: ['prettier'] });
const { status } = spawnSync(process.execPath, [file, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
