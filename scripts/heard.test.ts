import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lastLines, runHeard } from './heard.mjs';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'heard-'));
const log = join(folder, 'out.log');
afterAll(() => rmSync(folder, { recursive: true }));

const node = (script: string): Promise<boolean> =>
  runHeard([process.execPath, '-e', script], {
    cwd: folder,
    env: process.env,
    log,
    isSilent: true,
    started: () => undefined,
  });

describe('runHeard()', () => {
  it('keeps all that a command says, and tells whether it succeeded', async () => {
    expect(await node("console.log('a'.repeat(300_000)); console.error('end')")).toBe(true);
    expect(readFileSync(log, 'utf8')).toHaveLength(300_005);
    expect(await node("console.error('wrong'); process.exitCode = 3")).toBe(false);
    expect(lastLines(log, 8)).toEqual(['wrong']);
  });

  it('keeps why a command cannot be run', async () => {
    const nowhere = join(folder, 'nowhere');
    const how = { cwd: folder, env: process.env, log, isSilent: true, started: () => undefined };
    expect(await runHeard([nowhere], how)).toBe(false);
    expect(lastLines(log, 8).join()).toContain('ENOENT');
  });

  it('does not wait for what a command left running', async () => {
    const child =
      "spawn(process.execPath, ['-e', 'setTimeout(() => {}, 20_000)'], { stdio: 'inherit' })";
    const script = `
      const { spawn } = require('node:child_process');
      console.log(${child}.pid);
      process.exit();
    `;
    const startedMs = performance.now();
    expect(await node(script)).toBe(true);
    expect(performance.now() - startedMs).toBeLessThan(15_000);
    process.kill(Number(lastLines(log, 1)[0]));
  });
});

describe('lastLines()', () => {
  it('leaves out empty lines, and has nothing to say of what was never run', async () => {
    await node("console.log('1\\n\\n2\\n \\n3\\n')");
    expect(lastLines(log, 2)).toEqual(['2', '3']);
    expect(lastLines(join(folder, 'none'), 2)).toEqual([]);
  });
});

/** `npm test` itself, in a folder where the formatter complains, and there is nothing else. */
describe('scripts/test.mjs', () => {
  it('says at the end what a stage said that names no tests, and a command that only looks', () => {
    const files = ['test.mjs', 'heard.mjs', 'failed-tests.mjs'].map((name) => `scripts/${name}`);
    for (const file of [...files, 'tools/browsers.mjs'])
      cpSync(join(root, file), join(folder, file));
    mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
    const complaints = Array.from({ length: 20 }, (_, index) => `complaint ${index}`);
    const script = `#!/bin/sh\nprintf '%s\\n' ${complaints.map((one) => `'${one}'`).join(' ')}\nexit 1\n`;
    writeFileSync(join(folder, 'node_modules/.bin/prettier'), script, { mode: 0o755 });
    const args = ['scripts/test.mjs', '--only=format'];
    const { stdout, status } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stdout.trim().split('\n').slice(-10)).toEqual([
      '✗ format failed. Only this: npx prettier --check .',
      ...complaints.slice(-8).map((one) => `  ${one}`),
      '0 passed, 1 failed',
    ]);
  });

  it('names no command that would write what it complains of', () => {
    const text = readFileSync(join(root, 'scripts/test.mjs'), 'utf8');
    const named = [...text.matchAll(/again: '([^']+)'/g)].map(([, command = '']) => command);
    expect(named).toContain('node tools/api.mjs');
    for (const writes of ['npm run format', 'npm run api', '--write'])
      expect(named.filter((command) => command.includes(writes))).toEqual([]);
  });
});
