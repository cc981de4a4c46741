/**
 * One run: a connection, what the case does with it, and the numbers it measured. Whatever goes wrong, a run
 * that takes too long included, fails it.
 *
 * @typedef {(done: (measured: number[]) => void, fail: (why: string) => void) => import('./client.mjs').Play} Begin
 *
 * @param {import('./client.mjs').Connect} connect
 * @param {string} url
 * @param {import('./client.mjs').Settings} settings
 * @param {Begin} begin
 * @returns {Promise<number[]>}
 */
export function run(connect, url, settings, begin) {
  return new Promise((resolve, reject) => {
    const fail = (/** @type {string} */ why) => {
      clearTimeout(deadline);
      reject(new Error(`${connect.name}: ${why}`));
      client.close();
    };
    const done = (/** @type {number[]} */ measured) => {
      clearTimeout(deadline);
      // What the end of the connection says comes too late to matter.
      resolve(measured);
      client.close();
    };
    const deadline = setTimeout(fail, DEADLINE_MS, `not done after ${DEADLINE_MS / 1_000} s`);
    const client = connect(url, settings, begin(done, fail), fail);
  });
}

/** A run takes less than a second. */
const DEADLINE_MS = 30_000;
