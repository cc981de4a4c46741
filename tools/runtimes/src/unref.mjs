/** Whether a process may end that waits for its next attempt: as the option `unref` says. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** On a busy machine. */
const DEADLINE_MS = 60_000;

/**
 * @param {string} project
 * @param {import('./runtimes.mjs').Runtime} runtime
 * @returns {Promise<import('./host.mjs').Result[]>}
 */
export async function unrefResults(project, runtime) {
  if (runtime.isWorkerd === true) return [];
  const url = `ws://127.0.0.1:${await deadPort()}/`;
  const start = (/** @type {boolean} */ unref) => startPending(project, runtime, { url, unref });
  const kept = start(false);
  const isKept = await kept.waits;
  const free = start(true);
  try {
    const ended = (await free.waits) ? await free.ended : undefined;
    return [
      {
        suite: 'smoke',
        name: 'ends while it waits for its next attempt, with `unref: true`',
        error: ended === 0 ? undefined : `It ended with ${ended}, and said: ${free.said()}`,
      },
      {
        suite: 'smoke',
        name: 'is kept by that wait without `unref`',
        // The other one has begun and ended since.
        error: isKept && kept.isAlive() ? undefined : `It has ended, and said: ${kept.said()}`,
      },
    ];
  } finally {
    for (const one of [free, kept]) await one.stop();
  }
}

/**
 * @param {string} project
 * @param {import('./runtimes.mjs').Runtime} runtime
 * @param {{ url: string, unref: boolean }} options
 */
function startPending(project, { file, args }, options) {
  const script = join(project, 'client', 'pending.mjs');
  const child = spawn(file, args(script, JSON.stringify(options)), {
    cwd: project,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1' },
    timeout: DEADLINE_MS,
    killSignal: 'SIGKILL',
  });
  let said = '';
  /** @type {Promise<number | null>} */
  const ended = new Promise((resolve) => child.on('close', resolve));
  const waits = new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        said += text;
        if (said.includes('waiting')) resolve(true);
      });
    }
    void ended.then(() => resolve(said.includes('waiting')));
  });
  return {
    waits,
    ended,
    said: () => said,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** A port at which nobody listens. */
async function deadPort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('There is no port');
  return address.port;
}
