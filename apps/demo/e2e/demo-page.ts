import { expect, type Locator, type Page, test as base } from '@playwright/test';
import { checkContract, checkOrder, type Recorded } from './contract.js';

/** So many the page keeps. */
export const MAX_EVENTS = 10_000;

/** The page as a visitor uses it: buttons, and what it shows. The events are read as they were recorded. */
export class DemoPage {
  readonly page: Page;
  readonly startedMs = Date.now();
  readonly problems: string[] = [];
  #query = '';

  constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.problems.push(String(error)));
    page.on('console', (message) => {
      // A browser itself logs an attempt that fails. Nothing a page does can stop it.
      const byBrowser = message.text().startsWith('WebSocket connection to');
      if (message.type() === 'error' && !byBrowser) this.problems.push(message.text());
    });
  }

  /** Opens the page with settings for the controls, and waits for the connection. */
  async open(query = ''): Promise<void> {
    this.#query = query;
    await this.page.goto(`/?${query}`);
    await this.isIn('connected');
  }

  part(name: string): Locator {
    return this.page.getByTestId(name);
  }

  async click(name: string): Promise<void> {
    await this.part(name).click();
  }

  async isIn(state: string): Promise<void> {
    await expect(this.part('state')).toHaveText(state);
  }

  /** All events, by socket: another one follows when options change. */
  async runs(): Promise<Recorded[][]> {
    const runs = new Map<string, Recorded[]>();
    for (const { run, event } of await this.#read()) {
      const events = runs.get(run);
      if (events === undefined) runs.set(run, [event]);
      else events.push(event);
    }
    return [...runs.values()];
  }

  async events(): Promise<Recorded[]> {
    return (await this.#read()).map(({ event }) => event);
  }

  async ofType(type: string): Promise<Recorded[]> {
    return (await this.#read(type)).map(({ event }) => event);
  }

  /** Waits for the event that came `count` times, and returns the latest. */
  async event(type: string, count = 1): Promise<Recorded> {
    await expect.poll(() => this.#count(type), { message: type }).toBeGreaterThanOrEqual(count);
    const found = (await this.ofType(type)).at(-1);
    if (found === undefined) throw new Error(`No ${type}`);
    return found;
  }

  /** Holds all events against the contract, and those of each socket against the grammar. */
  async check(): Promise<void> {
    const runs = await this.runs();
    expect(runs.length).toBeGreaterThan(0);
    const count = runs.reduce((sum, { length }) => sum + length, 0);
    checkContract(await this.events(), this.startedMs);
    expect(this.problems).toEqual([]);
    // The first are gone, and an order can be judged only from its beginning.
    if (count >= MAX_EVENTS) return;
    runs.forEach((events, index) => {
      // The first socket's mode is known; those after it have what the visitor chose.
      const chosen = events.some(({ type }) => type === 'replay_started');
      checkOrder(events, index === 0 ? !this.#query.includes('mode=none') : chosen);
    });
  }

  /** How many events of a kind there were, also of those that the page does not keep any more. */
  async total(type: string): Promise<number> {
    return Number(await this.part(`filter-${type}`).locator('b').textContent());
  }

  async #count(type: string): Promise<number> {
    return this.page.evaluate(
      (wanted) => window.jetsocketDemo?.events.filter((event) => event.type === wanted).length,
      type,
    ) as Promise<number>;
  }

  async #read(type?: string): Promise<{ readonly run: string; readonly event: Recorded }[]> {
    return this.page.evaluate((wanted) => {
      const { events, runOf } = window.jetsocketDemo ?? { events: [], runOf: undefined };
      const chosen = events.filter((event) => wanted === undefined || event.type === wanted);
      return chosen.map((event) => {
        const fields = { ...event } as Recorded & Record<string, unknown>;
        const { error } = fields;
        // Not an Error, not the one that `message` is of: either would be lost on the way out of the page.
        if (error instanceof Error) fields['error'] = { name: error.name, message: error.message };
        return { run: runOf?.(event) ?? '', event: fields };
      });
    }, type);
  }

  async count(name: string): Promise<number> {
    return Number(await this.part(`counter-${name}`).textContent());
  }

  async counts(name: string, value: number): Promise<void> {
    await expect(this.part(`counter-${name}`)).toHaveText(String(value));
  }

  async countsAtLeast(name: string, value: number): Promise<void> {
    await expect.poll(() => this.count(name), { message: name }).toBeGreaterThanOrEqual(value);
  }

  /** Waits until both say the same. Of what the server sent, news comes a moment later. */
  async agree(one: string, other: string): Promise<void> {
    await expect(async () => {
      expect(await this.count(one), one).toBe(await this.count(other));
    }).toPass({ timeout: 15_000 });
  }

  /** Stops the traffic, and waits until either side has what the other sent. */
  async settle(): Promise<void> {
    for (const name of ['rate-out', 'rate-in']) {
      await this.part(name).fill('0');
      await this.part(name).press('Enter');
    }
    // The first answer may be to a question from before, and know too little.
    for (let answers = 0; answers < 2; answers++) await this.page.waitForResponse(/\?run=/);
    await this.counts('waiting', 0);
    // Of what was dropped some may have arrived: those whose acknowledgement was lost.
    await expect
      .poll(async () => {
        const names = ['sent', 'arrived', 'dropped', 'missing-out'];
        const [sent = 0, ...known] = await Promise.all(names.map((name) => this.count(name)));
        return sent - known.reduce((sum, count) => sum + count, 0);
      })
      .toBeLessThanOrEqual(0);
    await this.agree('received', 'server-sent');
  }
}

/** A test with the page; after it, all events are held against the contract, and nothing was logged as wrong. */
export const test = base.extend<{ demo: DemoPage }>({
  demo: async ({ page }, use) => {
    const demo = new DemoPage(page);
    await use(demo);
    await demo.check();
  },
});

export { expect };
