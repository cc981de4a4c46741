import { describe, expect, it } from 'vitest';
import type { Entry } from './delivery.js';
import { Outbox, type OutboxConfig } from './outbox.js';

/** One that keeps what is sent, with these messages, so many of them handed over. */
function outboxOf(messages: string, handed = 0, config: Partial<OutboxConfig> = {}): Outbox {
  const outbox = new Outbox({
    capacity: 100,
    maxBytes: 1_000,
    overflowPolicy: 'drop_oldest',
    awaitsAck: true,
    ...config,
  });
  for (const message of messages) outbox.add(message);
  for (let count = 0; count < handed; count++) outbox.advance();
  return outbox;
}

/** The highest number given, that of the oldest message, and that of the next one to hand over. */
const numbers = ({ highest, firstSeq, nextSeq }: Outbox): readonly number[] => [
  highest,
  firstSeq,
  nextSeq,
];

/** Hands over all that waits, each with its number. */
function handOver(outbox: Outbox): string {
  const handed: string[] = [];
  for (let one = outbox.next(); one !== undefined; one = outbox.next()) {
    handed.push(`${outbox.nextSeq}${String(one.data)}`);
    outbox.advance();
  }
  return handed.join(' ');
}

const statuses = (entries: readonly Entry[]): string[] => entries.map(({ status }) => status);

describe('Outbox, what others see to', () => {
  it('is sent, as far as is known here, and no loss; what has no number stays', async () => {
    const outbox = outboxOf('');
    const entries = [...'abcd'].map((message) => outbox.add(message));
    for (let count = 0; count < 3; count++) outbox.advance();
    const settled = entries[0]?.settled;
    outbox.handOn(2);
    expect(await settled).toBe('sent');
    expect(outbox.size).toBe(2);
    outbox.handOn(9);
    expect([outbox.size, outbox.bytes, outbox.counts.closed]).toEqual([1, 1, 0]);
    expect(entries.map(({ isFinal }) => isFinal)).toEqual([true, true, true, false]);
    expect(handOver(outbox)).toBe('4d');
  });
});

it('Outbox drops what is larger than this, was never handed over, and waits anywhere', () => {
  const outbox = new Outbox({
    capacity: 9,
    maxBytes: 99,
    overflowPolicy: 'error',
    awaitsAck: true,
  });
  const entries = ['handed over', 'first', 'abc', 'ab', 'fourth'].map((data) => outbox.add(data));
  outbox.advance();
  expect(outbox.removeOver(Infinity)).toEqual([]);
  expect(outbox.removeOver(3)).toEqual([entries[1], entries[4]]);
  expect(statuses(entries)).toEqual(['sent', 'dropped', 'buffered', 'buffered', 'dropped']);
  expect([outbox.size, outbox.bytes, outbox.waiting]).toEqual([3, 16, 2]);
  expect(handOver(outbox)).toBe('2abc 3ab');
});

describe('Outbox, numbers', () => {
  it('are given when messages are handed over', () => {
    expect(numbers(outboxOf('abc'))).toEqual([0, 1, 1]);
    const outbox = outboxOf('abc', 2);
    expect(numbers(outbox)).toEqual([2, 1, 3]);
    expect(handOver(outbox)).toBe('3c');
  });

  it('stay when messages are handed over again', () => {
    const outbox = outboxOf('abc', 2);
    outbox.rewind();
    expect(numbers(outbox)).toEqual([2, 1, 1]);
    expect(handOver(outbox)).toBe('1a 2b 3c');
  });

  it('are acknowledged, up to one and no further', () => {
    const outbox = outboxOf('abc', 3);
    outbox.acknowledgeSeq(2);
    expect([numbers(outbox), outbox.size]).toEqual([[3, 3, 4], 1]);
    outbox.acknowledgeSeq(2);
    expect(outbox.size).toBe(1);
  });

  it('that were not given are not acknowledged', () => {
    const outbox = outboxOf('abc', 1);
    outbox.acknowledgeSeq(5);
    expect([outbox.size, handOver(outbox)]).toEqual([2, '2b 3c']);
  });

  it('may be given to all at once, and hold their terms no longer', () => {
    const outbox = outboxOf('a', 1);
    outbox.add('b', { key: 'k', expiresAtMs: 5 });
    for (const message of 'xy') outbox.add(message);
    outbox.add('c', { expiresAtMs: 5 });
    outbox.numberAll();
    expect([numbers(outbox), outbox.withTerms]).toEqual([[5, 1, 2], 0]);
    expect(outbox.expire(5)).toBe(Infinity);
    outbox.add('d', { key: 'k' });
    expect(handOver(outbox)).toBe('2b 3x 4y 5c 6d');
  });

  it('begin again in another session', () => {
    const outbox = outboxOf('abc', 2);
    outbox.acknowledgeSeq(1);
    outbox.renumber();
    expect(numbers(outbox)).toEqual([0, 1, 1]);
    expect(handOver(outbox)).toBe('1b 2c');
  });

  it('go on after those that another process gave', () => {
    const outbox = outboxOf('');
    outbox.continueAfter(7);
    outbox.add('a');
    expect([numbers(outbox), handOver(outbox)]).toEqual([[7, 8, 8], '8a']);
  });

  it('find the payloads that have them', () => {
    const outbox = outboxOf('abcde', 4);
    outbox.acknowledgeSeq(1);
    expect(outbox.numberedFrom(0)).toEqual(['b', 'c', 'd']);
    expect(outbox.numberedFrom(2)).toEqual(['b', 'c', 'd']);
    expect(outbox.numberedFrom(3)).toEqual(['c', 'd']);
    expect(outbox.numberedFrom(5)).toEqual([]);
  });
});

describe('Outbox, what is given up', () => {
  it('is what has a number, where nobody can tell whether it arrived', () => {
    const outbox = outboxOf('abcd', 3);
    outbox.acknowledgeSeq(1);
    const dropped = outbox.dropNumbered();
    expect([dropped.length, statuses(dropped)]).toEqual([2, ['dropped', 'dropped']]);
    expect([outbox.size, outbox.counts.closed, handOver(outbox)]).toEqual([1, 2, '4d']);
  });

  it('is everything, and told', () => {
    const outbox = outboxOf('abc', 1);
    const dropped = outbox.dropAll();
    expect(statuses(dropped)).toEqual(['dropped', 'dropped', 'dropped']);
    expect([outbox.size, outbox.counts.closed, outbox.bytes]).toEqual([0, 3, 0]);
  });

  it('is everything that is kept, acknowledged or not', () => {
    const outbox = outboxOf('abc', 1);
    outbox.clear();
    expect([outbox.size, outbox.counts]).toEqual([
      0,
      { overflow: 0, expired: 0, replaced: 0, closed: 3 },
    ]);
  });

  it('is the oldest, as long as there is one', () => {
    const outbox = outboxOf('ab', 1);
    expect([outbox.dropOldest(), outbox.dropOldest(), outbox.dropOldest()]).toEqual([
      true,
      true,
      false,
    ]);
    expect([outbox.counts.overflow, outbox.takeDropped()]).toEqual([2, 2]);
  });

  it('is told in a total, which grows', () => {
    const outbox = outboxOf('abcd', 0, { capacity: 2, overflowPolicy: 'drop_newest' });
    expect(outbox.counts.overflow).toBe(2);
    outbox.takeDropped();
    expect(outbox.counts.overflow).toBe(2);
  });
});

describe('Outbox that spares what has a number', () => {
  const SPARING = { sparesNumbered: true, capacity: 4 };

  it('drops the oldest that has none, and all keep their number and turn', () => {
    const outbox = outboxOf('abcd', 2, SPARING);
    outbox.add('e');
    expect([numbers(outbox), outbox.size, outbox.waiting]).toEqual([[2, 1, 3], 4, 2]);
    outbox.rewind();
    expect(handOver(outbox)).toBe('1a 2b 3d 4e');
  });

  it('drops one after another', () => {
    const outbox = outboxOf('abcd', 2, SPARING);
    for (const message of 'efghijklmnopqrstuvwxyz') outbox.add(message);
    outbox.rewind();
    expect(handOver(outbox)).toBe('1a 2b 3y 4z');
  });

  it('drops the oldest of all where all have one, or none has', () => {
    const numbered = outboxOf('abcd', 4, SPARING);
    numbered.add('e');
    numbered.rewind();
    expect(handOver(numbered)).toBe('2b 3c 4d 5e');
    const waiting = outboxOf('abcde', 0, SPARING);
    expect(handOver(waiting)).toBe('1b 2c 3d 4e');
  });

  it('does not where it is not told to', () => {
    for (const sparesNumbered of [false, undefined]) {
      const outbox = outboxOf('abcd', 2, { capacity: 4, sparesNumbered });
      outbox.add('e');
      outbox.rewind();
      expect(handOver(outbox)).toBe('2b 3c 4d 5e');
    }
  });

  it('forgets the terms of what it drops', () => {
    const outbox = outboxOf('ab', 2, SPARING);
    outbox.add('c', { key: 'k' });
    for (const message of 'de') outbox.add(message);
    expect(outbox.withTerms).toBe(0);
    outbox.rewind();
    expect(handOver(outbox)).toBe('1a 2b 3d 4e');
  });
});

describe('Outbox, acknowledgements by id', () => {
  it('are not of what was never handed over, though a later one passed', () => {
    const outbox = outboxOf('ab', 1);
    const passed = outbox.pass();
    expect([passed.id, outbox.acknowledge(3)]).toEqual([3, true]);
    expect([outbox.size, handOver(outbox)]).toEqual([1, '2b']);
  });
});

describe('Outbox, the mark', () => {
  it('tells how many of those wait that were there', () => {
    const outbox = outboxOf('abc', 1);
    expect(outbox.markedWaiting).toBe(0);
    outbox.mark();
    outbox.add('d');
    expect(outbox.markedWaiting).toBe(2);
    outbox.advance();
    expect(outbox.markedWaiting).toBe(1);
    outbox.advance();
    outbox.advance();
    expect(outbox.markedWaiting).toBe(0);
  });
});
