/**
 * 200 clients of three modes on a network that breaks some twenty times a second, for as long as you like. In between the
 * weather calms down, all come to rest, and a snapshot of the heap is taken: it and the handles must not grow
 * with the number of connections made, and nothing may be missing. Exits with 1 otherwise.
 *
 * Options: `--minutes 2`, `--clients 200`, `--seed 1`, `--json FILE`; `--plant attempts` keeps every attempt, and must fail.
 */
import { WebSocket } from 'ws';
import { wsTransport } from '@jetsocket/node/transport';
import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { pause } from '../loss/weather.mjs';
import { kinds } from './clients.mjs';
import { lookAtHeap, moreOf } from './heap.mjs';
import { slope } from './trend.mjs';

/** A round is bad weather, then a rest. */
const ROUND_MS = 8_000;
/** A snapshot stops everything for a second or two, so not every round has one: about so many are taken, however long it is. */
const LOOKS = 40;
/** Rounds before the first look that counts: code is compiled, buffers find their size. */
const WARM_ROUNDS = 3;
/** How long all may take to come to rest: a hang is noticed by a heartbeat, on a busy machine. */
const MAX_REST_MS = 120_000;
/**
 * What one connection may leave behind for good. To keep its attempt, with the socket, is 6,000 (`--plant attempts`). The
 * heap's own unrest, divided among the few connections of two minutes, is 300 to 500.
 */
const MAX_BYTES_PER_CONNECTION = 1_000;
/** What all may take up beyond the first look that counts. */
const MAX_GROWTH_BYTES = 4 * 1024 * 1024;
/** The class itself, which a snapshot counts under its name as well. */
const OF_THE_CLASS = 2;
/** Connected, a client has timers for its heartbeat, its answer and its health, and no others. */
const MAX_TIMERS = 3;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    clients: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    plant: { type: 'string', default: '' },
    json: { type: 'string' },
  },
});
const minutes = positive('minutes', values.minutes);
const clientCount = positive('clients', values.clients);
const before = handles();
const server = await startServer(String(positive('seed', values.seed)));
const withServer = handles();
let connections = 0;
/** @type {unknown[]} */
const kept = [];
const clients = await startClients();
/** @type {{ connections: number, heap: import('./heap.mjs').Heap }[]} */
const looks = [];
/** @type {string[]} */
const failures = [];
let faults = 0;
const sending = setInterval(() => clients.forEach(({ send }) => send()), 1_000);

const rounds = Math.max(WARM_ROUNDS + 4, Math.round((minutes * 60_000) / ROUND_MS));
const lookEvery = Math.max(2, Math.round(rounds / LOOKS));
for (let round = 1; round <= rounds && failures.length === 0; round++) {
  await server.ask('storm');
  await pause(ROUND_MS * 0.8);
  ({ faults } = await server.ask('calm'));
  await rest();
  await look(round);
  if (round > WARM_ROUNDS && (rounds - round) % lookEvery === 0) await snapshot();
}
clearInterval(sending);
const theirs = await server.ask('memory');
await rest();
await Promise.all(clients.map(async ({ socket }) => stop(socket)));
judge();

async function startClients() {
  const ports = await server.ask('ports');
  const modes = Object.keys(ports);
  const transport = values.plant === 'attempts' ? { transport: keeping() } : {};
  return Array.from({ length: clientCount }, (_, index) => {
    const mode = modes[index % modes.length] ?? '';
    const start = kinds[mode];
    if (start === undefined) throw new Error(`Nobody knows the mode ${mode}`);
    return start(`ws://127.0.0.1:${ports[mode]}/`, transport, () => void connections++);
  });
}

/** The planted leak: a transport that never forgets who listened. */
function keeping() {
  const good = wsTransport({ constructorOf: () => WebSocket });
  return {
    ...good,
    /** @param {any} request @param {any} listener */
    open(request, listener) {
      kept.push(listener);
      return good.open(request, listener);
    },
  };
}

/** Waits until everybody is connected, and has every answer. */
async function rest() {
  const untilMs = performance.now() + MAX_REST_MS;
  while (!clients.every(({ isAtRest }) => isAtRest())) {
    if (performance.now() > untilMs) {
      const restless = clients.filter(({ isAtRest }) => !isAtRest());
      const states = new Set(restless.map(({ mode, socket }) => `${mode} ${socket.state}`));
      failures.push(`${restless.length} clients did not come to rest: ${[...states].join(', ')}`);
      return;
    }
    await pause(20);
  }
}

/** @param {number} round */
async function look(round) {
  const { TCPSocketWrap: sockets = 0, Timeout: timers = 0 } = handles();
  console.log(
    `round ${round}/${rounds}: ${connections} connections, ${faults} faults, ${sockets} sockets, ${timers} timers`,
  );
  failures.push(...clients.flatMap(({ complaints }) => complaints()).slice(0, 10));
  // One of each is of the bench itself: the messages that it sends, and this pause.
  if (timers > MAX_TIMERS * clientCount + 5) failures.push(`${timers} timers run`);
}

async function snapshot() {
  const heap = await lookAtHeap();
  console.log(
    `  heap ${(heap.bytes / 1_048_576).toFixed(2)} MiB, ${heap.counts.get('Attempt')} attempts`,
  );
  looks.push({ connections, heap });
}

/** @param {any} socket */
async function stop(socket) {
  // Closed by us: no complaint.
  await socket.close(1000, 'The soak is over');
}

function judge() {
  const points = looks.map((one) => ({ x: one.connections, y: one.heap.bytes }));
  const growth = points.length > 1 ? slope(points) : NaN;
  const grownBytes = (points.at(-1)?.y ?? NaN) - (points[0]?.y ?? NaN);
  const [first, last] = [looks[0]?.heap, looks.at(-1)?.heap];
  const attempts = last?.counts.get('Attempt') ?? NaN;
  const atEnd = handles();
  const checks = [
    ['everything that was sent is answered, once, and nothing is missing', failures.length === 0],
    [
      `a connection leaves ${growth.toFixed(0)} bytes behind, of ${MAX_BYTES_PER_CONNECTION}`,
      growth < MAX_BYTES_PER_CONNECTION,
    ],
    [
      `the heap is ${(grownBytes / 1024).toFixed(0)} KiB from where it was, of ${MAX_GROWTH_BYTES / 1024}`,
      grownBytes < MAX_GROWTH_BYTES,
    ],
    [
      `${attempts} attempts are kept: that of each connection, and at most the one before, ${2 * clientCount}`,
      attempts <= 2 * clientCount + OF_THE_CLASS,
    ],
    [
      `no socket is left: ${atEnd.TCPSocketWrap ?? 0}, as before`,
      (atEnd.TCPSocketWrap ?? 0) === (withServer.TCPSocketWrap ?? 0),
    ],
    [
      `no timer is left: ${atEnd.Timeout ?? 0}, as before`,
      (atEnd.Timeout ?? 0) <= (before.Timeout ?? 0),
    ],
  ];
  for (const failure of failures) console.error(`  ${failure}`);
  for (const [name, holds] of checks) console.log(`${holds === true ? '✓' : '✗'} ${name}`);
  console.log(
    `${clientCount} clients, ${connections} connections, ${faults} faults; ` +
      `the servers: ${(theirs.heapBytes / 1_048_576).toFixed(1)} MiB`,
  );
  // Where to begin to look, should there be more of anything.
  const more = first && last ? moreOf(first.counts, last.counts, clientCount) : [];
  if (more.length > 0)
    console.log(
      `More than before: ${more.map(({ name, more: by }) => `${by} ${name}`).join(', ')}`,
    );
  const failed = checks.filter(([, holds]) => holds !== true).length;
  const count = { passed: checks.length - failed, failed };
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(count));
  process.exitCode = failed > 0 ? 1 : 0;
  server.stop();
}

/** What keeps this process alive, by kind. @returns {Record<string, number>} */
function handles() {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** @param {string} seed */
async function startServer(seed) {
  const file = fileURLToPath(new URL('./server-process.mjs', import.meta.url));
  const child = fork(file, [seed], { execArgv: ['--expose-gc'] });
  /** @type {Map<number, (value: any) => void>} */
  const waiting = new Map();
  child.on('message', (/** @type {{ id: number, value: unknown }} */ { id, value }) => {
    waiting.get(id)?.(value);
    waiting.delete(id);
  });
  let last = 0;
  await new Promise((resolve, reject) => {
    waiting.set(0, resolve);
    child.once('exit', () => reject(new Error('The servers did not start')));
  });
  /** @param {string} order @returns {Promise<any>} */
  const ask = (order) =>
    new Promise((resolve) => {
      const id = ++last;
      waiting.set(id, resolve);
      child.send({ id, order });
    });
  return { ask, stop: () => child.disconnect() };
}

/** @param {string} name @param {string} text */
function positive(name, text) {
  const value = Number(text);
  if (value > 0 && value <= 100_000) return value;
  console.error(`Cannot use --${name} ${text}: it takes a number above 0, up to 100,000`);
  return process.exit(2);
}
