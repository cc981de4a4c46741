/** How the server behaves that everybody wants back. */
export interface ServerOptions {
  /** When it is back. Until then nobody listens, and attempts are refused at once. */
  readonly returnMs: number;
  /** How many connections it accepts in a second. */
  readonly acceptsPerSecond: number;
  /** How many may wait to be accepted. Those who come on top are refused at once. */
  readonly backlog: number;
}

/** The queue in front of one server: first come, first served, at a fixed pace. */
export class Server {
  readonly #options: ServerOptions;
  readonly #slotMs: number;
  #freeAtMs: number;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#slotMs = 1_000 / options.acceptsPerSecond;
    this.#freeAtMs = options.returnMs;
  }

  /** When the attempt that arrives now is accepted; undefined if it is refused. */
  accept(nowMs: number): number | undefined {
    const { returnMs, backlog } = this.#options;
    if (nowMs < returnMs) return undefined;
    const startMs = Math.max(this.#freeAtMs, nowMs);
    if (startMs - nowMs > backlog * this.#slotMs) return undefined;
    this.#freeAtMs = startMs + this.#slotMs;
    return this.#freeAtMs;
  }
}
