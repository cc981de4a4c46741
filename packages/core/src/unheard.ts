import type { ErrorCode, JetSocketError } from './errors.js';

/**
 * Errors that no handler and no logger hears. The first of each code is written, as an exception that nobody catches
 * would be: a handler that fails for every message would else fail in silence, or fill the screen.
 */
export class Unheard {
  readonly #write: (error: JetSocketError) => void;
  readonly #written = new Set<ErrorCode>();

  /** @param write Told of the first error of each code. */
  constructor(write: (error: JetSocketError) => void) {
    this.#write = write;
  }

  /** Writes it, if it is the first of its code. */
  tell(error: JetSocketError): void {
    if (this.#written.has(error.code)) return;
    this.#written.add(error.code);
    try {
      this.#write(error);
    } catch {
      // There is nobody left to tell.
    }
  }
}
