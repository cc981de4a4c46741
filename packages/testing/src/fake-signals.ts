import type { Signal, Signals } from '@jetsocket/core';

/**
 * An environment that says what it is told to say.
 *
 * ```ts
 * const signals = new FakeSignals();
 * const socket = new JetSocket(url, { clock, transport, signals });
 * signals.raise('online');
 * ```
 */
export class FakeSignals implements Signals {
  readonly #reports = new Set<(signal: Signal) => void>();
  #isStored = false;
  #isOffline = false;

  listen(report: (signal: Signal) => void): () => void {
    this.#reports.add(report);
    // As the browser does of what is not as usual.
    if (this.#isOffline) report('offline');
    if (this.#isStored) report('stored');
    return () => this.#reports.delete(report);
  }

  /** Tells whoever listens. Nobody may. */
  raise(signal: Signal): void {
    if (signal === 'offline' || signal === 'online') this.#isOffline = signal === 'offline';
    this.#isStored = signal === 'stored' || (this.#isStored && !BACK.includes(signal));
    for (const report of [...this.#reports]) report(signal);
  }

  /** Whether the page was left and is not back. */
  get isStored(): boolean {
    return this.#isStored;
  }

  /** How many listen. 0 when nothing is left behind. */
  get listeners(): number {
    return this.#reports.size;
  }
}

const BACK: readonly Signal[] = ['restored', 'resumed', 'visible'];
