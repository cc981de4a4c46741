import type { Continuity, ReplayMode, Unstamped } from '../events.js';
import type { Clock } from '../ports.js';

/** The two events of a replay. */
export type ReplayEvent = Unstamped<'replay_started' | 'replay_completed'>;

/**
 * One replay, from `replay_started` to `replay_completed`: it is over when all that was queued before the
 * connection opened is sent and, in modes that number incoming messages, all that was missed has come.
 */
export class Replay {
  readonly #mode: ReplayMode;
  readonly #clock: Clock;
  readonly #emit: (event: ReplayEvent) => void;
  readonly #startedAtMs: number;
  #count = 0;
  /** All that was queued is sent. */
  isSent: boolean = false;
  /** Messages that were missed are still to come. */
  awaitsIncoming: boolean;
  #continuity: Continuity | undefined;

  /** @param awaitsIncoming Messages come again too: `received` will say when they have. */
  constructor(
    mode: ReplayMode,
    awaitsIncoming: boolean,
    clock: Clock,
    emit: (event: ReplayEvent) => void,
  ) {
    this.#mode = mode;
    this.awaitsIncoming = awaitsIncoming;
    this.#clock = clock;
    this.#emit = emit;
    this.#startedAtMs = clock.now();
  }

  start(messageCount: number, lastSequenceId: number | string | null): void {
    this.#emit({
      type: 'replay_started',
      mode: this.#mode,
      message_count: messageCount,
      last_sequence_id: lastSequenceId,
    });
  }

  /** One of the queued messages was sent. */
  countSent(): void {
    this.#count++;
  }

  /** All of them were. */
  sentAll(): void {
    this.isSent = true;
    this.#completeIfDone();
  }

  /** All that was missed has come: so many messages. */
  received(count: number, continuity: Continuity): void {
    if (!this.awaitsIncoming) return;
    this.awaitsIncoming = false;
    this.#count += count;
    this.#continuity = continuity;
    this.#completeIfDone();
  }

  #completeIfDone(): void {
    if (!this.isSent || this.awaitsIncoming) return;
    this.#emit({
      type: 'replay_completed',
      replayed_count: this.#count,
      duration_ms: this.#clock.now() - this.#startedAtMs,
      mode: this.#mode,
      ...(this.#continuity !== undefined && { continuity: this.#continuity }),
    });
  }
}
