/** The documents' blocks for a page, in a page: from the built files, against the demo's server. */
import { expect, test } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../../', import.meta.url);
const blocks = ['README.md', 'docs/websocket.md'].flatMap((file) => {
  const text = readFileSync(new URL(file, root), 'utf8');
  return [...text.matchAll(/^```html\n([\s\S]*?)^```$/gm)].map(([, block = '']) => ({
    file,
    block,
  }));
});

test('the documents have blocks for a page', () => {
  expect(blocks.map(({ file }) => file)).toEqual(['README.md', 'README.md', 'docs/websocket.md']);
});

for (const [index, { file, block }] of blocks.entries()) {
  test(`page ${index + 1}, of ${file}, gets a message`, async ({ page, context, baseURL }) => {
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
