import {
  type FrameData,
  JetSocket,
  type JetSocketEventMap,
  JetSocketError,
  type Options,
  type Transport,
} from '@jetsocket/core';
import { addressOf, closeCodeOf, closeReasonOf, protocolsOf } from './arguments.js';
import { type BinaryKind, frameOf, isBlob, raw, sizeOf, told } from './data.js';
import type { CloseEventLike } from './platform-types.js';
import { closeEvent, type Ending, messageEvent } from './events.js';
import { ListenerTarget } from './listeners.js';

/**
 * What becomes of an object whose connection is lost, once it was open.
 *
 * - `auto` (default): as `end` while somebody listens for `close`, who expects what the standard promises; else
 *   as `reopen`. In replay mode `session`, as `hide`.
 * - `end`: `close`, and that is the end of the object, as the standard has it. For libraries that make another one themselves.
 * - `reopen`: `close`, then `open` when there is another connection, again and again. Meanwhile it is CONNECTING.
 * - `hide`: nothing is told, and it stays OPEN. For a server that knows its client again.
 */
export type Outages = 'auto' | 'end' | 'reopen' | 'hide';

/** The third argument of the constructor: our options, but for those that the standard has arguments for. */
export interface WebSocketOptions extends Omit<
  Options<FrameData, FrameData>,
  'protocols' | 'codec'
> {
  /** What becomes of the object when its connection is lost. Default: `auto`. */
  readonly outages?: Outages | undefined;
}

const OUTAGES: readonly Outages[] = ['auto', 'end', 'reopen', 'hide'];
const [CONNECTING, OPEN, CLOSING, CLOSED] = [0, 1, 2, 3] as const;

/** What an end is told as that no close frame announced. */
const LOST: Ending = { code: 1006, reason: '', wasClean: false };

type Handler<Happening extends Event> =
  ((this: globalThis.WebSocket, event: Happening) => unknown) | null;

/**
 * The interface of the WHATWG WebSocket (https://websockets.spec.whatwg.org), over a JetSocket. See docs/websocket.md for
 * what differs from the standard.
 */
export class StandardWebSocket extends ListenerTarget implements globalThis.WebSocket {
  static readonly CONNECTING: 0 = CONNECTING;
  static readonly OPEN: 1 = OPEN;
  static readonly CLOSING: 2 = CLOSING;
  static readonly CLOSED: 3 = CLOSED;

  readonly #socket: JetSocket<FrameData, FrameData>;
  readonly #address: URL;
  readonly #outages: Outages;
  #state: 0 | 1 | 2 | 3 = CONNECTING;
  #binaryType: BinaryKind = 'blob';
  #protocol = '';
  #wasOpen = false;
  /** How the last connection ended, if it was open. */
  #ending: Ending | undefined;
  /** What was sent when nothing could be any more: the standard counts it as well. */
  #discardedBytes = 0;
  /** Blobs are read first, and what comes behind them waits. */
  #reading: Promise<void> | undefined;
  #readingBytes = 0;

  /**
   * @throws {DOMException} `SyntaxError` for a URL or subprotocols that cannot be used.
   * @throws {JetSocketError} `INVALID_OPTION` for an option that cannot.
   */
  constructor(
    url: string | URL,
    protocols: string | string[],
    given: WebSocketOptions,
    transportOf: () => Transport,
  ) {
    super();
    const { outages = 'auto', ...options } = checked(given);
    const transport = options.transport ?? transportOf();
    this.#address = addressOf(url, transport.baseUrl?.());
    const offered = protocolsOf(protocols);
    const isSession = options.replay?.mode === 'session';
    this.#outages = outages === 'auto' && isSession ? 'hide' : outages;
    this.#socket = new JetSocket<FrameData, FrameData>(this.#address.href, {
      ...options,
      transport,
      protocols: offered,
      codec: raw,
    });
    this.#socket.on('connected', ({ protocol }) => this.#onConnected(protocol));
    this.#socket.on('message', ({ data }) => this.#onMessage(data));
    this.#socket.on('disconnected', (event) => this.#onDisconnected(event));
    this.#socket.on('closed', () => this.#onClosed());
    void this.#socket.connect();
  }

  /** The socket below: its events tell of reconnects, errors and what the buffer dropped. */
  get jetSocket(): JetSocket<FrameData, FrameData> {
    return this.#socket;
  }

  get CONNECTING(): 0 {
    return CONNECTING;
  }
  get OPEN(): 1 {
    return OPEN;
  }
  get CLOSING(): 2 {
    return CLOSING;
  }
  get CLOSED(): 3 {
    return CLOSED;
  }

  get url(): string {
    return this.#address.href;
  }

  get readyState(): 0 | 1 | 2 | 3 {
    return this.#state;
  }

  get protocol(): string {
    return this.#protocol;
  }

  /** Always empty: the socket below does not tell. */
  get extensions(): string {
    return '';
  }

  /** Bytes that were sent and wait for the network, or for a connection. */
  get bufferedAmount(): number {
    return this.#socket.bufferedBytes + this.#readingBytes + this.#discardedBytes;
  }

  get binaryType(): BinaryKind {
    return this.#binaryType;
  }

  /** What is neither is ignored, as with every enumeration of the web's. */
  set binaryType(kind: BinaryKind) {
    if (kind === 'blob' || kind === 'arraybuffer') this.#binaryType = kind;
  }

  get onopen(): Handler<Event> {
    return this.getAttribute('open');
  }
  set onopen(handler: Handler<Event>) {
    this.setAttribute('open', handler);
  }
  get onmessage(): Handler<MessageEvent> {
    return this.getAttribute('message') as Handler<MessageEvent>;
  }
  set onmessage(handler: Handler<MessageEvent>) {
    this.setAttribute('message', handler);
  }
  get onerror(): Handler<Event> {
    return this.getAttribute('error');
  }
  set onerror(handler: Handler<Event>) {
    this.setAttribute('error', handler);
  }
  get onclose(): Handler<CloseEventLike> {
    return this.getAttribute('close');
  }
  set onclose(handler: Handler<CloseEventLike>) {
    this.setAttribute('close', handler);
  }

  /**
   * Sends. During an outage it waits in the buffer; after the end it is counted in `bufferedAmount` and goes nowhere.
   *
   * @throws {DOMException} `InvalidStateError` before the first `open`.
   * @throws {JetSocketError} `MESSAGE_TOO_LARGE`, or by the policy `error` `BUFFER_OVERFLOW`.
   */
  send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
    if (!this.#wasOpen && this.#state === CONNECTING) {
      throw new DOMException('Still in CONNECTING state', 'InvalidStateError');
    }
    if (isBlob(data)) return this.#sendLater(data.size, () => data.arrayBuffer());
    const frame = frameOf(data);
    if (this.#reading !== undefined) this.#sendLater(sizeOf(frame), () => frame);
    else this.#sendNow(frame);
  }

  /**
   * Ends the connection, and does not make another.
   *
   * @param code 1000 (default), or 3000 to 4999.
   * @param reason Up to 123 bytes.
   * @throws {DOMException} `InvalidAccessError` for another code, `SyntaxError` for a longer reason.
   */
  close(code?: number, reason?: string): void {
    const checkedCode = closeCodeOf(code);
    const checkedReason = closeReasonOf(reason);
    if (this.#state === CLOSING || this.#state === CLOSED) return;
    this.#state = CLOSING;
    // Later: no event may come before this returns. And blobs that are being read go first.
    void Promise.resolve(this.#reading).then(() => this.#socket.close(checkedCode, checkedReason));
  }

  // What happens.

  #onConnected(protocol: string): void {
    this.#ending = undefined;
    this.#protocol = protocol;
    this.#wasOpen = true;
    if (this.#state !== CONNECTING) return;
    this.#state = OPEN;
    this.dispatchEvent(new Event('open'));
  }

  #onMessage(data: FrameData): void {
    if (this.#state === CLOSED) return;
    this.dispatchEvent(messageEvent(told(data, this.#binaryType), this.#address.origin));
  }

  #onDisconnected(event: JetSocketEventMap['disconnected']): void {
    const { code, reason, was_clean: wasClean, will_reconnect: willReconnect } = event;
    this.#ending = { code, reason, wasClean };
    if (!willReconnect) return;
    if (this.#isEnd) void this.#socket.close();
    else this.#reopen(this.#ending);
  }

  get #isEnd(): boolean {
    return this.#outages === 'end' || (this.#outages === 'auto' && this.hasCloseListener);
  }

  #reopen(ending: Ending): void {
    // Should it be closed before there is another connection, no close frame will have ended it.
    this.#ending = undefined;
    if (this.#outages === 'hide' || this.#state !== OPEN) return;
    this.#state = CONNECTING;
    this.dispatchEvent(closeEvent(ending));
  }

  #onClosed(): void {
    this.#state = CLOSED;
    // Only what never came to be is an error, by the standard: a connection that is lost has merely closed.
    if (this.#ending === undefined) this.dispatchEvent(new Event('error'));
    this.dispatchEvent(closeEvent(this.#ending ?? LOST));
  }

  // Sending.

  #sendNow(frame: FrameData): void {
    if (this.#state === CLOSING || this.#state === CLOSED) {
      this.#discardedBytes += sizeOf(frame);
      return;
    }
    try {
      this.#socket.send(frame);
    } catch (thrown) {
      const isLost = thrown instanceof JetSocketError && thrown.code === 'NOT_CONNECTED';
      // Replay mode `none` keeps nothing for another connection.
      if (!isLost) throw thrown;
      this.#discardedBytes += sizeOf(frame);
    }
  }

  #sendLater(bytes: number, read: () => FrameData | ArrayBuffer | Promise<ArrayBuffer>): void {
    const isTooLate = this.#state === CLOSING || this.#state === CLOSED;
    if (isTooLate) {
      this.#discardedBytes += bytes;
      return;
    }
    this.#readingBytes += bytes;
    const before = this.#reading ?? Promise.resolve();
    const reading = before.then<FrameData | ArrayBuffer>(read).then(
      (data) => {
        this.#readingBytes -= bytes;
        this.#sendRead(typeof data === 'string' ? data : new Uint8Array(data));
        if (this.#reading === reading) this.#reading = undefined;
      },
      () => {
        this.#readingBytes -= bytes;
        this.dispatchEvent(new Event('error'));
      },
    );
    this.#reading = reading;
  }

  #sendRead(frame: FrameData): void {
    // Closing by now: what was sent before close() goes first.
    if (this.#state === CLOSED) return;
    try {
      this.#socket.send(frame);
    } catch {
      // Nobody is there to catch it.
      this.dispatchEvent(new Event('error'));
    }
  }
}

function checked(given: WebSocketOptions): WebSocketOptions {
  if (typeof given !== 'object' || given === null) {
    throw invalid(`options: it got ${String(given)}, and takes an object`);
  }
  const { outages } = given;
  if (outages !== undefined && !OUTAGES.includes(outages)) {
    const taken = OUTAGES.map((one) => `'${one}'`).join(', ');
    throw invalid(`outages: it got ${String(outages)}, and takes ${taken}`);
  }
  for (const name of ['codec', 'protocols']) {
    if (name in given) throw invalid(`${name}: the standard's interface has its own way for it`);
  }
  return given;
}

const invalid = (what: string): JetSocketError =>
  new JetSocketError('INVALID_OPTION', `Cannot use option ${what}`);
