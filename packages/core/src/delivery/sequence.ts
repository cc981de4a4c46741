import { describe, JetSocketError } from '../errors.js';
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

export type { Position, SequenceId, SequenceOrder } from './sequence-id.js';

/** What a sequence must know of the options: see `SequenceOptions`. */
export interface SequenceConfig<In> {
  readonly sequenceOf: (message: In) => SequenceId | Position | null | undefined;
  readonly positionOf: ((message: In) => SequenceId | Position | null | undefined) | undefined;
  readonly isReplayEnd: ((message: In) => boolean) | undefined;
  /** Undefined: by the first id. */
  readonly order: SequenceOrder | undefined;
  readonly inclusive: boolean;
  /** How many messages are held back behind a hole, and how many opaque ids are remembered. */
  readonly maxHeld: number;
  readonly onRegression: 'drop' | 'restart';
  readonly startAt: Position | undefined;
}

/**
 * Why messages are missing. `timeout`: the hole stayed open; `reorder_overflow`: too much had to be held back behind
 * it; `not_replayed`: the replay ended without them; `history_evicted`: the server does not have them any more;
 * `epoch_changed`, `regressed`: it numbers anew; `closed`: there is no connection any more, and those that were held
 * back are not delivered either. `connect()` after `failed` asks for them again.
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
  /** Start the one timer, unless it runs, or stop it. When it fires, call `gapExpired`. */
  timer(on: boolean): void;
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
  #order: SequenceOrder | undefined;
  #last: Position | undefined;
  /** The last id, as a number; NaN where there is none, or ids are opaque. */
  #value: Comparable = Number.NaN;
  /** Came too early: behind a hole, the lowest first. */
  #held: Held<In>[] = [];
  /** Opaque ids that came, the oldest first. */
  readonly #seen = new Set<string>();
  /** Some of them were forgotten, so that what came before may be taken for new. */
  #hasForgotten = false;
  /** Taken for new since the replay began, when that was so. */
  #doubtful = 0;
  /** The id of the last message before the replay: it is not forgotten while that runs. */
  #before: string | undefined;
  /** A replay may be running: what comes may have come before. */
  #isReplaying = false;
  /** It counts for events: it was begun, and has not ended. */
  #isCounted = false;
  /** Nothing numbered has come since it began. */
  #isFirst = false;
  #isVerified = false;
  /** It is not known that what was missed was asked for. */
  #isUnasked = false;
  #replayed = 0;
  /** Duplicates in a replay before anything new came. */
  #duplicates = 0;
  #lowest: Comparable = 0;
  #highest: Comparable = 0;
  /** Where the replay was asked from, for numbers with holes of their own. */
  #from: Position | undefined;
  /** What has come since, up to `maxHeld` of it: what else is older than the last one came late, and not twice. */
  readonly #since = new Set<Comparable>();
  /** More has come, and late is not told from twice any more. */
  #isSinceFull = false;

  constructor(config: SequenceConfig<In>, outlet: SequenceOutlet<In>) {
    this.#config = config;
    this.#outlet = outlet;
    this.#tell = (error) => {
      outlet.error(error);
    };
    this.#order = config.order;
    this.reset();
  }

  /** The last message delivered, as the server numbered it. */
  get last(): Position | undefined {
    return this.#last;
  }

  /**
   * From where to ask for what was missed: the last message, or, while it is not certain that all before it came, for
   * the replay has not ended, the one that this was asked from.
   */
  get position(): Position | undefined {
    return this.#from ?? this.#last;
  }

  /** A new life begins. */
  reset(): void {
    this.#order = this.#config.order;
    this.#held = [];
    this.#forgetSeen();
    this.#forgetReplay();
    this.#isReplaying = false;
    this.#isCounted = false;
    this.#last = undefined;
    this.#value = Number.NaN;
    const { startAt } = this.#config;
    if (startAt === undefined) return;
    // The options have seen to it that it is one.
    this.#order ??= orderOf(startAt);
    this.#moveTo(startAt);
  }

  /** There is a connection. What comes now may be what was missed. */
  beginReplay(isReconnect: boolean): void {
    this.#isReplaying = this.#last !== undefined;
    this.#isCounted = isReconnect;
    this.#isFirst = true;
    this.#isVerified = false;
    this.#isUnasked = false;
    this.#replayed = 0;
    this.#duplicates = 0;
    this.#doubtful = 0;
    this.#before = this.#order === 'opaque' ? String(this.#last?.id) : undefined;
    if (!this.#isReplaying) return;
    if (this.#order === 'monotonic') this.#from ??= this.#last;
    this.#outlet.timer(true);
  }

  /** The connection is gone. What was held back waits for what is before it: that is asked for again. */
  disconnect(): void {
    // Without a marker nobody can tell whether the replay was over.
    const isMarked = this.#config.isReplayEnd !== undefined;
    if (!isMarked || !this.#isReplaying || this.#isSinceFull) this.#forgetReplay();
    this.#isReplaying = false;
    this.#isCounted = false;
    this.#outlet.timer(false);
  }

  /**
   * The marker came, or the request has settled where there is no marker, or it is not waited for any longer.
   *
   * @param isAsked What was missed was asked for, as far as is known.
   */
  endReplay(isMarked: boolean, isAsked: boolean = true): void {
    const wasCounted = this.#isCounted;
    this.#isCounted = false;
    this.#isUnasked = !isAsked;
    // A request that is merely sent ends nothing but the events: its answer is on the way.
    if (isMarked) {
      this.#judgeDuplicates();
      this.#isReplaying = false;
      this.#forgetReplay();
      this.#release('not_replayed');
      if (this.#held.length === 0) this.#outlet.timer(false);
    }
    if (wasCounted) this.#outlet.replayEnded(this.#replayed, this.#continuity);
  }

  /** The timer fired: holes are not waited for any longer. */
  gapExpired(): void {
    this.#judgeDuplicates();
    this.#isReplaying = false;
    this.#forgetReplay();
    if (this.#held.length > 0) this.#skip('timeout');
  }

  /** There will be no connection any more, or none that knows of this one: what was held back is not delivered. */
  abandon(): void {
    const last = this.#held.at(-1);
    if (last === undefined) return;
    this.#held = [];
    this.#outlet.gap(told(after(this.#value)), told(last.value), 'closed');
  }

  /** A message, decoded. */
  receive(message: In): void {
    const { sequenceOf, positionOf: reached, isReplayEnd } = this.#config;
    const given = ask('replay.sequenceOf', sequenceOf, message, this.#tell);
    if (given === undefined || given === null) {
      const stated = reached && ask('replay.positionOf', reached, message, this.#tell);
      if (stated !== undefined && stated !== null) this.#state(stated);
      this.#outlet.message(message, null, false);
    } else this.#take(message, given);
    if (isReplayEnd !== undefined && (this.#isCounted || this.#isReplaying)) {
      const isEnd = ask('replay.isReplayEnd', isReplayEnd, message, this.#tell);
      if (isEnd === true) this.endReplay(true);
    }
  }

  get #continuity(): Continuity {
    if (this.#isUnasked) return 'unverified';
    return this.#order === 'dense' || this.#isVerified ? 'verified' : 'unverified';
  }

  #take(message: In, given: SequenceId | Position): void {
    // The usual case first: the next number.
    if (typeof given === 'number' && given - 1 === this.#value && this.#last?.epoch === undefined) {
      this.#deliver(message, { id: given });
      return;
    }
    const position = this.#checked(given, 'sequenceOf');
    if (position === undefined) return this.#outlet.message(message, null, false);
    if (this.#last === undefined) return this.#deliver(message, position);
    if (position.epoch !== this.#last.epoch) {
      this.#leaveEpoch('epoch_changed');
      return this.#deliver(message, position);
    }
    if (this.#order === 'opaque') return this.#takeOpaque(message, position);
    return this.#takeNumber(message, position, comparable(position.id));
  }

  #takeNumber(message: In, position: Position, value: Comparable): void {
    if (value <= this.#value) return this.#takeOld(message, position, value);
    const expected = after(this.#value);
    if (this.#order === 'monotonic') {
      const isEvicted = this.#isUnproven();
      if (isEvicted) {
        const to = before(value);
        if (to >= expected) this.#outlet.gap(told(expected), told(to), 'history_evicted');
      }
      return this.#deliver(message, position);
    }
    this.#isFirst = false;
    if (value === expected) return this.#deliver(message, position);
    return this.#hold({ message, id: position.id, value });
  }

  /** An inclusive replay begins with what we had: if it does not, the server has forgotten it. */
  #isUnproven(): boolean {
    const isUnproven = this.#config.inclusive && this.#isReplaying && this.#isFirst;
    this.#isFirst = false;
    return isUnproven;
  }

  #takeOpaque(message: In, position: Position): void {
    const id = String(position.id);
    if (this.#seen.has(id) || (this.#isReplaying && id === this.#before)) {
      if (this.#isFirst && id === String(this.#last?.id)) this.#isVerified = true;
      this.#isFirst = false;
      this.#judgeDoubtful(position);
      return;
    }
    if (this.#isUnproven()) {
      this.#outlet.gap(told(this.#last?.id ?? ''), told(position.id), 'history_evicted');
    }
    if (this.#isReplaying && this.#hasForgotten) this.#doubtful++;
    this.#deliver(message, position);
  }

  /** The replay brings what had come: what it brought before that may have come as well, and be forgotten. */
  #judgeDoubtful(known: Position): void {
    const count = this.#doubtful;
    this.#doubtful = 0;
    if (count === 0) return;
    this.#outlet.error(
      new JetSocketError(
        'SEQUENCE_REGRESSED',
        `${count} messages of the replay were delivered, and then came ${told(known.id)}, which had come before: ` +
          'they may have come before too',
        { hint: 'replay.maxHeld says how many ids are remembered' },
      ),
    );
  }

  /** A number that was passed already. */
  #takeOld(message: In, position: Position, value: Comparable): void {
    if (this.#isLate(value)) return this.#takeLate(message, position, value);
    if (this.#isReplaying) {
      if (this.#isFirst && value === this.#value) this.#isVerified = true;
      this.#isFirst = false;
      // It came in this very replay: it says how far that is, and nothing of what was before.
      if (this.#duplicates === 0 && this.#since.has(value)) return;
      if (this.#duplicates === 0 || value < this.#lowest) this.#lowest = value;
      if (this.#duplicates === 0 || value > this.#highest) this.#highest = value;
      this.#duplicates++;
      return;
    }
    if (value === this.#value) return;
    const isDropped = this.#config.onRegression === 'drop';
    this.#outlet.error(
      regressed(
        `Message ${told(position.id)} came after ${told(this.#last?.id ?? '')}, and was ${isDropped ? 'dropped' : 'delivered'}`,
      ),
    );
    if (isDropped) return;
    this.#leaveEpoch('regressed');
    this.#deliver(message, position);
  }

  /** Missed, and overtaken: servers send what is new before, or among, what was asked for. */
  #isLate(value: Comparable): boolean {
    if (this.#from === undefined || !this.#isReplaying) return false;
    return value > comparable(this.#from.id) && !this.#since.has(value);
  }

  /** The position stays where it is. */
  #takeLate(message: In, position: Position, value: Comparable): void {
    const isUnknown = this.#isSinceFull;
    const what = isUnknown ? 'dropped: it may have come before' : 'delivered';
    this.#outlet.error(
      new JetSocketError(
        'SEQUENCE_REGRESSED',
        `Message ${told(position.id)} of a replay came after ${told(this.#last?.id ?? '')}, and was ${what}`,
        {
          hint:
            'Does the server send new messages before its replay is over? Where numbers have no holes, ' +
            "replay.order 'dense' puts them in order; else replay.maxHeld says how many are told apart",
        },
      ),
    );
    if (isUnknown) return;
    this.#note(value);
    this.#pass(message, position.id);
  }

  #note(value: Comparable): void {
    if (this.#since.size < this.#config.maxHeld) this.#since.add(value);
    else this.#isSinceFull = true;
  }

  #forgetReplay(): void {
    this.#from = undefined;
    this.#since.clear();
    this.#isSinceFull = false;
  }

  /** The server sent again what we had, and less than that: it has forgotten the rest, or numbers anew. */
  #judgeDuplicates(): void {
    const count = this.#duplicates;
    this.#duplicates = 0;
    if (count === 0 || this.#highest >= this.#value) return;
    this.#outlet.error(
      regressed(
        `The replay ended at ${told(this.#highest)}, and ${told(this.#value)} had come: ` +
          `${count} messages from ${told(this.#lowest)} to ${told(this.#highest)} were dropped as duplicates`,
      ),
    );
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
    if (this.#order === 'opaque' || comparable(position.id) >= this.#value) return;
    this.#outlet.error(
      regressed(`The server is at ${told(position.id)}, and ${told(this.#last.id)} had come`),
    );
  }

  /** Numbers of before mean nothing any more. What was held back belongs to them. */
  #leaveEpoch(cause: GapCause): void {
    const last = this.#last?.id ?? '';
    const from = this.#order === 'opaque' ? last : after(this.#value);
    this.#held = [];
    this.#forgetSeen();
    this.#forgetReplay();
    this.#outlet.timer(false);
    this.#isFirst = false;
    this.#duplicates = 0;
    this.#outlet.gap(told(from), null, cause);
  }

  #deliver(message: In, position: Position): void {
    this.#moveTo(position);
    this.#pass(message, position.id);
    // Of the replay nothing older is left once something new has come.
    if (this.#held.length > 0) this.#fill();
  }

  #pass(message: In, id: SequenceId): void {
    const isReplayed = this.#isCounted;
    if (isReplayed) this.#replayed++;
    this.#outlet.message(message, told(id), isReplayed);
  }

  /** Before the handler is called: what it does must find the position moved. */
  #moveTo(position: Position): void {
    this.#last = position;
    this.#isFirst = false;
    if (this.#duplicates > 0) this.#duplicates = 0;
    if (this.#order === 'opaque') this.#remember(String(position.id));
    else {
      this.#value = comparable(position.id);
      if (this.#from !== undefined) this.#note(this.#value);
    }
  }

  #remember(id: string): void {
    this.#seen.add(id);
    if (this.#seen.size <= this.#config.maxHeld) return;
    const [oldest] = this.#seen;
    if (oldest !== undefined) this.#seen.delete(oldest);
    this.#hasForgotten = true;
  }

  #forgetSeen(): void {
    this.#seen.clear();
    this.#hasForgotten = false;
    this.#doubtful = 0;
  }

  #hold(held: Held<In>): void {
    // Most come in order among themselves: from the end.
    let index = this.#held.length;
    while (index > 0 && (this.#held[index - 1]?.value ?? 0) >= held.value) index--;
    if (this.#held[index]?.value === held.value) return;
    this.#held.splice(index, 0, held);
    this.#outlet.timer(true);
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
    if (this.#held.length === 0) {
      if (!this.#isReplaying) this.#outlet.timer(false);
    } else if (isFilled) {
      // The next hole has its own time.
      this.#outlet.timer(false);
      this.#outlet.timer(true);
    }
  }

  /** Gives up on every hole. */
  #release(cause: GapCause): void {
    while (this.#held.length > 0) this.#skip(cause);
  }

  /** Gives up on the lowest hole, and delivers what lies behind it up to the next one. */
  #skip(cause: GapCause): void {
    const next = this.#held[0];
    if (next === undefined) return;
    const from = after(this.#value);
    const to = before(next.value);
    this.#value = to;
    this.#last = { id: to, epoch: this.#last?.epoch };
    this.#outlet.gap(told(from), told(to), cause);
    this.#fill();
  }

  /** A position that is one, or undefined: then it was told. */
  #checked(given: SequenceId | Position, option: string): Position | undefined {
    this.#order ??= orderOf(given);
    const position = positionOf(given, this.#order !== 'opaque');
    if (position !== undefined) return position;
    const takes =
      this.#order === 'opaque' ? 'a string or a number' : 'a whole number from 0, or its digits';
    this.#outlet.error(
      new JetSocketError(
        'INVALID_SEQUENCE_ID',
        `replay.${option} gave ${describe(given)}, and ids are ${takes}`,
        {
          hint: 'The message was delivered without a number. Numbers over 2⁵³ − 1 need bigint or string',
        },
      ),
    );
    return undefined;
  }
}

/** Strings only differ, unless the options say that they are numbers. */
function orderOf(given: unknown): SequenceOrder {
  const id: unknown =
    typeof given === 'object' && given !== null && 'id' in given ? given.id : given;
  return typeof id === 'string' ? 'opaque' : 'monotonic';
}

const regressed = (message: string): JetSocketError =>
  new JetSocketError('SEQUENCE_REGRESSED', message, {
    hint: "Does the server number anew? Let sequenceOf return { id, epoch }, or set replay.onRegression to 'restart'",
  });
