/**
 * One client in a process of its own, so that none runs in code that was compiled for another one, or in its heap.
 * It is told a run, and tells what it measured.
 */
import { cases } from './cases.mjs';
import { kinds } from './clients/kinds.mjs';
import { run } from './run.mjs';

const kind = kinds[process.argv[2] ?? ''];
if (kind === undefined) throw new Error(`There is no client '${process.argv[2]}'`);

process.on(
  'message',
  async (/** @type {{ name: string, origin: string, messages: number }} */ told) => {
    const { name, origin, messages } = told;
    const one = cases.find((known) => known.name === name);
    if (one === undefined) throw new Error(`There is no case '${name}'`);
    globalThis.gc?.();
    try {
      const separator = one.path(messages).includes('?') ? '&' : '?';
      const url = `${origin}${one.path(messages)}${separator}wire=${kind.wire}`;
      const before = process.cpuUsage();
      const measured = await run(kind.connect, url, one.settings, one.begin(messages));
      const { user, system } = process.cpuUsage(before);
      process.send?.({ measured, cpuUs: (user + system) / messages });
    } catch (error) {
      process.send?.({ failed: error instanceof Error ? error.message : String(error) });
    }
  },
);
process.on('disconnect', () => process.exit());
