import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * Runs a chapter's program for one client, to its end, and returns what it measured.
 *
 * @param {string} program The name of a file here.
 * @param {readonly (string | number)[]} args
 * @returns {Promise<any>}
 */
export async function runChild(program, args) {
  const file = fileURLToPath(new URL(program, import.meta.url));
  const child = fork(file, args.map(String), { execArgv: ['--expose-gc'] });
  const [told] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
  if (typeof told !== 'object' || told === null) throw new Error(`${program} ended with ${told}`);
  return told;
}
