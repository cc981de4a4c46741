import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} Run What one run of one client measured.
 * @property {readonly number[]} measured
 * @property {number} cpuUs Of processor time a message.
 *
 * @typedef {object} Result
 * @property {import('./cases.mjs').Case} one
 * @property {Record<string, Run[]>} runs By client, a run a round.
 *
 * @typedef {object} Plan
 * @property {number} rounds
 * @property {number | undefined} messages A run; the case's own number if undefined.
 * @property {readonly string[]} clients
 * @property {string} origin Of the server.
 * @property {(name: string, round: number, rounds: number) => void} progress
 */

/** Rounds until the code has been compiled, that do not count. */
const WARM_UP_ROUNDS = 3;

/**
 * Lets every client run once a round, each time another one first: what slows the machine down slows all of
 * them, and none always runs in what the same other one left behind.
 *
 * @param {import('./cases.mjs').Case} one
 * @param {Plan} plan
 * @returns {Promise<Result>}
 */
export async function interleave(
  one,
  { rounds, messages = one.messages, clients, origin, progress },
) {
  const names = clients.filter((name) => one.only?.includes(name) ?? true);
  const workers = names.map((name) => ({ name, process: startWorker(name) }));
  /** @type {Record<string, Run[]>} */
  const runs = Object.fromEntries(names.map((name) => [name, []]));
  try {
    for (let round = 1 - WARM_UP_ROUNDS; round <= rounds; round++) {
      const first = (round + WARM_UP_ROUNDS) % workers.length;
      for (const worker of [...workers.slice(first), ...workers.slice(0, first)]) {
        const result = await ask(worker.process, { name: one.name, origin, messages });
        if (round >= 1) runs[worker.name]?.push(result);
      }
      if (round >= 1) progress(one.name, round, rounds);
    }
  } finally {
    for (const worker of workers) if (worker.process.connected) worker.process.disconnect();
  }
  return { one, runs };
}

/** @param {string} name */
function startWorker(name) {
  const file = fileURLToPath(new URL('worker.mjs', import.meta.url));
  return fork(file, [name], { execArgv: ['--expose-gc'] });
}

/** @param {import('node:child_process').ChildProcess} worker @param {object} told @returns {Promise<Run>} */
async function ask(worker, told) {
  const settled = new AbortController();
  const { signal } = settled;
  worker.send(told);
  try {
    const news = [once(worker, 'message', { signal }), once(worker, 'exit', { signal })];
    for (const one of news) one.catch(() => undefined);
    const [answer] = await Promise.race(news);
    if (answer?.measured !== undefined) return answer;
    throw new Error(answer?.failed ?? 'a client’s process ended');
  } finally {
    settled.abort();
  }
}
