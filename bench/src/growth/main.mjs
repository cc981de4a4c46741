/** The chapter on growth: what a message costs as more and more waits, listens or is connected. */
import { writeFileSync } from 'node:fs';
import { runChild } from '../chapters/child.mjs';
import { markdown, whole } from '../tables.mjs';
import { axes } from './axes.mjs';
import { plot } from './plot.mjs';

const PICTURE = 'growth.svg';
const DOCS = new URL('../../../docs/', import.meta.url);

/**
 * @typedef {object} Grown
 * @property {string} title What is done.
 * @property {string} unit Of what grows.
 * @property {string} of What one costs that is drawn.
 * @property {readonly Point[]} points
 *
 * @typedef {object} Point
 * @property {number} point How many there are.
 * @property {number} ns The median, in nanoseconds.
 * @property {number} least
 * @property {number} greatest
 */

/** @type {import('../chapters/index.mjs').Chapter['measure']} */
export async function measureGrowth({ origin, isWritten, progress }) {
  /** @type {Grown[]} */
  const grown = [];
  for (const [name, { title, unit, of, points }] of Object.entries(axes)) {
    const measured = [];
    for (const point of points) {
      const told = await runChild('../growth/point.mjs', [name, point, origin]);
      measured.push({ point, ...told });
    }
    grown.push({ title, unit, of, points: measured });
    progress(`growth, ${unit}`);
  }
  if (isWritten) writeFileSync(new URL(PICTURE, DOCS), plot(grown));
  return `What a message costs JetSocket (\`full_buffer\`) as something grows: the median of seven measurements in one process, each number in a process of its own. What waits,
is kept or is received goes over a transport that carries nothing, so that nothing but the client is measured; of the sockets, which are real, it is the
processor time of this end. A flat line is what it should be. The most that a pass over memory can cost is in it too: a million messages do not fit
into a cache, ten do.

![What a message costs as more wait, more listen, or more are connected](${PICTURE})

${grown.map(tableOf).join('\n\n')}
`;
}

/** @param {Grown} grown */
function tableOf({ title, unit, of, points }) {
  const first = points[0]?.ns ?? NaN;
  return markdown(
    [`${title}: ${unit}`, ...points.map(({ point }) => whole(point))],
    [
      [`${of}, ns`, ...points.map(({ ns }) => whole(ns))],
      ['as a ratio to the first', ...points.map(({ ns }) => (ns / first).toFixed(2))],
    ],
  );
}
