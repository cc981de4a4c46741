/** When a process that uses the client ends by itself, and when not. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { bundle } from '../test/bundle.js';
import { freePort, rig, serve } from '../test/test-kit.js';

let module: Awaited<ReturnType<typeof bundle>>;

beforeAll(async () => {
  module = await bundle('index.ts');
});

afterAll(async () => {
  await module.remove();
});

interface Run {
  readonly child: ChildProcess;
  /** Lines that it printed so far. */
  readonly said: () => string[];
  /** Resolves when that line is printed. */
  readonly until: (line: string) => Promise<void>;
  /** Resolves to its exit status. */
  readonly ended: Promise<unknown>;
}

/** Runs a script that has `connect` and `JetSocket`. */
function run(script: string): Run {
  const code = `import { connect, JetSocket } from '${module.url}';\n${script}`;
  const child = spawn(process.execPath, ['--input-type=module', `--eval=${code}`]);
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => (output += data.toString()));
  }
  const said = (): string[] => output.split('\n').filter((line) => line !== '');
  const until = (line: string): Promise<void> =>
    vi.waitFor(() => expect(said()).toContain(line), { timeout: 10_000, interval: 5 });
  const ended = once(child, 'close').then(([status]: unknown[]) => status);
  return { child, said, until, ended };
}

describe('a process', () => {
  it('ends by itself after close()', async () => {
    const server = await serve();
    const { said, ended } = run(`
      const socket = connect('${server.url}', { heartbeat: { intervalMs: 5 }, closeTimeoutMs: 60_000 });
      await socket.opened;
      socket.send('hello');
      await new Promise((resolve) => socket.once('pong', resolve));
      await socket.close();
      const closedMs = performance.now();
      process.on('exit', () => console.log(performance.now() - closedMs));
    `);
    expect(await ended).toBe(0);
    expect(Number(said()[0])).toBeLessThan(5_000);
  });

  it('is held by nothing that waits for a connection, with unref', async () => {
    const { said, ended } = run(`
      const socket = connect('ws://127.0.0.1:${await freePort()}', {
        unref: true,
        backoff: { baseMs: 600_000, jitter: false },
      });
      socket.send('kept');
      const old = socket.send('kept for a while', { ttlMs: 600_000 });
      socket.once('reconnecting', () => console.log(old.status));
    `);
    expect(await ended).toBe(0);
    expect(said()).toEqual(['buffered']);
  });

  it('ends by itself after close() on a network that is gone', async () => {
    const { proxy, server } = await rig();
    const { said, ended } = run(`
      const socket = connect('ws://127.0.0.1:${proxy.port}/', { closeTimeoutMs: 100 });
      socket.once('message', async () => {
        await socket.close();
        const closedMs = performance.now();
        process.on('exit', () => console.log(performance.now() - closedMs));
      });
    `);
    const peer = await server.peer(0);
    proxy.hang({ direction: 'up' });
    peer.send('"now"');
    expect(await ended).toBe(0);
    expect(Number(said()[0])).toBeLessThan(5_000);
  });

  it('lives while the client waits to try again, until close()', async () => {
    const { child, said, until, ended } = run(`
      const socket = connect('ws://127.0.0.1:${await freePort()}/', {
        backoff: { baseMs: 3_600_000, jitter: false },
      });
      socket.on('reconnecting', () => console.log('waiting'));
      socket.on('closed', () => console.log('closed'));
      process.on('SIGUSR2', () => socket.close());
    `);
    await until('waiting');
    child.kill('SIGUSR2');
    expect(await ended).toBe(0);
    expect(said()).toEqual(['waiting', 'closed']);
  });

  it('lives until the attempts are used up, and is not ended by a failure nobody handles', async () => {
    const { said, ended } = run(`
      const socket = connect('ws://127.0.0.1:${await freePort()}/', {
        backoff: { baseMs: 50, jitter: false, maxAttempts: 2 },
      });
      socket.on('*', ({ type }) => console.log(type));
    `);
    expect(await ended).toBe(0);
    expect(said().filter((type) => type !== 'state_change')).toEqual([
      ...['connecting', 'error', 'reconnecting'],
      ...['connecting', 'error', 'reconnecting'],
      ...['connecting', 'error', 'closed'],
    ]);
  });

  it('is not held by an import, nor by a socket that was never connected', async () => {
    const { said, ended } = run(`
      new JetSocket('ws://127.0.0.1/');
      const held = process.getActiveResourcesInfo();
      console.log(connect.name, held.filter((name) => /Timeout|Immediate|TCP|TLS|Signal/.test(name)));
    `);
    expect(await ended).toBe(0);
    expect(said()).toEqual(['connect []']);
  });
});
