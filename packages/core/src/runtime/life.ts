import type { JetSocketError } from '../errors.js';

/** From `connect()` to `closed`: its two promises. */
export class Life {
  /** Resolves at the first `connected`; rejects when the life ends before. */
  readonly opened: Promise<void>;
  /** Resolves at `closed`. Never rejects. */
  readonly ended: Promise<void>;
  isOver = false;
  /** Why it has failed, when it is over and did not end as it should. */
  failure: JetSocketError | undefined;
  #resolveOpened: () => void = () => undefined;
  #rejectOpened: (error: JetSocketError) => void = () => undefined;
  #resolveEnded: () => void = () => undefined;

  constructor() {
    this.opened = new Promise((resolve, reject) => {
      this.#resolveOpened = resolve;
      this.#rejectOpened = reject;
    });
    // Who does not look at it must not be ended by it: Node stops at an unhandled rejection.
    this.opened.catch(() => undefined);
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
  }

  open(): void {
    this.#resolveOpened();
  }

  /**
   * @param error Why it never opened; means nothing if it did.
   * @param failure Why it has failed, if so.
   */
  end(error: JetSocketError, failure?: JetSocketError): void {
    this.isOver = true;
    this.failure = failure;
    this.#rejectOpened(error);
    this.#resolveEnded();
  }
}
