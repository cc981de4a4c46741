/** The chapter on memory: what clients cost that do nothing, and messages that wait. */
import { kinds } from '../clients/kinds.mjs';
import { quantile } from '../statistics.mjs';
import { head, markdown, whole } from '../tables.mjs';
import { runChild } from './child.mjs';

const ROUNDS = 7;
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

/** @type {import('./index.mjs').Chapter['measure']} */
export async function measureMemory({ origin, rounds = ROUNDS, clients, progress }) {
  const memory = await measure(origin, rounds, clients, progress);
  return `${table(memory, clients)}

An idle client is one of ${whole(CLIENTS)} in a process, after a collection. What a queue costs is what ${whole(QUEUED)} messages of 100 bytes take beside their payload; for \`ws\`, in an array.
On its way in a message costs its event of 80 bytes and nothing else, on its way out its delivery of 72: \`bench/src/allocation\` counts it in every \`npm test\`.
`;
}

/** @param {Memory} memory @param {readonly string[]} clients */
function table({ idle, heartbeat, queue }, clients) {
  /** @param {string} title @param {readonly { client: string }[]} list @param {(of: any) => string} tell */
  const row = (title, list, tell) => [
    title,
    ...clients.map((name) => {
      const found = list.find(({ client }) => client === name);
      return found === undefined ? '' : tell(found);
    }),
  ];
  return markdown(
    ['', ...clients.map(head)],
    [
      row('heap of an idle client, bytes', idle, ({ bytes }) => whole(bytes)),
      row('a heartbeat, µs of processor', heartbeat, ({ cpuUs }) => cpuUs.toFixed(1)),
      row('heap of a queued message, bytes', queue, ({ bytes }) => bytes.toFixed(0)),
      row('flush of the queue, messages a second', queue, ({ flush }) => whole(flush)),
    ],
  );
}

/**
 * @param {string} origin
 * @param {number} rounds
 * @param {readonly string[]} clients
 * @param {(what: string) => void} progress
 * @returns {Promise<Memory>}
 */
async function measure(origin, rounds, clients, progress) {
  const idle = [];
  const heartbeat = [];
  for (const client of Object.keys(kinds).filter((name) => clients.includes(name))) {
    const { bytes, cpuUs } = await runChild('idle.mjs', [client, origin, CLIENTS]);
    idle.push({ client, bytes });
    if (QUEUES.includes(client)) heartbeat.push({ client, cpuUs });
    progress(`idle ${client}`);
  }
  const queue = [];
  for (const client of QUEUES.filter((name) => clients.includes(name))) {
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
