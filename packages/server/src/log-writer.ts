import { asError, type Clock, JetSocketError, type Outbox, Timers } from '@jetsocket/core/protocol';
import type { MaybePromise, SessionLog, Written } from './log.js';

/** What a writer tells its session. */
export interface LogWriterOutlet {
  /** The log has the messages up to `limit`, and knows that all up to `rx` was handled. */
  onWritten(limit: number, rx: number): void;
  /** Another process goes on with the session. */
  onMoved(): void;
  onError(error: JetSocketError): void;
}

const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5_000;

/**
 * Carries a session's changes into the log: one write at a time, and what comes meanwhile goes with the next. Only
 * what is written may be sent or acknowledged: no promise outlives its proof.
 */
export class LogWriter {
  /** Of the newest hello: the log refuses writers with another one. */
  n: number;
  readonly #sid: string;
  readonly #principal: string;
  readonly #log: SessionLog;
  readonly #outbox: Outbox;
  readonly #outlet: LogWriterOutlet;
  readonly #timers: Timers<'retry'>;
  #isWriting = false;
  #isStopped = false;
  /** The next write has to be whole. */
  #isWhole = false;
  /** What is written. */
  #limit = 0;
  #rx = 0;
  #base = 0;
  /** What was handled. */
  #handled = 0;
  #failures = 0;
  /** Who waits until so much is written. */
  #waiting: { readonly limit: number; readonly rx: number; readonly resolve: () => void }[] = [];
  /** Who is told when one more write is answered, and who when the one that is on its way is. */
  #asked: (() => void)[] = [];
  #answering: (() => void)[] = [];

  constructor(
    sid: string,
    principal: string,
    n: number,
    log: SessionLog,
    outbox: Outbox,
    clock: Clock,
    outlet: LogWriterOutlet,
  ) {
    this.#sid = sid;
    this.#principal = principal;
    this.n = n;
    this.#log = log;
    this.#outbox = outbox;
    this.#outlet = outlet;
    this.#timers = new Timers(clock, () => {
      this.write();
    });
  }

  /** The log has our messages up to this number. */
  get written(): number {
    return this.#limit;
  }

  /** The log knows that all up to this number of the client's was handled. */
  get recorded(): number {
    return this.#rx;
  }

  /** The session comes from the log, where so much is written. */
  restore(limit: number, rx: number): void {
    this.#limit = limit;
    this.#rx = rx;
    this.#handled = rx;
  }

  /** All up to this number of the client's is done with. */
  get handled(): number {
    return this.#handled;
  }

  set handled(seq: number) {
    this.#handled = seq;
    this.write();
  }

  rewrite(): void {
    this.#isWhole = true;
    this.write();
  }

  /** Writes what is new, if anything is, and if nothing is being written. */
  write(): void {
    while (!this.#isWriting && !this.#isStopped && !this.#timers.has('retry') && this.#isDue()) {
      const { n } = this;
      if (this.#asked.length > 0) this.#answering = this.#asked.splice(0);
      const isWhole = this.#isWhole;
      const kept = this.#outbox.firstSeq;
      const first = isWhole ? kept : Math.max(this.#limit + 1, kept);
      const messages = this.#outbox.numberedFrom(first);
      const rx = this.#handled;
      const base = kept - 1;
      const principal = this.#principal;
      const done = (written: Written): void => {
        this.#done(written, n, first + messages.length - 1, rx, base);
      };
      let result: MaybePromise<Written>;
      try {
        result = this.#log.write(this.#sid, n, { first, messages, rx, base, isWhole, principal });
      } catch (thrown) {
        return this.#failed(thrown);
      }
      if (typeof result === 'string') {
        done(result);
        continue;
      }
      this.#isWriting = true;
      result.then(
        (written) => {
          this.#isWriting = false;
          done(written);
          this.write();
        },
        (thrown: unknown) => {
          this.#isWriting = false;
          this.#failed(thrown);
        },
      );
    }
  }

  /**
   * Writes once more, if only to hear whether the session still is this process's to write. Calls back when the log has
   * answered, or failed to; never where it has moved, as `onMoved` is told then.
   */
  confirm(answered: () => void): void {
    // It fails already, and the next try is later than this can wait.
    if (this.#timers.has('retry')) return answered();
    this.#asked.push(answered);
    this.write();
  }

  /** Nothing is written any more. */
  stop(): void {
    this.#isStopped = true;
    this.#timers.clearAll();
    this.#asked = [];
    this.#answering = [];
    this.#tellWritten();
  }

  /** The session is over, and the log keeps its count. */
  end(why: 'expired' | 'ended', rx: number): void {
    const failed = (thrown: unknown): void => {
      this.#outlet.onError(logFailed(thrown));
    };
    try {
      const result = this.#log.end(this.#sid, this.n, why, rx);
      if (typeof result === 'object') result.then(undefined, failed);
    } catch (thrown) {
      failed(thrown);
    }
  }

  /** Everything is written, or nothing is any more. */
  get isIdle(): boolean {
    return this.#isStopped || (!this.#isWriting && !this.#isDue());
  }

  /** Resolves when all that is there now is written. What comes meanwhile, which may go on for ever, is not waited for. */
  whenWritten(): Promise<void> {
    if (this.isIdle) return Promise.resolve();
    const { highest: limit } = this.#outbox;
    const rx = this.#handled;
    return new Promise((resolve) => this.#waiting.push({ limit, rx, resolve }));
  }

  #isDue(): boolean {
    if (this.#asked.length > 0) return true;
    if (this.#isWhole || this.#handled > this.#rx || this.#outbox.highest > this.#limit)
      return true;
    // What may be forgotten is said along with something else, or when it is much.
    return this.#outbox.firstSeq - 1 - this.#base >= 64;
  }

  #done(written: Written, n: number, limit: number, rx: number, base: number): void {
    if (this.#isStopped) return;
    this.#failures = 0;
    switch (written) {
      case 'ok':
        this.#isWhole = false;
        this.#limit = Math.max(this.#limit, limit);
        this.#rx = rx;
        this.#base = base;
        this.#outlet.onWritten(this.#limit, rx);
        this.#tellWritten();
        return this.#tellAnswered();
      case 'behind':
        this.#isWhole = true;
        // Nobody else has it either.
        return this.#tellAnswered();
      case 'fenced':
        if (this.n === n) return this.#outlet.onMoved();
        // A newer hello of this very process came in between: its number is valid.
        this.#asked.unshift(...this.#answering.splice(0));
    }
  }

  #failed(thrown: unknown): void {
    if (this.#isStopped) return;
    // One outage is one error, however often it is tried again.
    if (this.#failures === 0) this.#outlet.onError(logFailed(thrown));
    const delayMs = Math.min(FIRST_RETRY_MS * 2 ** this.#failures, MAX_RETRY_MS);
    this.#failures++;
    this.#timers.set('retry', delayMs);
    this.#tellAnswered();
  }

  #tellAnswered(): void {
    if (this.#answering.length === 0) return;
    for (const answered of this.#answering.splice(0)) answered();
  }

  #tellWritten(): void {
    if (this.#waiting.length === 0) return;
    const isWritten = (limit: number, rx: number): boolean =>
      this.#isStopped || (!this.#isWhole && limit <= this.#limit && rx <= this.#rx);
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ limit, rx }) => !isWritten(limit, rx));
    for (const { limit, rx, resolve } of waiting) if (isWritten(limit, rx)) resolve();
  }
}

const logFailed = (thrown: unknown): JetSocketError =>
  new JetSocketError('LOG_FAILED', `The log of sessions failed: ${asError(thrown).message}`, {
    cause: thrown,
    hint: 'Acknowledgements wait until it answers again, and so do messages, within the bounds of buffer',
  });
