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
  readonly #limitBytes: number;

  constructor(config: EncoderConfig<Outgoing>) {
    this.#config = config;
    this.#limitBytes = Math.min(config.maxMessageBytes, config.buffer.maxBytes);
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
    const name = limit === this.#config.maxMessageBytes ? 'maxMessageBytes' : 'buffer.maxBytes';
    throw new JetSocketError(
      'MESSAGE_TOO_LARGE',
      `Cannot send: the message has ${bytes} bytes, and ${name} is ${limit}`,
      { hint: `Split it, or raise ${name}` },
    );
  }
}

const unserializable = (thrown: unknown): JetSocketError =>
  new JetSocketError('NOT_SERIALIZABLE', `Cannot send: ${asError(thrown).message}`, {
    cause: thrown,
    hint: 'The codec turns messages into frames: json (the default), text, binary or your own',
  });

/** Any view counts as bytes, as it did when it was encoded at once. */
export const isFrame = (data: unknown): data is FrameData =>
  typeof data === 'string' || ArrayBuffer.isView(data);
