/** A final text or binary frame, nothing else about it (RFC 6455 §5.2). */
const FINAL_TEXT = 0x81;
const FINAL_BINARY = 0x82;

const FINAL = 0x80;
const OPCODE = 0x0f;
const BINARY = 0x2;
const CLOSE = 0x8;

/** Up to this the length stands in the second byte. */
const MAX_SHORT_LENGTH = 125;
const TWO_BYTES_FOLLOW = 126;
const EIGHT_BYTES_FOLLOW = 127;
const LENGTH = 0x7f;

/** The parser of `ws`, which is a stream that is written to. */
export interface Receiver {
  write(bytes: Uint8Array): boolean;
  readonly errored: Error | null;
}

/** A message's payload is what stands from `from` to `to` in what came. The bytes are nobody else's. */
export type OnFrame = (bytes: Buffer, from: number, to: number, isBinary: boolean) => void;

/**
 * Reads what comes ahead of the parser of `ws`. Whole messages in one plain frame, as nearly all are, are taken out on
 * the spot; all else is handed on as it came, and in its turn: what is fragmented, controls, what is cut in two, what is
 * large, and what is wrong. After a close everything is, and after an error of `ws` nothing is told any more.
 */
export class FrameScanner {
  readonly #receiver: Receiver;
  readonly #handOn: (bytes: Uint8Array) => boolean;
  readonly #maxBytes: number;
  readonly #onFrame: OnFrame;
  /** Of a frame that `ws` parses: how many bytes of its payload are still to come. */
  #left = 0;
  /** And of its head: how many bytes have come, and of its length how many are still to come. */
  #headBytes = 0;
  #lengthBytes = 0;
  #first = 0;
  #length = 0;
  #isFragmented = false;
  #isClosed = false;

  constructor(receiver: Receiver, maxBytes: number, onFrame: OnFrame) {
    this.#receiver = receiver;
    this.#handOn = receiver.write.bind(receiver);
    this.#maxBytes = maxBytes;
    this.#onFrame = onFrame;
  }

  /** @returns False when `ws` wants no more for now, as its stream does. */
  scan(bytes: Buffer): boolean {
    let wantsMore = true;
    /** Up to here all was taken, or handed on. */
    let done = 0;
    let at = 0;
    if (this.#receiver.errored !== null) return wantsMore;
    while (at < bytes.length && !this.#isClosed) {
      if (this.#left > 0) {
        const count = Math.min(this.#left, bytes.length - at);
        this.#left -= count;
        at += count;
        continue;
      }
      const end = this.#isBetween ? endOf(bytes, at) : 0;
      const from = bytes[at + 1] === TWO_BYTES_FOLLOW ? at + 4 : at + 2;
      if (end === 0 || end - from > this.#maxBytes) {
        this.#follow(bytes[at++] ?? 0);
        continue;
      }
      if (done < at) {
        if (!this.#handOn(bytes.subarray(done, at))) wantsMore = false;
        // It ends the connection: nothing that came behind is a message.
        if (this.#receiver.errored !== null) return wantsMore;
      }
      const isBinary = bytes[at] === FINAL_BINARY;
      at = end;
      done = end;
      this.#onFrame(bytes, from, end, isBinary);
    }
    if (done === bytes.length) return wantsMore;
    return this.#handOn(done === 0 ? bytes : bytes.subarray(done)) && wantsMore;
  }

  /** Nothing has come of the next frame, and no message is half there. */
  get #isBetween(): boolean {
    return this.#headBytes === 0 && !this.#isFragmented;
  }

  /** The next byte of the head of a frame that `ws` parses. */
  #follow(byte: number): void {
    this.#headBytes++;
    if (this.#headBytes === 1) {
      this.#first = byte;
      return;
    }
    if (this.#headBytes > 2) {
      this.#length = this.#length * 256 + byte;
      this.#lengthBytes--;
    } else if (byte === TWO_BYTES_FOLLOW) this.#lengthBytes = 2;
    else if (byte === EIGHT_BYTES_FOLLOW) this.#lengthBytes = 8;
    else this.#length = byte & LENGTH;
    if (this.#lengthBytes === 0) this.#begin();
  }

  /** Its head is complete. Whether it is right, `ws` says. */
  #begin(): void {
    const opcode = this.#first & OPCODE;
    if (opcode <= BINARY) this.#isFragmented = this.#first < FINAL;
    else if (opcode === CLOSE) this.#isClosed = true;
    this.#left = this.#length;
    this.#length = 0;
    this.#headBytes = 0;
  }
}

/** Where the frame ends that begins here; 0 where it is not whole, not plain, or longer than two bytes can say. */
function endOf(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  if (first !== FINAL_TEXT && first !== FINAL_BINARY) return 0;
  const second = bytes[at + 1] ?? EIGHT_BYTES_FOLLOW;
  let end = at + 2 + second;
  if (second === TWO_BYTES_FOLLOW) {
    end = at + 4 + ((bytes[at + 2] ?? 0) << 8) + (bytes[at + 3] ?? 0);
  } else if (second > MAX_SHORT_LENGTH) return 0;
  return end <= bytes.length ? end : 0;
}
