import { availableParallelism, cpus } from 'node:os';
import { kinds } from './clients/kinds.mjs';
import { quantile, ratioOf } from './statistics.mjs';
import { whole } from './tables.mjs';

/** @typedef {import('./rounds.mjs').Result} Result */

/** What all ratios are to. */
const BASE = 'ws';

/** @param {readonly Result[]} results @param {number} rounds */
export function asJson(results, rounds) {
  return JSON.stringify(
    { ...environment(), rounds, measures: results.flatMap(measuresOf) },
    null,
    2,
  );
}

/** For a terminal. @param {readonly Result[]} results @param {number} rounds */
export function asTable(results, rounds) {
  const measures = results.flatMap(measuresOf);
  const names = Object.keys(kinds).filter((name) => measures.some(({ of }) => name in of));
  const rows = measures.map(({ title, unit, of }) => [
    `${title}, ${unit}`,
    ...names.map((name) => cell(name, of[name])),
  ]);
  const { node, machine } = environment();
  const note = `Ratios to ws (median, least and greatest of ${rounds} rounds); of ws its own figure. Node ${node}, ${machine}.`;
  return `${align([['', ...names], ...rows])}\n\n${note}`;
}

/**
 * @typedef {object} Figure
 * @property {number} median The measure itself.
 * @property {{ median: number, least: number, greatest: number }} ratio To ws, round by round.
 */

/** @param {string} name @param {Figure | undefined} figure */
function cell(name, figure) {
  if (figure === undefined) return '';
  if (name === BASE) return figure.median < 100 ? figure.median.toFixed(2) : whole(figure.median);
  const { median, least, greatest } = figure.ratio;
  return `${median.toFixed(2)} (${least.toFixed(2)} … ${greatest.toFixed(2)})`;
}

/** What the case measures, and the processor's time for it. @param {Result} result */
export function measuresOf({ one, runs }) {
  const cpu = {
    title: `${one.measures[0]?.title ?? ''}: CPU a message`,
    unit: 'µs',
    better: 'lower',
    goals: {},
  };
  return [...one.measures, cpu].map((measure, index) => {
    const isCpu = index === one.measures.length;
    /** @type {Record<string, number[]>} */
    const values = Object.fromEntries(
      Object.entries(runs).map(([name, all]) => [
        name,
        all.map((run) => (isCpu ? run.cpuUs : (run.measured[index] ?? NaN))),
      ]),
    );
    const base = values[BASE] ?? [];
    const of = Object.fromEntries(
      Object.entries(values).map(([name, own]) => [
        name,
        { median: quantile(own, 0.5), ratio: ratioOf(base, own) },
      ]),
    );
    return { case: one.name, ...measure, of };
  });
}

export function environment() {
  const cores = `${availableParallelism()} cores`;
  return {
    node: process.versions.node,
    machine: `${process.platform} ${process.arch}, ${cores}, ${cpus()[0]?.model.trim() ?? ''}`,
  };
}

/** Text to the left, numbers to the right. @param {readonly string[][]} rows */
function align(rows) {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((text, at) =>
          at === 0 ? text.padEnd(widths[at] ?? 0) : text.padStart(widths[at] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
