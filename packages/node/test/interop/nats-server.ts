/** A nats-server with JetStream of a test's own: on loopback, in a folder that goes with it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const COMMAND =
  ['/usr/sbin/nats-server', '/usr/bin/nats-server'].find((path) => existsSync(path)) ??
  'nats-server';

export interface NatsServer {
  /** Of its WebSocket. */
  readonly port: number;
  /** Ends it as a crash does, and starts it again with what it had written. */
  restart(): Promise<void>;
}

export async function startNats(): Promise<NatsServer> {
  const dir = mkdtempSync(join(tmpdir(), 'jetsocket-nats-'));
  const [tcp, port] = [await freePort(), await freePort()];
  const file = join(dir, 'nats.conf');
  writeFileSync(
    file,
    `host: 127.0.0.1\nport: ${tcp}\nserver_name: one
jetstream { store_dir: "${dir}/js", max_mem: 64M, max_file: 256M }
websocket { host: "127.0.0.1", port: ${port}, no_tls: true, same_origin: false }\n`,
  );
  let server = await start(file, port);
  onTestFinished(async () => {
    await end(server, 'SIGTERM');
    rmSync(dir, { recursive: true, force: true });
  });
  return {
    port,
    async restart() {
      await end(server, 'SIGKILL');
      server = await start(file, port);
    },
  };
}

async function start(file: string, port: number): Promise<ChildProcess> {
  const server = spawn(COMMAND, ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  server.stderr.on('data', (data: Buffer) => (complaint = data.toString()));
  for (let attempt = 0; attempt < 100; attempt++) {
    if (server.exitCode !== null) break;
    if (await answers(port)) return server;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nats-server does not answer: ${complaint}`);
}

async function end(server: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  server.kill(signal);
  await exited;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('There is no free port');
  return address.port;
}
