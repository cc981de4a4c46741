import type { FrameData } from '../ports.js';

/**
 * - `buffered`: it waits to be handed to a socket, for the first time or again.
 * - `sent`: it was handed to a socket. Without `buffer.ackOf` this is all that can be known.
 * - `acknowledged`: the server said that it has it.
 * - `dropped`: it will not be sent (any more): the buffer was full, the socket was closed, or its own terms say so:
 *   see `SendOptions`.
 */
export type DeliveryStatus = 'buffered' | 'sent' | 'acknowledged' | 'dropped';

/** What became of one sent message. */
export interface Delivery {
  /**
   * Counts the messages of this socket: 1, 2, 3, … also across reconnects. What `buffer.ackOf` returns. A message
   * that replaces another one by its `key` has its id as well as its place; a volatile one that was dropped has 0.
   */
  readonly id: number;
  /** Where it is now. */
  readonly status: DeliveryStatus;
  /**
   * The final status: `acknowledged` or `dropped`, or without `buffer.ackOf` also `sent`. Never
   * rejects. While nothing is known, as during an outage, it waits. Made only when read.
   */
  readonly settled: Promise<DeliveryStatus>;
}

/** What is special about a message that waits. Few have such, so it is kept apart. */
export interface Terms {
  /** A newer one with the same key takes its place. */
  readonly key?: string | number | undefined;
  /** Not to be handed over at or after this time, on the monotonic clock. */
  readonly expiresAtMs?: number | undefined;
  /** It is still being encoded, since then. */
  pendingSinceMs?: number | undefined;
}

/** That it has its last status. Its size does not matter any more. */
const FINAL = -1;

/** A delivery, and what it delivers: the one object that a sent message costs, so its fields are few. */
export class Entry implements Delivery {
  readonly id: number;
  status: DeliveryStatus = 'buffered';
  /** The payload, until its last status is known. */
  data: FrameData;
  /** Size of the payload; counted only once it matters, and negative once nothing can become of it any more. */
  bytes = 0;
  /** Until it is handed over for the first time. */
  terms: Terms | undefined;
  #outcome: Outcome | undefined;

  /** A message with this number, as a frame. It waits. */
  constructor(id: number, data: FrameData) {
    this.id = id;
    this.data = data;
  }

  /** Nothing can become of it any more. */
  get isFinal(): boolean {
    return this.bytes === FINAL;
  }

  get settled(): Promise<DeliveryStatus> {
    if (this.#outcome === undefined) {
      this.#outcome = new Outcome();
      if (this.isFinal) this.#outcome.resolve(this.status);
    }
    return this.#outcome.promise;
  }

  /** What is printed, and kept in logs: messages are not. */
  toJSON(): Pick<Delivery, 'id' | 'status'> {
    return { id: this.id, status: this.status };
  }

  /** Sets the last status. The payload is let go of: a caller may keep a delivery for long. */
  settle(status: DeliveryStatus): void {
    this.status = status;
    this.data = '';
    this.bytes = FINAL;
    this.#outcome?.resolve(status);
  }
}

// What Node, Deno and Bun ask before they print an object.
Object.defineProperty(Entry.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: Entry) {
    return this.toJSON();
  },
});

/** The last status, to be waited for. */
class Outcome {
  readonly promise: Promise<DeliveryStatus>;
  resolve!: (status: DeliveryStatus) => void;

  constructor() {
    this.promise = new Promise((resolve) => {
      this.resolve = resolve;
    });
  }
}
