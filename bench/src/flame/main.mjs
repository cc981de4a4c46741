/** The chapter on where the time goes: a flame graph of each hot path. */
import { writeFileSync } from 'node:fs';
import { runChild } from '../chapters/child.mjs';
import { markdown } from '../tables.mjs';
import { framesOf } from './frames.mjs';
import { flameGraph } from './graph.mjs';

/** As text, so that JSON does not hide the rest. */
const WAYS = [
  { name: 'receive-text-64b', file: 'flame-receive.svg', title: 'Receiving 64 B of text' },
  { name: 'send-text-500', file: 'flame-send.svg', title: 'Sending 64 B of text, 500 a turn' },
];
const DOCS = new URL('../../../docs/', import.meta.url);
const TOP = 8;

/** @type {import('../chapters/index.mjs').Chapter['measure']} */
export async function measureFlame({ origin, count = 0, isWritten, progress }) {
  let section = `Samples of the processor, ten thousand a second, while JetSocket (\`full_buffer\`) works over a real connection: a box is a function, above the one that called
it, as wide as its share of the time. Waiting is left out.\n`;
  for (const { name, file, title } of WAYS) {
    const { profile } = await runChild('../flame/profile.mjs', [name, origin, count]);
    const root = framesOf(profile);
    if (isWritten) writeFileSync(new URL(file, DOCS), flameGraph(root, title));
    section += `\n### ${title}\n\n![A flame graph](${file})\n\nMost time of their own:\n\n${top(root)}\n`;
    progress(`flame graph of ${name}`);
  }
  return section;
}

/** @param {import('./frames.mjs').Frame} root */
function top(root) {
  /** @type {Map<string, number>} */
  const own = new Map();
  const visit = (/** @type {import('./frames.mjs').Frame} */ { name, file, samples, callees }) => {
    let rest = samples;
    for (const callee of callees.values()) {
      rest -= callee.samples;
      visit(callee);
    }
    const key = file === '' ? `\`${name}\`` : `\`${name}\` in ${file}`;
    own.set(key, (own.get(key) ?? 0) + rest);
  };
  visit(root);
  const most = [...own].sort(([, one], [, other]) => other - one).slice(0, TOP);
  const share = (/** @type {number} */ samples) => ((samples / root.samples) * 100).toFixed(1);
  return markdown(
    ['function', '% of the time'],
    most.map(([key, samples]) => [key, share(samples)]),
  );
}
