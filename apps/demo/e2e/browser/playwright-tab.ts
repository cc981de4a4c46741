import type { Page } from '@playwright/test';
import { isLoggedByBrowser, type Tab } from './tab.js';

/** A tab of a browser that Playwright drives: Chromium and Firefox. */
export class PlaywrightTab implements Tab {
  readonly engine = 'another';
  readonly #page: Page;
  readonly #problems: string[] = [];

  constructor(page: Page) {
    this.#page = page;
    // Firefox tells of failed attempts as if they were errors of the page.
    page.on('pageerror', (error) => this.#note(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') this.#note(message.text());
    });
  }

  async goto(address: string): Promise<void> {
    await this.#page.goto(address);
  }

  async run<Result, Argument>(
    inPage: (argument: Argument) => Result | Promise<Result>,
    argument: Argument,
  ): Promise<Result> {
    // As text: thousands of objects, one by one, take Firefox's protocol a minute.
    const source = `(async () => JSON.stringify([await (${inPage.toString()})(${JSON.stringify(argument)})]))()`;
    const [result] = JSON.parse(await this.#page.evaluate<string>(source)) as [Result];
    return result;
  }

  async click(name: string): Promise<void> {
    await this.#page.getByTestId(name).click();
  }

  async fill(name: string, text: string): Promise<void> {
    // By keys, as a visitor: stock Firefox adds what `fill()` says to what a number field has.
    const field = this.#page.getByTestId(name);
    await field.press('ControlOrMeta+a');
    await field.press('Delete');
    await field.pressSequentially(text);
  }

  async pressEnter(name: string): Promise<void> {
    await this.#page.getByTestId(name).press('Enter');
  }

  async choose(name: string, value: string): Promise<void> {
    await this.#page.getByTestId(name).selectOption(value);
  }

  async resize(width: number, height: number): Promise<number> {
    await this.#page.setViewportSize({ width, height });
    return width;
  }

  async problems(): Promise<readonly string[]> {
    return this.#problems;
  }

  async picture(): Promise<Buffer> {
    return this.#page.screenshot({ fullPage: true });
  }

  #note(problem: string): void {
    if (!isLoggedByBrowser(problem)) this.#problems.push(problem);
  }
}
