/** How often it is looked whether a beat is due: fine enough for hundreds a second to look even. */
const GRAIN_MS = 25;

/** Calls a function so many times a second, evenly. Does nothing until a rate is set. */
export class Pulse {
  readonly #beat: () => void;
  #rate = 0;
  #owed = 0;
  #lookedAtMs = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(beat: () => void) {
    this.#beat = beat;
  }

  get rate(): number {
    return this.#rate;
  }

  /** Beats a second; 0 stops. */
  set rate(perSecond: number) {
    this.#rate = perSecond;
    if (perSecond === 0) this.stop();
    else if (this.#timer === undefined) this.#start();
  }

  /** Stops, as the rate 0 does. */
  stop(): void {
    this.#rate = 0;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #start(): void {
    this.#owed = 1;
    this.#lookedAtMs = performance.now();
    this.#timer = setInterval(() => this.#look(), GRAIN_MS);
  }

  #look(): void {
    const nowMs = performance.now();
    // In a hidden tab a timer comes once a second or less: what is owed is made up for, within a second.
    const mostOwed = Math.max(1, this.#rate);
    this.#owed = Math.min(mostOwed, this.#owed + ((nowMs - this.#lookedAtMs) / 1_000) * this.#rate);
    this.#lookedAtMs = nowMs;
    for (; this.#owed >= 1; this.#owed--) this.#beat();
  }
}
