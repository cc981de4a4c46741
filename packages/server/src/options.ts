import {
  type Clock,
  type Codec,
  describe,
  JetSocketError,
  json,
  type Logger,
  systemClock,
} from '@jetsocket/core/protocol';
import type { IncomingMessage } from 'node:http';
import type { LogFactory, MaybePromise } from './log.js';
import { memoryLog } from './memory-log.js';

/** How `createSessions()` behaves. All durations in milliseconds, up to 2,147,483,647. */
export interface SessionsOptions<Incoming = unknown, Outgoing = unknown> {
  /** Where sessions are kept. Default: `memoryLog()`. */
  readonly log?: LogFactory | undefined;
  /**
   * How long a session without a connection is kept; of a process that dies, three quarters of it at least. Default:
   * 120,000.
   */
  readonly ttlMs?: number | undefined;
  /** How long it is remembered afterwards how much of it arrived. Default: 86,400,000, a day. */
  readonly tombstoneMs?: number | undefined;
  /**
   * How long `authenticate` may take before an upgrade is refused with 503, a socket to say hello, and how long
   * `session.close()` waits for an answer. Default: 10,000.
   */
  readonly helloTimeoutMs?: number | undefined;
  /**
   * How long a handler of a message or a gap may take. Then `error` names it with `HANDLER_TIMEOUT`, it counts as
   * handled, and what follows begins, in this session or in one that waits for it. Default: 300,000, five minutes.
   */
  readonly handlerTimeoutMs?: number | undefined;
  /** How long a socket may be silent before it is asked for life, and then again before it is cut. Default: 30,000. */
  readonly heartbeatMs?: number | undefined;
  /**
   * Who a client is: a name, or undefined or null to refuse it with HTTP status 401, which is final for most clients.
   * When it throws, rejects or gives something else, the client gets 503 and comes back, and `error` tells
   * `PROVIDER_FAILED`. A session can be resumed only by the one who began it.
   * Default: everybody is the same, and knowing a session's id (128 random bits) is enough.
   */
  readonly authenticate?:
    ((request: IncomingMessage) => MaybePromise<string | null | undefined>) | undefined;
  /** What is kept of a session's outgoing messages until they are acknowledged. */
  readonly buffer?:
    | {
        /** How many messages. Default: 1,000. When full, the oldest is dropped, and both ends are told. */
        readonly capacity?: number | undefined;
        /** How many bytes of payload. Default: 16 MiB. */
        readonly maxBytes?: number | undefined;
      }
    | undefined;
  /** How many sessions there may be; more are refused with 1013. Default: 10,000. */
  readonly maxSessions?: number | undefined;
  /** How many bytes all outboxes may hold together; beyond it, the oldest of the one that sends is dropped. Default: 1 GiB. */
  readonly maxTotalBytes?: number | undefined;
  /** How many messages a client may send beyond the last one handled. Default: 1,024. */
  readonly window?: number | undefined;
  /** The largest message, either way, in bytes. Default: 64 MiB. A `WebSocketServer` of your own has its own limit. */
  readonly maxMessageBytes?: number | undefined;
  /** How messages become frames. Default: `json`. */
  readonly codec?: Codec<Incoming, Outgoing> | undefined;
  /** Told what no `error` handler is there for. Fits `console` and pino. Default: the console, once for each code. */
  readonly logger?: Logger | undefined;
  /** Time. Default: the system's. */
  readonly clock?: Clock | undefined;
}

/** The options with nothing left open. */
export interface Config<Incoming, Outgoing> {
  readonly log: LogFactory;
  readonly ttlMs: number;
  readonly tombstoneMs: number;
  readonly helloTimeoutMs: number;
  readonly handlerTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly authenticate: (request: IncomingMessage) => MaybePromise<string | null | undefined>;
  readonly capacity: number;
  readonly maxBytes: number;
  readonly maxSessions: number;
  readonly maxTotalBytes: number;
  readonly window: number;
  readonly maxMessageBytes: number;
  readonly codec: Codec<Incoming, Outgoing>;
  readonly logger: Logger | undefined;
  readonly clock: Clock;
}

const MAX_MS = 2_147_483_647;
const MEBIBYTE = 1024 * 1024;
const KNOWN: readonly (keyof SessionsOptions)[] = [
  'log',
  'ttlMs',
  'tombstoneMs',
  'helloTimeoutMs',
  'handlerTimeoutMs',
  'heartbeatMs',
  'authenticate',
  'buffer',
  'maxSessions',
  'maxTotalBytes',
  'window',
  'maxMessageBytes',
  'codec',
  'logger',
  'clock',
];

/**
 * Checks options and fills in defaults.
 *
 * @throws {JetSocketError} `INVALID_OPTION`, naming the option, what it got and what it takes.
 */
export function resolve<Incoming, Outgoing>(
  given: SessionsOptions<Incoming, Outgoing>,
): Config<Incoming, Outgoing> {
  checkKeys('options', given, KNOWN);
  const buffer = given.buffer ?? {};
  checkKeys('buffer', buffer, ['capacity', 'maxBytes']);
  return {
    log: checkFunction('log', given.log ?? memoryLog(), 'what memoryLog() or redisLog() returns'),
    ttlMs: integer('ttlMs', given.ttlMs, MAX_MS, 120_000),
    tombstoneMs: integer('tombstoneMs', given.tombstoneMs, Number.MAX_SAFE_INTEGER, 86_400_000),
    helloTimeoutMs: integer('helloTimeoutMs', given.helloTimeoutMs, MAX_MS, 10_000),
    handlerTimeoutMs: integer('handlerTimeoutMs', given.handlerTimeoutMs, MAX_MS, 300_000),
    heartbeatMs: integer('heartbeatMs', given.heartbeatMs, MAX_MS, 30_000),
    authenticate: checkFunction('authenticate', given.authenticate ?? everybody),
    capacity: integer('buffer.capacity', buffer.capacity, Number.MAX_SAFE_INTEGER, 1_000),
    maxBytes: integer('buffer.maxBytes', buffer.maxBytes, Number.MAX_SAFE_INTEGER, 16 * MEBIBYTE),
    maxSessions: integer('maxSessions', given.maxSessions, Number.MAX_SAFE_INTEGER, 10_000),
    maxTotalBytes: integer(
      'maxTotalBytes',
      given.maxTotalBytes,
      Number.MAX_SAFE_INTEGER,
      1024 * MEBIBYTE,
    ),
    window: integer('window', given.window, 1_000_000, 1_024),
    maxMessageBytes: integer(
      'maxMessageBytes',
      given.maxMessageBytes,
      Number.MAX_SAFE_INTEGER,
      64 * MEBIBYTE,
    ),
    // Without a codec the types are the user's claim about the JSON that comes, as with JSON.parse.
    codec: given.codec ?? json,
    logger: given.logger,
    clock: given.clock ?? systemClock,
  };
}

const everybody = (): string => 'everybody';

/** @throws {JetSocketError} `INVALID_OPTION`, when it is no object, or has something that is not named. */
export function checkKeys(option: string, value: object, names: readonly string[]): void {
  if (typeof value !== 'object' || value === null) throw invalid(option, value, 'an object');
  for (const [key, one] of Object.entries(value)) {
    if (one === undefined || names.includes(key)) continue;
    throw new JetSocketError(
      'INVALID_OPTION',
      `Cannot use option ${key}: there is no such option; ${option} takes ${names.join(', ')}`,
      { hint: 'Check its spelling' },
    );
  }
}

/** @throws {JetSocketError} `INVALID_OPTION` */
export function checkFunction<Given>(
  option: string,
  value: Given,
  takes: string = 'a function',
): Given {
  if (typeof value === 'function') return value;
  throw invalid(option, value, takes);
}

/** A number of milliseconds. @throws {JetSocketError} `INVALID_OPTION` */
export const duration = (option: string, value: unknown, fallback: number): number =>
  value === 0 ? 0 : integer(option, value, MAX_MS, fallback);

function integer(option: string, value: unknown, max: number, fallback: number): number {
  if (value === undefined) return fallback;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= max)
    return value;
  throw invalid(option, value, `an integer from 1 to ${max}`);
}

/** That an argument is not what it may be. */
export const invalid = (option: string, got: unknown, takes: string): JetSocketError =>
  new JetSocketError(
    'INVALID_OPTION',
    `Cannot use option ${option}: it got ${describe(got)}, and takes ${takes}`,
  );
