/**
 * One run: a connection, what the case does with it, and the numbers it measured. Whatever goes wrong, a run
 * that takes too long included, fails it.
 *
 * @typedef {(done: (measured: number[]) => void, fail: (why: string) => void) => import('./clients/client.mjs').Play} Begin
 *
 * @param {import('./clients/client.mjs').Connect} connect
 * @param {string} url
 * @param {import('./clients/client.mjs').Settings} settings
 * @param {Begin} begin
 * @returns {Promise<number[]>}
 */
export function run(connect, url, settings, begin) {
  return new Promise((resolve, reject) => {
    /** @type {number[] | undefined} */
    let result;
    const deadline = setTimeout(() => fail(`not done after ${DEADLINE_MS / 1_000} s`), DEADLINE_MS);
    const done = (/** @type {number[]} */ measured) => {
      result = measured;
      client.close();
    };
    const fail = (/** @type {string} */ why) => {
      clearTimeout(deadline);
      reject(new Error(`${connect.name}: ${why}`));
      client.close();
    };
    const ended = (/** @type {string} */ why) => {
      if (result === undefined) return fail(why);
      clearTimeout(deadline);
      // Only now: what is left of one run must not slow the next one down.
      resolve(result);
    };
    const client = connect(url, settings, begin(done, fail), ended);
  });
}

/** A run takes less than a second, on most machines. */
const DEADLINE_MS = 30_000;
