/** Two live servers that share a log, and a client that dice send to and fro between them, over virtual time. */
import { JetSocket } from '@jetsocket/node';
import { FakeClock, seededRandom } from '@jetsocket/testing';
import { expect, it } from 'vitest';
import { createSessions, type Session, type Sessions } from '../src/index.js';
import { every, type SharedLog, sharedLog } from './shared-log.js';
import { Network } from './simulation/network.js';

type Mine = Session<number, number>;
type End = Parameters<Parameters<typeof onEnd>[1]>[0];
const onEnd = (
  session: Mine,
  told: (end: {
    readonly reason: string;
    readonly unacknowledged: readonly object[];
    readonly unrecorded: { readonly from: number; readonly to: number } | undefined;
  }) => void,
): void => void session.on('end', told);

/** One run: what was sent each way, and what became of it. */
class Run {
  readonly clock = new FakeClock();
  readonly network = new Network(this.clock);
  readonly log: SharedLog;
  readonly nodes: Sessions<number, number>[];
  readonly socket: JetSocket<number, number>;
  /** What the nodes sent, by its value. */
  readonly sent = new Map<number, object>();
  readonly got: number[] = [];
  /** What handlers were given of the client's, in turn. */
  readonly handled: number[] = [];
  readonly mayBeHandledAgain = new Set<number>();
  readonly named = new Set<object>();
  readonly ends: End[] = [];
  sentUp = 0;
  reconnects = 0;
  wrong = '';
  #current: Mine | undefined;
  readonly #random: () => number;
  readonly #handlerMs: number;

  constructor(seed: number) {
    const random = (this.#random = seededRandom(seed));
    this.log = sharedLog(Math.round(random() * 40));
    this.log.clock = this.clock;
    this.#handlerMs = random() < 0.3 ? 0 : random() * 300;
    this.nodes = [this.#node(), this.#node()];
    this.#route();
    this.socket = new JetSocket<number, number>('ws://server', {
      transport: this.network,
      clock: this.clock,
      random: seed,
      replay: { mode: 'session' },
      buffer: { capacity: 10_000 },
      backoff: { baseMs: 100, capMs: 100, jitter: false, maxPerMinute: Infinity },
    });
    this.socket.on('message', ({ data }) => void this.got.push(data));
    this.socket.on('reconnected', () => void this.reconnects++);
    this.socket.on('buffer_overflow', () => void (this.wrong = 'the client overflows'));
    this.socket.on('gap', () => void (this.wrong = 'the client has a gap'));
    void this.socket.connect();
  }

  /** Sends both ways, and is cut every so often; then a node leaves, and at last both do. */
  async play(): Promise<void> {
    const { clock } = this;
    const stopUp = every(clock, 5 + Math.round(this.#random() * 40), () => {
      this.socket.send(++this.sentUp);
    });
    const stopDown = every(clock, 5 + Math.round(this.#random() * 40), () => {
      this.#sendDown();
    });
    for (let cuts = 0; cuts < 6; cuts++) {
      await clock.advance(this.#random() * 1_000);
      this.#route();
      this.network.wires.at(-1)?.cut('told', this.#random() < 0.7 ? 'told' : 'silent');
    }
    await clock.advance(this.#random() * 1_000);
    // Whichever it is on now, it is asked to go to the other one, fed as before.
    const [leaving = 0, staying = 1] = this.network.server === this.nodes[0] ? [0, 1] : [1, 0];
    this.network.server = this.nodes[staying];
    void this.nodes[leaving]?.drain({ timeoutMs: 2_000, handoverMs: 1_000 });
    await clock.advance(1_500);
    stopUp();
    stopDown();
    await clock.advance(120_000);
    // Slow handlers have more to do than that, with as much as was sent.
    for (let more = 0; more < 10 && new Set(this.handled).size < this.sentUp; more++)
      await clock.advance(30_000);
    void this.nodes[leaving]?.close();
    await clock.advance(1_000);
  }

  /** @throws When anything is lost or doubled, and nobody was told. */
  check(): void {
    if (this.wrong !== '') throw new Error(this.wrong);
    if (new Set(this.got).size !== this.got.length) throw new Error('the client got one twice');
    const has = new Set(this.got);
    for (const [value, delivery] of this.sent) {
      if (!has.has(value) && !this.named.has(delivery)) throw new Error(`${value} was lost`);
      if (has.has(value) && this.named.has(delivery))
        throw new Error(`${value} was named, and got`);
    }
    const seen = new Set<number>();
    for (const value of this.handled) {
      if (seen.has(value) && !this.mayBeHandledAgain.has(value))
        throw new Error(`${value} was handled twice, and nobody was told`);
      seen.add(value);
    }
    if (seen.size !== this.sentUp) throw new Error(`${this.sentUp - seen.size} never came`);
  }

  #route(): void {
    this.network.server = this.nodes[this.#random() < 0.5 ? 0 : 1];
  }

  #node(): Sessions<number, number> {
    const sessions = createSessions<number, number>({
      clock: this.clock,
      log: this.log.factory,
      ttlMs: 60_000,
      heartbeatMs: 3_000,
      buffer: { capacity: 10_000 },
    });
    sessions.on('error', (error) => void (this.wrong = String(error)));
    sessions.on('session', (session) => {
      this.#current = session;
      session.on('attached', () => void (this.#current = session));
      session.on('message', (value) => this.#handle(value));
      onEnd(session, (end) => {
        this.ends.push(end);
        for (const delivery of end.unacknowledged) this.named.add(delivery);
        const { from, to } = end.unrecorded ?? { from: 1, to: 0 };
        // The client has one session all along: what is sent as n has the number n.
        for (let seq = from; seq <= to; seq++) this.mayBeHandledAgain.add(seq);
      });
    });
    return sessions;
  }

  #handle(value: number): Promise<void> | undefined {
    this.handled.push(value);
    if (this.#handlerMs === 0) return undefined;
    const ms = this.#random() * this.#handlerMs;
    return new Promise((resolve) => void this.clock.setTimer(ms, resolve));
  }

  #sendDown(): void {
    const session = this.#current;
    if (session === undefined || session.state === 'ended') return;
    const value = this.sent.size + 1;
    this.sent.set(value, session.send(value));
  }
}

it(
  'loses and doubles nothing between two nodes of which nobody is told',
  { timeout: 120_000 },
  async () => {
    const { SEEDS: seeds = '150', SEED: seed } = process.env;
    const [from, to] = seed === undefined ? [1, Number(seeds)] : [Number(seed), Number(seed)];
    const sum = { reconnects: 0, got: 0, handled: 0, twice: 0, named: 0, moved: 0, mayBe: 0 };
    for (let one = from; one <= to; one++) {
      const run = new Run(one);
      await run.play();
      try {
        run.check();
      } catch (thrown) {
        throw new Error(`seed ${one}: ${(thrown as Error).message}`, { cause: thrown });
      }
      sum.reconnects += run.reconnects;
      sum.got += run.got.length;
      sum.handled += run.handled.length;
      sum.twice += run.handled.length - run.sentUp;
      sum.named += run.named.size;
      sum.moved += run.ends.filter(({ reason }) => reason === 'moved').length;
      sum.mayBe += run.mayBeHandledAgain.size;
    }
    // Runs in which nothing happens, or in which everything is named, would prove nothing.
    const count = to - from + 1;
    if (count < 100) return;
    expect(sum.reconnects).toBeGreaterThan(4 * count);
    expect(sum.moved).toBeGreaterThan(2 * count);
    expect(sum.got).toBeGreaterThan(200 * count);
    expect(sum.named).toBeLessThan(10 * count);
    expect(sum.twice).toBeGreaterThan(count);
    // What is named was handled again, but for what was not yet when the log had it after all.
    expect(sum.mayBe).toBeLessThan(1.2 * sum.twice);
  },
);
