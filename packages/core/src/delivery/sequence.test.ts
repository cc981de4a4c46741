import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JetSocketError } from '../errors.js';
import { type Position, Sequence, type SequenceConfig, type SequenceId } from './sequence.js';

interface Message {
  readonly id?: unknown;
  readonly end?: boolean;
}

/** A sequence, and what it says, as short texts. */
function bench(
  config: Partial<SequenceConfig<Message>> = {},
  onTimer: (on: boolean) => unknown = () => undefined,
  onMessage: () => unknown = () => undefined,
): {
  readonly sequence: Sequence<Message>;
  readonly log: string[];
  readonly feed: (...ids: unknown[]) => void;
  readonly isTimed: () => boolean;
  readonly isAwaited: () => boolean;
  readonly errors: JetSocketError[];
} {
  const log: string[] = [];
  const errors: JetSocketError[] = [];
  let isTimed = false;
  let isAwaited = false;
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
      message(_message, id, isReplayed) {
        log.push(`${id === null ? '-' : id}${isReplayed ? 'r' : ''}`);
        onMessage();
      },
      gap: (from, to, cause) => void log.push(`gap ${from}-${to === null ? '' : to} ${cause}`),
      error(error) {
        errors.push(error);
        log.push(error.code);
      },
      timer(name, on) {
        if (name === 'replay') isAwaited = on;
        if (name !== 'gap') return;
        isTimed = on;
        onTimer(on);
      },
      replayEnded: (count, continuity) => void log.push(`end ${count} ${continuity}`),
    },
  );
  const feed = (...ids: unknown[]): void => {
    for (const id of ids) sequence.receive({ id });
  };
  return { sequence, log, feed, isTimed: () => isTimed, isAwaited: () => isAwaited, errors };
}

/** There is a connection, and what was missed is asked for at once. */
function connected(sequence: Sequence<Message>, isReconnect: boolean): void {
  sequence.begin(false);
  sequence.request(isReconnect);
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
    connected(sequence, false);
    feed(1, 2, 4);
    sequence.disconnect();
    expect(sequence.position).toEqual({ id: 2 });
    connected(sequence, true);
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
    connected(sequence, true);
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
    connected(sequence, true);
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
    connected(sequence, true);
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

describe('Sequence of dense numbers, what is held back', () => {
  it('is delivered in order, and once, in whatever order it came', () => {
    const { log, feed } = bench({ order: 'dense' });
    feed(1, 5, 3, 6, 4, 3, 5, 2, 7);
    expect(log).toEqual(['1', '2', '3', '4', '5', '6', '7']);
  });

  it('is as much as it may be', () => {
    const { log, feed } = bench({ order: 'dense', maxHeld: 2 });
    feed(1, 3, 5);
    expect(log).toEqual(['1']);
  });

  it('gives each hole its own time', () => {
    const timers: boolean[] = [];
    const { feed, sequence } = bench({ order: 'dense' }, (on) => timers.push(on));
    feed(1, 3, 5);
    expect(timers.splice(0)).toEqual([false, true]);
    feed(2);
    expect(timers.splice(0)).toEqual([false, true]);
    feed(4);
    expect(timers.splice(0)).toEqual([false]);
    sequence.gapExpired();
    expect(timers).toEqual([]);
  });

  it('leaves a hole that is filled in part the time that it has', () => {
    const timers: boolean[] = [];
    const { log, feed } = bench({ order: 'dense' }, (on) => timers.push(on));
    feed(1, 5, 2, 3);
    expect([log, timers]).toEqual([
      ['1', '2', '3'],
      [false, true],
    ]);
  });

  it('keeps the name of its numbering', () => {
    const { sequence, log, feed } = bench({ order: 'dense' });
    const at = (id: number): Position => ({ id, epoch: 'a' });
    feed(at(1), at(3), at(2));
    expect(sequence.position).toEqual(at(3));
    feed(at(5));
    sequence.gapExpired();
    expect(sequence.position).toEqual(at(5));
    feed(at(6));
    expect(log).toEqual(['1', '2', '3', 'gap 4-4 timeout', '5', '6']);
  });

  it('is forgotten when another numbering begins, and so is the hole', () => {
    const { sequence, log, feed, isTimed } = bench({ order: 'dense' });
    feed(1, 3, { id: 1, epoch: 'b' });
    expect(isTimed()).toBe(false);
    feed({ id: 2, epoch: 'b' });
    sequence.gapExpired();
    expect(log).toEqual(['1', 'gap 2- epoch_changed', '1', '2']);
  });

  it('is forgotten with the life', () => {
    const { sequence, log, feed } = bench({ order: 'dense', startAt: { id: 0 } });
    feed(1, 3);
    sequence.reset();
    feed(1, 2);
    expect(log).toEqual(['1', '1', '2']);
  });
});

describe('Sequence, a replay', () => {
  it('is waited for as long as for a hole, if there is anything to replay', () => {
    const fresh = bench();
    connected(fresh.sequence, false);
    expect(fresh.isTimed()).toBe(false);
    const known = bench({ startAt: { id: 4 } });
    connected(known.sequence, false);
    expect(known.isTimed()).toBe(false); // The request has not settled.
    known.sequence.endReplay(false);
    expect(known.isTimed()).toBe(true);
    known.sequence.endReplay(true);
    expect(known.isTimed()).toBe(false);
  });

  it('goes on where the end is not marked: the answer is still on its way', () => {
    const { sequence, log, feed, isTimed } = bench({ order: 'dense', startAt: { id: 4 } });
    connected(sequence, true);
    sequence.endReplay(false);
    feed(3, 6);
    expect([log, isTimed()]).toEqual([['end 0 verified'], true]);
    sequence.endReplay(true);
    expect(log.slice(1)).toEqual(['SEQUENCE_REGRESSED', 'gap 5-5 not_replayed', '6']);
  });

  it('keeps its time while holes are filled', () => {
    const { sequence, feed, isTimed } = bench({ order: 'dense', startAt: { id: 4 } });
    connected(sequence, true);
    sequence.endReplay(false);
    feed(6, 5);
    expect(isTimed()).toBe(true);
    sequence.gapExpired();
    feed(8, 7);
    expect(isTimed()).toBe(false);
  });

  it('is told of on a reconnect, and once', () => {
    const { sequence, log, feed } = bench({ startAt: { id: 4 } });
    connected(sequence, false);
    feed(5);
    sequence.endReplay(true);
    connected(sequence, true);
    feed(6);
    sequence.endReplay(true);
    feed(7);
    sequence.endReplay(true);
    expect(log).toEqual(['5', '6r', 'end 1 unverified', '7']);
  });

  it('counts anew each time', () => {
    const { sequence, log, feed } = bench({ startAt: { id: 4 } });
    for (const id of [5, 6]) {
      connected(sequence, true);
      feed(id);
      sequence.endReplay(true);
    }
    expect(log).toEqual(['5r', 'end 1 unverified', '6r', 'end 1 unverified']);
  });

  it('is over when the connection is gone', () => {
    const { sequence, log, feed, isTimed } = bench({ startAt: { id: 4 } });
    connected(sequence, true);
    sequence.disconnect();
    expect(isTimed()).toBe(false);
    feed(3, 5);
    sequence.endReplay(true);
    expect(log).toEqual(['SEQUENCE_REGRESSED', '5']);
  });

  it('is over with the life', () => {
    const { sequence, log, feed } = bench({ startAt: { id: 4 } });
    connected(sequence, true);
    sequence.reset();
    feed(3, 5);
    sequence.endReplay(true);
    expect(log).toEqual(['SEQUENCE_REGRESSED', '5']);
  });

  it('asks for its end while there is one to come, and not before or after', () => {
    const asked: unknown[] = [];
    const { sequence, feed } = bench({
      isReplayEnd: ({ id }) => {
        asked.push(id);
        return id === 7;
      },
    });
    feed(5);
    connected(sequence, true);
    feed(6, 7, 8);
    connected(sequence, false);
    feed(9);
    sequence.endReplay(true);
    feed(10);
    expect(asked).toEqual([6, 7, 9]);
  });

  it('tells what it sent again, where that is less than what had come', () => {
    const { sequence, feed, errors } = bench();
    feed(1, 50);
    connected(sequence, true);
    feed(3, 1, 4, 2);
    sequence.endReplay(true);
    sequence.endReplay(true);
    expect(errors.map(({ message }) => message)).toEqual([
      'The replay ended at 4, and 50 had come: 4 messages from 1 to 4 were dropped as duplicates',
    ]);
    expect(errors[0]?.hint).toContain('replay.onRegression');
  });

  it('tells it of each replay by itself', () => {
    const { sequence, feed, errors } = bench();
    feed(1, 50);
    for (const id of [45, 3]) {
      connected(sequence, true);
      feed(id);
      sequence.endReplay(true);
    }
    expect(errors.map(({ message }) => message.slice(0, 22))).toEqual([
      'The replay ended at 45',
      'The replay ended at 3,',
    ]);
  });

  it.each([[[50]], [[49, 50]], [[]], [[1, 51]]])(
    'tells nothing of it where it sent again %j',
    (ids) => {
      const { sequence, feed, errors } = bench();
      feed(1, 50);
      connected(sequence, true);
      feed(...ids);
      sequence.endReplay(true);
      connected(sequence, true);
      sequence.endReplay(true);
      expect(errors).toEqual([]);
    },
  );

  it('tells it when the connection is lost before the replay has ended, and not again', () => {
    const { sequence, feed, errors } = bench();
    feed(1, 50);
    connected(sequence, true);
    feed(1, 3);
    sequence.disconnect();
    expect(errors.map(({ message }) => message)).toEqual([
      'The replay ended at 3, and 50 had come: 2 messages from 1 to 3 were dropped as duplicates',
    ]);
    sequence.disconnect();
    sequence.abandon();
    connected(sequence, true);
    sequence.endReplay(true);
    expect(errors).toHaveLength(1);
  });

  it('tells it when the client is closed meanwhile', () => {
    const { sequence, log, feed } = bench({ order: 'dense', startAt: { id: 50 } });
    connected(sequence, false);
    feed(1, 2);
    sequence.abandon();
    expect(log).toEqual(['SEQUENCE_REGRESSED']);
  });

  it('forgets what was sent again where another numbering begins', () => {
    const { sequence, feed, errors } = bench();
    feed(1, 50);
    connected(sequence, true);
    feed(1);
    feed({ id: 1, epoch: 'b' });
    sequence.endReplay(true);
    expect(errors).toEqual([]);
  });

  it('tells what is older than the first of another numbering, and takes none of it for a duplicate', () => {
    const { sequence, log, feed } = bench({ order: 'dense' });
    const at = (id: number): Position => ({ id, epoch: 'b' });
    feed(50);
    connected(sequence, true);
    feed(at(20), at(1), at(2), at(21));
    expect(log.slice(1)).toEqual([
      ...['gap 51- epoch_changed', '20r', 'SEQUENCE_REGRESSED', 'SEQUENCE_REGRESSED', '21r'],
    ]);
  });

  it('proves nothing of dense numbers when it goes back further than it was asked to', () => {
    const { sequence, log, feed } = bench({ order: 'dense' });
    feed(5);
    connected(sequence, true);
    feed(1, 2, 3, 4, 5, 6);
    sequence.endReplay(true);
    expect(log.slice(1)).toEqual(['6r', 'end 1 unverified']);
  });

  it('proves nothing where the request for it has failed, though the marker comes', () => {
    const { sequence, log } = bench({ order: 'dense', startAt: { id: 5 } });
    connected(sequence, true);
    sequence.unasked();
    sequence.endReplay(true);
    expect(log).toEqual(['end 0 unverified']);
  });
});

describe('Sequence, a replay whose end is awaited', () => {
  const marked: Partial<SequenceConfig<Message>> = { isReplayEnd: ({ end }) => end === true };

  it('leaves a hole open until the marker, whatever a hole is given else', () => {
    const { sequence, log, feed, isTimed } = bench({ ...marked, order: 'dense' });
    feed(1);
    connected(sequence, true);
    feed(5, 3);
    expect(isTimed()).toBe(false);
    feed(2);
    expect(isTimed()).toBe(false);
    sequence.receive({ end: true });
    expect(log.slice(1)).toEqual([
      ...['2r', '3r', '-', 'gap 4-4 not_replayed', '5', 'end 2 verified'],
    ]);
  });

  it('leaves it open until the request has settled, where there is no marker', () => {
    const { sequence, feed, isTimed } = bench({ order: 'dense', startAt: { id: 1 } });
    connected(sequence, true);
    feed(3);
    expect(isTimed()).toBe(false);
    sequence.endReplay(false);
    expect(isTimed()).toBe(true);
  });

  it('is over when it takes too long: holes are told one by one', () => {
    const { sequence, log, feed, isTimed } = bench({ ...marked, order: 'dense' });
    feed(1);
    connected(sequence, true);
    feed(3, 5);
    sequence.replayExpired();
    expect(log.slice(1)).toEqual(['gap 2-2 timeout', '3', 'end 0 unverified']);
    expect(isTimed()).toBe(true);
    sequence.replayExpired();
    expect(log.slice(-2)).toEqual(['gap 4-4 timeout', '5']);
  });

  it('says then what an inclusive one has not brought', () => {
    const { sequence, log, feed } = bench({ ...marked, inclusive: true });
    feed(1);
    connected(sequence, true);
    feed(5, 3);
    sequence.replayExpired();
    expect(log.slice(1)).toEqual([
      ...['5r', 'SEQUENCE_REGRESSED', '3r', 'gap 2-2 history_evicted', 'end 2 unverified'],
    ]);
  });

  it.each([
    ['numbers', [1, 5], [20, 5, 9, 20], ['20r', 'SEQUENCE_REGRESSED', '9r', '-', 'end 2 verified']],
    ['ids', ['a', 'b'], ['x', 'b', 'c', 'x'], ['xr', 'cr', '-', 'end 2 verified']],
  ])(
    'is proven by what it was asked from, behind new messages too: %s',
    (_name, had, ids, told) => {
      const { sequence, log, feed } = bench({ ...marked, inclusive: true });
      feed(...had);
      connected(sequence, true);
      feed(...ids);
      sequence.receive({ end: true });
      expect(log.slice(2)).toEqual(told);
    },
  );

  it.each([
    ['numbers', [1, 5], [20, 9, 12], 'gap 6-8 history_evicted'],
    ['ids', ['a', 'b'], ['x', 'c'], 'gap b-x history_evicted'],
    ['ids that came before the cut', ['b'], [], 'gap b-x history_evicted'],
  ])('is judged at the marker where it begins with something else: %s', (_name, had, ids, told) => {
    const { sequence, log, feed } = bench({ ...marked, inclusive: true });
    feed(...had);
    connected(sequence, true);
    if (ids.length === 0) {
      feed('x');
      sequence.disconnect();
      connected(sequence, true);
      feed('x');
    } else feed(...ids);
    expect(log).not.toContain(told);
    sequence.receive({ end: true });
    expect(log.at(-2)).toBe(told);
    expect(log.at(-1)).toMatch(/unverified$/);
  });

  it('has a time of its own, from the connection to its end', () => {
    const { sequence, isAwaited } = bench({ ...marked, startAt: { id: 1 } });
    expect(isAwaited()).toBe(false);
    connected(sequence, true);
    expect(isAwaited()).toBe(true);
    sequence.receive({ end: true });
    expect(isAwaited()).toBe(false);
    connected(sequence, true);
    sequence.disconnect();
    expect(isAwaited()).toBe(false);
  });

  it('is not waited for where nothing was there to ask from', () => {
    const { sequence, isAwaited, isTimed } = bench(marked);
    connected(sequence, true);
    sequence.endReplay(false, false);
    expect([isAwaited(), isTimed()]).toEqual([false, false]);
  });

  it('is not awaited any more when the connection is gone, nor when its end was marked', () => {
    const { sequence, feed, isTimed } = bench({ ...marked, order: 'dense', startAt: { id: 1 } });
    connected(sequence, true);
    sequence.disconnect();
    feed(3);
    expect(isTimed()).toBe(true);
    connected(sequence, true);
    sequence.receive({ end: true });
    feed(6);
    expect(isTimed()).toBe(true);
  });

  it('may come late, and has its time from then on', () => {
    const { sequence, log, feed, isTimed } = bench({ inclusive: true, startAt: { id: 1 } });
    let fired = 0;
    const expire = (): void => {
      fired++;
      sequence.gapExpired();
    };
    connected(sequence, true);
    sequence.endReplay(false);
    expire();
    feed(9);
    expect([fired, isTimed()]).toEqual([1, true]);
    expire();
    feed(8);
    expect(log.slice(1)).toEqual(['gap 2-8 history_evicted', '9', 'SEQUENCE_REGRESSED']);
  });

  it('leaves no hole of before open when nothing comes', () => {
    const { sequence, log, feed } = bench({ order: 'dense', startAt: { id: 1 } });
    feed(3);
    sequence.disconnect();
    connected(sequence, true);
    sequence.endReplay(false);
    sequence.gapExpired();
    expect(log).toEqual(['end 0 verified', 'gap 2-2 timeout', '3']);
  });

  it('may not, where what is older is to be taken for new', () => {
    const { sequence, log, feed } = bench({ onRegression: 'restart', startAt: { id: 50 } });
    connected(sequence, true);
    sequence.endReplay(false);
    sequence.gapExpired();
    feed(1);
    expect(log.slice(1)).toEqual(['SEQUENCE_REGRESSED', 'gap 51- regressed', '1']);
  });

  it('has not left a hole while it goes on, and gives one of its own its whole time', () => {
    const timers: boolean[] = [];
    const { sequence, log, feed } = bench({ order: 'dense', startAt: { id: 1 } }, (on) =>
      timers.push(on),
    );
    connected(sequence, true);
    sequence.endReplay(false);
    timers.splice(0);
    feed(5);
    expect(timers.splice(0)).toEqual([true, false, true]);
    feed(2);
    expect(timers.splice(0)).toEqual([false, true]);
    feed(3, 4);
    expect(log.slice(1)).toEqual(['2', '3', '4', '5']);
  });

  it('gives a hole of before its own time', () => {
    const { sequence, feed, isTimed } = bench({ ...marked, order: 'dense', startAt: { id: 1 } });
    feed(3);
    expect(isTimed()).toBe(true);
    connected(sequence, true);
    expect(isTimed()).toBe(false);
  });

  it('is judged by what comes in it, and not before it begins', () => {
    for (const ids of [
      [1, 9],
      ['a', 'b'],
    ]) {
      const { sequence, log, feed } = bench({ inclusive: true });
      feed(ids[0]);
      sequence.disconnect();
      feed(ids[1]);
      connected(sequence, true);
      feed(ids[0]);
      expect(log).toEqual(ids.map(String));
    }
  });

  it('is asked for, and judged, from the last of dense numbers, whatever came when', () => {
    const { sequence, log, feed } = bench({ ...marked, order: 'dense', inclusive: true });
    feed(1);
    sequence.disconnect();
    feed(2);
    expect(sequence.position).toEqual({ id: 2 });
    connected(sequence, true);
    feed(4, 2);
    sequence.abandon();
    expect(log).toEqual(['1', '2', 'gap 3-4 closed']);
    const whole = bench({ ...marked, order: 'dense', inclusive: true });
    whole.feed(1);
    connected(whole.sequence, true);
    whole.feed(2, 3);
    whole.sequence.abandon();
    whole.sequence.receive({ end: true });
    expect(whole.log).toEqual(['1', '2r', '3r', '-', 'end 2 verified']);
  });

  it('does not take what it was asked from for a duplicate, when it comes behind new messages', () => {
    const { sequence, errors, feed } = bench({ ...marked, order: 'monotonic' });
    feed(5);
    connected(sequence, true);
    feed(9, 5);
    sequence.receive({ end: true });
    expect(errors).toEqual([]);
  });
});

describe('Sequence, a replay that begins with what there was', () => {
  it.each<
    readonly [
      string,
      config: Partial<SequenceConfig<Message>>,
      had: unknown[],
      replay: unknown[],
      log: string[],
    ]
  >([
    [
      'proves that nothing is missing',
      { inclusive: true },
      [1, 5],
      [5, 9],
      ['9r', 'end 1 verified'],
    ],
    ['proves it, asked for or not', {}, [1, 5], [5, 9], ['9r', 'end 1 verified']],
    [
      'proves it of opaque ids',
      { inclusive: true },
      ['a', 'b'],
      ['b', 'c'],
      ['cr', 'end 1 verified'],
    ],
    [
      'proves nothing by something older',
      { inclusive: true },
      [1, 5],
      [1, 5, 9],
      ['9r', 'end 1 unverified'],
    ],
    [
      'proves nothing by an older opaque id',
      { inclusive: true },
      ['a', 'b'],
      ['a', 'b', 'c'],
      ['cr', 'end 1 unverified'],
    ],
    [
      'proves nothing when it comes later',
      { inclusive: true },
      [1, 5],
      [6, 5, 6],
      ['6r', 'end 1 unverified'],
    ],
    [
      'leaves nothing out where the next number comes',
      { inclusive: true },
      [1, 5],
      [6],
      ['6r', 'end 1 unverified'],
    ],
    ['is not asked for', {}, ['a', 'b'], ['x'], ['xr', 'end 1 unverified']],
    [
      'tells what is missing once',
      { inclusive: true },
      [1, 5],
      [8, 11],
      ['gap 6-7 history_evicted', '8r', '11r', 'end 2 unverified'],
    ],
    [
      'tells what is missing of opaque ids once',
      { inclusive: true },
      ['a'],
      ['x', 'y'],
      ['gap a-x history_evicted', 'xr', 'yr', 'end 2 unverified'],
    ],
  ])('%s', (_name, config, had, replay, log) => {
    const made = bench(config);
    made.feed(...had);
    made.log.splice(0);
    connected(made.sequence, true);
    made.feed(...replay);
    made.sequence.endReplay(true);
    expect(made.log).toEqual(log);
  });

  it('tells of a single message that is missing', () => {
    const { sequence, log, feed } = bench({ inclusive: true });
    feed(5);
    connected(sequence, true);
    feed(7);
    expect(log.slice(1)).toEqual(['gap 6-6 history_evicted', '7r']);
  });

  it('leaves nothing out where the next number comes as text', () => {
    const { sequence, log, feed } = bench({ inclusive: true, order: 'monotonic' });
    feed(5);
    connected(sequence, true);
    feed('6', '9');
    expect(log.slice(1)).toEqual(['6r', '9r']);
  });

  it('proves nothing for the next one', () => {
    const { sequence, log, feed } = bench({ inclusive: true });
    feed(5);
    connected(sequence, true);
    feed(5);
    sequence.endReplay(true);
    connected(sequence, true);
    sequence.endReplay(true);
    expect(log.slice(1)).toEqual(['end 0 verified', 'end 0 unverified']);
  });

  it('is nothing to look for without a replay', () => {
    const { log, feed } = bench({ inclusive: true });
    feed(1, 5);
    expect(log).toEqual(['1', '5']);
  });
});

describe('Sequence of numbers that end', () => {
  it('takes 2⁵³ for no number, though it follows', () => {
    const { feed, errors } = bench({ order: 'dense' });
    feed(Number.MAX_SAFE_INTEGER, 2 ** 53);
    expect(errors.map(({ code }) => code)).toEqual(['INVALID_SEQUENCE_ID']);
  });

  it('says that an epoch is none, rather than the id', () => {
    const { feed, errors } = bench();
    feed({ id: 1, epoch: 2 });
    expect(errors[0]?.message).toBe(
      'replay.sequenceOf gave an epoch that is 2, and epochs are strings',
    );
  });

  it('says nothing of the last one of a replay that comes again', () => {
    const { sequence, errors, feed } = bench({
      isReplayEnd: ({ end }) => end === true,
      maxHeld: 1,
    });
    feed(1);
    sequence.disconnect();
    connected(sequence, true);
    feed(8, 9, 9);
    expect(errors).toEqual([]);
  });
});

describe('Sequence, what the server says of its position', () => {
  const stated = (config: Partial<SequenceConfig<Message>> = {}): ReturnType<typeof bench> =>
    bench({
      sequenceOf: ({ id }) => (Array.isArray(id) ? null : (id as SequenceId)),
      positionOf: ({ id }) => (id as [SequenceId | null])[0],
      ...config,
    });

  it('is where it begins, and is not told before', () => {
    const { sequence, log, feed } = stated({ order: 'dense' });
    feed([null], [7], 9, 8);
    expect([log, sequence.position?.id]).toEqual([['-', '-', '8', '9'], 9]);
  });

  it('is told where it is less than what came, and changes nothing', () => {
    const { log, feed, errors } = stated({ order: 'dense' });
    feed(5, [5], [6], [4], 6);
    expect(log).toEqual(['5', '-', '-', 'SEQUENCE_REGRESSED', '-', '6']);
    expect(errors[0]?.message).toBe('The server is at 4, and 5 had come');
  });

  it('may be one of another numbering', () => {
    const { log, feed } = stated({ order: 'dense' });
    feed({ id: 5, epoch: 'a' }, [{ id: 2, epoch: 'b' }], { id: 3, epoch: 'b' });
    expect(log).toEqual(['5', 'gap 6- epoch_changed', '-', '3']);
  });

  it('says nothing where ids only differ', () => {
    const { log, feed } = stated();
    feed('b', ['a'], 'c');
    expect(log).toEqual(['b', '-', 'c']);
  });

  it('is told where it is none', () => {
    const { log, feed, errors } = stated({ order: 'dense' });
    feed(5, ['x'], 6);
    expect(log).toEqual(['5', 'INVALID_SEQUENCE_ID', '-', '6']);
    expect(errors[0]?.message).toContain('replay.positionOf gave');
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
    connected(without.sequence, true);
    without.sequence.endReplay(false);
    expect(without.log.at(-1)).toBe('end 0 unverified');
    const proven = bench({ inclusive: true });
    proven.feed(1, 5);
    connected(proven.sequence, true);
    proven.feed(5, 9);
    proven.sequence.endReplay(true);
    expect(proven.log.slice(2)).toEqual(['9r', 'end 1 verified']);
  });

  it('tells when an inclusive replay begins beyond what it had', () => {
    const { sequence, log, feed } = bench({ inclusive: true });
    feed(1, 5);
    connected(sequence, true);
    feed(9);
    expect(log.slice(2)).toEqual(['gap 6-8 history_evicted', '9r']);
  });

  it('tells when the server has forgotten what it had', () => {
    const { sequence, log, feed } = bench();
    feed(1, 50);
    connected(sequence, true);
    feed(1, 2, 3);
    expect(log).toEqual(['1', '50']);
    sequence.gapExpired();
    expect(log.slice(2)).toEqual(['SEQUENCE_REGRESSED']);
  });

  it('tells what came after what, and what became of it', () => {
    for (const [onRegression, became] of [
      ['drop', 'dropped'],
      ['restart', 'delivered'],
    ] as const) {
      const { feed, errors } = bench({ onRegression });
      feed(50, 1);
      expect(errors[0]?.message).toBe(`Message 1 came after 50, and was ${became}`);
      expect(errors[0]?.hint).toContain("replay.onRegression to 'restart'");
    }
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

  it('remembers none of another numbering', () => {
    const { log, feed } = bench();
    const at = (id: string, epoch: string): Position => ({ id, epoch });
    feed(at('a', 'x'), at('b', 'x'), at('a', 'y'), at('b', 'y'));
    expect(log).toEqual(['a', 'b', 'gap b- epoch_changed', 'a', 'b']);
  });

  it('remembers none of another life', () => {
    const { sequence, log, feed } = bench();
    feed('b', 'a');
    sequence.reset();
    feed('a', 'b');
    expect(log).toEqual(['b', 'a', 'a', 'b']);
  });

  it('are what numbers may be, where it is told so', () => {
    const { log, feed } = bench({ order: 'opaque' });
    feed(5, 3, '5', 4);
    expect(log).toEqual(['5', '3', '4']);
  });

  it('tells when an inclusive replay begins with something else', () => {
    const { sequence, log, feed } = bench({ inclusive: true });
    feed('a', 'b');
    connected(sequence, true);
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

  it('tells what was given, and what ids are', () => {
    const numeric = bench({ order: 'dense' });
    numeric.feed('x1');
    expect(numeric.errors[0]?.message).toBe(
      "replay.sequenceOf gave 'x1', and ids are a whole number from 0, or its digits",
    );
    expect(numeric.errors[0]?.hint).toContain('bigint or string');
    const opaque = bench({ order: 'opaque' });
    opaque.feed('');
    expect(opaque.errors[0]?.message).toBe(
      "replay.sequenceOf gave '', and ids are a string or a number",
    );
  });

  it.each([
    ['', [3, 5, 4], ['INVALID_SEQUENCE_ID', '-', '3', '5', 'SEQUENCE_REGRESSED']],
    [Number.NaN, ['a', 'b'], ['INVALID_SEQUENCE_ID', '-', 'a', 'b']],
  ])('takes no order from an id that is none: %o', (none, ids, expected) => {
    const { log, feed } = bench();
    feed(none, ...ids);
    expect(log).toEqual(expected);
  });

  it('takes the order from the first id, in each life', () => {
    const { sequence, log, feed } = bench();
    feed('5', '3');
    sequence.reset();
    feed(5, 3);
    sequence.reset();
    feed({ id: '5' }, { id: '3' });
    expect(log).toEqual(['5', '3', '5', 'SEQUENCE_REGRESSED', '5', '3']);
  });

  it('takes a number without the name of a numbering for one of another', () => {
    const { log, feed } = bench();
    feed({ id: 1, epoch: 'a' }, 2, 3);
    expect(log).toEqual(['1', 'gap 2- epoch_changed', '2', '3']);
  });

  it('knows its position while a message is passed on', () => {
    const seen: unknown[] = [];
    const { sequence, feed } = bench({}, undefined, () => seen.push(sequence.position?.id));
    feed(5, 6);
    expect(seen).toEqual([5, 6]);
  });

  it('names the option whose function throws', () => {
    const fail = (): never => {
      throw new Error('no');
    };
    const { sequence, feed, errors } = bench({
      sequenceOf: fail,
      positionOf: fail,
      isReplayEnd: fail,
      startAt: { id: 1 },
    });
    connected(sequence, true);
    feed(1);
    expect(errors.map(({ message }) => message)).toEqual([
      'replay.sequenceOf threw: no',
      'replay.positionOf threw: no',
      'replay.isReplayEnd threw: no',
    ]);
  });

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
            connected(sequence, true);
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
    const { sequence, log, feed, errors } = bench(marked);
    connected(sequence, false);
    feed(1, 2);
    sequence.disconnect();
    connected(sequence, true);
    feed(10, 3, 4, 10, 11, 4);
    sequence.receive({ end: true });
    expect(errors[0]?.message).toBe('Message 3 of a replay came after 10, and was delivered');
    expect(log).toEqual([
      ...['1', '2', '10r', 'SEQUENCE_REGRESSED', '3r', 'SEQUENCE_REGRESSED', '4r', '11r'],
      ...['-', 'end 4 unverified'],
    ]);
    expect(sequence.position).toEqual({ id: 11 });
  });

  it('asks again from where it asked, when the connection is lost before the replay has ended', () => {
    const { sequence, log, feed } = bench(marked);
    connected(sequence, false);
    feed(1, 2);
    sequence.disconnect();
    connected(sequence, true);
    feed(3, 10);
    expect(sequence.last).toEqual({ id: 10 });
    sequence.disconnect();
    expect(sequence.position).toEqual({ id: 2 });
    connected(sequence, true);
    feed(3, 4, 10);
    sequence.receive({ end: true });
    expect(log.slice(2)).toEqual([
      ...['3r', '10r', 'SEQUENCE_REGRESSED', '4r', '-', 'end 1 unverified'],
    ]);
    expect(sequence.position).toEqual({ id: 10 });
  });

  it('asks again too where there is no marker, until the answer is not waited for any more', () => {
    const { sequence, feed } = bench({ order: 'monotonic' });
    connected(sequence, false);
    feed(1, 2);
    sequence.disconnect();
    connected(sequence, true);
    feed(3, 10);
    sequence.disconnect();
    expect(sequence.position).toEqual({ id: 2 });
    connected(sequence, true);
    sequence.endReplay(false);
    sequence.gapExpired(); // Nothing has come, and the answer still may.
    expect(sequence.position).toEqual({ id: 2 });
    feed(11);
    sequence.gapExpired();
    expect(sequence.position).toEqual({ id: 11 });
  });

  it('asks from what came before, where messages come before it can ask', () => {
    const { sequence, log, feed } = bench(marked);
    feed(1, 2);
    sequence.disconnect();
    feed(10);
    expect(sequence.position).toEqual({ id: 2 });
    connected(sequence, true);
    feed(3, 10);
    expect(log).toEqual(['1', '2', '10', 'SEQUENCE_REGRESSED', '3r']);
  });

  it('tells when the client is closed before the replay has ended, once', () => {
    const { sequence, log, feed } = bench(marked);
    feed(1, 2);
    connected(sequence, true);
    feed(3, 10);
    sequence.abandon();
    sequence.abandon();
    expect(log.slice(2)).toEqual(['3r', '10r', 'gap 3-10 closed']);
    expect(sequence.position).toEqual({ id: 2 });
  });

  it('has nothing to tell then where nothing came, or no marker was to come', () => {
    const none = bench(marked);
    none.feed(1, 2);
    connected(none.sequence, true);
    none.sequence.abandon();
    expect(none.log).toEqual(['1', '2']);
    const unmarked = bench({ order: 'monotonic' });
    unmarked.feed(1, 2);
    connected(unmarked.sequence, true);
    unmarked.feed(10);
    unmarked.sequence.abandon();
    expect(unmarked.log).toEqual(['1', '2', '10r']);
  });

  it('does not say that anything is missing where no marker was to come, and more came', () => {
    const { sequence, log, feed } = bench({ order: 'monotonic', maxHeld: 2 });
    feed(1);
    connected(sequence, true);
    feed(10, 11, 12);
    sequence.disconnect();
    expect(sequence.position).toEqual({ id: 12 });
    expect(log).toEqual(['1', '10r', '11r', '12r']);
  });

  it('remembers no more than maxHeld of it', () => {
    const { sequence, log, feed, errors } = bench({ ...marked, maxHeld: 2 });
    connected(sequence, false);
    feed(1);
    sequence.disconnect();
    connected(sequence, true);
    feed(10, 11, 12, 2, 12);
    sequence.disconnect();
    expect(sequence.position).toEqual({ id: 12 });
    // It may have been missed, or come before: nobody knows any more, and that is told.
    expect(log).toEqual([...['1', '10r', '11r', '12r', 'SEQUENCE_REGRESSED', 'gap 2-12 closed']]);
    expect(errors[0]?.message).toBe(
      'Message 2 of a replay came after 12, and was dropped: it may have come before',
    );
    expect(errors[0]?.hint).toMatch(/before its replay is over\?.*'dense'.*replay\.maxHeld/);
  });
});

describe('Sequence of opaque ids, when more were seen than it remembers', () => {
  const had = (config: Partial<SequenceConfig<Message>> = {}): ReturnType<typeof bench> => {
    const made = bench({ maxHeld: 2, ...config });
    made.feed('a', 'b', 'c', 'd');
    made.log.splice(0);
    made.sequence.disconnect();
    connected(made.sequence, true);
    return made;
  };

  it('tells that what a replay brought before the first known one may have come before', () => {
    const { log, feed, errors } = had();
    feed('a', 'b', 'c', 'd', 'e');
    expect(log).toEqual(['ar', 'br', 'SEQUENCE_REGRESSED', 'er']);
    expect(errors[0]?.message).toBe(
      '2 messages of the replay were delivered, and then came c, which had come before: they may have come before too',
    );
  });

  it('tells it of a replay that is cut before it gets there, once it does', () => {
    const { sequence, log, feed } = had();
    feed('a', 'b');
    sequence.disconnect();
    connected(sequence, true);
    feed('a', 'b', 'c');
    expect(log).toEqual(['ar', 'br', 'SEQUENCE_REGRESSED']);
  });

  it('tells it of a replay that comes later than an answer is waited for', () => {
    const { sequence, log, feed } = had();
    sequence.endReplay(false);
    sequence.gapExpired();
    feed('a', 'b', 'c');
    expect(log.slice(1)).toEqual(['a', 'b', 'SEQUENCE_REGRESSED']);
  });

  it('asks again from where it asked, and proves nothing, when the replay was cut before', () => {
    const { sequence, log, feed } = had();
    feed('a', 'b');
    sequence.disconnect();
    expect(sequence.position?.id).toBe('d');
    connected(sequence, true);
    feed('d');
    sequence.endReplay(true);
    expect(log).toEqual(['ar', 'br', 'end 0 unverified']);
  });

  it('says nothing where the replay begins with what it was asked from, or goes on behind it', () => {
    const { sequence, log, feed } = had();
    feed('d', 'e', 'f', 'g');
    sequence.endReplay(true);
    expect(log).toEqual(['er', 'fr', 'gr', 'end 3 verified']);
    const exclusive = had();
    exclusive.feed('e', 'f', 'g');
    exclusive.sequence.endReplay(true);
    expect(exclusive.errors).toEqual([]);
  });

  it('says nothing of what came behind a known one, nor of new messages before the one asked from', () => {
    const overlapping = had();
    overlapping.feed('c', 'd', 'e', 'f', 'c');
    expect(overlapping.errors).toEqual([]);
    const mixed = had({ isReplayEnd: ({ end }) => end === true });
    mixed.feed('x', 'd', 'e');
    mixed.sequence.receive({ end: true });
    mixed.feed('c');
    expect(mixed.errors).toEqual([]);
  });

  it('takes new ones for what they are when a connection has lasted', () => {
    const { sequence, feed, errors } = had();
    feed('e');
    sequence.gapExpired();
    feed('f', 'g', 'h', 'c');
    expect(errors).toEqual([]);
  });

  it('does not know what came in a run before, and says so', () => {
    const { sequence, log, feed } = bench({ startAt: { id: 'c' } });
    connected(sequence, false);
    feed('a', 'b', 'c', 'd');
    expect(log).toEqual(['a', 'b', 'SEQUENCE_REGRESSED', 'd']);
  });

  it('tells what may be missing when more came in a lost replay than it remembers', () => {
    const { sequence, log, feed } = had({ isReplayEnd: ({ end }) => end === true });
    feed('x', 'y', 'z');
    sequence.disconnect();
    expect(log).toEqual(['xr', 'yr', 'zr', 'gap d-z closed']);
    expect(sequence.position?.id).toBe('z');
  });
});

describe('Sequence that is given up', () => {
  it('names what is missing, with what was held back behind it, once', () => {
    const { sequence, log, feed } = bench({ order: 'dense' });
    feed(1, 4, 3, 7);
    sequence.disconnect();
    sequence.abandon();
    sequence.abandon();
    expect(log).toEqual(['1', 'gap 2-7 closed']);
  });

  it('has nothing to name where nothing is held back', () => {
    const { sequence, log, feed } = bench({ order: 'dense' });
    feed(1, 3, 2);
    sequence.abandon();
    expect(log).toEqual(['1', '2', '3']);
  });

  it('takes what it named, when it comes in another connection after all', () => {
    const { sequence, log, feed } = bench({ order: 'dense' });
    feed(1, 3);
    sequence.disconnect();
    sequence.abandon();
    connected(sequence, false);
    feed(2, 3);
    expect(log).toEqual(['1', 'gap 2-3 closed', '2', '3']);
  });
});

it('Sequence proves nothing by a replay that was not asked for', () => {
  const { sequence, log, feed } = bench({ order: 'dense' });
  feed(1);
  connected(sequence, true);
  sequence.endReplay(false, false);
  connected(sequence, true);
  sequence.endReplay(false);
  expect(log).toEqual(['1', 'end 0 unverified', 'end 0 verified']);
});

describe('Sequence, what the server says of its position', () => {
  const dense: Partial<SequenceConfig<Message>> = {
    order: 'dense',
    positionOf: ({ end }) => (end === undefined ? 10 : undefined),
    isReplayEnd: ({ end }) => end === true,
  };

  it('is a hole up to there, when the marker comes without them', () => {
    const { sequence, log, feed } = bench(dense);
    feed(7);
    sequence.disconnect();
    connected(sequence, true);
    sequence.receive({});
    feed(8);
    sequence.receive({ end: true });
    expect(log).toEqual(['7', '-', '8r', '-', 'gap 9-10 not_replayed', 'end 1 verified']);
    feed(11);
    expect(log.at(-1)).toBe('11');
    expect(sequence.position).toEqual({ id: 11 });
  });

  it('is no hole when they come', () => {
    const { sequence, log, feed, isTimed } = bench({ ...dense, isReplayEnd: undefined });
    feed(8);
    sequence.receive({});
    expect(isTimed()).toBe(true);
    feed(10, 9);
    expect(isTimed()).toBe(false);
    feed(11);
    expect(log).toEqual(['8', '-', '9', '10', '11']);
  });

  it('is none any more when they have come in order', () => {
    const { sequence, feed, isTimed } = bench({ ...dense, isReplayEnd: undefined });
    feed(8);
    sequence.receive({});
    feed(9);
    expect(isTimed()).toBe(true);
    feed(10);
    expect(isTimed()).toBe(false);
  });

  it('is a hole of its own time, with what waits before and behind it', () => {
    const { sequence, log, feed, isTimed } = bench({ ...dense, isReplayEnd: undefined });
    feed(5);
    sequence.receive({});
    feed(7);
    sequence.gapExpired();
    expect(log).toEqual(['5', '-', 'gap 6-6 timeout', '7']);
    expect(isTimed()).toBe(true);
    sequence.gapExpired();
    expect(log.slice(4)).toEqual(['gap 8-10 timeout']);
    expect(isTimed()).toBe(false);
    sequence.receive({});
    expect(isTimed()).toBe(false);
  });

  it('means nothing of what it is not beyond, nor where numbers have holes', () => {
    for (const [order, last] of [
      ['dense', 10],
      ['monotonic', 5],
    ] as const) {
      const { sequence, log, feed, isTimed } = bench({ ...dense, order, isReplayEnd: undefined });
      feed(last);
      sequence.receive({});
      expect(isTimed()).toBe(false);
      sequence.gapExpired();
      expect(log).toEqual([String(last), '-']);
    }
  });

  it('does not begin the time of a hole anew, said again', () => {
    const timed: boolean[] = [];
    const { sequence, feed } = bench({ ...dense, isReplayEnd: undefined }, (on) => timed.push(on));
    feed(5, 7);
    sequence.receive({});
    sequence.receive({});
    feed(9);
    expect(timed.filter(Boolean)).toHaveLength(1);
  });

  it('is told when there will be no connection any more', () => {
    const { sequence, log, feed } = bench(dense);
    feed(8);
    sequence.receive({});
    sequence.disconnect();
    sequence.abandon();
    sequence.abandon();
    expect(log).toEqual(['8', '-', 'gap 9-10 closed']);
  });

  it('is forgotten with the numbers that it counts', () => {
    const { sequence, log, feed } = bench({ ...dense, isReplayEnd: undefined });
    feed(8);
    sequence.receive({});
    sequence.receive({ id: { id: 1, epoch: 'b' } });
    sequence.gapExpired();
    expect(log).toEqual(['8', '-', 'gap 9- epoch_changed', '1']);
  });
});

describe('Sequence, what a replay does not prove', () => {
  const marked: Partial<SequenceConfig<Message>> = { isReplayEnd: ({ end }) => end === true };

  it('dense numbers, when it should begin with the last one, and is empty', () => {
    const { sequence, log, feed } = bench({ ...marked, order: 'dense', inclusive: true });
    feed(1);
    sequence.disconnect();
    connected(sequence, true);
    sequence.receive({ end: true });
    expect(log).toEqual(['1', '-', 'end 0 unverified']);
  });

  it('anything, when some of it was dropped, for it may have come', () => {
    const { sequence, log, feed } = bench({
      ...marked,
      order: 'monotonic',
      inclusive: true,
      maxHeld: 2,
    });
    feed(1);
    sequence.disconnect();
    connected(sequence, true);
    feed(20, 21, 22, 1, 5, 22);
    sequence.receive({ end: true });
    expect(log.slice(4)).toEqual(['SEQUENCE_REGRESSED', '-', 'end 3 unverified']);
  });

  it('that opaque ids were not doubled, when more came than are remembered, and tells from which on', () => {
    const { sequence, log, feed, errors } = bench({ ...marked, inclusive: true, maxHeld: 3 });
    feed('p');
    sequence.disconnect();
    connected(sequence, true);
    feed('live', 'p', 'a', 'b', 'c', 'live', 'd');
    sequence.receive({ end: true });
    expect(log.slice(1, -1)).toEqual([
      'liver',
      'ar',
      'br',
      'cr',
      'liver',
      'dr',
      '-',
      'SEQUENCE_REGRESSED',
    ]);
    expect(log.at(-1)).toBe('end 6 unverified');
    expect(errors[0]?.message).toBe(
      "More than 3 messages came before the replay's end was marked: if new ones were among them, " +
        'those from live to d may have come twice, or come again with the next replay',
    );
    feed('e', 'f', 'g', 'h');
    sequence.disconnect();
    connected(sequence, true);
    feed('h', 'i');
    sequence.receive({ end: true });
    expect(log.at(-1)).toBe('end 1 verified');
    expect(errors).toHaveLength(1);
  });
});

describe('Sequence, a replay of opaque ids that is larger than what is remembered', () => {
  it('is no matter where nothing marks its end, for new messages do not come before, or where it is over', () => {
    const { sequence, feed, errors } = bench({ maxHeld: 2 });
    feed('p');
    sequence.disconnect();
    connected(sequence, true);
    sequence.endReplay(false);
    feed('a', 'b', 'c', 'd');
    sequence.gapExpired();
    expect(errors).toEqual([]);
    const live = bench({ maxHeld: 2, isReplayEnd: ({ end }) => end === true });
    live.feed('p');
    live.sequence.disconnect();
    connected(live.sequence, true);
    live.sequence.receive({ end: true });
    live.feed('a', 'b', 'c', 'd');
    live.sequence.disconnect();
    connected(live.sequence, true);
    live.sequence.receive({ end: true });
    expect(live.errors).toEqual([]);
  });

  it('is told too when its end does not come', () => {
    const { sequence, feed, errors, log } = bench({
      maxHeld: 2,
      isReplayEnd: ({ end }) => end === true,
    });
    feed('p');
    sequence.disconnect();
    connected(sequence, true);
    feed('a', 'b', 'c', 'd');
    sequence.replayExpired();
    expect(errors.map(({ hint }) => hint)).toEqual([
      'replay.maxHeld says how many ids are remembered',
    ]);
    expect(log.at(-1)).toBe('end 4 unverified');
  });
});

describe('Sequence, new messages before a replay of more opaque ids than are remembered', () => {
  const config: Partial<SequenceConfig<Message>> = {
    isReplayEnd: ({ end }) => end === true,
    inclusive: true,
  };
  /** Each replay, and what is said of it besides the messages. */
  const told = (maxHeld: number, ...replays: readonly (readonly string[])[]): string[][] => {
    const { sequence, log, feed, errors } = bench({ ...config, maxHeld });
    feed('1');
    return replays.map((ids) => {
      log.splice(0);
      errors.splice(0);
      sequence.disconnect();
      connected(sequence, true);
      for (const id of ids) {
        if (id === 'end') sequence.receive({ end: true });
        else feed(id);
      }
      const range = errors.map(({ message }) => /those from \S+ to \S+/.exec(message)?.[0] ?? '?');
      return [...range, log.at(-1) ?? ''];
    });
  };

  it('are told, where one of them is just forgotten, and the next replay proves nothing', () => {
    expect(told(2, ['4', '1', '2', '3', 'end'], ['3', '4', '5', 'end'])).toEqual([
      ['those from 4 to 3', 'end 3 unverified'],
      ['end 2 unverified'],
    ]);
  });

  it('are told, over two connections', () => {
    const replays = [
      ['6', '1', '2'],
      ['1', '2', '3', '4', '5', '6', 'end'],
      ['5', '6', '7', 'end'],
    ];
    expect(told(4, ...replays).slice(1)).toEqual([
      ['those from 6 to 6', 'end 4 unverified'],
      ['end 1 unverified'],
    ]);
  });

  it('are told from the first one that is forgotten on', () => {
    expect(told(2, ['5', '1', '2', '3', '4', 'end'])).toEqual([
      ['those from 5 to 4', 'end 4 unverified'],
    ]);
  });

  it('are no matter any more when something new has come behind the marker', () => {
    const replays = [
      ['4', '1', '2', '3', 'end', '5'],
      ['5', '6', 'end'],
    ];
    expect(told(2, ...replays)[1]).toEqual(['end 1 verified']);
  });

  it('are told of with the name that they have in their epoch', () => {
    const { sequence, errors } = bench({ ...config, maxHeld: 1 });
    const feed = (...ids: string[]): void => {
      for (const id of ids) sequence.receive({ id: { id, epoch: 'a' } });
    };
    feed('1');
    sequence.disconnect();
    connected(sequence, true);
    feed('3', '2');
    sequence.receive({ end: true });
    expect(errors[0]?.message).toContain('those from 3 to 2');
  });
});

describe('Sequence, a replay that the URL has asked for before more came', () => {
  it.each(['dense', 'monotonic', 'opaque'] as const)('doubles nothing: %s', (order) => {
    const { sequence, log, feed, errors } = bench({
      order,
      isReplayEnd: ({ end }) => end === true,
    });
    feed(1, 2, 3);
    sequence.disconnect();
    sequence.begin(true, { id: 1 });
    feed(2, 3, 4);
    sequence.receive({ end: true });
    sequence.request(true);
    expect(log.slice(3, 5)).toEqual(['4', '-']);
    expect(errors).toEqual([]);
  });

  it('is not told of what another epoch had, nor when it goes on with one that was lost', () => {
    const { sequence, log, feed } = bench({ isReplayEnd: ({ end }) => end === true });
    feed({ id: 5, epoch: 'b' });
    sequence.disconnect();
    sequence.begin(true, { id: 9, epoch: 'a' });
    expect(sequence.position).toEqual({ id: 5, epoch: 'b' });
    feed({ id: 8, epoch: 'b' });
    sequence.disconnect();
    sequence.begin(true, { id: 5, epoch: 'b' });
    feed({ id: 6, epoch: 'b' }, { id: 8, epoch: 'b' });
    expect(log).toEqual(['5', '8', 'SEQUENCE_REGRESSED', '6']);
  });
});

describe('Sequence, before it has asked', () => {
  it('takes no marker for its own, judges nothing, and times no hole', () => {
    const { sequence, log, feed, isTimed, isAwaited } = bench({
      isReplayEnd: ({ end }) => end === true,
      order: 'dense',
    });
    feed(1);
    sequence.disconnect();
    sequence.begin(false);
    feed(4);
    sequence.receive({ end: true });
    expect([isTimed(), isAwaited()]).toEqual([false, false]);
    sequence.request(true);
    expect([isTimed(), isAwaited()]).toEqual([false, true]);
    feed(2, 3);
    sequence.receive({ end: true });
    expect(log).toEqual(['1', '-', '2r', '3r', '4r', '-', 'end 3 verified']);
  });

  it('does not say that the history is gone, for what comes is new', () => {
    const { sequence, log, feed } = bench({ inclusive: true });
    feed(5);
    sequence.disconnect();
    sequence.begin(false);
    feed(9);
    expect(log).toEqual(['5', '9']);
  });

  it('is over when what the URL has asked for is', () => {
    const { sequence, log, feed, isAwaited } = bench({ isReplayEnd: ({ end }) => end === true });
    feed('a');
    sequence.disconnect();
    sequence.begin(true);
    expect(isAwaited()).toBe(true);
    feed('b');
    sequence.receive({ end: true });
    expect(isAwaited()).toBe(false);
    expect(sequence.request(true)).toBe(false);
    expect(log).toEqual(['a', 'b', '-', 'end 0 unverified']);
  });
});
