/**
 * What a page has to load: within its limits, and as docs/size.md says? Needs the built packages.
 *
 * Options: `--write` puts the figures into docs/size.md; `--json=<file>` says how many checks passed and failed.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { format } from 'prettier';
import { bundles } from './bundles.mjs';

const folder = fileURLToPath(new URL('../..', import.meta.url));
const page = new URL('../../../docs/size.md', import.meta.url);
/** Where the size of `connect` is told in whole kB, and after which word. */
const TOLD = /** @type {const} */ ([
  ['README.md', /(\d+) kB (?:min\+)?gzip/],
  ['docs/migrate-partysocket.md', /JetSocket (\d+) kB/],
  ['docs/migrate-socket-io.md', /\[(\d+) kB\]\(size\.md\)/],
  ['docs/migrate-websocket.md', /Lost: (\d+) kB by gzip/],
]);
const comparison = new URL('../../../docs/comparison.md', import.meta.url);

/** The table stands between these. */
const [BEGIN, END] = ['<!-- sizes -->', '<!-- /sizes -->'];
/** So much a figure may be off: another version of a minifier is no news. */
const TOLERANCE = 0.02;

const { values: options } = parseArgs({
  options: { write: { type: 'boolean', default: false }, json: { type: 'string' } },
});

const sizes = measure();
if (options.write) await write();
const failures = [...overLimit(), ...wronglyTold()];
for (const { name, min, gzip, brotli } of sizes)
  console.log(`${name}: ${kb(min)} kB minified, ${kb(gzip)} by gzip, ${kb(brotli)} by brotli`);
for (const failure of failures) console.error(`✗ ${failure}`);
const passed = sizes.length + 2 + TOLD.length - failures.length;
if (options.json) writeFileSync(options.json, JSON.stringify({ passed, failed: failures.length }));
process.exitCode = failures.length === 0 ? 0 : 1;

/** @returns {readonly { name: string, min: number, gzip: number, brotli: number, limitKb: number }[]} */
function measure() {
  // It fails by its exit code where a limit is passed, and says the same in what it prints.
  const printed = output(process.execPath, ['node_modules/size-limit/bin.js', '--json']);
  /** @type {{ size: number }[]} */
  const checks = JSON.parse(printed);
  return bundles.map(({ name, limitKb }, index) => {
    const [min = NaN, gzip = NaN, brotli = NaN] = checks
      .slice(index * 3, index * 3 + 3)
      .map(({ size }) => size);
    return { name, min, gzip, brotli, limitKb };
  });
}

/** @param {string} file @param {string[]} args */
function output(file, args) {
  try {
    return execFileSync(file, args, { cwd: folder, encoding: 'utf8' });
  } catch (error) {
    const { stdout } = /** @type {{ stdout?: string }} */ (error);
    if (stdout?.startsWith('[')) return stdout;
    throw error;
  }
}

function overLimit() {
  return sizes
    .filter(({ gzip, limitKb }) => gzip > limitKb * 1_000)
    .map(
      ({ name, gzip, limitKb }) => `${name} has ${kb(gzip)} kB by gzip, and may have ${limitKb}`,
    );
}

/** What the pages and the README say. */
function wronglyTold() {
  const told = readFileSync(page, 'utf8');
  const rows = told.slice(told.indexOf(BEGIN), told.indexOf(END)).split('\n');
  const wrong = sizes.filter(({ name, min, gzip, brotli }) => {
    const row = rows.find((line) => line.includes(`${name}\``)) ?? '';
    const figures = [...row.matchAll(/\| +([\d.]+) (?=\|)/g)].map(([, figure]) => Number(figure));
    return ![min, gzip, brotli].every((size, index) => isNear(size / 1_000, figures[index]));
  });
  const [first] = sizes;
  const connectKb = (first?.gzip ?? NaN) / 1_000;
  const compared = Number(/\[([\d.]+)\]\(size\.md\)/.exec(readFileSync(comparison, 'utf8'))?.[1]);
  return [
    ...(first !== undefined && isNear(first.gzip / 1_000, compared)
      ? []
      : [`docs/comparison.md says ${compared} kB, and it is ${kb(first?.gzip ?? NaN)}`]),
    ...(wrong.length === 0 ? [] : ['docs/size.md says something else: npm run size -- --write']),
    ...TOLD.flatMap(([file, pattern]) => {
      const text = readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');
      const said = Number(pattern.exec(text)?.[1]);
      if (Math.abs(connectKb - said) <= 1) return [];
      return [`${file} says ${said} kB, and it is ${connectKb.toFixed(1)}`];
    }),
  ];
}

/** @param {number} size @param {number | undefined} figure */
function isNear(size, figure) {
  return figure !== undefined && Math.abs(size - figure) <= size * TOLERANCE;
}

async function write() {
  const rows = sizes.map(
    ({ name, min, gzip, brotli, limitKb }) =>
      `| \`${name}\` | ${kb(min)} | ${kb(gzip)} | ${kb(brotli)} | ${limitKb} |`,
  );
  const table = ['| | minified | gzip | brotli | limit (gzip) |', '|---|--:|--:|--:|--:|', ...rows];
  const text = readFileSync(page, 'utf8');
  const before = text.slice(0, text.indexOf(BEGIN) + BEGIN.length);
  const after = text.slice(text.indexOf(END));
  const whole = `${before}\n\n${table.join('\n')}\n\n${after}`;
  writeFileSync(page, await format(whole, { parser: 'markdown', printWidth: 100 }));
}

/** @param {number} bytes */
function kb(bytes) {
  return (bytes / 1_000).toFixed(1);
}
