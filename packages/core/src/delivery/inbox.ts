import type { Codec } from '../codec.js';
import { asError, describe, JetSocketError } from '../errors.js';
import type { FrameData } from '../ports.js';
import { utf8Bytes } from '../utf8.js';

/** What the inbox must know of the options. */
export interface InboxConfig<Incoming> {
  readonly codec: Codec<Incoming, never>;
  /** Larger messages are not decoded. Bytes. */
  readonly maxMessageBytes: number;
  /** Tells a pong of the application's. */
  readonly isPong: ((message: Incoming) => boolean) | undefined;
  /** What a message acknowledges, if anything. */
  readonly ackOf: ((message: Incoming) => number | undefined) | undefined;
}

/** Where what came goes. */
export interface InboxOutlet<Incoming> {
  /** A message for the application, with its number in the session and whether it came again; or null and false. */
  message(message: Incoming, seq: number | null, isReplayed: boolean): void;
  /** The answer to a heartbeat. */
  pong(message: Incoming): void;
  /** The server has all up to this delivery; returns false when that can't be. */
  acknowledge(id: number): boolean;
  error(error: JetSocketError): void;
}

/**
 * Every incoming message: measured, decoded, asked whether it is a pong or an acknowledgement, passed
 * on. What is wrong with one message is told once, and harms neither the next one nor the connection.
 */
export class Inbox<Incoming> {
  readonly #config: InboxConfig<Incoming>;
  readonly #outlet: InboxOutlet<Incoming>;

  constructor(config: InboxConfig<Incoming>, outlet: InboxOutlet<Incoming>) {
    this.#config = config;
    this.#outlet = outlet;
  }

  receive(data: FrameData, seq: number | null = null, isReplayed: boolean = false): void {
    const { codec, maxMessageBytes, isPong, ackOf } = this.#config;
    // No UTF-16 unit takes more than three bytes: most messages need not be measured.
    if (data.length * 3 > maxMessageBytes && sizeOf(data) > maxMessageBytes) {
      this.#outlet.error(tooLarge(sizeOf(data), maxMessageBytes));
      return;
    }
    let message: Incoming;
    try {
      message = codec.decode(data);
    } catch (thrown) {
      this.#outlet.error(undecodable(thrown));
      return;
    }
    if (isPong !== undefined && this.#ask('heartbeat.isPong', isPong, message) === true) {
      this.#outlet.pong(message);
      return;
    }
    if (ackOf !== undefined) this.#acknowledge(ackOf, message);
    this.#outlet.message(message, seq, isReplayed);
  }

  #acknowledge(ackOf: (message: Incoming) => number | undefined, message: Incoming): void {
    const id = this.#ask('buffer.ackOf', ackOf, message);
    if (id === undefined || id === null) return;
    if (!this.#outlet.acknowledge(id)) this.#outlet.error(invalidAck(id));
  }

  /** Calls a function of the user's. What it throws is told, and counts as no answer. */
  #ask<Answer>(
    option: string,
    hook: (message: Incoming) => Answer,
    message: Incoming,
  ): Answer | undefined {
    try {
      return hook(message);
    } catch (thrown) {
      this.#outlet.error(
        new JetSocketError('HOOK_FAILED', `${option} threw: ${asError(thrown).message}`, {
          cause: thrown,
          hint: `Let ${option} answer for every message, those it does not know too`,
        }),
      );
      return undefined;
    }
  }
}

const sizeOf = (data: FrameData): number =>
  typeof data === 'string' ? utf8Bytes(data) : data.byteLength;

const tooLarge = (bytes: number, maxBytes: number): JetSocketError =>
  new JetSocketError(
    'MESSAGE_TOO_LARGE',
    `A message of ${bytes} bytes came and was not delivered: maxMessageBytes is ${maxBytes}`,
    { hint: 'Raise maxMessageBytes, or send less at once' },
  );

const undecodable = (thrown: unknown): JetSocketError =>
  new JetSocketError('UNDECODABLE', `Cannot decode a message: ${asError(thrown).message}`, {
    cause: thrown,
    hint: 'Give the codec that the server speaks: json (the default), text, binary or your own',
  });

const invalidAck = (id: unknown): JetSocketError =>
  new JetSocketError(
    'INVALID_ACK',
    `buffer.ackOf returned ${describe(id)}, which is no message that was sent`,
    {
      hint: 'Return the id of a Delivery, which acknowledges it and all before it, or undefined',
    },
  );
