import type { Codec } from '../codec.js';
import { type Position, Sequence, type SequenceOutlet } from '../delivery/sequence.js';
import { JetSocketError } from '../errors.js';
import type { Continuity } from '../events.js';
import type { Clock, Link } from '../ports.js';
import type { ReplayConfig } from '../replay-options.js';
import { askForReplay } from './replay-request.js';
import { Timers } from './timers.js';

/** The options of replay mode `sequence_id`. */
export type SequenceConfig<In, Out> = Extract<
  ReplayConfig<In, Out>,
  { readonly mode: 'sequence_id' }
>;

/** Where numbered messages go, and what is told of them. */
export interface SequenceHost<In> {
  onMessageOf(message: In, id: number | string | null, isReplayed: boolean): void;
  onGap(from: number | string, to: number | string | null, cause: string): void;
  onError(error: JetSocketError): void;
  onReplayed(count: number, continuity: Continuity): void;
  /** Messages are delivered. */
  readonly isConnected: boolean;
  /** Runs something to its end: what handlers ask for on the way comes after it. */
  inFrame(run: () => void): void;
}

/** The numbers of a foreign server, over all connections: between the inbox and the emitter. */
export class SequenceRoad<In, Out> implements SequenceOutlet<In> {
  readonly sequence: Sequence<In>;
  readonly #config: SequenceConfig<In, Out>;
  readonly #codec: Codec<In, Out>;
  readonly #host: SequenceHost<In>;
  readonly #timers: Timers<'gap' | 'replay'>;
  #cancelRequest: () => void = () => undefined;
  #isOpened = false;
  #lostFrom: number | string | undefined;
  #lostTo: number | string | undefined;

  constructor(
    config: SequenceConfig<In, Out>,
    codec: Codec<In, Out>,
    clock: Clock,
    host: SequenceHost<In>,
  ) {
    this.#config = config;
    this.#codec = codec;
    this.#host = host;
    this.sequence = new Sequence(config, this);
    this.#timers = new Timers(clock, (name) => {
      // After close() nobody waits, and what is held back is told when the socket is over.
      if (!this.#host.isConnected) return;
      this.#host.inFrame(() => {
        if (name === 'gap') this.sequence.gapExpired();
        else this.#onReplayTooLong();
      });
    });
  }

  /** The last message's id, as an event tells it. */
  get lastId(): number | string | null {
    const id = this.sequence.last?.id;
    if (id === undefined) return null;
    return typeof id === 'bigint' ? String(id) : id;
  }

  /**
   * There is a connection. It may be long until it is `connected`: what was asked for by the URL comes before that.
   *
   * @param from What the function for the URL was told.
   */
  opened(from?: Position): void {
    if (this.#isOpened) return;
    this.#isOpened = true;
    this.sequence.begin(this.#config.requestReplay === undefined, from);
  }

  /** What waits may go: asks for what was missed, if it is known from where. */
  connected(link: Link, attempt: number, isReconnect: boolean): void {
    this.opened();
    const isOpen = this.sequence.request(isReconnect);
    const { position } = this.sequence;
    if (!isOpen || position === undefined) return;
    const { requestReplay, isReplayEnd } = this.#config;
    this.#cancelRequest = askForReplay({
      requestReplay,
      codec: this.#codec,
      link,
      lastId: position.id,
      epoch: position.epoch,
      attempt,
      onError: (error) => {
        this.#host.onError(error);
      },
      onDone: (isAsked) => {
        if (isReplayEnd === undefined) this.sequence.endReplay(false, isAsked);
        else if (!isAsked) this.sequence.unasked();
      },
    });
  }

  disconnected(): void {
    this.#isOpened = false;
    this.#cancelRequest();
    this.sequence.disconnect();
  }

  /** Neither the request nor the marker comes to an end. */
  #onReplayTooLong(): void {
    // What it would still ask for would come as something new.
    this.#cancelRequest();
    const { isReplayEnd, timeoutMs } = this.#config;
    const missing =
      isReplayEnd === undefined
        ? 'replay.requestReplay has not settled'
        : 'replay.isReplayEnd has found no end';
    this.#host.onError(
      new JetSocketError(
        'REPLAY_TIMEOUT',
        `The replay takes longer than ${timeoutMs} ms: ${missing}`,
        {
          hint: 'It is taken to be over, and unverified. replay.timeoutMs says how long it may take',
        },
      ),
    );
    this.sequence.replayExpired();
  }

  message(message: In, id: number | string | null, isReplayed: boolean): void {
    this.#host.onMessageOf(message, id, isReplayed);
  }

  gap(from: number | string, to: number | string | null, cause: string): void {
    this.#host.onGap(from, to, cause);
  }

  error(error: JetSocketError): void {
    this.#host.onError(error);
  }

  timer(name: 'gap' | 'replay', on: boolean): void {
    if (!on) return this.#timers.clear(name);
    const { gapTimeoutMs, timeoutMs } = this.#config;
    if (!this.#timers.has(name)) this.#timers.set(name, name === 'gap' ? gapTimeoutMs : timeoutMs);
  }

  /** A message that had to wait for the schema was dropped. */
  lost(id: number | string, isReplayed: boolean): void {
    this.#lostTo = id;
    this.#lostFrom ??= id;
    this.sequence.lost(isReplayed);
  }

  /** Tells what was lost since the last time. */
  reportLost(): void {
    const [from, to] = [this.#lostFrom, this.#lostTo];
    this.#lostFrom = undefined;
    if (from !== undefined && to !== undefined) this.#host.onGap(from, to, 'overflow');
  }

  replayEnded(count: number, continuity: Continuity): void {
    this.reportLost();
    this.#host.onReplayed(count, continuity);
  }
}
