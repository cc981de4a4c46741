/**
 * The frames of `jetsocket.v1`: see docs/protocol.md.
 *
 * ```
 * text    data    = [seq] ["," ack] SP payload      1042 {"p":1}   1042,77 {"p":1}   " typing" (not numbered)
 *         ack     = "," ack                         ,77
 *         probe   = "?"
 *         control = "{" JSON object
 * binary  data    = varint(seq) varint(ack) payload  LEB128; 0 is "none"
 * ```
 */
import type { FrameData } from '../ports.js';

/** The subprotocol's name, as both ends agree on it in the handshake. */
export const SUBPROTOCOL = 'jetsocket.v1';

/** A payload has a number, or 0. `MAX_SEQ` is the last one that both ends can count. */
export const MAX_SEQ: number = Number.MAX_SAFE_INTEGER;

/** What a frame is, told by its first bytes. */
export type FrameKind = 'data' | 'ack' | 'probe' | 'control' | 'broken';

const COMMA = 44;
const SPACE = 32;
const BRACE = 123;
const QUESTION = 63;
const ZERO = 48;

/**
 * Reads one frame at a time into its own fields, so that a message costs no object here, and a duplicate
 * is known before its payload is looked at.
 */
export class FrameReader {
  /** Number of the payload; 0 where it has none. */
  seq = 0;
  /** What the other end has handled; 0 where the frame does not say. */
  ack = 0;
  #data: FrameData = '';
  #at = 0;

  /** What was read last, without its head. A view or a part of the frame, not a copy. */
  get payload(): FrameData {
    return typeof this.#data === 'string'
      ? this.#data.slice(this.#at)
      : this.#data.subarray(this.#at);
  }

  /** The size of the payload: bytes, or UTF-16 units of a text. */
  get payloadLength(): number {
    return this.#data.length - this.#at;
  }

  /** Reads a frame. What is `broken` may be anything at all: no frame throws. */
  read(data: FrameData): FrameKind {
    this.seq = 0;
    this.ack = 0;
    this.#at = 0;
    this.#data = data;
    return typeof data === 'string' ? this.#readText(data) : this.#readBytes(data);
  }

  /** Lets go of the frame: it may be large, and the reader lives long. */
  release(): void {
    this.#data = '';
  }

  #readText(text: string): FrameKind {
    const first = text.charCodeAt(0);
    if (first === BRACE) return 'control';
    if (first === QUESTION) return text.length === 1 ? 'probe' : 'broken';
    if (first !== SPACE && first !== COMMA) {
      this.seq = this.#decimal(text);
      if (this.seq === 0) return 'broken';
    }
    if (text.charCodeAt(this.#at) === COMMA) {
      this.#at++;
      const isZero = text.charCodeAt(this.#at) === ZERO;
      this.ack = isZero ? 0 : this.#decimal(text);
      if (isZero) this.#at++;
      else if (this.ack === 0) return 'broken';
      if (this.#at === text.length && this.seq === 0) return 'ack';
    }
    if (text.charCodeAt(this.#at) !== SPACE) return 'broken';
    this.#at++;
    return 'data';
  }

  /** A whole number from 1 to MAX_SEQ without leading zeros; 0 where there is none. */
  #decimal(text: string): number {
    let value = 0;
    const start = this.#at;
    let at = start;
    for (;;) {
      const digit = text.charCodeAt(at) - ZERO;
      // NaN at the end of the text compares false as well.
      if (!(digit >= 0 && digit <= 9)) break;
      if (digit === 0 && at === start) return 0;
      // Past this a sum is no longer exact, and the number is too large anyway.
      if (value > MAX_SEQ / 10) return 0;
      value = value * 10 + digit;
      at++;
    }
    this.#at = at;
    return value > MAX_SEQ ? 0 : value;
  }

  #readBytes(bytes: Uint8Array): FrameKind {
    const seq = this.#varint(bytes);
    const ack = seq < 0 ? -1 : this.#varint(bytes);
    if (ack < 0) return 'broken';
    this.seq = seq;
    this.ack = ack;
    return 'data';
  }

  /** An unsigned LEB128 number up to MAX_SEQ, in its shortest form; -1 where there is none. */
  #varint(bytes: Uint8Array): number {
    let value = 0;
    let factor = 1;
    for (let count = 0; count < 8; count++) {
      const byte = bytes[this.#at];
      if (byte === undefined) return -1;
      this.#at++;
      value += (byte & 127) * factor;
      if (byte < 128) return (byte === 0 && count > 0) || value > MAX_SEQ ? -1 : value;
      factor *= 128;
    }
    return -1;
  }
}

/** A payload with its number (0: none) and what was handled (0: not said). */
export function dataFrame(seq: number, ack: number, payload: FrameData): FrameData {
  if (typeof payload === 'string') {
    if (ack === 0) return seq === 0 ? ` ${payload}` : `${seq} ${payload}`;
    return seq === 0 ? `,${ack} ${payload}` : `${seq},${ack} ${payload}`;
  }
  const head = varintLength(seq) + varintLength(ack);
  const bytes = new Uint8Array(head + payload.length);
  putVarint(bytes, putVarint(bytes, 0, seq), ack);
  bytes.set(payload, head);
  return bytes;
}

/** "I have handled all up to here"; 0 says that it is nothing yet. */
export const ackFrame = (ack: number): string => `,${ack}`;

/** "Are you there, and what have you handled?" */
export const PROBE = '?';

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length++;
  return length;
}

function putVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = value;
  let position = at;
  while (rest >= 128) {
    bytes[position++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  bytes[position++] = rest;
  return position;
}
