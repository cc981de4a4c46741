/** The chapter on Chromium: what a message costs the page, against its own WebSocket. */
import { LEAST_BYTES } from '../messages.mjs';
import { quantile, ratioOf } from '../statistics.mjs';
import { head, markdown, whole } from '../tables.mjs';
import { openPage } from './browser.mjs';
import { serveFiles } from './files.mjs';

const ROUNDS = 11;
const WARM_UP_ROUNDS = 3;
const MESSAGES = 100_000;
const FORMS = /** @type {const} */ (['text', 'json']);
/** Name in the page → how the server is to speak. The first is what all others are compared with. */
const WIRES = { native: 'plain', full_buffer: 'plain', session: 'session', partysocket: 'plain' };
const names = /** @type {(keyof typeof WIRES)[]} */ (Object.keys(WIRES));
const rivals = names.filter((name) => name !== 'native');

/**
 * @typedef {object} Run
 * @property {number} rate Messages a second.
 * @property {number} threadUs Of the main thread a message.
 * @property {number} scriptUs Of that, in JavaScript.
 * @property {number} busy The main thread's share of the time.
 */

/** @type {import('../chapters/index.mjs').Chapter['measure']} */
export async function measureChromium({ origin, rounds = ROUNDS, count = MESSAGES, progress }) {
  const files = await serveFiles();
  try {
    const rows = [];
    let version = '';
    for (const form of FORMS) {
      const measured = await interleave(form, { origin, rounds, count, url: files.url });
      version = measured.version;
      rows.push(...rowsOf(form === 'json' ? 'JSON' : form, measured.runs));
      progress(`Chromium, ${form}`);
    }
    const titles = { native: 'native WebSocket' };
    const first = ['', titles.native, ...rivals.map(head)];
    return `Receiving ${LEAST_BYTES} B, ${whole(count)} messages a run, in ${version}, headless: a ratio to the page's own WebSocket in the same form, each client in a
browser of its own, in turn, each time another one first. The median of ${rounds} rounds, with the least and the greatest. Of messages a second
more is better, of the time less. The main thread's is processor time, in which the page can do nothing else; most of it is the browser's own. In JavaScript
it is the client, its handler, and what the browser does for them meanwhile. Where the main thread is not always busy, the rate is that
of the browser's network, not of the client. No driver listens to the page meanwhile.

${markdown(first, rows)}
`;
  } finally {
    files.stop();
  }
}

/** @param {string} form @param {{ origin: string, rounds: number, count: number, url: string }} plan */
async function interleave(form, { origin, rounds, count, url }) {
  /** @type {Record<string, Run[]>} */
  const runs = Object.fromEntries(names.map((name) => [name, []]));
  /** @type {{ name: keyof typeof WIRES, page: import('./browser.mjs').Page }[]} */
  const pages = [];
  try {
    for (const name of names) {
      const page = await openPage(url);
      pages.push({ name, page });
    }
    for (let round = 1 - WARM_UP_ROUNDS; round <= rounds; round++) {
      const first = (round + WARM_UP_ROUNDS) % pages.length;
      for (const { name, page } of [...pages.slice(first), ...pages.slice(0, first)]) {
        const path = `/feed?messages=${count}&bytes=${LEAST_BYTES}&form=${form}&wire=${WIRES[name]}`;
        const run = await measure(
          page,
          JSON.stringify([name, `${origin}${path}`, form, count]),
          count,
        );
        if (round >= 1) runs[name]?.push(run);
      }
    }
    const version = await pages[0]?.page.evaluate('navigator.userAgent.match(/Chrome.[0-9]+/)[0]');
    return { runs, version: String(version).replace('/', ' ').replace('Chrome', 'Chromium') };
  } finally {
    for (const { page } of pages) await page.close();
  }
}

/** @param {import('./browser.mjs').Page} page @param {string} args @param {number} count @returns {Promise<Run>} */
async function measure(page, args, count) {
  await page.call('HeapProfiler.collectGarbage', {});
  const before = await secondsOf(page);
  const ms = Number(await page.evaluate(`receive(...${args})`));
  const after = await secondsOf(page);
  const thread = after.thread - before.thread;
  return {
    rate: (count * 1_000) / ms,
    threadUs: (thread * 1e6) / count,
    scriptUs: ((after.script - before.script) * 1e6) / count,
    busy: (thread * 1_000) / ms,
  };
}

/** Of the page until now: processor time of its main thread, and the part in JavaScript. @param {import('./browser.mjs').Page} page */
async function secondsOf(page) {
  const { metrics } = await page.call('Performance.getMetrics', {});
  const value = (/** @type {string} */ wanted) => {
    const found = metrics.find((/** @type {{ name: string }} */ { name }) => name === wanted);
    if (found === undefined) throw new Error(`Chromium does not tell its ${wanted}`);
    return Number(found.value);
  };
  return { thread: value('ThreadTime'), script: value('ScriptDuration') };
}

/** @param {string} form @param {Record<string, Run[]>} runs */
function rowsOf(form, runs) {
  const of = (/** @type {string} */ name, /** @type {keyof Run} */ what) =>
    (runs[name] ?? []).map((run) => run[what]);
  const row = (
    /** @type {string} */ title,
    /** @type {keyof Run} */ what,
    /** @type {(value: number) => string} */ tell,
  ) => [
    `${form}, ${title}`,
    tell(quantile(of('native', what), 0.5)),
    ...rivals.map((name) => {
      const { median, least, greatest } = ratioOf(of('native', what), of(name, what));
      return `${median.toFixed(2)} (${least.toFixed(2)}–${greatest.toFixed(2)})`;
    }),
  ];
  const busy = (/** @type {string} */ name) =>
    `${(quantile(of(name, 'busy'), 0.5) * 100).toFixed(0)} %`;
  return [
    row('messages a second', 'rate', whole),
    row('main thread a message, µs', 'threadUs', (value) => value.toFixed(2)),
    row('JavaScript a message, µs', 'scriptUs', (value) => value.toFixed(2)),
    [`${form}, share of the time that the main thread is busy`, ...names.map(busy)],
  ];
}
