const NONE = -1;

/**
 * What happens next, for many clients of which each waits for one thing at most: a calendar with one page for
 * every millisecond. To add and to take costs the same however many wait, and a client costs five bytes.
 */
export class Wheel {
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  readonly #next: Int32Array;
  readonly #kind: Uint8Array;
  #page = 0;

  /** @param endMs What is due then or later never happens. */
  constructor(clients: number, endMs: number) {
    this.#first = new Int32Array(endMs).fill(NONE);
    this.#last = new Int32Array(endMs).fill(NONE);
    this.#next = new Int32Array(clients);
    this.#kind = new Uint8Array(clients);
  }

  /** What has been taken last was due then. */
  get nowMs(): number {
    return this.#page;
  }

  /** Fractions wait for the next whole millisecond, and nothing is due before now. */
  add(client: number, kind: number, atMs: number): void {
    const page = Math.max(Math.ceil(atMs), this.#page);
    if (page >= this.#first.length) return;
    this.#next[client] = NONE;
    this.#kind[client] = kind;
    const last = this.#last[page] ?? NONE;
    if (last === NONE) this.#first[page] = client;
    else this.#next[last] = client;
    this.#last[page] = client;
  }

  /** The client whose turn it is, the first come first; undefined when nothing is left. */
  take(): number | undefined {
    for (; this.#page < this.#first.length; this.#page++) {
      const client = this.#first[this.#page] ?? NONE;
      if (client === NONE) continue;
      const next = this.#next[client] ?? NONE;
      this.#first[this.#page] = next;
      if (next === NONE) this.#last[this.#page] = NONE;
      return client;
    }
    return undefined;
  }

  /** What the client that was taken waited for. */
  kindOf(client: number): number {
    return this.#kind[client] ?? 0;
  }
}
