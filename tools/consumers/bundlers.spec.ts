/** What every bundler makes of the packages runs in a browser, against a real server, through a cut. */
import { expect, test } from '@playwright/test';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createServer } from 'vite';
import { bundlers } from './src/bundlers.mjs';
import { survivesACut } from './src/check.js';
import { Site } from './src/site.js';
import { user } from './src/user.js';

const page = (script: string): string =>
  `<!doctype html><title>app</title><link rel="icon" href="data:," /><script type="module" src="${script}"></script>`;

for (const [name, bundle] of Object.entries(bundlers)) {
  for (const entry of ['main.js', 'main.cjs']) {
    test(`${name}: a bundle of ${entry} connects, gets messages and survives a cut`, async ({
      page: tab,
    }) => {
      const outDir = join(user(), 'app', `built-${name}-${entry}`);
      await mkdir(outDir);
      const warnings: string[] = [];
      await bundle({
        entry: join(user(), 'app', entry),
        outDir,
        warn: (warning) => warnings.push(warning),
      });
      expect(warnings).toEqual([]);
      // The implementation for Node would bring these.
      const code = await readFile(join(outDir, 'app.js'), 'utf8');
      expect(code).not.toMatch(/permessage-deflate|node:(net|tls|crypto)/);

      const site = await Site.start({
        '/': { text: page('/app.js') },
        '/app.js': { at: join(outDir, 'app.js') },
      });
      try {
        await survivesACut(tab, site, `${site.url}/`);
      } finally {
        await site.stop();
      }
    });
  }
}

test('vite: its development server, which bundles dependencies one by one, serves the same', async ({
  page: tab,
}) => {
  const site = await Site.start({});
  const server = await createServer({
    root: join(user(), 'app'),
    cacheDir: join(user(), 'app', '.vite'),
    configFile: false,
    logLevel: 'error',
    server: { host: '127.0.0.1', port: 0, proxy: { '/ws': { target: site.url, ws: true } } },
  });
  try {
    await server.listen();
    const url = server.resolvedUrls?.local[0] ?? server.resolvedUrls?.network[0];
    if (url === undefined) throw new Error('Vite tells no address');
    await survivesACut(tab, site, new URL('/index.html', url).href);
  } finally {
    await server.close();
    await site.stop();
  }
});
