import type { Signal } from '../events.js';
import type { Signals } from '../ports.js';

/** Listens to the environment for as long as a life lasts. What is told afterwards is not heard. */
export class Listening {
  readonly #signals: Signals | undefined;
  readonly #heard: (signal: Signal) => void;
  #stop: (() => void) | undefined;

  constructor(signals: Signals | undefined, heard: (signal: Signal) => void) {
    this.#signals = signals;
    this.#heard = heard;
  }

  begin(): void {
    if (this.#signals === undefined || this.#stop !== undefined) return;
    let isOver = false;
    const stop = this.#signals.listen((signal) => {
      if (!isOver) this.#heard(signal);
    });
    this.#stop = () => {
      isOver = true;
      stop();
    };
  }

  end(): void {
    this.#stop?.();
    this.#stop = undefined;
  }
}
