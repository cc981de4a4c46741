import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { createSessions, type Session } from '@jetsocket/server';
import { type WebSocket, WebSocketServer } from 'ws';
import { Ledger } from '../shared/ledger.js';
import type { FromServer, Numbered, RunView, ToServer } from '../shared/protocol.js';
import { Pulse } from '../shared/pulse.js';
import { refuseUpgrade } from './http.js';

/** The subprotocol of sessions. */
const SUBPROTOCOL = 'jetsocket.v1';

/** Many times what any client here says in one message. */
const MAX_MESSAGE_BYTES = 64 * 1024;

/** Of one network; beyond it, 503. */
const MAX_CONNECTIONS = 16;

/** Clients whose books are kept; beyond it, the oldest's are closed. */
const MAX_RUNS = 16;

/** A connection that takes nothing in, as a hung one, is sent no more than this. */
const MAX_BUFFERED_BYTES = 256 * 1024;

/** Messages kept of each client's, to fill in what it missed: 20 s at the highest rate. */
const MAX_KEPT = 10_000;

/**
 * One WebSocket server: keeps a ledger of each client's numbered messages, acknowledges them on
 * request, sends numbered ones of its own, and answers the heartbeat.
 *
 * A client names itself with `?run=`, so that its books go on over its reconnects. With `?after=` it says
 * which number it got last, and what it missed since is filled in before anything else is sent.
 */
export class Backend {
  /** Answer every handshake with 401. */
  rejecting = false;

  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  });
  readonly #runs = new Map<string, Run>();
  readonly #sessions = createSessions<ToServer, FromServer>({
    maxSessions: MAX_RUNS,
    buffer: { capacity: MAX_KEPT },
  });
  readonly #pulse = new Pulse(() => this.#sendToAll());

  constructor() {
    this.#sessions.attach(this.#server);
    this.#sessions.on('session', (session, request) => {
      const { searchParams } = new URL(request?.url ?? '', 'ws://localhost');
      this.#run(searchParams.get('run') ?? '').serve(session);
    });
  }

  get connections(): number {
    return this.#server.clients.size;
  }

  /** Messages a second to each client. */
  get rate(): number {
    return this.#pulse.rate;
  }

  set rate(perSecond: number) {
    this.#pulse.rate = perSecond;
  }

  /** Answers a handshake. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, query: URLSearchParams): void {
    if (this.rejecting) return refuseUpgrade(socket, 401);
    if (this.connections >= MAX_CONNECTIONS) return refuseUpgrade(socket, 503);
    this.#server.handleUpgrade(request, socket, head, (client) => {
      // A session knows by itself what its client has.
      if (client.protocol === SUBPROTOCOL) {
        this.#server.emit('connection', client, request);
        return;
      }
      const run = this.#run(query.get('run') ?? '');
      run.connect(client, query.get('ack') === '1');
      const after = query.get('after');
      if (after !== null && /^\d+$/.test(after)) run.fillIn(Number(after));
    });
  }

  /** The books of one client; null when it never connected. */
  view(run: string): RunView | null {
    return this.#runs.get(run)?.view() ?? null;
  }

  /** Closes every connection, with a closing handshake. */
  closeAll(code: number, reason: string): void {
    for (const client of this.#server.clients) client.close(code, reason);
  }

  /** Ends every connection at once, as a killed process does. */
  terminateAll(): void {
    for (const client of this.#server.clients) client.terminate();
  }

  /** For good. */
  stop(): void {
    this.#pulse.stop();
    void this.#sessions.close();
    this.terminateAll();
    this.#server.close();
  }

  #run(name: string): Run {
    const known = this.#runs.get(name);
    if (known !== undefined) return known;
    const [oldest] = this.#runs.keys();
    if (this.#runs.size >= MAX_RUNS && oldest !== undefined) this.#runs.delete(oldest);
    const run = new Run();
    this.#runs.set(name, run);
    return run;
  }

  #sendToAll(): void {
    for (const run of this.#runs.values()) run.sendNext();
  }
}

/** One client over all its connections. */
class Run {
  readonly #received = new Ledger();
  /** The newest {@link MAX_KEPT} messages, oldest first. */
  #kept: Numbered[] = [];
  #sent = 0;
  #client: WebSocket | undefined;
  #session: Session<ToServer, FromServer> | undefined;
  #acknowledges = false;
  #ackDue = false;

  /** The newest connection counts. An older one is a dead one that nobody told. */
  connect(client: WebSocket, acknowledges: boolean): void {
    this.#client?.terminate();
    this.#client = client;
    this.#acknowledges = acknowledges;
    client.on('message', (data, isBinary) => {
      // `ws` gives a Buffer, unless told otherwise.
      if (client === this.#client && !isBinary) this.#take((data as Buffer).toString());
    });
    // What is wrong with a connection ends it; there is nothing else to do about it.
    client.on('error', () => client.terminate());
  }

  /** The client has a session: it takes the place of connections. */
  serve(session: Session<ToServer, FromServer>): void {
    this.#session = session;
    session.on('message', (message) => {
      if ('n' in message) this.#record(message.n);
    });
    session.on('end', () => {
      if (this.#session === session) this.#session = undefined;
    });
  }

  view(): RunView {
    return { received: this.#received.view(), sent: this.#sent };
  }

  /** Sends the next number. While nobody listens, the numbers stand still. */
  sendNext(): void {
    const session = this.#session;
    if (session !== undefined) {
      // It keeps what a client that is away has not got, up to its bound.
      if (session.buffered < MAX_KEPT) session.send({ seq: ++this.#sent, t: Date.now() });
      return;
    }
    if (this.#client?.readyState !== 1 || this.#client.bufferedAmount > MAX_BUFFERED_BYTES) return;
    this.#sent++;
    const message = { seq: this.#sent, t: Date.now() };
    this.#kept.push(message);
    if (this.#kept.length > MAX_KEPT * 2) this.#kept = this.#kept.slice(-MAX_KEPT);
    this.#send(message);
  }

  /** Sends what came after a number again. What is not kept any more stays missing. */
  fillIn(after: number): void {
    for (const message of this.#kept.slice(-MAX_KEPT)) {
      if (message.seq > after) this.#send(message);
    }
  }

  #take(text: string): void {
    const message = parse(text);
    if (message.op === 'ping') return this.#send({ op: 'pong' });
    if (!this.#record(message.n)) return;
    if (this.#acknowledges) this.#acknowledgeSoon();
  }

  #record(n: unknown): boolean {
    if (typeof n !== 'number' || !Number.isSafeInteger(n) || n < 1) return false;
    this.#received.record(n);
    return true;
  }

  /** One acknowledgement for all that came in one piece. */
  #acknowledgeSoon(): void {
    if (this.#ackDue) return;
    this.#ackDue = true;
    setImmediate(() => {
      this.#ackDue = false;
      // All up to the highest: a connection keeps the order, and what is missing now never comes.
      this.#send({ ack: this.#received.view().highest });
    });
  }

  #send(message: FromServer): void {
    if (this.#client?.readyState === 1) this.#client.send(JSON.stringify(message));
  }
}

/** A client's message, whatever it is. */
function parse(text: string): { readonly op?: unknown; readonly n?: unknown } {
  try {
    const message: unknown = JSON.parse(text);
    return typeof message === 'object' && message !== null ? message : {};
  } catch {
    return {};
  }
}
