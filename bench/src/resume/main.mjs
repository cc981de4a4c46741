/** The chapter on coming back: how long until the first replayed message is there, and what one that comes twice costs. */
import { once } from 'node:events';
import { createFaultProxy } from '@jetsocket/testing/proxy';
import { WebSocketServer } from 'ws';
import { runChild } from '../chapters/child.mjs';
import { quantile } from '../statistics.mjs';
import { head, markdown } from '../tables.mjs';
import { begins } from './clients.mjs';

const ROUNDS = 7;
const DELAY_MS = 50;

/** @typedef {{ atServer: number, atClient: number | undefined }} Trip In round trips. */

/** @type {import('../chapters/index.mjs').Chapter['measure']} */
export async function measureResume({ clients, rounds = ROUNDS, progress }) {
  const names = Object.keys(begins).filter((name) => clients.includes(name));
  /** @type {Record<string, Trip[]>} */
  const trips = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const name of names) trips[name]?.push(await measure(name));
  progress('coming back');
  const { again, fresh } = await runChild('../resume/duplicates.mjs', []);
  progress('duplicates');
  /** @param {keyof Trip} end */
  const row = (end) => names.map((name) => tell((trips[name] ?? []).map((trip) => trip[end])));
  const ns = (
    /** @type {Record<string, number>} */ { median = NaN, least = NaN, greatest = NaN },
  ) => `${median.toFixed(0)} ns (${least.toFixed(0)}–${greatest.toFixed(0)})`;
  return `A proxy that takes ${DELAY_MS} ms each way is cut, each end sends a message meanwhile, and the proxy is there again. Counted in round trips of ${2 * DELAY_MS} ms from the moment
at which the new connection came to the proxy: the median of ${rounds}, with the least and the greatest. The WebSocket's own handshake takes one, and a message half
of one more. The session says in its first message what it has, which takes one, and what the server kept comes with the answer.

${markdown(
  ['first replayed message, in round trips', ...names.map(head)],
  [
    ['from the client, at the server', ...row('atServer')],
    ['from the server, at the client', ...row('atClient')],
  ],
)}

In mode \`session\` a message of 64 B of JSON that comes again costs ${ns(again)}, and its payload is not parsed; a new one, with parsing and its handler, costs
${ns(fresh)}.
`;
}

/** @param {string} name @returns {Promise<Trip>} */
async function measure(name) {
  const begin = begins[name];
  if (begin === undefined) throw new Error(`There is no client '${name}'`);
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const proxy = await createFaultProxy({ target: { port: port ?? 0 } });
  proxy.slow({ delayMs: DELAY_MS });
  let acceptedMs = 0;
  proxy.on('connection', () => (acceptedMs = performance.now()));
  /** @type {import('./clients.mjs').Ends | undefined} */
  let ends;
  try {
    ends = begin(server, `ws://127.0.0.1:${proxy.port}/`);
    await ends.opened;
    await proxy.refuse(true);
    proxy.cut();
    // The server has to see it, too: a session that still has its connection would send at once.
    await new Promise((resolve) => setTimeout(resolve, 4 * DELAY_MS));
    ends.sendBoth();
    await proxy.refuse(false);
    ends.comeBack();
    const trips = (/** @type {number} */ ms) => (ms - acceptedMs) / (2 * DELAY_MS);
    const atServer = trips(await ends.atServer);
    const atClient = ends.atClient && trips(await ends.atClient);
    return { atServer, atClient };
  } finally {
    ends?.stop();
    await proxy.close();
    server.close();
    for (const one of server.clients) one.terminate();
  }
}

/** @param {readonly (number | undefined)[]} values */
function tell(values) {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return '';
  const [median = NaN, least = NaN, greatest = NaN] = [0.5, 0, 1].map((at) => quantile(known, at));
  return `${median.toFixed(2)} (${least.toFixed(2)}–${greatest.toFixed(2)})`;
}
