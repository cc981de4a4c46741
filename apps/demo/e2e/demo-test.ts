/** A test with the page, in whichever browser the run is for. */
import { test as base } from '@playwright/test';
import { PlaywrightTab } from './browser/playwright-tab.js';
import type { Tab } from './browser/tab.js';
import { WebDriverTab } from './browser/webdriver-tab.js';
import { startWebKit, type WebKit } from './browser/webkit.js';
import { DemoPage } from './demo-page.js';

/** Set by playwright.webkit.config.ts. A fixture cannot choose: whatever it names is started. */
const isWebKit = process.env['JETSOCKET_E2E_ENGINE'] === 'webkit';

interface Fixtures {
  readonly tab: Tab;
  /** After the test all its events are held against the contract, and nothing was logged as wrong. */
  readonly demo: DemoPage;
}

interface WorkerFixtures {
  readonly webkit: WebKit;
}

const inAnyEngine = base.extend<Fixtures, WorkerFixtures>({
  webkit: [
    // eslint-disable-next-line no-empty-pattern -- The runner reads what a fixture needs off its parameter.
    async ({}, use) => {
      const webkit = await startWebKit();
      await use(webkit);
      await webkit.stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  tab: async ({ page }, use) => use(new PlaywrightTab(page)),
  demo: async ({ tab }, use, testInfo) => {
    const demo = new DemoPage(tab);
    await use(demo);
    // What a failed test leaves behind says nothing more: the picture taken of it breaks the page's CSP.
    if (testInfo.errors.length > 0) return;
    await demo.check();
  },
});

const inWebKit = inAnyEngine.extend({
  tab: async ({ webkit, baseURL }, use, testInfo) => {
    const tab = new WebDriverTab(webkit.session, baseURL ?? '');
    await use(tab);
    if (testInfo.status !== testInfo.expectedStatus) {
      await testInfo.attach('page', { body: await tab.picture(), contentType: 'image/png' });
    }
    // Whatever the page still did ends here, not in the next test.
    await webkit.session.goto('about:blank');
  },
});

export const test = isWebKit ? inWebKit : inAnyEngine;
export { expect } from '@playwright/test';
