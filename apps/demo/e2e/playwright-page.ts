/** A test with the page where Playwright drives, and may do all that Playwright can. */
import { type Locator, type Page, test as base } from '@playwright/test';
import { PlaywrightTab } from './browser/playwright-tab.js';
import { DemoPage } from './demo-page.js';

export class PlaywrightDemoPage extends DemoPage {
  readonly page: Page;

  constructor(page: Page) {
    super(new PlaywrightTab(page));
    this.page = page;
  }

  part(name: string): Locator {
    return this.page.getByTestId(name);
  }
}

/** After the test all its events are held against the contract, and nothing was logged as wrong. */
export const test = base.extend<{ demo: PlaywrightDemoPage }>({
  demo: async ({ page }, use) => {
    const demo = new PlaywrightDemoPage(page);
    await use(demo);
    await demo.check();
  },
});

export { expect } from '@playwright/test';
