import {
  type Delivery,
  type FrameData,
  JetSocket,
  type JetSocketEvent,
  type Options,
} from '@jetsocket/core';
import { FakeClock } from '../fake-clock.js';
import type { FakeLink } from '../fake-link.js';
import { FakeSignals } from '../fake-signals.js';
import { FakeTransport } from '../fake-transport.js';
import { createGrammarChecker, type GrammarChecker } from '../grammar.js';
import { Ledger, numberIn, type Payload } from './ledger.js';
import type { Setup } from './schedule.js';

/** What the server sends. */
export interface FromServer {
  readonly serial?: number;
  readonly ack?: number;
  readonly pong?: boolean;
}

/** Those of the close codes in the schedules that say not to come back, and to come back once, with another token. */
const FATAL_CODES: readonly number[] = [1008];
const UNAUTHORIZED = 4401;
const RESET_AFTER_MS = 5_000;

/** Reasons for an attempt that is no retry. */
const PLANNED: readonly string[] = ['reconnect', 'max_age', 'unproven', 'page_hidden'];

const RESTING = ['idle', 'closed', 'failed'];

/** Timers by name that a client may run at once: connect or backoff, heartbeat, pong, stable, drain, overflow… */
const MAX_TIMERS = 9;

/** How long a message may wait on a connection that takes it again. */
const MAX_WAIT_MS = 100;

/** How long a socket may take to close: so long what is sent meanwhile waits, when another one follows on it. */
const CLOSE_MS = 1_000;

/** A real client, a virtual network and server, and all that is watched of them. */
export class World {
  readonly clock: FakeClock = new FakeClock({ unixMs: 1_700_000_000_000 });
  readonly transport: FakeTransport;
  readonly socket: JetSocket<FromServer, Payload | { readonly ping: true }>;
  readonly signals: FakeSignals = new FakeSignals();
  readonly ledger: Ledger;
  readonly grammar: GrammarChecker;
  readonly log: string[] = [];
  /** Each removes a handler that a step added. */
  readonly handlers: (() => void)[] = [];
  /** Handlers that have still to be called for an event, after one that was. */
  handlersDue: number = 0;
  /** How long the URL's function takes. 0: it answers at once. */
  providerMs: number = 0;
  /** How often it will throw. */
  providerFailures: number = 0;
  readonly #setup: Setup;
  /** Timers of the URL's function. */
  #providerTimers = 0;
  /** Whether the server has refused the token since a connection was healthy, and when the newest one began. */
  #isRefused = false;
  #connectedAtMs = 0;
  #lastSerial = 0;
  #lastHeard = 0;
  /** What waits although nothing is in its way. */
  #waiting:
    { readonly number: number; readonly link: FakeLink; readonly sinceMs: number } | undefined;
  #wrong: Error | undefined;

  constructor(setup: Setup) {
    this.#setup = setup;
    this.ledger = new Ledger(setup);
    this.grammar = createGrammarChecker({ replays: setup.mode !== 'none' });
    this.transport = new FakeTransport({
      clock: this.clock,
      latencyMs: setup.latencyMs,
      canPing: setup.heartbeat === 'ping',
      onOpened: (link) => this.#onOpened(link),
      onReceived: (link, data) => this.#onReceived(link, data),
    });
    this.socket = new JetSocket(() => this.#address(), this.#options());
    this.socket.on('state_change', ({ to }) => {
      if (to === 'connected') this.ledger.noteReplay();
    });
    this.socket.on('disconnected', () => {
      // A handover: all of it is told at once, and the state stays as it is.
      if (this.socket.state === 'connected') this.ledger.noteReplay();
    });
    this.socket.on('*', (event) => this.watch(() => this.#hear(event)));
  }

  /** The newest connection, if it is open. */
  get link(): FakeLink | undefined {
    return this.transport.links.filter((link) => link.isOpen).at(-1);
  }

  send(padding: number): void {
    const { state } = this.socket;
    this.ledger.send(padding, state, (payload): Delivery => this.socket.send(payload));
  }

  serverSends(): void {
    this.#lastSerial++;
    this.link?.deliver(JSON.stringify({ serial: this.#lastSerial } satisfies FromServer));
  }

  /** Whether the client has heard the newest message that the server sent. */
  get heardLast(): boolean {
    return this.#lastHeard === this.#lastSerial;
  }

  /** Runs a check inside a handler, where an error would be no more than an `error` event. */
  watch(check: () => void): void {
    try {
      check();
    } catch (thrown) {
      this.#wrong ??= thrown instanceof Error ? thrown : new Error(String(thrown));
    }
  }

  /** @throws {Error} When anything is wrong, now or since the last time. Timers that are due have fired. */
  check(): void {
    if (this.#wrong !== undefined) throw this.#wrong;
    this.#checkSockets();
    this.#checkRest();
    this.ledger.check(this.socket.state);
    this.#checkProgress();
    if (this.handlersDue !== 0)
      throw new Error('A handler was not called: the one before it threw');
  }

  #hear(event: JetSocketEvent<FromServer>): void {
    this.log.push(
      `${this.clock.now()} ${JSON.stringify(event, (key, value: unknown) => (key === 'error' ? String(value) : value))}`,
    );
    this.grammar.accept(event);
    this.ledger.hear(event);
    this.#checkSockets();
    if (event.type === 'closed') this.#checkRest();
    this.#checkRetry(event);
    if (event.type === 'message') this.#hearMessage(event.data);
  }

  #checkRetry(event: JetSocketEvent<FromServer>): void {
    const { maxAttempts } = this.#setup;
    if (
      event.type === 'reconnecting' &&
      !PLANNED.includes(event.cause) &&
      event.attempt > maxAttempts
    ) {
      throw new Error(`Attempt ${event.attempt} is announced, and maxAttempts is ${maxAttempts}`);
    }
    if (event.type === 'disconnected' && event.will_reconnect && FATAL_CODES.includes(event.code)) {
      throw new Error(`A connection closed with ${event.code} is made anew`);
    }
    this.#checkRefusal(event);
  }

  #checkRefusal(event: JetSocketEvent<FromServer>): void {
    const { clock } = this;
    if (event.type === 'connected') this.#connectedAtMs = clock.now();
    if (event.type === 'closed') this.#isRefused = false;
    if (event.type !== 'disconnected') return;
    if (clock.now() - this.#connectedAtMs >= RESET_AFTER_MS) this.#isRefused = false;
    if (event.code !== UNAUTHORIZED || !event.will_reconnect) return;
    if (this.#isRefused) throw new Error('A token was refused twice, and a third is tried');
    this.#isRefused = true;
  }

  #hearMessage({ serial }: FromServer): void {
    if (serial === undefined) return;
    if (serial <= this.#lastHeard)
      throw new Error(`Message ${serial} of the server came after ${this.#lastHeard}`);
    this.#lastHeard = serial;
  }

  /** Nothing waits for long on a connection that takes messages. */
  #checkProgress(): void {
    const { link, clock } = this;
    const number = this.ledger.waiting;
    const flows =
      this.socket.state === 'connected' && link?.isDead === false && link.bufferedBytes === 0;
    const before = this.#waiting;
    if (!flows || number === undefined) {
      this.#waiting = undefined;
    } else if (before?.number !== number || before.link !== link) {
      this.#waiting = { number, link, sinceMs: clock.now() };
    } else if (clock.now() - before.sinceMs > MAX_WAIT_MS + this.#closingMs()) {
      throw new Error(
        `Message ${number} waits since ${before.sinceMs} ms, and nothing is in its way`,
      );
    }
  }

  #closingMs(): number {
    return this.transport.links.some((link) => !link.isOver && !link.isLive) ? CLOSE_MS : 0;
  }

  #checkSockets(): void {
    const { length } = this.transport.liveLinks;
    // The second one is to follow on the first.
    const most = this.socket.state === 'connected' ? 2 : 1;
    if (length > most) throw new Error(`There are ${length} live sockets`);
    const waiting = this.link?.bufferedBytes ?? 0;
    // The last one handed over may pass the bound, by itself.
    if (waiting >= 2 * this.#setup.maxBytes) throw new Error(`${waiting} bytes wait in the socket`);
  }

  /** In the states that need no socket, and no timer, there is none. */
  #checkRest(): void {
    const { state } = this.socket;
    const hasSocket = this.transport.liveLinks.length > 0;
    if (hasSocket && state !== 'connecting' && state !== 'connected')
      throw new Error(`There is a live socket while ${state}`);
    this.#checkTimers();
  }

  #checkTimers(): void {
    const count = this.clock.pendingCount - this.transport.pendingCount - this.#providerTimers;
    const { state } = this.socket;
    if (RESTING.includes(state) && count > 0) throw new Error(`${count} timers run while ${state}`);
    if (RESTING.includes(state) && this.signals.listeners > 0)
      throw new Error(`Signals are listened to while ${state}`);
    if (this.signals.isStored && state !== 'closing' && this.transport.liveLinks.length > 0)
      throw new Error(`There is a live socket on a page that is stored, while ${state}`);
    if (count > MAX_TIMERS) throw new Error(`${count} timers run`);
  }

  #address(): string | Promise<string> {
    if (this.providerFailures > 0) {
      this.providerFailures--;
      throw new Error('The URL is not to be had');
    }
    const url = 'wss://simulation.test/socket';
    if (this.providerMs === 0) return url;
    return new Promise((resolve) => {
      this.#providerTimers++;
      this.clock.setTimer(this.providerMs, () => {
        this.#providerTimers--;
        resolve(url);
      });
    });
  }

  #options(): Options<FromServer, Payload | { readonly ping: true }> {
    const { seed, mode, capacity, maxBytes, overflowPolicy, heartbeat, maxAttempts } = this.#setup;
    const asMessage = {
      ping: () => ({ ping: true }) as const,
      isPong: (message: FromServer) => message.pong === true,
    };
    return {
      clock: this.clock,
      transport: this.transport,
      signals: this.signals,
      random: seed,
      replay: { mode },
      buffer: {
        capacity,
        maxBytes,
        overflowPolicy,
        ackOf: this.#setup.acknowledges ? this.#ackOf : undefined,
      },
      backoff: { baseMs: 200, capMs: 4_000, maxAttempts, resetAfterMs: RESET_AFTER_MS },
      heartbeat:
        heartbeat === 'off'
          ? false
          : { intervalMs: 3_000, timeoutMs: 1_000, ...(heartbeat === 'message' && asMessage) },
      maxConnectionAgeMs: this.#setup.maxConnectionAgeMs,
      connectTimeoutMs: 2_000,
      closeTimeoutMs: CLOSE_MS,
    };
  }

  readonly #ackOf = ({ ack }: FromServer): number | undefined =>
    ack === undefined ? undefined : this.ledger.idOf(ack);

  /** As servers do with a client that comes anew: the older connection is read no more. */
  #onOpened(newest: FakeLink): void {
    for (const link of this.transport.links) if (link !== newest) link.stopReading();
  }

  #onReceived(link: FakeLink, data: FrameData): void {
    const number = numberIn(data);
    if (number === undefined) {
      if (this.transport.answersPings)
        link.deliver(JSON.stringify({ pong: true } satisfies FromServer));
      return;
    }
    this.ledger.arrive(number);
    if (this.#setup.acknowledges)
      link.deliver(JSON.stringify({ ack: number } satisfies FromServer));
  }
}
