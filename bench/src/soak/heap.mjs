/** What is alive, by V8's own snapshots: each is taken after a collection, and counts every object. */
import { getHeapSnapshot } from 'node:v8';

/**
 * @typedef {object} Heap
 * @property {number} bytes Of all objects that are alive, but for compiled code: that comes and goes with the optimizer.
 * @property {Map<string, number>} counts Objects by the name of their class.
 */

/**
 * Stops the process for about a tenth of a second for each 10 MiB.
 * @returns {Promise<Heap>}
 */
export async function lookAtHeap() {
  const chunks = [];
  for await (const chunk of getHeapSnapshot()) chunks.push(chunk);
  return tally(JSON.parse(Buffer.concat(chunks).toString()));
}

/**
 * @typedef {object} Snapshot What is read of the format of `.heapsnapshot` files, version 12 and later of V8.
 * @property {{ meta: { node_fields: string[], node_types: [string[], ...unknown[]] } }} snapshot
 * @property {number[]} nodes The fields of one object after those of another.
 * @property {string[]} strings
 */

/** @param {Snapshot} snapshot @returns {Heap} */
export function tally({ snapshot, nodes, strings }) {
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const place = (/** @type {string} */ name) => {
    const index = fields.indexOf(name);
    if (index === -1) throw new Error(`Cannot read the heap snapshot: it has no ${name}`);
    return index;
  };
  const [type, name, size] = [place('type'), place('name'), place('self_size')];
  const [code, object] = [types[0].indexOf('code'), types[0].indexOf('object')];
  let bytes = 0;
  const counts = new Map();
  for (let at = 0; at < nodes.length; at += fields.length) {
    const kind = nodes[at + type];
    if (kind !== code) bytes += nodes[at + size] ?? 0;
    if (kind !== object) continue;
    const named = strings[nodes[at + name] ?? 0] ?? '';
    counts.set(named, (counts.get(named) ?? 0) + 1);
  }
  return { bytes, counts };
}

/**
 * The classes of which there are more than before, the worst first.
 * @param {Map<string, number>} before
 * @param {Map<string, number>} after
 * @param {number} least How many more are worth a word.
 */
export function moreOf(before, after, least) {
  return [...after]
    .map(([name, count]) => ({ name, more: count - (before.get(name) ?? 0) }))
    .filter(({ more }) => more >= least)
    .sort((one, other) => other.more - one.more);
}
