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

  constructor(holdsBack: boolean) {
    this.#holdsBack = holdsBack;
  }

  /** A frame came. What comes of it has its size. */
  came(data: FrameData): void {
    this.give(typeof data === 'string' ? utf8Bytes(data) : data.byteLength);
  }

  /** What came of it is kept, or has to wait: its size goes with it. */
  take(): number {
    const bytes = this.#bytes;
    this.#bytes = 0;
    return bytes;
  }

  /** What had to wait has its turn. */
  give(bytes: number): void {
    this.#bytes = this.#holdsBack ? this.#bytes + bytes : bytes;
  }
}
