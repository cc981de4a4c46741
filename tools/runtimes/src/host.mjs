/** The servers and the network of one runtime under test, and a door through which it orders them about. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { WebSocketServer } from 'ws';

/**
 * @typedef {Record<string, (...args: any[]) => unknown>} Calls
 * @typedef {{ suite: string, name: string, error?: string | undefined }} Result
 * @typedef {{ url: string, results: Result[], isDone: () => boolean, done: Promise<void>, stop: () => Promise<void> }} Host
 */

/**
 * @param {string} project Where the packages are installed.
 * @param {string} conformance The module of the conformance suite's server.
 * @returns {Promise<Host>}
 */
export async function startHost(project, conformance) {
  const { startConformanceServer } = await import(pathToFileURL(conformance).href);
  const smoke = await startSmoke(join(project, 'node_modules', '@jetsocket'));
  /** @type {Result[]} */
  const results = [];
  let isDone = false;
  let finish = () => {};
  /** @type {Promise<void>} */
  const done = new Promise((resolve) => (finish = resolve));
  const calls = {
    ...smoke.calls,
    ...conformanceCalls(startConformanceServer),
    report: (/** @type {Result} */ result) => void results.push(result),
    done() {
      isDone = true;
      finish();
    },
  };
  const door = await startDoor(calls);
  return {
    url: door.url,
    results,
    isDone: () => isDone,
    done,
    async stop() {
      await door.stop();
      await smoke.stop();
    },
  };
}

/** @param {Calls} calls */
async function startDoor(calls) {
  const door = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    response.setHeader('connection', 'close');
    response.end(JSON.stringify(await answer(calls, JSON.parse(body))));
  });
  const port = await listen(door);
  const stop = async () => {
    door.closeAllConnections();
    await new Promise((closed) => door.close(closed));
  };
  return { url: `http://127.0.0.1:${port}/`, stop };
}

/** Both servers of the smoke test, each behind a proxy that breaks things. @param {string} packages */
async function startSmoke(packages) {
  const load = (/** @type {string} */ path) => import(pathToFileURL(join(packages, path)).href);
  const { createSessions } = await load('server/dist/index.mjs');
  const { createFaultProxy } = await load('testing/dist/proxy.mjs');
  const plain = await startPlain();
  const session = await startSessions(createSessions());
  /** @type {Record<string, import('@jetsocket/testing/proxy').FaultProxy>} */
  const proxies = {
    plain: await createFaultProxy({ target: { port: plain.port } }),
    session: await createFaultProxy({ target: { port: session.port } }),
  };
  /** @type {Calls} */
  const calls = {
    'smoke.url': (name) => `ws://127.0.0.1:${proxies[name]?.port}/`,
    'smoke.cut': () => Object.values(proxies).forEach((proxy) => proxy.cut()),
    'smoke.away': async () => {
      await proxies.plain?.refuse(true);
      proxies.plain?.cut();
    },
    'smoke.back': async () => void (await proxies.plain?.restore()),
    'smoke.received': () => plain.numbers,
    'smoke.forget': () => void plain.numbers.splice(0),
    'smoke.header': (name) => plain.headers()[name],
  };
  const stop = async () => {
    for (const proxy of Object.values(proxies)) await proxy.close();
    await Promise.all([plain.stop(), session.stop()]);
  };
  return { calls, stop };
}

/** @param {() => Promise<any>} start @returns {Calls} */
function conformanceCalls(start) {
  /** @type {any[]} */
  const servers = [];
  return {
    'conformance.start': async () => {
      const server = await start();
      const { echoUrl, silentUrl, refusedUrl } = server;
      return { id: servers.push(server) - 1, echoUrl, silentUrl, refusedUrl };
    },
    'conformance.send': (id, data) =>
      servers[id].send(Array.isArray(data) ? Uint8Array.from(data) : data),
    'conformance.close': (id, code, reason) => servers[id].close(code, reason),
    'conformance.terminate': (id) => servers[id].terminate(),
    'conformance.receivedCount': (id) => servers[id].receivedCount(),
    'conformance.header': (id, name) => servers[id].header(name),
    'conformance.stop': (id) => servers[id].stop(),
  };
}

/** @param {Calls} calls @param {{ name: string, args: unknown[] }} call */
async function answer(calls, { name, args }) {
  try {
    const call = calls[name];
    if (call === undefined) throw new Error('There is no such call');
    return { value: (await call(...args)) ?? null };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** An echo that notes the numbers it got. */
async function startPlain() {
  const http = createServer();
  const server = new WebSocketServer({ server: http });
  /** @type {number[]} */
  const numbers = [];
  /** @type {import('node:http').IncomingHttpHeaders} */
  let headers = {};
  server.on('connection', (socket, request) => {
    headers = request.headers;
    socket.on('error', () => undefined);
    socket.on('message', (data) => {
      const { number } = JSON.parse(String(data));
      if (number !== undefined) numbers.push(number);
      socket.send(String(data));
    });
  });
  const port = await listen(http);
  const stop = async () => {
    for (const socket of server.clients) socket.terminate();
    server.close();
    http.closeAllConnections();
    await new Promise((closed) => http.close(closed));
  };
  return { port, numbers, headers: () => headers, stop };
}

/** Answers each message with its number. @param {any} sessions */
async function startSessions(sessions) {
  const http = createServer();
  http.on('upgrade', (request, socket, head) => sessions.handleUpgrade(request, socket, head));
  sessions.on('session', (/** @type {any} */ session) => {
    session.on('message', (/** @type {any} */ { number }) => session.send({ got: number }));
  });
  const port = await listen(http);
  const stop = async () => {
    await sessions.close();
    http.closeAllConnections();
    await new Promise((closed) => http.close(closed));
  };
  return { port, stop };
}

/** @param {import('node:http').Server} server */
async function listen(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The server has no port');
  return address.port;
}
