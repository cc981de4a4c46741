/**
 * All that `npm test` checks, stage by stage. A stage that fails does not stop the others, unless
 * they need it. The last lines name what failed, each with the command that runs only that, and the very last one counts
 * every test, and every other stage as one: `N passed, N failed`.
 *
 * Options: `--only=unit,lint` and `--without=e2e`.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findFirefox, findWebKit } from '../tools/browsers.mjs';
import { failedInPlaywright, failedInVitest } from './failed-tests.mjs';
import { lastLines, runHeard } from './heard.mjs';

/**
 * @typedef {{ passed: number, failed: number }} Count
 * @typedef {object} Stage
 * @property {string} name
 * @property {string} again The command that runs this stage alone, and changes nothing.
 * @property {string[]} command
 * @property {string[]} [needs] The stages without which this one makes no sense. They are waited for.
 * @property {string[]} [installs] What it needs that not everybody has: options of tools/bootstrap.mjs.
 * @property {string} [report] Where a test runner writes its results; a stage without it counts as one.
 * @property {(report: any) => Count} [count]
 * @property {(report: any) => import('./failed-tests.mjs').Failed[]} [failed] Which tests failed.
 * @property {() => string | undefined} [skip] Why it cannot be run here, if so.
 * @property {string} [lane] It runs beside the stages of other lanes, with what they leave of the processors, and is
 *   heard when it is over. Those of one lane run one after the other.
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const results = 'test-results';
/** So many failed tests are named for each stage: with more, it is the stage that has to be run. */
const MAX_NAMED = 5;
/** So many lines of a stage that names no tests are told again at the end. */
const LAST_LINES = 8;
const bin = (/** @type {string} */ name) => join('node_modules', '.bin', name);

/** Nothing but work for a processor, in virtual time, and most of the time of all tests. */
const PROOFS = [
  'packages/server/test/explore/',
  'packages/server/test/simulation/',
  'packages/server/test/mutated-frames.test.ts',
  'packages/testing/src/simulate.test.ts',
];

/** They have a processor while the tests of one worker have the other: the exploration is to be done within minutes. */
const PROOFS_LANE = 'proofs';

/** @type {Stage[]} */
const stages = [
  {
    name: 'format',
    again: 'npx prettier --check .',
    command: [bin('prettier'), '--check', '--log-level=warn', '.'],
    lane: 'static',
  },
  { name: 'lint', again: 'npm run lint', command: [bin('eslint'), '.'], lane: 'static' },
  {
    name: 'typecheck',
    again: 'npm run typecheck',
    command: ['node', 'scripts/typecheck.mjs'],
    lane: 'static',
  },
  {
    name: 'site',
    again: 'npm run docs:build',
    command: ['node', 'scripts/site/build.mjs'],
    needs: ['build'],
    lane: 'static',
  },
  vitest(
    'proofs',
    `npx vitest run --project=unit ${PROOFS.join(' ')}`,
    ['--project=unit', ...PROOFS],
    PROOFS_LANE,
  ),
  { name: 'build', again: 'npm run build', command: ['node', 'scripts/build.mjs'] },
  {
    // It waits for two minutes more than it works.
    name: 'soak',
    again: 'npm run soak',
    command: ['node', 'bench/src/soak/main.mjs', `--json=${results}/soak.json`],
    needs: ['build'],
    report: `${results}/soak.json`,
    count: asTold,
    lane: 'soak',
  },
  {
    name: 'size',
    again: 'npm run size',
    command: ['node', 'bench/src/size/main.mjs', `--json=${results}/size.json`],
    needs: ['build'],
    report: `${results}/size.json`,
    count: asTold,
  },
  {
    // The core's tests have to run nearly all of its branches. The stage after this one has the other tests.
    name: 'coverage',
    again: 'npm run coverage',
    command: [
      ...[bin('vitest'), 'run', '--project=unit', '--coverage', 'packages/core/'],
      ...['--reporter=default', '--reporter=json', `--outputFile=${results}/coverage.json`],
    ],
    report: `${results}/coverage.json`,
    count: countVitest,
    failed: (report) => failedInVitest(report, root),
  },
  vitest(
    'unit',
    'npm run unit',
    ['packages/core/**/*.test.ts', ...PROOFS.map((path) => path.replace(/\/$/, '/**'))].map(
      (path) => `--exclude=${path}`,
    ),
  ),
  {
    name: 'runtimes',
    again: 'npm run runtimes',
    command: ['node', 'tools/runtimes/run.mjs', `--json=${results}/runtimes.json`],
    needs: ['build', 'install'],
    installs: ['--runtimes'],
    report: `${results}/runtimes.json`,
    count: asTold,
  },
  {
    name: 'api',
    again: 'node tools/api.mjs',
    command: ['node', 'tools/api.mjs'],
    needs: ['build'],
  },
  endToEnd('consumers', '--config=tools/consumers/playwright.config.ts', [
    '--chromium',
    '--consumers',
  ]),
  endToEnd('e2e', '--project=chromium', ['--chromium']),
  {
    ...endToEnd('e2e:docs', '--config=playwright.docs.config.ts', ['--chromium']),
    needs: ['build', 'install', 'site'],
  },
  endToEnd('e2e:firefox', '--project=firefox', ['--other-browsers'], () =>
    unlessFound(findFirefox(), 'Firefox'),
  ),
  endToEnd('e2e:webkit', '--config=playwright.webkit.config.ts', ['--other-browsers'], () =>
    unlessFound(findWebKit(), 'WebKit'),
  ),
];

const { values: options } = parseArgs({
  options: { only: { type: 'string' }, without: { type: 'string', default: '' } },
});
const chosen = stages.filter(
  ({ name }) =>
    (options.only?.split(',').includes(name) ?? true) && !options.without.split(',').includes(name),
);
const installs = [...new Set(chosen.flatMap((stage) => stage.installs ?? []))];
if (installs.length > 0) chosen.unshift(install(installs));

mkdirSync(join(root, results), { recursive: true });
/** @type {Map<string, Count>} */
const counts = new Map();
/** What each lane is busy with. @type {Map<string, Promise<void>>} */
const lanes = new Map();
/** Which were begun: a log may be of another time. @type {Set<string>} */
const executed = new Set();
/** Why stages were not run. @type {Map<string, string>} */
const notRun = new Map();
/** When a stage is over, by its name. @type {Map<string, Promise<void>>} */
const ends = new Map();
for (const stage of chosen) {
  const { name, lane } = stage;
  const turn = (lane && lanes.get(lane)) || Promise.resolve();
  const end = turn.then(async () => note(stage, await run(stage)));
  ends.set(name, end);
  if (lane) lanes.set(lane, end);
  else await end;
}
await Promise.all(lanes.values());
summarize();

/** @param {Stage} stage @param {Count | undefined} count */
function note(stage, count) {
  if (count) counts.set(stage.name, count);
}

/** @param {Stage} stage @returns {Promise<Count | undefined>} Undefined when it cannot be run here. */
async function run(stage) {
  const needs = stage.needs ?? [];
  await Promise.all(needs.map((name) => ends.get(name)));
  console.log(`\n▶ ${stage.name}${stage.lane ? ', beside the others' : ''}`);
  const nothing = stage.skip?.();
  if (nothing) {
    // Where everything has to be there, what is not there fails.
    if (process.env.CI) {
      console.log(`✗ ${stage.name} cannot be run: ${nothing}`);
      return { passed: 0, failed: 1 };
    }
    console.log(`– not run: ${nothing}`);
    notRun.set(stage.name, nothing);
    return undefined;
  }
  const broken = needs.find((name) => (counts.get(name)?.failed ?? 0) > 0);
  if (broken !== undefined) {
    console.log(`✗ ${stage.name} was not run, because ${broken} failed`);
    return { passed: 0, failed: 1 };
  }
  if (stage.report) rmSync(join(root, stage.report), { force: true });
  const startedMs = performance.now();
  executed.add(stage.name);
  const succeeded = await execute(stage);
  if (stage.lane) console.log(`\n${readFileSync(logOf(stage), 'utf8')}`);
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  const count = countOf(stage, succeeded);
  console.log(`${count.failed === 0 ? '✓' : '✗'} ${stage.name} (${seconds} s)`);
  return count;
}

/** @param {Stage} stage */
function logOf({ name }) {
  return join(root, results, `${name.replace(':', '-')}.log`);
}

/** @param {Stage} stage @returns {Promise<boolean>} */
function execute(stage) {
  const { command, report, lane } = stage;
  return runHeard(command, {
    cwd: root,
    env: {
      ...(process.stdout.isTTY && { FORCE_COLOR: '1' }),
      ...process.env,
      ...(report && { PLAYWRIGHT_JSON_OUTPUT_FILE: report }),
      ...(ends.has('site') && { JETSOCKET_SITE: 'built' }),
    },
    log: logOf(stage),
    isSilent: lane !== undefined,
    started: (pid) => {
      // What is measured by a clock elsewhere comes first.
      if (lane && lane !== PROOFS_LANE) setPriority(pid, constants.priority.PRIORITY_LOW);
    },
  });
}

/**
 * A runner that fails without a failed test, or that found no test, has failed as well.
 * @param {Stage} stage @param {boolean} succeeded @returns {Count}
 */
function countOf({ report, count }, succeeded) {
  if (!report || !count) return succeeded ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  const { passed, failed } = existsSync(join(root, report))
    ? count(JSON.parse(readFileSync(join(root, report), 'utf8')))
    : { passed: 0, failed: 0 };
  if (passed + failed === 0) console.error('No test was run, and that is a failure.');
  const hidden = failed === 0 && (!succeeded || passed === 0);
  return { passed, failed: hidden ? 1 : failed };
}

/** @param {any} report @returns {Count} */
function countVitest({ numPassedTests, numFailedTests, testResults }) {
  // A file that cannot be loaded has no tests, and so no failed ones.
  const broken = testResults.filter(
    (/** @type {any} */ file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  return { passed: numPassedTests, failed: numFailedTests + broken.length };
}

/** Our own runners count themselves. @param {Count} report @returns {Count} */
function asTold({ passed, failed }) {
  return { passed, failed };
}

/** @param {any} report @returns {Count} */
function countPlaywright({ stats }) {
  return { passed: stats.expected + stats.flaky, failed: stats.unexpected };
}

function summarize() {
  const total = { passed: 0, failed: 0 };
  for (const { passed, failed } of counts.values()) {
    total.passed += passed;
    total.failed += failed;
  }
  const broken = chosen.filter(({ name }) => (counts.get(name)?.failed ?? 0) > 0);
  console.log('');
  for (const [name, reason] of notRun) console.log(`– ${name} was not run: ${reason}`);
  for (const stage of broken) {
    console.log(`✗ ${stage.name} failed. Only this: ${stage.again}`);
    tellFailed(stage);
  }
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
}

/** The tests that failed; where there are none, or no report of them, the end of what it said. @param {Stage} stage */
function tellFailed(stage) {
  const { report, failed } = stage;
  const isReported = report && failed && existsSync(join(root, report));
  const all = isReported ? failed(JSON.parse(readFileSync(join(root, report), 'utf8'))) : [];
  if (all.length === 0 && executed.has(stage.name))
    for (const line of lastLines(logOf(stage), LAST_LINES)) console.log(`  ${line}`);
  for (const { what, again } of all.slice(0, MAX_NAMED)) console.log(`  ${what}\n    ${again}`);
  if (all.length > MAX_NAMED) console.log(`  and ${all.length - MAX_NAMED} more`);
}

/**
 * What not everybody has comes while the first stages run.
 * @param {string[]} options Of tools/bootstrap.mjs. @returns {Stage}
 */
function install(options) {
  return {
    name: 'install',
    again: `npm run bootstrap -- ${options.join(' ')}`,
    command: ['node', 'tools/bootstrap.mjs', ...options],
    lane: 'install',
  };
}

/**
 * @param {string} name @param {string} again @param {string[]} args Which tests.
 * @param {string} [lane] @returns {Stage}
 */
function vitest(name, again, args, lane) {
  const report = `${results}/${name}.json`;
  return {
    name,
    again,
    command: [
      ...[bin('vitest'), 'run', ...args],
      ...['--reporter=default', '--reporter=json', `--outputFile=${report}`],
    ],
    report,
    count: countVitest,
    failed: (given) => failedInVitest(given, root),
    ...(lane && { lane }),
  };
}

/**
 * Playwright: the demo's page in one browser, and what users make of the packages.
 * @param {string} name @param {string} which Of Playwright. @param {string[]} installs
 * @param {() => string | undefined} [skip]
 * @returns {Stage}
 */
function endToEnd(name, which, installs, skip) {
  return {
    name,
    again: `npm run ${name}`,
    command: [bin('playwright'), 'test', which, '--reporter=list,json'],
    needs: ['build', 'install'],
    installs,
    report: `${results}/${name.replace(':', '-')}.json`,
    count: countPlaywright,
    failed: (report) => failedInPlaywright(report, root, which),
    ...(skip && { skip }),
  };
}

/** @param {unknown} found @param {string} browser */
function unlessFound(found, browser) {
  return found === undefined ? `there is no ${browser}, and it could not be installed` : undefined;
}
