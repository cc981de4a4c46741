import type { Cause, Phase } from 'jetsocket';
import { part, setText, svg } from './dom.js';
import { type Arrow, arrow, COUNTDOWN, EDGES, NODE, NODES, SIZE } from './geometry.js';

const RING_RADIUS = 15;

/** How often the countdown is drawn; more calmly for those who asked for calm. */
const FRAME_MS = 100;
const CALM_FRAME_MS = 500;

/** The state machine: its states, the one it is in, the way it last took and why, and the wait. */
export class Diagram {
  readonly #picture: SVGSVGElement;
  readonly #nodes = new Map<Phase, SVGGElement>();
  readonly #last = svg('g');
  readonly #ring = svg('circle', { class: 'ring', r: RING_RADIUS, pathLength: 1 });
  readonly #seconds = svg('text', { class: 'seconds', y: 4 });
  readonly #countdown = svg('g', {
    class: 'countdown',
    transform: `translate(${COUNTDOWN.x} ${COUNTDOWN.y})`,
    'data-testid': 'countdown',
  });
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor() {
    this.#picture = svg('svg', {
      viewBox: `0 0 ${SIZE.width} ${SIZE.height}`,
      role: 'img',
      'aria-label': 'State machine',
    });
    this.#countdown.append(
      svg('circle', { class: 'track', r: RING_RADIUS }),
      this.#ring,
      this.#seconds,
    );
    for (const phase of Object.keys(NODES) as Phase[]) this.#nodes.set(phase, nodeOf(phase));
    const ways = EDGES.map(([from, to]) => draw(arrow(from, to), 'edge'));
    this.#picture.append(...ways, ...this.#nodes.values(), this.#countdown, this.#last);
    part('diagram', HTMLElement).append(this.#picture);
    this.stopCountdown();
  }

  /** Lights a state up. */
  show(phase: Phase): void {
    for (const [name, node] of this.#nodes) node.classList.toggle('is-live', name === phase);
    this.#picture.setAttribute('aria-label', `State machine, now ${phase}`);
    if (phase !== 'backing_off') this.stopCountdown();
  }

  /** Draws the way just taken, and its cause. */
  take(from: Phase, to: Phase, cause: Cause): void {
    const way = arrow(from, to);
    const label = svg('text', { class: 'cause', x: way.label.x, y: way.label.y + 4 }, cause);
    this.#last.replaceChildren(draw(way, 'edge is-last'), label);
    keepInside(label, way.label.x);
    this.show(to);
  }

  /** Forgets the way taken before. */
  reset(): void {
    this.#last.replaceChildren();
    this.show('idle');
  }

  /** Shows how much of a wait is left. */
  startCountdown(delaySeconds: number): void {
    this.stopCountdown();
    const endMs = performance.now() + delaySeconds * 1_000;
    const tick = (): void => {
      const left = Math.max(0, (endMs - performance.now()) / 1_000);
      this.#ring.setAttribute(
        'stroke-dasharray',
        `${delaySeconds > 0 ? left / delaySeconds : 0} 1`,
      );
      setText(this.#seconds, left.toFixed(1));
    };
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.#countdown.removeAttribute('visibility');
    this.#timer = setInterval(tick, calm ? CALM_FRAME_MS : FRAME_MS);
    tick();
  }

  stopCountdown(): void {
    clearInterval(this.#timer);
    this.#countdown.setAttribute('visibility', 'hidden');
  }
}

function nodeOf(phase: Phase): SVGGElement {
  const { x, y } = NODES[phase];
  return svg(
    'g',
    { class: 'node', 'data-phase': phase, transform: `translate(${x} ${y})` },
    svg('rect', {
      x: -NODE.width / 2,
      y: -NODE.height / 2,
      width: NODE.width,
      height: NODE.height,
      rx: 10,
    }),
    svg('text', { y: 5 }, phase),
  );
}

function draw(way: Arrow, className: string): SVGGElement {
  const { x, y } = way.tip;
  return svg(
    'g',
    { class: className },
    svg('path', { class: 'line', d: way.path, pathLength: 1 }),
    svg('path', {
      class: 'tip',
      d: 'M0 0L-8 4.2L-8 -4.2Z',
      transform: `translate(${x} ${y}) rotate(${way.angle})`,
    }),
  );
}

/** A long cause at a way by the margin is moved in. */
function keepInside(label: SVGTextElement, x: number): void {
  const half = label.getComputedTextLength() / 2 + 4;
  label.setAttribute('x', String(Math.min(SIZE.width - half, Math.max(half, x))));
}
