import { isLoggedByBrowser, type Tab } from './tab.js';
import type { WebDriverSession } from './webdriver-session.js';

declare global {
  interface Window {
    problemsSeen?: string[];
  }
}

/** A tab of a browser that WebDriver drives: WebKit. */
export class WebDriverTab implements Tab {
  readonly engine = 'webkit';
  readonly #session: WebDriverSession;
  readonly #baseUrl: string;

  constructor(session: WebDriverSession, baseUrl: string) {
    this.#session = session;
    this.#baseUrl = baseUrl;
  }

  async goto(address: string): Promise<void> {
    await this.#session.goto(new URL(address, this.#baseUrl).href);
    await this.run(collectProblems, undefined);
  }

  async run<Result, Argument>(
    inPage: (argument: Argument) => Result | Promise<Result>,
    argument: Argument,
  ): Promise<Result> {
    const body = `Promise.resolve(argument).then(${inPage.toString()}).then(
      (result) => done(JSON.stringify({ result })),
      (error) => done(JSON.stringify({ error: String(error) })),
    );`;
    const answer = (await this.#session.run(body, argument)) as string;
    const { result, error } = JSON.parse(answer) as { result: Result; error?: string };
    if (error !== undefined) throw new Error(`In the page: ${error}`);
    return result;
  }

  async click(name: string): Promise<void> {
    await this.#session.click(selectorOf(name));
  }

  async fill(name: string, text: string): Promise<void> {
    await this.#session.fill(selectorOf(name), text);
  }

  async pressEnter(name: string): Promise<void> {
    await this.#session.pressEnter(selectorOf(name));
  }

  async choose(name: string, value: string): Promise<void> {
    await this.#session.click(`${selectorOf(name)} option[value="${value}"]`);
  }

  async resize(width: number, height: number): Promise<number> {
    await this.#session.resize(width, height);
    return this.run(() => innerWidth, undefined);
  }

  async problems(): Promise<readonly string[]> {
    const seen = await this.run(() => window.problemsSeen ?? [], undefined);
    return seen.filter((text) => !isLoggedByBrowser(text));
  }

  async picture(): Promise<Buffer> {
    return this.#session.picture();
  }
}

function selectorOf(name: string): string {
  return `[data-testid="${name}"]`;
}

/** Runs in the page, once it is loaded: WebDriver does not tell what a page logs. */
function collectProblems(): void {
  const seen: string[] = [];
  window.problemsSeen = seen;
  addEventListener('error', ({ message }) => seen.push(message));
  addEventListener('unhandledrejection', ({ reason }) => seen.push(String(reason)));
  const log = console.error.bind(console);
  console.error = (...said: unknown[]) => {
    seen.push(said.map(String).join(' '));
    log(...said);
  };
}
