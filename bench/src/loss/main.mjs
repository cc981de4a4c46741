/**
 * Counts what clients lose, double and reorder on a network that breaks about every 200 ms: numbered messages both
 * ways, through a TCP proxy. The table goes to stdout, progress to stderr. Exits with 1 when a client could not be
 * measured, or JetSocket's sessions lost, doubled or reordered anything.
 *
 * Options: `--seconds 60`, `--rate 500` (a second, each way), `--seed 1`, `--clients session,partysocket`, `--json`.
 */
import { seededRandom } from '@jetsocket/testing';
import { createFaultProxy } from '@jetsocket/testing/proxy';
import { parseArgs } from 'node:util';
import { kinds } from './clients.mjs';
import { startServer } from './server.mjs';
import { Tally } from './tally.mjs';
import { breakAtRandom, DELAY_MS, pause } from './weather.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    rate: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    clients: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
});
const seconds = wholeNumber(values.seconds);
const rate = wholeNumber(values.rate);
const seed = wholeNumber(values.seed);

/** Messages go out this often. */
const TURN_MS = 20;
/** How long all may take to come to rest, once the network is well. */
const MAX_REST_MS = 30_000;

const results = [];
for (const kind of kinds) {
  if (!values.clients.split(',').some((name) => kind.name.includes(name))) continue;
  console.error(`${kind.name}: ${seconds} s…`);
  results.push({ name: kind.name, version: kind.version, ...(await measure(kind)) });
}
console.log(values.json ? JSON.stringify(results, null, 2) : table(results));
const session = results.find(({ name }) => name === 'JetSocket, session');
if (results.some(({ up }) => up.received === 0)) process.exitCode = 1;
for (const way of session === undefined ? [] : [session.up, session.down]) {
  if (way.lost + way.doubled + way.reordered > 0) process.exitCode = 1;
}

/** @param {import('./clients.mjs').Kind} kind */
async function measure({ start }) {
  const [up, down] = [new Tally(), new Tally()];
  const server = await startServer((number) => up.note(number));
  const proxy = await createFaultProxy({ target: { port: server.port } });
  proxy.slow({ delayMs: DELAY_MS });
  const client = start(proxy.port, (number) => down.note(number));
  await pause(1_000);
  const calm = breakAtRandom(proxy, seededRandom(seed));
  const turns = (seconds * 1_000) / TURN_MS;
  for (let turn = 0; turn < turns; turn++) {
    for (let count = (rate * TURN_MS) / 1_000; count > 0; count--) {
      client.send(up.next());
      server.send(down.next());
    }
    await pause(TURN_MS);
  }
  const faults = await calm();
  await proxy.restore();
  await rest(up, down);
  const confessed = client.confessed();
  client.stop();
  await pause(100);
  await proxy.close();
  await server.stop();
  return { faults, up: view(up), down: view(down), confessed };
}

/** @param {string} text */
function wholeNumber(text) {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  console.error(`Cannot take ${text}: seconds, rate and seed are whole numbers from 1`);
  return process.exit(2);
}

/** @param {Tally} up @param {Tally} down */
async function rest(up, down) {
  let [last, since] = [-1, Date.now()];
  const begun = Date.now();
  while (Date.now() - since < 3_000 && Date.now() - begun < MAX_REST_MS) {
    await pause(100);
    const now = up.received + down.received + up.doubled + down.doubled;
    if (now !== last) [last, since] = [now, Date.now()];
  }
}

/** @param {Tally} tally */
function view({ sent, received, lost, doubled, reordered }) {
  return { sent, received, lost, doubled, reordered };
}

/** @param {number} count */
const grouped = (count) => count.toLocaleString('en-US');

/** @param {typeof results} rows */
function table(rows) {
  const head =
    '| client | version | faults | up: lost | doubled | reordered | down: lost | doubled | reordered | named as lost |';
  const rule = `|${' --- |'.repeat(10)}`;
  const lines = rows.map(({ name, version, faults, up, down, confessed }) => {
    const ways = [up, down].map(({ lost, doubled, reordered }) =>
      [lost, doubled, reordered].map(grouped).join(' | '),
    );
    return `| ${name} | ${version} | ${faults} | ${ways.join(' | ')} | ${confessed} |`;
  });
  const legend =
    `${grouped(rows[0]?.up.sent ?? 0)} messages each way, ${rate} a second for ${seconds} s, seed ${seed}, ${DELAY_MS} ms one way. ` +
    'Up is from the client to the server. What could not be sent because nobody was connected counts as lost: the ' +
    'application sent it. Named as lost is what a client said was lost; a dash: it has no way to. Every client has its fastest reconnects.';
  return [head, rule, ...lines, '', legend].join('\n');
}
