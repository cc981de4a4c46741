/**
 * `npm run demo`: the demo's server, until Ctrl+C. `PORT` says where it listens, `FRAMED_BY_PORT` where the server
 * does whose pages may show it in a frame, as the documentation's start page does.
 */
import { fileURLToPath } from 'node:url';
import { type DemoServer, startDemoServer } from './demo-server.js';
import { Pages } from './pages.js';

const DEFAULT_PORT = 4173;

const demo = await start(process.env.PORT);
const address = `127.0.0.1:${demo.port}`;
console.log(`JetSocket demo: http://${address}`);
console.log(`  From a script tag:  http://${address}/umd.html`);
console.log(`  From Node:          node apps/demo/examples/node-client.mjs ws://${address}/ws`);
console.log('  Stop with Ctrl+C.');

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void demo.close().then(() => process.exit(0)));
}

async function start(wanted: string | undefined): Promise<DemoServer> {
  const framedBy = process.env.FRAMED_BY_PORT;
  const pages = new Pages(
    fileURLToPath(new URL('page', import.meta.url)),
    framedBy === undefined ? undefined : portOf('FRAMED_BY_PORT', framedBy),
  );
  try {
    return await startDemoServer(
      wanted === undefined ? DEFAULT_PORT : portOf('PORT', wanted),
      pages,
    );
  } catch (error) {
    if (!isTaken(error)) throw error;
    if (wanted !== undefined) return giveUp(`Cannot start: port ${wanted} is taken.`);
    console.log(`Port ${DEFAULT_PORT} is taken, so this is another one.`);
    return startDemoServer(0, pages);
  }
}

function portOf(name: string, text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  return giveUp(`Cannot start: ${name} is ${text}, and must be 0 to 65535.`);
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

function giveUp(message: string): never {
  console.error(message);
  process.exit(1);
}
