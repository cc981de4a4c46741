/**
 * One kind of client, many times, idle: what each costs in heap, and in processor time with a heartbeat a second. In
 * a process of its own, with `--expose-gc`; prints JSON.
 *
 * `node idle.mjs <client> <origin> <count>`
 */
import { kinds } from '../clients/kinds.mjs';

const HEARTBEAT_MS = 1_000;
const WATCHED_MS = 10_000;

const [, , name = '', origin = '', wanted = '0'] = process.argv;
const kind = kinds[name];
if (kind === undefined) throw new Error(`There is no client '${name}'`);
const count = Number(wanted);
const url = `${origin}/idle?wire=${kind.wire}`;

// The first ones bring the code with them, and the tables of the libraries.
const first = await openAll(100);
const before = await heap();
const clients = await openAll(count);
const bytes = ((await heap()) - before) / count;

const cpuBefore = process.cpuUsage();
await new Promise((resolve) => setTimeout(resolve, WATCHED_MS));
const { user, system } = process.cpuUsage(cpuBefore);
const cpuUs = (user + system) / ((count + first.length) * (WATCHED_MS / HEARTBEAT_MS));
process.send?.({ bytes, cpuUs, clients: clients.length });
process.exit();

/** In turns of a hundred: a listener's queue has its bounds. @param {number} many */
async function openAll(many) {
  const opened = [];
  for (let at = 0; at < many; at += 100)
    opened.push(...(await Promise.all(Array.from({ length: Math.min(100, many - at) }, open))));
  return opened;
}

/** @returns {Promise<unknown>} */
function open() {
  return new Promise((resolve, reject) => {
    const settings = { form: /** @type {const} */ ('json'), heartbeatMs: HEARTBEAT_MS };
    const play = { opened: resolve, message: () => undefined };
    kind?.connect(url, settings, play, reject);
  });
}

/** What is in use, and not only not collected yet. */
async function heap() {
  for (let round = 0; round < 4; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return process.memoryUsage().heapUsed;
}
