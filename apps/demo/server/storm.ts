import type { FaultProxy } from '@jetsocket/testing/proxy';

/** Between two strikes, at least, and by how much more. */
const CALM_MS = 100;
const MORE_CALM_MS = 200;

/** How long nothing passes, after a strike that cuts nothing. */
const DARK_MS = 400;

/** Of what still passes before a connection ends in the middle of a frame: several frames, to any byte of them. */
const MAX_TRUNCATED_BYTES = 200;

/**
 * Breaks a network about every 200 ms: mostly by a reset, now and then by an end in the middle of a frame, a
 * black hole or a standstill.
 */
export class Storm {
  readonly #proxy: FaultProxy;
  readonly #random: () => number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = true;
  #clearing: Promise<unknown> = Promise.resolve();

  /** @param random Numbers from 0 to 1. */
  constructor(proxy: FaultProxy, random: () => number = Math.random) {
    this.#proxy = proxy;
    this.#random = random;
  }

  begin(): void {
    this.#isOver = false;
    this.#wait();
  }

  /** What is broken at this moment stays so, until the proxy is restored. */
  async end(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#timer);
    await this.#clearing;
  }

  #wait(): void {
    if (this.#isOver) return;
    this.#timer = setTimeout(() => this.#strike(), CALM_MS + this.#random() * MORE_CALM_MS);
  }

  #strike(): void {
    const roll = this.#random();
    if (roll >= 0.85) return this.#darken(roll < 0.93 ? 'hang' : 'stall');
    if (roll < 0.7) this.#proxy.cut();
    else {
      const bytes = Math.floor(this.#random() * MAX_TRUNCATED_BYTES);
      this.#proxy.truncateAfter(bytes, this.#random() < 0.5 ? 'up' : 'down');
    }
    this.#wait();
  }

  #darken(how: 'hang' | 'stall'): void {
    this.#proxy[how]();
    this.#timer = setTimeout(() => {
      this.#clearing = this.#proxy.restore().then(
        () => this.#wait(),
        (error: unknown) => console.error('Cannot end a strike of the storm', error),
      );
    }, DARK_MS);
  }
}
