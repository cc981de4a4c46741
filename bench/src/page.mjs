/** docs/benchmarks.md, from what was measured. */
import { format } from 'prettier';
import { kinds } from './clients/kinds.mjs';
import { environment, measuresOf } from './report.mjs';
import { head, markdown, whole } from './tables.mjs';

const names = Object.keys(kinds);
const rivals = names.filter((name) => name !== 'ws');

/**
 * @param {readonly import('./rounds.mjs').Result[]} results
 * @param {number} rounds
 * @param {readonly string[]} sections Of the chapters.
 * @returns {Promise<string>}
 */
export async function asPage(results, rounds, sections) {
  const { node, machine } = environment();
  const measures = results.flatMap(measuresOf);
  const isCpu = (/** @type {{ title: string }} */ { title }) => title.endsWith('CPU a message');
  const text = `# How fast it is

Written by \`npm run bench -- --write\`, which measures it all again. A figure is a **ratio to the package \`ws\`** by hand, without a queue or a reconnect, on the same
machine in the same minutes: every client has a process of its own, they run in turn, each time another one first, and the server has a process too. The median of ${rounds}
rounds, with the least and the greatest. Node ${node}, ${machine}. What was measured in absolute terms is that machine's, and only there to show the scale.

## Messages a second

Higher is better. Of a round trip it is the time, of \`ws\` in µs: lower is better.

${table(measures.filter((measure) => !isCpu(measure)))}

## Processor time a message

Of \`ws\` in µs. Lower is better. It tells more than the rate where the machine has other work to do, and where a client waits for the network.

${table(measures.filter(isCpu).map((measure) => ({ ...measure, title: measure.title.replace(': CPU a message', '') })))}

${sections.join('\n')}

## What keeps it so

\`npm test\` times nothing: on a machine that others use as well, the same code differs by tens of percent from one run to the next, as the ranges above show, so that a limit
would fail by chance, or catch nothing. It counts what does not depend on the machine: the bytes that are allocated for a message on its way in and out, which are the same
in every run, and the size of every bundle. A change that costs a message one more object, closure or promise fails there.
`;
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
