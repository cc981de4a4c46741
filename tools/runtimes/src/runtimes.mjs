/** Which runtimes there are, and how each is started. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('..', import.meta.url));
const installed = (/** @type {string[]} */ ...path) => join(folder, 'node_modules', ...path);

/**
 * @typedef {object} Runtime
 * @property {string} name
 * @property {string} file The binary.
 * @property {(script: string, argument: string) => string[]} args
 * @property {Record<string, boolean>} [differs] What its `ws` cannot do.
 * @property {boolean} [isWorkerd]
 */

const version = (/** @type {string} */ name) =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    .optionalDependencies[name].split('@')
    .at(-1);

/** @type {Runtime[]} */
const all = [
  ...['20', '22', '24'].map((major) => ({
    name: `Node ${version(`node${major}`)}`,
    file: installed(`node${major}`, 'bin', 'node'),
    args: (/** @type {string} */ script, /** @type {string} */ argument) => [script, argument],
  })),
  {
    name: `Bun ${version('bun')}`,
    file: installed('bun', 'bin', 'bun'),
    args: (script, argument) => ['run', script, argument],
  },
  {
    name: `Deno ${version('deno')}`,
    file: installed('deno', 'deno'),
    args: (script, argument) => [
      'run',
      '--allow-all',
      '--no-lock',
      '--node-modules-dir=manual',
      script,
      argument,
    ],
  },
  {
    name: `workerd ${version('workerd')}`,
    file: installed('workerd', 'bin', 'workerd'),
    args: (script) => ['test', script],
    isWorkerd: true,
  },
];

/** Those that are here. On Linux for x64, which the binaries are for, every one has to be. */
export function runtimes() {
  const missing = all.filter(({ file }) => !existsSync(file));
  if (missing.length > 0 && process.platform === 'linux' && process.arch === 'x64') {
    const names = missing.map(({ name }) => name).join(', ');
    throw new Error(`Cannot find ${names}: run node tools/bootstrap.mjs --runtimes`);
  }
  return { present: all.filter((one) => !missing.includes(one)), missing };
}
