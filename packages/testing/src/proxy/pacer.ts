/** When bytes may leave. Pure: it is told the time, and gives times back. */

/** How slow a direction is. */
export type Shape = {
  readonly delayMs: number;
  readonly jitterMs: number;
  /** Infinity is no limit. */
  readonly bytesPerSecond: number;
};

/** Either so many bytes may leave now, or there is so long to wait. */
export type Turn = { readonly byteCount: number; readonly waitMs: number };

/** Bytes leave in slices that take this long, so that a slow line trickles and does not gulp. */
const SLICE_MS = 10;

export class Pacer {
  readonly #random: () => number;
  #shape: Shape | undefined;
  /** When the line is done with what has left. */
  #freeAtMs = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Undefined is as fast as it goes, also for what waits already. */
  reshape(shape: Shape | undefined, nowMs: number): void {
    this.#shape = shape;
    this.restart(nowMs);
  }

  /** The line was blocked until now. Without this, the time it was idle would be made up for. */
  restart(nowMs: number): void {
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs);
  }

  /** When that which arrives now is due to leave, were it alone: it has to queue as well. */
  dueMs(nowMs: number): number {
    if (this.#shape === undefined) return nowMs;
    const { delayMs, jitterMs } = this.#shape;
    const drawnMs = jitterMs === 0 ? 0 : jitterMs * fraction(this.#random());
    return nowMs + delayMs + drawnMs;
  }

  /** How much of `byteCount` bytes, due at `dueMs`, leaves now. What it grants counts as gone. */
  next(byteCount: number, dueMs: number, nowMs: number): Turn {
    if (this.#shape === undefined) return { byteCount, waitMs: 0 };
    const { bytesPerSecond } = this.#shape;
    const startMs = Math.max(dueMs, this.#freeAtMs);
    if (bytesPerSecond === Infinity) return turn(byteCount, dueMs - nowMs);
    const slice = Math.min(byteCount, Math.ceil((bytesPerSecond * SLICE_MS) / 1_000));
    // A slice leaves when its last byte is through, as on a real line.
    const throughMs = startMs + (slice * 1_000) / bytesPerSecond;
    if (throughMs <= nowMs) this.#freeAtMs = throughMs;
    return turn(slice, throughMs - nowMs);
  }
}

function turn(byteCount: number, waitMs: number): Turn {
  return waitMs > 0 ? { byteCount: 0, waitMs } : { byteCount, waitMs: 0 };
}

/** Whatever a caller's `random` gives, brought into [0, 1]. */
function fraction(random: number): number {
  return Math.min(1, Math.max(0, random)) || 0;
}
