/** The ten lines for Node, as somebody would run them. */
import { expect, test } from '@playwright/test';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const EXAMPLE = fileURLToPath(new URL('../examples/node-client.mjs', import.meta.url));

test('the Node example prints the events, and ends on Ctrl+C', async ({ baseURL }) => {
  const url = new URL('/ws', baseURL).href.replace('http', 'ws');
  // Playwright asks for colours, which would stand between the quotes.
  const client = spawn(process.execPath, [EXAMPLE, url], {
    env: { ...process.env, FORCE_COLOR: '0' },
  });
  let output = '';
  client.stdout.on('data', (chunk: Buffer) => (output += String(chunk)));
  client.stderr.on('data', (chunk: Buffer) => (output += String(chunk)));
  const ended = new Promise((resolve) => client.on('close', resolve));
  await expect.poll(() => output).toContain("type: 'connected'");
  await expect.poll(() => output).toContain("type: 'message'");
  client.kill('SIGINT');
  expect(await ended).toBe(0);
  expect(output).toContain("type: 'closed'");
});
