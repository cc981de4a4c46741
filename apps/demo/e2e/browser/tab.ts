/** What the tests ask of a browser, whichever engine it is and whatever drives it. */
export interface Tab {
  /** WebKit’s network library tells 1012 to 1014 as 1006, and may see TCP’s end before the handshake’s. */
  readonly engine: 'webkit' | 'another';
  /** Goes to an address of the server under test, as `/umd.html`. */
  goto(address: string): Promise<void>;
  /**
   * Runs a function in the page. It can use nothing but its argument, and what it returns has to
   * survive JSON.
   */
  run<Result, Argument = undefined>(
    inPage: (argument: Argument) => Result | Promise<Result>,
    argument: Argument,
  ): Promise<Result>;
  /** By a real press of the mouse, on the part of that `data-testid`. */
  click(name: string): Promise<void>;
  /** Replaces what a field says, by its keys or as the engine's driver does it. */
  fill(name: string, text: string): Promise<void>;
  pressEnter(name: string): Promise<void>;
  /** Chooses an option of a select. */
  choose(name: string, value: string): Promise<void>;
  /** Sizes the window; an engine may have a least width. Returns the page's width. */
  resize(width: number, height: number): Promise<number>;
  /** What went wrong in the page, beside what a browser logs of attempts that fail. */
  problems(): Promise<readonly string[]>;
  picture(): Promise<Buffer>;
}

/** A browser itself logs an attempt that fails, in its own words. Nothing a page does can stop it. */
const ATTEMPTS_THAT_FAIL = [
  /^WebSocket connection to/, // Chromium and WebKit
  /^Firefox can’t establish a connection to the server at/,
  /^The connection to \S+ was interrupted while the page was loading/,
];

export function isLoggedByBrowser(text: string): boolean {
  return ATTEMPTS_THAT_FAIL.some((words) => words.test(text));
}
