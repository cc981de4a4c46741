import { describe } from './errors.js';
import type { FrameData } from './ports.js';

/**
 * How messages become frames, and back. Both functions may throw, or return a promise, each time or now and then:
 * messages keep their order all the same, both ways.
 *
 * A failing `encode` makes `send()` throw `NOT_SERIALIZABLE`; a promise that rejects makes the delivery `dropped`
 * and becomes one `error` event with that code. A failing `decode` becomes one `error` event with the code
 * `UNDECODABLE`. The connection lives, and no other message is harmed. See `Options.codecTimeoutMs`.
 */
export interface Codec<Incoming, Outgoing> {
  /** A string makes a text frame, bytes make a binary one. The bytes must not change afterwards. */
  encode(message: Outgoing): FrameData | PromiseLike<FrameData>;
  /** The message of a frame. What it throws, or rejects with, is an `error` event `DECODE_FAILED`, and the frame is skipped. */
  decode(data: FrameData): Incoming | PromiseLike<Incoming>;
}

/** A codec whose functions return no promises, as those here. */
export interface SyncCodec<Incoming, Outgoing> extends Codec<Incoming, Outgoing> {
  encode(message: Outgoing): FrameData;
  /** As `Codec.decode`, at once. */
  decode(data: FrameData): Incoming;
}

/**
 * The type of `json`: where the messages have types, as in `connect<Trade, Order>(url, { codec: json })`, it goes for a
 * codec of just those. They are a claim about what comes, as with `JSON.parse`; a `schema` checks it. Where they have
 * none, what comes is `unknown`.
 */
export interface JsonCodec extends SyncCodec<unknown, unknown> {
  /** The value of the text, of which nothing is known. Throws on bytes, and on what is no JSON. */
  decode(data: FrameData): unknown;
  // The second signature, not the first: a plain call stays `unknown`, and takes no type from where its result goes.
  /** The same, by a claim: `decode<Trade>(data)`. Nothing checks it. */
  decode<Incoming>(data: FrameData): Incoming;
}

/**
 * JSON in text frames; the default. What `JSON.stringify` leaves out of an object is left out here too. Bytes are refused,
 * of which it would make `{}`, or an object of numbers.
 */
export const json: JsonCodec = {
  encode(message) {
    if (message instanceof ArrayBuffer || ArrayBuffer.isView(message))
      throw new TypeError('JSON has no form for bytes: the codec `binary` takes them');
    const text: string | undefined = JSON.stringify(message);
    // `undefined`, functions and symbols have no JSON: JSON.stringify says so by returning undefined.
    if (text === undefined) throw new TypeError(`JSON has no form for ${describe(message)}`);
    return text;
  },
  decode<Incoming>(data: FrameData) {
    if (typeof data !== 'string') throw new TypeError('a binary frame is not JSON text');
    return JSON.parse(data) as Incoming;
  },
};

/** Strings in text frames, as they are. */
export const text: SyncCodec<string, string> = {
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
export const binary: SyncCodec<Uint8Array, Uint8Array | ArrayBuffer> = {
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

/** Whether a codec is one of ours, which never return promises: theirs need not be looked for then. */
export const isSync = (codec: unknown): boolean =>
  codec === json || codec === text || codec === binary;
