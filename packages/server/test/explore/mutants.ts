import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Subject } from './world.js';

/** A fault put into the code: which file, what is replaced, and by what. */
export interface Fault {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const root = fileURLToPath(new URL('../../../../', import.meta.url));

/** What is needed of either package. */
const CORE = [
  'adapters/system-clock',
  'adapters/system-console',
  'adapters/system-random',
  'codec',
  'delivery/client-session',
  'delivery/controls',
  'delivery/delivery',
  'delivery/exchange',
  'delivery/frames',
  'delivery/outbox',
  'errors',
  'events',
  'ports',
  'protocol',
  'runtime/timers',
  'unheard',
  'utf8',
].map((name) => `packages/core/src/${name}.ts`);

const SERVER = [
  'connection',
  'emitter',
  'handler-queue',
  'index',
  'log',
  'log-writer',
  'memory-log',
  'options',
  'session',
  'sessions',
  'socket',
  'upgrades',
].map((name) => `packages/server/src/${name}.ts`);

/** The code of both ends with faults in it, loaded beside the real one. */
export async function mutate(name: string, faults: readonly Fault[]): Promise<Subject> {
  const folder = join(root, 'test-results/mutants', name);
  rmSync(folder, { recursive: true, force: true });
  for (const path of [...CORE, ...SERVER]) {
    let text = readFileSync(join(root, path), 'utf8');
    for (const { file, from, to } of faults) {
      if (path !== file) continue;
      if (text.split(from).length !== 2)
        throw new Error(`${path} does not have this once: ${from}`);
      text = text.replace(from, to);
    }
    text = text.replaceAll("'@jetsocket/core/protocol'", "'../../core/src/protocol.js'");
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
  const load = async (path: string): Promise<unknown> =>
    import(/* @vite-ignore */ pathToFileURL(join(folder, path)).href);
  return {
    core: (await load('packages/core/src/protocol.ts')) as Subject['core'],
    server: (await load('packages/server/src/index.ts')) as Subject['server'],
  };
}
