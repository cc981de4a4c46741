/**
 * Builds the packages, then the apps. What has not changed since it was last built is not built
 * again: a stamp holds a hash of the inputs, and the list of the files that came out.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @typedef {{ name: string, command: string[], cwd: string, inputs: string[], outputs: string[] }} Target */

const root = fileURLToPath(new URL('..', import.meta.url));
const toolchain = ['pnpm-lock.yaml', 'tsconfig.base.json'];
const packages = folders('packages');
const apps = folders('apps').filter(hasBuildScript);
const bin = join(root, 'node_modules', '.bin');

build({
  name: 'packages',
  command: [join(bin, 'rollup'), '-c', '--silent'],
  cwd: root,
  inputs: [
    ...toolchain,
    'rollup.config.mjs',
    'tools/release-files.mjs',
    ...packages.flatMap((dir) => [`${dir}/src`, `${dir}/package.json`, `${dir}/tsconfig.json`]),
  ],
  outputs: packages.map((dir) => `${dir}/dist`),
});
for (const app of apps) {
  build({
    name: app,
    command: ['npm', 'run', '--silent', 'build'],
    cwd: join(root, app),
    inputs: [...toolchain, app, ...packages.map((dir) => `${dir}/dist`)],
    outputs: [`${app}/dist`],
  });
}

/** @param {Target} target */
function build({ name, command, cwd, inputs, outputs }) {
  const stampFile = join(root, 'node_modules', '.cache', 'build', name.replace('/', '-'));
  const sources = hashOf(inputs);
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === sources + listing(outputs))
    return;
  console.log(`Building ${name}…`);
  const startedMs = Date.now();
  const [file = '', ...args] = command;
  const { status } = spawnSync(file, args, { cwd, stdio: 'inherit' });
  if (status !== 0) {
    console.error(`Building ${name} failed.`);
    process.exit(1);
  }
  removeOlderThan(startedMs, outputs);
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, sources + listing(outputs));
}

/** @param {string[]} paths Files and folders. Tests, and what is built or installed, do not count. */
function hashOf(paths) {
  const hash = createHash('sha256').update(process.version);
  for (const file of paths.flatMap(filesIn))
    hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

/** @param {string[]} outputs */
function listing(outputs) {
  const lines = outputs.flatMap(filesIn).map((file) => {
    const { size, mtimeMs } = statSync(join(root, file));
    return `\n${file} ${size} ${mtimeMs}`;
  });
  return lines.join('');
}

/** What an earlier build left behind must not be published. @param {number} timeMs @param {string[]} outputs */
function removeOlderThan(timeMs, outputs) {
  for (const file of outputs.flatMap(filesIn)) {
    // File systems round times: a second of grace.
    if (statSync(join(root, file)).mtimeMs < timeMs - 1_000) rmSync(join(root, file));
  }
}

/** @param {string} path @returns {string[]} The files at or below it, sorted, relative to the root. */
function filesIn(path) {
  const absolute = join(root, path);
  if (!existsSync(absolute)) return [];
  if (statSync(absolute).isFile()) return [path];
  return readdirSync(absolute, { withFileTypes: true })
    .filter(({ name }) => !['node_modules', 'dist', 'e2e'].includes(name))
    .filter(({ name }) => !/\.test(-d)?\.ts$/.test(name))
    .flatMap(({ name }) => filesIn(`${path}/${name}`))
    .sort();
}

/** @param {string} parent @returns {string[]} */
function folders(parent) {
  if (!existsSync(join(root, parent))) return [];
  return readdirSync(join(root, parent))
    .map((name) => `${parent}/${name}`)
    .filter((dir) => existsSync(join(root, dir, 'package.json')))
    .sort();
}

/** @param {string} dir */
function hasBuildScript(dir) {
  const { scripts } = JSON.parse(readFileSync(join(root, dir, 'package.json'), 'utf8'));
  return scripts?.build !== undefined;
}
