/** docs/benchmarks.md, from what was measured. */
import { format } from 'prettier';
import { kinds } from './clients/kinds.mjs';
import { environment, measuresOf } from './report.mjs';
import { head, markdown, whole } from './tables.mjs';

/** @typedef {import('./chapters/memory.mjs').Memory} Memory */

const names = Object.keys(kinds);
const rivals = names.filter((name) => name !== 'ws');

/**
 * @param {readonly import('./rounds.mjs').Result[]} results
 * @param {Memory} memory
 * @param {number} rounds
 * @param {readonly string[]} sections Of the chapters.
 * @returns {Promise<string>}
 */
export async function asPage(results, memory, rounds, sections) {
  const { node, machine } = environment();
  const measures = results.flatMap(measuresOf);
  const isCpu = (/** @type {{ title: string }} */ { title }) => title.endsWith('CPU a message');
  const text = `# How fast it is

Written by \`npm run bench -- --write\`, which measures it all again. A figure is a **ratio to the package \`ws\`** by hand, without a queue or a reconnect, on the same
machine in the same minutes: every client has a process of its own, they run in turn, each time another one first, and the server has a process too. The median of ${rounds}
rounds, with the least and the greatest. Node ${node}, ${machine}. What was measured in absolute terms is that machine's, and only there to show the scale.

## Messages a second

Higher is better. Of a round trip it is the time: lower is better.

${table(measures.filter((measure) => !isCpu(measure)))}

## Processor time a message

Lower is better. It tells more than the rate where the machine has other work to do, and where a client waits for the network.

${table(measures.filter(isCpu).map((measure) => ({ ...measure, title: measure.title.replace(': CPU a message', '') })))}

## Memory

${memoryTable(memory)}

An idle client is one of 2,000 in a process, after a collection. What a queue costs is what 100,000 messages of 100 bytes take beside their payload; for \`ws\`, in an array.
On its way in a message costs its event of 80 bytes and nothing else, on its way out its delivery of 88: \`bench/src/allocation\` counts it in every \`npm test\`.

${sections.join('\n')}`;
  return format(text, { parser: 'markdown', printWidth: 100 });
}

/** @param {ReturnType<typeof measuresOf>} measures */
function table(measures) {
  const rows = measures.map(({ title, of }) => [
    title,
    scale(of['ws']?.median ?? NaN),
    ...rivals.map((name) => {
      const ratio = of[name]?.ratio;
      return ratio === undefined
        ? ''
        : `${ratio.median.toFixed(2)} (${ratio.least.toFixed(2)}–${ratio.greatest.toFixed(2)})`;
    }),
  ]);
  return markdown(['', 'ws', ...rivals.map(head)], rows);
}

/** @param {number} value */
const scale = (value) => (value < 100 ? value.toFixed(2) : whole(value));

/** @param {Memory} memory */
function memoryTable({ idle, heartbeat, queue }) {
  /** @param {string} title @param {readonly { client: string }[]} list @param {(of: any) => string} tell */
  const row = (title, list, tell) => [
    title,
    ...names.map((name) => {
      const found = list.find(({ client }) => client === name);
      return found === undefined ? '' : tell(found);
    }),
  ];
  return markdown(
    ['', ...names.map(head)],
    [
      row('heap of an idle client, bytes', idle, ({ bytes }) => whole(bytes)),
      row('a heartbeat, µs of processor', heartbeat, ({ cpuUs }) => cpuUs.toFixed(1)),
      row('heap of a queued message, bytes', queue, ({ bytes }) => bytes.toFixed(0)),
      row('flush of the queue, messages a second', queue, ({ flush }) => whole(flush)),
    ],
  );
}
