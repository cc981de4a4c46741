import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Position, Sequence, type SequenceConfig, type SequenceId } from './sequence.js';

interface Message {
  readonly id?: unknown;
  readonly end?: boolean;
}

/** A sequence, and what it says, as short texts. */
function bench(config: Partial<SequenceConfig<Message>> = {}): {
  readonly sequence: Sequence<Message>;
  readonly log: string[];
  readonly feed: (...ids: unknown[]) => void;
  readonly isTimed: () => boolean;
} {
  const log: string[] = [];
  let isTimed = false;
  const sequence = new Sequence<Message>(
    {
      sequenceOf: ({ id }) => id as SequenceId,
      positionOf: undefined,
      isReplayEnd: undefined,
      order: undefined,
      inclusive: false,
      maxHeld: 1_000,
      onRegression: 'drop',
      startAt: undefined,
      ...config,
    },
    {
      message: (_message, id, isReplayed) =>
        void log.push(`${id === null ? '-' : id}${isReplayed ? 'r' : ''}`),
      gap: (from, to, cause) => void log.push(`gap ${from}-${to === null ? '' : to} ${cause}`),
      error: ({ code }) => void log.push(code),
      timer: (on) => void (isTimed = on),
      replayEnded: (count, continuity) => void log.push(`end ${count} ${continuity}`),
    },
  );
  const feed = (...ids: unknown[]): void => {
    for (const id of ids) sequence.receive({ id });
  };
  return { sequence, log, feed, isTimed: () => isTimed };
}

describe('Sequence of dense numbers', () => {
  it('delivers in order, holds back what comes too early, and drops what came', () => {
    const { log, feed, isTimed } = bench({ order: 'dense' });
    feed(1, 2, 4, 5);
    expect(isTimed()).toBe(true);
    feed(4, 3, 3, 6);
    expect(log).toEqual(['1', '2', '3', '4', '5', 'SEQUENCE_REGRESSED', '6']);
    expect(isTimed()).toBe(false);
  });

  it('tells a hole that stays open, and goes on behind it, one hole at a time', () => {
    const { sequence, log, feed, isTimed } = bench({ order: 'dense' });
    feed(1, 4, 5, 9);
    sequence.gapExpired();
    expect(log).toEqual(['1', 'gap 2-3 timeout', '4', '5']);
    expect(isTimed()).toBe(true);
    sequence.gapExpired();
    expect(log.slice(4)).toEqual(['gap 6-8 timeout', '9']);
    expect(isTimed()).toBe(false);
  });

  it('holds back no more than it may', () => {
    const { log, feed } = bench({ order: 'dense', maxHeld: 2 });
    feed(1, 3, 5, 7);
    expect(log).toEqual(['1', 'gap 2-2 reorder_overflow', '3']);
    feed(4);
    expect(log.slice(3)).toEqual(['4', '5']);
  });

  it('keeps what waits behind a hole over a reconnect, and gives it when the replay does not fill it', () => {
    const { sequence, log, feed } = bench({
      order: 'dense',
      isReplayEnd: ({ end }) => end === true,
    });
    sequence.beginReplay(false);
    feed(1, 2, 4);
    sequence.disconnect();
    expect(sequence.position).toEqual({ id: 2 });
    sequence.beginReplay(true);
    sequence.receive({ end: true });
    expect(log).toEqual(['1', '2', '-', 'gap 3-3 not_replayed', '4', 'end 0 verified']);
  });

  it('takes up a replay with live messages before and between (edge case 25)', () => {
    const { sequence, log, feed } = bench({
      order: 'dense',
      isReplayEnd: ({ end }) => end === true,
    });
    feed(1, 2);
    sequence.disconnect();
    sequence.beginReplay(true);
    feed(6, 2, 3, 4, 7, 5);
    sequence.receive({ end: true });
    feed(8);
    expect(log).toEqual(['1', '2', '3r', '4r', '5r', '6r', '7r', '-', 'end 5 verified', '8']);
  });

  it('tells what a replay did not bring', () => {
    const { sequence, log, feed } = bench({
      order: 'dense',
      isReplayEnd: ({ end }) => end === true,
    });
    feed(1, 2);
    sequence.beginReplay(true);
    feed(6, 7);
    sequence.receive({ end: true });
    expect(log.slice(2)).toEqual(['-', 'gap 3-5 not_replayed', '6', '7', 'end 0 verified']);
  });

  it('forgets what it held back when the connection is gone: it comes again', () => {
    const { sequence, log, feed, isTimed } = bench({ order: 'dense' });
    feed(1, 3);
    sequence.disconnect();
    expect(isTimed()).toBe(false);
    expect(sequence.position).toEqual({ id: 1, epoch: undefined });
    sequence.beginReplay(true);
    feed(2, 3);
    expect(log).toEqual(['1', '2r', '3r']);
  });

  it('compares what is too large for a number (edge case 14)', () => {
    const big = 2n ** 63n;
    const { log, feed } = bench({ order: 'dense' });
    feed(String(big), String(big + 1n), big + 2n, String(big + 1n));
    expect(log).toEqual([`${big}`, `${big + 1n}`, `${big + 2n}`, 'SEQUENCE_REGRESSED']);
    const edge = bench({ order: 'dense' });
    edge.feed(Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER, 2n ** 53n, 2n ** 53n + 1n);
    expect(edge.log).toHaveLength(4);
  });
});

describe('Sequence of rising numbers', () => {
  it('lets them skip, and drops and tells what was passed', () => {
    const { log, feed } = bench();
    feed(1, 5, 5, 3, 9);
    expect(log).toEqual(['1', '5', 'SEQUENCE_REGRESSED', '9']);
  });

  it('is not sure that nothing is missing, unless the replay begins with what it had (edge case 26)', () => {
    const without = bench();
    without.feed(1, 5);
    without.sequence.beginReplay(true);
    without.sequence.endReplay(false);
    expect(without.log.at(-1)).toBe('end 0 unverified');
    const proven = bench({ inclusive: true });
    proven.feed(1, 5);
    proven.sequence.beginReplay(true);
    proven.feed(5, 9);
    proven.sequence.endReplay(true);
    expect(proven.log.slice(2)).toEqual(['9r', 'end 1 verified']);
  });

  it('tells when an inclusive replay begins beyond what it had', () => {
    const { sequence, log, feed } = bench({ inclusive: true });
    feed(1, 5);
    sequence.beginReplay(true);
    feed(9);
    expect(log.slice(2)).toEqual(['gap 6-8 history_evicted', '9r']);
  });

  it('tells when the server has forgotten what it had', () => {
    const { sequence, log, feed } = bench();
    feed(1, 50);
    sequence.beginReplay(true);
    feed(1, 2, 3);
    expect(log).toEqual(['1', '50']);
    sequence.gapExpired();
    expect(log.slice(2)).toEqual(['SEQUENCE_REGRESSED']);
  });

  it('numbers anew where it is told to', () => {
    const { log, feed } = bench({ onRegression: 'restart' });
    feed(50, 1, 2);
    expect(log).toEqual(['50', 'SEQUENCE_REGRESSED', 'gap 51- regressed', '1', '2']);
  });
});

describe('Sequence of opaque ids', () => {
  it('drops what came already, as far as it remembers', () => {
    const { log, feed } = bench({ maxHeld: 2 });
    feed('a', 'b', 'a', 'c', 'b', 'a');
    expect(log).toEqual(['a', 'b', 'c', 'a']);
  });

  it('tells when an inclusive replay begins with something else', () => {
    const { sequence, log, feed } = bench({ inclusive: true });
    feed('a', 'b');
    sequence.beginReplay(true);
    feed('x');
    expect(log.slice(2)).toEqual(['gap b-x history_evicted', 'xr']);
  });
});

describe('Sequence', () => {
  it('never compares across epochs (edge case 8)', () => {
    const { log, feed } = bench({ order: 'dense' });
    const at = (id: number, epoch: string): Position => ({ id, epoch });
    feed(at(7, 'a'), at(8, 'a'), at(10, 'a'), at(1, 'b'), at(2, 'b'));
    expect(log).toEqual(['7', '8', 'gap 9- epoch_changed', '1', '2']);
  });

  it('starts where it is told to', () => {
    const { sequence, log, feed } = bench({ order: 'dense', startAt: { id: 4 } });
    expect(sequence.position).toEqual({ id: 4 });
    feed(6, 5);
    expect(log).toEqual(['5', '6']);
    sequence.reset();
    expect(sequence.position).toEqual({ id: 4 });
  });

  it('takes the first position from what the server says of it (edge case 27)', () => {
    const { sequence, log, feed } = bench({
      order: 'dense',
      sequenceOf: ({ id }) => (id === 'welcome' ? undefined : (id as number)),
      positionOf: ({ id }) => (id === 'welcome' ? 7 : undefined),
    });
    feed('welcome', 9, 8);
    expect(log).toEqual(['-', '8', '9']);
    expect(sequence.position?.id).toBe(9);
  });

  it.each([NaN, 1.5, -1, 2 ** 53, '', 'x1', true, {}, { id: 1, epoch: 2 }, Symbol('s')])(
    'delivers what has no id that is one, and tells: %s',
    (id) => {
      const { log, feed } = bench({ order: 'dense' });
      feed(1, id, 2);
      expect(log).toEqual(['1', 'INVALID_SEQUENCE_ID', '-', '2']);
    },
  );

  it('delivers what an extractor throws at, and tells', () => {
    const { log, feed } = bench({
      sequenceOf: ({ id }) => {
        if (id === 2) throw new Error('no');
        return id as number;
      },
    });
    feed(1, 2, 3);
    expect(log).toEqual(['1', 'HOOK_FAILED', '-', '3']);
  });

  it('delivers each number once or tells of it, whatever the network does to a stream', () => {
    const happenings = fc.array(
      fc.record({
        lost: fc.integer({ min: 0, max: 3 }),
        sent: fc.integer({ min: 1, max: 8 }),
        shuffled: fc.boolean(),
        doubled: fc.boolean(),
        reconnects: fc.boolean(),
        evicted: fc.integer({ min: 0, max: 12 }),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(happenings, (rounds) => {
        const { sequence, log, feed } = bench({ order: 'dense', startAt: { id: 0 } });
        let next = 1;
        for (const { lost, sent, shuffled, doubled, reconnects, evicted } of rounds) {
          if (reconnects) {
            sequence.disconnect();
            sequence.beginReplay(true);
            const from = Math.max(Number(sequence.position?.id) + 1, next - evicted);
            for (let id = from; id < next; id++) feed(id);
            sequence.endReplay(true);
          }
          next += lost;
          const ids = Array.from({ length: sent }, () => next++);
          if (shuffled) ids.reverse();
          feed(...ids, ...(doubled ? ids : []));
        }
        for (let round = 0; round < 100; round++) sequence.gapExpired();
        let last = 0;
        for (const line of log) {
          const gap = /^gap (\d+)-(\d+)/.exec(line);
          const id = /^(\d+)r?$/.exec(line)?.[1];
          if (gap !== null) {
            expect(Number(gap[1])).toBe(last + 1);
            last = Number(gap[2]);
          } else if (id !== undefined) {
            expect(Number(id)).toBe(last + 1);
            last = Number(id);
          }
        }
        if (rounds.length > 0) expect(last).toBe(next - 1);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('Sequence of numbers with holes, when new messages come before the replay', () => {
  const marked: Partial<SequenceConfig<Message>> = {
    order: 'monotonic',
    isReplayEnd: ({ end }) => end === true,
  };

  it('delivers what was missed, late, and says so; and what came already is dropped', () => {
    const { sequence, log, feed } = bench(marked);
    sequence.beginReplay(false);
    feed(1, 2);
    sequence.disconnect();
    sequence.beginReplay(true);
    feed(10, 3, 4, 10, 11, 4);
    sequence.receive({ end: true });
    expect(log).toEqual([
      ...['1', '2', '10r', 'SEQUENCE_REGRESSED', '3r', 'SEQUENCE_REGRESSED', '4r', '11r'],
      ...['-', 'end 4 unverified'],
    ]);
    expect(sequence.position).toEqual({ id: 11 });
  });

  it('asks again from where it asked, when the connection is lost before the replay has ended', () => {
    const { sequence, log, feed } = bench(marked);
    sequence.beginReplay(false);
    feed(1, 2);
    sequence.disconnect();
    sequence.beginReplay(true);
    feed(3, 10);
    sequence.disconnect();
    expect(sequence.position).toEqual({ id: 2 });
    sequence.beginReplay(true);
    feed(3, 4, 10);
    sequence.receive({ end: true });
    expect(log.slice(2)).toEqual([
      ...['3r', '10r', 'SEQUENCE_REGRESSED', '4r', '-', 'end 1 unverified'],
    ]);
    expect(sequence.position).toEqual({ id: 10 });
  });

  it('remembers no more than maxHeld of it', () => {
    const { sequence, log, feed } = bench({ ...marked, maxHeld: 2 });
    sequence.beginReplay(false);
    feed(1);
    sequence.disconnect();
    sequence.beginReplay(true);
    feed(10, 11, 12, 2);
    sequence.disconnect();
    expect(sequence.position).toEqual({ id: 12 });
    expect(log).toEqual(['1', '10r', '11r', '12r']);
  });
});
