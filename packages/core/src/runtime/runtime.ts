import { asError, JetSocketError } from '../errors.js';
import { LATER } from '../delivery/exchange.js';
import type { Inbox } from '../delivery/inbox.js';
import { Outbox } from '../delivery/outbox.js';
import type { Continuity, JetSocketEvent, Unstamped } from '../events.js';
import type { Effect, Report, TimerName } from '../machine/effect.js';
import type { End, Input } from '../machine/input.js';
import { initialState, type State } from '../machine/state.js';
import { transition } from '../machine/transition.js';
import type { Config, Provider, Url } from '../options.js';
import type { FlightRecord } from '../flight-record.js';
import { maskedAddress } from '../secrets.js';
import type { FrameData, Link } from '../ports.js';
import type { Stats } from '../stats.js';
import { isThenable } from '../thenable.js';
import { Arrivals, arrivalsConfig, type ArrivalsOutlet } from './arrivals.js';
import type { AttemptListener } from './attempt.js';
import { Connections } from './connections.js';
import { Emitter } from './emitter.js';
import { type Encoder, tooLarge } from './encoder.js';
import { FrameSizes } from './frame-sizes.js';
import type { Gate } from './gate.js';
import { Greetings } from './greetings.js';
import { askReconnect } from './hooks.js';
import { Intake, type IntakeHost } from './intake.js';
import type { AttemptFacts } from './providers.js';
import { Journal } from './journal.js';
import { LateSend } from './late-send.js';
import { Life } from './life.js';
import { Mailbox, type MailboxHost } from './mailbox.js';
import { Meter } from './meter.js';
import { Outgoing } from './outgoing.js';
import { statsOf } from './overview.js';
import type { Reader } from './reader.js';
import { describeStep, Recorder } from './recorder.js';
import { type SequenceHost, SequenceRoad } from './sequence-road.js';
import { type SessionHost, SessionRoad } from './session-road.js';
import type { OpenSocket, Successor, SuccessorHost } from './successor.js';
import { Listening } from './surroundings.js';
import { Timers } from './timers.js';

/**
 * Carries out what the machine decides, and tells it what happens. The only caller of `transition`.
 *
 * Every input runs to completion: see `mailbox`. Messages are none: they go straight through `outgoing` and the inbox.
 */
export class Runtime<In, Out>
  implements
    MailboxHost,
    AttemptListener,
    ArrivalsOutlet<In>,
    SessionHost,
    SequenceHost<In>,
    IntakeHost,
    SuccessorHost
{
  readonly emitter: Emitter<In>;
  readonly outgoing: Outgoing;
  readonly greetings: Greetings = new Greetings(this.#tellOrLog.bind(this));
  readonly late: LateSend;
  life: Life = new Life();

  readonly #config: Config<In, Out>;
  readonly #encoder: Encoder<Out>;
  readonly #inbox: Inbox<In>;
  readonly #arrivals: Arrivals<In>;
  /** With a schema, and only then. */
  readonly #gate: Gate<In> | undefined;
  readonly #meter = new Meter();
  readonly #recorder: Recorder;
  readonly #journal: Journal;
  readonly #madeAtMs: number;
  /** In replay mode `session`, and only there. */
  readonly #session: SessionRoad | undefined;
  /** In replay mode `sequence_id`, and only there. */
  readonly #sequence: SequenceRoad<In, Out> | undefined;
  /** While somebody reads at their own pace, and only then. */
  #intake: Intake<In> | undefined;
  /** While messages may have to wait for a reader or the schema, and only then. */
  #sizes: FrameSizes | undefined;
  readonly #timers: Timers<TimerName>;
  readonly #surroundings: Listening;
  readonly #mailbox = new Mailbox(this);
  #state: State;
  /** A life is about to begin: of the one before, nothing is told any more. */
  #isBeginning = false;
  readonly #connections: Connections<In, Out>;
  #heard = 0;
  #lastFatal: JetSocketError | undefined;
  /** Whether `ready()` was called since `connected`. */
  #isReady = false;
  /** What waits for it: to open the outbox, and whether that is a replay. */
  #held: { readonly replay: boolean } | undefined;

  constructor(url: Provider<Url>, config: Config<In, Out>, encoder: Encoder<Out>) {
    const { buffer, replay, clock, codec, codecTimeoutMs } = config;
    this.#config = config;
    this.#encoder = encoder;
    this.#connections = new Connections(url, config, this);
    this.#state = initialState(config.seed);
    this.#madeAtMs = clock.now();
    this.#recorder = new Recorder(config.recordSize);
    this.#journal = new Journal(config.logger, config.writeUnheard);
    this.emitter = new Emitter(this.#onHandlerFailed.bind(this));
    this.#timers = new Timers(clock, (timer, lateMs) => {
      // What is not read cannot be heard, and is no sign of death.
      if (this.#intake?.excusesSilence() === true) this.#heard++;
      this.dispatch({ type: 'timer.fired', timer, nowMs: clock.now(), lateMs, heard: this.#heard });
    });
    this.#surroundings = new Listening(config.signals, (signal) => {
      this.dispatch({ type: 'signal.raised', signal, nowMs: clock.now(), heard: this.#heard });
    });
    const { mode } = replay;
    const awaitsAck = mode === 'session' || buffer.ackOf !== undefined;
    const { capacity, maxBytes, overflowPolicy } = buffer;
    const outbox = outboxOf(config, awaitsAck);
    if (mode === 'session') {
      const session = { ...replay, newId: config.newId, maxBytes: config.maxMessageBytes };
      this.#session = new SessionRoad(outbox, session, clock, this);
    }
    if (mode === 'sequence_id') this.#sequence = new SequenceRoad(replay, codec, clock, this);
    this.outgoing = new Outgoing(
      outbox,
      { mode, capacity, maxBytes, overflowPolicy, awaitsAck, clock, codecTimeoutMs },
      this.#emit.bind(this),
      this.#session?.session,
      (entry) => {
        this.late.timedOut(entry, codecTimeoutMs);
      },
    );
    this.late = new LateSend({
      outgoing: this.outgoing,
      clock,
      timeoutMs: codecTimeoutMs,
      check: (data) => encoder.check(data),
      link: () => this.link,
      onError: (error) => {
        this.#meter.unserializable++;
        // Nothing follows `closed`, though what is queued may outlast it.
        if (this.life.isOver) this.#journal.failure(error, 'error');
        else this.#emitError(error, false);
      },
    });
    this.#arrivals = new Arrivals<In>(arrivalsConfig(config), this);
    this.#inbox = this.#arrivals.inbox;
    this.#gate = this.#arrivals.gate;
    if (this.#gate !== undefined) this.#sizes = new FrameSizes(mode === 'sequence_id');
  }

  get phase(): State['phase'] {
    return this.#state.phase;
  }

  /** How much came from the server: any of it is life. */
  get heard(): number {
    return this.#heard;
  }

  /** The socket, while it is connected. */
  get link(): Link | undefined {
    return this.#state.phase === 'connected' ? this.#connections.link : undefined;
  }

  /** Whether something goes on that was begun on this socket: a loop, a stream, a multiplexer, a greeting, a request. */
  get isInUse(): boolean {
    return this.#intake !== undefined || !this.greetings.isEmpty || this.emitter.hasLasting;
  }

  /** Takes an input: now or, while another one is carried out, after it. */
  dispatch(input: Input): void {
    this.#mailbox.take({ input });
  }

  /**
   * Takes an order that may begin a life. The state changes at once, the effects follow in a microtask: who
   * writes `connect()` and then `on()` misses no event.
   *
   * @returns The life that there is then; a promise of it while the order has to wait for its turn.
   */
  begin(input: Input): Life | Promise<Life> {
    const { phase } = this.#state;
    const isAtRest = phase === 'idle' || phase === 'closed' || phase === 'failed';
    if (this.#mailbox.isBusy) {
      return new Promise((done) => {
        this.#mailbox.take({ input, done });
      });
    }
    if (!isAtRest) {
      this.#mailbox.take({ input });
      return this.life;
    }
    this.#mailbox.takeAhead(input);
    this.#isBeginning = true;
    this.#beginLife();
    void Promise.resolve().then(() => {
      this.#isBeginning = false;
      this.#mailbox.drain();
    });
    return this.life;
  }

  /** Ends this life, unless it has been connected, is over, or is another one's turn by then. */
  giveUp(life: Life): void {
    this.#mailbox.take({
      input: { type: 'user.close', code: 1000, reason: '', cause: 'aborted' },
      only: life,
    });
  }

  step(input: Input): readonly Effect[] {
    const before = this.#state;
    const [state, effects] = transition(before, input, this.#config);
    this.#state = state;
    if (effects.length > 0 || state !== before) this.#noteStep(input, before, effects);
    return effects;
  }

  perform(effect: Effect): void {
    switch (effect.type) {
      case 'emit':
        if (effect.event.type === 'closed') this.#tidyUp();
        return this.#emit(effect.event);
      case 'report':
        return this.#report(effect.report);
      case 'timer.set':
        return this.#setTimer(effect.timer, effect.delayMs);
      case 'timer.clear':
        return this.#timers.clear(effect.timer);
      case 'timers.clear':
        return this.#timers.clearAll();
      case 'attempt.prepare':
        return this.#connections.prepare(effect.epoch, this.#factsOf(effect));
      case 'transport.open':
        return this.#connections.open(effect.epoch);
      case 'transport.close':
        return this.#close(effect.code, effect.reason);
      case 'transport.abandon':
        this.#connections.attempt?.abandon();
        return this.onEnded(effect.epoch, this.#endOf(effect.cause));
      case 'transport.discard':
        return this.#discard();
      case 'successor.prepare':
        return this.#connections.prepareSuccessor(effect.epoch, this.#factsOf(effect));
      case 'successor.discard':
        return this.#discardSuccessor();
      case 'successor.install':
        return this.#install();
      case 'successor.release':
        return this.#releaseEarly();
      case 'heartbeat.send':
        return this.#sendHeartbeat();
      case 'outbox.mark':
        return this.outgoing.mark();
      case 'outbox.open':
        return this.#openOutbox(effect.replay);
      case 'outbox.shut':
        return this.#shut();
      case 'outbox.drop':
        return this.#drop();
      case 'life.begin':
        return this.#beginLife();
      case 'life.opened':
        return this.life.open();
      case 'life.end':
        return this.#endLife(effect.cause === 'aborted');
    }
  }

  // The connection.

  #setTimer(timer: TimerName, delayMs: number): void {
    this.#timers.set(timer, delayMs);
    if (timer === 'backoff' && this.#config.unref) this.#timers.unref(timer);
  }

  #factsOf({
    attempt,
    unauthorized,
  }: Pick<AttemptFacts, 'attempt' | 'unauthorized'>): AttemptFacts {
    const position = this.#sequence?.sequence.position;
    return { attempt, lastSequenceId: position?.id, epoch: position?.epoch, unauthorized };
  }

  onPrepared(epoch: number, uri: string): void {
    this.dispatch({ type: 'attempt.prepared', epoch, uri });
  }

  onOpen(epoch: number, protocol: string, link: Link): void {
    this.#connections.opened = { epoch, protocol, link };
    // A session shakes hands first, with the server itself: `onWelcomed` follows, or does not.
    if (this.#session === undefined) this.onWelcomed();
    else this.#mailbox.during(() => this.#session?.greet(link, protocol));
    this.#mailbox.settle();
  }

  /** The application has said who it is: what waits may go. Of a connection that is gone it says nothing. */
  ready(): void {
    if (this.#state.phase !== 'connected') return;
    this.#isReady = true;
    const held = this.#held;
    this.#held = undefined;
    // What handlers ask for on the way comes after it: else it would be asked of a connection that is gone.
    if (held !== undefined) {
      this.inFrame(() => {
        this.#openOutbox(held.replay);
      });
    }
  }

  onWelcomed(): void {
    const { opened } = this.#connections;
    if (opened === undefined) return;
    if (this.#state.phase === 'connected') return this.#openOutbox(false);
    return this.#dispatchOpened(opened);
  }

  #dispatchOpened({ epoch, protocol, link }: OpenSocket): void {
    const hasPing = link.ping !== undefined || this.#session !== undefined;
    const canPing = hasPing || this.#config.heartbeat?.ping !== undefined;
    const nowMs = this.#config.clock.now();
    const { heard } = this;
    this.dispatch({ type: 'transport.opened', epoch, nowMs, protocol, canPing, heard });
  }

  #discard(code?: number, reason?: string): void {
    // So that the server need not send again what came.
    this.#session?.acknowledge();
    this.#detach(false);
    this.#connections.letGo(code, reason);
  }

  /** `ready()` was said of one connection, and means none but that. */
  #forgetReady(): void {
    this.#isReady = false;
    this.#held = undefined;
  }

  /** Nothing comes any more of this socket. */
  #detach(couldAnswer: boolean): void {
    this.#connections.opened = undefined;
    this.#forgetReady();
    this.#arrivals.pause();
    this.#session?.detach(couldAnswer);
    this.#sequence?.disconnected();
  }

  #close(code: number, reason: string): void {
    // After a handover what waits is still expected.
    if (this.#state.phase === 'closing') this.#arrivals.clear();
    const { session } = this.#session ?? {};
    // The server is told that the session ends, and says what it has: the socket closes when it has said so.
    if (session?.isLive === true) session.bye(reason);
    else this.#connections.attempt?.close(code, reason);
  }

  onGoodbye(): void {
    const state = this.#state;
    if (state.phase === 'closing') this.#connections.attempt?.close(state.code, state.reason);
  }

  /** What the end of a socket that was let go of is told as. */
  #endOf(cause: End['cause']): End {
    const { session } = this.#session ?? {};
    if (cause !== 'connect_timeout' || session?.isGreeting !== true || session.wasWelcomed) {
      return { ...LOST, cause };
    }
    const error = new Error('the server did not answer the hello within connectTimeoutMs');
    return { ...LOST, cause: 'session_unsupported', error };
  }

  onUnusable(end: End): void {
    const { epoch } = this.#state;
    // 1006 says that there was no close frame: none can carry it.
    if (end.code === 1006) this.#discard();
    else this.#discard(end.code, end.reason);
    this.onEnded(epoch, end);
  }

  onEnded(epoch: number, end: End): void {
    const { phase, attempt } = this.#state;
    if (epoch !== this.#state.epoch) return;
    this.#detach(couldAnswer(end));
    // After close() there is nothing to ask, nor of a socket that we closed because there is another one.
    const isAsked = phase === 'connecting' || (phase === 'connected' && !isReplaced(this.#state));
    const override = isAsked
      ? this.#mailbox.during(() =>
          askReconnect(this.#config.reconnect, end, attempt, (error) => {
            this.#emitError(error, false);
          }),
        )
      : undefined;
    this.dispatch({
      type: 'transport.ended',
      epoch,
      nowMs: this.#config.clock.now(),
      end,
      override,
      heard: this.#heard,
    });
  }

  // The connection that is to follow.

  onSuccessorOpen(successor: Successor, opened: OpenSocket): void {
    if (this.#session === undefined) return this.#dispatchOpened(opened);
    // The session goes on over the old socket until the server has taken the hello on this one.
    successor.onAnswer = (data) => this.#session?.session.receiveOnNext(data);
    return this.#session.moveTo(opened.link, opened.protocol);
  }

  onMoved(): void {
    const { successor } = this.#connections;
    if (successor?.opened === undefined) return;
    successor.onAnswer = undefined;
    // What is still sent belongs on the new socket.
    this.outgoing.shut();
    this.#dispatchOpened(successor.opened);
  }

  onMoveRefused(error: Error): void {
    const { successor } = this.#connections;
    if (successor === undefined) return;
    this.onSuccessorEnded(successor.epoch, { ...LOST, cause: 'protocol_error', error });
  }

  onLeaving(withinMs: number): void {
    this.dispatch({ type: 'server.leaving', epoch: this.#state.epoch, withinMs });
  }

  onSuccessorFull(): void {
    const { epoch } = this.#state;
    if (!isReplaced(this.#state)) return;
    this.#connections.attempt?.abandon();
    this.onEnded(epoch, { ...LOST, cause: 'max_age' });
  }

  onSuccessorEnded(epoch: number, end: End): void {
    const nowMs = this.#config.clock.now();
    const heard = this.#heard;
    this.dispatch({ type: 'transport.ended', epoch, nowMs, end, override: undefined, heard });
  }

  #discardSuccessor(): void {
    this.#session?.stay();
    this.#connections.discardSuccessor();
  }

  #install(): void {
    const { successor, opened } = this.#connections;
    if (successor === undefined) return;
    this.#connections.successor = undefined;
    // In a session the old socket is of no use any more; otherwise it was heard to its end.
    if (opened !== undefined) this.#connections.letGo();
    this.#forgetReady();
    this.#inbox.disconnected();
    this.#session?.promote();
    this.#connections.install(successor, successor.install(this));
  }

  #releaseEarly(): void {
    for (const frame of this.#connections.takeEarly()) this.onMessage(frame);
  }

  // What comes. Messages do not pass by the machine.

  /** Begins to collect messages for a consumer with a pace of its own. */
  read(hasPatience: boolean): Reader<In> {
    const { buffer, replay, clock } = this.#config;
    const isSession = this.#session !== undefined;
    const sizes = this.#sizes ?? new FrameSizes(replay.mode === 'sequence_id');
    const intake = this.#intake ?? new Intake({ ...buffer, isSession, sizes, clock }, this);
    const reader = intake.attach(hasPatience);
    if (this.life.isOver) intake.end(this.life.failure);
    else {
      this.#intake = intake;
      this.#sizes = sizes;
    }
    this.#session?.session.readBy(this.#intake);
    return reader;
  }

  emit(event: Unstamped<'buffer_overflow'>): void {
    this.#meter.unread += event.dropped_count;
    this.#emit(event);
  }

  onRead(): void {
    this.#session?.session.read();
  }

  onUnread(): void {
    this.#intake = undefined;
    if (this.#gate === undefined) this.#sizes = undefined;
    this.#session?.session.readBy(undefined);
  }

  /** One frame, to its end: what handlers ask for on the way comes after all that it has to tell. */
  onMessage(data: FrameData): void {
    this.#heard++;
    if (this.#sizes !== undefined) this.#sizes.came(data);
    this.#meter.receivedLength += data.length;
    const wasBusy = this.#mailbox.enter();
    try {
      if (this.#session === undefined) this.#inbox.receive(data);
      else this.#session.session.receive(data);
    } finally {
      this.#mailbox.leave(wasBusy);
    }
    this.#mailbox.settle();
  }

  /** Of a session: the message in a frame, in order and not a duplicate. */
  onPayload(data: FrameData, seq: number, isReplayed: boolean): unknown {
    return this.#inbox.receive(data, seq === 0 ? null : seq, isReplayed);
  }

  /** A message, decoded. */
  message(data: In, seq: number | null, isReplayed: boolean): unknown {
    // After close() acknowledgements still count, but nobody expects messages; a browser would not deliver them.
    if (this.#state.phase !== 'connected') return undefined;
    if (this.#sequence === undefined) return this.onMessageOf(data, seq, isReplayed);
    this.#sequence.sequence.receive(data);
    return undefined;
  }

  /** A message for the application, in order and not a duplicate as far as the mode can tell. */
  onMessageOf(data: In, sequence_id: number | string | null, replayed: boolean): unknown {
    if (this.#gate !== undefined) return this.#gate.take(data, sequence_id, replayed);
    this.#hand(data, sequence_id, replayed);
    return undefined;
  }

  /** A message that the schema takes. It may have waited for that. */
  pass(data: In, sequence_id: number | string | null, replayed: boolean): void {
    if (this.#state.phase === 'connected') this.#hand(data, sequence_id, replayed);
    // If nobody has kept it, it is gone.
    this.#sizes?.forget();
  }

  #hand(data: In, sequence_id: number | string | null, replayed: boolean): void {
    this.#meter.received++;
    const timestamp = this.#timestamp();
    this.emitter.emit({ type: 'message', data, timestamp, sequence_id, replayed });
    if (this.#intake === undefined) return;
    this.#intake.push(data, this.#session === undefined ? 0 : Number(sequence_id ?? 0));
  }

  /** A message that the schema does not take. */
  refuse(error: JetSocketError): void {
    this.#sizes?.forget();
    if (this.#state.phase !== 'connected') return;
    this.#meter.invalid++;
    if (this.#config.invalidPolicy === 'skip') return this.#emitError(error, false);
    const reason = 'a message is not what the schema takes';
    const end: End = { ...LOST, cause: 'invalid_message', code: 4400, reason, error };
    return this.onUnusable({ ...end, hopeless: true });
  }

  /** What to call when a message that has to wait is done with: it may be acknowledged then, in its session. */
  completion(id: number | string | null): () => void {
    const session = this.#session?.session;
    if (session === undefined || typeof id !== 'number') return () => undefined;
    const { sid } = session;
    return () => {
      if (session.sid === sid) session.handled(id);
    };
  }

  takeBytes(): number {
    return this.#sizes?.take() ?? 0;
  }

  giveBytes(bytes: number): void {
    this.#sizes?.give(bytes);
  }

  overflow(): void {
    this.#meter.incoming++;
    this.#arrivals.countDropped();
  }

  lost(id: number | string | null, isReplayed: boolean): void {
    this.overflow();
    if (id !== null) this.#sequence?.lost(id, isReplayed);
  }

  get isConnected(): boolean {
    return this.#state.phase === 'connected';
  }

  incomingDropped(dropped_count: number): void {
    const { capacity } = this.#config.buffer;
    const policy = 'drop_newest';
    this.#emit({ type: 'buffer_overflow', dropped_count, policy, capacity, direction: 'incoming' });
    this.#sequence?.reportLost();
  }

  /** What comes of a promise is carried out as a frame is: to its end. */
  inFrame(run: () => void): void {
    this.#mailbox.during(run);
    this.#mailbox.settle();
  }

  onGap(from: number | string, to: number | string | null, cause: string): unknown {
    const tell = (): void => {
      this.#emit({ type: 'gap', from, to, cause });
    };
    // Nothing comes after `closed`, and what waits for the schema would.
    if (this.#state.phase !== 'connected' && cause === 'closed') return tell();
    if (this.#session === undefined) return this.#arrivals.afterChecked(tell, null);
    return this.#arrivals.afterAll(tell, typeof to === 'number' ? to : null);
  }

  onError(error: JetSocketError): void {
    this.#emitError(error, false);
  }

  onReplayed(count: number, continuity: Continuity): void {
    const tell = (): void => {
      this.outgoing.receivedReplay(count, continuity);
    };
    // A session says so when the last of them is done with; else they may still be looked at.
    if (this.#session === undefined) this.#arrivals.afterChecked(tell, null);
    else tell();
  }

  onResume(): void {
    this.outgoing.flush();
  }

  /** Of a session: the server said what it has handled, unasked or in answer to a heartbeat. */
  onAnswered(): void {
    if (this.#state.phase === 'connected' && this.#state.ping !== null) this.pong(null);
  }

  /** The answer to a heartbeat: the application's. */
  pong(payload: unknown): void {
    const nowMs = this.#config.clock.now();
    this.dispatch({ type: 'pong.received', epoch: this.#state.epoch, nowMs, payload });
  }

  acknowledge(id: number): boolean {
    return this.outgoing.acknowledge(id);
  }

  error(error: JetSocketError): void {
    this.#emitError(error, false);
  }

  /** In a session it is not ours to leave one out: the server would send it again, or take it for handled. */
  oversized(error: JetSocketError, seq: number | null): unknown {
    if (this.#session === undefined || seq === null) return this.#emitError(error, false);
    const reason = 'message too large';
    const end: End = { ...LOST, cause: 'message_too_large', code: 4400, reason, error };
    this.onUnusable({ ...end, hopeless: true });
    return LATER;
  }

  /** The answer to a heartbeat, of the protocol; or with null some other proof of life. */
  onPong(payload: string | null): void {
    this.#heard++;
    if (payload !== null) this.pong(payload);
  }

  /** The connection is told: what was lost, then what is missed, then what waits. */
  #openOutbox(replay: boolean): void {
    const { attempt, link } = this.#connections;
    if (link === undefined) return;
    this.#arrivals.resume();
    this.#intake?.connected();
    this.#session?.ready();
    this.#heedLimit();
    this.#sequence?.opened(attempt?.position);
    if (this.#config.holdUntilReady && !this.#isReady) {
      this.#held = { replay: replay || this.#held?.replay === true };
      return;
    }
    if (replay) {
      const exchange = this.#session?.session.exchange;
      this.outgoing.beginReplay({
        lastSequenceId: exchange?.accepted ?? this.#sequence?.lastId ?? null,
        awaitsIncoming: (this.#session ?? this.#sequence) !== undefined,
      });
    }
    // Who subscribes first, and only then asks for what was missed, misses nothing in between.
    this.#greet(link);
    this.#sequence?.connected(link, this.#state.attempt, replay);
    this.outgoing.open(link);
    this.#session?.session.checkCaughtUp();
  }

  /** The server of a session has said what it takes: what waits and is larger would end every connection. */
  #heedLimit(): void {
    const maxBytes = this.#session?.session.maxBytes;
    if (maxBytes === undefined) return;
    this.#encoder.limitTo(maxBytes);
    // What waits was let in by our own limit.
    if (maxBytes >= this.#config.maxMessageBytes) return;
    const over = this.outgoing.removeOver(maxBytes);
    if (over.length === 0) return;
    this.#meter.unserializable += over.length;
    this.#emitError(
      tooLarge(`${over.length} messages that waited are too large`, maxBytes, over),
      false,
    );
  }

  /** A session is greeted once, by messages of its own; any other connection each time, ahead of what waits. */
  #greet(link: Link): void {
    if (this.#session === undefined) return this.greetings.open(link, (data) => link.send(data));
    return this.greetings.open(this.#session.session.sid, (data) => {
      this.outgoing.send(data);
      return true;
    });
  }

  #shut(): void {
    this.outgoing.shut();
    if (this.#session === undefined) this.greetings.shut();
  }

  #drop(): void {
    this.greetings.shut();
    this.outgoing.drop();
    this.#arrivals.clear();
    this.#session?.session.end();
    this.#sequence?.sequence.abandon();
    this.#sequence?.sequence.reset();
  }

  // The heartbeat.

  #sendHeartbeat(): void {
    const { heartbeat, codec } = this.#config;
    const { link } = this.#connections;
    if (heartbeat === null || link === undefined) return;
    if (heartbeat.ping === undefined) {
      if (this.#session === undefined) link.ping?.(heartbeat.payload);
      else this.#session.session.probe();
      this.#emit({ type: 'ping', payload: heartbeat.payload });
      return;
    }
    const { epoch } = this.#state;
    const fail = (thrown: unknown): void => {
      if (this.#state.epoch !== epoch || this.#state.phase !== 'connected') return;
      this.#emitError(hookFailed('heartbeat.ping', thrown), false);
      this.dispatch({ type: 'ping.failed', epoch });
    };
    try {
      const message = heartbeat.ping();
      // It does not wait in the outbox: a question about the connection means nothing on the next one.
      const send = (data: FrameData): void => {
        if (this.#connections.link !== link) return;
        if (this.#session === undefined) link.send(data);
        else this.#session.sendUnnumbered(data);
        this.#emit({ type: 'ping', payload: message });
      };
      const data = codec.encode(message);
      if (isThenable(data)) data.then(send).then(undefined, fail);
      else send(data);
    } catch (thrown) {
      fail(thrown);
    }
  }

  // Events.

  #emit(event: Unstamped): void {
    // Stamping completes the record; no type can say so for all of a union at once.
    this.#meter.note(event, this.#config.clock.now());
    this.#journal.event(event);
    this.#call({ ...event, timestamp: this.#timestamp() } as JetSocketEvent<In>);
  }

  #emitError(error: JetSocketError, fatal: boolean): void {
    if (!this.emitter.hearsErrors) this.#journal.unheard(error);
    this.#emit({ type: 'error', error, message: error.message, code: error.code, fatal });
  }

  #report({ code, message, hint, cause, fatal }: Report): void {
    // What is an error of ours already, with all that it carries, is told as it is.
    const isTold = cause instanceof JetSocketError && cause.code === code;
    // A server may say in a close reason what it did not like.
    const text = this.#connections.redacted(message);
    const error = isTold ? cause : new JetSocketError(code, text, { hint, cause });
    if (fatal) this.#lastFatal = error;
    this.#emitError(error, fatal);
  }

  /** Calls the handlers; what they ask for comes after the last of them. */
  #call(record: JetSocketEvent<In>): void {
    const wasBusy = this.#mailbox.enter();
    try {
      this.emitter.emit(record);
    } finally {
      this.#mailbox.leave(wasBusy);
    }
    this.#mailbox.settle();
  }

  #onHandlerFailed(thrown: unknown, event: JetSocketEvent<In>): void {
    const error = new JetSocketError(
      'HANDLER_FAILED',
      `A handler of '${event.type}' failed: ${asError(thrown).message}`,
      { cause: thrown, hint: 'The other handlers were called, and the connection lives' },
    );
    // An error about an error would never end.
    if (event.type === 'error' || event.type === 'closed') this.#journal.failure(error, event.type);
    else this.#tellOrLog(error, event.type);
  }

  /** Between lives there are no events. */
  #tellOrLog(error: JetSocketError, event: string = 'error'): void {
    if (this.life.isOver || this.#isBeginning) this.#journal.failure(error, event);
    else this.#emitError(error, false);
  }

  // What is told on request.

  #noteStep(input: Input, before: State, effects: readonly Effect[]): void {
    const atMs = this.#config.clock.now() - this.#madeAtMs;
    const step = describeStep(input, before, this.#state, effects, atMs);
    this.#recorder.note(step);
    this.#journal.transition(step);
  }

  stats(): Stats {
    return statsOf(this.phase, this.#config.clock.now(), this.#meter, this.outgoing);
  }

  record(): FlightRecord {
    return Object.freeze({
      version: 1,
      timestamp: this.#timestamp(),
      uri: maskedAddress(this.#state.uri),
      replayMode: this.#config.replay.mode,
      stats: this.stats(),
      session: this.#session === undefined ? null : Object.freeze(this.#session.session.snapshot),
      forgotten: this.#recorder.forgotten,
      transitions: Object.freeze(this.#recorder.transitions),
    });
  }

  #timestamp(): number {
    return this.#config.clock.unixNow() / 1_000;
  }

  // The life.

  #beginLife(): void {
    this.#surroundings.begin();
    if (!this.life.isOver) return;
    this.life = new Life();
    this.#lastFatal = undefined;
  }

  /** Nothing follows `closed`: what was dropped is told before it, and no connection outlasts it. */
  #tidyUp(): void {
    this.#sequence?.sequence.abandon();
    this.outgoing.reportDropped();
    this.outgoing.rest();
    this.#arrivals.reportDropped();
    this.#intake?.reportDropped();
    this.#surroundings.end();
    this.#connections.abandonLeaving();
  }

  #endLife(isAborted: boolean): void {
    this.#connections.end();
    const failure = this.#state.phase === 'failed' ? (this.#lastFatal ?? failed()) : undefined;
    this.life.end(isAborted ? aborted() : (this.#lastFatal ?? closedBefore()), failure);
    this.#intake?.end(failure);
    this.onUnread();
  }
}

/**
 * Whether the server closed instead of answering a hello. Not one that restarts or is busy, or whom the hello
 * did not reach in time: those say nothing about the session.
 */
const couldAnswer = ({ wasClean, code }: End): boolean =>
  wasClean && code !== 1012 && code !== 1013 && code !== 4408;

/** Whether its successor is open: then it was we who closed it. */
const isReplaced = (state: State): boolean =>
  state.phase === 'connected' && state.successor !== null && state.successor.place !== 'opening';

const LOST = { code: 1006, reason: '', wasClean: false } as const;

const hookFailed = (option: string, thrown: unknown): JetSocketError =>
  new JetSocketError('HOOK_FAILED', `${option} failed: ${asError(thrown).message}`, {
    cause: thrown,
  });

const aborted = (): JetSocketError =>
  new JetSocketError('ABORTED', 'Cannot connect: the signal given to connect() was aborted');

const failed = (): JetSocketError =>
  new JetSocketError('CLOSED', 'Cannot read on: the socket has failed');

const closedBefore = (): JetSocketError =>
  new JetSocketError('CLOSED', 'Cannot connect: the socket was closed before it had connected');

/** Written out: V8 gives an object that is spread and then added to a shape of its own, for every client. */
function outboxOf<In, Out>({ buffer, replay, clock }: Config<In, Out>, awaitsAck: boolean): Outbox {
  const { capacity, maxBytes, overflowPolicy } = buffer;
  const sparesNumbered = replay.mode === 'session';
  const now = (): number => clock.now();
  return new Outbox({ capacity, maxBytes, overflowPolicy, awaitsAck, sparesNumbered, now });
}
