import { systemClock } from './adapters/system-clock.js';
import { writeToConsole } from './adapters/system-console.js';
import { randomId, systemRandom } from './adapters/system-random.js';
import type { Delivery, Terms } from './delivery/delivery.js';
import { asError, describe, JetSocketError } from './errors.js';
import { EVENT_NAMES } from './event-names.js';
import type { EventName, JetSocketEvent, JetSocketEventMap, Phase } from './events.js';
import {
  type Config,
  type Options,
  type PlatformDefaults,
  type Provider,
  resolve,
  type SchemaOptions,
  type Url,
} from './options.js';
import type { FlightRecord } from './flight-record.js';
import type { FrameData } from './ports.js';
import { planRequest, type RequestOptions } from './requests/request-options.js';
import { Requests } from './requests/requests.js';
import { Encoder, isFrame } from './runtime/encoder.js';
import type { Handler, ListenOptions } from './runtime/emitter.js';
import type { Greeting } from './runtime/greetings.js';
import { iterate } from './runtime/iterate.js';
import type { Life } from './runtime/life.js';
import type { AbortSignalLike } from './runtime/signals.js';
import { Runtime } from './runtime/runtime.js';
import { Streams } from './runtime/streams.js';
import { checkSendOptions, type SendOptions } from './send-options.js';
import type { Stats } from './stats.js';
import { isThenable } from './thenable.js';
import { parseAddress } from './url.js';
import { cutUtf8 } from './utf8.js';
import { closeCode, invalid, known as checkKnown, signal as checkSignal } from './validate.js';

declare global {
  // Where the libraries that a user compiles with do not have it yet. It is the same in all that do.
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
  }
}

/** A close frame holds 125 bytes, and two of them are the code (RFC 6455 §5.5). */
const MAX_REASON_BYTES = 123;

/**
 * A WebSocket that comes back, and says what became of every message.
 *
 * Nothing happens before `connect()`. Afterwards it keeps a connection until `close()` or until it has
 * failed for good; `connect()` begins anew from either.
 *
 * @typeParam Incoming What arrives, after decoding. A claim, unless your codec checks it.
 * @typeParam Outgoing What `send()` takes.
 */
export class JetSocket<Incoming = unknown, Outgoing = unknown> {
  readonly #config: Config<Incoming, Outgoing>;
  readonly #runtime: Runtime<Incoming, Outgoing>;
  readonly #encoder: Encoder<Outgoing>;
  /** Made by the first request. */
  #requests: Requests<Incoming, Outgoing> | undefined;
  #streams: Streams<Incoming, Outgoing> | undefined;

  /**
   * `platform`, the third argument, is for packages that bind this class to one.
   *
   * @param url The address, or a function that returns it, sync or async, called before every attempt.
   * @param options How it behaves: see `Options`.
   * @throws {JetSocketError} `INVALID_OPTION`, naming the option, what it got and what it takes.
   */
  constructor(url: Provider<Url>, options: SchemaOptions<Incoming, Outgoing>);
  constructor(
    url: Provider<Url>,
    options?: Options<Incoming, Outgoing> | SchemaOptions<Incoming, Outgoing>,
    platform?: PlatformDefaults,
  );
  constructor(
    url: Provider<Url>,
    options: Options<Incoming, Outgoing> | SchemaOptions<Incoming, Outgoing> = {},
    platform: PlatformDefaults = {},
  ) {
    // With a schema it says what the messages are: what the codec makes of them is its input.
    const given = options as Options<Incoming, Outgoing>;
    this.#config = resolve(given, { ...SYSTEM, ...platform }, url);
    this.#encoder = new Encoder(this.#config);
    // A wrong one that stands here is misuse, and thrown now; one that a function returns is an attempt that fails.
    if (typeof url !== 'function') parseAddress(url, this.#config.transport.baseUrl?.());
    this.#runtime = new Runtime(url, this.#config, this.#encoder);
  }

  /** What the socket is doing. */
  get state(): Phase {
    return this.#runtime.phase;
  }

  /**
   * Resolves at the first `connected` since `connect()`; rejects at `closed` before it, with the reason. Made
   * anew by the `connect()` that follows an end. Not handling its rejection is no unhandled rejection.
   */
  get opened(): Promise<void> {
    return this.#runtime.life.opened;
  }

  /**
   * Begins to connect, and to keep connected. Does nothing more when that has begun already.
   *
   * @param options.signal Gives the attempt up, as long as there has been no `connected`; later it does nothing.
   * @returns A promise that settles like `opened`; it need not be handled.
   */
  connect(options: { readonly signal?: AbortSignalLike | undefined } = {}): Promise<void> {
    const signal = checkSignal(checkKnown('connect', options, ['signal']).signal);
    if (signal?.aborted === true) return quiet(Promise.reject(abortedBy(signal)));
    const life = this.#runtime.begin({
      type: 'user.connect',
      nowMs: this.#config.clock.now(),
    });
    const opened = async (): Promise<void> => {
      const begun = await life;
      if (signal !== undefined) this.#giveUpOn(signal, begun);
      return begun.opened;
    };
    return quiet(opened());
  }

  /**
   * Sends a message, or keeps it until there is a connection. Never blocks and never waits.
   *
   * @param options What is special about it; see `SendOptions`.
   * @returns What becomes of it.
   * @throws {JetSocketError} `CLOSED` after `close()` or a failure; `NOT_CONNECTED` in replay mode `none`
   * without a connection; `NOT_SERIALIZABLE`; `MESSAGE_TOO_LARGE`; `BUFFER_OVERFLOW` by the policy `error`;
   * `INVALID_OPTION`.
   */
  send(message: Outgoing, options?: SendOptions): Delivery {
    const phase = this.#runtime.phase;
    if (phase !== 'connected') this.#refuseIn(phase, options);
    if (options !== undefined) return this.#sendBy(message, checkSendOptions(options));
    const data = this.#encoder.encode(message);
    // Asked first, as most are such: this way is short for the sake of speed.
    if (typeof data === 'string') return this.#runtime.outgoing.send(data);
    return this.#sendOn(data, undefined);
  }

  /**
   * Lets go what `holdUntilReady` holds back, greetings first: says that the server knows by now who is there. Means
   * this connection alone; after each `connected` it has to be said anew. Does nothing without that option, or
   * without a connection.
   */
  ready(): void {
    this.#runtime.ready();
  }

  /** How it has been doing: counts, bytes, latency, drops. A frozen snapshot of plain data. */
  stats(): Stats {
    return this.#runtime.stats();
  }

  /**
   * What it did last: `stats()`, and the last transitions with their causes. Plain data for a bug report, without
   * messages, headers or secrets. `Options.recordSize` says how far back.
   */
  record(): FlightRecord {
    return this.#runtime.record();
  }

  /**
   * Sends a message, and waits for the reply: the first incoming message with the same id. It is a `message`
   * event all the same.
   *
   * A request made during an outage is sent after it. One whose connection is lost before the reply is sent again on
   * the next one, with the same id: at least once. With `resend: false` it rejects instead, because nobody can tell
   * whether it was done. In replay mode `session` it goes on, exactly once.
   *
   * @returns The reply. Rejects with `REQUEST_TIMEOUT`, `CONNECTION_LOST`, `REQUEST_DROPPED`, `ABORTED`, or
   * `CLOSED` at the end of the socket; and when it could not be sent, with `REQUEST_ID_TAKEN`, `TOO_MANY_REQUESTS`,
   * `HOOK_FAILED`, `INVALID_OPTION`, or what `send()` throws. Nothing is thrown at once.
   */
  request(message: Outgoing, options: RequestOptions<Incoming, Outgoing> = {}): Promise<Incoming> {
    try {
      return this.#openRequests().ask(message, planRequest(options, this.#config.request));
    } catch (thrown) {
      return Promise.reject(asError(thrown));
    }
  }

  #openRequests(): Requests<Incoming, Outgoing> {
    const { request, replay, clock } = this.#config;
    return (this.#requests ??= new Requests(
      {
        socket: this,
        mode: replay.mode,
        clock,
        report: (error) => {
          this.#runtime.onError(error);
        },
      },
      request,
    ));
  }

  /**
   * Has a function called whenever the server knows nothing of us: on every connection, ahead of all that waits;
   * in replay mode `session` with every new session. The place to introduce oneself, and to subscribe again. Called
   * at once if there is a connection already. What it throws is an `error` event, `HOOK_FAILED`.
   *
   * @returns A function that removes it.
   * @throws {JetSocketError} `INVALID_OPTION` for what is no function.
   */
  greet(greeting: Greeting<Outgoing>): () => void {
    if (typeof greeting !== 'function') throw invalid('greeting', greeting, 'a function');
    return this.#runtime.greetings.add((tell, fail) => {
      const result: unknown = greeting((message) => {
        const data = this.#encoder.encode(message);
        if (isFrame(data)) return tell(data);
        this.#runtime.late.say(data, tell, fail);
        return true;
      }, fail);
      // One that goes on saying things later may fail later.
      if (isThenable(result)) Promise.resolve(result).catch(fail);
    });
  }

  /**
   * `for await (const message of socket)`: every message from here on, until the socket is closed; when it has failed, the
   * loop throws why. Up to `buffer.capacity` messages and `buffer.maxBytes` wait for a slow loop; what is
   * more is dropped by `buffer.overflowPolicy`, as `buffer_overflow` with the direction `incoming` tells, or in replay
   * mode `session` is not sent by the server yet. Each loop has all messages; leaving it lets go.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Incoming> {
    return iterate(this.#runtime.read(false));
  }

  /**
   * The messages as a WHATWG stream, from the first read on. In Node a slow reader stops the connection from being read,
   * for handlers as well; in replay mode `session` the server stops at the window; in a browser nothing can stop it,
   * and what is more than `buffer` allows is dropped as `overflowPolicy` says. Closes with the socket, errors when it has
   * failed. Cancelling it lets go of it, and `readable` is another one then.
   */
  get readable(): ReadableStream<Incoming> {
    return this.#bothStreams().readable;
  }

  /**
   * A WHATWG stream that sends. A write waits while half of `buffer` is full or the socket holds a mebibyte, also through an
   * outage. Closing it closes the socket, when all is sent and, where there are such, acknowledged; aborting it
   * closes the socket at once.
   */
  get writable(): WritableStream<Outgoing> {
    return this.#bothStreams().writable;
  }

  /** Bytes of messages that wait, here and in the socket below; where acknowledgements are awaited, until they come. */
  get bufferedBytes(): number {
    return this.#runtime.outgoing.bufferedBytes;
  }

  /**
   * Whether something goes on that was begun on it: a loop or a stream that reads, a writer that is held, a multiplexer, a
   * greeting, a request without its reply. For who hands sockets on: what it says would go to the wrong one. Handlers
   * do not count, as `off` removes them.
   */
  get isInUse(): boolean {
    return this.#runtime.isInUse || this.#streams?.isLocked === true;
  }

  /**
   * Makes a new connection now, from any state: an open one is closed with 1000 and replaced, a wait is cut
   * short. Retries are counted anew.
   */
  reconnect(): void {
    const nowMs = this.#config.clock.now();
    void this.#runtime.begin({ type: 'user.reconnect', nowMs, heard: this.#runtime.heard });
  }

  /**
   * Ends the connection, and does not make another. Messages still waiting are dropped; those handed to the
   * socket are sent first. May be called again.
   *
   * @param code 1000 (default), or 3000 to 4999.
   * @param reason Cut to 123 bytes, at a character.
   * @returns A promise that resolves at `closed`, after `closeTimeoutMs` at the latest. Never rejects.
   * @throws {JetSocketError} `INVALID_OPTION` at once, for a code that may not be sent or a reason that is no string.
   */
  close(code?: number, reason = ''): Promise<void> {
    const checked = closeCode(code);
    if (typeof reason !== 'string') {
      throw new JetSocketError(
        'INVALID_OPTION',
        `Cannot use option reason: it got ${describe(reason)}, and takes a string`,
      );
    }
    const { life } = this.#runtime;
    const cut = cutUtf8(reason, MAX_REASON_BYTES);
    this.#runtime.dispatch({ type: 'user.close', code: checked, reason: cut, cause: 'close' });
    return life.ended;
  }

  /**
   * `await using socket = connect(…)` closes it at the end of the block. Where the runtime lacks
   * `Symbol.asyncDispose`, a polyfill has to come before this module.
   */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Adds a handler behind the others: for one event, or with `'*'` for all. One that throws, or whose promise
   * rejects, becomes an `error` event with the code `HANDLER_FAILED`, and stops nothing.
   *
   * @param options.signal Removes it when aborted.
   * @returns A function that removes it.
   * @throws {JetSocketError} `INVALID_OPTION` for a name that is no event, or a handler that is no function.
   */
  on<Name extends EventName>(
    type: Name,
    handler: Handler<JetSocketEventMap<Incoming>[Name]>,
    options?: ListenOptions,
  ): () => void;
  on(type: '*', handler: Handler<JetSocketEvent<Incoming>>, options?: ListenOptions): () => void;
  on(type: EventName | '*', handler: Handler<never>, options: ListenOptions = {}): () => void {
    return this.#listen(type, handler, options, false);
  }

  /** Like `on`, for one event. */
  once<Name extends EventName>(
    type: Name,
    handler: Handler<JetSocketEventMap<Incoming>[Name]>,
    options?: ListenOptions,
  ): () => void;
  once(type: '*', handler: Handler<JetSocketEvent<Incoming>>, options?: ListenOptions): () => void;
  once(type: EventName | '*', handler: Handler<never>, options: ListenOptions = {}): () => void {
    return this.#listen(type, handler, options, true);
  }

  /** Removes a handler that `on` or `once` added; without one, all handlers of that event. */
  off<Name extends EventName>(
    type: Name,
    handler?: Handler<JetSocketEventMap<Incoming>[Name]>,
  ): void;
  off(type: '*', handler?: Handler<JetSocketEvent<Incoming>>): void;
  off(type: EventName | '*', handler?: Handler<never>): void {
    checkName(type);
    this.#runtime.emitter.off(type, handler);
  }

  #listen(
    type: EventName | '*',
    handler: Handler<never>,
    options: ListenOptions,
    once: boolean,
  ): () => void {
    checkName(type);
    checkSignal(checkKnown('on', options, ['signal']).signal);
    if (typeof handler !== 'function') {
      throw new JetSocketError(
        'INVALID_OPTION',
        `Cannot listen to '${type}': the handler is ${describe(handler)}, not a function`,
      );
    }
    // The overloads tie the handler to the name; the register holds them all.
    return this.#runtime.emitter.on(
      type,
      handler as Handler<JetSocketEvent<Incoming>>,
      options,
      once,
    );
  }

  #bothStreams(): Streams<Incoming, Outgoing> {
    const runtime = this.#runtime;
    const { clock, replay } = this.#config;
    this.#streams ??= new Streams({
      clock,
      get life() {
        return runtime.life;
      },
      get hasRoom() {
        const isKept = replay.mode !== 'none' || runtime.phase === 'connected';
        return isKept && runtime.outgoing.hasRoom;
      },
      read: (hasPatience) => runtime.read(hasPatience),
      send: (message) => this.send(message),
      close: () => this.close(),
    });
    return this.#streams;
  }

  #sendBy(message: Outgoing, { volatile, early, ttlMs, key }: SendOptions): Delivery {
    const { outgoing, late } = this.#runtime;
    const data = this.#encoder.encode(message);
    if (volatile === true || early === true) {
      if (!isFrame(data)) return late.sendNow(data, early === true);
      return outgoing.sendNow(data, early === true ? this.#runtime.link : undefined);
    }
    const expiresAtMs = ttlMs === undefined ? undefined : this.#config.clock.now() + ttlMs;
    const hasTerms = expiresAtMs !== undefined || key !== undefined;
    const terms = hasTerms ? { key, expiresAtMs } : undefined;
    return this.#sendOn(data, terms);
  }

  #sendOn(data: FrameData | PromiseLike<unknown>, terms: Terms | undefined): Delivery {
    const { outgoing, late } = this.#runtime;
    return isFrame(data) ? outgoing.send(data, terms) : late.send(data, terms);
  }

  #refuseIn(phase: Phase, options: SendOptions | undefined): void {
    if (phase === 'closing' || phase === 'closed' || phase === 'failed') {
      throw new JetSocketError(
        'CLOSED',
        `Cannot send: the socket ${phase === 'failed' ? 'has failed' : `is ${phase}`}`,
        {
          hint: 'connect() begins anew',
        },
      );
    }
    if (this.#config.replay.mode !== 'none') return;
    if (options?.volatile === true || options?.early === true) return;
    throw new JetSocketError('NOT_CONNECTED', `Cannot send: the socket is ${phase}`, {
      hint: "replay.mode 'none' keeps nothing: wait for connected, or use 'full_buffer'",
    });
  }

  #giveUpOn(signal: AbortSignalLike, life: Life): void {
    const giveUp = (): void => {
      this.#runtime.giveUp(life);
    };
    const done = (): void => {
      signal.removeEventListener('abort', giveUp);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    life.opened.then(done, done);
    // It may have been aborted while the order waited for its turn.
    if (signal.aborted) giveUp();
  }
}

/** What there is on every platform: time and dice. */
const SYSTEM = {
  clock: systemClock,
  random: systemRandom,
  newId: randomId,
  writeUnheard: writeToConsole,
};

/** Who does not look at the promise must not be ended by it. */
function quiet(promise: Promise<void>): Promise<void> {
  promise.catch(() => undefined);
  return promise;
}

const abortedBy = (signal: AbortSignalLike): JetSocketError =>
  new JetSocketError('ABORTED', 'Cannot connect: the signal given to connect() was aborted', {
    cause: signal.reason,
  });

function checkName(type: unknown): void {
  if (type === '*' || EVENT_NAMES.some((name) => name === type)) return;
  throw new JetSocketError('INVALID_OPTION', `Cannot listen: there is no event ${describe(type)}`, {
    hint: `There are ${EVENT_NAMES.join(', ')} and '*' for all`,
  });
}
