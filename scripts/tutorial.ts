/** The tutorial, followed: its folder, its files, and what it says to type. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { blocksOf, root } from './docs.ts';

const FILE = 'docs/tutorial.md';

export interface Tutorial {
  readonly address: string;
  /** Starts one of its programs, and waits until it has printed this. */
  start(name: 'server' | 'bot', until: string): Promise<ChildProcess>;
  /** Ends what was started, and removes the folder. */
  end(): Promise<void>;
}

/** Does what the tutorial says, in a folder of its own, at a free port instead of 8080. */
export async function follow(): Promise<Tutorial> {
  const folder = mkdtempSync(join(tmpdir(), 'jetsocket-tutorial-'));
  const port = await freePort();
  install(folder);
  for (const [name, text] of files(port)) writeFileSync(join(folder, name), text);
  const started: ChildProcess[] = [];
  return {
    address: `http://127.0.0.1:${port}`,
    start: async (name, until) => {
      const child = spawn(process.execPath, [`${name}.mjs`], { cwd: folder });
      started.push(child);
      await printed(child, until);
      return child;
    },
    end: async () => {
      await Promise.all(started.map(stop));
      rmSync(folder, { recursive: true });
    },
  };
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** The packages as they were built. That they can be installed is for pack.test.ts. */
function install(folder: string): void {
  mkdirSync(join(folder, 'node_modules/@jetsocket'), { recursive: true });
  const link = (name: string, to: string) =>
    symlinkSync(join(root, 'packages', to), join(folder, 'node_modules', name));
  link('jetsocket', 'jetsocket');
  link('@jetsocket/server', 'server');
}

/** Its files. Node 20 does not run TypeScript: what it gets is what Node 22 makes of it. */
function files(port: number): Map<string, string> {
  const all = new Map<string, string>();
  for (const { language, text } of blocksOf(FILE)) {
    const here = text.replaceAll('8080', String(port));
    const name = /^\/\/ (\w+)\.mts\n/.exec(here)?.[1];
    if (language === 'html') all.set('page.html', here);
    if (language === 'ts' && name !== undefined) all.set(`${name}.mjs`, withoutTypes(here));
  }
  return all;
}

function withoutTypes(text: string): string {
  const compilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    erasableSyntaxOnly: true,
  };
  return ts.transpileModule(text, { compilerOptions }).outputText;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}

function printed(child: ChildProcess, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    const hear = (text: string): void => {
      output += text;
      if (output.includes(what)) resolve();
    };
    child.stdout?.setEncoding('utf8').on('data', hear);
    child.stderr?.setEncoding('utf8').on('data', hear);
    child.once('exit', () => {
      reject(new Error(`It ended before it said "${what}": ${output}`));
    });
  });
}
