import type { ErrorCode } from './errors.js';

/** What the client is doing. See docs/state-machine.md for every way from one to the next. */
export type Phase =
  'idle' | 'connecting' | 'connected' | 'backing_off' | 'closing' | 'closed' | 'failed';

/**
 * Why something happened: every transition carries one.
 *
 * - `connect`, `reconnect`, `close`: the user called that method; `aborted`: the signal given to `connect()` was.
 * - `opened`: the connection stands. `backoff_elapsed`: the wait before an attempt is over.
 * - `connect_failed`, `connect_timeout`, `provider_failed`: an attempt came to nothing.
 * - `rejected`: the server answered the handshake with an HTTP status that is not 101.
 * - `closed_by_server`: a close frame came. `connection_lost`: the connection ended without one.
 * - `pong_timeout`: the heartbeat was not answered. `message_too_large`: a message over the limit came.
 * - `invalid_message`: a message that `schema` does not take, with `invalidPolicy: 'close'`.
 * - `session_unsupported`: the server does not speak the session protocol; `protocol_error`: it breaks it;
 *   `session_fenced`: another client took the session over.
 * - `max_age`: the connection reached `maxConnectionAgeMs`.
 * - `unproven`: after a pause nothing came on a connection on which nothing can be asked. `server_leaving`: the
 *   server is about to stop, and asked for it. `page_hidden`: the page was left, and may be kept by the browser.
 * - `returned`: the network or the page is back, and no wait makes sense any more.
 * - `normal`, `fatal`, `exhausted`: why no further attempt is made: a clean end with
 *   reconnecting switched off; a cause that is not retried; attempts used up.
 */
export type Cause =
  | 'connect'
  | 'reconnect'
  | 'close'
  | 'aborted'
  | 'opened'
  | 'backoff_elapsed'
  | 'connect_failed'
  | 'connect_timeout'
  | 'provider_failed'
  | 'rejected'
  | 'closed_by_server'
  | 'connection_lost'
  | 'pong_timeout'
  | 'message_too_large'
  | 'max_age'
  | 'unproven'
  | 'server_leaving'
  | 'page_hidden'
  | 'returned'
  | 'invalid_message'
  | 'session_unsupported'
  | 'session_fenced'
  | 'protocol_error'
  | 'normal'
  | 'fatal'
  | 'exhausted';

/**
 * What an environment may say:
 *
 * - `online`, `offline`: there is a network again, or none.
 * - `hidden`, `visible`: nobody looks at the page, or somebody does again.
 * - `frozen`, `resumed`: nothing runs from now on, or something does again.
 * - `stored`, `restored`: the page is left, and may be kept as it stands; it was kept, and is back.
 */
export type Signal =
  'online' | 'offline' | 'hidden' | 'visible' | 'frozen' | 'resumed' | 'stored' | 'restored';

/** What may be done when a bounded buffer is full. */
export type OverflowPolicy = 'drop_oldest' | 'drop_newest' | 'error';

/** How much is promised about messages across an outage. */
export type ReplayMode = 'none' | 'full_buffer' | 'sequence_id' | 'session';

/** Whether the numbers of incoming messages prove that none is missing. */
export type Continuity = 'verified' | 'unverified';

/**
 * The event contract: name → fields. Every record also has its name as `type` and a `timestamp`,
 * Unix time in **seconds** with a fraction. `delay` is in seconds; names ending in `_ms` are in
 * milliseconds.
 */
export interface JetSocketEventMap<Incoming = unknown> {
  /** A connection is open and usable, the first and every later one. */
  readonly connected: EventRecord<
    'connected',
    {
      readonly uri: string;
      /** The subprotocol that the server chose; empty when none was. */
      readonly protocol: string;
    }
  >;
  /** A connection that had said `connected` has ended: exactly once each. */
  readonly disconnected: EventRecord<
    'disconnected',
    {
      readonly uri: string;
      readonly code: number;
      readonly reason: string;
      readonly was_clean: boolean;
      readonly will_reconnect: boolean;
    }
  >;
  /** A new attempt is scheduled, `delay` seconds from now. `attempt` counts from 1. */
  readonly reconnecting: EventRecord<
    'reconnecting',
    { readonly attempt: number; readonly delay: number; readonly cause: Cause }
  >;
  /** Right after `connected`, on every one but the first. `attempts` is that of the last `reconnecting`. */
  readonly reconnected: EventRecord<
    'reconnected',
    { readonly uri: string; readonly attempts: number; readonly downtime_ms: number }
  >;
  /** An incoming message, decoded. */
  readonly message: EventRecord<'message', MessageFields<Incoming>>;
  /** Anything that went wrong. `fatal` when no further attempt is made because of it. */
  readonly error: EventRecord<
    'error',
    {
      readonly error: Error;
      readonly message: string;
      readonly code: ErrorCode;
      readonly fatal: boolean;
    }
  >;
  /** A heartbeat was sent. */
  readonly ping: EventRecord<'ping', { readonly payload: unknown }>;
  /** Its answer came. */
  readonly pong: EventRecord<'pong', { readonly latency_ms: number; readonly payload: unknown }>;
  /**
   * The outgoing buffer was full, or what a loop or a stream has not read (`direction`); how many messages were
   * dropped since the last such event.
   */
  readonly buffer_overflow: EventRecord<
    'buffer_overflow',
    {
      readonly dropped_count: number;
      readonly policy: OverflowPolicy;
      readonly capacity: number;
      readonly direction: 'outgoing' | 'incoming';
    }
  >;
  /** On a reconnect, before anything is replayed. */
  readonly replay_started: EventRecord<
    'replay_started',
    {
      readonly mode: ReplayMode;
      readonly message_count: number;
      readonly last_sequence_id: number | string | null;
    }
  >;
  /** The replay is done. */
  readonly replay_completed: EventRecord<
    'replay_completed',
    {
      /** Messages sent again and, in modes that number incoming ones, received again. */
      readonly replayed_count: number;
      readonly duration_ms: number;
      readonly mode: ReplayMode;
      /**
       * Whether it is certain that no incoming message is missing, but for those that `gap` names. Only in modes
       * that number them.
       */
      readonly continuity?: Continuity | undefined;
    }
  >;
  /** An attempt has its address and opens a socket (or could not get one: `uri` is then empty). */
  readonly connecting: EventRecord<
    'connecting',
    { readonly uri: string; readonly attempt: number }
  >;
  /** The state changed. */
  readonly state_change: EventRecord<
    'state_change',
    { readonly from: Phase; readonly to: Phase; readonly cause: Cause }
  >;
  /** Final: nothing follows until `connect()`. */
  readonly closed: EventRecord<
    'closed',
    { readonly code: number; readonly reason: string; readonly cause: Cause }
  >;
  /** Incoming messages that nobody can replay any more. Comes only from modes that number them. */
  readonly gap: EventRecord<
    'gap',
    {
      readonly from: number | string;
      readonly to: number | string | null;
      readonly cause: string;
    }
  >;
}

/** What the `message` event says of a message. */
export interface MessageFields<Incoming> {
  /** The message, as the codec and the schema made it. */
  readonly data: Incoming;
  /** The server's number of the message, in modes that number incoming messages; else `null`. */
  readonly sequence_id: number | string | null;
  /** Whether it came as part of a replay. */
  readonly replayed: boolean;
}

/** Fields of one kind of event, with what every record has. */
export type EventRecord<Type extends string, Fields> = Fields & {
  /** The name of the event. */
  readonly type: Type;
  /** Unix time in seconds, with a fraction. */
  readonly timestamp: number;
};

/** The name of an event. */
export type EventName = keyof JetSocketEventMap;

/** Any event's record, discriminated by `type`. */
export type JetSocketEvent<Incoming = unknown> = JetSocketEventMap<Incoming>[EventName];

/** An event before it is stamped: what the machine knows of it. */
export type Unstamped<Name extends EventName = EventName> = {
  [Key in Name]: Omit<JetSocketEventMap[Key], 'timestamp'>;
}[Name];
