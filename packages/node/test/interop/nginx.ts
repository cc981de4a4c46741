/** An nginx with nchan of a test's own: on loopback, in a folder that goes with it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const COMMAND = ['/usr/sbin/nginx', '/usr/bin/nginx'].find((path) => existsSync(path)) ?? 'nginx';
const MODULE = '/usr/lib/nginx/modules/ngx_nchan_module.so';

export interface Nchan {
  readonly port: number;
  /** Publishes messages, one after the other. */
  publish(channel: string, ...messages: readonly string[]): Promise<void>;
}

/**
 * @param history How many messages a channel keeps.
 * @param redisPort Where channels are kept; in the server's own memory by default.
 */
export async function startNchan(history: number, redisPort?: number): Promise<Nchan> {
  const dir = mkdtempSync(join(tmpdir(), 'jetsocket-nchan-'));
  const port = await freePort();
  const file = join(dir, 'nginx.conf');
  writeFileSync(file, config(dir, port, history, redisPort));
  const server = spawn(COMMAND, ['-c', file, '-p', dir, '-e', join(dir, 'error.log')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  server.stderr.on('data', (data: Buffer) => (complaint += data.toString()));
  onTestFinished(() => stop(server, dir));
  const url = `http://127.0.0.1:${port}`;
  await untilItAnswers(`${url}/pub/none`, server, () => complaint);
  return {
    port,
    async publish(channel, ...messages) {
      for (const body of messages) {
        const { status } = await fetch(`${url}/pub/${channel}`, { method: 'POST', body });
        if (status >= 300) throw new Error(`nchan answered ${status} to a message`);
      }
    },
  };
}

function config(dir: string, port: number, history: number, redisPort?: number): string {
  const shared = redisPort !== undefined;
  const upstream = shared
    ? `upstream r { nchan_redis_server redis://127.0.0.1:${redisPort}; }`
    : '';
  // In every location: beside them it is taken, and ignored.
  const pass = shared ? 'nchan_redis_pass r;' : '';
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${dir}/${name};`,
  );
  return `load_module ${MODULE}; ${user}
daemon off; worker_processes 1; pid ${dir}/nginx.pid; events { worker_connections 256; }
http { access_log off; nchan_shared_memory_size 32M; ${temporary.join(' ')} ${upstream}
  server { listen 127.0.0.1:${port};
    location ~ ^/pub/(\\w+)$ { ${pass} nchan_publisher; nchan_channel_id $1;
      nchan_message_buffer_length ${history}; nchan_message_timeout 10m; }
    location = /query { ${pass} nchan_subscriber websocket; nchan_channel_id $arg_id;
      nchan_subscriber_last_message_id $arg_last_event_id; }
    location ~ ^/sub/(\\w+)$ { ${pass} nchan_subscriber websocket; nchan_channel_id $1;
      nchan_subscriber_last_message_id $arg_last_event_id; } } }
`;
}

async function untilItAnswers(
  url: string,
  server: ChildProcess,
  complaint: () => string,
): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (server.exitCode !== null) throw new Error(`nginx does not start: ${complaint()}`);
    try {
      await fetch(url);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error(`nginx does not answer: ${complaint()}`);
}

async function stop(server: ChildProcess, dir: string): Promise<void> {
  if (server.exitCode === null) {
    const exited = once(server, 'exit');
    server.kill('SIGTERM');
    await exited;
  }
  rmSync(dir, { recursive: true, force: true });
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
