import { formatControl, type Hello, MAX_SEQ, parseControl } from '@jetsocket/core/protocol';
import {
  type Delivery,
  JetSocket,
  JetSocketError,
  type JetSocketEvent,
  type JetSocketEventMap,
} from '@jetsocket/node';
import { createGrammarChecker, FakeClock, FakeSignals } from '@jetsocket/testing';
import {
  createSessions,
  type LogFactory,
  memoryLog,
  type Session,
  type Sessions,
  type Socket,
} from '../../src/index.js';
import { CountingClock } from './counting-clock.js';
import { DownLedger, UpLedger } from './ledger.js';
import { Network } from './network.js';
import { inside } from '../inside.js';

type Server = Sessions<number, number>;

export const TTL_MS = 20_000;

const none = (): undefined => undefined;

/** How many timers the client may have in each state, besides one for each socket that it has closed. */
const TIMERS: Readonly<Record<JetSocket['state'], number>> = {
  idle: 0,
  // The deadline of the attempt, and of what waits to be acknowledged, none.
  connecting: 1,
  // The heartbeat or its answer, the age, the good conduct that resets the backoff, an acknowledgement, and the
  // deadline of a socket that is to follow.
  connected: 5,
  backing_off: 1,
  closing: 1,
  closed: 0,
  failed: 0,
};

/** A client and a server over virtual time, and what each was told. Numbers are given from 1 on, either way. */
export class World {
  readonly clock = new FakeClock();
  readonly network = new Network(this.clock);
  readonly signals = new FakeSignals();
  readonly socket: JetSocket<number, number>;
  readonly sent: Delivery[] = [];
  /** How many messages the client got. */
  got = 0;
  #lastDown = 0;
  readonly log: string[] = [];
  readonly up = new UpLedger();
  readonly down = new DownLedger();
  /** What the server was told of, by the end of a session. */
  readonly #unacknowledged = new Set<Delivery>();
  reconnects = 0;
  #sentDown = 0;
  #lastUp = 0;
  #overflowedDown = 0;
  /** Messages that the client told to be dropped: for want of room, and because nobody knows. */
  #overflowed = 0;
  readonly #unknown = new Set<Delivery>();
  readonly #capacity: number;
  readonly #keepsLog: boolean;
  /** How long the server's handlers take, at most. */
  readonly #handlerMs: number;
  /** How many messages either end takes beyond its last acknowledgement. */
  readonly #window: number;
  #session: Session<number, number> | undefined;
  /** Closed by the server, and not over: handlers may be at work. */
  readonly #closed = new Set<Session<number, number>>();
  #log: LogFactory = memoryLog();
  #serverClock = new CountingClock(this.clock);
  readonly #clientClock = new CountingClock(this.clock);
  readonly #grammar = createGrammarChecker();
  readonly #random: () => number;
  #hello: Hello | undefined;
  #thieves = 0;
  /** What a handler threw, wherever it was caught. */
  #complaint: Error | undefined;

  constructor(random: () => number) {
    this.#random = random;
    this.#capacity = random() < 0.3 ? 5 : 10_000;
    this.#keepsLog = random() < 0.5;
    this.#handlerMs = random() < 0.3 ? 200 : 0;
    this.#window = random() < 0.3 ? 3 : 256;
    this.network.overhear = (wire, way, data) => {
      const control = way === 'up' && typeof data === 'string' ? parseControl(data) : undefined;
      if (control?.type === 'hello') this.#hello = control;
      this.#watch(() => this.down.overhear(wire, way, data));
    };
    this.network.detourMs = () => (random() < 0.3 ? random() * 300 : 0);
    this.start();
    this.socket = new JetSocket<number, number>('ws://server', {
      transport: this.network,
      clock: this.#clientClock,
      random: random(),
      replay: { mode: 'session', window: this.#window },
      backoff: { baseMs: 100, capMs: 1_000, maxPerMinute: Infinity },
      heartbeat: { intervalMs: 2_000, timeoutMs: 1_000 },
      buffer: { capacity: this.#capacity },
      connectTimeoutMs: 3_000,
      closeTimeoutMs: 1_000,
      maxConnectionAgeMs: random() < 0.5 ? 4_000 : undefined,
      signals: this.signals,
    });
    this.socket.on('*', (event) => this.#watch(() => this.#note(event)));
  }

  start(): void {
    if (!this.#keepsLog) this.#log = memoryLog();
    this.#serverClock = new CountingClock(this.clock);
    const sessions = createSessions<number, number>({
      clock: this.#serverClock,
      log: this.#log,
      ttlMs: TTL_MS,
      heartbeatMs: 3_000,
      helloTimeoutMs: 3_000,
      window: this.#window,
      buffer: { capacity: this.#capacity },
    });
    sessions.on('session', (session) => this.#watch(() => this.#begins(session)));
    sessions.on('error', (error) => this.#watch(() => raise(error)));
    this.network.server = sessions;
  }

  /** As a killed process: its timers, and what its handlers were busy with, are gone. */
  crash(): void {
    for (const wire of this.network.live) wire.crash();
    this.#serverClock.kill();
    this.network.server = undefined;
    this.#session = undefined;
    this.#closed.clear();
    this.#busy = 0;
    this.down.killed(this.#keepsLog);
  }

  clientSends(): void {
    this.sent.push(this.socket.send(this.sent.length + 1));
  }

  serverSends(): void {
    const session = this.#session;
    if (session === undefined || session.state === 'ended') return;
    const value = ++this.#sentDown;
    const delivery = session.send(value);
    this.down.sent(session.id, inside(session).highest, value, delivery);
  }

  /** Its messages go on in another session, but for what the client never acknowledged, which `end` names. */
  serverCloses(): void {
    if (this.#session !== undefined) {
      void this.#session.close();
      this.#closed.add(this.#session);
    }
    this.#session = undefined;
  }

  /** What a session took in before it was closed counts as acknowledged: to be killed then may lose it (docs/server.md). */
  get owesHandling(): boolean {
    return this.#busy > 0 && this.#closed.size > 0;
  }

  /** A socket that the network has kept for long: the hello on it is stale, and must change nothing. */
  stale(): void {
    const { server } = this.network;
    const hello = this.#hello;
    const session = hello === undefined ? undefined : server?.get(hello.sid);
    if (server === undefined || hello === undefined || session === undefined) return;
    const before = JSON.stringify(session.snapshot);
    const said: string[] = [];
    const n = Math.min(hello.n, inside(session).n);
    const connection = connect(server, said);
    connection.receive(formatControl({ ...hello, n }));
    connection.receive('1 0');
    // Its time was over, and its timer late, as after a sleep.
    if (said[0]?.includes('"expired"') === true && before.includes('"detached"')) return;
    if (JSON.stringify(session.snapshot) !== before) throw new Error('A stale hello was taken');
    if (!said[0]?.includes('"fenced"')) throw new Error(`A stale hello was answered: ${said[0]}`);
  }

  /** Another tab, which has a copy of the session: it is the newer one, and gone at once. */
  thief(): void {
    const { server } = this.network;
    const hello = this.#hello;
    if (server === undefined || hello === undefined || !server.get(hello.sid)) return;
    const n = 1_000_000 * ++this.#thieves + hello.n;
    const connection = connect(server, []);
    connection.receive(
      formatControl({ ...hello, n, isKnown: true, rx: 0, hi: MAX_SEQ, win: this.#sentDown }),
    );
    connection.closed();
  }

  /** After every step. @throws When an invariant is broken. */
  check(): void {
    if (this.#complaint !== undefined) throw this.#complaint;
    const open = this.network.live.filter(({ isClientOver }) => !isClientOver);
    const leaving = open.filter(({ isLeaving }) => isLeaving).length;
    this.#checkClient(open.length - leaving, leaving);
    this.#checkServer();
    this.#checkBounds();
  }

  /** At the end: everything is there, or somebody was told. Returns how much was told. */
  checkComplete(): number {
    let dropped = 0;
    for (const [index, delivery] of this.sent.entries()) {
      if (delivery.status === 'dropped') dropped++;
      else if (!this.up.came.has(index + 1))
        throw new Error(`${index + 1} of the client's is ${delivery.status}, and never came`);
      else if (delivery.status !== 'acknowledged')
        throw new Error(`All is quiet, and ${index + 1} is ${delivery.status}`);
    }
    for (const delivery of this.#unknown) {
      if (delivery.status !== 'dropped') throw new Error(`${delivery.id} was said to be unknown`);
    }
    const told = this.#overflowed + this.#unknown.size;
    if (dropped !== told) throw new Error(`${dropped} were dropped, and ${told} told`);
    if (this.up.missed > this.#overflowed)
      throw new Error(`The server was told that ${this.up.missed} are missing`);
    let overflowed = this.#overflowedDown;
    // By its end, or as one of so many for which there was no room.
    const wasTold = (delivery: Delivery): boolean =>
      this.#unacknowledged.has(delivery) || (delivery.status === 'dropped' && overflowed-- > 0);
    return dropped + this.down.check(wasTold);
  }

  /** After close(): nothing is left. */
  async checkOver(): Promise<void> {
    this.check();
    if (this.socket.state !== 'closed') throw new Error(`close() led to ${this.socket.state}`);
    this.#grammar.end();
    await this.network.server?.close();
    const { count } = this.#serverClock;
    if (count > 0) throw new Error(`${count} timers are left of the server`);
    if (this.#clientClock.count > 0) throw new Error('Timers are left of the client');
  }

  /** One live socket at most, and one that is to follow on it; and no more timers than have a use. */
  #checkClient(live: number, leaving: number): void {
    const { state } = this.socket;
    const most = state === 'connected' ? 2 : state === 'connecting' ? 1 : 0;
    if (live > most) throw new Error(`the client has ${live} live sockets while ${state}`);
    const { count } = this.#clientClock;
    if (count > TIMERS[state] + leaving)
      throw new Error(`the client has ${count} timers while ${state}, ${leaving} leaving`);
  }

  #checkServer(): void {
    const { server, live } = this.network;
    if (server === undefined) return;
    const without = live.filter(({ isWithoutSession }) => isWithoutSession).length;
    // The heartbeat; for a socket the hello; for a session an acknowledgement, or the time until it expires; and for
    // a handler that is busy, its own, and the time that it may take. A goodbye has to be answered in time.
    const most = 1 + without + server.size + this.#closed.size + 2 * this.#busy;
    const { count } = this.#serverClock;
    if (count > most) throw new Error(`the server has ${count} timers, and ${most} uses for them`);
  }

  #checkBounds(): void {
    const { messages } = this.socket.stats().buffered;
    if (messages > this.#capacity) throw new Error(`the client keeps ${messages} messages`);
    for (const session of this.network.server ?? []) {
      if (session.buffered > this.#capacity)
        throw new Error(`the server keeps ${session.buffered} messages`);
      const { handled = 0, accepted = 0, sent = 0, highest = 0 } = session.snapshot;
      if (handled > accepted || sent > highest)
        throw new Error(`${handled} handled of ${accepted}, ${sent} sent of ${highest}`);
    }
  }

  #begins(session: Session<number, number>): void {
    this.#session = session;
    this.up.begins(session.id, inside(session).accepted);
    this.down.begins(session.id, inside(session).highest);
    session.on('message', (value, { seq }) => this.#handle(session, seq, value));
    session.on('gap', ({ from, to }) => this.#watch(() => this.up.gap(session.id, from, to)));
    session.on('error', (error) => this.#watch(() => raise(error)));
    session.on('overflow', ({ dropped }) => void (this.#overflowedDown += dropped));
    session.on('end', ({ unacknowledged }) => {
      for (const delivery of unacknowledged) this.#unacknowledged.add(delivery);
      if (this.#session === session) this.#session = undefined;
      this.#closed.delete(session);
    });
  }

  #busy = 0;

  /** What a handler has begun counts when it is done: not when the process is killed before. */
  #handle(session: Session<number, number>, seq: number, value: number): Promise<void> | undefined {
    const handle = (): void =>
      this.#watch(() => {
        this.up.message(session.id, seq, value);
        const isLate = value <= this.#lastUp && this.#handlerMs === 0;
        if (isLate) throw new Error(`the server got ${value} after ${this.#lastUp}`);
        this.#lastUp = value;
      });
    if (this.#handlerMs === 0) {
      handle();
      return undefined;
    }
    this.#busy++;
    const clock = this.#serverClock;
    return new Promise((resolve) => {
      clock.setTimer(this.#random() * this.#handlerMs, () => {
        this.#busy--;
        handle();
        resolve();
      });
    });
  }

  #note(event: JetSocketEvent<number>): void {
    this.log.push(`${this.clock.now()} ${event.type} ${detailOf(event)}`);
    this.#grammar.accept(event);
    this.down.note(event);
    if (event.type === 'message') this.#came(event.data);
    else if (event.type === 'reconnected') this.reconnects++;
    else if (event.type === 'buffer_overflow') this.#overflowed += event.dropped_count;
    else if (event.type === 'error') this.#failed(event);
  }

  #came(value: number): void {
    if (value <= this.#lastDown) throw new Error(`the client got ${value} after ${this.#lastDown}`);
    this.#lastDown = value;
    this.got++;
  }

  #failed({ fatal, code, message, error }: JetSocketEventMap['error']): void {
    if (fatal || (NEVER.includes(code) && !isRefusedMove(message))) throw error;
    if (error instanceof JetSocketError)
      for (const delivery of error.deliveries) this.#unknown.add(delivery);
  }

  /** What is thrown in a handler is caught there: it is kept for the check after the step. */
  #watch(run: () => void): void {
    try {
      run();
    } catch (thrown) {
      this.#complaint ??= thrown instanceof Error ? thrown : new Error(String(thrown));
    }
  }
}

/** Neither end breaks the protocol. */
const NEVER = ['PROTOCOL_ERROR', 'HANDLER_FAILED'];

/** The server may have lost the session, or given it to another tab, when the client moves: that answer is none. */
const isRefusedMove = (message: string): boolean =>
  message.includes(`answered the hello with '{"gone":`);

const raise = (error: Error): never => {
  throw error;
};

/** A connection of somebody else's, with the same principal. */
function connect(server: Server, said: string[]): ReturnType<Server['connect']> {
  const socket: Socket = {
    send: (data) => void said.push(String(data)),
    close: none,
    terminate: none,
    bufferedBytes: 0,
  };
  return server.connect(socket, 'client');
}

function detailOf(event: JetSocketEvent<number>): string {
  switch (event.type) {
    case 'message':
      return `${event.sequence_id}: ${event.data}`;
    case 'error':
      return `${event.code} ${event.message}`;
    case 'gap':
      return `${event.from}-${event.to} ${event.cause}`;
    default:
      return '';
  }
}
