/** Typechecks every project of the workspace: each `tsconfig*.json` that is not just a base. */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const CONCURRENCY = 2;

const queue = ['.', ...children('packages'), ...children('apps'), 'bench', 'libraries'].flatMap(
  projectsIn,
);
let failed = false;
await Promise.all(Array.from({ length: CONCURRENCY }, work));
process.exitCode = failed ? 1 : 0;

async function work() {
  for (let project = queue.shift(); project !== undefined; project = queue.shift()) {
    const { code, output } = await tsc(project);
    if (code === 0) continue;
    failed = true;
    console.error(`tsc -p ${project}\n${output}`);
  }
}

/** @param {string} project @returns {Promise<{ code: number | null, output: string }>} */
function tsc(project) {
  const child = spawn(
    process.execPath,
    [
      'node_modules/typescript/bin/tsc',
      '--noEmit',
      '--pretty',
      String(process.stdout.isTTY ?? false),
      '-p',
      project,
    ],
    { cwd: root },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  }
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })));
}

/** @param {string} dir */
function projectsIn(dir) {
  return list(dir)
    .filter((name) => /^tsconfig(\..+)?\.json$/.test(name))
    .filter((name) => !['tsconfig.base.json', 'tsconfig.vitest-temp.json'].includes(name))
    .map((name) => join(dir, name));
}

/** @param {string} dir */
function children(dir) {
  return list(dir).map((name) => join(dir, name));
}

/** @param {string} dir @returns {string[]} */
function list(dir) {
  try {
    return readdirSync(join(root, dir));
  } catch {
    return []; // Not there, or a file.
  }
}
