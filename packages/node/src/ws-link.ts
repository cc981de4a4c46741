import type { FrameData, Link, LinkListener } from '@jetsocket/core';
import type { IncomingMessage } from 'node:http';
import { Cork, isOfWs } from './cork.js';
import { FrameScanner, type Receiver } from './frame-scanner.js';
import { retryAfterMs } from './retry-after.js';
import type { WsLike } from './ws-like.js';

const OPEN = 1;

/** How long a peer that broke the rules has to read why, before the connection is cut. */
const LINGER_MS = 2_000;

/** Up to so many units a text is handed over as bytes. */
const SHORT_LENGTH = 1_024;

/** Bytes that are a text nonetheless. */
const TEXT = { binary: false } as const;

/** What stands in a string for bytes that are no UTF-8. */
const REPLACEMENT = '\ufffd';

/** What `ws` closes with 1009 for. */
const TOO_LARGE = ['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH'];

/** One socket of `ws`, from its making on. */
export class WsLink implements Link {
  readonly #socket: WsLike;
  readonly #listener: LinkListener;
  readonly #cork: Cork;
  #isOpen = false;
  #isOver = false;
  #isPaused = false;
  #takesBytes = false;
  #failure: Error | undefined;

  /** @param maxBytes Larger messages are refused. */
  constructor(socket: WsLike, listener: LinkListener, maxBytes: number) {
    this.#socket = socket;
    this.#listener = listener;
    this.#cork = new Cork(socket);
    socket.on('open', () => {
      this.#isOpen = true;
      // The option below is ignored by a socket that Bun has under the name of `ws`: its peer would get bytes.
      this.#takesBytes = isOfWs(socket);
      this.#scan(maxBytes);
      this.#breathe();
      listener.onOpen(socket.protocol);
    });
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      this.#onFrame(data, 0, data.length, isBinary);
    });
    socket.on('pong', (payload: Buffer) => {
      if (!this.#isOver) listener.onPong(payload.toString());
    });
    socket.on('ping', () => {
      if (!this.#isOver) listener.onPong(null);
    });
    // Stays until the end: an error that nobody listens to would end the process.
    socket.on('error', (error: Error) => {
      this.#onError(error);
    });
    socket.on('unexpected-response', (_request: unknown, response: IncomingMessage) => {
      this.#onRefused(response);
    });
    socket.on('close', (code: number, reason: Buffer) => {
      const text = reason.toString();
      if (!text.includes(REPLACEMENT) || !isBroken(reason)) return this.#onClose(code, text);
      this.#failure ??= notUtf8();
      return this.#onClose(1006, '');
    });
  }

  send(data: FrameData): boolean {
    if (this.#socket.readyState !== OPEN) return false;
    this.#cork.beforeSend();
    if (this.#cork.gather(data)) return true;
    // `ws` makes a frame of bytes in one piece, and of a string in two.
    if (this.#takesBytes && typeof data === 'string' && data.length <= SHORT_LENGTH)
      this.#socket.send(Buffer.from(data), TEXT);
    else this.#socket.send(data);
    return true;
  }

  ping(payload: string): void {
    if (this.#socket.readyState !== OPEN) return;
    this.#cork.write();
    this.#socket.ping(payload);
  }

  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#socket.resume();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
    // Else the server's answer would not be read.
    if (this.#isPaused) this.resume();
  }

  abandon(): void {
    this.#isOver = true;
    // A close that says why may be the last thing that was sent.
    this.#cork.flush();
    this.#socket.terminate();
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount + this.#cork.bytes;
  }

  /**
   * Reads on in the next turn only. What a server says with its handshake came in one packet with it, and `ws` would
   * tell it before any promise has told that the connection is open: who awaits that would miss it. In a browser each
   * is a task of its own.
   */
  #breathe(): void {
    this.#socket.pause();
    setImmediate(() => {
      if (!this.#isPaused) this.#socket.resume();
    });
  }

  /** Compressed messages are for `ws` alone. */
  #scan(maxBytes: number): void {
    const receiver = this.#socket.extensions === '' ? receiverOf(this.#socket) : undefined;
    if (receiver === undefined) return;
    const scanner = new FrameScanner(receiver, maxBytes, this.#onFrame);
    receiver.write = (bytes: Buffer) => scanner.scan(bytes);
  }

  /** A message, which is what stands from `from` to `to`. */
  readonly #onFrame = (bytes: Buffer, from: number, to: number, isBinary: boolean): void => {
    if (this.#isOver) return;
    if (isBinary) {
      this.#listener.onMessage(bytes.subarray(from, to));
      return;
    }
    const text = bytes.toString('utf8', from, to);
    if (text.includes(REPLACEMENT) && isBroken(bytes.subarray(from, to))) this.#onBroken();
    else this.#listener.onMessage(text);
  };

  #onError(error: Error): void {
    this.#failure = explained(error);
    if (!this.#isOpen || this.#isOver) return;
    this.#isOver = true;
    const tooLarge = 'code' in error && TOO_LARGE.some((code) => code === error.code);
    // `ws` has sent the close frame that says why. Cut now, the connection would be reset, and the frame could
    // be lost with it. The server may read on, therefore, but nothing more is made of what it sends.
    const cut = setTimeout(() => {
      this.#socket.terminate();
    }, LINGER_MS);
    this.#socket.on('close', () => {
      clearTimeout(cut);
    });
    const code = tooLarge ? 1009 : 1006;
    this.#listener.onClose({ code, reason: '', wasClean: false, error, tooLarge });
  }

  /** A text frame that is no UTF-8 (RFC 6455 §8.1). */
  #onBroken(): void {
    this.#socket.close(1007, '');
    this.#onError(notUtf8());
  }

  /** An HTTP answer that is not 101. */
  #onRefused(response: IncomingMessage): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { statusCode: httpStatus, headers } = response;
    this.#socket.terminate();
    this.#listener.onClose({
      code: 1006,
      reason: '',
      wasClean: false,
      httpStatus,
      retryAfterMs: retryAfterMs(headers['retry-after'], headers.date),
    });
  }

  #onClose(code: number, reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    // Without a close frame `ws` says 1006.
    const wasClean = code !== 1006;
    this.#listener.onClose({ code, reason, wasClean, error: this.#failure });
  }
}

/** Of several addresses that were tried in vain, Node's error says nothing itself: its parts do. */
function explained(error: Error): Error {
  if (error.message !== '' || !(error instanceof AggregateError)) return error;
  const parts: readonly unknown[] = error.errors;
  error.message = parts.map((part) => (part instanceof Error ? part.message : '')).join(', ');
  return error;
}

/** `ws` keeps its parser in a field that is not documented; without it, all goes on as without a scanner. */
function receiverOf(socket: WsLike & { readonly _receiver?: unknown }): Receiver | undefined {
  const { _receiver: receiver } = socket;
  const isOne = typeof receiver === 'object' && receiver !== null && 'write' in receiver;
  return isOne && 'errored' in receiver ? (receiver as Receiver) : undefined;
}

/**
 * Whether these bytes are no UTF-8, where their text has the character that stands for such. `ws` was told not to look
 * at every byte: a string of nothing but Latin-1 is known to lack that character, and any other one is looked through.
 */
function isBroken(data: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(data);
    return false;
  } catch {
    return true;
  }
}

const notUtf8 = (): Error => new Error('Invalid WebSocket frame: a text is not UTF-8');
