/** `npm run docs`: the site as it is being written, with the demo live on its start page. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { firstAddress } from '../first-address.mjs';

let site: ChildProcess;
let address: string;
test.beforeAll(async () => {
  site = spawn(process.execPath, ['scripts/site/serve.mjs'], {
    cwd: join(import.meta.dirname, '../../..'),
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  address = await firstAddress(site);
});
test.afterAll(async () => {
  const ended = once(site, 'exit');
  site.kill('SIGTERM');
  await ended;
});

test('the start page has the demo, live: a cut is seen, and nothing is missing', async ({
  page,
}) => {
  await page.goto(address);
  const frame = page.locator('iframe');
  await frame.scrollIntoViewIfNeeded();
  const demo = frame.contentFrame();
  await expect(demo.getByTestId('state')).toHaveText('connected');
  await demo.getByTestId('fault-cut').click();
  const shown = demo.getByTestId('timeline');
  await expect(shown).toContainText('disconnected');
  await expect(shown).toContainText('reconnected');
  await expect(demo.getByTestId('state')).toHaveText('connected');
  await expect(demo.getByText('Nothing is missing')).toBeVisible();
});

test('whatever a page asks for is there, the icon as well', async ({ page }) => {
  const wrong: string[] = [];
  page.on('response', (response) => {
    if (response.status() >= 400) wrong.push(`${response.url()}: ${response.status()}`);
  });
  page.on('console', (message) => {
    if (message.type() === 'error') wrong.push(`${message.location().url}: ${message.text()}`);
  });
  page.on('pageerror', (error) => wrong.push(error.message));
  // A page of every kind: each is compiled when it is asked for. All of them are looked at as they are published.
  for (const path of ['', 'tutorial', 'storm', 'state-machine', 'packages/server', 'reference/']) {
    await page.goto(`${address}/${path}`);
    await expect(page.locator('h1')).toHaveCount(1);
    await expect(page.locator('.VPFooter, .VPDocFooter').first()).toBeAttached();
    expect.soft(wrong.splice(0), path).toEqual([]);
  }
  // A browser asks for it before the page has said that there is another one.
  expect((await page.request.get(`${address}/favicon.ico`)).status()).toBe(200);
});
