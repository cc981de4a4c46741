import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

/** How long a process has, after it was asked to end. */
const MAX_END_MS = 3_000;

/**
 * A program with all that it starts, ended together: by its process group, whose number is its own.
 * Also when this process ends without a word.
 */
export class OwnProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #killNow = (): void => this.#signal('SIGKILL');

  /** @param env Beside this process's own. */
  constructor(file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const stdio = ['ignore', 'ignore', 'ignore', 'pipe'] as const;
    this.#child = spawn(file, args, {
      stdio: [...stdio],
      detached: true,
      env: { ...process.env, ...env },
    });
    this.#ended = new Promise((resolve) => {
      this.#child.once('exit', () => resolve());
      this.#child.once('error', () => resolve());
    });
    process.once('exit', this.#killNow);
  }

  /** The first line that it writes to its file descriptor 3. */
  async line(): Promise<string> {
    const stream = this.#child.stdio[3] as Readable;
    let text = '';
    for await (const chunk of stream) {
      text += String(chunk);
      if (text.includes('\n')) break;
    }
    if (text === '') throw new Error(`Cannot use ${this.#child.spawnfile}: it ended at once`);
    return text.trim();
  }

  /** Asks it to end, and makes it. */
  async stop(): Promise<void> {
    this.#signal('SIGTERM');
    const timer = setTimeout(this.#killNow, MAX_END_MS);
    await this.#ended;
    clearTimeout(timer);
    // What it started may have outlived it.
    this.#killNow();
    process.off('exit', this.#killNow);
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // The whole group has ended.
    }
  }
}
