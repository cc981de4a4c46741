import { randomBytes } from 'node:crypto';
import { Network } from './network.js';
import { HttpError } from './http.js';

/** How many may be open at once. */
export const MAX_NETWORKS = 64;

/** How long one is kept that nobody is connected to or asks about. */
export const IDLE_MS = 60_000;

/** When there is no room, one that was left this long ago makes some. */
const MAKES_ROOM_MS = 5_000;

/** All the pages' networks, each until its page is gone. */
export class Networks {
  readonly #port: number;
  readonly #byId = new Map<string, { readonly network: Network; seenMs: number }>();
  readonly #sweeper = setInterval(() => void this.sweep(), IDLE_MS / 10).unref();
  #opening = 0;

  /** @param port Where the handshakes for all of them come in. */
  constructor(port: number) {
    this.#port = port;
  }

  /** @throws {HttpError} 503 when there are too many. */
  async open(): Promise<Network> {
    if (this.#byId.size + this.#opening >= MAX_NETWORKS) await this.sweep(MAKES_ROOM_MS);
    if (this.#byId.size + this.#opening >= MAX_NETWORKS) {
      throw new HttpError(
        503,
        `Cannot open another network: ${MAX_NETWORKS} are open. Close some tabs`,
      );
    }
    this.#opening++;
    try {
      const network = await Network.open(randomBytes(16).toString('hex'), this.#port);
      this.#byId.set(network.id, { network, seenMs: performance.now() });
      return network;
    } finally {
      this.#opening--;
    }
  }

  /** @throws {HttpError} 404 */
  get(id: string): Network {
    const entry = this.#byId.get(id);
    if (entry === undefined)
      throw new HttpError(404, 'Cannot find this network: it is gone. Reload the page');
    entry.seenMs = performance.now();
    return entry.network;
  }

  async remove(id: string): Promise<void> {
    const entry = this.#byId.get(id);
    this.#byId.delete(id);
    await entry?.network.close();
  }

  /** Removes those that have been idle this long. */
  async sweep(idleMs: number = IDLE_MS): Promise<void> {
    const nowMs = performance.now();
    for (const [id, entry] of this.#byId) {
      if (entry.network.backend.connections > 0) entry.seenMs = nowMs;
      else if (nowMs - entry.seenMs >= idleMs) await this.remove(id);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    await Promise.all([...this.#byId.keys()].map((id) => this.remove(id)));
  }
}
