import type { JetSocketError } from '../errors.js';
import type { Unstamped } from '../events.js';
import type { TransitionRecord } from '../flight-record.js';
import type { Logger } from '../ports.js';
import { redact } from './recorder.js';

type Level = 'debug' | 'info' | 'warn' | 'error';

/**
 * Writes what happens to the user's logger: see `Options.logger` for what at which level. Messages never are, and
 * of an address no query.
 */
export class Journal {
  readonly #logger: Logger | undefined;

  constructor(logger: Logger | undefined) {
    this.#logger = logger;
  }

  transition(step: TransitionRecord): void {
    if (this.#logger?.debug === undefined) return;
    this.#write('debug', step, `${step.input}: ${step.from} -> ${step.to}`);
  }

  event(event: Unstamped): void {
    if (this.#logger === undefined) return;
    switch (event.type) {
      case 'connected':
        return this.#write('info', { uri: redact(event.uri) }, 'connected');
      case 'closed': {
        const { code, cause } = event;
        return this.#write('info', { code, cause }, 'closed');
      }
      case 'disconnected': {
        const { code, was_clean, will_reconnect } = event;
        return this.#write('warn', { code, was_clean, will_reconnect }, 'disconnected');
      }
      case 'reconnecting': {
        const { attempt, delay, cause } = event;
        return this.#write('warn', { attempt, delay, cause }, 'reconnecting');
      }
      case 'buffer_overflow':
      case 'gap':
        return this.#write('warn', { ...event }, event.type);
      case 'error': {
        const { error: err, code, fatal, message } = event;
        return this.#write(fatal ? 'error' : 'warn', { err, code, fatal }, message);
      }
      default:
    }
  }

  /** A handler failed, and no event can tell of it. */
  failure(error: JetSocketError, event: string): void {
    this.#write('error', { err: error, event }, error.message);
  }

  #write(level: Level, details: object, message: string): void {
    try {
      const result: unknown = this.#logger?.[level]?.(details, message);
      if (result instanceof Promise) result.catch(() => undefined);
    } catch {
      // There is nobody left to tell.
    }
  }
}
