import type { ReplayMode } from '../events.js';
import type { AbortSignalLike } from '../runtime/signals.js';
import * as check from '../validate.js';

/** What ties a reply to its request. Compared as they are: 1 and '1' differ. */
export type RequestId = string | number | bigint;

/**
 * The id that a message carries, the same in the request and in its reply; undefined or null in messages that are
 * neither.
 */
export type IdOf<Incoming, Outgoing> = IdOfMethod<Incoming, Outgoing>['idOf'];

/** A method, so that a socket of one type may stand for one of a wider type, as with `send`. */
interface IdOfMethod<Incoming, Outgoing> {
  idOf(message: Incoming | Outgoing): RequestId | null | undefined;
}

/** How all requests of a socket behave, unless one says otherwise. */
export interface RequestDefaults<Incoming = unknown, Outgoing = unknown> {
  /** The id that a message carries. Needed, here or for each request. */
  readonly idOf?: IdOf<Incoming, Outgoing> | undefined;
  /** How long a reply may take, an outage included. Milliseconds. Default: 30,000. */
  readonly timeoutMs?: number | undefined;
  /**
   * Whether a request that was sent, and whose connection went before the reply, is sent again on the next one, with
   * the same id: at least once. `false` is for what must not be done twice: it rejects with `CONNECTION_LOST`.
   * Default: `true`; in replay mode `session`, which sends it once and goes on, `false`: so when the session is lost.
   */
  readonly resend?: boolean | undefined;
  /** How many requests may be open at once. Default: 1,000. */
  readonly maxOpen?: number | undefined;
}

/** How one request behaves: what is not given is as the socket's option `request` says. */
export interface RequestOptions<Incoming = unknown, Outgoing = unknown> {
  /** The id that a message carries. Default: as `Options.request` says. */
  readonly idOf?: IdOf<Incoming, Outgoing> | undefined;
  /** How long the reply may take, an outage included. Milliseconds. Default: as `Options.request` says, else 30,000. */
  readonly timeoutMs?: number | undefined;
  /** Whether it is sent again when its connection is lost. Default: as `Options.request` says. */
  readonly resend?: boolean | undefined;
  /** Gives the request up when aborted. What was sent is not called back. */
  readonly signal?: AbortSignalLike | undefined;
}

/** The defaults with nothing left open but `idOf`. */
export interface RequestConfig<Incoming, Outgoing> {
  readonly idOf: IdOf<Incoming, Outgoing> | undefined;
  readonly timeoutMs: number;
  readonly resend: boolean;
  readonly maxOpen: number;
}

/** The longest a timer can be asked for, in any runtime. */
const MAX_MS = 2_147_483_647;

export function resolveRequests<Incoming, Outgoing>(
  mode: ReplayMode,
  options: RequestDefaults<Incoming, Outgoing> = {},
): RequestConfig<Incoming, Outgoing> {
  check.known('request', options, ['idOf', 'timeoutMs', 'resend', 'maxOpen']);
  return {
    idOf: check.optionalFunction('request.idOf', options.idOf),
    timeoutMs: check.integer('request.timeoutMs', options.timeoutMs, 1, MAX_MS, 30_000),
    resend: check.boolean('request.resend', options.resend, mode !== 'session'),
    maxOpen: check.count('request.maxOpen', options.maxOpen, 1, 1_000),
  };
}

/** What one request is asked for with. */
export interface RequestPlan<Incoming, Outgoing> {
  readonly idOf: IdOf<Incoming, Outgoing>;
  readonly timeoutMs: number;
  readonly resend: boolean;
  readonly signal: AbortSignalLike | undefined;
}

export function planRequest<Incoming, Outgoing>(
  options: RequestOptions<Incoming, Outgoing>,
  config: RequestConfig<Incoming, Outgoing>,
): RequestPlan<Incoming, Outgoing> {
  check.known('request', options, ['idOf', 'timeoutMs', 'resend', 'signal']);
  const idOf = check.optionalFunction('idOf', options.idOf) ?? config.idOf;
  if (idOf === undefined) {
    throw check.invalid(
      'idOf',
      undefined,
      "a function that returns a message's id, the same for an answer as for its request",
      'Or give it once: { request: { idOf } }',
    );
  }
  return {
    idOf,
    timeoutMs: check.integer('timeoutMs', options.timeoutMs, 1, MAX_MS, config.timeoutMs),
    resend: check.boolean('resend', options.resend, config.resend),
    signal: check.signal(options.signal),
  };
}
