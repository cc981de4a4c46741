import { axes } from '../growth/axes.mjs';
import { runChild } from './child.mjs';

/**
 * @typedef {object} Growth
 * @property {string} title What is done.
 * @property {string} unit Of what grows.
 * @property {readonly { point: number, ns: number }[]} points What a message costs, in nanoseconds.
 */

/**
 * What a message costs as more and more waits, listens or is connected.
 *
 * @param {string} origin
 * @param {(what: string) => void} progress
 * @returns {Promise<Growth[]>}
 */
export async function measureGrowth(origin, progress) {
  const grown = [];
  for (const [name, { title, unit, points }] of Object.entries(axes)) {
    const measured = [];
    for (const point of points) {
      const { ns } = await runChild('../growth/point.mjs', [name, point, origin]);
      measured.push({ point, ns });
    }
    grown.push({ title, unit, points: measured });
    progress(`growth, ${unit}`);
  }
  return grown;
}
