import { describe, expect, it } from 'vitest';
import { SegmentQueue } from './segment-queue.js';

const segment = (text: string, dueMs = 0) => ({ bytes: Buffer.from(text), dueMs });

describe('SegmentQueue', () => {
  it('gives back what it was given, in pieces that never span two', () => {
    const queue = new SegmentQueue();
    queue.push(segment('abc', 1));
    queue.push(segment('de', 2));
    expect([queue.byteCount, queue.segmentCount]).toEqual([5, 2]);
    expect(String(queue.take(2))).toBe('ab');
    expect(queue.head).toEqual(segment('c', 1));
    expect([queue.byteCount, queue.segmentCount]).toEqual([3, 2]);
    expect(String(queue.take(9))).toBe('c');
    expect(String(queue.take(9))).toBe('de');
    expect([queue.head, queue.byteCount, queue.segmentCount]).toEqual([undefined, 0, 0]);
    expect(queue.take(1)).toHaveLength(0);
  });

  it('counts right over thousands', () => {
    const queue = new SegmentQueue();
    let [given, taken] = ['', ''];
    for (let round = 0; round < 5_000; round++) {
      queue.push(segment(`${round};`));
      given += `${round};`;
      if (round % 3 > 0) taken += String(queue.take(100));
    }
    while (queue.head) taken += String(queue.take(1));
    expect(taken).toBe(given);
    expect(queue.byteCount).toBe(0);
  });

  it('is empty when cleared', () => {
    const queue = new SegmentQueue();
    queue.push(segment('abc'));
    queue.take(1);
    queue.clear();
    expect([queue.head, queue.byteCount, queue.segmentCount]).toEqual([undefined, 0, 0]);
  });
});
