import { expect } from '@playwright/test';
import type { Tab } from './browser/tab.js';
import { checkContract, checkOrder, type Recorded } from './contract.js';

/** So many the page keeps. */
export const MAX_EVENTS = 10_000;

/** The page as a visitor uses it: buttons, and what it shows. The events are read as they were recorded. */
export class DemoPage {
  readonly tab: Tab;
  readonly startedMs = Date.now();
  #query = '';
  #forgiven: RegExp | undefined;

  constructor(tab: Tab) {
    this.tab = tab;
  }

  /** Such a problem of the page belongs to the test. */
  forgive(problem: RegExp): void {
    this.#forgiven = problem;
  }

  /** Opens the page with settings for the controls, and waits for the connection. */
  async open(query = ''): Promise<void> {
    this.#query = query;
    await this.tab.goto(`/?${query}`);
    await this.isIn('connected');
  }

  async click(name: string): Promise<void> {
    await this.tab.click(name);
  }

  async fill(name: string, text: string): Promise<void> {
    await this.tab.fill(name, text);
  }

  async isIn(state: string): Promise<void> {
    await this.shows('state', state);
  }

  /** Waits until a part's whole text is that, or matches. */
  async shows(name: string, text: string | RegExp): Promise<void> {
    const said = expect.poll(() => this.text(name), { message: name });
    await (typeof text === 'string' ? said.toBe(text) : said.toMatch(text));
  }

  /** The text of a part, without what surrounds it. */
  async text(name: string): Promise<string> {
    return this.tab.run((part) => {
      const element = document.querySelector(`[data-testid="${part}"]`);
      return element?.textContent.replace(/\s+/g, ' ').trim() ?? `There is no ${part}`;
    }, name);
  }

  async attribute(name: string, attribute: string): Promise<string | null> {
    return this.tab.run(
      ([part, wanted]) =>
        document.querySelector(`[data-testid="${part}"]`)?.getAttribute(wanted) ?? null,
      [name, attribute] as const,
    );
  }

  async isVisible(name: string): Promise<boolean> {
    return this.tab.run(
      (part) => document.querySelector(`[data-testid="${part}"]`)?.checkVisibility() ?? false,
      name,
    );
  }

  async isEnabled(name: string): Promise<boolean> {
    return this.tab.run(
      (part) => document.querySelector(`[data-testid="${part}"]`)?.matches(':enabled') ?? false,
      name,
    );
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
    const problems = await this.tab.problems();
    expect(problems.filter((text) => !this.#forgiven?.test(text))).toEqual([]);
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
    return Number(/\d+$/.exec(await this.text(`filter-${type}`))?.[0]);
  }

  async #count(type: string): Promise<number> {
    return this.tab.run(
      (wanted) => window.jetsocketDemo?.events.filter((event) => event.type === wanted).length ?? 0,
      type,
    );
  }

  async #read(type?: string): Promise<{ readonly run: string; readonly event: Recorded }[]> {
    return this.tab.run((wanted) => {
      const { events, runOf } = window.jetsocketDemo ?? { events: [], runOf: undefined };
      const chosen = events.filter((event) => (wanted ?? event.type) === event.type);
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
    return Number(await this.text(`counter-${name}`));
  }

  async counts(name: string, value: number): Promise<void> {
    await this.shows(`counter-${name}`, String(value));
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
      await this.fill(name, '0');
      await this.tab.pressEnter(name);
    }
    await this.compares();
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

  /** Waits until the page has looked into the server's books, for all that was before now. */
  async compares(): Promise<void> {
    const count = () => this.tab.run(() => window.jetsocketDemo?.comparisons() ?? 0, undefined);
    // The first answer may be to a question from before, and know too little.
    const wanted = (await count()) + 2;
    await expect.poll(count).toBeGreaterThanOrEqual(wanted);
  }
}
