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

  constructor(config: EncoderConfig<Outgoing>) {
    this.#config = config;
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
      throw new JetSocketError('NOT_SERIALIZABLE', `Cannot send: ${asError(thrown).message}`, {
        cause: thrown,
        hint: 'The codec turns messages into frames: json (the default), text, binary or your own',
      });
    }
    return !isFrame(data) && isThenable(data) ? data : this.check(data);
  }

  /** @throws {JetSocketError} `NOT_SERIALIZABLE`, `MESSAGE_TOO_LARGE`. */
  check(data: unknown): FrameData {
    if (!isFrame(data)) {
      throw new JetSocketError(
        'NOT_SERIALIZABLE',
        `Cannot send: the codec made ${describe(data)} of it, not a string or a Uint8Array`,
      );
    }
    this.#checkSize(data);
    return data;
  }

  #checkSize(data: FrameData): void {
    const { maxMessageBytes, buffer } = this.#config;
    const limit = Math.min(maxMessageBytes, buffer.maxBytes);
    // No UTF-16 unit takes more than three bytes: most messages need not be measured.
    if (data.length * 3 <= limit) return;
    const bytes = typeof data === 'string' ? utf8Bytes(data) : data.byteLength;
    if (bytes <= limit) return;
    const name = limit === maxMessageBytes ? 'maxMessageBytes' : 'buffer.maxBytes';
    throw new JetSocketError(
      'MESSAGE_TOO_LARGE',
      `Cannot send: the message has ${bytes} bytes, and ${name} is ${limit}`,
      { hint: `Split it, or raise ${name}` },
    );
  }
}

/** Any view counts as bytes, as it did when it was encoded at once. */
export const isFrame = (data: unknown): data is FrameData =>
  typeof data === 'string' || ArrayBuffer.isView(data);
