/** What users get: every package packed, and all of them installed by npm into an empty folder. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FOLDERS = ['core', 'browser', 'node', 'server', 'testing', 'jetsocket'];

/** @param {string} root The repository, built. @returns {Promise<string>} The folder. */
export async function installPacked(root) {
  const work = await mkdtemp(join(tmpdir(), 'jetsocket-runtimes-'));
  await mkdir(join(work, 'packs'));
  const pnpm = join(root, 'node_modules', '.bin', 'pnpm');
  const names = await Promise.all(
    FOLDERS.map(async (folder) => {
      const cwd = join(root, 'packages', folder);
      await run(pnpm, ['pack', '--pack-destination', join(work, 'packs')], { cwd });
      return JSON.parse(await readFile(join(cwd, 'package.json'), 'utf8')).name;
    }),
  );
  const tarballs = await readdir(join(work, 'packs'));
  const { version } = JSON.parse(
    await readFile(join(root, 'node_modules', 'ws', 'package.json'), 'utf8'),
  );
  const dependencies = Object.fromEntries(names.map((name) => [name, fileOf(name, tarballs)]));
  const manifest = {
    name: 'user',
    private: true,
    type: 'module',
    dependencies: { ...dependencies, ws: version },
  };
  await writeFile(join(work, 'package.json'), JSON.stringify(manifest, null, 2));
  const quiet = [
    '--no-audit',
    '--no-fund',
    '--no-package-lock',
    '--prefer-offline',
    '--loglevel=error',
  ];
  await run('npm', ['install', ...quiet], { cwd: work });
  await cp(new URL('../client/', import.meta.url), join(work, 'client'), { recursive: true });
  return work;
}

/** @param {string} name @param {string[]} tarballs */
function fileOf(name, tarballs) {
  const start = `${name.replace('@', '').replace('/', '-')}-`;
  const found = tarballs.find(
    (file) => file.startsWith(start) && /^\d/.test(file.slice(start.length)),
  );
  if (found === undefined) throw new Error(`${name} was not packed`);
  return `file:packs/${found}`;
}
