/**
 * Takes a CPU profile of one case as JetSocket runs it, once its code is compiled. In a process of its own.
 *
 * `node profile.mjs <case> <origin> <messages>`
 */
import { Session } from 'node:inspector/promises';
import { cases } from '../cases.mjs';
import { kinds } from '../clients/kinds.mjs';
import { run } from '../run.mjs';

const WARM_UP_RUNS = 3;
const RUNS = 5;
const INTERVAL_US = 100;

const [, , name = '', origin = '', wanted = '0'] = process.argv;
const one = cases.find((known) => known.name === name);
const kind = kinds['full_buffer'];
if (one === undefined || kind === undefined) throw new Error(`There is no case '${name}'`);
const messages = Number(wanted) || one.messages;
const url = `${origin}${one.path(messages)}&wire=${kind.wire}`;
const once = () => run(kind.connect, url, one.settings, one.begin(messages));

for (let round = 0; round < WARM_UP_RUNS; round++) await once();
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US });
await session.post('Profiler.start');
for (let round = 0; round < RUNS; round++) await once();
const { profile } = await session.post('Profiler.stop');
process.send?.({ profile }, () => process.exit());
