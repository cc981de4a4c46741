import type { JetSocketError } from '../errors.js';
import type { Unstamped } from '../events.js';
import type { TransitionRecord } from '../flight-record.js';
import type { Logger } from '../ports.js';
import { maskedAddress } from '../secrets.js';
import { Unheard } from '../unheard.js';

type Level = 'debug' | 'info' | 'warn' | 'error';

/**
 * Writes what happens to the user's logger: see `Options.logger` for what at which level. Messages never are, and
 * of an address no query.
 */
export class Journal {
  readonly #logger: Logger | undefined;
  readonly #write: (error: JetSocketError) => void;
  #unheard: Unheard | undefined;

  /** @param write Told what there is no logger for, and should not be lost. */
  constructor(logger: Logger | undefined, write: (error: JetSocketError) => void) {
    this.#logger = logger;
    this.#write = write;
  }

  transition(step: TransitionRecord): void {
    if (this.#logger?.debug === undefined) return;
    this.#log('debug', step, `${step.input}: ${step.from} -> ${step.to}`);
  }

  event(event: Unstamped): void {
    if (this.#logger === undefined) return;
    switch (event.type) {
      case 'connected':
        return this.#log('info', { uri: maskedAddress(event.uri) }, 'connected');
      case 'closed': {
        const { code, cause } = event;
        return this.#log('info', { code, cause }, 'closed');
      }
      case 'disconnected': {
        const { code, was_clean, will_reconnect } = event;
        return this.#log('warn', { code, was_clean, will_reconnect }, 'disconnected');
      }
      case 'reconnecting': {
        const { attempt, delay, cause } = event;
        return this.#log('warn', { attempt, delay, cause }, 'reconnecting');
      }
      case 'buffer_overflow':
      case 'gap':
        return this.#log('warn', { ...event }, event.type);
      case 'error': {
        const { error: err, code, fatal, message } = event;
        return this.#log(fatal ? 'error' : 'warn', { err, code, fatal }, message);
      }
      default:
    }
  }

  /** A handler failed, and no event can tell of it. */
  failure(error: JetSocketError, event: string): void {
    if (this.#logger === undefined) this.unheard(error);
    else this.#log('error', { err: error, event }, error.message);
  }

  /** Nobody listens for errors. Of one in the user's own code they hear all the same. */
  unheard(error: JetSocketError): void {
    // Else the event has been written at that level.
    if (this.#logger?.warn !== undefined) return;
    if (error.code !== 'HANDLER_FAILED' && error.code !== 'HOOK_FAILED') return;
    if (this.#logger !== undefined) return this.#log('error', { err: error }, error.message);
    this.#unheard ??= new Unheard(this.#write);
    this.#unheard.tell(error);
  }

  #log(level: Level, details: object, message: string): void {
    try {
      const result: unknown = this.#logger?.[level]?.(details, message);
      if (result instanceof Promise) result.catch(() => undefined);
    } catch {
      // There is nobody left to tell.
    }
  }
}
