import { quantile } from '../statistics.mjs';

/**
 * @typedef {object} Outage What happened, in milliseconds of one clock.
 * @property {number} clients
 * @property {number} lostMs When the server was killed.
 * @property {number} listeningMs When the next one began to listen.
 * @property {readonly number[]} attemptsMs When a client tried.
 * @property {readonly number[]} backMs When a client was connected again; those that are not are not there.
 *
 * @typedef {object} Figures Times are counted from when the server was back; undefined where too few were.
 * @property {number | undefined} halfMs
 * @property {number | undefined} mostMs 99 % of all.
 * @property {number | undefined} allMs
 * @property {number} attempts A client.
 * @property {number} peak The most attempts in one tenth of a second.
 * @property {number} peakBack The same, once the server was back.
 * @property {number} missing Clients that were not connected at the end.
 */

export const BIN_MS = 100;

/** @param {Outage} outage @returns {Figures} */
export function figuresOf({ clients, lostMs, listeningMs, attemptsMs, backMs }) {
  const sorted = [...backMs].sort((one, other) => one - other);
  const until = (/** @type {number} */ share) => {
    const last = sorted[Math.ceil(share * clients) - 1];
    return last === undefined ? undefined : last - listeningMs;
  };
  return {
    halfMs: until(0.5),
    mostMs: until(0.99),
    allMs: until(1),
    attempts: attemptsMs.length / clients,
    peak: peakOf(attemptsMs, lostMs),
    peakBack: peakOf(
      attemptsMs.filter((ms) => ms >= listeningMs),
      listeningMs,
    ),
    missing: clients - backMs.length,
  };
}

/** @param {readonly number[]} timesMs @param {number} fromMs */
function peakOf(timesMs, fromMs) {
  /** @type {Map<number, number>} */
  const bins = new Map();
  let peak = 0;
  for (const ms of timesMs) {
    const bin = Math.floor((ms - fromMs) / BIN_MS);
    const count = (bins.get(bin) ?? 0) + 1;
    bins.set(bin, count);
    peak = Math.max(peak, count);
  }
  return peak;
}

/**
 * The median of several outages, figure by figure, with the least and the greatest. A time that one of them never
 * reached is undefined: there is no number for it.
 *
 * @param {readonly Figures[]} runs
 * @param {Exclude<keyof Figures, 'missing'>} name
 */
export function spreadOf(runs, name) {
  const values = runs.map((run) => run[name]).filter((value) => value !== undefined);
  if (values.length === 0 || values.length < runs.length) return undefined;
  return {
    median: quantile(values, 0.5),
    least: Math.min(...values),
    greatest: Math.max(...values),
  };
}
