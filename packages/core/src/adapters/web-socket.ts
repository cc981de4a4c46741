import { asError, JetSocketError } from '../errors.js';
import type { FrameData, Link, LinkListener, OpenRequest, Transport } from '../ports.js';

/** What is used of a WHATWG WebSocket, so that no platform's types are needed. */
export interface WebSocketLike {
  /** Is set to `arraybuffer`. */
  binaryType: string;
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
  /** Bytes that were sent and are not yet handed to the network. Undefined in React Native, which does not know it. */
  readonly bufferedAmount: number | undefined;
  /** Empty, or null in workerd, when none was chosen. */
  readonly protocol: string | null;
  /** Called when it is open. */
  onopen: ((event: never) => void) | null;
  /** Called with every message. */
  onmessage: ((event: never) => void) | null;
  /** Called when it failed, before `onclose`. In some browsers it is the only one that is. */
  onerror: ((event: never) => void) | null;
  /** Called once it is over. */
  onclose: ((event: never) => void) | null;
  /** Sends a text or a binary frame. Platforms' types differ in what else it takes, and in which bytes. */
  send(data: never): void;
  /** Begins the closing handshake. */
  close(code?: number, reason?: string): void;
}

/** A constructor of such sockets. */
export type WebSocketConstructor = new (url: string, protocols?: string[]) => WebSocketLike;

/** Where the constructor comes from, and what else the platform knows. */
export interface WebSocketTransportOptions {
  /** Called for every attempt, so that a polyfill or a test may come late. Undefined: there is none. */
  readonly constructorOf: () => WebSocketConstructor | undefined;
  /** What relative URLs are relative to. */
  readonly baseUrl?: () => string | undefined;
}

const OPEN = 1;

/**
 * A transport over any constructor of WHATWG WebSockets: a browser's, a worker's, Node's own, Deno's, Bun's.
 * It cannot set headers, nor send pings.
 */
export function webSocketTransport(options: WebSocketTransportOptions): Transport {
  return {
    takesHeaders: false,
    baseUrl: options.baseUrl ?? (() => undefined),
    open(request, listener) {
      const WebSocket = options.constructorOf();
      if (WebSocket === undefined) throw missing();
      return new WebSocketLink(WebSocket, request, listener);
    },
  };
}

const missing = (): JetSocketError =>
  new JetSocketError('CONNECT_FAILED', 'Cannot connect: this runtime has no WebSocket', {
    hint: 'In Node use the package jetsocket or @jetsocket/node, or give options.transport',
  });

class WebSocketLink implements Link {
  readonly #socket: WebSocketLike;

  constructor(WebSocket: WebSocketConstructor, request: OpenRequest, listener: LinkListener) {
    const socket = new WebSocket(request.url, [...request.protocols]);
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    let wasOpen = false;
    socket.onopen = () => {
      wasOpen = true;
      listener.onOpen(socket.protocol ?? '');
    };
    socket.onmessage = ({ data }: { readonly data: string | ArrayBuffer }) => {
      listener.onMessage(typeof data === 'string' ? data : new Uint8Array(data));
    };
    let failure: Error | undefined;
    socket.onerror = (event: { readonly error?: unknown; readonly message?: unknown }) => {
      // A browser says nothing here, by design; other runtimes say what went wrong.
      const said = event.error ?? event.message;
      if (said !== undefined && said !== '') failure = asError(said);
      // Before it is open an error is the end, by the standard, and its close code is 1006. In WebKit (a blocked
      // port) and in Node 22 (any refusal) `close` never comes. What was open has one to come.
      if (!wasOpen) void Promise.resolve().then(end);
    };
    const end = (): void => {
      if (socket.onclose === null) return;
      this.#silence();
      listener.onClose({ code: 1006, reason: '', wasClean: false, error: failure });
    };
    socket.onclose = (event: {
      readonly code: number;
      readonly reason: string;
      readonly wasClean: boolean;
    }) => {
      this.#silence();
      const { reason, wasClean } = event;
      // Deno says 0 when there was no close frame. No code is below 1000.
      const code = event.code === 0 ? 1006 : event.code;
      listener.onClose({ code, reason, wasClean, error: failure });
    };
  }

  send(data: FrameData): boolean {
    // Once closing, the standard's send() takes messages in silence, and loses them.
    if (this.#socket.readyState !== OPEN) return false;
    this.#socket.send(data as never);
    return true;
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  abandon(): void {
    this.#silence();
    // The most that a browser offers: it goes on in the background and gives up by itself.
    this.#socket.close();
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount ?? 0;
  }

  #silence(): void {
    this.#socket.onopen = null;
    this.#socket.onmessage = null;
    // Not null: to `ws` an error that nobody listens to is one that ends the process.
    this.#socket.onerror = () => undefined;
    this.#socket.onclose = null;
  }
}
