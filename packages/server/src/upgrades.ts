import {
  asError,
  type Clock,
  describe,
  type FrameData,
  JetSocketError,
  MAX_CONTROL_LENGTH,
  SUBPROTOCOL,
} from '@jetsocket/core/protocol';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { Connection } from './connection.js';
import type { MaybePromise } from './log.js';
import { invalid } from './options.js';
import { MAX_HEAD } from './session.js';
import type { Socket, WebSocketLike, WebSocketServerLike } from './socket.js';

/** What is needed of the options. */
export interface UpgradesConfig {
  readonly authenticate: (request: IncomingMessage) => MaybePromise<string | null | undefined>;
  readonly maxMessageBytes: number;
  readonly helloTimeoutMs: number;
  readonly clock: Clock;
}

/** Where connections go. */
export interface UpgradesHost {
  isOpen(): boolean;
  connect(socket: Socket, principal: string | undefined, request: IncomingMessage): Connection;
  /** `authenticate` failed, or gave what is no answer; or a request was answered by somebody else. */
  onError(error: JetSocketError): void;
}

/** Of all that comes before a hello is accepted: room for a few hellos, and for pongs. */
const MAX_HELLO_BYTES = 65_536;

/** The way from `ws` to a connection, and from an upgrade request to `ws`. */
export class Upgrades {
  readonly #config: UpgradesConfig;
  readonly #host: UpgradesHost;
  #server: WebSocketServer | undefined;

  constructor(config: UpgradesConfig, host: UpgradesHost) {
    this.#config = config;
    this.#host = host;
  }

  attach(server: WebSocketServerLike): () => void {
    const isServer = typeof server === 'object' && server !== null && 'on' in server;
    if (!isServer) throw invalid('server', server, 'a WebSocketServer of ws');
    const onConnection = (webSocket: WebSocketLike, request: IncomingMessage): void => {
      if (webSocket.protocol !== SUBPROTOCOL) return;
      // The types of `ws` are not among our own: who uses this package need not have them.
      const connection = this.#bind(
        webSocket as WebSocket,
        undefined,
        request,
        maxPayloadOf(server),
      );
      void this.#whoIs(request).then((principal) => {
        if (principal === undefined) connection.close(4401, 'unauthorized');
        else if (principal instanceof Error) connection.close(1013, 'cannot authenticate now');
        else connection.admit(principal);
      });
    };
    server.on('connection', onConnection);
    return () => {
      server.off('connection', onConnection);
    };
  }

  handle(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const onError = (): void => {
      socket.destroy();
    };
    socket.on('error', onError);
    if (!this.#host.isOpen()) return refuse(socket, 503);
    const offered = request.headers['sec-websocket-protocol'] ?? '';
    if (!offered.split(',').some((one) => one.trim() === SUBPROTOCOL)) {
      return refuse(socket, 400, WRONG_PROTOCOL);
    }
    void this.#whoIs(request).then((principal) => {
      if (principal === undefined) return refuse(socket, 401);
      // Not the client's fault: it keeps its credentials, and comes back.
      if (principal instanceof Error) return refuse(socket, 503);
      if (!this.#host.isOpen()) return refuse(socket, 503);
      socket.off('error', onError);
      this.#server ??= new WebSocketServer({
        noServer: true,
        // A hello has to be read, whatever the limit is.
        maxPayload: Math.max(this.#config.maxMessageBytes + MAX_HEAD, 3 * MAX_CONTROL_LENGTH),
        perMessageDeflate: false,
        handleProtocols: () => SUBPROTOCOL,
      });
      try {
        this.#server.handleUpgrade(request, socket, head, (webSocket) => {
          this.#bind(webSocket, principal, request);
        });
      } catch (thrown) {
        this.#host.onError(answeredBefore(thrown));
      }
    });
  }

  close(): void {
    this.#server?.close();
  }

  #tooLarge(maxFrameBytes: number | undefined): JetSocketError {
    const { maxMessageBytes } = this.#config;
    const isOurs = maxFrameBytes === undefined;
    return new JetSocketError(
      'MESSAGE_TOO_LARGE',
      `Connection ended: a client sent a message that is too large: ${
        isOurs ? `maxMessageBytes is ${maxMessageBytes}` : `maxPayload is ${maxFrameBytes}`
      }`,
      { hint: 'Clients of JetSocket are told the limit, and keep to it: what sent this?' },
    );
  }

  /** Undefined for a client that is refused; an error, which was told, where nobody can say. */
  async #whoIs(request: IncomingMessage): Promise<string | Error | undefined> {
    try {
      const principal = await this.#inTime(this.#config.authenticate(request));
      // As a check says it that knows only yes and no, too. A yes does not say who it is.
      const isRefused = principal === undefined || principal === null || principal === false;
      if (isRefused || principal === '') return undefined;
      if (typeof principal === 'string') return principal;
      throw new TypeError(
        `it gave ${describe(principal)}, and takes who the client is, as a string`,
      );
    } catch (thrown) {
      const error = new JetSocketError(
        'PROVIDER_FAILED',
        `Cannot tell who a client is: authenticate failed: ${asError(thrown).message}`,
        {
          cause: thrown,
          hint: 'Return undefined to refuse a client: it is told so, once and for all',
        },
      );
      this.#host.onError(error);
      return error;
    }
  }

  /** @throws {Error} When it takes too long: nobody may be kept waiting for ever, and nobody may keep us waiting. */
  async #inTime(answer: unknown): Promise<unknown> {
    const { helloTimeoutMs, clock } = this.#config;
    let timer: unknown;
    const tooLate = new Promise<never>((_, reject) => {
      timer = clock.setTimer(helloTimeoutMs, () => {
        reject(new Error(`it took longer than helloTimeoutMs, ${helloTimeoutMs} ms`));
      });
    });
    try {
      return await Promise.race([answer, tooLate]);
    } finally {
      clock.clearTimer(timer);
    }
  }

  #bind(
    webSocket: WebSocket,
    principal: string | undefined,
    request: IncomingMessage,
    maxFrameBytes?: number,
  ): Connection {
    const socket = socketOf(webSocket, maxFrameBytes);
    const connection = this.#host.connect(socket, principal, request);
    webSocket.on('message', (data, isBinary) => {
      connection.receive(frameOf(data, isBinary));
    });
    // Pings and pongs of the protocol are life too.
    const onLife = (): void => {
      connection.isAlive = true;
    };
    webSocket.on('ping', onLife).on('pong', onLife);
    webSocket.on('close', () => {
      connection.closed();
    });
    boundHello(webSocket, connection, request);
    // What is wrong with a socket ends it, and `close` follows.
    webSocket.on('error', (error) => {
      if ('code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
        connection.failed(this.#tooLarge(maxFrameBytes));
    });
    return connection;
  }
}

/** `ws` throws for a socket that another server of it has taken. */
const answeredBefore = (thrown: unknown): JetSocketError =>
  new JetSocketError('INVALID_OPTION', `Cannot answer an upgrade: ${asError(thrown).message}`, {
    cause: thrown,
    hint: 'Something else answered it: let one listener of `upgrade` answer each request, by its path, say',
  });

/** A hello is short. What is not must not be put together, up to the size of a message, before it is looked at. */
function boundHello(
  webSocket: WebSocket,
  connection: Connection,
  { socket }: IncomingMessage,
): void {
  const limit = socket.bytesRead + MAX_HELLO_BYTES;
  const onData = (): void => {
    if (connection.hasSession) socket.off('data', onData);
    else if (socket.bytesRead > limit) {
      socket.off('data', onData);
      connection.close(4400, 'expected a hello');
      webSocket.pause();
    }
  };
  socket.on('data', onData);
}

function socketOf(webSocket: WebSocket, maxFrameBytes: number | undefined): Socket {
  return {
    maxFrameBytes,
    send(data) {
      if (webSocket.readyState === 1) webSocket.send(data);
    },
    close(code, reason) {
      webSocket.close(code, reason);
    },
    terminate() {
      webSocket.terminate();
    },
    pause() {
      webSocket.pause();
    },
    resume() {
      webSocket.resume();
    },
    get bufferedBytes() {
      return webSocket.bufferedAmount;
    },
  };
}

/** What a server of `ws` was told to read at most: 0 is all. */
function maxPayloadOf(
  server: WebSocketServerLike & { readonly options?: unknown },
): number | undefined {
  const { options } = server;
  if (typeof options !== 'object' || options === null || !('maxPayload' in options))
    return undefined;
  const { maxPayload } = options;
  return typeof maxPayload === 'number' && maxPayload > 0 ? maxPayload : undefined;
}

function frameOf(data: RawData, isBinary: boolean): FrameData {
  // `ws` gives a Buffer, unless its user told it otherwise.
  const bytes = Array.isArray(data)
    ? Buffer.concat(data)
    : data instanceof ArrayBuffer
      ? Buffer.from(data)
      : data;
  return isBinary ? bytes : bytes.toString();
}

/** Answers, and waits for nothing: a client that keeps its half open has no socket here. */
/** For who looks at the answer: programs are told by the status. */
const WRONG_PROTOCOL = `This address speaks the WebSocket subprotocol ${SUBPROTOCOL} alone: in JetSocket, replay: { mode: 'session' }`;

/** @param body Of ASCII. */
function refuse(socket: Duplex, status: number, body: string = ''): void {
  socket.once('finish', () => {
    socket.destroy();
  });
  const text = STATUS_CODES[status] ?? '';
  const length = `Content-Type: text/plain\r\nContent-Length: ${body.length}`;
  socket.end(`HTTP/1.1 ${status} ${text}\r\nConnection: close\r\n${length}\r\n\r\n${body}`);
}
