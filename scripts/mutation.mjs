/**
 * Mutation testing of the client's core: breaks the machine and the delivery in every small way that Stryker knows, and
 * sees whether the tests beside them notice. Writes docs/mutation.md.
 *
 * Options: `--only machine/transition,delivery/outbox` for single files; then no page is written.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { pageOf, resultsOf } from './mutation/page.mjs';
import { FOLDERS, hashOfSources, stampOf } from './mutation/sources.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Less is a failure. Percent. */
const LEAST_SCORE = 90;

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const files = values.only?.split(',').map((file) => file.replace(/\.ts$/, ''));
const wrong = files?.find((file) => !FOLDERS.includes(file.split('/')[0] ?? ''));
if (wrong !== undefined) {
  console.error(`Cannot use --only ${wrong}: it takes machine/FILE or delivery/FILE`);
  process.exit(2);
}

// Before it begins: what is changed meanwhile was not measured.
const stamp = stampOf(hashOfSources(root));
const results = FOLDERS.flatMap((folder) => {
  const chosen = files?.filter((file) => file.startsWith(`${folder}/`));
  if (chosen?.length === 0) return [];
  mutate(folder, chosen);
  const report = readFileSync(join(root, `test-results/mutation-${folder}.json`), 'utf8');
  return resultsOf(JSON.parse(report), chosen);
});
if (files === undefined) {
  const page = join(root, 'docs/mutation.md');
  writeFileSync(page, pageOf(results) + stamp);
  run(['prettier', '--write', '--log-level=warn', page]);
}
for (const { name, score } of results) console.log(`${score.toFixed(1).padStart(6)} %  ${name}`);
const lowest = Math.min(...FOLDERS.map((folder) => scoreOf(folder)));
if (lowest < LEAST_SCORE) {
  console.error(
    `${lowest.toFixed(1)} % of the mutants of a folder are found, and ${LEAST_SCORE} % have to be`,
  );
  process.exitCode = 1;
}

/** Of what was run of a folder. @param {string} folder */
function scoreOf(folder) {
  const of = results.filter(({ name }) => name.startsWith(`${folder}/`));
  const sum = (/** @type {(one: typeof results[number]) => number} */ field) =>
    of.reduce((total, one) => total + field(one), 0);
  const all = sum(({ found, missed }) => found + missed.length);
  return all === 0 ? 100 : (100 * sum(({ found }) => found)) / all;
}

/** What Stryker found is kept in .cache: only what has changed since is run again. @param {string} folder @param {string[]} [only] */
function mutate(folder, only) {
  const paths = only?.map((file) => `packages/core/src/${file}.ts`);
  run(['stryker', 'run', ...(paths ? ['--mutate', paths.join(',')] : [])], { MUTATED: folder });
}

/** @param {string[]} command @param {Record<string, string>} [env] */
function run([file = '', ...args], env = {}) {
  const { status } = spawnSync(join(root, 'node_modules/.bin', file), args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  if (status !== 0) process.exit(status ?? 1);
}
