/** The README's blocks for a page, in a page: from the built files, against the demo's server. */
import { expect, test } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../../', import.meta.url);
const readme = readFileSync(new URL('README.md', root), 'utf8');
const blocks = [...readme.matchAll(/^```html\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);

test('the README has blocks for a page', () => {
  expect(blocks.length).toBe(2);
});

for (const [index, block] of blocks.entries()) {
  test(`the README’s page ${index + 1} gets a message`, async ({ page, context, baseURL }) => {
    // The page below comes from nowhere, and asks for a server on this machine: a visitor would be asked.
    await context.grantPermissions(['local-network-access']);
    const server = new URL('/ws', baseURL).href.replace('http', 'ws');
    const html = block.replaceAll('wss://example.com/ws', server);
    const said: string[] = [];
    const wrong: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => wrong.push(error.message));
    // What the CDN serves is what was built.
    await page.route(/^https:\/\/cdn\.jsdelivr\.net\/npm\/jetsocket@[\d.]+\/dist\//, (route) => {
      const name = new URL(route.request().url()).pathname.split('/').at(-1) ?? '';
      return route.fulfill({
        path: fileURLToPath(new URL(`packages/jetsocket/dist/${name}`, root)),
        contentType: 'text/javascript',
        headers: { 'access-control-allow-origin': '*' },
      });
    });
    await page.route('**/readme.html', (route) =>
      route.fulfill({ contentType: 'text/html', body: `<!doctype html>${html}` }),
    );
    await page.goto('/readme.html');
    await expect.poll(() => said.some((line) => line.startsWith('got'))).toBe(true);
    expect(wrong).toEqual([]);
  });
}
