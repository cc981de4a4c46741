/** WebKit, which Playwright does not drive but runs the tests of: see apps/demo/e2e/browser/webkit.ts. */
import { defineConfig } from '@playwright/test';
import base from './playwright.config.js';

// To this process's workers, which choose by it what a tab is.
process.env['JETSOCKET_E2E_ENGINE'] = 'webkit';

/** What is written for any engine. The rest asks for what only Playwright can do. */
const FOR_ANY_ENGINE = [
  'conformance',
  'events',
  'faults',
  'umd',
  'workers',
  'cache',
  'widths',
  'blocked',
  'server-gone',
];

export default defineConfig({
  ...base,
  outputDir: 'test-results/e2e-webkit',
  projects: [{ name: 'webkit', testMatch: FOR_ANY_ENGINE.map((name) => `${name}.spec.ts`) }],
});
