/** Runs a command, and keeps what it says: for the summary, which comes long after it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';

/** So long the output may come after the end, of what it left running. */
const LATE_MS = 1_000;

/**
 * @param {readonly string[]} command
 * @param {{ cwd: string, env: NodeJS.ProcessEnv, log: string, isSilent: boolean, started: (pid: number) => void }} how
 *   `log` is the file that has all of it then; a silent one is heard nowhere else.
 * @returns {Promise<boolean>} Whether it succeeded.
 */
export async function runHeard([file = '', ...args], { cwd, env, log, isSilent, started }) {
  const kept = createWriteStream(log);
  const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const outputs = [child.stdout, child.stderr];
  outputs.forEach((output, index) => {
    output.pipe(kept, { end: false });
    if (!isSilent) output.pipe(index === 0 ? process.stdout : process.stderr, { end: false });
  });
  if (child.pid) started(child.pid);
  const ended = Promise.all(outputs.map((output) => once(output, 'close')));
  const status = await new Promise((resolve) => {
    child.once('exit', resolve);
    child.once('error', (error) => {
      kept.write(`${error.message}\n`);
      if (!isSilent) console.error(error.message);
      resolve(undefined);
    });
  });
  // What it started may live on, and hold its output open: that is no reason to wait.
  await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, LATE_MS).unref())]);
  for (const output of outputs) output.unpipe().destroy();
  kept.end();
  await once(kept, 'finish');
  return status === 0;
}

/** The end of a log, without empty lines. @param {string} log @param {number} count @returns {string[]} */
export function lastLines(log, count) {
  if (!existsSync(log)) return [];
  const lines = readFileSync(log, 'utf8').split('\n');
  return lines.filter((line) => line.trim() !== '').slice(-count);
}
