import type { JetSocketError } from '../errors.js';

/** Looked up when used, not on import. */
const globals = globalThis as unknown as {
  readonly console?: { error(...what: readonly unknown[]): void };
};

/** Writes an error that nobody listens for where its developer looks first. */
export function writeToConsole(error: JetSocketError): void {
  globals.console?.error(`JetSocket: nobody listens to 'error'. The first ${error.code}:`, error);
}
