/** Users of the packed packages: bundlers, pages without one, and compilers. `npm run consumers` */
import { defineConfig } from '@playwright/test';
import base from '../../playwright.config.js';

const { projects = [] } = base;

export default defineConfig({
  ...base,
  testDir: '.',
  outputDir: '../../test-results/consumers',
  globalSetup: './src/user.ts',
  timeout: 240_000,
  webServer: [], // Every test has a server of its own.
  projects: projects.filter(({ name }) => name === 'chromium'),
});
