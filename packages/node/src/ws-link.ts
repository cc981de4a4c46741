import type { FrameData, Link, LinkListener } from '@jetsocket/core';
import type { IncomingMessage } from 'node:http';
import { Cork } from './cork.js';
import { retryAfterMs } from './retry-after.js';
import type { WsLike } from './ws-like.js';

const OPEN = 1;

/** One socket of `ws`, from its making on. */
export class WsLink implements Link {
  readonly #socket: WsLike;
  readonly #listener: LinkListener;
  readonly #cork: Cork;
  #isOpen = false;
  #isOver = false;
  #failure: Error | undefined;
  #isTooLarge = false;

  constructor(socket: WsLike, listener: LinkListener) {
    this.#socket = socket;
    this.#listener = listener;
    this.#cork = new Cork(socket);
    socket.on('open', () => {
      if (this.#isOver) return;
      this.#isOpen = true;
      listener.onOpen(socket.protocol);
    });
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (!this.#isOver) listener.onMessage(isBinary ? data : data.toString());
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
      this.#onClose(code, reason.toString());
    });
  }

  send(data: FrameData): boolean {
    if (this.#socket.readyState !== OPEN) return false;
    this.#cork.beforeSend();
    this.#socket.send(data);
    return true;
  }

  ping(payload: string): void {
    if (this.#socket.readyState === OPEN) this.#socket.ping(payload);
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  abandon(): void {
    this.#isOver = true;
    this.#socket.terminate();
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  #onError(error: Error): void {
    this.#failure = error;
    if (!this.#isOpen) return;
    this.#isTooLarge = 'code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
    // The frame that says why is written. A peer that breaks the protocol is not waited for, up to half a minute.
    this.#socket.terminate();
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
    // Without a close frame `ws` says 1006. It was we who ended it when a message was too large: with 1009.
    const wasClean = code !== 1006;
    const told = this.#isTooLarge ? 1009 : code;
    const error = this.#failure;
    this.#listener.onClose({ code: told, reason, wasClean, error, tooLarge: this.#isTooLarge });
  }
}
