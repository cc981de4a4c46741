import type { Unstamped } from '../events.js';
import type { Drops, Latency } from '../stats.js';

/** Of how many heartbeats the latency is made. */
const MAX_SAMPLES = 128;

/** Counts. Of messages it is told by adding to its fields, which costs next to nothing; the rest comes as events. */
export class Meter {
  /** Messages delivered. */
  received = 0;
  /** Payload that came: bytes, and of text its UTF-16 units. */
  receivedLength = 0;
  unserializable = 0;
  invalid = 0;
  incoming = 0;
  unread = 0;
  connections = 0;
  reconnects = 0;
  errors = 0;
  #connectedAtMs: number | undefined;
  #lastMs = 0;
  readonly #samples: number[] = [];
  #pongs = 0;

  note(event: Unstamped, nowMs: number): void {
    switch (event.type) {
      case 'connected':
        this.connections++;
        this.#connectedAtMs = nowMs;
        return;
      case 'reconnected':
        this.reconnects++;
        return;
      case 'disconnected':
        this.#connectedAtMs = undefined;
        return;
      case 'error':
        this.errors++;
        return;
      case 'pong':
        this.#lastMs = event.latency_ms;
        this.#samples[this.#pongs++ % MAX_SAMPLES] = event.latency_ms;
        return;
      default:
    }
  }

  uptimeMs(nowMs: number): number {
    return this.#connectedAtMs === undefined ? 0 : nowMs - this.#connectedAtMs;
  }

  get latency(): Latency | null {
    if (this.#samples.length === 0) return null;
    const sorted = [...this.#samples].sort((a, b) => a - b);
    const p50Ms = percentile(sorted, 0.5);
    return Object.freeze({ lastMs: this.#lastMs, p50Ms, p99Ms: percentile(sorted, 0.99) });
  }

  get drops(): Pick<Drops, 'unserializable' | 'invalid' | 'incoming' | 'unread'> {
    const { unserializable, invalid, incoming, unread } = this;
    return { unserializable, invalid, incoming, unread };
  }
}

/** The smallest of the samples that so large a part of them does not exceed. */
const percentile = (sorted: readonly number[], part: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? 0;
