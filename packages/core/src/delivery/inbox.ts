import { type Codec, isSync } from '../codec.js';
import { asError, describe, JetSocketError } from '../errors.js';
import type { FrameData } from '../ports.js';
import { isThenable } from '../thenable.js';
import { utf8Bytes } from '../utf8.js';
import { ask } from './ask.js';
import { LATER } from './exchange.js';

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

/** Where messages wait that are still being decoded, each for its turn. */
export interface Turns {
  /** Whether any does. */
  readonly isWaiting: boolean;
  /** Calls `take` in its turn. Returns false when there is no room. */
  add(promise: PromiseLike<unknown>, length: number, take: (outcome: Settled) => void): boolean;
}

type Settled =
  | { readonly isFulfilled: true; readonly value: unknown }
  | { readonly isFulfilled: false; readonly thrown: unknown };

/** Where what came goes. */
export interface InboxOutlet<Incoming> {
  /**
   * A message for the application, with its number in the session and whether it came again; or null and false.
   *
   * @returns `LATER` when it is not done with yet, and the outlet will say so itself.
   */
  message(message: Incoming, seq: number | null, isReplayed: boolean): unknown;
  /** @returns What to call when the message with this number, which waits, is done with. */
  completion(seq: number | string | null): () => void;
  /** @returns The size of the frame that came, which waits with what comes of it. */
  takeBytes(): number;
  /** It has its turn. */
  giveBytes(bytes: number): void;
  /** A message had to be dropped: too many are being decoded. */
  overflow(): void;
  /** The answer to a heartbeat. */
  pong(message: Incoming): void;
  /** The server has all up to this delivery; returns false when that can't be. */
  acknowledge(id: number): boolean;
  error(error: JetSocketError): void;
  /** A message that is too large to be taken. @returns `LATER` when it is not done with: it must not be acknowledged. */
  oversized(error: JetSocketError, seq: number | null): unknown;
}

/**
 * Every incoming message: measured, decoded, asked whether it is a pong or an acknowledgement, passed
 * on. What is wrong with one message is told once, and harms neither the next one nor the connection.
 */
export class Inbox<Incoming> {
  readonly #config: InboxConfig<Incoming>;
  readonly #outlet: InboxOutlet<Incoming>;
  readonly #tell: (error: JetSocketError) => void;
  /** Undefined for a codec that is known never to return a promise. */
  readonly #turns: Turns | undefined;
  /** Counts connections, so that an answer to a heartbeat that was decoded too late can be told. */
  #epoch = 0;

  constructor(config: InboxConfig<Incoming>, outlet: InboxOutlet<Incoming>, turns?: Turns) {
    this.#config = config;
    this.#outlet = outlet;
    this.#tell = (error) => {
      outlet.error(error);
    };
    this.#turns = isSync(config.codec) ? undefined : turns;
  }

  /** @returns `LATER` when the message is not done with yet. Else it is, whatever became of it. */
  receive(data: FrameData, seq: number | null = null, isReplayed: boolean = false): unknown {
    if (this.#turns?.isWaiting === true) return this.#queue(this.#turns, data, seq, isReplayed);
    const { codec, maxMessageBytes } = this.#config;
    // No UTF-16 unit takes more than three bytes: most messages need not be measured.
    if (data.length * 3 > maxMessageBytes && sizeOf(data) > maxMessageBytes) {
      return this.#outlet.oversized(tooLarge(sizeOf(data), maxMessageBytes), seq);
    }
    let message: Incoming | PromiseLike<Incoming>;
    try {
      message = codec.decode(data);
    } catch (thrown) {
      this.#outlet.error(undecodable(thrown));
      return undefined;
    }
    if (this.#turns !== undefined && isThenable(message)) {
      return this.#wait(this.#turns, message, data.length, seq, isReplayed);
    }
    // Of a codec that is known to be sync, whatever it returns is the message.
    return this.#accept(message as Incoming, seq, isReplayed, false);
  }

  /** The connection is gone. */
  disconnected(): void {
    this.#epoch++;
  }

  #accept(message: Incoming, seq: number | null, isReplayed: boolean, isStale: boolean): unknown {
    const { isPong, ackOf } = this.#config;
    if (isPong !== undefined && ask('heartbeat.isPong', isPong, message, this.#tell) === true) {
      if (!isStale) this.#outlet.pong(message);
      return undefined;
    }
    if (ackOf !== undefined) this.#acknowledge(ackOf, message);
    return this.#outlet.message(message, seq, isReplayed);
  }

  /** Behind others that are being decoded it waits too, whatever becomes of it. */
  #queue(turns: Turns, data: FrameData, seq: number | null, isReplayed: boolean): unknown {
    const { codec, maxMessageBytes } = this.#config;
    const decode = async (): Promise<unknown> => {
      const bytes = data.length * 3 > maxMessageBytes ? sizeOf(data) : 0;
      if (bytes > maxMessageBytes) throw tooLarge(bytes, maxMessageBytes);
      return codec.decode(data);
    };
    return this.#wait(turns, decode(), data.length, seq, isReplayed);
  }

  #wait(
    turns: Turns,
    promise: PromiseLike<unknown>,
    length: number,
    seq: number | null,
    isReplayed: boolean,
  ): unknown {
    const epoch = this.#epoch;
    const done = this.#outlet.completion(seq);
    const bytes = this.#outlet.takeBytes();
    const isTaken = turns.add(promise, length, (outcome) => {
      this.#outlet.giveBytes(bytes);
      if (!outcome.isFulfilled) {
        const { thrown } = outcome;
        if (!isTooLarge(thrown)) this.#outlet.error(undecodable(thrown));
        else if (this.#outlet.oversized(thrown, seq) === LATER) return;
      } else {
        // What the codec's promise came to: the type is the codec's claim, as it is without a promise.
        const message = outcome.value as Incoming;
        const isStale = epoch !== this.#epoch;
        if (this.#accept(message, seq, isReplayed, isStale) === LATER) return;
      }
      done();
    });
    if (!isTaken) this.#outlet.overflow();
    return LATER;
  }

  #acknowledge(ackOf: (message: Incoming) => number | undefined, message: Incoming): void {
    const id = ask('buffer.ackOf', ackOf, message, this.#tell);
    if (id === undefined || id === null) return;
    if (!this.#outlet.acknowledge(id)) this.#outlet.error(invalidAck(id));
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

const isTooLarge = (thrown: unknown): thrown is JetSocketError =>
  thrown instanceof JetSocketError && thrown.code === 'MESSAGE_TOO_LARGE';

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
