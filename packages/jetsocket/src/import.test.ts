/** Importing has no effect: pages are rendered on servers, where there is no window, and no reason to keep running. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle } from '../test/bundle.js';

/** What would be an effect, or needs a browser. Of `WebSocket` the entry for browsers may ask whether it is there. */
const WORLD = [
  ...['window', 'document', 'location', 'navigator', 'self', 'localStorage', 'sessionStorage', 'indexedDB'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'requestAnimationFrame', 'queueMicrotask', 'clearTimeout'],
  ...['addEventListener', 'removeEventListener', 'fetch', 'crypto', 'console', 'performance', 'BroadcastChannel', 'Worker'],
]; // prettier-ignore

/** Loads a module in a process of its own, where every look at the world is noted, and prints what there was. */
const script = (url: string, prelude: string): string => `
  const looks = [];
  const { log } = console;
  const { process } = globalThis;
  ${prelude}
  for (const name of ${JSON.stringify(WORLD)}) {
    const before = globalThis[name];
    Object.defineProperty(globalThis, name, {
      configurable: true,
      get() { looks.push(name + new Error().stack); return before; },
    });
  }
  for (const [owner, name] of [[Math, 'random'], [Date, 'now']]) {
    const before = owner[name];
    owner[name] = () => { looks.push(name); return before.call(owner); };
  }
  const before = process.getActiveResourcesInfo().filter((kind) => /Timeout|Immediate|TCP|Signal/.test(kind));
  const names = Object.keys(await import(${JSON.stringify(url)}));
  const held = process.getActiveResourcesInfo().filter((kind) => /Timeout|Immediate|TCP|Signal/.test(kind));
  const listeners = process.eventNames();
  const ours = looks.filter((look) => look.includes('bundle.mjs') || !look.includes('at '));
  log(JSON.stringify({ names, looks: ours, held: held.slice(before.length), listeners }));
`;

const modules: Record<string, Awaited<ReturnType<typeof bundle>>> = {};

beforeAll(async () => {
  for (const entry of ['index.ts', 'index.browser.ts']) modules[entry] = await bundle(entry);
}, 120_000);

afterAll(async () => {
  for (const { remove } of Object.values(modules)) await remove();
});

interface Seen {
  readonly names: readonly string[];
  readonly looks: readonly string[];
  readonly held: readonly string[];
  readonly listeners: readonly string[];
}

async function seen(url: string, prelude = ''): Promise<Seen> {
  const args = ['--input-type=module', `--eval=${script(url, prelude)}`];
  // It ends by itself, or the test fails: nothing is left that would hold the process.
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 });
  return JSON.parse(stdout) as Seen;
}

describe.each(['index.ts', 'index.browser.ts'])('importing %s', (entry) => {
  it('looks at nothing, starts nothing, and leaves nothing behind', async () => {
    const { names, looks, held, listeners } = await seen(modules[entry]?.url ?? '');
    expect(names).toEqual(expect.arrayContaining(['connect', 'JetSocket']));
    expect({ looks, held }).toEqual({ looks: [], held: [] });
    const without = await seen('data:text/javascript,');
    expect(listeners).toEqual(without.listeners);
  });

  it('works where half of a browser is pretended, as tests and renderers do', async () => {
    const prelude = 'globalThis.window = {}; globalThis.document = undefined;';
    const { names, looks } = await seen(modules[entry]?.url ?? '', prelude);
    expect(names).toContain('connect');
    expect(looks).toEqual([]);
  });
});

it('a look at the world, and a timer would be seen', async () => {
  const wrong = `data:text/javascript,${encodeURIComponent(
    ['void window; setTimeout(() => {}, 5); Math.random();', '//# sourceURL=bundle.mjs'].join('\n'),
  )}`;
  const { looks, held } = await seen(wrong);
  const named = looks.map((look) => /^\w+?(?=Error|$)/.exec(look)?.[0]);
  expect(named).toEqual(['window', 'setTimeout', 'random']);
  expect(held).toEqual(['Timeout']);
});
