/** Pages without a bundler: files of the packages as a CDN serves them, from another origin. */
import { expect, test } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { survivesACut } from './src/check.js';
import { Site } from './src/site.js';
import { user } from './src/user.js';

type Page = { readonly html: (cdn: string) => string; readonly title: string };

const module = (code: string): string => `<script type="module">${code}</script>`;
const html = (...lines: string[]): string =>
  ['<!doctype html><title>page</title><link rel="icon" href="data:," />', ...lines].join('\n');

const ALL = `start({ connect: JetSocket.connect, connectInBrowser: JetSocket.connect, LastingWebSocket: JetSocket.WebSocket });`;
const START = "import { start } from '/app/start.js';";

/** Where each name is found. Versions belong in there; here there is but one. */
const importMap = (cdn: string): object => ({
  jetsocket: `${cdn}/jetsocket/dist/index.browser.mjs`,
  'jetsocket/websocket': `${cdn}/jetsocket/dist/websocket.browser.mjs`,
  '@jetsocket/browser': `${cdn}/@jetsocket/browser/dist/index.mjs`,
  '@jetsocket/core': `${cdn}/@jetsocket/core/dist/index.mjs`,
  'isomorphic-ws': `${cdn}/isomorphic-ws/browser.js`,
});

const pages: readonly Page[] = [
  {
    title: 'an import map resolves every package',
    html: (cdn) =>
      html(
        `<script type="importmap">${JSON.stringify({ imports: importMap(cdn) })}</script>`,
        '<script type="module" src="/app/main.js"></script>',
      ),
  },
  {
    title: 'a script tag with the integrity that sri.json names loads the UMD file',
    html: (cdn) => html(scriptTag(cdn, 'jetsocket.umd.min.js'), module(`${START} ${ALL}`)),
  },
  {
    title: 'a script tag with integrity loads the UMD file that is not minified',
    html: (cdn) => html(scriptTag(cdn, 'jetsocket.umd.js'), module(`${START} ${ALL}`)),
  },
  {
    title: 'an import of the ESM file is held to the integrity in the import map',
    html: (cdn) => {
      const url = `${cdn}/jetsocket/dist/jetsocket.esm.min.js`;
      const map = {
        imports: { jetsocket: url },
        integrity: { [url]: integrityOf('jetsocket.esm.min.js') },
      };
      return html(
        `<script type="importmap">${JSON.stringify(map)}</script>`,
        module(`import * as JetSocket from 'jetsocket'; ${START} ${ALL}`),
      );
    },
  },
];

for (const page of pages) {
  test(`CDN: ${page.title}`, async ({ page: tab }) => {
    const cdn = await Site.start({ '/': { at: join(user(), 'node_modules') } });
    const site = await Site.start({
      '/page.html': { text: page.html(cdn.url) },
      '/app/': { at: join(user(), 'app') },
    });
    try {
      await survivesACut(tab, site, `${site.url}/page.html`);
    } finally {
      await site.stop();
      await cdn.stop();
    }
  });
}

test('CDN: a file that was tampered with is not run', async ({ page: tab }) => {
  const file = 'jetsocket.umd.min.js';
  const path = `/jetsocket/dist/${file}`;
  const text = `${readFileSync(join(user(), 'node_modules', path), 'utf8')} `;
  const cdn = await Site.start({ [path]: { text } });
  const site = await Site.start({
    '/page.html': { text: html(scriptTag(cdn.url, file)) },
  });
  try {
    await tab.goto(`${site.url}/page.html`);
    expect(await tab.evaluate(() => Reflect.has(globalThis, 'JetSocket'))).toBe(false);
    // It came, and it is the hash that kept it out.
    await tab.addScriptTag({ url: `${cdn.url}${path}` });
    expect(await tab.evaluate(() => Reflect.has(globalThis, 'JetSocket'))).toBe(true);
  } finally {
    await site.stop();
    await cdn.stop();
  }
});

function scriptTag(cdn: string, file: string): string {
  const src = `${cdn}/jetsocket/dist/${file}`;
  return `<script src="${src}" integrity="${integrityOf(file)}" crossorigin="anonymous"></script>`;
}

function integrityOf(file: string): string {
  const path = join(user(), 'node_modules/jetsocket/dist/sri.json');
  const found = (JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>)[file];
  if (found === undefined) throw new Error(`sri.json does not name ${file}`);
  return found;
}
