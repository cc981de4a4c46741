import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GapCause, Sequence, type SequenceId, type SequenceOrder } from './sequence.js';

interface Message {
  readonly id?: SequenceId;
  readonly isEnd?: boolean;
}

/** How a server answers, which clients know only in part. */
interface Habits {
  readonly order: SequenceOrder;
  readonly isMarked: boolean;
  readonly inclusive: boolean;
  /** How much of the stream it keeps. */
  readonly history: number;
  /** It begins so many messages before what it was asked for. */
  readonly back: number;
  readonly maxHeld: number;
}

/** One connection. */
interface Round {
  /** Sent while there was none. */
  readonly missed: number;
  /** Sent as they happen, before the answer. */
  readonly early: number;
  /** After so many messages of the answer it is cut; null: it is not. */
  readonly cutAt: number | null;
  /** Sent as they happen, among the answer and after it. */
  readonly among: number;
  readonly later: number;
}

const habits: fc.Arbitrary<Habits> = fc.record({
  order: fc.constantFrom('dense', 'monotonic', 'opaque'),
  isMarked: fc.boolean(),
  inclusive: fc.boolean(),
  history: fc.constantFrom(3, 12, 1_000),
  back: fc.constantFrom(0, 0, 2),
  maxHeld: fc.constant(1_000),
});

const round: fc.Arbitrary<Round> = fc.record({
  missed: fc.integer({ min: 0, max: 6 }),
  early: fc.integer({ min: 0, max: 3 }),
  cutAt: fc.option(fc.integer({ min: 0, max: 8 })),
  among: fc.integer({ min: 0, max: 2 }),
  later: fc.integer({ min: 0, max: 5 }),
});

/** A server's stream, what a client of it was given, and what it was told. All by places in the stream, from 1. */
class World {
  readonly came: number[] = [];
  /** The places that a gap names: they may be missing, for a cause. */
  readonly excused = new Set<number>();
  readonly causes: GapCause[] = [];
  errors = 0;
  #next = 1;
  readonly #habits: Habits;
  readonly #sequence: Sequence<Message>;

  constructor(habits: Habits) {
    this.#habits = habits;
    const { order, inclusive, maxHeld, isMarked } = habits;
    this.#sequence = new Sequence<Message>(
      {
        sequenceOf: ({ id }) => id,
        positionOf: undefined,
        isReplayEnd: isMarked ? ({ isEnd }) => isEnd === true : undefined,
        order,
        inclusive,
        maxHeld,
        onRegression: 'drop',
        startAt: undefined,
      },
      {
        message: (_message, id) => {
          if (id !== null) this.came.push(this.#placeOf(id));
        },
        gap: (from, to, cause) => {
          this.causes.push(cause);
          const last = to === null ? this.#next : Math.ceil(this.#placeOf(to));
          for (let place = Math.floor(this.#placeOf(from)); place <= last; place++) {
            this.excused.add(place);
          }
        },
        error: ({ message }) => {
          this.errors++;
          const dropped = /^Message (\d+) of a replay .* dropped/.exec(message)?.[1];
          if (dropped !== undefined) this.excused.add(this.#placeOf(Number(dropped)));
        },
        timer: () => undefined,
        replayEnded: () => undefined,
      },
    );
  }

  run(rounds: readonly Round[]): void {
    this.#sequence.begin(false);
    this.#sequence.request(false);
    this.#sequence.endReplay(false, false);
    this.#live(3);
    for (const each of rounds) this.#connect(each);
    this.#connect({ missed: 0, early: 0, cutAt: null, among: 0, later: 1 });
    for (let i = 0; i < 50; i++) this.#sequence.gapExpired();
  }

  /** What is missing, and was not told. */
  get silent(): number[] {
    const seen = new Set([...this.came, ...this.excused]);
    return Array.from({ length: this.last }, (_, index) => index + 1).filter(
      (place) => !seen.has(place),
    );
  }

  get last(): number {
    return this.#next - 1;
  }

  #connect({ missed, early, cutAt, among, later }: Round): void {
    const { isMarked, inclusive, history, back } = this.#habits;
    this.#sequence.disconnect();
    this.#next += missed;
    const position = this.#sequence.position;
    this.#sequence.begin(false);
    this.#sequence.request(true);
    if (!isMarked) this.#sequence.endReplay(false);
    const end = this.#next;
    this.#live(early);
    const asked = this.#placeOf(position?.id ?? 0) + (inclusive ? 0 : 1);
    const first = Math.max(1, end - history, asked - back);
    for (let place = first; place < end; place++) {
      if (cutAt === place - first) return;
      this.#give(place);
      if (place - first === 1) this.#live(among);
    }
    if (isMarked) this.#sequence.receive({ isEnd: true });
    else this.#sequence.gapExpired();
    this.#live(later);
  }

  #live(count: number): void {
    for (let i = 0; i < count; i++) this.#give(this.#next++);
  }

  #give(place: number): void {
    this.#sequence.receive({ id: this.#idOf(place) });
  }

  #idOf(place: number): SequenceId {
    const { order } = this.#habits;
    if (order === 'opaque') return `m${place}`;
    return order === 'dense' ? place : place * 10;
  }

  #placeOf(id: SequenceId): number {
    if (typeof id === 'string') return Number(id.slice(1));
    return this.#habits.order === 'dense' ? Number(id) : Number(id) / 10;
  }
}

function told(habits: Habits, rounds: readonly Round[]): World {
  const world = new World(habits);
  world.run(rounds);
  return world;
}

describe('Sequence, with a server of whatever habits', () => {
  it('gives each message once, and names each that is missing', () => {
    fc.assert(
      fc.property(habits, fc.array(round, { maxLength: 8 }), (given, rounds) => {
        // What a server has let go of shows by an inclusive answer, or by dense numbers, and not otherwise.
        const { inclusive, order, history } = given;
        fc.pre(inclusive || order === 'dense' || history === 1_000);
        const world = told(given, rounds);
        expect(new Set(world.came).size).toBe(world.came.length);
        expect(world.silent).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('names each number that is missing, or is dropped for it may have come, where it remembers few', () => {
    const few = fc.record({
      order: fc.constantFrom('dense' as const, 'monotonic' as const),
      isMarked: fc.constant(true),
      inclusive: fc.constant(true),
      history: fc.constantFrom(3, 12, 1_000),
      back: fc.constant(0),
      maxHeld: fc.integer({ min: 1, max: 6 }),
    });
    fc.assert(
      fc.property(few, fc.array(round, { maxLength: 8 }), (given, rounds) => {
        const world = told(given, rounds);
        expect(new Set(world.came).size).toBe(world.came.length);
        expect(world.silent).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('names nothing where nothing is missing', () => {
    fc.assert(
      fc.property(habits, fc.array(round, { maxLength: 8 }), (given, rounds) => {
        const isMixed = rounds.some(({ early }) => early > 0);
        // Without a marker an inclusive answer that begins with something else has lost something.
        fc.pre(given.isMarked || !given.inclusive || (!isMixed && given.back === 0));
        const { came, causes, last } = told({ ...given, history: 1_000 }, rounds);
        expect(came).toHaveLength(last);
        expect(causes).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('gives numbers in order, or says that one is late', () => {
    fc.assert(
      fc.property(habits, fc.array(round, { maxLength: 8 }), (given, rounds) => {
        fc.pre(given.order !== 'opaque');
        const { came, errors } = told(given, rounds);
        const late = came.filter((place, index) => place < (came[index - 1] ?? 0));
        expect(errors).toBeGreaterThanOrEqual(late.length);
        if (given.order === 'dense') expect(late).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('says so when ids were doubled, or lost, that it does not remember', () => {
    const few = fc.record({
      order: fc.constant('opaque' as const),
      isMarked: fc.boolean(),
      inclusive: fc.boolean(),
      history: fc.constant(1_000),
      back: fc.integer({ min: 0, max: 12 }),
      maxHeld: fc.integer({ min: 1, max: 6 }),
    });
    fc.assert(
      fc.property(few, fc.array(round, { maxLength: 8 }), (given, rounds) => {
        const unmixed = rounds.map((each) => ({ ...each, early: 0, among: 0 }));
        const { came, causes, errors, last } = told(given, unmixed);
        if (new Set(came).size !== came.length) expect(errors + causes.length).toBeGreaterThan(0);
        if (new Set(came).size !== last) expect(causes.length).toBeGreaterThan(0);
      }),
      { numRuns: 1_000 },
    );
  });
});
