import { type Codec, json } from './codec.js';
import type { SequenceId } from './delivery/sequence.js';
import type { JetSocketError } from './errors.js';
import type { Cause, OverflowPolicy } from './events.js';
import type { BackoffConfig } from './machine/backoff.js';
import type { HeartbeatConfig, MachineConfig } from './machine/config.js';
import type { Clock, Logger, Signals, Transport } from './ports.js';
import type { StandardSchema } from './standard-schema.js';
import { type ReplayConfig, type ReplayOptions, resolveReplay } from './replay-options.js';
import {
  type RequestConfig,
  type RequestDefaults,
  resolveRequests,
} from './requests/request-options.js';
import * as check from './validate.js';

/** The platform's `AbortSignal` where its types are loaded, else its shape. */
export type Signal = typeof globalThis extends { AbortSignal: { prototype: infer Native } }
  ? Native
  : { readonly aborted: boolean; readonly reason: unknown };

/** What a function given as an option is told. */
export interface AttemptContext {
  /** Retries in a row so far: 0 for the first attempt. */
  readonly attempt: number;
  /** Aborted when the attempt is given up, as by `connectTimeoutMs`. Pass it to `fetch`. */
  readonly signal: Signal;
  /** In replay mode `sequence_id`, the last message delivered; else, and before the first one, undefined. */
  readonly lastSequenceId: SequenceId | undefined;
  /** The epoch of that number, if the server has such. */
  readonly epoch: string | undefined;
  /**
   * The server has just refused what was given before, with 4401 or the HTTP status 401: what is cached is of
   * no use. When it refuses what is given now, too, the socket has failed, with `AUTH_FAILED`.
   */
  readonly unauthorized: boolean;
}

/** A value, or a function called before every attempt; one that fails is a counted attempt. */
export type Provider<Value> = Value | ((context: AttemptContext) => Value | PromiseLike<Value>);

/** An address: `ws:`, `wss:`, or as the WHATWG WebSocket takes them, `http:` and `https:`. */
export type Url = string | { readonly href: string };

/** Why a connection, or the attempt to make one, ended; what the `reconnect` function is asked about. */
export interface EndInfo {
  /** In one word, as in the events `reconnecting` and `closed`. */
  readonly cause: Cause;
  /** The close code; 1006 when there was no close frame. */
  readonly code: number;
  /** What the close frame said; empty where it said nothing. */
  readonly reason: string;
  /** Whether there was a closing handshake. */
  readonly wasClean: boolean;
  /** The HTTP status that refused the handshake; known in Node only. */
  readonly httpStatus: number | undefined;
  /** What the platform, or a function of yours, threw or said, where there was anything. */
  readonly error: Error | undefined;
  /** Retries in a row so far. */
  readonly attempt: number;
}

/** What is done about a message that the schema does not take: see `Options.invalidPolicy`. */
export type InvalidPolicy = 'skip' | 'close';

/**
 * How `connect()` and `new JetSocket()` behave. All durations in milliseconds, up to 2,147,483,647.
 *
 * @typeParam Decoded What the codec makes of a frame: without a schema, the message itself. See `SchemaOptions`.
 */
export interface Options<Incoming = unknown, Outgoing = unknown, Decoded = Incoming> {
  /** Subprotocols offered to the server, most wanted first. Default: none. */
  readonly protocols?: Provider<string | readonly string[]> | undefined;
  /** Handshake headers. Node only: a browser cannot set any, and says so with `INVALID_OPTION`. */
  readonly headers?: Provider<Readonly<Record<string, string>>> | undefined;
  /**
   * Whether another attempt follows an end. Default: true, by the table of close codes and HTTP
   * statuses. False: never. A function decides each time, over the table: true and false, or the
   * wait before the attempt; `undefined` leaves it to the table. It is not asked after `close()`.
   */
  readonly reconnect?:
    boolean | ((end: EndInfo) => boolean | { readonly delayMs: number } | undefined) | undefined;
  /** How long to wait before retries. */
  readonly backoff?: BackoffOptions | undefined;
  /** How to find out that the other end is gone. False: never. */
  readonly heartbeat?: false | HeartbeatOptions<Incoming, Outgoing> | undefined;
  /** What is kept of outgoing messages. */
  readonly buffer?: BufferOptions<Incoming> | undefined;
  /** What is promised about messages across an outage. Default: `{ mode: 'full_buffer' }`. */
  readonly replay?: ReplayOptions<Incoming, Outgoing> | undefined;
  /** How `request()` behaves. */
  readonly request?: RequestDefaults<Incoming, Outgoing> | undefined;
  /** How messages become frames. Default: `json`. */
  readonly codec?: Codec<Decoded, Outgoing> | undefined;
  /**
   * Validates incoming messages, and may transform them: any Standard Schema (https://standardschema.dev), as those
   * of zod, valibot and arktype; sync or async. What it does not take becomes an `error` event with the code
   * `INVALID_MESSAGE`, and is not delivered. It is asked last: `isPong`, `ackOf` and `sequenceOf` see a
   * message as the codec made it. Default: none, and the type of what comes is a claim.
   */
  readonly schema?: StandardSchema<unknown, Incoming> | undefined;
  /**
   * What follows on a message that the schema does not take. `skip`: the connection goes on. `close`: it is closed
   * with 4400, and no other one is made unless `reconnect` says so. Default: `skip`.
   */
  readonly invalidPolicy?: InvalidPolicy | undefined;
  /**
   * How long a promise of the codec or of the schema may take, in milliseconds, before the message is given up as one
   * that failed; the messages behind it wait for so long. Default: 10,000.
   */
  readonly codecTimeoutMs?: number | undefined;
  /**
   * Whether everything waits after each `connected` until `ready()` is called, greetings and subscriptions too, except
   * what is sent with `early`: for servers that want to be told first who is there. Default: false.
   */
  readonly holdUntilReady?: boolean | undefined;
  /** How long an attempt may take, its functions for URL, protocols and headers included. Default: 10,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** How long `close()` waits for the server's answer. Default: 5,000. */
  readonly closeTimeoutMs?: number | undefined;
  /**
   * How long a connection is kept before another one replaces it, up to a tenth earlier by dice: for servers
   * and proxies that cut connections at a fixed age. The new one is open before the old one is closed, and the
   * `state` stays `connected`. Default: undefined, as long as it lives.
   */
  readonly maxConnectionAgeMs?: number | undefined;
  /**
   * The largest message, either way, in bytes. `send()` throws `MESSAGE_TOO_LARGE`; of an incoming one an
   * `error` event tells, and in Node, which refuses to read it, the connection is made anew. Default: 64 MiB.
   */
  readonly maxMessageBytes?: number | undefined;
  /**
   * Told what happens; fits `console` and pino. At `debug`: every transition, as `record()` has them. `info`: connected,
   * closed. `warn`: disconnected, reconnecting, overflows, gaps and errors. `error`: errors that are fatal, and
   * what cannot be an event, such as a failing `error` handler. Never messages, but for what
   * the text of a parser's or a schema's error quotes. Default: none. Without it, and
   * without a handler of `error` or `*`, the first failure of a handler and the first of a hook go to the console.
   */
  readonly logger?: Logger | undefined;
  /** How many transitions `record()` tells of, 0 to 10,000. Default: 100. */
  readonly recordSize?: number | undefined;
  /** Makes the sockets. Default: the platform's. */
  readonly transport?: Transport | undefined;
  /**
   * What tells of network, page and sleep: see docs/sleep.md. False: nothing is listened to. Default: in a browser
   * `online`, `visibilitychange`, `freeze`, `pagehide` and their counterparts, from `connect()` until `closed`;
   * elsewhere nothing.
   */
  readonly signals?: Signals | false | undefined;
  /**
   * Lets a Node process end while it waits for the next attempt, if nothing else keeps it. Default: false. A
   * connection, or an attempt to make one, keeps it either way.
   */
  readonly unref?: boolean | undefined;
  /** Time. Default: the system's. */
  readonly clock?: Clock | undefined;
  /**
   * Where the first dice come from: a function that returns a number in [0, 1), called once when the socket
   * is made, or the seed itself. Equal seeds draw equal delays. Default: the system's.
   */
  readonly random?: (() => number) | number | undefined;
}

/**
 * Options with a schema, which says what the messages are, so that the codec need not: its messages may be of any type.
 *
 * @typeParam Base The options of a platform.
 */
export type SchemaOptions<
  Incoming,
  Outgoing,
  Base = Options<Incoming, Outgoing, unknown>,
> = Base & {
  /** Checks what comes in, and says its type. See `Options.schema`. */
  readonly schema: StandardSchema<unknown, Incoming>;
};

/** See `Options.backoff`: the fields of `BackoffConfig`, each with a default. */
export type BackoffOptions = {
  readonly [Key in keyof BackoffConfig]?: BackoffConfig[Key] | undefined;
};

/** See `Options.heartbeat`. */
export interface HeartbeatOptions<Incoming = unknown, Outgoing = unknown> {
  /** From one heartbeat to the next. Default: 30,000. */
  readonly intervalMs?: number | undefined;
  /** How long its answer may take; any other traffic counts as well. Default: 10,000. */
  readonly timeoutMs?: number | undefined;
  /** What a protocol ping carries, up to 125 bytes. Default: nothing. */
  readonly payload?: string | undefined;
  /**
   * Makes the heartbeat a message of the application's: needed in a browser, which cannot send protocol
   * pings; without it none is sent there, and no connection is ended for being silent.
   */
  readonly ping?: (() => Outgoing) | undefined;
  /** Tells the answer to it, which then is no `message` event. Without it any message is life, and none is a `pong`. */
  readonly isPong?: ((message: Incoming) => boolean) | undefined;
}

/** See `Options.buffer`. */
export interface BufferOptions<Incoming = unknown> {
  /** How many messages are kept. Default: 1,000. */
  readonly capacity?: number | undefined;
  /**
   * How many bytes of payload are kept. The same number bounds what waits inside the socket: beyond it
   * messages are kept here until the network takes more. Default: 16 MiB.
   */
  readonly maxBytes?: number | undefined;
  /**
   * What to do when it is full: drop the oldest, drop the one that comes (both are told by
   * `buffer_overflow`), or throw `BUFFER_OVERFLOW` from `send()`. Default: `drop_oldest`.
   */
  readonly overflowPolicy?: OverflowPolicy | undefined;
  /**
   * What an incoming message acknowledges: the `id` of a `Delivery`, with all before it, or undefined.
   * With it, messages are kept until acknowledged and sent again after a reconnect: at least once.
   */
  readonly ackOf?: ((message: Incoming) => number | undefined) | undefined;
}

/** The options with nothing left open: what the machine must know of them, and the rest. */
export interface Config<Incoming, Outgoing> extends MachineConfig {
  readonly protocols: Provider<string | readonly string[]>;
  readonly headers: Provider<Readonly<Record<string, string>>>;
  readonly reconnect: NonNullable<Options<Incoming, Outgoing>['reconnect']>;
  readonly heartbeat: (HeartbeatConfig & HeartbeatHooks<Incoming, Outgoing>) | null;
  readonly buffer: BufferConfig<Incoming>;
  readonly replay: ReplayConfig<Incoming, Outgoing>;
  readonly request: RequestConfig<Incoming, Outgoing>;
  readonly codec: Codec<Incoming, Outgoing>;
  readonly schema: StandardSchema<unknown, Incoming> | undefined;
  readonly invalidPolicy: InvalidPolicy;
  readonly codecTimeoutMs: number;
  readonly holdUntilReady: boolean;
  readonly recordSize: number;
  readonly maxMessageBytes: number;
  readonly logger: Logger | undefined;
  readonly writeUnheard: (error: JetSocketError) => void;
  readonly transport: Transport;
  readonly signals: Signals | undefined;
  readonly unref: boolean;
  readonly clock: Clock;
  readonly seed: number;
  /** Makes the name of a session. */
  readonly newId: () => string;
}

interface HeartbeatHooks<Incoming, Outgoing> {
  readonly payload: string;
  readonly ping: (() => Outgoing) | undefined;
  readonly isPong: ((message: Incoming) => boolean) | undefined;
}

interface BufferConfig<Incoming> {
  readonly capacity: number;
  readonly maxBytes: number;
  readonly overflowPolicy: OverflowPolicy;
  readonly ackOf: ((message: Incoming) => number | undefined) | undefined;
}

/** What a platform package gives its sockets. Users give options instead. */
export interface PlatformDefaults {
  /** Makes the transport of a socket whose options name none. */
  readonly transport?: (() => Transport) | undefined;
  /** What is told of the environment of a socket whose options do not say. */
  readonly signals?: (() => Signals) | undefined;
  /** Options that only this platform has: it checks them itself. */
  readonly options?: readonly string[] | undefined;
}

/** What there is where the user gives nothing. */
export interface Platform extends PlatformDefaults {
  readonly clock: Clock;
  readonly random: () => number;
  /** 128 random bits, fit for secrets. */
  readonly newId: () => string;
  /** Told of a failure in the user's own code that neither a handler of `error` nor a logger hears. */
  readonly writeUnheard: (error: JetSocketError) => void;
}

const KNOWN: readonly (keyof Options)[] = [
  'protocols',
  'headers',
  'reconnect',
  'backoff',
  'heartbeat',
  'buffer',
  'replay',
  'request',
  'codec',
  'schema',
  'invalidPolicy',
  'codecTimeoutMs',
  'holdUntilReady',
  'recordSize',
  'connectTimeoutMs',
  'closeTimeoutMs',
  'maxConnectionAgeMs',
  'maxMessageBytes',
  'logger',
  'transport',
  'signals',
  'unref',
  'clock',
  'random',
];

/** The longest a timer can be asked for, in any runtime: 2³¹ − 1 ms, about 25 days. */
const MAX_MS = 2_147_483_647;
const MEBIBYTE = 1024 * 1024;
const POLICIES: readonly OverflowPolicy[] = ['drop_oldest', 'drop_newest', 'error'];

/**
 * Checks options and fills in defaults.
 *
 * @param url Only looked at for whether it is a function.
 * @throws {JetSocketError} `INVALID_OPTION`, naming the option, what it got and what it takes.
 */
export function resolve<Incoming, Outgoing>(
  options: Options<Incoming, Outgoing>,
  platform: Platform,
  url?: Provider<Url>,
): Config<Incoming, Outgoing> {
  check.known('options', options, [...KNOWN, ...(platform.options ?? [])]);
  const transport = check.object('transport', options.transport ?? platform.transport?.(), [
    'open',
  ]);
  const replay = resolveReplay(options.replay);
  const protocols = check.protocols(options.protocols);
  const headers = check.headers(options.headers, transport.takesHeaders);
  return {
    protocols,
    headers,
    canRefresh: [url, protocols, headers].some((given) => typeof given === 'function'),
    reconnect: check.booleanOrFunction('reconnect', options.reconnect, true),
    backoff: resolveBackoff(options.backoff),
    heartbeat: options.heartbeat === false ? null : resolveHeartbeat(options.heartbeat),
    buffer: resolveBuffer(replay.mode, options.buffer),
    replay,
    request: resolveRequests(replay.mode, options.request),
    replays: replay.mode !== 'none',
    isOrdered: replay.mode === 'session',
    codec: resolveCodec(options.codec),
    ...resolveMessages(options),
    connectTimeoutMs: check.integer(
      'connectTimeoutMs',
      options.connectTimeoutMs,
      1,
      MAX_MS,
      10_000,
    ),
    closeTimeoutMs: check.integer('closeTimeoutMs', options.closeTimeoutMs, 1, MAX_MS, 5_000),
    maxConnectionAgeMs: check.integer(
      'maxConnectionAgeMs',
      options.maxConnectionAgeMs,
      1,
      MAX_MS,
      Infinity,
    ),
    maxMessageBytes: check.integer(
      'maxMessageBytes',
      options.maxMessageBytes,
      1,
      Number.MAX_SAFE_INTEGER,
      64 * MEBIBYTE,
    ),
    logger:
      options.logger === undefined ? undefined : check.object('logger', options.logger, ['error']),
    transport,
    signals: resolveSignals(options.signals, platform),
    unref: check.boolean('unref', options.unref, false),
    clock: check.object('clock', options.clock ?? platform.clock, CLOCK_METHODS),
    seed: resolveSeed(options.random ?? platform.random),
    newId: platform.newId,
    writeUnheard: platform.writeUnheard,
  };
}

/** Without a codec the types are the user's claim about the JSON that comes, as with JSON.parse. */
const resolveCodec = <Incoming, Outgoing>(
  codec: Codec<Incoming, Outgoing> = json,
): Codec<Incoming, Outgoing> => check.object('codec', codec, ['encode', 'decode']);

function resolveSignals(
  signals: Signals | false | undefined,
  platform: Platform,
): Signals | undefined {
  if (signals === false) return undefined;
  const given = signals ?? platform.signals?.();
  return given === undefined ? undefined : check.object('signals', given, ['listen']);
}

const CLOCK_METHODS: readonly (keyof Clock)[] = ['now', 'unixNow', 'setTimer', 'clearTimer'];

type MessageConfig<Incoming> = Pick<
  Config<Incoming, unknown>,
  'schema' | 'invalidPolicy' | 'codecTimeoutMs' | 'holdUntilReady' | 'recordSize'
>;

function resolveMessages<Incoming, Outgoing>(
  options: Options<Incoming, Outgoing>,
): MessageConfig<Incoming> {
  const { schema, invalidPolicy, codecTimeoutMs, holdUntilReady, recordSize } = options;
  return {
    schema: check.schema('schema', schema),
    invalidPolicy: check.oneOf('invalidPolicy', invalidPolicy, ['skip', 'close'], 'skip'),
    codecTimeoutMs: check.integer('codecTimeoutMs', codecTimeoutMs, 1, MAX_MS, 10_000),
    holdUntilReady: check.boolean('holdUntilReady', holdUntilReady, false),
    recordSize: check.integer('recordSize', recordSize, 0, 10_000, 100),
  };
}

function resolveBackoff(backoff: BackoffOptions = {}): BackoffConfig {
  check.known('backoff', backoff, [
    'baseMs',
    'multiplier',
    'capMs',
    'jitter',
    'maxAttempts',
    'resetAfterMs',
    'maxPerMinute',
  ]);
  const baseMs = check.integer('backoff.baseMs', backoff.baseMs, 0, MAX_MS, 1_000);
  return {
    baseMs,
    multiplier: check.number('backoff.multiplier', backoff.multiplier, 1, 100, 2),
    // Who asks for a longer first wait has not asked for this cap.
    capMs: check.integer('backoff.capMs', backoff.capMs, 0, MAX_MS, Math.max(60_000, baseMs)),
    jitter: check.boolean('backoff.jitter', backoff.jitter, true),
    maxAttempts: check.count('backoff.maxAttempts', backoff.maxAttempts, 0, Infinity),
    resetAfterMs: check.integer('backoff.resetAfterMs', backoff.resetAfterMs, 0, MAX_MS, 60_000),
    maxPerMinute: check.count('backoff.maxPerMinute', backoff.maxPerMinute, 1, 600),
  };
}

function resolveHeartbeat<Incoming, Outgoing>(
  heartbeat: HeartbeatOptions<Incoming, Outgoing> = {},
): Config<Incoming, Outgoing>['heartbeat'] {
  const names = ['intervalMs', 'timeoutMs', 'payload', 'ping', 'isPong'];
  check.known('heartbeat', heartbeat, names, 'an object, or false');
  return {
    intervalMs: check.integer('heartbeat.intervalMs', heartbeat.intervalMs, 1, MAX_MS, 30_000),
    timeoutMs: check.integer('heartbeat.timeoutMs', heartbeat.timeoutMs, 1, MAX_MS, 10_000),
    payload: check.shortText('heartbeat.payload', heartbeat.payload, 125),
    ping: check.optionalFunction('heartbeat.ping', heartbeat.ping),
    isPong: check.optionalFunction('heartbeat.isPong', heartbeat.isPong),
  };
}

function resolveBuffer<Incoming>(
  mode: ReplayConfig<Incoming, never>['mode'],
  buffer: BufferOptions<Incoming> = {},
): BufferConfig<Incoming> {
  check.known('buffer', buffer, ['capacity', 'maxBytes', 'overflowPolicy', 'ackOf']);
  const ackOf = check.optionalFunction('buffer.ackOf', buffer.ackOf);
  if (ackOf !== undefined && (mode === 'none' || mode === 'session')) {
    const why =
      mode === 'none' ? 'keeps no message to send again' : 'has acknowledgements of its own';
    throw check.invalid('buffer.ackOf', ackOf, `nothing in replay.mode ${mode}, which ${why}`);
  }
  return {
    capacity: check.count('buffer.capacity', buffer.capacity, 1, 1_000),
    maxBytes: check.count('buffer.maxBytes', buffer.maxBytes, 1, 16 * MEBIBYTE),
    overflowPolicy: check.oneOf(
      'buffer.overflowPolicy',
      buffer.overflowPolicy,
      POLICIES,
      'drop_oldest',
    ),
    ackOf,
  };
}

function resolveSeed(random: (() => number) | number): number {
  if (typeof random !== 'function') {
    if (typeof random === 'number' && Number.isFinite(random)) return random;
    throw check.invalid('random', random, RANDOM);
  }
  let drawn: unknown;
  try {
    drawn = random();
  } catch (thrown) {
    throw check.invalid('random', thrown, RANDOM);
  }
  if (typeof drawn !== 'number' || !(drawn >= 0 && drawn < 1))
    throw check.invalid('random', drawn, RANDOM);
  return Math.floor(drawn * 4_294_967_296);
}

const RANDOM = 'a finite number, or a function that returns one in [0, 1)';
