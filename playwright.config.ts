import { defineConfig } from '@playwright/test';
import { findChromium, findFirefox } from './tools/browsers.mjs';

const port = Number(process.env['PORT'] ?? 4173);
const baseURL = `http://127.0.0.1:${port}`;

/** No look-up leaves the machine: the browser knows no host but this one. */
const OFF_THE_NETWORK = 'MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost';

/** docs/browsers.md says why. */
const NOT_IN_FIREFOX = ['node-client', 'page', 'readme', 'sleep', 'storm'].map(
  (name) => `${name}.spec.ts`,
);

export default defineConfig({
  testDir: 'apps/demo/e2e',
  outputDir: 'test-results/e2e',
  timeout: 60_000,
  expect: { timeout: 15_000 },
  // Every page has a network of its own to break, so that two can share one server.
  workers: 2,
  fullyParallel: true,
  forbidOnly: Boolean(process.env['CI']),
  reporter: 'list',
  use: {
    baseURL,
    // A trace costs a third of the time, and what fails can be run again with `--trace on`.
    trace: 'off',
    screenshot: 'only-on-failure',
  },
  projects: [
    {
      name: 'chromium',
      use: {
        browserName: 'chromium',
        launchOptions: {
          executablePath: findChromium() ?? '/usr/bin/chromium',
          chromiumSandbox: false, // A sandbox cannot be had as root, as in most containers.
          ignoreDefaultArgs: ['--disable-back-forward-cache'], // Off by default; users have it.
          args: ['--no-proxy-server', `--host-resolver-rules=${OFF_THE_NETWORK}`],
        },
      },
    },
    {
      name: 'firefox',
      outputDir: 'test-results/e2e-firefox',
      testIgnore: NOT_IN_FIREFOX,
      use: {
        browserName: 'firefox',
        channel: 'moz-firefox', // Stock Firefox, by WebDriver BiDi.
        launchOptions: { executablePath: findFirefox() ?? '/usr/bin/firefox-esr' },
      },
    },
  ],
  webServer: {
    command: 'npm run --silent start',
    cwd: 'apps/demo',
    url: baseURL,
    env: { PORT: String(port) },
    reuseExistingServer: false,
    timeout: 30_000,
  },
});
