import type { FrameData } from '@jetsocket/core';

/** Room for what one turn sends, most often. Bytes. */
const CHUNK_BYTES = 32_768;
/** So much is kept for the next turn: of all sockets together, as few of them are in the middle of one. */
const MAX_SPARE = 4;
/** A frame's head is no longer, up to 64 KiB: two bytes, two of length, four of the mask (RFC 6455 §5.2). */
const MAX_HEAD_BYTES = 8;
/** Up to this the length stands in the second byte. */
const MAX_SHORT_LENGTH = 125;
const MAX_ASCII = 0x7f;

const FINAL_TEXT = 0x81;
const FINAL_BINARY = 0x82;
const MASKED = 0x80;
const LENGTH_FOLLOWS = 126;

/** Masks are to be unpredictable (RFC 6455 §10.3), and to ask for four bytes at a time is slow. */
const masks = new Uint8Array(8_192);
let nextMask = masks.length;

const spare: Buffer[] = [];

/**
 * Small messages as the frames of a client, one behind the other, to be written as one piece. The memory is used
 * again once it has been written: to make a buffer for each frame, and throw it away, takes longer than all else.
 */
export class SmallFrames {
  #chunk: Buffer | undefined;
  #length = 0;

  /** What was added since it was last taken. */
  get bytes(): number {
    return this.#length;
  }

  /** @returns Whether there was room: else `take` what there is first. No message may be larger than 8 KiB of text. */
  add(data: FrameData): boolean {
    const most = (typeof data === 'string' ? data.length * 3 : data.length) + MAX_HEAD_BYTES;
    if (this.#length + most > CHUNK_BYTES) return false;
    this.#chunk ??= spare.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
    this.#length =
      typeof data === 'string'
        ? addText(this.#chunk, this.#length, data)
        : addBytes(this.#chunk, this.#length, data);
    return true;
  }

  /** All that was added, and what to call when it has been written, or never will be. */
  take(): { readonly piece: Uint8Array; readonly done: () => void } | undefined {
    const chunk = this.#chunk;
    if (chunk === undefined) return undefined;
    const piece = chunk.subarray(0, this.#length);
    this.#chunk = undefined;
    this.#length = 0;
    return {
      piece,
      done: () => {
        if (spare.length < MAX_SPARE) spare.push(chunk);
      },
    };
  }
}

/** @returns Where the frame ends. */
function addText(chunk: Buffer, at: number, text: string): number {
  // Most texts are of nothing but ASCII: then a unit is a byte, and encoding and masking are one loop.
  const body = addHead(chunk, at, FINAL_TEXT, text.length);
  const [mask, units] = [body - 4, text.length];
  const a = chunk[mask] ?? 0;
  const b = chunk[mask + 1] ?? 0;
  const c = chunk[mask + 2] ?? 0;
  const d = chunk[mask + 3] ?? 0;
  let all = 0;
  let index = 0;
  // Four at a time, so that the mask need not be looked up.
  for (; index + 3 < units; index += 4) {
    const to = body + index;
    const [p, q] = [text.charCodeAt(index), text.charCodeAt(index + 1)];
    const [r, s] = [text.charCodeAt(index + 2), text.charCodeAt(index + 3)];
    all |= p | q | r | s;
    chunk[to] = p ^ a;
    chunk[to + 1] = q ^ b;
    chunk[to + 2] = r ^ c;
    chunk[to + 3] = s ^ d;
  }
  for (; index < units; index++) {
    const unit = text.charCodeAt(index);
    all |= unit;
    chunk[body + index] = unit ^ (chunk[mask + (index & 3)] ?? 0);
  }
  return all <= MAX_ASCII ? body + units : addUtf8(chunk, at, text);
}

function addUtf8(chunk: Buffer, at: number, text: string): number {
  const length = Buffer.byteLength(text);
  const body = addHead(chunk, at, FINAL_TEXT, length);
  chunk.write(text, body);
  applyMask(chunk, body, length);
  return body + length;
}

function addBytes(chunk: Buffer, at: number, data: Uint8Array): number {
  const body = addHead(chunk, at, FINAL_BINARY, data.length);
  chunk.set(data, body);
  applyMask(chunk, body, data.length);
  return body + data.length;
}

/** @returns Where the payload begins. The mask is before it. */
function addHead(chunk: Buffer, at: number, first: number, length: number): number {
  let next = at;
  chunk[next++] = first;
  if (length <= MAX_SHORT_LENGTH) chunk[next++] = MASKED | length;
  else {
    chunk[next++] = MASKED | LENGTH_FOLLOWS;
    chunk[next++] = length >> 8;
    chunk[next++] = length & 0xff;
  }
  if (nextMask === masks.length) {
    crypto.getRandomValues(masks);
    nextMask = 0;
  }
  for (let index = 0; index < 4; index++) chunk[next++] = masks[nextMask++] ?? 0;
  return next;
}

/** RFC 6455 §5.3. */
function applyMask(chunk: Buffer, body: number, length: number): void {
  const mask = body - 4;
  for (let index = 0; index < length; index++) {
    chunk[body + index] = (chunk[body + index] ?? 0) ^ (chunk[mask + (index & 3)] ?? 0);
  }
}
