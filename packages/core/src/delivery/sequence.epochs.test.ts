import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LeftEpochs } from './sequence-epochs.js';
import { Sequence, type SequenceConfig, type SequenceId, type SequenceOrder } from './sequence.js';

interface Message {
  readonly id?: unknown;
  readonly end?: boolean;
}

/** A sequence whose ids have epochs, as `a1`, and what it says, as short texts. */
function bench(config: Partial<SequenceConfig<Message>> = {}): {
  readonly sequence: Sequence<Message>;
  readonly log: string[];
  readonly feed: (...ids: string[]) => void;
  readonly connect: () => void;
} {
  const log: string[] = [];
  const sequence = new Sequence<Message>(
    {
      sequenceOf: ({ id }) => id as SequenceId,
      positionOf: undefined,
      isReplayEnd: ({ end }) => end === true,
      order: 'monotonic',
      inclusive: false,
      maxHeld: 1_000,
      onRegression: 'drop',
      startAt: undefined,
      ...config,
    },
    {
      message: (message, id) => void log.push(id === null ? '-' : nameOf(message)),
      gap: (from, to, cause) => void log.push(`gap ${from}-${to === null ? '' : to} ${cause}`),
      error: ({ message }) => void log.push(message),
      timer: () => undefined,
      replayEnded: (count, continuity) => void log.push(`end ${count} ${continuity}`),
    },
  );
  const feed = (...ids: string[]): void => {
    for (const id of ids) {
      if (id === 'end') sequence.receive({ end: true });
      else sequence.receive({ id: { id: id.slice(1), epoch: id[0] } });
    }
  };
  const connect = (): void => {
    sequence.disconnect();
    sequence.begin(false);
    sequence.request(true);
  };
  return { sequence, log, feed, connect };
}

function nameOf({ id }: Message): string {
  const { id: number, epoch } = id as { id: string; epoch: string };
  return `${epoch}${number}`;
}

describe('Sequence, where the server numbers anew', () => {
  it.each(['monotonic', 'dense', 'opaque'] as const)(
    'doubles nothing when a replay begins in an epoch that was left: %s',
    (order) => {
      const { log, feed, connect } = bench({ order });
      feed('a1', 'a2', 'b1', 'b2');
      const from = order === 'opaque' ? 2 : 3;
      expect(log.splice(0)).toEqual(['a1', 'a2', `gap ${from}- epoch_changed`, 'b1', 'b2']);
      connect();
      feed('a1', 'a2', 'b1', 'b2', 'b3', 'end', 'b4');
      expect(log).toEqual(['b3', '-', 'end 1 unverified', 'b4']);
    },
  );

  it('tells what came of the epoch before, when new messages have overtaken it, and stays in the new one', () => {
    const { sequence, log, feed, connect } = bench();
    feed('a1');
    connect();
    feed('b1', 'a2', 'a3', 'a2', 'b1', 'b2', 'end', 'b3');
    expect(log).toEqual([
      'a1',
      'gap 2- epoch_changed',
      'b1',
      'Message 2 of a replay came after 1, and was delivered',
      'a2',
      'Message 3 of a replay came after 1, and was delivered',
      'a3',
      'b2',
      '-',
      'end 4 unverified',
      'b3',
    ]);
    expect(sequence.position).toEqual({ id: '3', epoch: 'b' });
  });

  it('does so with ids that only differ', () => {
    const { sequence, log, feed, connect } = bench({ order: 'opaque' });
    feed('ax');
    connect();
    feed('by', 'az', 'az', 'by', 'bz', 'end');
    expect(log).toEqual([
      'ax',
      'gap x- epoch_changed',
      'by',
      'Message z of a replay came after y, and was delivered',
      'az',
      'bz',
      '-',
      'end 3 unverified',
    ]);
    expect(sequence.position).toEqual({ id: 'z', epoch: 'b' });
  });

  it('follows a server back to an epoch that it goes on with, and drops what came of it', () => {
    const { log, feed } = bench({ isReplayEnd: undefined });
    feed('a1', 'a2', 'b1', 'a2', 'a5', 'b2');
    expect(log).toEqual([
      'a1',
      'a2',
      'gap 3- epoch_changed',
      'b1',
      'Message 2 came after 2, and was dropped',
      'gap 2- epoch_changed',
      'a5',
      'gap 6- epoch_changed',
      'b2',
    ]);
  });

  it('proves nothing by a replay that begins in an epoch that was left, or changes it', () => {
    const inclusive = { inclusive: true };
    const begun = bench(inclusive);
    begun.feed('a1', 'b1');
    begun.connect();
    begun.feed('a1', 'b1', 'b2', 'end');
    expect(begun.log.at(-1)).toBe('end 1 unverified');
    const changed = bench(inclusive);
    changed.feed('a1');
    changed.connect();
    changed.feed('a1', 'b1', 'end');
    expect(changed.log.at(-1)).toBe('end 1 unverified');
    changed.connect();
    changed.feed('b1', 'b2', 'end');
    expect(changed.log.at(-1)).toBe('end 1 verified');
  });

  it('takes a third epoch for new, whatever the replay has left', () => {
    for (const order of ['monotonic', 'opaque'] as const) {
      const { log, feed, connect } = bench({ order });
      feed('a1');
      connect();
      feed('b1', 'c1', 'b2', 'end', 'b3');
      expect(log.filter((line) => line.startsWith('gap'))).toHaveLength(3);
      expect(log.filter((line) => /^[a-c]/.test(line))).toEqual(['a1', 'b1', 'c1', 'b2', 'b3']);
    }
  });

  it('takes what is live, or comes in another connection, for no part of a replay that changed the epoch', () => {
    const { log, feed, connect } = bench();
    feed('a1', 'b1', 'a2');
    expect(log.at(-2)).toBe('gap 2- epoch_changed');
    connect();
    feed('c1');
    connect();
    log.splice(0);
    feed('a3');
    expect(log).toEqual(['gap 2- epoch_changed', 'a3']);
  });

  it('forgets how far an epoch had come, when it begins anew', () => {
    const { log, feed } = bench({ isReplayEnd: undefined, onRegression: 'restart' });
    feed('a5', 'a1', 'b1', 'a3');
    expect(log).toEqual([
      'a5',
      'Message 1 came after 5, and was delivered',
      'gap 6- regressed',
      'a1',
      'gap 2- epoch_changed',
      'b1',
      'gap 2- epoch_changed',
      'a3',
    ]);
  });

  it('tells numbers of one epoch from those of another that it remembers for a replay', () => {
    const { log, feed, connect } = bench({ isReplayEnd: undefined });
    feed('a1');
    connect();
    feed('a2', 'a3', 'b2');
    connect();
    feed('b4', 'b3');
    expect(log.slice(4)).toEqual(['b2', 'b4', expect.stringContaining('was delivered'), 'b3']);
  });

  it('takes an epoch for new that numbers anew, where it is told to', () => {
    const { log, feed } = bench({ isReplayEnd: undefined, onRegression: 'restart' });
    feed('a1', 'a2', 'b1', 'a1', 'a2');
    expect(log.slice(4)).toEqual([
      'Message 1 came after 2, and was delivered',
      'gap 2- regressed',
      'a1',
      'a2',
    ]);
  });

  it('says so when a replay brings nothing but what came of an epoch that was left', () => {
    const { log, feed, connect } = bench();
    feed('a8', 'a9', 'b1');
    log.splice(0);
    connect();
    feed('a8', 'a9', 'end');
    expect(log).toEqual([
      '-',
      expect.stringContaining('2 messages from 8 to 9 were dropped as duplicates'),
      'end 0 unverified',
    ]);
  });
});

/** One connection: how much is sent in which part of it, and how often the server numbers anew before each. */
interface Round {
  readonly missed: readonly number[];
  readonly early: readonly number[];
  readonly back: number;
  readonly cutAt: number | null;
  readonly later: readonly number[];
}

/** Each number is how many messages an epoch brings; the next one begins another. */
const parts = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 });
const rounds: fc.Arbitrary<Round[]> = fc.array(
  fc.record({
    missed: parts,
    early: parts,
    back: fc.integer({ min: 0, max: 4 }),
    cutAt: fc.option(fc.integer({ min: 0, max: 6 })),
    later: parts,
  }),
  { maxLength: 6 },
);

/** What a client of a server that numbers anew now and then was given, and told. */
function follow(order: SequenceOrder, given: readonly Round[]) {
  const { sequence, log, feed, connect } = bench({ order });
  const stream: string[] = [];
  let epoch = 0;
  let number = 0;
  const send = (counts: readonly number[], isLive: boolean): void => {
    for (const [index, count] of counts.entries()) {
      if (index > 0) [epoch, number] = [epoch + 1, 0];
      for (let i = 0; i < count; i++) {
        const id = `${String.fromCharCode(97 + epoch)}${++number}`;
        stream.push(id);
        if (isLive) feed(id);
      }
    }
  };
  send([3], true);
  for (const { missed, early, back, cutAt, later } of given) {
    send(missed, false);
    const end = stream.length;
    const { id, epoch: of } = sequence.position ?? { id: 0 };
    connect();
    send(early, true);
    const from = Math.max(0, stream.indexOf(`${of}${String(id)}`) + 1 - back);
    const answer = stream.slice(from, end);
    feed(...answer.slice(0, cutAt ?? answer.length));
    if (cutAt !== null && cutAt < answer.length) continue;
    feed('end');
    send(later, true);
  }
  connect();
  feed(
    ...stream.slice(stream.indexOf(`${sequence.position?.epoch}${String(sequence.position?.id)}`)),
    'end',
  );
  const came = log.filter((line) => /^[a-z]\d+$/.test(line));
  return { stream, came, told: log.filter((line) => /gap|Message|messages/.test(line)).length };
}

describe('Sequence, with a server that numbers anew at any time', () => {
  it.each(['monotonic', 'dense', 'opaque'] as const)(
    'doubles nothing, and tells what is late or missing: %s',
    (order) => {
      fc.assert(
        fc.property(rounds, (given) => {
          const { stream, came, told } = follow(order, given);
          expect(new Set(came).size).toBe(came.length);
          // Ids that only differ do not tell what is late.
          const got = order === 'opaque' ? stream.filter((id) => came.includes(id)) : came;
          if (got.join() !== stream.join()) expect(told).toBeGreaterThan(0);
        }),
        { numRuns: 1_000 },
      );
    },
  );
});

describe('LeftEpochs', () => {
  it('remembers sixteen, and forgets the one that was left first', () => {
    const left = new LeftEpochs();
    for (let i = 0; i < 16; i++) left.leave(`e${i}`, i);
    left.leave('e0', 100);
    expect(left.reached('e1')).toBe(1);
    left.leave('e16', 16);
    expect(left.reached('e1')).toBeUndefined();
    expect(left.reached('e0')).toBe(100);
    left.clear();
    expect(left.reached('e0')).toBeUndefined();
  });
});
