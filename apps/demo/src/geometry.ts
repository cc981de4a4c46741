/** Where the states stand in the diagram, and how the arrows between them run. Pure. */
import type { Phase } from 'jetsocket';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** An arrow as drawn. */
export interface Arrow {
  readonly path: string;
  readonly tip: Point;
  /** Of the tip, in degrees. */
  readonly angle: number;
  readonly label: Point;
}

export const SIZE = { width: 344, height: 308 };
export const NODE = { width: 116, height: 40 };

/**
 * Two columns, so that it fits a phone: what the user does on the right, what the network does below,
 * with room for the causes in between.
 */
export const NODES: Readonly<Record<Phase, Point>> = {
  idle: { x: 62, y: 104 },
  connecting: { x: 62, y: 184 },
  backing_off: { x: 62, y: 284 },
  closed: { x: 282, y: 24 },
  closing: { x: 282, y: 104 },
  connected: { x: 282, y: 184 },
  failed: { x: 282, y: 284 },
};

/** Beside `backing_off`. */
export const COUNTDOWN: Point = { x: 144, y: 284 };

type Edge = `${Phase}>${Phase}`;

/** The ways that are always drawn. The rarer ones appear when they are taken. */
export const EDGES: readonly (readonly [from: Phase, to: Phase])[] = [
  ['idle', 'connecting'],
  ['connecting', 'connected'],
  ['connecting', 'backing_off'],
  ['backing_off', 'connecting'],
  ['connected', 'backing_off'],
  ['connecting', 'failed'],
  ['connected', 'failed'],
  ['connected', 'closing'],
  ['closing', 'closed'],
];

/** There and back side by side: how far each is from the middle. */
const LANES: Partial<Record<Edge, number>> = {
  'connecting>backing_off': 16,
  'backing_off>connecting': 16,
  'connecting>connected': 8,
  'connected>connecting': 8,
  'connecting>failed': 6,
  'failed>connecting': 6,
};

/** Around what stands in the way: how far the middle is pushed aside, to the left of its direction. */
const BOWS: Partial<Record<Edge, number>> = {
  'connected>closed': 80,
};

/** Between what stands in the way: how far begin and end are from the middle of their states. */
const ANCHORS: Partial<Record<Edge, readonly [begin: number, end: number]>> = {
  'backing_off>closed': [40, -50],
};

const GAP = 3;

export function arrow(from: Phase, to: Phase): Arrow {
  const [a, b] = [NODES[from], NODES[to]];
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
  const normal = { x: (b.y - a.y) / length, y: (a.x - b.x) / length };
  const lane = LANES[`${from}>${to}`] ?? 0;
  const bow = BOWS[`${from}>${to}`] ?? 0;
  const [beginX, endX] = ANCHORS[`${from}>${to}`] ?? [0, 0];
  const begin = move({ x: a.x + beginX, y: a.y }, normal, lane);
  const end = move({ x: b.x + endX, y: b.y }, normal, lane);
  const control = move(middle(begin, end), normal, 2 * bow);
  const start = leave(a, begin, control);
  const tip = leave(b, end, control);
  const angle = (Math.atan2(tip.y - control.y, tip.x - control.x) * 180) / Math.PI;
  const label = middle(middle(start, tip), control);
  const path = `M${text(start)}Q${text(control)} ${text(tip)}`;
  return { path, tip, angle: round(angle), label: { x: round(label.x), y: round(label.y) } };
}

/** Where the line from inside a node towards a point crosses the node's border. */
function leave(node: Point, inside: Point, towards: Point): Point {
  const [dx, dy] = [towards.x - inside.x, towards.y - inside.y];
  const reach = (delta: number, offset: number, half: number): number =>
    delta === 0 ? Infinity : (half + GAP - Math.sign(delta) * offset) / Math.abs(delta);
  const share = Math.min(
    reach(dx, inside.x - node.x, NODE.width / 2),
    reach(dy, inside.y - node.y, NODE.height / 2),
  );
  return { x: round(inside.x + dx * share), y: round(inside.y + dy * share) };
}

function move(point: Point, direction: Point, distance: number): Point {
  return { x: point.x + direction.x * distance, y: point.y + direction.y * distance };
}

function middle(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

const round = (value: number): number => Math.round(value * 10) / 10;
const text = ({ x, y }: Point): string => `${round(x)} ${round(y)}`;
