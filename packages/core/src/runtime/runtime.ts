import { asError, describe, JetSocketError } from '../errors.js';
import { Inbox } from '../delivery/inbox.js';
import { Outbox } from '../delivery/outbox.js';
import type { EventName, JetSocketEvent, MessageEventRecord, Unstamped } from '../events.js';
import type { Effect, Report, TimerName } from '../machine/effect.js';
import type { End, Input, Override } from '../machine/input.js';
import { initialState, type State } from '../machine/state.js';
import { transition } from '../machine/transition.js';
import type { Config, Url } from '../options.js';
import type { FrameData, Link, LinkClosed, LinkListener, OpenRequest } from '../ports.js';
import type { Provider } from '../options.js';
import { parseAddress } from '../url.js';
import { headerRecord, protocolList } from '../validate.js';
import { Emitter } from './emitter.js';
import { type Preparation, type Prepared, prepare } from './hooks.js';
import { Life } from './life.js';
import { Outgoing } from './outgoing.js';
import { Timers } from './timers.js';

type Asked = readonly [Url, string | readonly string[], Readonly<Record<string, string>>];

/**
 * Carries out what the machine decides, and tells it what happens. The only caller of `transition`.
 *
 * Every input runs to completion: what comes in while effects are carried out or handlers are called
 * waits in the mailbox. Messages do not come by here: `send` and `receive` go straight through.
 */
export class Runtime<Incoming, Outgoing_> {
  readonly emitter: Emitter<Incoming>;
  readonly outgoing: Outgoing;
  life = new Life();

  readonly #config: Config<Incoming, Outgoing_>;
  readonly #url: Provider<Url>;
  readonly #inbox: Inbox<Incoming>;
  readonly #timers: Timers<TimerName>;
  readonly #mailbox: Input[] = [];
  #state: State;
  #busy = false;
  #preparation: Preparation | undefined;
  #request: OpenRequest | undefined;
  #link: Link | undefined;
  /** How much came from the server: any of it is life. */
  #heard = 0;
  #lastFatal: JetSocketError | undefined;

  constructor(url: Provider<Url>, config: Config<Incoming, Outgoing_>) {
    this.#url = url;
    this.#config = config;
    this.#state = initialState(config.seed);
    this.emitter = new Emitter((thrown, event) => {
      this.#handlerFailed(thrown, event);
    });
    this.#timers = new Timers(config.clock, (timer, lateMs) => {
      const nowMs = config.clock.now();
      this.dispatch({ type: 'timer.fired', timer, nowMs, lateMs, heard: this.#heard });
    });
    const { buffer, mode, clock, maxMessageBytes, codec, heartbeat } = config;
    const outbox = new Outbox({ ...buffer, awaitsAck: buffer.ackOf !== undefined });
    this.outgoing = new Outgoing(outbox, { ...buffer, mode, clock }, (event) => {
      this.#emit(event);
    });
    this.#inbox = new Inbox(
      { codec, maxMessageBytes, isPong: heartbeat?.isPong, ackOf: buffer.ackOf },
      {
        message: (message) => {
          this.#deliver(message);
        },
        pong: (message) => {
          this.#pongReceived(message);
        },
        acknowledge: (id) => this.outgoing.acknowledge(id),
        error: (error) => {
          this.#emitError(error, false);
        },
      },
    );
  }

  get phase(): State['phase'] {
    return this.#state.phase;
  }

  get nowMs(): number {
    return this.#config.clock.now();
  }

  /** Takes an input, now or, if another one is being carried out, after it. */
  dispatch(input: Input): void {
    this.#mailbox.push(input);
    if (!this.#busy) this.#drain();
  }

  /**
   * Takes an input of the user's that begins a life. The state changes at once, the effects follow in
   * a microtask: who writes `connect()` and then `on()` misses no event.
   */
  begin(input: Input): void {
    if (this.#busy) {
      this.#mailbox.push(input);
      return;
    }
    this.#renewLife();
    const effects = this.#step(input);
    this.#busy = true;
    void Promise.resolve().then(() => {
      for (const effect of effects) this.#perform(effect);
      this.#busy = false;
      this.#drain();
    });
  }

  #drain(): void {
    this.#busy = true;
    for (let input = this.#mailbox.shift(); input !== undefined; input = this.#mailbox.shift()) {
      for (const effect of this.#step(input)) this.#perform(effect);
    }
    this.#busy = false;
  }

  #step(input: Input): readonly Effect[] {
    const { backoff, heartbeat, connectTimeoutMs, closeTimeoutMs, mode } = this.#config;
    const replays = mode !== 'none';
    const config = { backoff, heartbeat, connectTimeoutMs, closeTimeoutMs, replays };
    const [state, effects] = transition(this.#state, input, config);
    this.#state = state;
    return effects;
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'emit':
        if (effect.event.type === 'closed') this.outgoing.reportDropped();
        return this.#emit(effect.event);
      case 'report':
        return this.#report(effect.report);
      case 'timer.set':
        return this.#timers.set(effect.timer, effect.delayMs);
      case 'timer.clear':
        return this.#timers.clear(effect.timer);
      case 'timers.clear':
        return this.#timers.clearAll();
      case 'attempt.prepare':
        return this.#prepare(effect.epoch, effect.attempt);
      case 'transport.open':
        return this.#open(effect.epoch);
      case 'transport.close':
        return this.#link?.close(effect.code, effect.reason);
      case 'transport.abandon':
        this.#letGo();
        return this.#ended(effect.epoch, { ...LOST, cause: effect.cause });
      case 'transport.discard':
        return this.#letGo();
      case 'heartbeat.send':
        return this.#sendHeartbeat();
      case 'outbox.mark':
        return this.outgoing.mark();
      case 'outbox.open':
        if (this.#link !== undefined) this.outgoing.open(this.#link, effect.replay);
        return;
      case 'outbox.shut':
        return this.outgoing.shut();
      case 'outbox.drop':
        return this.outgoing.drop();
      case 'life.begin':
        return this.#renewLife();
      case 'life.opened':
        return this.life.open();
      case 'life.end':
        return this.life.end(this.#lastFatal ?? closedBefore());
    }
  }
}
