/**
 * What users get: every package packed, once for all that look at it, and installed by npm into an empty folder. As long
 * as nothing that would be packed has changed, the tarballs stay.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** @typedef {{ folder: string, name: string, tarball: string }} Packed */

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, 'node_modules', '.cache', 'packed');

/** In the order of their dependencies. */
export const FOLDERS = ['core', 'browser', 'node', 'server', 'otel', 'testing', 'jetsocket'];
/** Others may be reading what was packed an hour ago. */
const KEPT_MS = 86_400_000;

/** @returns {Promise<Packed[]>} */
export async function packAll() {
  for (const folder of FOLDERS) {
    if (existsSync(join(root, 'packages', folder, 'dist'))) continue;
    throw new Error(`packages/${folder} is not built: run \`npm run build\` first`);
  }
  const destination = join(cache, fingerprint());
  if (!existsSync(destination)) await packInto(destination);
  const tarballs = readdirSync(destination);
  return FOLDERS.map((folder) => {
    const { name, version } = manifestOf(folder);
    const file = `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;
    if (!tarballs.includes(file)) throw new Error(`${name} was not packed`);
    return { folder, name, tarball: join(destination, file) };
  });
}

/**
 * The packages in an empty folder, as `npm install` leaves them.
 * @param {Record<string, string>} [beside] What else this user asks for: name → version.
 * @returns {Promise<string>} The folder; whoever asked for it removes it.
 */
export async function installPacked(beside = {}) {
  const packed = await packAll();
  const ours = Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`]));
  const dependencies = { ...ours, ws: versionOf('ws'), ...beside };
  const project = await mkdtemp(join(tmpdir(), 'jetsocket-user-'));
  const manifest = { name: 'user', private: true, type: 'module', dependencies };
  await writeFile(join(project, 'package.json'), JSON.stringify(manifest, null, 2));
  const quiet = ['--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  await run('npm', ['install', '--prefer-offline', '--omit=optional', ...quiet], { cwd: project });
  return project;
}

/** @param {string} name Of what this workspace has. @param {string} [from] The folder that has it. */
export function versionOf(name, from = '.') {
  const file = join(root, from, 'node_modules', name, 'package.json');
  return JSON.parse(readFileSync(file, 'utf8')).version;
}

/** Packs beside, and moves: two who begin at once get the same. @param {string} destination */
async function packInto(destination) {
  mkdirSync(cache, { recursive: true });
  const work = await mkdtemp(join(cache, 'work-'));
  const pnpm = join(root, 'node_modules', '.bin', 'pnpm');
  await Promise.all(
    FOLDERS.map((folder) =>
      run(pnpm, ['pack', '--pack-destination', work], { cwd: join(root, 'packages', folder) }),
    ),
  );
  try {
    renameSync(work, destination);
  } catch (error) {
    if (!existsSync(destination)) throw error;
    await rm(work, { recursive: true });
  }
  for (const name of readdirSync(cache)) {
    const old = join(cache, name);
    if (statSync(old).mtimeMs < Date.now() - KEPT_MS) await rm(old, { recursive: true });
  }
}

/** Of all that ends in a tarball. */
function fingerprint() {
  const hash = createHash('sha256');
  for (const folder of FOLDERS) {
    const dir = join(root, 'packages', folder);
    const files = readdirSync(join(dir, 'dist')).map((name) => join('dist', name));
    for (const file of ['package.json', 'README.md', 'LICENSE', ...files.sort()])
      hash.update(`${folder}/${file}\0`).update(readFileSync(join(dir, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

/** @param {string} folder @returns {{ name: string, version: string }} */
function manifestOf(folder) {
  return JSON.parse(readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8'));
}
