/** A server of sessions in a process of its own, that can be killed: see `fixtures/sessions-node.ts`. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Report } from './fixtures/sessions-node.js';

const fixture = (name: string): URL => new URL(`fixtures/${name}`, import.meta.url);

export class NodeProcess {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** Resolves when it listens. */
  static async start(name: string, redisUrl: string, bookUrl: string): Promise<NodeProcess> {
    const hooks = fixture('typescript.mjs').href;
    const child = fork(fileURLToPath(fixture('sessions-node.ts')), [name, redisUrl, bookUrl], {
      execArgv: ['--conditions=@jetsocket/source', '--import', hooks],
    });
    const report = await next(child);
    if (report.type !== 'listening') throw new Error(`The process began with ${report.type}`);
    return new NodeProcess(child, report.port);
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Lets it send nothing more on its own, and say what it did. Clients may go on. */
  async stop(): Promise<Extract<Report, { type: 'stopped' }>> {
    const report = next(this.#child);
    this.#child.send('stop');
    const said = await report;
    if (said.type !== 'stopped') throw new Error(`The process ended with ${said.type}`);
    return said;
  }

  /** Ends it without a chance to say anything. Resolves when it is gone. */
  async kill(): Promise<void> {
    if (!this.isAlive) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}

/** What it says next. Rejects when it dies instead. */
function next(child: ChildProcess): Promise<Report> {
  return new Promise((resolve, reject) => {
    const died = (code: number | null, signal: string | null): void => {
      reject(new Error(`The process is gone: ${code ?? signal}`));
    };
    child.once('exit', died);
    child.once('message', (report) => {
      child.off('exit', died);
      resolve(report as Report);
    });
  });
}
