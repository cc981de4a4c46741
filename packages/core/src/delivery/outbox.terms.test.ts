import { describe, expect, it } from 'vitest';
import { JetSocketError } from '../errors.js';
import type { Entry, Terms } from './delivery.js';
import { Outbox, type OutboxConfig } from './outbox.js';

/** An outbox that tells the time, and takes these messages: `a`, with the key `a k`, until a time `a !10`, being encoded `a ?`. */
class Bench {
  nowMs = 0;
  readonly outbox: Outbox;

  constructor(config: Partial<OutboxConfig> = {}, ...messages: string[]) {
    this.outbox = new Outbox({
      capacity: 100,
      maxBytes: 1_000,
      overflowPolicy: 'drop_oldest',
      awaitsAck: false,
      now: () => this.nowMs,
      ...config,
    });
    for (const message of messages) this.add(message);
  }

  add(message: string): Entry {
    const [data = '', ...words] = message.split(' ');
    if (words.length === 0) return this.outbox.add(data);
    const terms: Terms = {};
    for (const word of words) {
      if (word === '?') terms.pendingSinceMs = this.nowMs;
      else if (word.startsWith('!')) Object.assign(terms, { expiresAtMs: Number(word.slice(1)) });
      else Object.assign(terms, { key: word });
    }
    return this.outbox.add(terms.pendingSinceMs === undefined ? data : '', terms);
  }

  /** Hands over all that may be, and tells what that was. */
  handOver(): string {
    let handed = '';
    for (let one = this.outbox.next(); one !== undefined; one = this.outbox.next()) {
      handed += String(one.data);
      this.outbox.advance();
    }
    return handed;
  }
}

const ACKED = { awaitsAck: true };
const statuses = (entries: readonly Entry[]): string =>
  entries.map(({ status }) => status).join(' ');

function caught(run: () => unknown): JetSocketError {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof JetSocketError) return thrown;
    throw thrown;
  }
  throw new Error('Nothing was thrown');
}

describe('Outbox, a message with a key', () => {
  it('takes the place and the id of the older one, which is dropped', () => {
    const bench = new Bench();
    const entries = ['aaa k', 'b', 'cc k'].map((message) => bench.add(message));
    expect(entries.map(({ id }) => id)).toEqual([1, 2, 1]);
    expect(statuses(entries)).toBe('dropped buffered buffered');
    expect([bench.outbox.size, bench.outbox.bytes, bench.outbox.withTerms]).toEqual([2, 3, 1]);
    expect(bench.outbox.counts).toEqual({ overflow: 0, expired: 0, replaced: 1, closed: 0 });
    expect([bench.handOver(), bench.outbox.withTerms]).toEqual(['ccb', 0]);
  });

  it('is itself replaced by the next', () => {
    expect(new Bench({}, 'a k', 'b', 'c k', 'd k').handOver()).toBe('db');
  });

  it('leaves those with another key, or none, alone', () => {
    expect(new Bench({}, 'a k', 'b l', 'c', 'd').handOver()).toBe('abcd');
    const { outbox } = new Bench();
    outbox.add('a', { key: 1 });
    outbox.add('b', { key: '1' });
    expect(outbox.size).toBe(2);
  });

  it('goes behind all others once the older one was handed over', () => {
    const bench = new Bench({}, 'a k');
    expect(bench.handOver()).toBe('a');
    for (const message of ['b', 'c k']) bench.add(message);
    expect(bench.handOver()).toBe('bc');
  });

  it('goes behind all others once the older one was handed over, and waits for its turn again', () => {
    const bench = new Bench(ACKED, 'a k');
    bench.handOver();
    bench.outbox.rewind();
    for (const message of ['b', 'c k']) bench.add(message);
    expect(bench.handOver()).toBe('abc');
  });

  it.each<readonly [string, (outbox: Outbox) => unknown]>([
    ['made room', (outbox) => outbox.dropOldest()],
    ['was given up', (outbox) => outbox.clear()],
    ['got a number', (outbox) => outbox.numberAll()],
  ])('replaces nothing once the older one %s', (_name, leave) => {
    const bench = new Bench(ACKED, 'a k');
    leave(bench.outbox);
    expect(bench.outbox.withTerms).toBe(0);
    for (const message of ['b', 'c k']) bench.add(message);
    expect(bench.handOver()).toMatch(/^a?bc$/);
  });

  it('finds its place after others have gone', () => {
    const bench = new Bench({}, 'a k', 'b !5', 'c', 'd l');
    bench.outbox.expire(5);
    for (const message of ['A k', 'D l']) bench.add(message);
    expect(bench.handOver()).toBe('AcD');
  });

  it('has its own time, not that of the older one', () => {
    const bench = new Bench({}, 'a k !5', 'b k');
    expect(bench.outbox.expire(5)).toBe(Infinity);
    expect(bench.handOver()).toBe('b');
  });

  it('may be as large as there is room without the older one', () => {
    const bench = new Bench({ maxBytes: 4, overflowPolicy: 'error' }, 'a', 'b k');
    bench.add('ccc k');
    expect(bench.handOver()).toBe('accc');
  });

  it('that is too large for the place throws by the policy error, and changes nothing', () => {
    const bench = new Bench({ maxBytes: 4, overflowPolicy: 'error' }, 'a', 'b k');
    const thrown = caught(() => bench.add('cccc k'));
    expect([thrown.code, thrown.message]).toEqual([
      'BUFFER_OVERFLOW',
      'Cannot send: 4 bytes more would pass buffer.maxBytes, 4',
    ]);
    expect(thrown.hint).toContain('buffer.overflowPolicy');
    expect([bench.outbox.counts.replaced, bench.handOver()]).toEqual([0, 'ab']);
  });

  it('that is too large for the place is dropped by the policy drop_newest', () => {
    const bench = new Bench({ maxBytes: 4, overflowPolicy: 'drop_newest' }, 'a', 'b k');
    expect(bench.add('cccc k').status).toBe('dropped');
    expect(bench.outbox.counts).toMatchObject({ overflow: 1, replaced: 0 });
    expect([bench.outbox.takeDropped(), bench.handOver()]).toEqual([1, 'ab']);
  });

  it('that is too large for the place drops the oldest by the policy drop_oldest', () => {
    const bench = new Bench({ maxBytes: 4 }, 'a', 'd', 'b k');
    bench.add('ccc k');
    expect(bench.outbox.counts).toMatchObject({ overflow: 1, replaced: 1 });
    expect([bench.outbox.bytes, bench.handOver()]).toEqual([4, 'dccc']);
  });
});

describe('Outbox, a message with a time', () => {
  it('is handed over before it, and not at it', () => {
    for (const [nowMs, handed] of [
      [9, 'ab'],
      [10, 'b'],
    ] as const) {
      const bench = new Bench({}, 'a !10', 'b');
      bench.nowMs = nowMs;
      expect(bench.handOver()).toBe(handed);
    }
  });

  it('is handed over at any time where nobody tells it', () => {
    const bench = new Bench({ now: undefined }, 'a !10');
    bench.nowMs = 20;
    expect(bench.handOver()).toBe('a');
  });

  it('goes with all others whose time is over, and those before move up', () => {
    const bench = new Bench();
    const entries = ['a', 'bb !5', 'c !20', 'd !10', 'e'].map((message) => bench.add(message));
    expect(bench.outbox.expire(10)).toBe(20);
    expect(statuses(entries)).toBe('buffered dropped buffered dropped buffered');
    expect([bench.outbox.size, bench.outbox.bytes, bench.outbox.withTerms]).toEqual([3, 3, 1]);
    expect(bench.outbox.counts).toEqual({ overflow: 0, expired: 2, replaced: 0, closed: 0 });
    expect([bench.outbox.takeDropped(), bench.handOver()]).toEqual([0, 'ace']);
  });

  it('tells when the next one goes: the first, and never where there is none', () => {
    expect(new Bench({}, 'a !30', 'b !20', 'c !25').outbox.expire(10)).toBe(20);
    expect(new Bench({}, 'a k', 'b').outbox.expire(10)).toBe(Infinity);
    expect(new Bench({}, 'a').outbox.expire(10)).toBe(Infinity);
  });

  it('takes others along when its own turn comes too late', () => {
    const bench = new Bench({}, 'a !5', 'b', 'c !5');
    bench.nowMs = 5;
    expect(bench.outbox.next()?.data).toBe('b');
    expect([bench.outbox.size, bench.outbox.counts.expired]).toEqual([1, 2]);
  });

  it('that was handed over has none any more: it may be at the other end', () => {
    const bench = new Bench(ACKED, 'a !5', 'b !5');
    bench.outbox.advance();
    bench.outbox.rewind();
    bench.nowMs = 5;
    expect(bench.outbox.expire(5)).toBe(Infinity);
    expect([bench.handOver(), bench.outbox.size]).toEqual(['a', 1]);
  });

  it('leaves the numbers of those before as they were', () => {
    const bench = new Bench(ACKED, 'a', 'b', 'c !5', 'd');
    bench.outbox.advance();
    bench.outbox.expire(5);
    expect([bench.outbox.highest, bench.outbox.firstSeq, bench.outbox.nextSeq]).toEqual([1, 1, 2]);
    bench.outbox.rewind();
    expect([bench.outbox.nextSeq, bench.handOver()]).toEqual([1, 'abd']);
  });

  it('is no longer one of those that were there at the mark', () => {
    const bench = new Bench({}, 'a', 'b !5', 'c !5');
    bench.outbox.mark();
    for (const message of ['d !5', 'e']) bench.add(message);
    expect(bench.outbox.markedWaiting).toBe(3);
    bench.outbox.expire(5);
    expect(bench.outbox.markedWaiting).toBe(1);
    expect(bench.handOver()).toBe('ae');
    expect(bench.outbox.markedWaiting).toBe(0);
  });

  it('goes wherever it stands in the ring', () => {
    const bench = new Bench();
    for (let round = 0; round < 40; round++) {
      for (const message of ['a', 'b !5', 'c k', 'd !5', 'C k', 'e']) bench.add(message);
      bench.outbox.expire(5);
      expect(bench.handOver()).toBe('aCe');
      expect([bench.outbox.bytes, bench.outbox.withTerms]).toEqual([0, 0]);
    }
  });
});

describe('Outbox, a message that is being encoded', () => {
  it('is waited for, with all behind it, and nobody else is', () => {
    const bench = new Bench({}, 'a');
    bench.nowMs = 7;
    const entry = bench.add('b ?');
    bench.add('c');
    expect([bench.outbox.blocked, bench.outbox.blockedSinceMs]).toEqual([undefined, undefined]);
    expect(bench.handOver()).toBe('a');
    expect([bench.outbox.blocked, bench.outbox.blockedSinceMs]).toEqual([entry, 7]);
    bench.outbox.fill(entry, 'bb');
    expect([bench.outbox.blocked, bench.outbox.blockedSinceMs]).toEqual([undefined, undefined]);
    expect([bench.outbox.bytes, bench.handOver(), bench.outbox.bytes]).toEqual([3, 'bbc', 0]);
  });

  it('is not waited for when it waits behind others, or nobody does', () => {
    const bench = new Bench({}, 'a', 'b ?');
    expect(bench.outbox.blocked).toBeUndefined();
    const empty = new Bench({}, 'a ?');
    empty.outbox.clear();
    expect([empty.outbox.blocked, empty.outbox.blockedSinceMs]).toEqual([undefined, undefined]);
  });

  it('blocks nothing once those that can be encoded are all handed over', () => {
    const bench = new Bench(ACKED, 'a k');
    bench.handOver();
    expect([bench.outbox.withTerms, bench.outbox.blockedSinceMs]).toEqual([0, undefined]);
  });

  it('may be bytes', () => {
    const bench = new Bench({}, 'a ?');
    const [entry] = [bench.outbox.blocked];
    if (entry !== undefined) bench.outbox.fill(entry, new Uint8Array(5));
    expect(bench.outbox.bytes).toBe(5);
  });

  it.each(['drop_oldest', 'drop_newest', 'error'] as const)(
    'may be as large as there is room, by the policy %s',
    (overflowPolicy) => {
      const bench = new Bench({ maxBytes: 4, overflowPolicy }, 'a');
      const entry = bench.add('b ?');
      bench.outbox.fill(entry, 'bbb');
      expect([bench.outbox.takeDropped(), bench.handOver()]).toEqual([0, 'abbb']);
    },
  );

  it('that comes out too large drops the oldest by the policy drop_oldest', () => {
    const bench = new Bench({ maxBytes: 4 }, 'a', 'c');
    const entry = bench.add('b ?');
    bench.outbox.fill(entry, 'bbb');
    expect(bench.outbox.counts.overflow).toBe(1);
    expect([bench.outbox.takeDropped(), bench.handOver()]).toEqual([1, 'cbbb']);
  });

  it.each(['drop_newest', 'error'] as const)(
    'that comes out too large is dropped itself by the policy %s',
    (overflowPolicy) => {
      const bench = new Bench({ maxBytes: 4, overflowPolicy }, 'a');
      const entry = bench.add('b ?');
      bench.add('c');
      bench.outbox.fill(entry, 'bbb');
      expect([entry.status, bench.outbox.bytes]).toEqual(['dropped', 2]);
      expect(bench.outbox.counts.overflow).toBe(1);
      expect([bench.outbox.takeDropped(), bench.handOver()]).toEqual([1, 'ac']);
    },
  );

  it('that was dropped meanwhile is not kept', () => {
    const bench = new Bench();
    const entry = bench.add('a ?');
    bench.outbox.clear();
    bench.outbox.fill(entry, 'aaa');
    expect([entry.data, bench.outbox.bytes]).toEqual(['', 0]);
  });

  it('is encoded once', () => {
    const bench = new Bench(ACKED);
    const entry = bench.add('a ?');
    bench.outbox.fill(entry, 'a');
    bench.handOver();
    bench.outbox.fill(entry, 'aaa');
    expect([entry.data, bench.outbox.bytes]).toEqual(['a', 1]);
  });

  it('goes when its time is over', () => {
    const bench = new Bench({}, 'a ? !5', 'b');
    bench.nowMs = 5;
    expect(bench.handOver()).toBe('b');
  });

  it('may be taken back, and those before it move up', () => {
    const bench = new Bench({}, 'a', 'b k');
    const entry = bench.add('c ?');
    bench.add('d');
    bench.outbox.remove(entry);
    bench.outbox.remove(entry);
    bench.add('B k');
    expect([entry.status, bench.outbox.size, bench.handOver()]).toEqual(['dropped', 3, 'aBd']);
  });

  it('cannot be taken back once it was handed over', () => {
    const bench = new Bench(ACKED);
    const entry = bench.add('a');
    bench.outbox.advance();
    bench.outbox.rewind();
    bench.outbox.remove(entry);
    expect([entry.status, bench.handOver()]).toEqual(['buffered', 'a']);
  });
});
