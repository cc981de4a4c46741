import type * as CoreModule from '@jetsocket/core/protocol';
import type * as ServerModule from '../../src/index.js';

/** The code under test: the real one, or a mutant of it. */
export interface Subject {
  readonly core: typeof CoreModule;
  readonly server: typeof ServerModule;
}

/** How large the world is. */
export interface WorldSize {
  /** Messages of the client, and of the server. */
  readonly up: number;
  readonly down: number;
  readonly sockets: number;
  /** How many messages either outbox holds. */
  readonly capacity: number;
  /** How many messages the client takes beyond its last acknowledgement. */
  readonly window: number;
  /** How often the session may expire while there is no connection. */
  readonly expiries: number;
  /** How often the server may start anew, with its log or without. */
  readonly restarts: number;
  readonly keepsLog: boolean;
}

interface Pipe {
  /** Frames on their way, the oldest first; null is the end. */
  readonly up: (CoreModule.FrameData | null)[];
  readonly down: (CoreModule.FrameData | null)[];
  isClientOpen: boolean;
  connection: ServerModule.Connection | undefined;
}

/** A message of the server's. */
interface Sent {
  readonly name: string;
  readonly delivery: CoreModule.Delivery;
}

/** What happens next: `up 1` delivers the oldest frame of socket 1 to the server, and so on. */
export type Action = string;

const TTL_MS = 60_000;

/**
 * A client and a server, the real cores of both, and the sockets between them as pipes. Nothing happens but by an
 * action, so that all orders in which things can happen can be tried.
 */
export class World {
  readonly #subject: Subject;
  readonly #size: WorldSize;
  readonly #client: CoreModule.ClientSession;
  readonly #outbox: CoreModule.Outbox;
  readonly #pipes: Pipe[] = [];
  readonly #timers = new Map<number, { readonly delayMs: number; readonly run: () => void }>();
  readonly #clock: CoreModule.Clock;
  readonly #log: ServerModule.LogFactory;
  #sessions: ServerModule.Sessions<string, string>;
  #session: ServerModule.Session<string, string> | undefined;
  #nowMs = 0;
  #nextTimer = 0;
  #ids = 0;
  #ackDue = false;
  #expiries = 0;
  #restarts = 0;
  /** Where the client's first socket is not yet. */
  #current = -1;

  readonly sentUp: CoreModule.Delivery[] = [];
  readonly sentDown: string[] = [];
  readonly gotUp: string[] = [];
  readonly gotDown: string[] = [];
  /** What was told about messages that do not arrive. */
  readonly confessed: string[] = [];
  /** Outgoing messages of the client of which it was told that nobody knows. */
  readonly unknown = new Set<number>();
  /** Messages of the server that a gap at the client, or an end at the server, covers. */
  readonly excusedDown = new Set<string>();
  readonly #numbers = new Map<string, Map<number, Sent>>();

  constructor(subject: Subject, size: WorldSize) {
    const { core, server } = subject;
    this.#subject = subject;
    this.#size = size;
    this.#clock = {
      now: () => this.#nowMs,
      unixNow: () => this.#nowMs,
      setTimer: (delayMs, run) => {
        this.#timers.set(++this.#nextTimer, { delayMs, run });
        return this.#nextTimer;
      },
      clearTimer: (timer) => void this.#timers.delete(timer as number),
    };
    this.#log = server.memoryLog();
    this.#sessions = this.#startServer();
    const { capacity } = size;
    this.#outbox = new core.Outbox({
      capacity,
      maxBytes: 1e9,
      overflowPolicy: 'drop_oldest',
      awaitsAck: true,
      sparesNumbered: true,
    });
    this.#client = new core.ClientSession(
      this.#outbox,
      {
        window: size.window,
        unknownPolicy: 'drop',
        newId: () => `session-of-client-${++this.#ids}`,
      },
      {
        tell: (frame) => void this.#pipe()?.up.push(frame),
        payload: (data) => void this.gotDown.push(String(data).slice(1, -1)),
        gap: (from, to) => this.#excuse(from, to, 'gap'),
        resume: () => this.#flush(),
        answered: () => undefined,
        ackSoon: () => void (this.#ackDue = true),
        welcomed: () => this.#flush(),
        caughtUp: () => undefined,
        lost: ({ why, unknown, missingFrom }) => {
          for (const { id } of unknown) this.unknown.add(id);
          if (missingFrom !== null) this.#excuse(missingFrom, Infinity, why);
        },
        fenced: () => this.#hangUp(),
        tellNext: () => this.#object('the client moves'),
        moved: () => this.#object('the client has moved'),
        moveRefused: () => this.#object('the client does not move'),
        leaving: () => this.#object('the server leaves'),
        fencedByMove: () => this.#object('the client was fenced by its own move'),
        unsupported: (saying) => this.#object(`the client takes the server for another: ${saying}`),
        broken: (reason) =>
          this.#object(`the client says that the server broke the protocol: ${reason}`),
        ended: () => undefined,
        endedByServer: () => undefined,
      },
    );
  }

  /** All that can happen now. */
  actions(): Action[] {
    const list: Action[] = [];
    const { up, down, sockets, expiries, restarts } = this.#size;
    if (this.sentUp.length < up) list.push('client sends');
    if (this.sentDown.length < down && this.#session !== undefined) list.push('server sends');
    const isAway = this.#pipe()?.isClientOpen !== true;
    if (isAway && this.#pipes.length < sockets) list.push('open');
    for (const [index, pipe] of this.#pipes.entries()) {
      if (pipe.connection !== undefined && pipe.up.length > 0) list.push(`up ${index}`);
      if (pipe.isClientOpen && pipe.down.length > 0) list.push(`down ${index}`);
      if (pipe.isClientOpen) list.push(`cut ${index}`);
      if (pipe.connection !== undefined) list.push(`reset ${index}`);
    }
    if (this.#ackDue) list.push('client acks');
    if ([...this.#timers.values()].some(({ delayMs }) => delayMs <= 200)) list.push('server acks');
    const isDetached = this.#session?.state === 'detached';
    if (isDetached && this.#expiries < expiries) list.push('expire');
    if (this.#restarts < restarts && this.#session !== undefined) list.push('restart');
    return list;
  }

  perform(action: Action): void {
    const [verb = '', at = ''] = action.split(' ');
    const pipe = this.#pipes[Number(at)];
    switch (verb) {
      case 'client':
        if (at === 'sends') this.#clientSends();
        else this.#clientAcks();
        return;
      case 'server':
        if (at === 'sends') this.#serverSends();
        else this.#fire((delayMs) => delayMs <= 200);
        return;
      case 'open':
        return this.#open();
      case 'up': {
        const frame = pipe?.up.shift();
        if (frame !== undefined && frame !== null) pipe?.connection?.receive(frame);
        else this.#reset(pipe);
        return;
      }
      case 'down': {
        const frame = pipe?.down.shift();
        if (frame === null) this.#hangUp(true);
        else if (frame !== undefined) this.#client.receive(frame);
        return;
      }
      case 'cut':
        pipe?.up.push(null);
        return this.#hangUp();
      case 'reset':
        return this.#reset(pipe);
      case 'expire':
        this.#expiries++;
        this.#nowMs += TTL_MS + 1;
        return this.#fire((delayMs) => delayMs === TTL_MS);
      case 'restart':
        return this.#restart();
    }
  }

  /** All that can make a difference to what follows. */
  fingerprint(): string {
    return JSON.stringify([
      this.#client.snapshot,
      this.#client.sid,
      this.sentUp.map(({ status }) => status),
      [...this.#sessions].map((session) => [session.id, session.snapshot]),
      this.#session?.id,
      this.#pipes.map(({ up, down, isClientOpen, connection }) => [
        up,
        down,
        isClientOpen,
        connection === undefined ? 0 : connection.hasSession ? 2 : 1,
      ]),
      this.sentDown.length,
      this.gotUp,
      this.gotDown,
      [...this.unknown],
      [...this.excusedDown],
      this.#ackDue,
      [...this.#timers.values()].filter(({ delayMs }) => delayMs <= 200).length,
      this.#expiries,
      this.#restarts,
      this.#restarts > 0 || this.#expiries > 0 ? this.#nowMs : 0,
    ]);
  }

  /** What must hold always. @throws When it does not. */
  check(): void {
    inOrder('server', this.gotUp, this);
    inOrder('client', this.gotDown, this);
    if (this.#isQuiet()) this.#checkComplete();
  }

  /** Both ends are connected, and nothing is on its way. */
  #isQuiet(): boolean {
    const pipe = this.#pipe();
    return (
      pipe?.isClientOpen === true &&
      pipe.connection?.hasSession === true &&
      pipe.up.length === 0 &&
      pipe.down.length === 0 &&
      this.#client.isLive &&
      !this.#ackDue &&
      ![...this.#timers.values()].some(({ delayMs }) => delayMs <= 200)
    );
  }

  #checkComplete(): void {
    for (const [index, delivery] of this.sentUp.entries()) {
      const name = `u${index + 1}`;
      const has = this.gotUp.includes(name);
      if (delivery.status === 'acknowledged' && !has)
        this.#object(`${name} is acknowledged, and was lost`);
      if (delivery.status === 'dropped' || has) continue;
      this.#object(`all is quiet, and ${name} is lost without a word (${delivery.status})`);
    }
    for (const name of this.sentDown) {
      if (this.gotDown.includes(name) || this.excusedDown.has(name)) continue;
      this.#object(`all is quiet, and ${name} is lost without a word`);
    }
  }

  #pipe(): Pipe | undefined {
    return this.#pipes[this.#current];
  }

  #startServer(): ServerModule.Sessions<string, string> {
    const { capacity } = this.#size;
    const sessions = this.#subject.server.createSessions<string, string>({
      clock: this.#clock,
      log: this.#size.keepsLog ? this.#log : this.#subject.server.memoryLog(),
      ttlMs: TTL_MS,
      helloTimeoutMs: 5_000,
      heartbeatMs: 30_000,
      window: 2,
      buffer: { capacity },
    });
    sessions.on('session', (session) => {
      this.#session = session;
      session.on('message', (message) => void this.gotUp.push(message));
      session.on('error', (error) => this.#object(`the server says: ${error.message}`));
      session.on('end', () => {
        if (this.#session === session) this.#session = undefined;
      });
    });
    sessions.on('error', (error) => this.#object(`the server says: ${error.message}`));
    return sessions;
  }

  #clientSends(): void {
    const entry = this.#outbox.add(JSON.stringify(`u${this.sentUp.length + 1}`));
    this.sentUp.push(entry);
    this.#flush();
  }

  #serverSends(): void {
    const session = this.#session;
    if (session === undefined) return;
    const name = `d${this.sentDown.length + 1}`;
    this.sentDown.push(name);
    const delivery = session.send(name);
    const numbers = this.#numbers.get(session.id) ?? new Map<number, Sent>();
    numbers.set(session.highest, { name, delivery });
    this.#numbers.set(session.id, numbers);
  }

  #clientAcks(): void {
    this.#ackDue = false;
    this.#client.exchange.acknowledge();
  }

  #open(): void {
    const pipe: Pipe = { up: [], down: [], isClientOpen: true, connection: undefined };
    this.#pipes.push(pipe);
    this.#current = this.#pipes.length - 1;
    pipe.connection = this.#sessions.connect(
      {
        send: (data) => void pipe.down.push(data),
        close: () => {
          pipe.connection = undefined;
          pipe.down.push(null);
        },
        terminate: () => {
          pipe.connection = undefined;
          pipe.down.push(null);
        },
        bufferedBytes: 0,
      },
      'somebody',
    );
    this.#client.greet();
  }

  /** The client's end of its socket is gone. */
  #hangUp(wasClosed: boolean = false): void {
    const pipe = this.#pipe();
    if (pipe === undefined) return;
    pipe.isClientOpen = false;
    pipe.down.length = 0;
    this.#ackDue = false;
    this.#client.detach(wasClosed);
    this.#outbox.rewind();
  }

  /** The server's end is gone, with all that was on its way to it. */
  #reset(pipe: Pipe | undefined): void {
    if (pipe === undefined) return;
    pipe.up.length = 0;
    pipe.down.push(null);
    const { connection } = pipe;
    pipe.connection = undefined;
    connection?.closed();
  }

  #restart(): void {
    this.#restarts++;
    for (const pipe of this.#pipes) if (pipe.connection !== undefined) this.#reset(pipe);
    const isKnown = this.#client.snapshot['isKnown'] === true;
    if (!isKnown && !this.#size.keepsLog) {
      // What it sent to a client that had not heard of the session yet died with it, and nobody is left who knew.
      for (const numbers of this.#numbers.values()) {
        for (const { name } of numbers.values()) this.excusedDown.add(name);
      }
    }
    // As a killed process: nobody is told, and the timers are gone with it.
    this.#timers.clear();
    this.#session = undefined;
    this.#sessions = this.#startServer();
  }

  #flush(): void {
    for (;;) {
      const frame = this.#client.next();
      if (frame === undefined) return;
      this.#pipe()?.up.push(frame);
      this.#client.advance();
    }
  }

  #fire(isDue: (delayMs: number) => boolean): void {
    for (const [id, { delayMs, run }] of [...this.#timers]) {
      if (!isDue(delayMs) || !this.#timers.delete(id)) continue;
      run();
    }
  }

  /** The client was told that these are missing, in the session that it was in. */
  #excuse(from: number, to: number, cause: string): void {
    this.confessed.push(`${cause} ${from}-${to}`);
    const isOver = to === Infinity;
    // A lost session has another name by the time that it is told.
    const sid = isOver ? undefined : this.#client.sid;
    for (const [id, numbers] of this.#numbers) {
      if (sid !== undefined ? id !== sid : id === this.#client.sid) continue;
      for (const [seq, { name, delivery }] of numbers) {
        if (seq < from || seq > to) continue;
        if (!isOver && this.gotDown.includes(name)) this.#object(`a false gap: ${name} had come`);
        if (!isOver && delivery.status !== 'dropped') {
          this.#object(`a false gap: ${name} is ${delivery.status} at the server`);
        }
        this.excusedDown.add(name);
      }
    }
  }

  #object(complaint: string): never {
    throw new WorldError(complaint);
  }
}

/** A promise is broken. */
export class WorldError extends Error {}

/** Names end with their number: each is higher than the one before, so that none came twice or too late. */
function inOrder(who: string, got: readonly string[], world: World): void {
  for (const [index, name] of got.entries()) {
    const before = got[index - 1];
    if (before === undefined || Number(before.slice(1)) < Number(name.slice(1))) continue;
    throw new WorldError(`the ${who} got ${got.join(' ')} (${world.confessed.join(', ')})`);
  }
}
