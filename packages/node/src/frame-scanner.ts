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
const UNKNOWN = -1;

/** A message of up to so many bytes is put together here, where it comes in pieces. */
const MAX_GATHERED = 1_048_576;

/** The parser of `ws`, which is a stream that is written to. */
export interface Receiver {
  write(bytes: Uint8Array): boolean;
  readonly errored: Error | null;
}

/** A message's payload is what stands from `from` to `to`. Of a text, the bytes mean nothing after the call. */
export type OnFrame = (bytes: Buffer, from: number, to: number, isBinary: boolean) => void;

/**
 * Reads what comes ahead of the parser of `ws`. Messages in one plain frame, as nearly all are, are taken out on the
 * spot, or put together where they come in pieces; all else is handed on as it came, and in its turn: what is
 * fragmented, controls, what is very large, and what is wrong. After a close everything is, and after an error of
 * `ws` nothing is told any more.
 */
export class FrameScanner {
  readonly #receiver: Receiver;
  readonly #handOn: (bytes: Uint8Array) => boolean;
  readonly #maxBytes: number;
  readonly #maxGathered: number;
  readonly #onFrame: OnFrame;
  /** The message that comes in pieces, how long it is, and how much of it has come. */
  #gathered: Buffer | undefined;
  #size = 0;
  #filled = 0;
  #isBinary = false;
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
    this.#maxGathered = Math.min(maxBytes, MAX_GATHERED);
    this.#onFrame = onFrame;
  }

  /** @returns False when `ws` wants no more for now, as its stream does. */
  scan(bytes: Buffer): boolean {
    let wantsMore = true;
    if (this.#receiver.errored !== null) return wantsMore;
    let at = this.#gathered === undefined ? 0 : this.#gather(this.#gathered, bytes, 0);
    /** Up to here all was taken, or handed on. */
    let done = at;
    while (at < bytes.length && !this.#isClosed) {
      if (this.#left > 0) {
        const count = Math.min(this.#left, bytes.length - at);
        this.#left -= count;
        at += count;
        continue;
      }
      const length = this.#isBetween ? lengthOf(bytes, at) : UNKNOWN;
      const from = at + headBytesOf(bytes[at + 1]);
      const isWhole = from + length <= bytes.length;
      if (length === UNKNOWN || length > (isWhole ? this.#maxBytes : this.#maxGathered)) {
        this.#follow(bytes[at++] ?? 0);
        continue;
      }
      if (done < at) {
        if (!this.#handOn(bytes.subarray(done, at))) wantsMore = false;
        // It ends the connection: nothing that came behind is a message.
        if (this.#receiver.errored !== null) return wantsMore;
      }
      const isBinary = bytes[at] === FINAL_BINARY;
      at = from + length;
      done = at;
      if (!isWhole) {
        this.#gather(this.#beginToGather(length, isBinary), bytes, from);
        return wantsMore;
      }
      this.#onFrame(bytes, from, at, isBinary);
    }
    if (done === bytes.length) return wantsMore;
    return this.#handOn(done === 0 ? bytes : bytes.subarray(done)) && wantsMore;
  }

  #beginToGather(length: number, isBinary: boolean): Buffer {
    // Of a text nobody keeps the bytes, but what is binary is handed out as it is.
    this.#gathered = isBinary ? Buffer.allocUnsafeSlow(length) : borrow(length);
    this.#size = length;
    this.#filled = 0;
    this.#isBinary = isBinary;
    return this.#gathered;
  }

  /** @returns Up to where these bytes are of the message. */
  #gather(gathered: Buffer, bytes: Buffer, from: number): number {
    const to = Math.min(bytes.length, from + this.#size - this.#filled);
    this.#filled += bytes.copy(gathered, this.#filled, from, to);
    if (this.#filled === this.#size) {
      this.#gathered = undefined;
      this.#onFrame(gathered, 0, this.#size, this.#isBinary);
      if (!this.#isBinary) spare = gathered;
    }
    return to;
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

/** How long the message is that begins here; unknown where its head is not whole, or it is not plain. */
function lengthOf(bytes: Buffer, at: number): number {
  const first = bytes[at];
  if (first !== FINAL_TEXT && first !== FINAL_BINARY) return UNKNOWN;
  const second = bytes[at + 1] ?? UNKNOWN;
  if (second <= MAX_SHORT_LENGTH) return second;
  const from = at + headBytesOf(second);
  if (from > bytes.length) return UNKNOWN;
  if (second === TWO_BYTES_FOLLOW) return bytes.readUInt16BE(at + 2);
  if (second !== EIGHT_BYTES_FOLLOW) return UNKNOWN;
  return bytes.readUInt32BE(at + 2) === 0 ? bytes.readUInt32BE(at + 6) : UNKNOWN;
}

function headBytesOf(second: number | undefined): number {
  if (second === TWO_BYTES_FOLLOW) return 4;
  return second === EIGHT_BYTES_FOLLOW ? 10 : 2;
}

/** Memory for a text in pieces: reading one makes a copy, so that the next one may have the same. */
let spare: Buffer | undefined;

/** Two connections in the midst of a text each have their own. */
function borrow(length: number): Buffer {
  const lent = spare;
  spare = undefined;
  return lent !== undefined && lent.length >= length ? lent : Buffer.allocUnsafeSlow(length);
}
