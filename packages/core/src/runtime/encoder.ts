import type { Delivery } from '../delivery/delivery.js';
import { asError, describe, JetSocketError } from '../errors.js';
import type { FrameData } from '../ports.js';
import { isThenable } from '../thenable.js';
import { utf8Bytes } from '../utf8.js';

/** What the encoder must know of the options. */
export interface EncoderConfig<Outgoing> {
  readonly codec: { encode(message: Outgoing): unknown };
  readonly maxMessageBytes: number;
  readonly buffer: { readonly maxBytes: number };
}

/** Messages become frames, of a type and a size that can be sent. */
export class Encoder<Outgoing> {
  readonly #config: EncoderConfig<Outgoing>;
  #limitBytes: number;
  /** What the other end takes, as far as it has said. */
  #peerBytes = Infinity;

  constructor(config: EncoderConfig<Outgoing>) {
    this.#config = config;
    this.#limitBytes = Math.min(config.maxMessageBytes, config.buffer.maxBytes);
  }

  /** The other end has said what it takes. */
  limitTo(peerBytes: number): void {
    const { maxMessageBytes, buffer } = this.#config;
    this.#peerBytes = peerBytes;
    this.#limitBytes = Math.min(maxMessageBytes, buffer.maxBytes, peerBytes);
  }

  /**
   * @returns The frame, or what the codec promised: it is to be given to `check`.
   * @throws {JetSocketError} `NOT_SERIALIZABLE`, `MESSAGE_TOO_LARGE`.
   */
  encode(message: Outgoing): FrameData | PromiseLike<unknown> {
    let data: unknown;
    try {
      data = this.#config.codec.encode(message);
    } catch (thrown) {
      throw unserializable(thrown);
    }
    // Most messages are short texts. No UTF-16 unit takes more than three bytes: they need not be measured.
    if (typeof data === 'string' && data.length * 3 <= this.#limitBytes) return data;
    return !isFrame(data) && isThenable(data) ? data : this.check(data);
  }

  /** @throws {JetSocketError} `NOT_SERIALIZABLE`, `MESSAGE_TOO_LARGE`. */
  check(data: unknown): FrameData {
    if (!isFrame(data)) {
      throw new JetSocketError(
        'NOT_SERIALIZABLE',
        `Cannot send: the codec made ${describe(data)} of it, not a string or a Uint8Array`,
        { hint: 'Of an ArrayBuffer make new Uint8Array(buffer), and of anything else a string' },
      );
    }
    this.#checkSize(data);
    return data;
  }

  #checkSize(data: FrameData): void {
    const limit = this.#limitBytes;
    if (data.length * 3 <= limit) return;
    const bytes = typeof data === 'string' ? utf8Bytes(data) : data.byteLength;
    if (bytes <= limit) return;
    if (limit === this.#peerBytes) throw tooLarge(`the message has ${bytes} bytes`, limit);
    const name = limit === this.#config.maxMessageBytes ? 'maxMessageBytes' : 'buffer.maxBytes';
    throw new JetSocketError(
      'MESSAGE_TOO_LARGE',
      `Cannot send: the message has ${bytes} bytes, and ${name} is ${limit}`,
      { hint: `Split it, or raise ${name}` },
    );
  }
}

/** Of what the server of a session does not take. */
export const tooLarge = (
  what: string,
  maxBytes: number,
  deliveries: readonly Delivery[] = [],
): JetSocketError =>
  new JetSocketError(
    'MESSAGE_TOO_LARGE',
    `Cannot send: ${what}, and the server takes ${maxBytes}`,
    { deliveries, hint: "Split it, or raise the server's maxMessageBytes" },
  );

const unserializable = (thrown: unknown): JetSocketError =>
  new JetSocketError('NOT_SERIALIZABLE', `Cannot send: ${asError(thrown).message}`, {
    cause: thrown,
    hint: 'The codec turns messages into frames: json (the default), text, binary or your own',
  });

/** Any view counts as bytes, as it did when it was encoded at once. */
export const isFrame = (data: unknown): data is FrameData =>
  typeof data === 'string' || ArrayBuffer.isView(data);
