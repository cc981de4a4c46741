/**
 * Measures JetSocket against the package `ws` on the same machine in the same minute. What counts is the
 * ratio: the rates are the machine's. Results go to stdout, progress to stderr.
 *
 * Options: `--case=<name>` and `--client=<name>` (may be repeated), `--rounds=11`, `--messages=<per run>` (or clients, in an outage), `--json`, and
 * `--write`, which measures the chapters too, and writes docs/benchmarks.md. With `--chapter=<name>` (may be
 * repeated) only that is measured, and printed; with `--write` its section of the page is replaced.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { format } from 'prettier';
import { cases } from './cases.mjs';
import { chapters, checkChapters, sectionOf } from './chapters/index.mjs';
import { kinds } from './clients/kinds.mjs';
import { asPage } from './page.mjs';
import { asJson, asTable } from './report.mjs';
import { interleave } from './rounds.mjs';
import { withSection } from './sections.mjs';
import { startServer } from './server-process.mjs';

/** An odd number, so that the median is one of the rounds. */
const ROUNDS = 11;
const PAGE = new URL('../../docs/benchmarks.md', import.meta.url);

try {
  await main();
} catch (error) {
  console.error(`The benchmark failed: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

async function main() {
  const options = readOptions();
  checkChapters(chosenBy(options));
  const server = await startServer();
  try {
    if (options.chosenChapters.length > 0) await measureChapters(server.origin, options);
    else await measureAll(server.origin, options);
  } finally {
    server.stop();
  }
}

/** @typedef {ReturnType<typeof readOptions>} Options */

/** What would fail is to fail now, and not in an hour. @param {Options} options */
function chosenBy({ chosenChapters, isWritten }) {
  if (chosenChapters.length === 0) return isWritten ? Object.keys(chapters) : [];
  if (isWritten && !existsSync(PAGE))
    throw new Error(
      'There is no docs/benchmarks.md that has the chapter; make it with --write alone',
    );
  return chosenChapters;
}

/** @param {string} origin @param {Options} options */
async function measureAll(origin, options) {
  const { rounds = ROUNDS, messages, chosen, clients, json, isWritten } = options;
  const results = [];
  for (const one of chosen) {
    const plan = { rounds, messages, clients, origin, progress: showProgress };
    results.push(await interleave(one, plan));
  }
  if (isWritten) {
    const sections = [];
    for (const name of Object.keys(chapters))
      sections.push(await sectionOf(name, { origin, clients, isWritten, progress: showDone }));
    writeFileSync(PAGE, await asPage(results, rounds, sections));
  }
  console.log(json ? asJson(results, rounds) : asTable(results, rounds));
}

/** @param {string} origin @param {Options} options */
async function measureChapters(origin, options) {
  const { rounds, messages, clients, isWritten, chosenChapters } = options;
  const count = messages;
  for (const name of chosenChapters) {
    const plan = { origin, rounds, count, clients, isWritten, progress: showDone };
    const section = await format(await sectionOf(name, plan), {
      parser: 'markdown',
      printWidth: 100,
    });
    if (isWritten) writeFileSync(PAGE, withSection(readFileSync(PAGE, 'utf8'), section));
    console.log(section);
  }
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      case: { type: 'string', multiple: true, default: [] },
      chapter: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string' },
      messages: { type: 'string' },
      client: { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  return {
    rounds: values.rounds === undefined ? undefined : wholeNumber('rounds', values.rounds),
    messages: values.messages === undefined ? undefined : wholeNumber('messages', values.messages),
    chosenChapters: values.chapter,
    chosen: values.case.length === 0 ? cases : values.case.map(caseNamed),
    clients: clientsOf(values.client),
    json: values.json,
    isWritten: values.write,
  };
}

/** @param {string} option @param {string} value */
function wholeNumber(option, value) {
  const number = Number(value);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new Error(`--${option} takes a whole number from 1 on, not '${value}'`);
}

/** With ws always: what else is measured is so as a ratio to it. @param {readonly string[]} wanted */
function clientsOf(wanted) {
  const names = Object.keys(kinds);
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new Error(`There is no client '${unknown}'. There are ${names.join(', ')}`);
  return wanted.length === 0 ? names : ['ws', ...wanted.filter((name) => name !== 'ws')];
}

/** @param {string} wanted */
function caseNamed(wanted) {
  const found = cases.find(({ name }) => name === wanted);
  if (found) return found;
  const names = cases.map(({ name }) => name).join(', ');
  throw new Error(`There is no case '${wanted}'. There are ${names}`);
}

/** @param {string} what */
function showDone(what) {
  process.stderr.write(`${what} done\n`);
}

/** @param {string} name @param {number} round @param {number} rounds */
function showProgress(name, round, rounds) {
  const last = round === rounds;
  // Drawn over itself in a terminal; in a log, a line for each case is enough.
  if (process.stderr.isTTY) process.stderr.write(`\r${name} ${round}/${rounds}${last ? '\n' : ''}`);
  else if (last) process.stderr.write(`${name} done\n`);
}
