import { connectJet } from './jet.mjs';
import { connectRaw } from './raw.mjs';
import { run } from './run.mjs';

/**
 * @typedef {object} Result
 * @property {import('./cases.mjs').Case} one
 * @property {number[][]} raw What each round measured.
 * @property {number[][]} jet
 *
 * @typedef {object} Plan
 * @property {number} rounds
 * @property {number | undefined} messages A run; the case's own number if undefined.
 * @property {string} origin Of the server.
 * @property {(name: string, round: number, rounds: number) => void} progress
 */

/** Rounds until the code has been compiled, that do not count. */
const WARM_UP_ROUNDS = 2;

/**
 * Runs both clients in turn, each time the other one first: what slows the machine down slows both, and
 * neither always runs in what the other left behind.
 *
 * @param {import('./cases.mjs').Case} one
 * @param {Plan} plan
 * @returns {Promise<Result>}
 */
export async function interleave(one, { rounds, messages = one.messages, origin, progress }) {
  const url = origin + one.path(messages);
  const once = async (/** @type {import('./client.mjs').Connect} */ connect) => {
    globalThis.gc?.();
    return run(connect, url, one.settings, one.begin(messages));
  };
  /** @type {Result} */
  const result = { one, raw: [], jet: [] };
  for (let round = 1 - WARM_UP_ROUNDS; round <= rounds; round++) {
    const isRawFirst = round % 2 === 0;
    const first = await once(isRawFirst ? connectRaw : connectJet);
    const second = await once(isRawFirst ? connectJet : connectRaw);
    if (round < 1) continue;
    result.raw.push(isRawFirst ? first : second);
    result.jet.push(isRawFirst ? second : first);
    progress(one.name, round, rounds);
  }
  return result;
}
