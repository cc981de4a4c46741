import type { ErrorCode } from '../errors.js';
import type { Cause, EventName, Unstamped } from '../events.js';
import type { State } from './state.js';

/** Named timers: at most one of each runs. Firing late or twice is harmless. */
export type TimerName = 'connect' | 'backoff' | 'heartbeat' | 'pong' | 'stable' | 'age' | 'close';

/** What goes wrong, as data: the runtime makes the error object of it. */
export interface Report {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly cause?: Error | undefined;
  readonly fatal: boolean;
}

/** What a transition comes to. */
export type Step = readonly [next: State, effects: readonly Effect[]];

/** The only way out: orders, in the imperative. The runtime carries them out in this order. */
export type Effect =
  /** Ask the user's functions for address, protocols and headers; the outcome is an input. */
  | {
      readonly type: 'attempt.prepare';
      readonly epoch: number;
      readonly attempt: number;
      /** The server refused the credentials of the attempt or connection before. */
      readonly unauthorized: boolean;
    }
  | { readonly type: 'transport.open'; readonly epoch: number }
  /** Begin the closing handshake. */
  | { readonly type: 'transport.close'; readonly code: number; readonly reason: string }
  /** Let go of the socket, or of the attempt to get one, and report its end as an input with this cause. */
  | { readonly type: 'transport.abandon'; readonly epoch: number; readonly cause: Cause }
  /** Let go of it and hear nothing of it any more. */
  | { readonly type: 'transport.discard' }
  /** Ask for the address of a connection that is to follow on the open one. */
  | {
      readonly type: 'successor.prepare';
      readonly epoch: number;
      readonly attempt: number;
      readonly unauthorized: boolean;
    }
  /** Let go of it. */
  | { readonly type: 'successor.discard' }
  /** It takes the place of the socket that there is, which is let go of if it has not ended. */
  | { readonly type: 'successor.install' }
  /** Deliver what came on it while the old one had still something to say. */
  | { readonly type: 'successor.release' }
  | { readonly type: 'heartbeat.send' }
  /** Note what is queued now: that much is the replay. */
  | { readonly type: 'outbox.mark' }
  /** Begin to send what is queued, the noted part as a replay if `replay`. */
  | { readonly type: 'outbox.open'; readonly replay: boolean }
  /** Stop sending; take back what is known not to have left. */
  | { readonly type: 'outbox.shut' }
  /** Give up what is queued. */
  | { readonly type: 'outbox.drop' }
  | { readonly type: 'timers.clear' }
  | { readonly type: 'timer.clear'; readonly timer: TimerName }
  | { readonly type: 'timer.set'; readonly timer: TimerName; readonly delayMs: number }
  | { readonly type: 'report'; readonly report: Report }
  | { readonly type: 'emit'; readonly event: Unstamped<EmittedName> }
  /** A new life begins: `opened` is a new promise. */
  | { readonly type: 'life.begin' }
  | { readonly type: 'life.opened' }
  | { readonly type: 'life.end'; readonly cause: Cause };

/** The events that the machine decides on. The others tell of messages, which never pass through it. */
export type EmittedName = Extract<
  EventName,
  | 'state_change'
  | 'connecting'
  | 'connected'
  | 'disconnected'
  | 'reconnecting'
  | 'reconnected'
  | 'pong'
  | 'closed'
>;
