import {
  type Position,
  positionOf,
  type SequenceId,
  type SequenceOrder,
} from './delivery/sequence-id.js';
import type { ReplayMode } from './events.js';
import type { Signal } from './options.js';
import * as check from './validate.js';

/** What is promised about messages across an outage; see docs/api.md for what each mode keeps. */
export type ReplayOptions<Incoming = unknown, Outgoing = unknown> =
  | { readonly mode?: 'none' | 'full_buffer' | undefined }
  | SequenceOptions<Incoming, Outgoing>
  | SessionOptions;

/** Exactly once, in order, both ways, with a server that speaks `jetsocket.v1`. */
export interface SessionOptions {
  readonly mode: 'session';
  /**
   * What is done, when the server has lost the session, with messages of which nobody can tell whether they
   * arrived: drop and name them (`DELIVERY_UNKNOWN`), or send them again, some perhaps twice (`SESSION_LOST` names
   * them). Default: `drop`.
   */
  readonly unknownPolicy?: 'drop' | 'resend' | undefined;
  /** How many messages the server may send beyond the last one acknowledged. Default: 1,024. */
  readonly window?: number | undefined;
}

/** Incoming messages too, from any server that numbers them. */
export interface SequenceOptions<Incoming = unknown, Outgoing = unknown> {
  readonly mode: 'sequence_id';
  /**
   * The number or id of a message; undefined or null for one that has none. Numbers and bigints are compared; strings
   * only differ, unless `order` says that they are numbers, in decimal digits. With an epoch, which is a string, only
   * within it.
   */
  readonly sequenceOf: (message: Incoming) => SequenceId | Position | null | undefined;
  /**
   * What a message without a number, such as the answer to a subscription, says of the position reached: so that
   * what is missed before the first numbered message is known too; and of dense numbers, that all up to it must come.
   */
  readonly positionOf?:
    ((message: Incoming) => SequenceId | Position | null | undefined) | undefined;
  /**
   * The last message that an earlier run had: the first connection asks for what came after it, and so does the first
   * one after `close()` and `connect()`, which begin anew. Of these no `replay_completed` tells.
   */
  readonly startAt?: SequenceId | Position | undefined;
  /**
   * Asks for what came after `lastId`, after every connect, before anything else is sent. What it returns is
   * sent; without `isReplayEnd` the replay ends when it has returned or its promise has resolved. A server that
   * takes the position in its URL needs none: the function for the URL is given `lastSequenceId`.
   */
  readonly requestReplay?:
    | ((
        lastId: SequenceId,
        context: ReplayContext<Outgoing>,
      ) => Outgoing | PromiseLike<Outgoing | undefined | void> | undefined | void)
    | undefined;
  /**
   * Tells the message with which the server ends a replay. It is delivered too. A server that sends new messages before,
   * or among, what was asked for needs it, or numbers that are `dense`.
   */
  readonly isReplayEnd?: ((message: Incoming) => boolean) | undefined;
  /**
   * What the numbers are. `dense`: each is one more than the one before, so that every loss shows, and messages that
   * come too early are held back; `monotonic`: they rise, and may skip; `opaque`: they only differ. Default: by the
   * first one, `monotonic` for a number and `opaque` for a string.
   */
  readonly order?: SequenceOrder | undefined;
  /** True is `order: 'dense'`. */
  readonly contiguous?: boolean | undefined;
  /** Whether a replay begins with the message at `lastId` itself, which then proves that nothing is missing. Default: false. */
  readonly inclusive?: boolean | undefined;
  /**
   * How long a hole in dense numbers may stay open before it is a `gap`; and how long the answer to a request may take
   * to come, where there is no `isReplayEnd`: later it is not taken for a replay. Milliseconds. Default: 5,000. While a
   * request has not settled, or a marker is to come, `timeoutMs` is for both.
   */
  readonly gapTimeoutMs?: number | undefined;
  /**
   * How long a replay may take until its marker comes, or its request has settled: then it is taken to be over, told as
   * completed, unverified, and by `REPLAY_TIMEOUT`. Milliseconds. Default: 30,000.
   */
  readonly timeoutMs?: number | undefined;
  /**
   * How many messages are held back behind a hole; how many opaque ids are remembered, and how many numbers with holes
   * during a replay. A replay that is lost with more than that is not asked for again as a whole. Default: 1,000.
   */
  readonly maxHeld?: number | undefined;
  /**
   * What is done with a number that was passed already, outside of a replay: `drop` the message and tell by
   * `SEQUENCE_REGRESSED`, or take it that the server numbers anew (`restart`). Default: `drop`.
   */
  readonly onRegression?: 'drop' | 'restart' | undefined;
}

/** What `requestReplay` is told. */
export interface ReplayContext<Outgoing = unknown> {
  /** The epoch of `lastId`, if the server has such. */
  readonly epoch: string | undefined;
  /** Retries in a row so far. */
  readonly attempt: number;
  /** Aborted when the connection is gone, or the replay has taken longer than `timeoutMs`. */
  readonly signal: Signal;
  /** Sends a message at once, before all that is queued. */
  readonly send: (message: Outgoing) => void;
}

interface SessionConfig {
  readonly mode: 'session';
  readonly unknownPolicy: 'drop' | 'resend';
  readonly window: number;
}

/** The options with nothing left open. */
export type ReplayConfig<Incoming, Outgoing> =
  | { readonly mode: 'none' | 'full_buffer' }
  | SessionConfig
  | {
      readonly mode: 'sequence_id';
      readonly sequenceOf: SequenceOptions<Incoming>['sequenceOf'];
      readonly positionOf: SequenceOptions<Incoming>['positionOf'];
      readonly startAt: Position | undefined;
      readonly requestReplay: SequenceOptions<Incoming, Outgoing>['requestReplay'];
      readonly isReplayEnd: ((message: Incoming) => boolean) | undefined;
      readonly order: SequenceOrder | undefined;
      readonly inclusive: boolean;
      readonly gapTimeoutMs: number;
      readonly timeoutMs: number;
      readonly maxHeld: number;
      readonly onRegression: 'drop' | 'restart';
    };

/** The longest a timer can be asked for, in any runtime: 2³¹ − 1 ms. */
const MAX_MS = 2_147_483_647;
const MODES: readonly ReplayMode[] = ['none', 'full_buffer', 'sequence_id', 'session'];
const SESSION_KEYS = ['mode', 'unknownPolicy', 'window'];
const SEQUENCE_KEYS = [
  'mode',
  'sequenceOf',
  'positionOf',
  'startAt',
  'requestReplay',
  'isReplayEnd',
  'order',
  'contiguous',
  'inclusive',
  'gapTimeoutMs',
  'timeoutMs',
  'maxHeld',
  'onRegression',
];

/**
 * Checks the options of a replay and fills in defaults.
 *
 * @throws {JetSocketError} `INVALID_OPTION`, naming the option, what it got and what it takes.
 */
export function resolveReplay<Incoming, Outgoing>(
  given: ReplayOptions<Incoming, Outgoing> = {},
): ReplayConfig<Incoming, Outgoing> {
  if (typeof given !== 'object' || given === null)
    throw check.invalid('replay', given, 'an object');
  const mode = check.oneOf('replay.mode', given.mode, MODES, 'full_buffer');
  switch (mode) {
    case 'session':
      return resolveSession(given as SessionOptions);
    case 'sequence_id':
      return resolveSequence(given as SequenceOptions<Incoming, Outgoing>);
    default:
      check.known('replay', given, ['mode']);
      return { mode };
  }
}

function resolveSession(given: SessionOptions): SessionConfig {
  check.known('replay', given, SESSION_KEYS);
  return {
    mode: 'session',
    unknownPolicy: check.oneOf(
      'replay.unknownPolicy',
      given.unknownPolicy,
      ['drop', 'resend'] as const,
      'drop',
    ),
    window: check.integer('replay.window', given.window, 1, 1_000_000, 1_024),
  };
}

function resolveSequence<Incoming, Outgoing>(
  given: SequenceOptions<Incoming, Outgoing>,
): ReplayConfig<Incoming, Outgoing> {
  check.known('replay', given, SEQUENCE_KEYS);
  if (typeof given.sequenceOf !== 'function') {
    throw check.invalid(
      'replay.sequenceOf',
      given.sequenceOf,
      'a function that returns the number of a message',
      "replay.mode 'sequence_id' knows messages by their numbers",
    );
  }
  const order = resolveOrder(given);
  return {
    mode: 'sequence_id',
    sequenceOf: given.sequenceOf,
    positionOf: check.optionalFunction('replay.positionOf', given.positionOf),
    startAt: resolveStart(given.startAt, order),
    requestReplay: check.optionalFunction('replay.requestReplay', given.requestReplay),
    isReplayEnd: check.optionalFunction('replay.isReplayEnd', given.isReplayEnd),
    order,
    inclusive: check.boolean('replay.inclusive', given.inclusive, false),
    gapTimeoutMs: check.integer('replay.gapTimeoutMs', given.gapTimeoutMs, 1, MAX_MS, 5_000),
    timeoutMs: check.integer('replay.timeoutMs', given.timeoutMs, 1, MAX_MS, 30_000),
    maxHeld: check.integer('replay.maxHeld', given.maxHeld, 1, 1_000_000, 1_000),
    onRegression: check.oneOf(
      'replay.onRegression',
      given.onRegression,
      ['drop', 'restart'] as const,
      'drop',
    ),
  };
}

function resolveOrder({
  order,
  contiguous,
}: Pick<SequenceOptions, 'order' | 'contiguous'>): SequenceOrder | undefined {
  const isDense = check.boolean('replay.contiguous', contiguous, false);
  if (order === undefined) return isDense ? 'dense' : undefined;
  const checked = check.oneOf(
    'replay.order',
    order,
    ['dense', 'monotonic', 'opaque'] as const,
    'dense',
  );
  if (isDense && checked !== 'dense') {
    throw check.invalid(
      'replay.contiguous',
      contiguous,
      `nothing beside replay.order '${checked}'`,
    );
  }
  return checked;
}

function resolveStart(
  startAt: SequenceOptions['startAt'],
  order: SequenceOrder | undefined,
): Position | undefined {
  if (startAt === undefined) return undefined;
  const isNumeric = order === 'dense' || order === 'monotonic';
  const position = positionOf(startAt, isNumeric);
  if (position !== undefined) return position;
  const text = isNumeric ? 'its digits' : 'a string';
  throw check.invalid(
    'replay.startAt',
    startAt,
    `a number from 0, a bigint, ${text}, or { id, epoch }`,
  );
}
