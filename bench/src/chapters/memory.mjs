import { kinds } from '../clients/kinds.mjs';
import { quantile } from '../statistics.mjs';
import { runChild } from './child.mjs';

/** How many clients are idle in one process, and how many messages wait in one queue. */
const CLIENTS = 2_000;
const QUEUED = 100_000;

/** Those that keep a queue in a way that can be told from their payload. */
const QUEUES = ['ws', 'full_buffer', 'session'];

/**
 * @typedef {object} Memory
 * @property {readonly { client: string, bytes: number }[]} idle Heap of an idle client.
 * @property {readonly { client: string, cpuUs: number }[]} heartbeat Processor time of a heartbeat.
 * @property {readonly { client: string, bytes: number, flush: number }[]} queue Heap a message beside its payload, and
 *   messages a second when it is flushed.
 */

/**
 * What clients cost that do nothing, and messages that wait.
 *
 * @param {string} origin
 * @param {number} rounds
 * @param {(what: string) => void} progress
 * @returns {Promise<Memory>}
 */
export async function measureMemory(origin, rounds, progress) {
  const idle = [];
  const heartbeat = [];
  for (const client of Object.keys(kinds)) {
    const { bytes, cpuUs } = await runChild('idle.mjs', [client, origin, CLIENTS]);
    idle.push({ client, bytes });
    if (QUEUES.includes(client)) heartbeat.push({ client, cpuUs });
    progress(`idle ${client}`);
  }
  const queue = [];
  for (const client of QUEUES) {
    const runs = [];
    for (let round = 0; round < rounds; round++)
      runs.push(await runChild('queue.mjs', [client, origin, QUEUED]));
    queue.push({
      client,
      bytes: quantile(
        runs.map((run) => run.bytes),
        0.5,
      ),
      flush: quantile(
        runs.map((run) => (QUEUED * 1_000) / run.flushMs),
        0.5,
      ),
    });
    progress(`queue ${client}`);
  }
  return { idle, heartbeat, queue };
}
