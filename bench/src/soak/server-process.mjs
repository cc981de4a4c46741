/**
 * The other side of the soak, in a process of its own so that only clients are measured in theirs: servers for
 * three modes behind proxies, and the weather. Orders come by `process.send`, each answered once.
 */
import { createSessions } from '@jetsocket/server';
import { createFaultProxy } from '@jetsocket/testing/proxy';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { seededRandom } from '@jetsocket/testing';
import { pause } from '../loss/weather.mjs';

/** Faults come so often. */
const FAULT_EVERY_MS = 20;
/** How much of the numbered stream can be asked for again: minutes of it. */
const KEPT = 20_000;

const random = seededRandom(Number(process.argv[2]));
const sessions = createSessions({ ttlMs: 600_000 });
sessions.on('session', (session) => {
  session.on('message', (/** @type {any} */ { number }) => session.send({ got: number }));
});
const servers = {
  session: await serve((http) =>
    http.on('upgrade', (request, socket, head) => sessions.handleUpgrade(request, socket, head)),
  ),
  full_buffer: await serve((http) => acknowledge(new WebSocketServer({ server: http }))),
  sequence_id: await serve((http) => stream(new WebSocketServer({ server: http }))),
};
/** @type {Record<string, import('@jetsocket/testing/proxy').FaultProxy>} */
const proxies = {};
/** @type {Set<import('@jetsocket/testing/proxy').FaultConnection>} */
const connections = new Set();
for (const [mode, port] of Object.entries(servers)) {
  const proxy = (proxies[mode] = await createFaultProxy({ target: { port } }));
  proxy.on('connection', (connection) => connections.add(connection));
  proxy.on('closed', (connection) => connections.delete(connection));
}
let faults = 0;
let isBad = false;
let weather = Promise.resolve();

/** @type {Record<string, () => unknown>} */
const orders = {
  ports: () => Object.fromEntries(Object.entries(proxies).map(([mode, { port }]) => [mode, port])),
  /** The weather turns bad, until it is told to be calm. */
  storm: () => void (weather = storm()),
  calm: async () => {
    isBad = false;
    await weather;
    await Promise.all(Object.values(proxies).map((proxy) => proxy.restore()));
    return { faults };
  },
  memory: () => {
    globalThis.gc?.();
    return { heapBytes: process.memoryUsage().heapUsed, connections: connections.size };
  },
};
process.on('message', async (/** @type {{ id: number, order: string }} */ { id, order }) => {
  process.send?.({ id, value: (await orders[order]?.()) ?? null });
});
process.on('disconnect', () => process.exit());
process.send?.({ id: 0 });

async function storm() {
  isBad = true;
  while (isBad) {
    await oneFault();
    await pause(FAULT_EVERY_MS * (0.5 + random()));
  }
}

/** Mostly one connection, for all to be in different states; now and then a whole server. */
async function oneFault() {
  faults++;
  const proxy = Object.values(proxies)[Math.floor(random() * 3)];
  const connection = [...connections][Math.floor(random() * connections.size)];
  const kind = random();
  if (kind < 0.01) return void proxy?.cut();
  if (kind < 0.02 && proxy) return refuseFor(proxy, 50 + random() * 300);
  if (connection === undefined) return;
  if (kind < 0.5) return connection.cut();
  if (kind < 0.6) return connection.end();
  if (kind < 0.75) return connection.hang();
  if (kind < 0.9) return stallFor(connection, random() * 500);
  connection.truncateAfter(Math.floor(random() * 60), random() < 0.5 ? 'up' : 'down');
}

/** @param {import('@jetsocket/testing/proxy').FaultProxy} proxy @param {number} ms */
async function refuseFor(proxy, ms) {
  await proxy.refuse(true);
  await pause(ms);
  await proxy.refuse(false);
}

/** @param {import('@jetsocket/testing/proxy').FaultConnection} connection @param {number} ms */
function stallFor(connection, ms) {
  connection.stall();
  setTimeout(() => connection.restore(), ms);
}

/** @param {(http: import('node:http').Server) => void} prepare */
async function serve(prepare) {
  const http = createServer();
  prepare(http);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = http.address();
  if (typeof address !== 'object' || address === null) throw new Error('The server has no port');
  return address.port;
}

/** Acknowledges what it gets by its number. @param {WebSocketServer} server */
function acknowledge(server) {
  server.on('connection', (socket) => {
    socket.on('error', () => undefined);
    socket.on('message', (data) =>
      socket.send(JSON.stringify({ ack: JSON.parse(String(data)).number })),
    );
  });
}

/** One stream of numbers for all, which can be asked for from any number on. @param {WebSocketServer} server */
function stream(server) {
  let seq = 0;
  const send = (/** @type {import('ws').WebSocket} */ socket, /** @type {number} */ number) =>
    socket.send(JSON.stringify({ seq: number }));
  setInterval(() => {
    seq++;
    for (const socket of server.clients) send(socket, seq);
  }, 500);
  server.on('connection', (socket) => {
    socket.on('error', () => undefined);
    socket.on('message', (data) => {
      const { resumeFrom } = JSON.parse(String(data));
      for (let number = Math.max(resumeFrom, seq - KEPT); number <= seq; number++)
        send(socket, number);
    });
  });
}
