import { describe } from './errors.js';
import type { FrameData } from './ports.js';

/**
 * How messages become frames, and back. Both functions may throw: a failing `encode` makes
 * `send()` throw `NOT_SERIALIZABLE`, a failing `decode` becomes one `error` event with the code
 * `UNDECODABLE`, and the connection lives.
 */
export interface Codec<Incoming, Outgoing> {
  /** A string makes a text frame, bytes make a binary one. The bytes must not change afterwards. */
  encode(message: Outgoing): FrameData;
  decode(data: FrameData): Incoming;
}

/** JSON in text frames; the default. What `JSON.stringify` leaves out of an object is left out here too. */
export const json: Codec<unknown, unknown> = {
  encode(message) {
    const text: string | undefined = JSON.stringify(message);
    // `undefined`, functions and symbols have no JSON: JSON.stringify says so by returning undefined.
    if (text === undefined) throw new TypeError(`JSON has no form for ${describe(message)}`);
    return text;
  },
  decode(data) {
    if (typeof data !== 'string') throw new TypeError('a binary frame is not JSON text');
    return JSON.parse(data) as unknown;
  },
};

/** Strings in text frames, as they are. */
export const text: Codec<string, string> = {
  encode(message) {
    if (typeof message !== 'string')
      throw new TypeError(`text takes a string, not ${describe(message)}`);
    return message;
  },
  decode(data) {
    if (typeof data !== 'string') throw new TypeError('a binary frame is not text');
    return data;
  },
};

/**
 * Bytes in binary frames. Outgoing bytes are copied, as the standard WebSocket does, so the caller
 * may reuse its array at once. In Node an incoming array is a view on the chunk that was read.
 */
export const binary: Codec<Uint8Array, Uint8Array | ArrayBuffer> = {
  encode(message) {
    if (message instanceof ArrayBuffer) return new Uint8Array(message.slice(0));
    if (!ArrayBuffer.isView(message))
      throw new TypeError(`binary takes bytes, not ${describe(message)}`);
    return new Uint8Array(message.buffer, message.byteOffset, message.byteLength).slice();
  },
  decode(data) {
    if (typeof data === 'string') throw new TypeError('a text frame is not binary');
    return data;
  },
};
