import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('../server.mjs', import.meta.url));

/**
 * Ports that systems do not give to clients (RFC 6056 §3.2). In the range from which they do, a client that tries a
 * port nobody listens on may be given that very port: it is then connected to itself, and the server cannot come back.
 */
const PORTS = { first: 20_000, count: 10_000 };
const TRIES = 20;

export async function freePort() {
  for (let tried = 0; tried < TRIES; tried++) {
    const port = PORTS.first + Math.floor(Math.random() * PORTS.count);
    if (await isFree(port)) return port;
  }
  throw new Error(`no port is free from ${PORTS.first} on`);
}

/** @param {number} port @returns {Promise<boolean>} */
function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** Starts the server, and says since when it listens. @param {number} port */
export async function startAt(port) {
  const child = fork(SERVER, [String(port)]);
  const [first] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
  if (first?.port !== port) throw new Error(`the server did not start at ${port}`);
  return { child, listeningMs: Number(first.listeningMs) };
}
