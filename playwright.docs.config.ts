/** The documentation's site, as it is published, in Chromium. */
import { defineConfig } from '@playwright/test';
import demo from './playwright.config.js';

const port = Number(process.env['PORT'] ?? 4183);
// By its file, so that it is found without npm as well.
const vitepress = 'node_modules/vitepress/bin/vitepress.js';
// `npm test` builds it while it runs other tests.
const isBuilt = process.env['JETSOCKET_SITE'] === 'built';
const baseURL = `http://127.0.0.1:${port}`;

export default defineConfig({
  ...demo,
  testDir: 'scripts/site/e2e',
  outputDir: 'test-results/docs-site',
  // The index of the search, and the first page of a server that compiles, wait for a busy machine.
  timeout: 180_000,
  expect: { timeout: 60_000 },
  projects: (demo.projects ?? []).filter(({ name }) => name === 'chromium'),
  use: { ...demo.use, baseURL },
  webServer: {
    // A link that leads nowhere fails the build, and a name that the reference cannot tell.
    command: [
      ...(isBuilt ? [] : ['node scripts/site/build.mjs']),
      `node ${vitepress} preview docs --host 127.0.0.1 --port ${port}`,
    ].join(' && '),
    url: baseURL,
    reuseExistingServer: false,
    timeout: 300_000,
  },
});
