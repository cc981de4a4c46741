import {
  asError,
  type Hello,
  JetSocketError,
  PROBE,
  Timers,
  Unheard,
  writeToConsole,
} from '@jetsocket/core/protocol';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Connection, type ConnectionHost } from './connection.js';
import { Emitter } from './emitter.js';
import type { Session as PublicSession, Sessions as PublicSessions } from './interfaces.js';
import type { Claim, Claimed, SessionLog } from './log.js';
import {
  checkKeys,
  type Config,
  duration,
  invalid,
  resolve,
  type SessionsOptions,
} from './options.js';
import { Session, type SessionHost, type Unrecorded } from './session.js';
import type { Socket, WebSocketServerLike } from './socket.js';
import { Upgrades } from './upgrades.js';

/** The events of a server. */
export interface SessionsEvents<Incoming, Outgoing> {
  /** A client that was not here before: a new session, or one that comes from another process by way of the log. */
  readonly session: readonly [
    session: PublicSession<Incoming, Outgoing>,
    request: IncomingMessage | undefined,
  ];
  /** What went wrong, in a session that has no handler for it or in none. */
  readonly error: readonly [
    error: JetSocketError,
    session: PublicSession<Incoming, Outgoing> | undefined,
  ];
  readonly [name: string]: readonly unknown[];
}

/** What is kept of a connection: how it began, and the time that it has to say hello. */
interface Waiting {
  readonly request: IncomingMessage | undefined;
  readonly timers: Timers<'hello'>;
}

/** See `Sessions.drain`. */
export interface DrainOptions {
  /** How long handlers and the log may take. Default: 10,000. */
  readonly timeoutMs?: number | undefined;
  /**
   * How long clients may take to open a connection to another process before this one closes theirs. Each is told at
   * a moment of its own in the first half of it. 0: they are closed at once. Default: 2,000.
   */
  readonly handoverMs?: number | undefined;
}

/** See `Sessions.close`. */
export interface CloseOptions {
  /** How long handlers may take that are at work for sessions which are over. Default: 10,000. */
  readonly timeoutMs?: number | undefined;
}

/**
 * The server's end of `jetsocket.v1`: keeps a session for each client, over all the connections that it makes.
 *
 * ```ts
 * const sessions = createSessions();
 * sessions.attach(webSocketServer);
 * sessions.on('session', (session) => {
 *   session.on('message', (message) => session.send({ echo: message }));
 * });
 * ```
 *
 * @throws {JetSocketError} `INVALID_OPTION`, naming the option, what it got and what it takes.
 */
export function createSessions<Incoming = unknown, Outgoing = unknown>(
  options: SessionsOptions<Incoming, Outgoing> = {},
): PublicSessions<Incoming, Outgoing> {
  return new Sessions(resolve(options));
}

/** What `interfaces.ts` has of it, and what connections and sessions ask for. */
export class Sessions<Incoming = unknown, Outgoing = unknown>
  implements PublicSessions<Incoming, Outgoing>, ConnectionHost, SessionHost
{
  readonly log: SessionLog;
  readonly #config: Config<Incoming, Outgoing>;
  readonly #emitter: Emitter<SessionsEvents<Incoming, Outgoing>>;
  readonly #sessions = new Map<string, Session<Incoming, Outgoing>>();
  /** Sessions that are over, and whose handlers are not done: those that follow them wait. */
  readonly #ending = new Map<string, Session<Incoming, Outgoing>>();
  readonly #connections = new Map<Connection, Waiting>();
  readonly #upgrades: Upgrades;
  readonly #timers: Timers<'heartbeat'>;
  readonly #unheard = new Unheard(writeToConsole);
  /** The log is told so often between two heartbeats which clients are there. */
  readonly #renewals: number;
  #renewed = 0;
  /** Sessions that may begin, when the log has answered. */
  #claims = 0;
  #totalBytes = 0;
  #isDraining = false;
  #isClosed = false;
  #closing: Promise<void> | undefined;
  /** Told when a server that drains has no connection any more. */
  #whenLeft: () => void = () => undefined;
  /** Told when a server that is closed has no session any more. */
  #whenEmpty: () => void = () => undefined;

  /** Use `createSessions()`, which fills in defaults. */
  constructor(config: Config<Incoming, Outgoing>) {
    this.#config = config;
    const { ttlMs, tombstoneMs, clock, heartbeatMs } = config;
    this.#renewals = Math.ceil(heartbeatMs / Math.max(1, ttlMs / 4));
    this.log = config.log({ ttlMs, tombstoneMs }, () => clock.now());
    this.#emitter = new Emitter(['session', 'error'], (thrown, type, event) => {
      this.#onHandlerFailed(thrown, String(type), type === 'session' ? event[0] : undefined);
    });
    this.#timers = new Timers(clock, () => {
      this.#onTimer();
    });
    this.#upgrades = new Upgrades(config, {
      isOpen: () => !this.#isDraining,
      connect: (socket, principal, request) => this.connect(socket, principal, request),
      onError: (error) => {
        this.#tellError(error, undefined);
      },
    });
  }

  get size(): number {
    return this.#sessions.size;
  }

  get(id: string): Session<Incoming, Outgoing> | undefined {
    return this.#sessions.get(id);
  }

  [Symbol.iterator](): IterableIterator<Session<Incoming, Outgoing>> {
    return this.#sessions.values();
  }

  on<Type extends 'session' | 'error'>(
    type: Type,
    handler: (...event: SessionsEvents<Incoming, Outgoing>[Type]) => unknown,
  ): () => void {
    return this.#emitter.on(type, handler);
  }

  attach(server: WebSocketServerLike): () => void {
    return this.#upgrades.attach(server);
  }

  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#upgrades.handle(request, socket, head);
  }

  connect(socket: Socket, principal?: string, request?: IncomingMessage): Connection {
    checkSocket(socket);
    const connection = new Connection(socket, this);
    connection.principal = principal;
    if (this.#isDraining) {
      connection.close(1012, 'server is restarting');
      return connection;
    }
    const timers = new Timers<'hello'>(this.#config.clock, () => {
      if (connection.hasSession) return;
      // Until it is known who it is, it has nothing to say.
      if (connection.principal === undefined) connection.close(1013, 'cannot authenticate in time');
      else connection.close(4408, 'no hello');
    });
    timers.set('hello', this.#config.helloTimeoutMs);
    this.#connections.set(connection, { request, timers });
    if (!this.#timers.has('heartbeat')) this.#rest();
    return connection;
  }

  async drain(options: DrainOptions = {}): Promise<readonly Session<Incoming, Outgoing>[]> {
    checkKeys('drain', options, ['timeoutMs', 'handoverMs']);
    const timeoutMs = duration('timeoutMs', options.timeoutMs, 10_000);
    const handoverMs = duration('handoverMs', options.handoverMs, 2_000);
    this.#isDraining = true;
    await this.#handOver(Math.min(handoverMs, timeoutMs));
    await this.#within(timeoutMs, Promise.all(this.#all().map((session) => session.settle())));
    for (const connection of [...this.#connections.keys()]) {
      connection.close(1012, 'server is restarting');
    }
    return this.#all().filter(({ isSettled }) => !isSettled);
  }

  /** Those that are over, and whose handlers are at work, too. */
  #all(): readonly Session<Incoming, Outgoing>[] {
    return [...this.#sessions.values(), ...this.#ending.values()];
  }

  close(options: CloseOptions = {}): Promise<void> {
    checkKeys('close', options, ['timeoutMs']);
    const timeoutMs = duration('timeoutMs', options.timeoutMs, 10_000);
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  async #close(timeoutMs: number): Promise<void> {
    this.#isClosed = true;
    this.#isDraining = true;
    this.#timers.clearAll();
    for (const connection of [...this.#connections.keys()]) connection.terminate();
    this.#whenLeft();
    for (const session of [...this.#sessions.values()]) session.leave();
    this.#upgrades.close();
    if (this.#sessions.size > 0) {
      await new Promise<void>((resolve) => {
        this.#whenEmpty = resolve;
      });
    }
    const owing = [...this.#ending.values()].filter(({ owed }) => owed !== undefined);
    if (owing.length > 0) await this.#handleOwed(owing, timeoutMs);
    await this.log.close();
  }

  /** Waits for handlers of sessions that are over, and names what is not handled in time. */
  async #handleOwed(
    owing: readonly Session<Incoming, Outgoing>[],
    timeoutMs: number,
  ): Promise<void> {
    await this.#within(timeoutMs, Promise.all(owing.map(({ ended }) => ended)));
    for (const session of owing) {
      const { owed } = session;
      if (owed !== undefined) session.tellError(notHandled(owed, timeoutMs));
    }
  }

  /** Resolves when it does, or when the time is over. */
  async #within(timeoutMs: number, settled: Promise<unknown>): Promise<void> {
    const { clock } = this.#config;
    let timer: unknown;
    const timeout = new Promise<void>((done) => {
      timer = clock.setTimer(timeoutMs, done);
    });
    await Promise.race([settled, timeout]);
    clock.clearTimer(timer);
  }

  // Of connections.

  onHello(connection: Connection, hello: Hello): void {
    const { principal } = connection;
    if (principal === undefined) return;
    const local = this.#sessions.get(hello.sid);
    const isNew = local === undefined;
    if (isNew && this.#sessions.size + this.#claims >= this.#config.maxSessions) {
      connection.close(1013, 'too many sessions');
      return;
    }
    const { sid, n, isKnown, rx, hi } = hello;
    const claim: Claim = { sid, n, isKnown, rx, hi, principal, localN: localNOf(local, principal) };
    const failed = (thrown: unknown): void => {
      this.#tellError(logFailed(thrown), undefined);
      // The client keeps its session, and comes back.
      connection.close(1013, 'the log of sessions does not answer');
    };
    try {
      const claimed = this.log.claim(claim);
      if ('then' in claimed) {
        const count = isNew ? 1 : 0;
        this.#claims += count;
        // Not for a stranger, who would keep it alive for ever by asking.
        const held = local?.principal === principal ? local : undefined;
        held?.hold();
        const settled = (): void => {
          this.#claims -= count;
          held?.letGo();
        };
        claimed.then(
          (value) => {
            try {
              this.#onClaimed(connection, hello, principal, value);
            } catch (thrown) {
              failed(thrown);
            } finally {
              settled();
            }
          },
          (thrown: unknown) => {
            settled();
            failed(thrown);
          },
        );
      } else this.#onClaimed(connection, hello, principal, claimed);
    } catch (thrown) {
      failed(thrown);
    }
  }

  /** For connections: this one is over. */
  onOver(connection: Connection): void {
    this.#connections.get(connection)?.timers.clearAll();
    this.#connections.delete(connection);
    if (this.#isDraining && this.#connections.size === 0) this.#whenLeft();
  }

  /** Asks all to move, one after the other, and waits until they have or the time is up. */
  async #handOver(handoverMs: number): Promise<void> {
    const attached = [...this.#sessions.values()].filter(({ state }) => state === 'attached');
    if (attached.length === 0 || handoverMs === 0) return;
    const { clock } = this.#config;
    const timers = attached.map((session, index) =>
      clock.setTimer((handoverMs / 2) * (index / attached.length), () => {
        if (session.state === 'attached') void session.handOver();
      }),
    );
    await new Promise<void>((resolve) => {
      this.#whenLeft = resolve;
      timers.push(clock.setTimer(handoverMs, resolve));
    });
    for (const timer of timers) clock.clearTimer(timer);
  }

  onReleased(connection: Connection): void {
    this.#connections.get(connection)?.timers.set('hello', this.#config.helloTimeoutMs);
  }

  #onClaimed(connection: Connection, hello: Hello, principal: string, claimed: Claimed): void {
    if (this.#isClosed) return;
    const { sid } = hello;
    let session = this.#sessions.get(sid);
    if (claimed.type === 'gone') {
      // What the log does not know any more is over here too, unless the hello is merely not the newest.
      if (session !== undefined && session.principal === principal && isOver(claimed.why))
        session.giveUp(claimed.why);
      connection.refuse({ type: 'gone', why: claimed.why, sid, rx: claimed.rx });
      return;
    }
    if (session !== undefined && session.n >= hello.n) {
      // A newer hello overtook this one on its way to the log.
      connection.refuse({ type: 'gone', why: 'fenced', sid, rx: null });
      return;
    }
    const stored = claimed.type === 'resumed' ? claimed.stored : undefined;
    if (session !== undefined && stored?.messages !== undefined && stored.n !== session.n) {
      // It went on elsewhere meanwhile, and comes back: what is here is of the past. Not so when the hello before
      // this one was answered here, while this one was on its way: then the log may not have what is here yet.
      session.release('moved');
      session = undefined;
    }
    if (session === undefined) {
      if (claimed.type === 'missing') {
        // It ended here while the log was asked.
        connection.refuse({ type: 'gone', why: 'unknown', sid, rx: null });
        return;
      }
      if (stored !== undefined && stored.messages === undefined) {
        // So it did here: what the log did not read is gone. Asked again, it says what became of it.
        connection.close(1013, 'the session ended meanwhile');
        return;
      }
      session = new Session<Incoming, Outgoing>(
        sid,
        principal,
        hello.n,
        this.#config,
        this,
        stored,
      );
      this.#sessions.set(sid, session);
      const former = this.#ending.get(hello.was ?? sid) ?? this.#goingOf(hello.was);
      if (former?.principal === principal) session.follow(former);
      this.#accept(connection, session);
      session.attach(connection, hello);
      void this.#emitter.emit('session', session, this.#connections.get(connection)?.request);
      session.tellAttached();
    } else {
      this.#accept(connection, session);
      session.attach(connection, hello);
      session.tellAttached();
      if (claimed.type === 'missing') session.rewrite();
    }
    // It may have closed while the log was asked.
    if (connection.isOver) session.detach(connection);
  }

  /** A session that is about to be over. One that another client goes on with is not. */
  #goingOf(sid: string | undefined): Session<Incoming, Outgoing> | undefined {
    const session = sid === undefined ? undefined : this.#sessions.get(sid);
    return session?.isGoing === true ? session : undefined;
  }

  #accept(connection: Connection, session: Session<Incoming, Outgoing>): void {
    this.#connections.get(connection)?.timers.clear('hello');
    connection.accept(session as unknown as Session<never, never>);
  }

  // Of sessions.

  onBytes(delta: number): boolean {
    this.#totalBytes += delta;
    return this.#totalBytes <= this.#config.maxTotalBytes;
  }

  onEnd(session: Session<never, never>): void {
    const mine = session as unknown as Session<Incoming, Outgoing>;
    if (this.#sessions.get(session.id) === mine) this.#sessions.delete(session.id);
    if (this.#isClosed && this.#sessions.size === 0) this.#whenEmpty();
    if (!mine.isBusy) return;
    this.#ending.set(mine.id, mine);
    void mine.ended.then(() => {
      if (this.#ending.get(mine.id) === mine) this.#ending.delete(mine.id);
    });
  }

  onDetached({ id }: Session<never, never>): void {
    // Of those that are closed, the log hears by itself.
    if (!this.#isClosed) this.#renew([id]);
  }

  onError(error: JetSocketError, session: Session<never, never>): void {
    this.#tellError(error, session as unknown as Session<Incoming, Outgoing>);
  }

  #rest(): void {
    this.#timers.set('heartbeat', this.#config.heartbeatMs / this.#renewals);
  }

  #onTimer(): void {
    if (this.#connections.size === 0) {
      this.#renewed = 0;
      return;
    }
    this.#rest();
    this.#renewed++;
    if (this.#renewed >= this.#renewals) {
      this.#renewed = 0;
      this.#beat();
    }
    const attached = [...this.#sessions.values()].filter(({ state }) => state === 'attached');
    this.#renew(attached.map(({ id }) => id));
  }

  /** Whoever was silent for a whole interval is asked; whoever is silent for another one is cut. */
  #beat(): void {
    for (const connection of [...this.#connections.keys()]) {
      if (!connection.hasSession || connection.isPaused) continue;
      if (connection.isAlive) {
        connection.isAlive = false;
        connection.wasAsked = false;
      } else if (connection.wasAsked) connection.terminate();
      else {
        connection.wasAsked = true;
        connection.send(PROBE);
      }
    }
  }

  /** The time that a session without a client is kept begins now. */
  #renew(sids: readonly string[]): void {
    const failed = (thrown: unknown): void => {
      this.#tellError(logFailed(thrown), undefined);
    };
    try {
      const renewed = this.log.renew(sids);
      if (typeof renewed === 'object') renewed.then(undefined, failed);
    } catch (thrown) {
      failed(thrown);
    }
  }

  #onHandlerFailed(thrown: unknown, type: string, about: unknown): void {
    const error = new JetSocketError(
      'HANDLER_FAILED',
      `A handler of '${type}' failed: ${asError(thrown).message}`,
      { cause: thrown },
    );
    if (type === 'error') this.#logError(error);
    else this.#tellError(error, about instanceof Session ? about : undefined);
  }

  #tellError(error: JetSocketError, session: Session<Incoming, Outgoing> | undefined): void {
    if (this.#emitter.has('error')) void this.#emitter.emit('error', error, session);
    else this.#logError(error);
  }

  #logError(error: JetSocketError): void {
    const { logger } = this.#config;
    if (logger === undefined) return this.#unheard.tell(error);
    try {
      logger.error({ err: error }, error.message);
    } catch {
      // There is nobody left to tell.
    }
  }
}

/** What is no socket would be found out by a timer, in nobody's call. */
function checkSocket(socket: Socket): void {
  const methods = ['send', 'close', 'terminate'] as const;
  const isOne =
    typeof socket === 'object' &&
    socket !== null &&
    methods.every((method) => typeof socket[method] === 'function');
  if (!isOne) throw invalid('socket', socket, `an object with ${methods.join('(), ')}()`);
}

const isOver = (why: string): why is 'expired' | 'ended' => why === 'expired' || why === 'ended';

/** What is here counts only for the one whom it belongs to. */
const localNOf = (
  session: { readonly principal: string; readonly n: number } | undefined,
  principal: string,
): number | undefined => (session?.principal === principal ? session.n : undefined);

const logFailed = (thrown: unknown): JetSocketError =>
  new JetSocketError('LOG_FAILED', `The log of sessions failed: ${asError(thrown).message}`, {
    cause: thrown,
    hint: 'Clients keep what they have, and come back',
  });

function notHandled({ from, to }: Unrecorded, timeoutMs: number): JetSocketError {
  const which = to === 0 ? 'messages without numbers' : `the messages from ${from} to ${to}`;
  return new JetSocketError(
    'HANDLER_TIMEOUT',
    `close() waited for handlers for ${timeoutMs} ms: ${which} were accepted, and are not handled yet`,
    { hint: 'They are, as long as the process runs: give close() a longer timeoutMs' },
  );
}
