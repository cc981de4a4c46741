import type * as CoreModule from '@jetsocket/core/protocol';
import type * as ServerModule from '../../src/index.js';
import { NotedLog } from './noted-log.js';
import { inside } from '../inside.js';

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
  /** How often the client may open another socket beside a live one, to move to it. */
  readonly moves: number;
  /** How often the server may close the session. */
  readonly closes: number;
  /** Handlers of both ends take their time: a message is taken in first, and handled later. */
  readonly isSlow: boolean;
  /** So does the log. */
  readonly isLogSlow: boolean;
}

/** A small world, with more of what is given. */
export const size = (given: Partial<WorldSize>): WorldSize => ({
  up: 1,
  down: 1,
  sockets: 2,
  capacity: 10,
  window: 2,
  expiries: 0,
  restarts: 0,
  keepsLog: false,
  moves: 0,
  closes: 0,
  isSlow: false,
  isLogSlow: false,
  ...given,
});

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

/** A message, or a gap, that the client has taken in and not handled. */
interface Taken {
  /** 0 once its session is over: then its number means nothing. */
  seq: number;
  readonly isGap: boolean;
  readonly handle: () => void;
}

/** A message that a handler of the server's is busy with. */
interface Busy {
  readonly session: ServerModule.Session<string, string>;
  readonly name: string;
  readonly done: () => void;
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
  #log: NotedLog;
  #sessions: ServerModule.Sessions<string, string>;
  #session: ServerModule.Session<string, string> | undefined;
  #nowMs = 0;
  #nextTimer = 0;
  #ids = 0;
  #ackDue = false;
  #expiries = 0;
  #restarts = 0;
  #moves = 0;
  #closes = 0;
  /** Where the client's first socket is not yet. */
  #current = -1;
  /** The socket to which it is about to move. */
  #next = -1;
  /** What the client has taken in, and is not done with. */
  #taken: Taken[] = [];
  readonly #busy: Busy[] = [];
  /** The first broken promise. Kept: whatever handler it shows in, what is thrown there is caught. */
  #complaint: WorldError | undefined;

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
    this.#log = new NotedLog(server.memoryLog(), size.isLogSlow);
    this.#sessions = this.#startServer();
    const { capacity } = size;
    this.#outbox = new core.Outbox({
      capacity,
      maxBytes: 1e9,
      overflowPolicy: 'drop_oldest',
      awaitsAck: true,
      sparesNumbered: true,
    });
    const newId = (): string => `session-of-client-${++this.#ids}`;
    const config = { window: size.window, unknownPolicy: 'drop', newId } as const;
    this.#client = new core.ClientSession(this.#outbox, config, this.#outlet());
  }

  /** All that can happen now at the client. */
  clientActions(): Action[] {
    const list: Action[] = [];
    if (this.sentUp.length < this.#size.up) list.push('client sends');
    for (const [index, pipe] of this.#pipes.entries()) {
      if (!pipe.isClientOpen) continue;
      if (pipe.down.length > 0) list.push(`down ${index}`);
      list.push(`cut ${index}`);
    }
    const { sockets, moves } = this.#size;
    if (this.#pipes.length < sockets) {
      if (this.#pipe()?.isClientOpen !== true) list.push('open');
      else if (this.#next < 0 && this.#client.isLive && this.#moves < moves) list.push('move');
    }
    if (this.#ackDue) list.push('client acks');
    if (this.#taken.length > 0) list.push('client handles');
    return list;
  }

  /** All that can happen now at the server. */
  serverActions(): Action[] {
    const list: Action[] = [];
    const { down, expiries, restarts, closes } = this.#size;
    const isThere = this.#session !== undefined && this.#session.state !== 'ended';
    if (this.sentDown.length < down && isThere) list.push('server sends');
    if (this.#closes < closes && isThere) list.push('server closes');
    for (const [index, pipe] of this.#pipes.entries()) {
      if (pipe.connection === undefined) continue;
      if (pipe.up.length > 0) list.push(`up ${index}`);
      list.push(`reset ${index}`);
    }
    if (this.#dueTimers() > 0) list.push('server acks');
    for (const index of this.#busy.keys()) list.push(`handled ${index}`);
    if (this.#log.isWaiting) list.push('log');
    const isDetached = this.#session?.state === 'detached';
    // A log answers in less time than a session lives.
    const isIdle = isDetached && !this.#log.isAskedAnew;
    if (isIdle && this.#expiries < expiries) list.push('expire');
    if (this.#restarts < restarts && this.#session !== undefined) list.push('restart');
    return list;
  }

  /** All that can happen now. */
  allActions(): Action[] {
    return [...this.clientActions(), ...this.serverActions()];
  }

  /**
   * What has to be tried now: all that can happen, or all that can at one end, where that is as good.
   *
   * An action of the client and one of the server that are both possible commute: what either adds to a pipe goes
   * behind what the other takes out of it. (`explore.test.ts` tries it; a restart alone is of both ends.) So the
   * actions of one end are a persistent set while nothing that the other end does can add to them. The client's
   * can be added to only by a frame that arrives on a pipe that was empty; so not while one waits there already, on
   * each of its sockets, nor while it has none. The server's likewise: not while a frame waits on each of its connections, and
   * the client has no socket left to open.
   *
   * Such a choice skips states, but no end of a path (Godefroid, Partial-Order Methods for the Verification of
   * Concurrent Systems, 1996, theorem 4.3), so that what stays wrong is found: an order, or a complaint. And none in
   * which all is quiet: one that is reached without any action of the chosen end still has that frame waiting, or no
   * socket. No path comes back to where it was, as each action uses something up: nothing is put off for ever.
   */
  actions(): Action[] {
    const client = this.clientActions();
    const server = this.serverActions();
    if (this.#restarts < this.#size.restarts) return this.allActions();
    const isBusy = this.#pipes.every(({ isClientOpen, down }) => !isClientOpen || down.length > 0);
    if (client.length > 0 && isBusy) return client;
    const isSettled = this.#pipes.every(
      ({ connection, up }) => connection === undefined || up.length > 0,
    );
    if (server.length > 0 && isSettled && this.#pipes.length >= this.#size.sockets) return server;
    return this.allActions();
  }

  /** @returns A promise where it takes more than this turn. */
  perform(action: Action): Promise<void> | undefined {
    this.#perform(action);
    const { isSlow, isLogSlow, closes } = this.#size;
    if (!isSlow && !isLogSlow && closes === 0) return undefined;
    // Handlers and logs that take their time answer by promises, and those by others; and a session waits for the one
    // before it. They are the server's alone.
    return /^(up|handled|log|server|reset|expire)/.test(action) ? turns() : undefined;
  }

  #perform(action: Action): void {
    const [verb = '', at = ''] = action.split(' ');
    const pipe = this.#pipes[Number(at)];
    switch (verb) {
      case 'client':
        if (at === 'sends') this.#clientSends();
        else if (at === 'acks') this.#clientAcks();
        else this.#clientHandles();
        return;
      case 'server':
        if (at === 'sends') this.#serverSends();
        else if (at === 'closes') this.#serverCloses();
        else this.#fire((delayMs) => delayMs <= 200);
        return;
      case 'handled':
        return this.#serverHandled(Number(at));
      case 'log':
        return this.#log.answer();
      case 'open':
        this.#current = this.#open();
        return this.#client.greet();
      case 'move':
        this.#moves++;
        this.#next = this.#open();
        return this.#client.move();
      case 'up': {
        const frame = pipe?.up.shift();
        if (frame !== undefined && frame !== null) pipe?.connection?.receive(frame);
        else this.#reset(pipe);
        return;
      }
      case 'down': {
        const frame = pipe?.down.shift();
        const isNext = Number(at) === this.#next;
        if (frame === undefined) return;
        if (frame !== null && isNext) this.#client.receiveOnNext(frame);
        else if (frame !== null) this.#client.receive(frame);
        else if (isNext) this.#stay();
        else this.#hangUp(true);
        return;
      }
      case 'cut':
        this.#push(pipe, 'up', null);
        return Number(at) === this.#next ? this.#stay() : this.#hangUp();
      case 'reset':
        return this.#reset(pipe);
      case 'expire':
        this.#expiries++;
        this.#nowMs += TTL_MS;
        return this.#fire((delayMs) => delayMs === TTL_MS);
      case 'restart':
        return this.#restart();
    }
  }

  /** All that can make a difference to what follows. */
  fingerprint(): string {
    const client = this.#client.snapshot;
    return JSON.stringify([
      client.place === 'live' ? client : withoutSocket(client),
      this.#client.sid,
      this.sentUp.map(({ status }) => (status === 'sent' ? 'buffered' : status)),
      [...this.#sessions]
        .map((session) => inside(session))
        .map(({ id, state, isGoing, snapshot }) => [
          id,
          isGoing,
          state === 'attached' ? snapshot : withoutSocket(snapshot),
        ]),
      this.#session?.id,
      this.#pipes.map(({ up, down, isClientOpen, connection }) => [
        up,
        down,
        isClientOpen,
        connection === undefined ? 0 : connection.hasSession ? 2 : 1,
      ]),
      this.#log.print,
      this.#next,
      this.#moves,
      this.#closes,
      this.#taken.map(({ seq, isGap }) => [seq, isGap]),
      // What waits behind it, its session's numbers tell: of the client's, none is stepped over.
      this.#busy.map(({ session, name }) => [session.id, session.state, session.snapshot, name]),
      this.sentDown.length,
      this.gotUp,
      this.gotDown,
      [...this.unknown],
      [...this.excusedDown],
      this.#ackDue,
      this.#dueTimers(),
      this.#expiries,
      this.#restarts,
      this.#restarts > 0 || this.#expiries > 0 ? this.#nowMs : 0,
    ]);
  }

  /** What must hold always. @throws When it does not. */
  check(): void {
    if (this.#complaint !== undefined) throw this.#complaint;
    inOrder('server', this.gotUp, this);
    inOrder('client', this.gotDown, this);
    if (this.isQuiet) this.#checkComplete();
  }

  /** Both ends are connected, and nothing is on its way. */
  get isQuiet(): boolean {
    const pipe = this.#pipe();
    return (
      pipe?.isClientOpen === true &&
      pipe.connection?.hasSession === true &&
      pipe.up.length === 0 &&
      pipe.down.length === 0 &&
      this.#next < 0 &&
      !this.#isGoodbyeUnderWay &&
      this.#client.isLive &&
      !this.#ackDue &&
      this.#taken.length === 0 &&
      this.#busy.length === 0 &&
      !this.#log.isWaiting &&
      this.#dueTimers() === 0
    );
  }

  /** The client's answer to a goodbye: the next session waits for that. */
  get #isGoodbyeUnderWay(): boolean {
    if (this.#closes === 0) return false;
    return this.#pipes.some(({ connection, up }) => connection !== undefined && up.length > 0);
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
      log: this.#log.factory,
      ttlMs: TTL_MS,
      helloTimeoutMs: 5_000,
      heartbeatMs: 30_000,
      window: 2,
      buffer: { capacity },
    });
    sessions.on('session', (session) => {
      this.#session = session;
      session.on('message', (name) => this.#serverTakes(session, name));
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
    numbers.set(inside(session).highest, { name, delivery });
    this.#numbers.set(session.id, numbers);
  }

  /** It is sent nothing more, and what its client had not taken is told there. */
  #serverCloses(): void {
    this.#closes++;
    void this.#session?.close();
    this.#session = undefined;
  }

  #clientAcks(): void {
    this.#ackDue = false;
    this.#client.exchange.acknowledge();
  }

  #clientTakes(name: string, seq: number): unknown {
    if (this.#size.isSlow) {
      const handle = (): void => void this.gotDown.push(name);
      this.#taken.push({ seq, isGap: false, handle });
      return this.#subject.core.LATER;
    }
    this.gotDown.push(name);
    return undefined;
  }

  /** A gap has its turn, behind the messages that came before it. */
  #clientTakesGap(from: number, to: number): unknown {
    if (this.#size.isSlow) {
      const { sid } = this.#client;
      const handle = (): void => this.#excuse(from, to, 'gap', sid);
      this.#taken.push({ seq: to, isGap: true, handle });
      return this.#subject.core.LATER;
    }
    this.#excuse(from, to, 'gap');
    return undefined;
  }

  #clientHandles(): void {
    const taken = this.#taken.shift();
    taken?.handle();
    if (taken !== undefined && taken.seq > 0) this.#client.handled(taken.seq);
  }

  #serverTakes(session: ServerModule.Session<string, string>, name: string): unknown {
    if (this.#size.isSlow) {
      return new Promise<void>((done) => void this.#busy.push({ session, name, done }));
    }
    return void this.gotUp.push(name);
  }

  /** What a handler has begun is done when it is done with: not when the process is killed before. */
  #serverHandled(index: number): void {
    const [busy] = this.#busy.splice(index, 1);
    if (busy === undefined) return;
    this.gotUp.push(busy.name);
    busy.done();
  }

  /** Opens a socket. Returns which. */
  #open(): number {
    const pipe: Pipe = { up: [], down: [], isClientOpen: true, connection: undefined };
    this.#pipes.push(pipe);
    pipe.connection = this.#sessions.connect(
      {
        send: (data) => this.#push(pipe, 'down', data),
        close: () => this.#leave(pipe),
        terminate: () => this.#leave(pipe),
        bufferedBytes: 0,
      },
      'somebody',
    );
    return this.#pipes.length - 1;
  }

  /** The client stays where it is: its other socket is of no use. */
  #stay(): void {
    const pipe = this.#pipes[this.#next];
    this.#next = -1;
    if (pipe === undefined) return;
    if (pipe.isClientOpen) this.#push(pipe, 'up', null);
    pipe.isClientOpen = false;
    pipe.down.length = 0;
    this.#client.stay();
  }

  /** The server has taken the client's hello on its other socket: the first one is let go. */
  #moved(): void {
    const pipe = this.#pipe();
    if (pipe !== undefined) {
      this.#push(pipe, 'up', null);
      pipe.isClientOpen = false;
      pipe.down.length = 0;
    }
    this.#current = this.#next;
    this.#next = -1;
    this.#ackDue = false;
    this.#flush();
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
    if (this.#next < 0) return;
    // The other one is its only one by now.
    this.#current = this.#next;
    this.#next = -1;
    this.#client.promote();
  }

  /** The server's end is gone, with all that was on its way to it. */
  #reset(pipe: Pipe | undefined): void {
    if (pipe === undefined) return;
    const { connection } = pipe;
    this.#leave(pipe);
    connection?.closed();
  }

  /** The server's end of a socket is gone. */
  #leave(pipe: Pipe): void {
    pipe.connection = undefined;
    pipe.up.length = 0;
    this.#push(pipe, 'down', null);
  }

  /** What is sent to an end that is gone makes no difference any more. */
  #push(pipe: Pipe | undefined, way: 'up' | 'down', frame: CoreModule.FrameData | null): void {
    if (pipe === undefined) return;
    if (way === 'down' && typeof frame === 'string') this.#checkSkip(frame);
    const isHeard = way === 'up' ? pipe.connection !== undefined : pipe.isClientOpen;
    if (isHeard) pipe[way].push(frame);
  }

  /** The server may step over nothing but what it has dropped. */
  #checkSkip(frame: string): void {
    const to = Number(/^\{"skip":(\d+)\}$/.exec(frame)?.[1] ?? 0);
    const session = this.#session;
    if (to === 0 || session === undefined) return;
    for (const [seq, { name, delivery }] of this.#numbers.get(session.id) ?? []) {
      if (seq <= Number(session.snapshot['sent']) || seq > to) continue;
      // One that is acknowledged was so after the hello that brought us here: the client knows.
      if (delivery.status !== 'dropped' && delivery.status !== 'acknowledged')
        this.#object(`the server skips ${name}, which is ${delivery.status}`);
    }
  }

  #dueTimers(): number {
    let count = 0;
    for (const { delayMs } of this.#timers.values()) if (delayMs <= 200) count++;
    return count;
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
    this.#busy.length = 0;
    this.#log.forgetOrders();
    if (!this.#size.keepsLog) {
      this.#log = new NotedLog(this.#subject.server.memoryLog(), this.#size.isLogSlow);
    }
    this.#sessions = this.#startServer();
  }

  #flush(): void {
    for (;;) {
      const frame = this.#client.next();
      if (frame === undefined) return;
      this.#push(this.#pipe(), 'up', frame);
      this.#client.advance();
    }
  }

  #fire(isDue: (delayMs: number) => boolean): void {
    for (const [id, { delayMs, run }] of [...this.#timers]) {
      if (!isDue(delayMs) || !this.#timers.delete(id)) continue;
      run();
    }
  }

  /** The client was told that these are missing, in the session that it is in or was in. */
  #excuse(from: number, to: number, cause: string, inSid: string = this.#client.sid): void {
    this.confessed.push(`${cause} ${from}-${to}`);
    const isOver = to === Infinity;
    // A lost session has another name by the time that it is told.
    const sid = isOver ? undefined : inSid;
    for (const [id, numbers] of this.#numbers) {
      if (sid !== undefined ? id !== sid : id === this.#client.sid) continue;
      for (const [seq, { name }] of numbers) {
        if (seq < from || seq > to) continue;
        if (!isOver && this.gotDown.includes(name)) this.#object(`a false gap: ${name} had come`);
        this.excusedDown.add(name);
      }
    }
  }

  /** What the client tells. */
  #outlet(): CoreModule.ClientSessionOutlet {
    return {
      tell: (frame) => this.#push(this.#pipe(), 'up', frame),
      tellNext: (frame) => this.#push(this.#pipes[this.#next], 'up', frame),
      payload: (data, seq) => this.#clientTakes(String(data).slice(1, -1), seq),
      gap: (from, to) => this.#clientTakesGap(from, to),
      resume: () => this.#flush(),
      answered: () => undefined,
      ackSoon: () => void (this.#ackDue = true),
      welcomed: () => this.#flush(),
      caughtUp: () => undefined,
      lost: ({ why, unknown, missingFrom }) => {
        for (const { id } of unknown) this.unknown.add(id);
        for (const taken of this.#taken) taken.seq = 0;
        if (missingFrom !== null) this.#excuse(missingFrom, Infinity, why);
      },
      fenced: () => this.#hangUp(),
      moved: () => this.#moved(),
      moveRefused: () => this.#stay(),
      fencedByMove: () => this.#hangUp(),
      leaving: () => this.#object('the server leaves'),
      unsupported: (saying) => this.#object(`the client takes the server for another: ${saying}`),
      broken: (reason) =>
        this.#object(`the client says that the server broke the protocol: ${reason}`),
      ended: () => undefined,
      endedByServer: () => {
        // Also where nothing is lost with it.
        for (const taken of this.#taken) taken.seq = 0;
        // As the runtime: another one begins on a socket of its own.
        if (this.#next >= 0) this.#stay();
        this.#hangUp();
      },
    };
  }

  #object(complaint: string): never {
    this.#complaint ??= new WorldError(complaint);
    throw this.#complaint;
  }
}

/** Turns enough for a promise, and for those that wait for it. */
async function turns(): Promise<void> {
  for (let count = 0; count < 12; count++) await Promise.resolve();
}

type Snapshot = Readonly<Record<string, number | string | boolean>>;

/** Of an end that has no socket: its next one begins at what the other end will say, so what it was at is over. */
function withoutSocket(snapshot: Snapshot): Snapshot {
  const { sent = 0, sentBefore = 0 } = snapshot;
  const sentEver = Math.max(Number(sent), Number(sentBefore));
  return {
    ...snapshot,
    told: 0,
    sent: 0,
    sentBefore: sentEver,
    credit: 0,
    waiting: 0,
    replayTo: 0,
  };
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
