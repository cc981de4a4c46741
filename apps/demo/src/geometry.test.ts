import type { Phase } from 'jetsocket';
import { describe, expect, it } from 'vitest';
import { arrow, EDGES, NODE, NODES, type Point, SIZE } from './geometry.js';

/** Every way that the state machine can go, drawn always or only when taken. */
const WAYS: (readonly [Phase, Phase])[] = [
  ...EDGES,
  ['idle', 'closed'],
  ['connecting', 'closed'],
  ['connected', 'connecting'],
  ['connected', 'closed'],
  ['backing_off', 'closed'],
  ['closed', 'connecting'],
  ['failed', 'connecting'],
];

describe.each(WAYS)('arrow() from %s to %s', (from, to) => {
  const { path, tip, label } = arrow(from, to);

  it('ends at the border', () => {
    expect(distanceTo(NODES[to], tip)).toBeGreaterThan(2.5);
    expect(distanceTo(NODES[to], tip)).toBeLessThan(4.5);
  });

  it('runs through no other state', () => {
    for (const [name, node] of Object.entries(NODES)) {
      const touched = pointsOf(path).filter((point) => distanceTo(node, point) === 0);
      expect(touched, name).toEqual([]);
    }
  });

  it('stays in the picture, its label too', () => {
    for (const { x, y } of [...pointsOf(path), label]) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x).toBeLessThanOrEqual(SIZE.width);
      expect(y).toBeGreaterThanOrEqual(0);
      expect(y).toBeLessThanOrEqual(SIZE.height);
    }
  });
});

it('arrow() there and back do not cover each other', () => {
  expect(arrow('connecting', 'backing_off').tip.x).not.toBe(
    arrow('backing_off', 'connecting').tip.x,
  );
});

/** How far a point is outside a node; 0 within. */
function distanceTo(node: Point, { x, y }: Point): number {
  const dx = Math.max(0, Math.abs(x - node.x) - NODE.width / 2);
  const dy = Math.max(0, Math.abs(y - node.y) - NODE.height / 2);
  return Math.hypot(dx, dy);
}

/** Points along the curve of a path `Mx yQx y x y`. */
function pointsOf(path: string): Point[] {
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0, x2 = 0, y2 = 0] = (path.match(/-?[\d.]+/g) ?? []).map(
    Number,
  );
  return Array.from({ length: 51 }, (_, index) => {
    const t = index / 50;
    const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t ** 2];
    return { x: a * x0 + b * x1 + c * x2, y: a * y0 + b * y1 + c * y2 };
  });
}
