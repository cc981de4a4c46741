/** The documents' blocks for a page, in a page: from the built files, against the demo's server. */
import { expect, test } from '@playwright/test';
import { fileURLToPath } from 'node:url';
import { blocksOf, documents } from '../../../scripts/docs.js';

const root = new URL('../../../', import.meta.url);
/** Of the tutorial, whose blocks belong together, tutorial.test.ts makes what it says. */
const blocks = documents()
  .filter((file) => file !== 'docs/tutorial.md')
  .flatMap((file) => blocksOf(file))
  .filter(({ language }) => language === 'html');

test('the documents have blocks for a page', () => {
  const files = ['README.md', 'packages/jetsocket/README.md', 'docs/websocket.md'];
  expect([...new Set(blocks.map(({ file }) => file))]).toEqual(expect.arrayContaining(files));
});

for (const [index, { file, text }] of blocks.entries()) {
  test(`page ${index + 1}, of ${file}, gets a message`, async ({ page, context, baseURL }) => {
    // The page below comes from nowhere, and asks for a server on this machine: a visitor would be asked.
    await context.grantPermissions(['local-network-access']);
    const server = new URL('/ws', baseURL).href.replace('http', 'ws');
    const html = text.replaceAll('wss://example.com/ws', server);
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
