/** From Stryker's report to docs/mutation.md. */
import { EXPLAINED } from './explained.mjs';

/**
 * @typedef {object} Mutant
 * @property {string} status
 * @property {string} mutatorName
 * @property {string} [replacement]
 * @property {{ start: Place, end: Place }} location
 * @typedef {{ line: number, column: number }} Place From 1.
 * @typedef {{ files: Record<string, { source: string, mutants: Mutant[] }> }} Report
 *
 * @typedef {object} Missed A mutant that no test noticed.
 * @property {string} name Of the file.
 * @property {string} line The whole line, or the first, that it changes.
 * @property {string} part What of it.
 * @property {string} replacement
 *
 * @typedef {object} Result What became of the mutants of one file.
 * @property {string} name As `machine/transition`.
 * @property {number} found
 * @property {Missed[]} missed
 * @property {number} score Percent.
 */

/** @param {Report} report @param {string[]} [only] @returns {Result[]} By name. */
export function resultsOf(report, only) {
  return Object.entries(report.files)
    .map(([path, { source, mutants }]) => {
      const name = path.replace(/^.*packages\/core\/src\//, '').replace(/\.ts$/, '');
      const found = mutants.filter(
        ({ status }) => status === 'Killed' || status === 'Timeout',
      ).length;
      const missed = mutants
        .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
        .map((mutant) => missedOf(name, source.split('\n'), mutant));
      const all = found + missed.length;
      return { name, found, missed, score: all === 0 ? 100 : (100 * found) / all };
    })
    .filter(
      ({ name, found, missed }) => found + missed.length > 0 && (only?.includes(name) ?? true),
    )
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** @param {string} name @param {string[]} lines @param {Mutant} mutant @returns {Missed} */
function missedOf(name, lines, { location: { start, end }, replacement = '' }) {
  const line = lines[start.line - 1] ?? '';
  const last = start.line === end.line ? end.column - 1 : undefined;
  return {
    name,
    line: line.trim(),
    part: line.slice(start.column - 1, last).trim() + (last === undefined ? ' …' : ''),
    replacement: replacement.replace(/\s+/g, ' ').trim(),
  };
}

/** @param {Result[]} results */
export function pageOf(results) {
  const missed = results.flatMap((result) => result.missed);
  const groups = EXPLAINED.map(({ why, is }) => ({ why, mutants: missed.filter(is) }));
  const rest = missed.filter((mutant) => !EXPLAINED.some(({ is }) => is(mutant)));
  return [
    INTRODUCTION,
    tableOf(results),
    '## What no test notices\n',
    ...groups
      .filter(({ mutants }) => mutants.length > 0)
      .map(({ why, mutants }) => chapter(why, mutants)),
    ...(rest.length === 0 ? [] : [chapter(OPEN, rest)]),
  ].join('\n');
}

const INTRODUCTION = `# Mutation testing

A test that cannot fail proves nothing. So the part of the client that decides (\`packages/core/src/machine\`) and the part that promises
(\`packages/core/src/delivery\`) are broken on purpose, in every small way that [Stryker](https://stryker-mutator.io) knows: a condition
turned round, a boundary moved by one, a text emptied, a block left out. Each of these mutants has to make a test fail.

\`npm run mutation\` does that, and writes this page. It fails below 90 %. The judges are the tests that stand beside these sources, and no
others: neither the tests of the whole client, nor the simulation, nor the exploration of sessions ([how sessions are proven](proofs.md)), which find
more. Nothing is excluded, not the texts of errors either, and what cannot be noticed counts as not noticed all the same.
`;

const OPEN = 'Not explained: a test could notice these, and none does.';

/** @param {Result[]} results */
function tableOf(results) {
  const row = (/** @type {string} */ name, /** @type {Result[]} */ of) => {
    const found = of.reduce((sum, one) => sum + one.found, 0);
    const all = of.reduce((sum, one) => sum + one.missed.length, found);
    return `| ${name} | ${all} | ${found} | ${((100 * found) / all).toFixed(1)} % |`;
  };
  const folders = [...new Set(results.map(({ name }) => name.split('/')[0] ?? ''))];
  return [
    '| File | Mutants | Noticed | Score |',
    '| --- | ---: | ---: | ---: |',
    ...folders.flatMap((folder) => {
      const of = results.filter(({ name }) => name.startsWith(`${folder}/`));
      return [row(`**${folder}**`, of), ...of.map((one) => row(`\`${one.name}\``, [one]))];
    }),
    '',
  ].join('\n');
}

/** @param {string} why @param {Missed[]} mutants */
function chapter(why, mutants) {
  const lines = mutants.map(
    ({ name, line, part, replacement }) =>
      `- \`${name}\`, in ${quoted(line)}: ${quoted(part)} → ${replacement === '' ? 'nothing' : quoted(replacement)}`,
  );
  return [`**${why}**`, '', ...new Set(lines), ''].join('\n');
}

/** As code, however many backticks it has. @param {string} text */
function quoted(text) {
  const short = text.length > 90 ? `${text.slice(0, 89)}…` : text;
  const fence = '`'.repeat(
    1 + Math.max(0, ...(short.match(/`+/g) ?? []).map(({ length }) => length)),
  );
  return fence.length === 1 ? `\`${short}\`` : `${fence} ${short} ${fence}`;
}
