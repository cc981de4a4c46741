import type { FrameData } from '../ports.js';
import { utf8Bytes } from '../utf8.js';

/**
 * The size of the frame that came, until somebody keeps what came of it: a bound in bytes needs it, and a message has none
 * itself. Measured only while somebody may have to keep messages.
 */
export class FrameSizes {
  /** Frames and messages are not one to one: a hole holds messages back. Then it is the size of all that came. */
  readonly #holdsBack: boolean;
  #bytes = 0;
  /** Not measured yet: most messages need not wait for a schema, and text is slow to measure. */
  #frame: FrameData | undefined;

  constructor(holdsBack: boolean) {
    this.#holdsBack = holdsBack;
  }

  /** A frame came. What comes of it has its size. */
  came(data: FrameData): void {
    if (this.#holdsBack) this.#bytes += sizeOf(data);
    else this.#frame = data;
  }

  /** What came of it is kept, or has to wait: its size goes with it. */
  take(): number {
    const bytes = this.#frame === undefined ? this.#bytes : sizeOf(this.#frame);
    this.forget();
    return bytes;
  }

  /** What had to wait has its turn. */
  give(bytes: number): void {
    this.#frame = undefined;
    this.#bytes = this.#holdsBack ? this.#bytes + bytes : bytes;
  }

  /** Nobody keeps what came of it. */
  forget(): void {
    this.#frame = undefined;
    this.#bytes = 0;
  }
}

const sizeOf = (data: FrameData): number =>
  typeof data === 'string' ? utf8Bytes(data) : data.byteLength;
