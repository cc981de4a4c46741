import { type Delivery, JetSocket, type JetSocketEvent, type Signal } from '@jetsocket/node';
import { createGrammarChecker, FakeClock, FakeSignals } from '@jetsocket/testing';
import { createSessions, type LogFactory, memoryLog, type Session } from '../../src/index.js';
import { dice } from '../dice.js';
import { Network } from './network.js';

/** What a run came to. */
export interface Run {
  readonly reconnects: number;
  readonly delivered: number;
  readonly confessed: number;
}

const TTL_MS = 20_000;

/** A client and a server over virtual time, and what each was told. Numbers are given from 1 on, either way. */
class World {
  readonly clock = new FakeClock();
  readonly network = new Network(this.clock);
  readonly signals = new FakeSignals();
  readonly socket: JetSocket<number, number>;
  readonly sent: Delivery[] = [];
  readonly gotUp: number[] = [];
  readonly gotDown: number[] = [];
  readonly log: string[] = [];
  /** What the server sent, and the name that it has in its session. */
  readonly sentDown: { readonly session: Session<number, number>; readonly delivery: Delivery }[] =
    [];
  /** What the server was told of, by the end of a session. */
  readonly unacknowledged = new Set<Delivery>();
  /** Sessions that ended, some with their server, before the client had heard of them: nobody is left who knew. */
  readonly diedUnheard = new Set<Session<number, number>>();
  reconnects = 0;
  gaps = 0;
  #welcomes = 0;
  /** How often the client had been welcomed when the session began. */
  #welcomesBefore = 0;
  readonly #capacity: number;
  readonly #keepsLog: boolean;
  #session: Session<number, number> | undefined;
  #log: LogFactory = memoryLog();
  readonly #grammar = createGrammarChecker();

  constructor(random: () => number) {
    this.#capacity = random() < 0.3 ? 5 : 10_000;
    this.#keepsLog = random() < 0.5;
    this.start();
    this.socket = new JetSocket<number, number>('ws://server', {
      transport: this.network,
      clock: this.clock,
      random: random(),
      replay: { mode: 'session' },
      backoff: { baseMs: 100, capMs: 1_000, maxPerMinute: Infinity },
      heartbeat: { intervalMs: 2_000, timeoutMs: 1_000 },
      buffer: { capacity: this.#capacity },
      connectTimeoutMs: 3_000,
      closeTimeoutMs: 1_000,
      maxConnectionAgeMs: random() < 0.5 ? 4_000 : undefined,
      signals: this.signals,
    });
    this.socket.on('*', (event) => this.#note(event));
  }

  start(): void {
    if (!this.#keepsLog) this.#log = memoryLog();
    const sessions = createSessions<number, number>({
      clock: this.clock,
      log: this.#log,
      ttlMs: TTL_MS,
      heartbeatMs: 3_000,
      helloTimeoutMs: 3_000,
      buffer: { capacity: this.#capacity },
    });
    sessions.on('session', (session) => {
      this.#session = session;
      this.#welcomesBefore = this.#welcomes;
      session.on('message', (message) => void this.gotUp.push(message));
      session.on('end', ({ unacknowledged }) => {
        for (const delivery of unacknowledged) this.unacknowledged.add(delivery);
        // What it dropped for want of room, the server was told of, and the client never heard of either.
        if (this.#welcomes === this.#welcomesBefore) this.diedUnheard.add(session);
        if (this.#session === session) this.#session = undefined;
      });
    });
    this.network.server = sessions;
  }

  crash(): void {
    for (const wire of this.network.live) wire.crash();
    this.network.server = undefined;
    const isUnheard = this.#welcomes === this.#welcomesBefore;
    if (this.#session !== undefined && isUnheard) this.diedUnheard.add(this.#session);
    this.#session = undefined;
  }

  clientSends(): void {
    this.sent.push(this.socket.send(this.sent.length + 1));
  }

  serverSends(): void {
    const session = this.#session;
    if (session === undefined || session.state === 'ended') return;
    const delivery = session.send(this.sentDown.length + 1);
    this.sentDown.push({ session, delivery });
  }

  /** After every step: in order, and nothing twice. */
  check(): void {
    for (const [who, got] of [
      ['server', this.gotUp],
      ['client', this.gotDown],
    ] as const) {
      for (let index = 1; index < got.length; index++) {
        if ((got[index] ?? 0) > (got[index - 1] ?? 0)) continue;
        throw new Error(`the ${who} got ${got[index]} after ${got[index - 1]}`);
      }
    }
    const wires = this.network.wires.filter(({ isClientOver }) => !isClientOver);
    // One that takes its leave, one that is open, and one that is to follow on it.
    if (wires.length > 3) throw new Error(`the client has ${wires.length} sockets`);
  }

  /** At the end: everything is there, or somebody was told. */
  checkComplete(): number {
    let confessed = 0;
    const up = new Set(this.gotUp);
    for (const [index, delivery] of this.sent.entries()) {
      if (up.has(index + 1)) continue;
      if (delivery.status !== 'dropped') {
        throw new Error(`${index + 1} of the client's is ${delivery.status}, and never came`);
      }
      confessed++;
    }
    const down = new Set(this.gotDown);
    for (const [index, { session, delivery }] of this.sentDown.entries()) {
      if (down.has(index + 1) || this.diedUnheard.has(session)) continue;
      // A hole in what the client has is covered by a gap, one at least for each.
      if (this.gaps === 0 && !this.unacknowledged.has(delivery))
        throw new Error(`${index + 1} of the server's never came, and no gap was told`);
      confessed++;
    }
    return confessed;
  }

  #note(event: JetSocketEvent<number>): void {
    this.log.push(`${this.clock.now()} ${event.type} ${detailOf(event)}`);
    this.#grammar.accept(event);
    if (event.type === 'message') this.gotDown.push(event.data);
    if (event.type === 'reconnected') this.reconnects++;
    if (event.type === 'connected') this.#welcomes++;
    if (event.type === 'gap') this.gaps++;
    if (event.type === 'error' && event.fatal) throw event.error;
    if (event.type === 'error' && event.code === 'PROTOCOL_ERROR') throw event.error;
    if (event.type === 'error' && event.code === 'HANDLER_FAILED') throw event.error;
  }
}

function detailOf(event: JetSocketEvent<number>): string {
  switch (event.type) {
    case 'message':
      return String(event.data);
    case 'error':
      return `${event.code} ${event.message}`;
    case 'gap':
      return `${event.from}-${event.to} ${event.cause}`;
    default:
      return '';
  }
}

const SIGNALS: readonly Signal[] = [
  ...(['online', 'offline', 'online', 'visible', 'resumed'] as const),
  ...(['stored', 'restored', 'restored'] as const),
];

/** One thing that happens, by the dice. */
async function step(world: World, random: () => number): Promise<void> {
  const { network, clock } = world;
  const upTo = (max: number): number => 1 + Math.floor(random() * max);
  const wire = network.live.at(-1);
  const roll = random() * 100;
  if (roll < 22) for (let count = upTo(8); count > 0; count--) world.clientSends();
  else if (roll < 44) for (let count = upTo(8); count > 0; count--) world.serverSends();
  else if (roll < 64) await clock.advance(upTo(random() < 0.5 ? 30 : 2_000));
  else if (roll < 66) world.signals.raise(SIGNALS[upTo(SIGNALS.length) - 1] ?? 'online');
  else if (roll < 76)
    wire?.cut(random() < 0.7 ? 'told' : 'silent', random() < 0.5 ? 'told' : 'silent');
  else if (roll < 80) network.isRefusing = !network.isRefusing;
  else if (roll < 85) network.latencyMs = random() < 0.7 ? upTo(40) : upTo(900);
  else if (roll < 88) world.socket.reconnect();
  else if (roll < 91) clock.jumpWallClock((random() - 0.5) * 100_000);
  else if (roll < 94)
    clock.sleep(upTo(random() < 0.8 ? 5_000 : 60_000), { monotonic: random() < 0.5 });
  else if (roll < 97) {
    world.crash();
    await clock.advance(upTo(500));
    world.start();
  } else await clock.advance(TTL_MS + upTo(5_000));
  await clock.advance(0);
}

/**
 * One run of a client and a server, the real code of both, through everything that can go wrong between them.
 *
 * @throws {Error} When a promise is broken: which, after which step, and what the client was told.
 */
export async function simulateSession(seed: number, steps: number = 40): Promise<Run> {
  const random = dice(seed);
  const world = new World(random);
  let at = 0;
  try {
    void world.socket.connect();
    for (; at < steps; at++) {
      await step(world, random);
      world.check();
    }
    const { network, clock } = world;
    network.isRefusing = false;
    network.latencyMs = 10;
    world.signals.raise('restored');
    world.signals.raise('online');
    for (let round = 0; round < 30; round++) {
      await clock.advance(1_000);
      world.check();
    }
    if (world.socket.state !== 'connected')
      throw new Error(`all is well, and it is ${world.socket.state}`);
    const confessed = world.checkComplete();
    void world.socket.close();
    await clock.advance(3_000);
    const last: string = world.socket.state;
    if (last !== 'closed') throw new Error(`close() led to ${last}`);
    await network.server?.close();
    return {
      reconnects: world.reconnects,
      delivered: world.gotUp.length + world.gotDown.length,
      confessed,
    };
  } catch (thrown) {
    const { message } = thrown instanceof Error ? thrown : new Error(String(thrown));
    throw new Error(
      `${message}\n(seed ${seed}, step ${at}; again: pnpm simulate --seed ${seed})\n${world.log.slice(-40).join('\n')}`,
      { cause: thrown },
    );
  }
}
