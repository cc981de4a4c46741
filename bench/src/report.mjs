import { availableParallelism } from 'node:os';
import { quantile, ratioOf } from './statistics.mjs';

/** @typedef {import('./rounds.mjs').Result} Result */

/** @param {readonly Result[]} results @param {number} rounds */
export function asJson(results, rounds) {
  const { node, machine } = environment();
  return JSON.stringify({ node, machine, rounds, measures: results.flatMap(measuresOf) }, null, 2);
}

/** @param {readonly Result[]} results @param {number} rounds */
export function asTable(results, rounds) {
  const { node, machine } = environment();
  const head = ['', 'jetsocket : ws', 'quartiles', 'better', 'ws', 'jetsocket', ''];
  const rows = results
    .flatMap(measuresOf)
    .map(({ title, ratio, better, ws, jetsocket, unit }) => [
      title,
      ratio.median.toFixed(2),
      `${ratio.lowerQuartile.toFixed(2)} … ${ratio.upperQuartile.toFixed(2)}`,
      better,
      whole(ws),
      whole(jetsocket),
      unit,
    ]);
  const note = `Medians of ${rounds} rounds. Node ${node}, ${machine}. The ratios are what counts.`;
  return `${align([head, ...rows])}\n\n${note}`;
}

/** @param {Result} result */
function measuresOf({ one, raw, jet }) {
  return one.measures.map(({ title, unit, better }, index) => {
    const ws = raw.map((round) => round[index] ?? NaN);
    const jetsocket = jet.map((round) => round[index] ?? NaN);
    return {
      case: one.name,
      title,
      unit,
      better,
      ratio: ratioOf(ws, jetsocket),
      ws: quantile(ws, 0.5),
      jetsocket: quantile(jetsocket, 0.5),
    };
  });
}

function environment() {
  const cores = `${availableParallelism()} cores`;
  return {
    node: process.versions.node,
    machine: `${process.platform} ${process.arch}, ${cores}`,
  };
}

/** @param {number} value */
const whole = (value) => Math.round(value).toLocaleString('en-US');

/** Text to the left, numbers to the right. @param {readonly string[][]} rows */
function align(rows) {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, at) => pad(cell, widths[at] ?? 0, at))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Columns of words; the others are numbers. */
const WORDS = [0, 3, 6];

/** @param {string} cell @param {number} width @param {number} column */
const pad = (cell, width, column) =>
  WORDS.includes(column) ? cell.padEnd(width) : cell.padStart(width);
