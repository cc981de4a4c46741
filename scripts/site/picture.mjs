/**
 * Takes the pictures of the demo that the start page shows where there is no server to run it: a real one, cut off
 * twice a moment ago. `npm run docs:picture`, after the demo's page has changed. `--out <folder>` is where they go instead of docs/public.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import { findChromium } from '../../tools/browsers.mjs';
import { firstAddress } from './first-address.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values } = parseArgs({
  options: { out: { type: 'string', default: join(root, 'docs/public') } },
});
const demo = spawn(process.execPath, ['dist/server.mjs'], {
  cwd: join(root, 'apps/demo'),
  env: { ...process.env, PORT: '0' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  const address = await firstAddress(demo);
  const browser = await chromium.launch({
    executablePath: findChromium() ?? '/usr/bin/chromium',
    chromiumSandbox: false,
    args: ['--no-proxy-server'],
  });
  for (const scheme of /** @type {const} */ (['light', 'dark'])) {
    const page = await browser.newPage({
      viewport: { width: 1_280, height: 800 },
      deviceScaleFactor: 1.25,
      colorScheme: scheme,
    });
    await page.goto(`${address}/?heartbeatMs=500`);
    for (const count of [1, 2]) {
      await page.getByTestId('fault-cut').click();
      await page.waitForFunction(
        (wanted) =>
          // @ts-expect-error -- What the page keeps for tests.
          window.jetsocketDemo.events.filter(({ type }) => type === 'reconnected').length >= wanted,
        count,
      );
    }
    await page.evaluate(() => scrollTo(0, 0));
    await page.screenshot({ path: join(values.out, `demo-${scheme}.png`) });
    await page.close();
  }
  await browser.close();
} finally {
  demo.kill();
}
