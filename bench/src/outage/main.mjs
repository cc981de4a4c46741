/** The chapter on outages: many clients lose one server at once, and it comes back. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { kinds } from '../clients/kinds.mjs';
import { head, markdown, whole } from '../tables.mjs';
import { BIN_MS, figuresOf, spreadOf } from './figures.mjs';
import { opens } from './kinds.mjs';
import { freePort, startAt } from './server.mjs';

const CLIENTS = [1_000, 5_000];
const ROUNDS = 3;
/** How long the server is away, and how long the clients may take once it is back. */
const AWAY_MS = 2_000;
const DEADLINE_MS = 120_000;
const OPENING_MS = 120_000;
/** From the loss until they have told: a bound for what does not answer at all. */
const END_MS = AWAY_MS + DEADLINE_MS + 30_000;

const nowMs = () => performance.timeOrigin + performance.now();
const PROGRAM = fileURLToPath(new URL('clients.mjs', import.meta.url));

/** @type {import('../chapters/index.mjs').Chapter['measure']} */
export async function measureOutage({ rounds = ROUNDS, count, clients, progress }) {
  const names = Object.keys(opens).filter((name) => clients.includes(name));
  let section = '';
  for (const many of count === undefined ? CLIENTS : [count]) {
    /** @type {Record<string, import('./figures.mjs').Figures[]>} */
    const runs = Object.fromEntries(names.map((name) => [name, []]));
    for (let round = 1; round <= rounds; round++) {
      for (const name of names) {
        runs[name]?.push(await lose(name, many));
        progress(`outage of ${many} ${name}, round ${round}`);
      }
    }
    section += `\n### ${whole(many)} clients\n\n${table(runs, many)}\n`;
  }
  return `Clients of one kind, in one process, lose their server: it is killed, and another one listens on the same port ${AWAY_MS / 1_000} s later. Each kind has its
own defaults; websocket-ts has none, and the \`ExponentialBackoff(1000, 6)\` of its README. Times are from when the server listens again. An attempt is a TCP
connection; a peak is the most of them in ${BIN_MS} ms. The median of ${rounds} outages, with the least and the greatest. A time is missing where not all were
back ${DEADLINE_MS / 1_000} s later. reconnecting-websocket draws its wait once for a process: here all have the same, on pages of their own they would not.
${section}`;
}

/** @param {string} name @param {number} count */
async function lose(name, count) {
  const port = await freePort();
  let server = await startAt(port);
  const url = `ws://127.0.0.1:${port}/idle?wire=${kinds[name]?.wire ?? 'plain'}`;
  const clients = fork(PROGRAM, [name, url, String(count)]);
  try {
    await told(clients, OPENING_MS, ({ areOpen }) => areOpen === true, `open ${count} ${name}`);
    // Asked for before it can come: the first ones may be back before this process knows that the server is.
    const isEnd = (/** @type {any} */ { backMs }) => backMs !== undefined;
    const ended = told(clients, END_MS, isEnd, `bring ${count} ${name} back`);
    ended.catch(() => undefined);
    const lostMs = nowMs();
    server.child.kill('SIGKILL');
    await once(server.child, 'exit');
    await pause(AWAY_MS - (nowMs() - lostMs));
    server = await startAt(port);
    const timer = setTimeout(() => clients.send({ isTimeUp: true }), DEADLINE_MS);
    const end = await ended.finally(() => clearTimeout(timer));
    return figuresOf({ clients: count, lostMs, listeningMs: server.listeningMs, ...end });
  } finally {
    clients.kill('SIGKILL');
    server.child.kill('SIGKILL');
  }
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {number} deadlineMs
 * @param {(message: any) => boolean} isIt
 * @param {string} what
 * @returns {Promise<any>}
 */
async function told(child, deadlineMs, isIt, what) {
  const signal = AbortSignal.timeout(deadlineMs);
  const news = [once(child, 'message', { signal }), once(child, 'exit', { signal })];
  for (const one of news) one.catch(() => undefined);
  const [message] = await Promise.race(news).catch(() => [
    { failed: `${deadlineMs} ms were over` },
  ]);
  if (typeof message === 'object' && message !== null && isIt(message)) return message;
  throw new Error(`Cannot ${what}: ${message?.failed ?? `their process ended with ${message}`}`);
}

/** @param {Record<string, import('./figures.mjs').Figures[]>} runs @param {number} many */
function table(runs, many) {
  const rows = Object.entries(runs).map(([name, all]) => {
    const cell = (
      /** @type {Exclude<keyof import('./figures.mjs').Figures, 'missing'>} */ figure,
      /** @type {(value: number) => string} */ tell,
    ) => {
      const spread = spreadOf(all, figure);
      if (spread === undefined) return '–';
      return `${tell(spread.median)} (${tell(spread.least)}–${tell(spread.greatest)})`;
    };
    const missing = Math.max(...all.map((run) => run.missing));
    return [
      head(name),
      .../** @type {const} */ (['halfMs', 'mostMs', 'allMs']).map((time) => cell(time, seconds)),
      missing === 0 ? '0' : `up to ${whole(missing)} of ${whole(many)}`,
      cell('attempts', (value) => value.toFixed(2)),
      cell('peak', whole),
      cell('peakBack', whole),
    ];
  });
  const first = ['', '50 % back, s', '99 %, s', 'all, s', 'not back', 'attempts a client', 'peak'];
  return markdown([...first, 'peak once it is back'], rows);
}

const seconds = (/** @type {number} */ ms) => (ms / 1_000).toFixed(2);
