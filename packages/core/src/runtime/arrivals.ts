import { Inbox, type InboxConfig, type InboxOutlet } from '../delivery/inbox.js';
import { LATER } from '../delivery/exchange.js';
import type { Config } from '../options.js';
import type { StandardSchema } from '../standard-schema.js';
import { Gate, type GateOutlet } from './gate.js';
import { Line, type LineConfig } from './line.js';
import { Timers } from './timers.js';

/** What the road in must know of the options. */
export interface ArrivalsConfig<In> extends InboxConfig<In>, LineConfig {
  readonly schema: StandardSchema<unknown, In> | undefined;
  /** What is lost with a connection is asked for again, so it need not be kept: replay mode `sequence_id`. */
  readonly asksAgain: boolean;
}

/** The same of a socket's options. */
export function arrivalsConfig<In, Out>(config: Config<In, Out>): ArrivalsConfig<In> {
  const { codec, maxMessageBytes, heartbeat, buffer, schema, clock, codecTimeoutMs, replay } =
    config;
  // In a session the other end sends no more than the window beyond what was acknowledged: that is the bound.
  const isBounded = replay.mode === 'session';
  return {
    codec,
    maxMessageBytes,
    isPong: heartbeat?.isPong,
    ackOf: buffer.ackOf,
    schema,
    clock,
    timeoutMs: codecTimeoutMs,
    capacity: isBounded ? Infinity : buffer.capacity,
    maxLength: isBounded ? Infinity : buffer.maxBytes,
    asksAgain: replay.mode === 'sequence_id',
  };
}

/** Where it ends. */
export interface ArrivalsOutlet<In> extends InboxOutlet<In>, GateOutlet<In> {
  /** Carries out what comes of a promise, to its end. */
  inFrame(run: () => void): void;
  /** So many messages were dropped since the last time, which is at most once a turn. */
  incomingDropped(count: number): void;
}

/**
 * The road in, where it may have to wait: for a codec, and for a schema, that answer with promises. Whatever was told
 * in order stays in order. Between two connections nothing is delivered; it is once there is the next one.
 */
export class Arrivals<In> {
  readonly inbox: Inbox<In>;
  /** Undefined without a schema. */
  readonly gate: Gate<In> | undefined;
  readonly #asksAgain: boolean;
  readonly #decoding: Line;
  readonly #checking: Line;
  readonly #outlet: ArrivalsOutlet<In>;
  readonly #timers: Timers<'overflow'>;
  #dropped = 0;

  constructor(config: ArrivalsConfig<In>, outlet: ArrivalsOutlet<In>) {
    const run = outlet.inFrame.bind(outlet);
    this.#asksAgain = config.asksAgain;
    this.#outlet = outlet;
    this.#timers = new Timers(config.clock, () => {
      this.reportDropped();
    });
    this.#decoding = new Line(config, run);
    this.#checking = new Line(config, run);
    this.inbox = new Inbox(config, outlet, this.#decoding);
    const { schema } = config;
    this.gate = schema === undefined ? undefined : new Gate(schema, this.#checking, outlet);
  }

  /** Tells something behind all that came before it. @returns `LATER` when it has to wait for that. */
  afterAll(tell: () => void, id: number | null): unknown {
    if (!this.#decoding.isWaiting) return this.afterChecked(tell, id);
    const done = this.#outlet.completion(id);
    this.#decoding.follow(() => {
      if (this.afterChecked(tell, id) !== LATER) done();
    });
    return LATER;
  }

  /** Tells something behind all that was decoded before it. @returns `LATER` when it has to wait for that. */
  afterChecked(tell: () => void, id: number | null): unknown {
    if (!this.#checking.isWaiting) {
      tell();
      return undefined;
    }
    const done = this.#outlet.completion(id);
    this.#checking.follow(() => {
      tell();
      done();
    });
    return LATER;
  }

  /** There was no room for a message. */
  countDropped(): void {
    this.#dropped++;
    if (!this.#timers.has('overflow')) this.#timers.set('overflow', 0);
  }

  /** Tells at once what was dropped; otherwise it is told once a turn. */
  reportDropped(): void {
    const count = this.#dropped;
    if (count === 0) return;
    this.#dropped = 0;
    this.#timers.clear('overflow');
    this.#outlet.incomingDropped(count);
  }

  /** There is no connection any more. */
  pause(): void {
    this.inbox.disconnected();
    this.#checking.pause();
    if (this.#asksAgain) this.#decoding.clear();
    else this.#decoding.pause();
  }

  /** There is one. */
  resume(): void {
    this.#checking.resume();
    this.#decoding.resume();
  }

  /** Nobody expects anything any more. */
  clear(): void {
    this.#checking.clear();
    this.#decoding.clear();
  }
}
