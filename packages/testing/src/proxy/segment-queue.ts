/** Bytes that wait, in order, each piece with the time it is due. */

export type Segment = { readonly bytes: Uint8Array; readonly dueMs: number };

/** Taken segments are only cut off the array when they are this many: shifting each is quadratic. */
const COMPACT_AT = 1_024;

export class SegmentQueue {
  #segments: Segment[] = [];
  #first = 0;
  #bytes = 0;

  get byteCount(): number {
    return this.#bytes;
  }

  get segmentCount(): number {
    return this.#segments.length - this.#first;
  }

  get head(): Segment | undefined {
    return this.#segments[this.#first];
  }

  push(segment: Segment): void {
    this.#segments.push(segment);
    this.#bytes += segment.bytes.length;
  }

  /** Takes up to so many bytes off the head, and never more than the head has. */
  take(byteCount: number): Uint8Array {
    const { head } = this;
    if (head === undefined) return new Uint8Array(0);
    const taken = head.bytes.subarray(0, byteCount);
    this.#bytes -= taken.length;
    if (taken.length < head.bytes.length) {
      this.#segments[this.#first] = { bytes: head.bytes.subarray(byteCount), dueMs: head.dueMs };
    } else {
      this.#first++;
      this.#compact();
    }
    return taken;
  }

  clear(): void {
    this.#segments = [];
    this.#first = 0;
    this.#bytes = 0;
  }

  #compact(): void {
    // An empty queue must not hold on to what it gave away.
    if (this.#first < COMPACT_AT && this.segmentCount > 0) return;
    this.#segments = this.#segments.slice(this.#first);
    this.#first = 0;
  }
}
