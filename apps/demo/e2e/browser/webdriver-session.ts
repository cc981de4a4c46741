/**
 * A session of W3C WebDriver (https://www.w3.org/TR/webdriver2/), as far as the tests go: commands are
 * HTTP requests with a JSON body, and the answer's `value` is the result or the error.
 */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf'; // What the standard calls a reference to an element.
const ENTER = '\uE007'; // Its name for the key.
const MAX_COMMAND_MS = 30_000;

type Method = 'GET' | 'POST' | 'DELETE';

export class WebDriverSession {
  readonly #base: string;

  private constructor(base: string) {
    this.#base = base;
  }

  /** @param driver Where the driver listens: `http://127.0.0.1:4444`. */
  static async open(driver: string, capabilities: object): Promise<WebDriverSession> {
    const body = { capabilities: { alwaysMatch: capabilities } };
    const { sessionId } = (await ask('POST', `${driver}/session`, body)) as { sessionId: string };
    const session = new WebDriverSession(`${driver}/session/${sessionId}`);
    await session.#do('POST', 'timeouts', { script: MAX_COMMAND_MS, pageLoad: MAX_COMMAND_MS });
    return session;
  }

  async close(): Promise<void> {
    await ask('DELETE', this.#base);
  }

  async goto(url: string): Promise<void> {
    await this.#do('POST', 'url', { url });
  }

  /** Runs the body of a function in the page, with `argument` and `done`, which takes its result. */
  async run(body: string, argument: unknown): Promise<unknown> {
    const script = `const [argument, done] = arguments;\n${body}`;
    // An argument that is not there would be null on the way.
    return this.#do('POST', 'execute/async', { script, args: [argument ?? null] });
  }

  async click(selector: string): Promise<void> {
    await this.#do('POST', `element/${await this.#find(selector)}/click`, {});
  }

  /** Clears a field, then types. */
  async fill(selector: string, text: string): Promise<void> {
    const element = await this.#find(selector);
    await this.#do('POST', `element/${element}/clear`, {});
    // To type nothing is refused.
    if (text !== '') await this.#do('POST', `element/${element}/value`, { text });
  }

  async pressEnter(selector: string): Promise<void> {
    await this.#do('POST', `element/${await this.#find(selector)}/value`, { text: ENTER });
  }

  async resize(width: number, height: number): Promise<void> {
    await this.#do('POST', 'window/rect', { width, height });
  }

  async picture(): Promise<Buffer> {
    return Buffer.from((await this.#do('GET', 'screenshot')) as string, 'base64');
  }

  async #find(selector: string): Promise<string> {
    const found = await this.#do('POST', 'element', { using: 'css selector', value: selector });
    return (found as Readonly<Record<string, string>>)[ELEMENT] ?? '';
  }

  #do(method: Method, command: string, body?: object): Promise<unknown> {
    return ask(method, `${this.#base}/${command}`, body);
  }
}

/** Waits until a driver that was just started answers. */
export async function untilReady(driver: string, maxMs: number): Promise<void> {
  for (const deadlineMs = Date.now() + maxMs; ; await pause(50)) {
    const { ready } = (await ask('GET', `${driver}/status`).catch(() => ({}))) as { ready?: true };
    if (ready) return;
    if (Date.now() > deadlineMs) throw new Error(`Cannot use ${driver}: it does not answer`);
  }
}

async function ask(method: Method, url: string, body?: object): Promise<unknown> {
  const response = await fetch(url, {
    method,
    signal: AbortSignal.timeout(2 * MAX_COMMAND_MS),
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const { value } = (await response.json()) as { value: unknown };
  if (response.ok) return value;
  const { error, message } = value as { error: string; message: string };
  throw new Error(`Cannot ${method} ${new URL(url).pathname}: ${error}, ${message}`);
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
