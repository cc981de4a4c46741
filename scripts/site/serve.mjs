/**
 * `npm run docs`: the site as it is being written, and the demo beside it, live on the start page. Until Ctrl+C.
 * `PORT` says where; otherwise it is 5173, or the next free one.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { firstAddress } from './first-address.mjs';

const DEFAULT_PORT = 5_173;
const root = fileURLToPath(new URL('../..', import.meta.url));

const port = await freePort();
const demo = spawn(process.execPath, ['dist/server.mjs'], {
  cwd: join(root, 'apps/demo'),
  env: { ...process.env, PORT: '0', FRAMED_BY_PORT: String(port) },
  stdio: ['ignore', 'pipe', 'inherit'],
});
process.once('exit', () => demo.kill());
process.env['DEMO_ADDRESS'] = await firstAddress(demo);

// The configuration reads the demo's address when it is loaded.
const { createServer } = await import('vitepress');
let server = await serve();
console.log(`JetSocket docs: http://127.0.0.1:${port}`);
console.log(`  with the demo:  ${process.env['DEMO_ADDRESS']}`);
console.log('  Stop with Ctrl+C.');

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => void server.close().then(() => process.exit(0)));
}

/** It is made anew when the configuration changes, as the sidebar does. */
async function serve() {
  const made = await createServer(
    join(root, 'docs'),
    { host: '127.0.0.1', port, strictPort: true },
    async () => {
      await made.close();
      server = await serve();
    },
  );
  return made.listen();
}

/** The demo has to know it before the site is there, since it says which pages may frame it. */
async function freePort() {
  const wanted = process.env['PORT'];
  if (wanted !== undefined && wanted !== '0') return Number(wanted);
  return (wanted === undefined && (await tryPort(DEFAULT_PORT))) || (await tryPort(0)) || 0;
}

/** @param {number} wanted @returns {Promise<number | undefined>} */
async function tryPort(wanted) {
  const probe = createTcpServer();
  try {
    probe.listen(wanted, '127.0.0.1');
    await once(probe, 'listening');
    const address = probe.address();
    return typeof address === 'object' && address !== null ? address.port : undefined;
  } catch {
    return undefined; // Taken.
  } finally {
    if (probe.listening) await new Promise((resolve) => probe.close(resolve));
  }
}
