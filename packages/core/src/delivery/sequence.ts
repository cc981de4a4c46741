import type { JetSocketError } from '../errors.js';
import type { Continuity } from '../events.js';
import { ask } from './ask.js';
import {
  after,
  before,
  type Comparable,
  comparable,
  type Position,
  positionOf,
  type SequenceId,
  type SequenceOrder,
  told,
} from './sequence-id.js';
import * as errors from './sequence-errors.js';
import { LeftEpochs } from './sequence-epochs.js';
import { SequenceMemory } from './sequence-memory.js';

export type { Position, SequenceId, SequenceOrder } from './sequence-id.js';

/** What a sequence must know of the options: see `SequenceOptions`. */
export interface SequenceConfig<In> {
  readonly sequenceOf: (message: In) => SequenceId | Position | null | undefined;
  readonly positionOf: ((message: In) => SequenceId | Position | null | undefined) | undefined;
  readonly isReplayEnd: ((message: In) => boolean) | undefined;
  /** Undefined: by the first id. */
  readonly order: SequenceOrder | undefined;
  readonly inclusive: boolean;
  /** How many messages are held back behind a hole, and how many ids are remembered: see `SequenceMemory`. */
  readonly maxHeld: number;
  readonly onRegression: 'drop' | 'restart';
  readonly startAt: Position | undefined;
}

/**
 * Why messages are missing. `timeout`: the hole stayed open; `reorder_overflow`: too much had to be held back behind
 * it; `not_replayed`: the replay ended without them; `history_evicted`: the server does not have them any more;
 * `epoch_changed`, `regressed`: it numbers anew; `closed`: there is no connection any more, and those that were held
 * back are not delivered either, or a replay was given up that new messages may have overtaken. `connect()` after
 * `failed` asks for them again.
 */
export type GapCause =
  | 'timeout'
  | 'reorder_overflow'
  | 'not_replayed'
  | 'history_evicted'
  | 'epoch_changed'
  | 'regressed'
  | 'closed';

/** Where numbered messages go, and what is told of them. None of it may throw. */
export interface SequenceOutlet<In> {
  message(message: In, id: number | string | null, isReplayed: boolean): void;
  gap(from: number | string, to: number | string | null, cause: GapCause): void;
  error(error: JetSocketError): void;
  /**
   * Start a timer, unless it runs, or stop it. `gap`: for a hole, or an answer; when it fires, call `gapExpired`.
   * `replay`: for the end of a replay; then it is `replayExpired`.
   */
  timer(name: 'gap' | 'replay', on: boolean): void;
  /** All that was missed has come, or will not: so many messages. */
  replayEnded(count: number, continuity: Continuity): void;
}

interface Held<In> {
  readonly message: In;
  readonly id: SequenceId;
  readonly value: Comparable;
}

/**
 * The numbers that a foreign server gives its messages: drops what came already, holds back what came too early,
 * tells what is missing. Pure: no clock, no I/O. Every state is bounded by `maxHeld`.
 */
export class Sequence<In> {
  readonly #config: SequenceConfig<In>;
  readonly #outlet: SequenceOutlet<In>;
  readonly #tell: (error: JetSocketError) => void;
  /** The server marks the end of a replay. Without that nobody can tell whether one is over. */
  readonly #isMarked: boolean;
  #order: SequenceOrder | undefined;
  #last: Position | undefined;
  /** The last id, as a number; NaN where there is none, or ids are opaque. */
  #value: Comparable = Number.NaN;
  /** Came too early: behind a hole, the lowest first. */
  #held: Held<In>[] = [];
  /** The server said that it is there: with dense numbers all up to this one must come. */
  #stated: Comparable = -1;
  /** Where numberings of before had got to. */
  readonly #left = new LeftEpochs();
  /** Opaque ids that came; and numbers with holes, from where the replay was asked on. */
  readonly #memory: SequenceMemory;

  /** Where the replay was asked from, or will be, until it is taken to be over. Over a lost connection too. */
  #asked: Position | undefined;
  /** As a number; NaN where ids are opaque. */
  #askedValue: Comparable = Number.NaN;
  /** All numbers up to this one came before the replay, though it was asked for from further back. */
  #cameUpTo: Comparable = Number.NaN;
  /** There was something to ask from when this connection began. */
  #isKnown = false;
  /** A replay may be running: what comes may have come before. */
  #isReplaying = false;
  /** It was asked for, or is about to be: only then a marker is its own. */
  #isRequested = false;
  /** Its end will be known: the marker is to come, or first the request has to settle. */
  #isAwaited = false;
  /** It counts for events: it was begun, and has not ended. */
  #isCounted = false;
  /** What was missed may not have been asked for, or some of it was dropped, or may have come twice. */
  #isUnsure = false;
  /** Its messages changed the epoch, and some of the one before may still come, until the marker. */
  #isChanged = false;
  #replayed = 0;

  /** Something numbered has come. */
  #hasBegun = false;

  // What the replay proves.
  /** Nothing numbered has come since it began. */
  #isFirst = false;
  /** It brought what it was asked from: so the server has not forgotten that. */
  #isVerified = false;
  /** It went back further than it was asked to: does the server number anew? */
  #isRewound = false;
  /** An inclusive replay brought what it was asked from, or it was told that it did not. */
  #isJudged = false;
  /** That it was given up was told. */
  #isOvertakenTold = false;
  /** The lowest number, or the first id, of what it brought beyond that. */
  #earliest: SequenceId | undefined;

  /** Numbers up to where the replay was asked from, that came before anything new did. */
  #duplicates = 0;
  #lowest: Comparable = 0;
  #highest: Comparable = 0;
  /** Opaque ids that were taken for new, when some of those that came were forgotten. */
  #doubtful = 0;
  /** So many of them came in connections before. */
  #carried = 0;
  /** Of a replay more opaque ids came than are remembered, and nothing new behind it: the next one may bring them again. */
  #isShaky = false;

  constructor(config: SequenceConfig<In>, outlet: SequenceOutlet<In>) {
    this.#config = config;
    this.#outlet = outlet;
    this.#tell = (error) => {
      outlet.error(error);
    };
    this.#isMarked = config.isReplayEnd !== undefined;
    this.#memory = new SequenceMemory(config.maxHeld);
    this.#order = config.order;
    this.reset();
  }

  /** The last message delivered, as the server numbered it. */
  get last(): Position | undefined {
    return this.#last;
  }

  /**
   * From where to ask for what was missed: the last message, or, while it is not certain that all before it came, for
   * the replay is not over, the one that this was asked from.
   */
  get position(): Position | undefined {
    return this.#order === 'dense' ? this.#last : (this.#asked ?? this.#last);
  }

  /** A new life begins. */
  reset(): void {
    this.#order = this.#config.order;
    this.#held = [];
    this.#stated = -1;
    this.#left.clear();
    this.#memory.clear();
    this.#forgetCounts();
    this.#finish();
    this.#isShaky = false;
    this.#isCounted = false;
    this.#last = undefined;
    this.#value = Number.NaN;
    const { startAt } = this.#config;
    if (startAt === undefined) return;
    // The options have seen to it that it is one.
    this.#order ??= orderOf(startAt);
    this.#moveTo(startAt);
    this.#askFromHere();
    this.#memory.beginLate();
  }

  // A replay, from the connection to its end.

  /**
   * There is a connection. What comes now may be what was missed.
   *
   * @param isRequested The URL has asked for it. Else `request` follows.
   * @param from From where it did, when it was made: more may have come since, on the connection before.
   */
  begin(isRequested: boolean, from?: Position): void {
    if (this.#order === 'dense') this.#asked = undefined;
    this.#askFromHere();
    this.#cameUpTo = Number.NaN;
    if (from !== undefined && isRequested) this.#askEarlier(from);
    this.#isReplaying = this.#asked !== undefined;
    this.#isAwaited = this.#isReplaying;
    this.#isRequested = isRequested;
    this.#isCounted = false;
    this.#isUnsure = this.#isShaky;
    this.#isChanged = false;
    this.#replayed = 0;
    this.#isFirst = true;
    this.#isVerified = false;
    this.#isRewound = false;
    this.#isJudged = false;
    this.#isOvertakenTold = false;
    this.#earliest = undefined;
    this.#isKnown = this.#isReplaying;
    this.#carried = this.#doubtful;
    this.#hasBegun = false;
    if (!this.#isReplaying) return;
    // A hole that a message has left before that is asked for now.
    this.#outlet.timer('gap', false);
    if (isRequested) this.#outlet.timer('replay', true);
  }

  /**
   * What was missed is asked for now, unless the URL has done so.
   *
   * @param isCounted It counts for events: `replayEnded` follows.
   * @returns Whether there is something to ask for: it is known from where, and its end has not come already.
   */
  request(isCounted: boolean): boolean {
    this.#isRequested = true;
    this.#isCounted = isCounted;
    if (this.#isAwaited) {
      this.#outlet.timer('replay', true);
      return true;
    }
    // It is not known what was missed before the first one came.
    this.endReplay(false, this.#isKnown);
    return false;
  }

  /**
   * The connection is gone. What was held back waits for what is before it: that is asked for again. So is the whole
   * replay where numbers have holes, or are none, and it is not over: new messages may have overtaken it.
   */
  disconnect(): void {
    this.#judgeDuplicates();
    if (this.#memory.isFull) {
      // More came than is told apart: to ask for it again would double it.
      if (this.#isMarked) this.#tellOvertaken();
      this.#asked = undefined;
    }
    this.#askFromHere();
    this.#isReplaying = false;
    this.#isAwaited = false;
    this.#isChanged = false;
    this.#isCounted = false;
    this.#outlet.timer('gap', false);
    this.#outlet.timer('replay', false);
  }

  /**
   * The marker came, or the request has settled where there is no marker.
   *
   * @param isAsked What was missed was asked for, as far as is known.
   */
  endReplay(isMarked: boolean, isAsked: boolean = true): void {
    const wasCounted = this.#isCounted;
    this.#isCounted = false;
    this.#outlet.timer('replay', false);
    this.#isAwaited = false;
    if (!isAsked) this.#isUnsure = true;
    if (isMarked) {
      this.#judgeDuplicates();
      this.#judgeEvicted();
      this.#judgeForgotten();
      this.#finish();
      this.#doubtful = 0;
      while (this.#hasHole) this.#skip('not_replayed');
      this.#outlet.timer('gap', false);
      // A request that is merely sent ends nothing but the events: its answer is on the way.
    } else if (this.#isReplaying) this.#outlet.timer('gap', true);
    if (wasCounted) this.#outlet.replayEnded(this.#replayed, this.#continuity);
  }

  /** A message was not delivered after all. */
  lost(isReplayed: boolean): void {
    if (isReplayed) this.#replayed--;
    this.#isUnsure = true;
  }

  /** The request has failed, and the marker may come all the same. */
  unasked(): void {
    this.#isUnsure = true;
  }

  /** The timer fired: neither a hole nor the answer to a request is waited for any longer. */
  gapExpired(): void {
    // Nothing has come: the answer is late, and one all the same. Unless what is older is to be taken for new.
    const isLate = this.#isReplaying && !this.#hasBegun && !this.#hasHole;
    if (!isLate || this.#config.onRegression === 'restart') this.#giveUp();
  }

  /** The timer fired: the end of the replay is not waited for any longer. */
  replayExpired(): void {
    const wasCounted = this.#isCounted;
    this.#isCounted = false;
    this.#isUnsure = true;
    this.#judgeEvicted();
    this.#judgeForgotten();
    this.#giveUp();
    if (wasCounted) this.#outlet.replayEnded(this.#replayed, 'unverified');
  }

  #giveUp(): void {
    this.#judgeDuplicates();
    this.#finish();
    this.#skip('timeout');
  }

  /** There will be no connection any more, or none that knows of this one: what was held back is not delivered. */
  abandon(): void {
    this.#judgeDuplicates();
    const last = this.#held.at(-1)?.value ?? -1;
    const to = last > this.#stated ? last : this.#stated;
    this.#held = [];
    this.#stated = -1;
    if (to > this.#value) this.#outlet.gap(told(after(this.#value)), told(to), 'closed');
    else if (this.#isMarked && this.#order !== 'dense') this.#tellOvertaken();
  }

  /** What is missed from now on is asked for from here, unless there is something to ask for already. */
  #askFromHere(): void {
    if (this.#asked !== undefined || this.#last === undefined) return;
    this.#asked = this.#last;
    this.#askedValue = this.#value;
    this.#memory.merge();
  }

  /** What came since the URL was made comes again. */
  #askEarlier(from: Position): void {
    if (this.#asked !== this.#last || from.epoch !== this.#last?.epoch) return;
    this.#asked = from;
    if (this.#order === 'opaque') return;
    this.#askedValue = comparable(from.id);
    this.#cameUpTo = this.#value;
  }

  /** The replay is over, or taken to be. */
  #finish(): void {
    this.#isReplaying = false;
    this.#isAwaited = false;
    this.#isChanged = false;
    this.#asked = undefined;
  }

  get #continuity(): Continuity {
    if (this.#isUnsure) return 'unverified';
    const isVerified = this.#order === 'dense' ? this.#isDenseProof : this.#isVerified;
    return isVerified ? 'verified' : 'unverified';
  }

  /** Dense numbers show each hole themselves, now or later: unless the server seems not to be at them any more. */
  get #isDenseProof(): boolean {
    const isForgotten = this.#config.inclusive && this.#isMarked && this.#isFirst;
    return !this.#isRewound && !isForgotten;
  }

  // One message.

  /** A message, decoded. */
  receive(message: In): void {
    const { sequenceOf, positionOf: reached, isReplayEnd } = this.#config;
    const given = ask('replay.sequenceOf', sequenceOf, message, this.#tell);
    if (given === undefined || given === null) {
      const stated = reached && ask('replay.positionOf', reached, message, this.#tell);
      if (stated !== undefined && stated !== null) this.#state(stated);
      this.#outlet.message(message, null, false);
    } else this.#take(message, given);
    if (isReplayEnd !== undefined && this.#isRequested && this.#isOpen) {
      const isEnd = ask('replay.isReplayEnd', isReplayEnd, message, this.#tell);
      if (isEnd === true) this.endReplay(true);
    }
  }

  /** A marker would end something. */
  get #isOpen(): boolean {
    return this.#isCounted || this.#isReplaying || this.#isChanged;
  }

  #take(message: In, given: SequenceId | Position): void {
    // The usual case first: the next number.
    if (
      typeof given === 'number' &&
      given - 1 === this.#value &&
      given <= Number.MAX_SAFE_INTEGER &&
      !this.#isReplaying &&
      this.#last?.epoch === undefined
    ) {
      this.#deliver(message, { id: given });
      return;
    }
    const position = this.#checked(given, 'sequenceOf');
    if (position === undefined) return this.#outlet.message(message, null, false);
    if (this.#last === undefined) return this.#deliver(message, position);
    if (this.#isReplaying && !this.#hasBegun) this.#beginAnswer();
    if (this.#order === 'opaque') return this.#takeOpaque(message, position, keyOf(position));
    const value = comparable(position.id);
    if (position.epoch !== this.#last.epoch) return this.#takeForeign(message, position, value);
    return this.#takeNumber(message, position, value);
  }

  /** The answer comes. Where nothing marks its end, it has its time from now on. */
  #beginAnswer(): void {
    this.#hasBegun = true;
    if (!this.#isAwaited) this.#outlet.timer('gap', true);
  }

  #takeNumber(message: In, position: Position, value: Comparable): void {
    if (this.#isReplaying) this.#proveByNumber(value);
    if (value <= this.#value) return this.#takeOld(message, position, value);
    if (this.#order === 'monotonic' || value === after(this.#value)) {
      return this.#deliver(message, position);
    }
    return this.#hold({ message, id: position.id, value });
  }

  /** What a number says of the replay that it came in. Dense ones show by themselves what is missing. */
  #proveByNumber(value: Comparable): void {
    if (value === this.#askedValue) this.#prove();
    else if (value < this.#askedValue) this.#isRewound = true;
    else if (this.#order === 'monotonic') {
      if (this.#earliest === undefined || value < comparable(this.#earliest))
        this.#earliest = value;
      if (!this.#isMarked && this.#isRequested) this.#judgeEvicted();
    }
    this.#isFirst = false;
  }

  /** A number of another epoch: a new one, or one that was left. */
  #takeForeign(message: In, position: Position, value: Comparable): void {
    const reached = this.#left.reached(position.epoch);
    if (reached === undefined || value > reached) {
      return this.#isChanged && reached !== undefined
        ? this.#passForeign(message, position, value)
        : this.#enterEpoch(message, position, 'epoch_changed');
    }
    if (this.#isChanged) return;
    if (this.#isReplaying) {
      // It begins further back than it was asked to.
      this.#isRewound = true;
      return this.#countDuplicate(value);
    }
    const isDropped = this.#config.onRegression === 'drop';
    this.#outlet.error(errors.passed(position.id, reached, isDropped));
    if (!isDropped) this.#enterEpoch(message, position, 'regressed');
  }

  /** Missed, of the epoch that this replay has left. The position stays. */
  #passForeign(message: In, position: Position, value: Comparable): void {
    this.#outlet.error(errors.overtaken(position.id, this.#last?.id ?? '', false));
    this.#left.leave(position.epoch, value);
    this.#pass(message, position.id);
  }

  #enterEpoch(message: In, position: Position, cause: GapCause): void {
    this.#leaveEpoch(cause);
    this.#deliver(message, position);
  }

  #takeOpaque(message: In, position: Position, key: string): void {
    if (this.#asked !== undefined && this.#isReplaying && key === keyOf(this.#asked)) {
      if (!this.#isFirst && this.#memory.knowsOne) this.#judgeDoubtful(position.id);
      return this.#prove();
    }
    if (this.#memory.cameBefore(key)) {
      this.#isRewound = true;
      return this.#judgeDoubtful(position.id);
    }
    const isForeign = position.epoch !== this.#last?.epoch;
    if (this.#isReplaying && !isForeign) {
      this.#earliest ??= position.id;
      if (!this.#isMarked && this.#isRequested) this.#judgeEvicted();
    }
    this.#isFirst = false;
    if (this.#memory.cameSince(key)) return;
    if (isForeign) {
      if (!this.#isChanged || this.#left.reached(position.epoch) === undefined) {
        return this.#enterEpoch(message, position, 'epoch_changed');
      }
      this.#memory.note(key);
      return this.#passForeign(message, position, Number.NaN);
    }
    this.#countDoubtful();
    this.#deliver(message, position);
  }

  /** The replay brought what it was asked from: at once, or, where its end is marked, behind new messages. */
  #prove(): void {
    if ((this.#isFirst || this.#isMarked) && !this.#isRewound && this.#carried === 0) {
      this.#isVerified = true;
    }
    this.#isJudged = true;
    this.#duplicates = 0;
    this.#doubtful = this.#carried;
  }

  /** An inclusive replay brings what it was asked from: if it does not, the server has forgotten that. */
  #judgeEvicted(): void {
    const asked = this.#asked;
    const earliest = this.#earliest;
    if (!this.#config.inclusive || this.#isJudged || !asked || earliest === undefined) return;
    this.#isJudged = true;
    if (this.#order === 'opaque') {
      return this.#outlet.gap(told(asked.id), told(earliest), 'history_evicted');
    }
    const from = after(this.#askedValue);
    const to = before(comparable(earliest));
    if (to >= from) this.#outlet.gap(told(from), told(to), 'history_evicted');
  }

  /**
   * More opaque ids came before the marker than are remembered. New messages among them come twice, in this replay or in
   * the next: the last message is one of the replay, and they are behind it.
   */
  #judgeForgotten(): void {
    const from = this.#memory.firstForgotten;
    if (!this.#isMarked || this.#order !== 'opaque' || from === undefined) return;
    this.#isUnsure = true;
    this.#isShaky = true;
    const id = String(from).slice(String(from).indexOf('\n') + 1);
    this.#outlet.error(errors.forgotten(id, this.#last?.id ?? id, this.#config.maxHeld));
  }

  /** The replay is given up, and new messages may have overtaken it: what is between may have come, or not. */
  #tellOvertaken(): void {
    const asked = this.#asked;
    if (asked === undefined || this.#last === undefined || this.#last === asked) return;
    if (this.#isOvertakenTold) return;
    this.#isOvertakenTold = true;
    const from = this.#order === 'opaque' ? asked.id : after(this.#askedValue);
    this.#outlet.gap(told(from), told(this.#last.id), 'closed');
  }

  /** New, as far as is remembered. Behind what came before it is new for certain. */
  #countDoubtful(): void {
    if (!this.#isReplaying && this.#memory.isFull) this.#doubtful = 0;
    else if (this.#memory.hasForgotten && !this.#isRewound && !this.#isVerified) this.#doubtful++;
  }

  /** The replay brings what had come: what it brought before that may have come as well, and be forgotten. */
  #judgeDoubtful(known: SequenceId): void {
    const count = this.#doubtful;
    this.#doubtful = 0;
    this.#carried = 0;
    if (count === 0) return;
    this.#outlet.error(errors.doubtful(count, known));
  }

  /** A number that was passed already. */
  #takeOld(message: In, position: Position, value: Comparable): void {
    if (this.#isReplaying) {
      if (value > this.#askedValue) return this.#takeOvertaken(message, position, value);
      return this.#countDuplicate(value);
    }
    if (value === this.#value) return;
    const isDropped = this.#config.onRegression === 'drop';
    this.#outlet.error(errors.passed(position.id, this.#last?.id ?? '', isDropped));
    if (!isDropped) this.#enterEpoch(message, position, 'regressed');
  }

  #countDuplicate(value: Comparable): void {
    if (value === this.#askedValue) return;
    if (this.#duplicates === 0 || value < this.#lowest) this.#lowest = value;
    if (this.#duplicates === 0 || value > this.#highest) this.#highest = value;
    this.#duplicates++;
  }

  /** Missed, and overtaken: servers send what is new before, or among, what was asked for. The position stays. */
  #takeOvertaken(message: In, position: Position, value: Comparable): void {
    if (this.#order === 'dense' || value === this.#value || value <= this.#cameUpTo) return;
    if (this.#memory.cameSince(value)) return;
    const isUnknown = this.#memory.isFull;
    this.#outlet.error(errors.overtaken(position.id, this.#last?.id ?? '', isUnknown));
    if (isUnknown) {
      this.#isUnsure = true;
      return;
    }
    this.#memory.note(value);
    this.#pass(message, position.id);
  }

  /** The server sent again what we had, and less than that: it has forgotten the rest, or numbers anew. */
  #judgeDuplicates(): void {
    const count = this.#duplicates;
    this.#duplicates = 0;
    if (count === 0) return;
    this.#outlet.error(errors.duplicates(count, this.#lowest, this.#highest, this.#value));
  }

  /** What a message without a number says of the position. */
  #state(given: SequenceId | Position): void {
    const position = this.#checked(given, 'positionOf');
    if (position === undefined) return;
    if (this.#last === undefined) return this.#moveTo(position);
    if (position.epoch !== this.#last.epoch) {
      this.#leaveEpoch('epoch_changed');
      return this.#moveTo(position);
    }
    if (this.#order === 'opaque') return;
    const value = comparable(position.id);
    if (value < this.#value) return this.#outlet.error(errors.behind(position.id, this.#last.id));
    if (this.#order !== 'dense' || value === this.#value || value <= this.#stated) return;
    const hadHole = this.#hasHole;
    this.#stated = value;
    if (!hadHole) this.#timeHole();
  }

  /** Numbers of before mean nothing any more. What was held back belongs to them. */
  #leaveEpoch(cause: GapCause): void {
    // All that was asked for may be overtaken by what changes the epoch.
    const last = this.position;
    const from = this.#order === 'opaque' ? last?.id : after(comparable(last?.id ?? 0));
    if (cause === 'epoch_changed') this.#left.leave(this.#last?.epoch, this.#value);
    else this.#left.clear();
    this.#held = [];
    this.#stated = -1;
    // Ids that only differ are remembered with their epochs.
    if (this.#order !== 'opaque') this.#memory.clear();
    this.#forgetCounts();
    const isChanged = this.#isMarked && (this.#isReplaying || this.#isChanged);
    // What is older than the first of the new ones is no duplicate of the old ones.
    this.#finish();
    this.#isChanged = isChanged;
    this.#isUnsure = true;
    this.#outlet.timer('gap', false);
    this.#outlet.gap(told(from ?? ''), null, cause);
  }

  #forgetCounts(): void {
    this.#duplicates = 0;
    this.#doubtful = 0;
    this.#carried = 0;
  }

  #deliver(message: In, position: Position): void {
    if (!this.#isReplaying) this.#isShaky = false;
    this.#moveTo(position);
    this.#pass(message, position.id);
    if (this.#held.length > 0 || this.#stated >= this.#value) this.#fill();
  }

  #pass(message: In, id: SequenceId): void {
    const isReplayed = this.#isCounted;
    if (isReplayed) this.#replayed++;
    this.#outlet.message(message, told(id), isReplayed);
  }

  /** Before the handler is called: what it does must find the position moved. */
  #moveTo(position: Position): void {
    this.#last = position;
    // Of the replay nothing older is left once something new has come.
    if (this.#duplicates > 0) this.#duplicates = 0;
    if (this.#order === 'opaque') this.#memory.note(keyOf(position));
    else {
      this.#value = comparable(position.id);
      if (this.#asked !== undefined && this.#order === 'monotonic') this.#memory.note(this.#value);
    }
  }

  // Numbers without holes of their own: what comes too early waits.

  #hold(held: Held<In>): void {
    // Most come in order among themselves: from the end.
    let index = this.#held.length;
    while (index > 0 && (this.#held[index - 1]?.value ?? 0) >= held.value) index--;
    if (this.#held[index]?.value === held.value) return;
    this.#held.splice(index, 0, held);
    if (this.#held.length === 1 && this.#stated <= this.#value) this.#timeHole();
    if (this.#held.length > this.#config.maxHeld) this.#skip('reorder_overflow');
  }

  /** Delivers what is next among what was held back. */
  #fill(): void {
    let isFilled = false;
    for (;;) {
      const next = this.#held[0];
      if (next === undefined || next.value !== after(this.#value)) break;
      this.#held.shift();
      this.#moveTo({ id: next.id, epoch: this.#last?.epoch });
      this.#pass(next.message, next.id);
      isFilled = true;
    }
    if (this.#isAwaited) return;
    if (!this.#hasHole) {
      if (!this.#isReplaying) this.#outlet.timer('gap', false);
      // The next hole has its own time; and an answer that goes on has not left this one.
    } else if (isFilled || this.#isReplaying) this.#timeHole();
  }

  get #hasHole(): boolean {
    return this.#held.length > 0 || this.#stated > this.#value;
  }

  /** What a replay may still bring, whose end will be known, is no hole. */
  #timeHole(): void {
    if (this.#isAwaited) return;
    this.#outlet.timer('gap', false);
    this.#outlet.timer('gap', true);
  }

  /** Gives up on the lowest hole, and delivers what lies behind it up to the next one. */
  #skip(cause: GapCause): void {
    if (!this.#hasHole) return;
    const next = this.#held[0];
    const from = after(this.#value);
    const to = next === undefined ? this.#stated : before(next.value);
    this.#value = to;
    this.#last = { id: to, epoch: this.#last?.epoch };
    this.#outlet.gap(told(from), told(to), cause);
    this.#fill();
  }

  /** A position that is one, or undefined: then it was told. */
  #checked(given: SequenceId | Position, option: string): Position | undefined {
    const order = this.#order ?? orderOf(given);
    const position = positionOf(given, order !== 'opaque');
    if (position === undefined) this.#outlet.error(errors.invalid(option, given, order));
    else this.#order = order;
    return position;
  }
}

/** How an opaque id is remembered. */
const keyOf = ({ id, epoch }: Position): string =>
  epoch === undefined ? String(id) : `${epoch}\n${String(id)}`;

/** Strings only differ, unless the options say that they are numbers. */
function orderOf(given: unknown): SequenceOrder {
  const id: unknown =
    typeof given === 'object' && given !== null && 'id' in given ? given.id : given;
  return typeof id === 'string' ? 'opaque' : 'monotonic';
}
