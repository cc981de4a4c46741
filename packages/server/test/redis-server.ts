/** A `redis-server` of a test's own: on loopback, in memory or with a log of its own, gone at the end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const COMMAND = process.env['REDIS_SERVER'] ?? 'redis-server';

/** What else the server is told. */
export interface RedisServerOptions {
  /** Whether what was written outlives a crash of the server. Default: false. */
  readonly isDurable?: boolean | undefined;
  /** Whether it is a node of a cluster, so far without any slots. Default: false. */
  readonly isCluster?: boolean | undefined;
}

export class RedisServer {
  readonly port: number;
  readonly #dir: string;
  readonly #options: RedisServerOptions;
  #process: ChildProcess | undefined;

  private constructor(port: number, dir: string, options: RedisServerOptions) {
    this.port = port;
    this.#dir = dir;
    this.#options = options;
  }

  /** Resolves when it answers. */
  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const dir = await mkdtemp(join(tmpdir(), 'jetsocket-redis-'));
    const server = new RedisServer(await freePort(), dir, options);
    await server.restart();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it on the same port: empty, or with what it wrote if it is durable. */
  async restart(): Promise<void> {
    const { isDurable = false, isCluster = false } = this.#options;
    const durability = isDurable
      ? ['--appendonly', 'yes', '--appendfsync', 'always']
      : ['--appendonly', 'no'];
    const address = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#dir];
    // Without a port of its own the bus takes one that there may not be: 10,000 higher.
    const cluster = isCluster
      ? ['--cluster-enabled', 'yes', '--cluster-port', String(await freePort())]
      : [];
    const started = spawn(COMMAND, [...address, '--save', '', ...durability, ...cluster], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#process = started;
    let said = '';
    await new Promise<void>((resolve, reject) => {
      started.once('error', reject);
      started.once('exit', () => {
        reject(new Error(`redis-server did not start: ${said}`));
      });
      started.stdout.on('data', (chunk: Buffer) => {
        said = (said + chunk.toString()).slice(-10_000);
        if (said.includes('Ready to accept connections')) resolve();
      });
    });
  }

  /** Ends it without a chance to say anything. */
  async kill(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running?.exitCode !== null || running.signalCode !== null) return;
    const gone = once(running, 'exit');
    running.kill('SIGKILL');
    await gone;
  }

  /** Lets it hang, or go on: connections stay, and nothing answers. */
  hang(isHanging: boolean): void {
    this.#process?.kill(isHanging ? 'SIGSTOP' : 'SIGCONT');
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#dir, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('There is no free port');
  return address.port;
}
