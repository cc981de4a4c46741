import type { Effect } from '../machine/effect.js';
import type { Input } from '../machine/input.js';
import type { Life } from './life.js';

/** An input that waits for its turn. */
export interface Letter {
  readonly input: Input;
  /** It means this life, and nothing in another one. */
  readonly only?: Life;
  /** Told the life that there is when it was carried out. */
  readonly done?: ((life: Life) => void) | undefined;
}

/** Who decides, and who acts. */
export interface MailboxHost {
  readonly life: Life;
  /** What an input comes to. */
  step(input: Input): readonly Effect[];
  perform(effect: Effect): void;
}

/**
 * Has every input run to completion: what comes in while effects are carried out, or handlers are called, waits here.
 */
export class Mailbox {
  readonly #host: MailboxHost;
  readonly #letters: Letter[] = [];
  /** What is left to do of the step that is being carried out. */
  readonly #effects: Effect[] = [];
  /** Told when it is carried out. */
  #done: Letter['done'];
  #isBusy = false;

  constructor(host: MailboxHost) {
    this.#host = host;
  }

  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Takes an input: now or, while another one is carried out, after it. */
  take(letter: Letter): void {
    this.#letters.push(letter);
    if (!this.#isBusy) this.drain();
  }

  /** Takes an input at once, of a mailbox that is not busy; what it comes to is carried out by `drain()`. */
  takeAhead(input: Input): void {
    this.#effects.push(...this.#host.step(input));
    this.#isBusy = true;
  }

  /** Carries out all that there is. */
  drain(): void {
    this.#isBusy = true;
    try {
      for (;;) {
        const effect = this.#effects.shift();
        if (effect !== undefined) {
          this.#host.perform(effect);
          continue;
        }
        this.#done?.(this.#host.life);
        this.#done = undefined;
        const letter = this.#letters.shift();
        if (letter === undefined) break;
        if (letter.only !== undefined && letter.only !== this.#host.life) continue;
        this.#done = letter.done;
        this.#effects.push(...this.#host.step(letter.input));
      }
    } finally {
      this.#isBusy = false;
      // Something broke that must not, as when the stack is full: the rest is carried out on a fresh one.
      if (this.#effects.length > 0 || this.#letters.length > 0) this.#resume();
    }
  }

  /**
   * What comes in from now on waits. For what happens with every message, which must not cost a closure: else `during`.
   *
   * @returns What `leave` is to be told.
   */
  enter(): boolean {
    const wasBusy = this.#isBusy;
    this.#isBusy = true;
    return wasBusy;
  }

  leave(wasBusy: boolean): void {
    this.#isBusy = wasBusy;
  }

  /** Carries out what came in meanwhile, unless somebody else is about to. */
  settle(): void {
    if (!this.#isBusy && this.#letters.length > 0) this.drain();
  }

  /** What comes in meanwhile waits, and goes on waiting until `settle()`, or the next input. */
  during<Result>(run: () => Result): Result {
    const wasBusy = this.enter();
    try {
      return run();
    } finally {
      this.leave(wasBusy);
    }
  }

  #resume(): void {
    void Promise.resolve().then(() => {
      if (!this.#isBusy) this.drain();
    });
  }
}
