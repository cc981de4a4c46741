import type { EventName, OverflowPolicy, Signal } from '@jetsocket/core';

/** What the client and its server are like, for one run. */
export interface Setup {
  /** Of the client's dice. */
  readonly seed: number;
  /** The option `replay.mode`. */
  readonly mode: 'none' | 'full_buffer';
  /** Whether the server acknowledges and the client waits for it (`buffer.ackOf`); not in mode `none`. */
  readonly acknowledges: boolean;
  /** The option `buffer.capacity`: messages. */
  readonly capacity: number;
  /** The option `buffer.maxBytes`. */
  readonly maxBytes: number;
  /** The option `buffer.overflowPolicy`. */
  readonly overflowPolicy: OverflowPolicy;
  /** A protocol ping, a message of the application's, or none. */
  readonly heartbeat: 'ping' | 'message' | 'off';
  /** The option `backoff.maxAttempts`. */
  readonly maxAttempts: number;
  /** `undefined`: as long as it lives. */
  readonly maxConnectionAgeMs: number | undefined;
  /** How long one way through the network takes. */
  readonly latencyMs: number;
  /** Whether `connect()` comes first. */
  readonly connects: boolean;
}

/** What a handler does inside an event. */
export type HandlerAction = 'send' | 'close' | 'connect' | 'reconnect' | 'throw' | 'reject';

/** One thing that happens. */
export type Step = {
  /** The next step follows in the same turn, before any promise or timer. */
  readonly atOnce?: boolean | undefined;
} & (
  | { readonly type: 'send'; readonly count: number; readonly padding: number }
  | { readonly type: 'advance'; readonly ms: number }
  | { readonly type: 'connect' | 'reconnect' | 'close' }
  /** The next event of this name is answered with that. */
  | { readonly type: 'handle'; readonly event: EventName; readonly action: HandlerAction }
  | { readonly type: 'server_send'; readonly count: number }
  | {
      readonly type: 'server_close';
      /** Of the close frame. */
      readonly code: number;
      /** Of the close frame. */
      readonly reason: string;
      /** Whether the server goes on reading what comes after its close frame. */
      readonly readsOn: boolean;
    }
  /** The connection dies with all that is in flight. */
  | { readonly type: 'kill' }
  /** It dies, and nobody is told. */
  | { readonly type: 'stall' }
  | { readonly type: 'refuse'; readonly count: number; readonly httpStatus: number | undefined }
  | { readonly type: 'hang'; readonly count: number }
  | { readonly type: 'throw_on_open' }
  /** The URL's function takes so long from now on. */
  | { readonly type: 'slow_provider'; readonly ms: number }
  | { readonly type: 'failing_provider'; readonly count: number }
  /** The socket takes no bytes, until released. */
  | { readonly type: 'block' | 'release' }
  | { readonly type: 'lag'; readonly ms: number }
  | { readonly type: 'mute_pongs' }
  /** Links that are over speak once more, against the contract of transports. */
  | { readonly type: 'haunt' }
  /** The machine sleeps: timers fire late. */
  | { readonly type: 'sleep'; readonly ms: number; readonly monotonic: boolean }
  | { readonly type: 'jump_wall_clock'; readonly ms: number }
  /** The environment says so, `count` times, with what undoes it in between. */
  | { readonly type: 'signal'; readonly signal: Signal; readonly count: number }
  /** The network and the server are well again, except for what is half-open. */
  | { readonly type: 'heal' }
);

/** One run, completely: equal schedules give equal runs. */
export interface Schedule {
  /** What does not change in the run. */
  readonly setup: Setup;
  /** What happens, in order. */
  readonly steps: readonly Step[];
}
