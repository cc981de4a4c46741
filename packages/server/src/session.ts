import {
  asError,
  type Control,
  dataFrame,
  type Delivery,
  Exchange,
  type ExchangeOutlet,
  formatControl,
  type FrameData,
  type Hello,
  JetSocketError,
  Outbox,
  Timers,
  utf8Bytes,
} from '@jetsocket/core/protocol';
import type { Connection } from './connection.js';
import { Emitter } from './emitter.js';
import { HandlerQueue, type Task } from './handler-queue.js';
import type { Session as PublicSession } from './interfaces.js';
import type { SessionLog, Stored } from './log.js';
import { LogWriter } from './log-writer.js';
import { checkKeys, type Config, invalid } from './options.js';

/** Why a session is over. */
export type EndReason =
  /** The client ended it, or `session.close()` did. */
  | 'ended'
  /** Its client was away for longer than `ttlMs`. */
  | 'expired'
  /** It goes on in another process. */
  | 'moved'
  /** The server was closed: the log may still have it. */
  | 'closed';

/**
 * The client's messages with these numbers, first and last included, were given to handlers here, and the log is not
 * known to have it: when the session `moved`, or this server was `closed`, before a handler was done and that was
 * written. Where the session goes on they are handled once more, under the same session id and `seq`.
 */
export interface Unrecorded {
  /** The first of them. */
  readonly from: number;
  /** The last of them. */
  readonly to: number;
}

/** How one message is sent. */
export interface SendOptions {
  /** Only if there is a connection now: neither numbered nor kept. Default: false. */
  readonly volatile?: boolean | undefined;
}

const NO_OPTIONS: SendOptions = {};

/** What a message event says besides the message. */
export interface MessageInfo {
  /** The client's number of the message; 0 for one that has none. With the session's id it names the message. */
  readonly seq: number;
}

/** The events of a session. */
export interface SessionEvents<Incoming> {
  /**
   * The next message, exactly once. The one after it waits until what the handlers return has settled, for
   * `handlerTimeoutMs` at most. Where processes share a log, it may have been given to handlers before: see
   * `Unrecorded`.
   */
  readonly message: readonly [message: Incoming, info: MessageInfo];
  /** There is a connection, the first one or another one. */
  readonly attached: readonly [];
  /** The connection is gone. The session goes on for `ttlMs`. */
  readonly detached: readonly [];
  /** These messages of the client's will never come. */
  readonly gap: readonly [gap: { readonly from: number; readonly to: number }];
  /** So many outgoing messages were dropped, because the buffer was full. The client is told which. */
  readonly overflow: readonly [overflow: { readonly dropped: number }];
  /** Something went wrong, with this session alone. Without a handler it goes to the server. */
  readonly error: readonly [error: JetSocketError];
  /**
   * It is over: nothing follows. `unacknowledged` are those that may not have arrived, and when this server was `closed`
   * still may, from another one with the same log; of a session that `moved` those that the log is not known to have:
   * the others go on elsewhere, and are settled as `sent`. `unrecorded`: see
   * `Unrecorded`; undefined where there is none.
   */
  readonly end: readonly [
    end: {
      readonly reason: EndReason;
      readonly unacknowledged: readonly Delivery[];
      readonly unrecorded: Unrecorded | undefined;
    },
  ];
  readonly [name: string]: readonly unknown[];
}

/** What a session asks of the server that it belongs to. */
export interface SessionHost {
  readonly log: SessionLog;
  /** The outbox has grown or shrunk by so many bytes. Returns whether there is room for as many. */
  onBytes(delta: number): boolean;
  /** An error that no handler of the session's was there for. */
  onError(error: JetSocketError, session: Session<never, never>): void;
  /** Its client has gone, and may come back. */
  onDetached(session: Session<never, never>): void;
  /** The session is over. */
  onEnd(session: Session<never, never>): void;
}

const EVENTS = ['message', 'attached', 'detached', 'gap', 'overflow', 'error', 'end'] as const;

type TimerName = 'ack' | 'ttl' | 'drain' | 'bye' | 'overflow' | 'verdict';

/** Two numbers of 16 digits, a comma and a space stand before a message in its frame. */
export const MAX_HEAD = 34;
/** How long an acknowledgement may wait for others, or for a message to ride on. */
const ACK_MS = 200;
/** How soon a socket that was full is looked at again. */
const DRAIN_MS = 20;
/** How long the log may take to say whether a session that is over here went on elsewhere. */
const VERDICT_MS = 2_000;
/** What may wait inside a socket, before messages are kept here. */
const MAX_SOCKET_BYTES = 1024 * 1024;

/** What `interfaces.ts` has of a session, and what the server asks of one. */
export class Session<Incoming = unknown, Outgoing = unknown>
  implements PublicSession<Incoming, Outgoing>, ExchangeOutlet
{
  readonly id: string;
  readonly principal: string;
  readonly #config: Config<Incoming, Outgoing>;
  readonly #host: SessionHost;
  readonly #emitter: Emitter<SessionEvents<Incoming>>;
  readonly #outbox: Outbox;
  readonly #exchange: Exchange;
  readonly #queue: HandlerQueue;
  readonly #writer: LogWriter;
  readonly #timers: Timers<TimerName>;
  #connection: Connection | undefined;
  #isOver = false;
  #isEnding = false;
  /** Why it will be over, if the log says that it did not go on elsewhere. */
  #verdict: EndReason | undefined;
  /** It is closed, and something that was sent before is on its way to the log. */
  #isParting = false;
  /** What its client is told when it is closed. */
  #parting = '';
  /** Hellos of its client that the log has not judged yet. */
  #claims = 0;
  #bytes = 0;
  #dropped = 0;
  /** The gap that was noted last: while it waits, another one behind it makes it longer. */
  #gap: Task | undefined;
  /** The largest message that the client takes, as far as it has said. */
  #maxBytes = Infinity;
  /** The client is owed an answer: its socket was full. */
  #owesAnswer = false;
  /** What else it is owed then: the newest of each type, in the order of their types' first. */
  readonly #owed = new Map<'win' | 'move', string>();
  #whenEnded: () => void = () => undefined;
  readonly #ended: Promise<void>;
  #whenOver: () => void = () => undefined;
  readonly #over: Promise<void>;
  /** It has ended, and what came is handled all the same. */
  #owesHandling = false;
  /** The client has said that it ends the session, and is answered when its messages are handled. */
  #owesBye = false;

  /** Made by the server; `stored` is what the log had of it. */
  constructor(
    id: string,
    principal: string,
    n: number,
    config: Config<Incoming, Outgoing>,
    host: SessionHost,
    stored?: Stored,
  ) {
    this.id = id;
    this.principal = principal;
    this.#config = config;
    this.#host = host;
    this.#ended = new Promise((resolve) => {
      this.#whenEnded = resolve;
    });
    this.#over = new Promise((resolve) => {
      this.#whenOver = resolve;
    });
    this.#emitter = new Emitter(EVENTS, (thrown, type) => {
      this.#onHandlerFailed(thrown, String(type));
    });
    const { capacity, maxBytes } = config;
    const overflowPolicy = 'drop_oldest';
    this.#outbox = new Outbox({ capacity, maxBytes, overflowPolicy, awaitsAck: true });
    this.#exchange = new Exchange(this.#outbox, this, config.window);
    this.#timers = new Timers(config.clock, (name) => {
      this.#onTimer(name);
    });
    this.#queue = new HandlerQueue(
      {
        onHandled: (seq) => {
          this.#writer.handled = seq;
        },
        onEased: () => {
          this.#pace();
        },
        onLate: (task) => {
          this.tellError(handlerLate(task, config.handlerTimeoutMs));
        },
      },
      config.clock,
      config.handlerTimeoutMs,
    );
    this.#writer = new LogWriter(id, principal, n, host.log, this.#outbox, config.clock, {
      onWritten: (limit, rx) => {
        this.#onWritten(limit, rx);
      },
      onMoved: () => {
        this.#end('moved');
      },
      onError: (error) => {
        this.tellError(error);
      },
    });
    if (stored !== undefined) this.#restore(stored);
    else this.#exchange.limit = 0;
  }

  get state(): 'attached' | 'detached' | 'ended' {
    if (this.#isOver) return 'ended';
    return this.#connection === undefined ? 'detached' : 'attached';
  }

  get buffered(): number {
    return this.#outbox.size;
  }

  /** The `n` of the newest hello. */
  get n(): number {
    return this.#writer.n;
  }

  /** The highest number of the client's that was taken in. */
  get accepted(): number {
    return this.#exchange.accepted;
  }

  /** The highest number that was given. */
  get highest(): number {
    return this.#outbox.highest;
  }

  get snapshot(): Readonly<Record<string, number | string>> {
    const verdict = this.#verdict ?? '';
    return { ...this.#exchange.snapshot, state: this.state, n: this.n, verdict };
  }

  on<Type extends keyof SessionEvents<Incoming> & string>(
    type: Type,
    handler: (...event: SessionEvents<Incoming>[Type]) => unknown,
  ): () => void {
    const off = this.#emitter.on(type, handler);
    // What came before anybody listened has waited.
    if (type === 'message') this.#queue.start();
    return off;
  }

  send(message: Outgoing, options: SendOptions = NO_OPTIONS): Delivery {
    if (this.#isOver || this.#isEnding) {
      throw new JetSocketError('CLOSED', 'Cannot send: the session is over');
    }
    if (options !== NO_OPTIONS) checkKeys('send', options, ['volatile']);
    const data = this.#encode(message);
    if (options.volatile === true) return this.#sendUnnumbered(data);
    const entry = this.#outbox.add(data);
    this.#outbox.numberAll();
    this.#account();
    this.#countDropped();
    this.#writer.write();
    return entry;
  }

  close(reason: string = ''): Promise<void> {
    if (typeof reason !== 'string') throw invalid('reason', reason, 'a text');
    if (this.#isOver || this.#isEnding) return this.#over;
    this.#isEnding = true;
    this.#parting = reason.slice(0, 100);
    if (this.#connection === undefined) this.#endUnlessMoved('ended');
    else if (this.#writer.isIdle) this.#part();
    else this.#partWhenWritten();
    return this.#over;
  }

  // For the server.

  /** A connection's hello was accepted: it is this session's from now on. Say `tellAttached()` once it can be heard. */
  attach(connection: Connection, hello: Hello): void {
    const former = this.#connection;
    this.#connection = connection;
    former?.fence(this.id);
    this.#keep();
    this.#writer.n = hello.n;
    this.#exchange.begin(hello.rx, hello.win);
    this.#maxBytes = hello.max ?? Infinity;
    this.#owesAnswer = false;
    this.#owed.clear();
    this.#account();
    connection.send(
      formatControl({
        type: 'welcome',
        sid: this.id,
        rx: this.#exchange.handled,
        hi: Math.min(this.#exchange.limit, this.#outbox.highest),
        ttl: this.#config.ttlMs / 1_000,
        win: this.#config.window,
        max: Math.max(
          1,
          Math.min(this.#config.maxMessageBytes, connection.maxFrameBytes - MAX_HEAD),
        ),
      }),
    );
    this.#writer.write();
    this.#flush();
    this.#pace();
    // Said on another socket, the goodbye may not have been heard.
    if (this.#isEnding && !this.#isParting && !this.#owesBye) this.#part();
  }

  /** Those who look after the session know of it now, and of its connection. */
  tellAttached(): void {
    if (this.#connection !== undefined) void this.#emitter.emit('attached');
  }

  /** This connection is gone. */
  detach(connection: Connection): void {
    if (connection !== this.#connection) return;
    this.#connection = undefined;
    this.#timers.clear('ack');
    this.#timers.clear('drain');
    if (this.#isOver) return;
    if (this.#owesBye) return;
    if (this.#isEnding) return this.#endUnlessMoved('ended');
    this.#awaitClient();
    this.#host.onDetached(this as unknown as Session<never, never>);
    void this.#emitter.emit('detached');
  }

  /** It will be over soon: somebody has said goodbye, or the log is asked. */
  get isGoing(): boolean {
    return this.#isEnding && !this.#isOver;
  }

  /** Whether handlers are at work, or will be. */
  get isBusy(): boolean {
    return this.#queue.isBusy;
  }

  /**
   * It is over, and what was accepted is still handled here, as its client was told: from the first to the last of
   * these numbers. 0 and 0: what has none. Undefined when all is done, or nothing was said of it.
   */
  get owed(): { readonly from: number; readonly to: number } | undefined {
    if (!this.#owesHandling || !this.isBusy) return undefined;
    const from = this.#writer.handled + 1;
    const to = this.#exchange.accepted;
    return from <= to ? { from, to } : { from: 0, to: 0 };
  }

  /** Its client had another session before. What was taken in that one is handled first. */
  follow(former: Session<Incoming, Outgoing>): void {
    this.#queue.hold(former.ended);
  }

  /** Resolves when it is over, and its handlers are done. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** A hello of its client's is being judged: the client is there, and it must not expire. */
  hold(): void {
    this.#claims++;
    this.#keep();
  }

  /** It is judged. If it was not taken, the time begins again. */
  letGo(): void {
    this.#claims--;
    if (this.state === 'detached') this.#awaitClient();
  }

  /** A frame of this connection. */
  receive(connection: Connection, data: FrameData): void {
    // Of a socket that was replaced, nothing counts any more.
    if (connection === this.#connection) this.#exchange.receive(data);
  }

  /** The log has lost it: it is written whole. */
  rewrite(): void {
    this.#writer.rewrite();
  }

  /** Says what was handled, and resolves when the handlers are done, and the log has all that is there by then. */
  async settle(): Promise<void> {
    this.#exchange.acknowledge();
    await this.#queue.whenHandled();
    await this.#writer.whenWritten();
    this.#exchange.acknowledge();
  }

  /** The handlers are done, and the log has everything. */
  get isSettled(): boolean {
    return !this.#queue.isBusy && this.#writer.isIdle;
  }

  /**
   * The server is about to stop. Takes nothing more, is done with all that it took, and asks the client to go on
   * over another connection, which is not to this process. What the application goes on to send is not waited for.
   */
  async handOver(): Promise<void> {
    this.#instruct({ type: 'win', win: 0 });
    await this.settle();
    this.#instruct({ type: 'move', within: 0 });
  }

  /** The server is closed. It is over at once, or when the log has said whether it went on elsewhere. */
  leave(): void {
    if (this.#verdict === 'ended') return;
    this.#isEnding = true;
    if (this.#outbox.size > 0 || !this.#writer.isIdle) this.#endUnlessMoved('closed');
    else this.#end('closed');
  }

  /** The log does not have it any more: it was over here, or where it went on. */
  giveUp(reason: 'expired' | 'ended'): void {
    this.#isEnding = true;
    this.#endUnlessMoved(reason);
  }

  /** The server is closed, or it went on elsewhere. The log keeps the session. */
  release(reason: 'closed' | 'moved' = 'closed'): void {
    this.#end(reason);
  }

  /** Tells of something that went wrong with it. */
  tellError(error: JetSocketError): void {
    if (this.#emitter.has('error')) void this.#emitter.emit('error', error);
    else this.#host.onError(error, this as unknown as Session<never, never>);
  }

  // Of the exchange.

  tell(frame: FrameData): void {
    const connection = this.#connection;
    this.#timers.clear('ack');
    if (connection === undefined) return;
    // A client that does not read is owed one answer, however often it asks.
    this.#owesAnswer = connection.bufferedBytes > MAX_SOCKET_BYTES;
    if (this.#owesAnswer) this.#lookAgain();
    else connection.send(frame);
  }

  payload(data: FrameData, seq: number): void {
    // No window bounds what has no number. Nothing was promised of it either.
    if (seq === 0 && this.#queue.length >= this.#config.window) return;
    const run: Task['run'] = () => this.#deliver(data, seq);
    this.#queue.add({ type: 'message', seq, size: data.length, run });
    this.#pace();
  }

  gap(from: number, to: number): void {
    if (this.#gap !== undefined && this.#gap === this.#queue.last) {
      this.#gap.seq = to;
      return;
    }
    const task: Task = {
      type: 'gap',
      seq: to,
      size: 0,
      run: () => this.#emitter.emit('gap', { from, to: task.seq }),
    };
    this.#gap = task;
    this.#queue.add(task);
  }

  resume(): void {
    this.#account();
    this.#writer.write();
    this.#flush();
  }

  answered(): void {
    // Any frame is life: the connection counts them.
  }

  ackSoon(): void {
    // Without a connection there is nobody to tell: the next welcome says it.
    if (this.#connection === undefined || this.#timers.has('ack')) return;
    this.#timers.set('ack', ACK_MS);
  }

  control(control: Control): void {
    if (control.type !== 'bye') return this.broken(`${control.type} in the middle of a session`);
    if (this.#isEnding) {
      this.#connection?.close(1000, 'session ended');
      return this.#end('ended');
    }
    // The answer says what was handled, for the client asks no more: so that comes first.
    this.#isEnding = true;
    this.#owesBye = true;
    this.#exchange.end();
    this.#timers.set('bye', this.#config.helloTimeoutMs);
    if (!this.#queue.isBusy) return this.#answerBye();
    void this.#queue.whenHandled().then(() => {
      this.#answerBye();
    });
  }

  broken(reason: string): void {
    const connection = this.#connection;
    this.tellError(
      new JetSocketError('PROTOCOL_ERROR', `The client broke the protocol: ${reason}`),
    );
    connection?.close(4400, reason.slice(0, 100));
    if (connection !== undefined) this.detach(connection);
  }

  // What happens.

  #awaitClient(): void {
    if (this.#claims === 0 && this.#verdict === undefined)
      this.#timers.set('ttl', this.#config.ttlMs);
  }

  /** Its client is there, or about to be: it does not expire. */
  #keep(): void {
    this.#timers.clear('ttl');
    if (this.#verdict !== 'expired') return;
    this.#verdict = undefined;
    this.#timers.clear('verdict');
  }

  /**
   * It is over here, for this reason unless it goes on elsewhere: what the log has is then for others to deliver, and
   * to name. A process that had nothing to write meanwhile has not heard of that, so it asks.
   */
  #endUnlessMoved(reason: EndReason): void {
    const isAsked = this.#verdict !== undefined;
    this.#verdict = reason;
    if (isAsked) return;
    this.#timers.set('verdict', Math.min(VERDICT_MS, this.#config.helloTimeoutMs));
    this.#writer.confirm(() => {
      this.#conclude();
    });
  }

  #conclude(): void {
    if (this.#verdict !== undefined) this.#end(this.#verdict);
  }

  /** What was sent before may leave when the log has it, and goodbye is said behind that. */
  #partWhenWritten(): void {
    this.#isParting = true;
    this.#timers.set('bye', this.#config.helloTimeoutMs);
    void this.#writer.whenWritten().then(() => {
      if (this.#isParting && this.#connection !== undefined) this.#part();
    });
  }

  /** Says goodbye to its client, and waits for the answer. What came is handled here, whenever that is. */
  #part(): void {
    this.#isParting = false;
    this.#verdict = undefined;
    this.#timers.clear('verdict');
    this.#sayBye(this.#parting, this.#exchange.accepted);
    // What comes behind that is sent again in the next session: handled here too, it would be handled twice.
    this.#exchange.end();
    this.#timers.set('bye', this.#config.helloTimeoutMs);
  }

  #answerBye(): void {
    if (this.#isOver || !this.#owesBye) return;
    this.#sayBye('', this.#exchange.handled);
    this.#end('ended');
  }

  #deliver(data: FrameData, seq: number): Promise<unknown> | undefined {
    let message: Incoming;
    try {
      message = this.#config.codec.decode(data);
    } catch (thrown) {
      // It counts as handled: sent again it would be no better.
      this.tellError(
        new JetSocketError(
          'UNDECODABLE',
          `Cannot decode message ${seq}: ${asError(thrown).message}`,
          {
            cause: thrown,
          },
        ),
      );
      return undefined;
    }
    return this.#emitter.emit('message', message, { seq });
  }

  #onWritten(limit: number, rx: number): void {
    this.#exchange.limit = limit;
    this.#exchange.handle(rx);
    this.#flush();
  }

  #flush(): void {
    const connection = this.#connection;
    if (connection === undefined || (this.#isEnding && !this.#isParting)) return;
    for (;;) {
      const frame = this.#exchange.next();
      if (frame === undefined) return;
      if (connection.bufferedBytes > MAX_SOCKET_BYTES) return this.#lookAgain();
      connection.send(frame);
      this.#exchange.advance();
    }
  }

  /** Tells the client what it is to do; when its socket is full, as soon as there is room. */
  #instruct(control: Extract<Control, { type: 'win' | 'move' }>): void {
    this.#owed.set(control.type, formatControl(control));
    this.#instructOwed();
  }

  #instructOwed(): void {
    const connection = this.#connection;
    // Whoever comes back over another socket is welcomed, which says it all anew.
    if (connection === undefined) return this.#owed.clear();
    for (const [type, frame] of this.#owed) {
      if (connection.bufferedBytes > MAX_SOCKET_BYTES) return this.#lookAgain();
      this.#owed.delete(type);
      connection.send(frame);
    }
  }

  #lookAgain(): void {
    if (!this.#timers.has('drain')) this.#timers.set('drain', DRAIN_MS);
  }

  /** A client is not read from while it has sent more than may wait here: TCP tells it to wait. */
  #pace(): void {
    const { size } = this.#queue;
    const { maxBytes } = this.#config;
    if (size > maxBytes) this.#connection?.pause();
    else if (size <= maxBytes / 2) this.#connection?.unpause();
  }

  #onTimer(name: TimerName): void {
    switch (name) {
      case 'ack':
        return this.#exchange.acknowledge();
      case 'drain':
        this.#instructOwed();
        if (this.#owesAnswer) this.#exchange.restate();
        return this.#flush();
      case 'ttl':
        return this.#endUnlessMoved('expired');
      case 'verdict':
        return this.#conclude();
      case 'bye':
        if (this.#owesBye) return this.#answerBye();
        // It was not answered: is the client elsewhere?
        this.#connection?.close(1000, 'session ended');
        return this.#endUnlessMoved('ended');
      case 'overflow':
        return this.#tellDropped();
    }
  }

  /** It is over. What came before is handled first, if it is this process that has to. */
  #end(reason: EndReason): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timers.clearAll();
    this.#tellDropped();
    const connection = this.#connection;
    this.#connection = undefined;
    this.#isParting = false;
    if (reason === 'moved' || reason === 'expired') connection?.fence(this.id);
    connection?.release();
    if (reason === 'moved') this.#outbox.handOn(this.#writer.written);
    const unacknowledged = this.#outbox.dropAll();
    const unrecorded = this.#unrecorded(reason);
    this.#account();
    this.#writer.stop();
    if (reason === 'ended' || reason === 'expired') {
      this.#owesHandling = true;
      // Who has said goodbye was told what was handled, and others that what came will be.
      this.#writer.end(reason, this.#owesBye ? this.#exchange.handled : this.#exchange.accepted);
    } else {
      // What waits is handled where the session goes on: the log does not have it as handled.
      this.#queue.clear();
    }
    this.#host.onEnd(this as unknown as Session<never, never>);
    this.#whenOver();
    const run = (): undefined => {
      void this.#emitter.emit('end', { reason, unacknowledged, unrecorded });
      this.#whenEnded();
    };
    this.#queue.add({ type: 'end', seq: 0, size: 0, run });
    this.#queue.start();
  }

  /** What was begun here, and will be handled again elsewhere. When it ends or expires, it is handled here to the end. */
  #unrecorded(reason: EndReason): Unrecorded | undefined {
    const from = this.#writer.recorded + 1;
    const to = this.#queue.begun;
    const isLeft = reason === 'moved' || reason === 'closed';
    return isLeft && from <= to ? { from, to } : undefined;
  }

  #restore({ rx, base, messages = [] }: Stored): void {
    this.#outbox.continueAfter(base);
    for (const data of messages) this.#outbox.add(data);
    this.#outbox.numberAll();
    this.#outbox.takeDropped();
    this.#exchange.restore(rx, base);
    this.#exchange.limit = this.#outbox.highest;
    this.#writer.restore(this.#outbox.highest, rx);
    this.#account();
  }

  #encode(message: Outgoing): FrameData {
    let data: FrameData;
    try {
      data = this.#config.codec.encode(message);
    } catch (thrown) {
      throw new JetSocketError('NOT_SERIALIZABLE', `Cannot send: ${asError(thrown).message}`, {
        cause: thrown,
      });
    }
    const { maxMessageBytes, maxBytes } = this.#config;
    const limit = Math.min(maxMessageBytes, maxBytes, this.#maxBytes);
    if (data.length * 3 <= limit) return data;
    const bytes = typeof data === 'string' ? utf8Bytes(data) : data.byteLength;
    if (bytes <= limit) return data;
    const own = limit === maxMessageBytes ? 'maxMessageBytes is' : 'buffer.maxBytes is';
    const whose = limit < Math.min(maxMessageBytes, maxBytes) ? 'its client takes' : own;
    throw new JetSocketError(
      'MESSAGE_TOO_LARGE',
      `Cannot send: the message has ${bytes} bytes, and ${whose} ${limit}`,
      { hint: "Split it, or raise maxMessageBytes: the client's, if it is that" },
    );
  }

  #sendUnnumbered(data: FrameData): Delivery {
    const connection = this.#connection;
    const isSent = connection !== undefined && connection.bufferedBytes <= MAX_SOCKET_BYTES;
    if (isSent) connection.send(dataFrame(0, 0, data));
    const status = isSent ? 'sent' : 'dropped';
    return { id: 0, status, settled: Promise.resolve(status) };
  }

  /** Keeps the count of all sessions' bytes right, and the bound on it. */
  #account(): void {
    const delta = this.#outbox.bytes - this.#bytes;
    if (delta === 0) return;
    this.#bytes = this.#outbox.bytes;
    let hasRoom = this.#host.onBytes(delta);
    while (!hasRoom && this.#outbox.dropOldest()) {
      const freed = this.#outbox.bytes - this.#bytes;
      this.#bytes = this.#outbox.bytes;
      hasRoom = this.#host.onBytes(freed);
    }
  }

  #countDropped(): void {
    const count = this.#outbox.takeDropped();
    if (count === 0) return;
    this.#dropped += count;
    if (!this.#timers.has('overflow')) this.#timers.set('overflow', 0);
  }

  #tellDropped(): void {
    const dropped = this.#dropped;
    if (dropped === 0) return;
    this.#dropped = 0;
    this.#timers.clear('overflow');
    void this.#emitter.emit('overflow', { dropped });
  }

  #sayBye(reason: string, rx: number): void {
    this.#timers.clear('ack');
    this.#connection?.send(formatControl({ type: 'bye', reason, rx, hi: this.#outbox.highest }));
  }

  #onHandlerFailed(thrown: unknown, type: string): void {
    const error = new JetSocketError(
      'HANDLER_FAILED',
      `A handler of '${type}' failed: ${asError(thrown).message}`,
      { cause: thrown, hint: 'The message counts as handled: sent again it would fail again' },
    );
    if (type === 'error') this.#host.onError(error, this as unknown as Session<never, never>);
    else this.tellError(error);
  }
}

function handlerLate({ type, seq }: Task, timeoutMs: number): JetSocketError {
  const which =
    type === 'gap' ? `up to number ${seq}` : seq > 0 ? `of number ${seq}` : 'of no number';
  return new JetSocketError(
    'HANDLER_TIMEOUT',
    `A handler of '${type}', ${which}, took longer than handlerTimeoutMs, ${timeoutMs} ms`,
    {
      hint: 'It counts as handled, and what follows begins beside it: let handlers give up in time',
    },
  );
}
