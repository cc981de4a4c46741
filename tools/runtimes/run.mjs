/**
 * Tries the packed packages in every runtime: the conformance suite and a client from end to end. Counts for each, and
 * writes them to docs/runtimes.md with `--write`; to `--json FILE` for scripts/test.mjs. `--only bun,node` picks.
 */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { installPacked } from '../packed.mjs';
import { bundle, cache } from '../typescript.mjs';
import { startHost } from './src/host.mjs';
import { page } from './src/page.mjs';
import { runtimes } from './src/runtimes.mjs';
import { unrefResults } from './src/unref.mjs';
import { bundleWorker } from './src/worker.mjs';

/**
 * @typedef {import('./src/host.mjs').Result} Result
 * @typedef {{ runtime: string, results: Result[] }} Tried
 */

const root = fileURLToPath(new URL('../..', import.meta.url));
/** How long one runtime may take for everything, on a busy machine. */
const DEADLINE_MS = 240_000;
/** After its last check it has nothing more to do, and ends. */
const END_MS = 20_000;
const AT_ONCE = 3;
const ENDS = 'ends by itself once everything is closed';
const PAGE = join(root, 'docs', 'runtimes.md');

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    json: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});

const { present, missing } = runtimes();
for (const { name } of missing) console.log(`– ${name}: not for this platform`);
const conformance = join(cache, 'conformance-server.mjs');
const input = join(root, 'packages/testing/test/conformance-server.ts');
await bundle({ input, file: conformance, external: ['ws'] });
const project = await installPacked();
cpSync(new URL('client/', import.meta.url), join(project, 'client'), { recursive: true });
/** @type {Tried[]} */
const tried = [];
try {
  const wanted = options.only.toLowerCase().split(',');
  const queue = present.filter(({ name }) =>
    wanted.some((one) => name.toLowerCase().includes(one)),
  );
  if (queue.length === 0)
    throw new Error(`Cannot find a runtime that --only ${options.only} names`);
  const order = queue.map(({ name }) => name);
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let one = queue.shift(); one !== undefined; one = queue.shift())
        tried.push(await tryIn(one));
    }),
  );
  tried.sort((one, other) => order.indexOf(one.runtime) - order.indexOf(other.runtime));
} finally {
  rmSync(project, { recursive: true, force: true });
}
await tell();

/** @param {import('./src/runtimes.mjs').Runtime} runtime @returns {Promise<Tried>} */
async function tryIn(runtime) {
  const { name, file, args, differs, isWorkerd } = runtime;
  const host = await startHost(project, conformance);
  try {
    const script = isWorkerd
      ? await bundleWorker(project, host.url)
      : join(project, 'client', 'main.mjs');
    const child = spawn(file, args(script, JSON.stringify({ url: host.url, ...differs })), {
      cwd: project,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1' },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    }
    const ended = new Promise((resolve) => child.on('close', (code) => resolve(code)));
    const failure = await outcomeOf(host, ended, child);
    const results = [...host.results, { suite: 'smoke', name: ENDS, error: failure }];
    if (failure !== undefined && output !== '') console.error(`${name} said:\n${output}`);
    return { runtime: name, results: [...results, ...(await unrefResults(project, runtime))] };
  } finally {
    await host.stop();
  }
}

/**
 * What is wrong with how it ended, if anything.
 * @param {import('./src/host.mjs').Host} host
 * @param {Promise<unknown>} ended
 * @param {import('node:child_process').ChildProcess} child
 */
async function outcomeOf(host, ended, child) {
  const done = host.done.then(() => 'done');
  const first = await Promise.race([ended.then(() => 'ended'), done, after(DEADLINE_MS)]);
  const code = await Promise.race([ended, after(first === 'late' ? 0 : END_MS)]);
  if (code === 'late') child.kill('SIGKILL');
  await ended;
  if (first === 'late') return `It did not finish within ${DEADLINE_MS / 1_000} s`;
  if (!host.isDone()) return `It ended before its last check, with status ${code}`;
  if (code === 'late') return 'It went on after everything was closed';
  return code === 0 ? undefined : `It ended with status ${code}`;
}

/** @param {number} delayMs @returns {Promise<'late'>} */
function after(delayMs) {
  return new Promise((resolve) => setTimeout(resolve, delayMs, 'late').unref());
}

async function tell() {
  let [passed, failed] = [0, 0];
  for (const { runtime, results } of tried) {
    const broken = results.filter(({ error }) => error !== undefined);
    passed += results.length - broken.length;
    failed += broken.length;
    const mark = broken.length === 0 ? '✓' : '✗';
    console.log(
      `${mark} ${runtime}: ${results.length - broken.length} passed, ${broken.length} failed`,
    );
    for (const { suite, name, error } of broken)
      console.log(`    ${suite}: ${name}\n      ${error}`);
  }
  if (options.json !== undefined) {
    mkdirSync(dirname(options.json), { recursive: true });
    writeFileSync(options.json, JSON.stringify({ passed, failed, tried }));
  }
  process.exitCode = failed > 0 ? 1 : 0;
  if (options.only === '' && missing.length === 0) await comparePage();
}

/** The page says what was done, or that is a failure too. */
async function comparePage() {
  const style = await resolveConfig(PAGE);
  const text = await format(page(tried), { ...style, parser: 'markdown' });
  if (options.write) return writeFileSync(PAGE, text);
  if (existsSync(PAGE) && readFileSync(PAGE, 'utf8') === text) return;
  console.log('✗ docs/runtimes.md says something else: npm run runtimes -- --write');
  process.exitCode = 1;
}
