import type { Cause, Signal } from '../events.js';
import type { TimerName } from './effect.js';

/** How an attempt or a connection ended. */
export interface End {
  readonly cause: Cause;
  /** 1006 when there was no close frame. */
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
  /** What the platform or the user's function threw or said. */
  readonly error?: Error | undefined;
  readonly httpStatus?: number | undefined;
  /** When the server asks us to come back, in milliseconds from the end. */
  readonly retryAfterMs?: number | undefined;
  /** No later attempt could do better: not retried, whatever the code says. */
  readonly hopeless?: boolean | undefined;
  /** The session has ended with it: a connection that was on its way to take it over is of no use. */
  readonly endsSession?: boolean | undefined;
}

/** The user's word on what follows an end: the table decides where it is undefined. */
export type Override = boolean | { readonly delayMs: number } | undefined;

/**
 * The only way in. Facts are in the past tense; orders begin with `user.`.
 * Times (`nowMs`) are the monotonic clock's. `heard` is how much came from the server so far, over all connections: a
 * count that only grows.
 */
export type Input =
  | { readonly type: 'user.connect'; readonly nowMs: number }
  | { readonly type: 'user.reconnect'; readonly nowMs: number; readonly heard: number }
  | {
      readonly type: 'user.close';
      readonly code: number;
      readonly reason: string;
      readonly cause: 'close' | 'aborted';
    }
  | { readonly type: 'attempt.prepared'; readonly epoch: number; readonly uri: string }
  | {
      readonly type: 'transport.opened';
      readonly epoch: number;
      readonly nowMs: number;
      readonly protocol: string;
      /** Whether a heartbeat can be sent on this socket. */
      readonly canPing: boolean;
      readonly heard: number;
    }
  | {
      readonly type: 'transport.ended';
      readonly epoch: number;
      readonly nowMs: number;
      readonly end: End;
      readonly override: Override;
      readonly heard: number;
    }
  | {
      readonly type: 'pong.received';
      readonly epoch: number;
      readonly nowMs: number;
      readonly payload: unknown;
    }
  /** The environment says something. */
  | {
      readonly type: 'signal.raised';
      readonly signal: Signal;
      readonly nowMs: number;
      readonly heard: number;
    }
  /** The server wants to be rid of its connections, within this time: another one is to follow. */
  | { readonly type: 'server.leaving'; readonly epoch: number; readonly withinMs: number }
  /** No heartbeat was sent: the user's function for it failed. */
  | { readonly type: 'ping.failed'; readonly epoch: number }
  | {
      readonly type: 'timer.fired';
      readonly timer: TimerName;
      readonly nowMs: number;
      /** How much later than asked it fired, by whichever clock says more. */
      readonly lateMs: number;
      readonly heard: number;
    };

/** The connection stands. */
export type Opened = Extract<Input, { readonly type: 'transport.opened' }>;

/** It, or the attempt, has ended. */
export type Ended = Extract<Input, { readonly type: 'transport.ended' }>;

export type Raised = Extract<Input, { readonly type: 'signal.raised' }>;

export type Pong = Extract<Input, { readonly type: 'pong.received' }>;

export type Fired = Extract<Input, { readonly type: 'timer.fired' }>;
