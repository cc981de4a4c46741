import { expect, it } from 'vitest';
import { lookAtHeap, moreOf, tally } from './heap.mjs';

class Kept {}

it('lookAtHeap() counts what is kept, and nothing that is let go of', async () => {
  /** @type {Kept[]} */
  const kept = Array.from({ length: 1_000 }, () => new Kept());
  const before = await lookAtHeap();
  kept.length = 10;
  const after = await lookAtHeap();
  // All that was let go of is gone, though nobody called for a collection.
  expect((before.counts.get('Kept') ?? 0) - (after.counts.get('Kept') ?? 0)).toBe(990);
  expect(before.bytes).toBeGreaterThan(1_000_000);
});

const SNAPSHOT = {
  snapshot: {
    meta: {
      node_fields: ['type', 'name', 'id', 'self_size'],
      node_types: /** @type {[string[], ...string[]]} */ ([
        ['hidden', 'object', 'code'],
        'string',
        'number',
        'number',
      ]),
    },
  },
  nodes: [
    ...[1, 1, 1, 40], // An Attempt.
    ...[2, 1, 3, 1_000], // Its code.
    ...[1, 1, 5, 40], // Another one.
    ...[0, 0, 7, 8], // Something of V8's own.
  ],
  strings: ['', 'Attempt'],
};

it('tally() adds up all but code', () => {
  expect(tally(SNAPSHOT)).toEqual({ bytes: 88, counts: new Map([['Attempt', 2]]) });
});

it('tally() refuses a format without what it needs', () => {
  const meta = { ...SNAPSHOT.snapshot.meta, node_fields: ['type', 'name'] };
  expect(() => tally({ ...SNAPSHOT, snapshot: { meta } })).toThrow('it has no self_size');
});

it('moreOf() tells of growth, the worst first, and of nothing else', () => {
  const before = new Map([['Same', 5], ['Less', 5], ['More', 5]]); // prettier-ignore
  const after = new Map([['Same', 5], ['Less', 4], ['More', 15], ['New', 30], ['Few', 9]]); // prettier-ignore
  expect(moreOf(before, after, 10)).toEqual([
    { name: 'New', more: 30 },
    { name: 'More', more: 10 },
  ]);
});
