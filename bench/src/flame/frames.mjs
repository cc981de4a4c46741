/** From a CPU profile of V8 to who called whom, and how much of the time each took. */

/**
 * @typedef {object} Frame
 * @property {string} name
 * @property {string} file Of its package, without the machine's folders.
 * @property {number} samples In it and in what it called.
 * @property {Map<string, Frame>} callees
 */

/** Waiting is no work, and the root is no function. */
const LEFT_OUT = new Set(['(idle)', '(root)']);

/** @param {string} url Of a script. @returns {string} */
export function fileOf(url) {
  const inPackage = /.*\/(?:node_modules|packages)\/(.+)$/.exec(url)?.[1];
  if (inPackage !== undefined) return inPackage;
  // The rest is Node itself, the benchmark, or code without a file.
  return url.startsWith('file:') ? url.replace(/.*\/bench\/src\/|.*\//, 'bench/') : url;
}

/** @param {import('node:inspector').Profiler.Profile} profile @returns {Frame} */
export function framesOf({ nodes, samples = [] }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  /** @type {Map<number, number>} */
  const counts = new Map();
  for (const id of samples) counts.set(id, (counts.get(id) ?? 0) + 1);
  const [root] = nodes;
  const frame = { name: 'all', file: '', samples: 0, callees: new Map() };
  if (root !== undefined) for (const id of root.children ?? []) add(id, frame);
  frame.samples = sum(frame);
  return frame;

  /** Calls of one function by another are one box, wherever they stand in it. @param {number} id @param {Frame} caller */
  function add(id, caller) {
    const node = byId.get(id);
    if (node === undefined || LEFT_OUT.has(node.callFrame.functionName)) return;
    const name = node.callFrame.functionName || '(anonymous)';
    const file = fileOf(node.callFrame.url);
    const known = caller.callees.get(`${name} ${file}`);
    const own = known ?? { name, file, samples: 0, callees: new Map() };
    caller.callees.set(`${name} ${file}`, own);
    const before = sum(own);
    for (const child of node.children ?? []) add(child, own);
    own.samples += (counts.get(id) ?? 0) + sum(own) - before;
  }
}

const sum = (/** @type {Frame} */ { callees }) =>
  [...callees.values()].reduce((total, { samples }) => total + samples, 0);
