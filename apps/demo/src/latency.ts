import { part, setText, svg } from './dom.js';

/** How many answers the line shows. */
const MAX_POINTS = 60;

/** With fewer than this it begins further right: it is to grow, not to jump. */
const LEAST_POINTS = 16;

const WIDTH = 300;
const HEIGHT = 64;
const MARGIN = 5;

/** Below this the line stays low: noise of a healthy connection is not to look like trouble. */
const LEAST_SCALE_MS = 10;

/** A line of the latest heartbeats' round trips. */
export class Latency {
  readonly #line = svg('polyline', { class: 'line' });
  readonly #dot = svg('circle', { class: 'dot', r: 3.5 });
  readonly #scale = svg('text', { class: 'scale', x: WIDTH - MARGIN, y: 12 });
  readonly #picture = svg(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': 'No latency measured yet' },
    svg('line', { class: 'floor', x1: 0, x2: WIDTH, y1: HEIGHT - MARGIN, y2: HEIGHT - MARGIN }),
    this.#line,
    this.#dot,
    this.#scale,
  );
  readonly #last = part('latency-last', HTMLElement);
  readonly #median = part('latency-median', HTMLElement);
  readonly #max = part('latency-max', HTMLElement);
  #values: number[] = [];

  constructor() {
    part('latency', HTMLElement).append(this.#picture);
    this.#render();
  }

  add(latencyMs: number): void {
    this.#values = [...this.#values, latencyMs].slice(-MAX_POINTS);
    this.#render();
  }

  clear(): void {
    this.#values = [];
    this.#render();
  }

  #render(): void {
    const sorted = [...this.#values].sort((one, other) => one - other);
    const [last, median, max] = [this.#values.at(-1), sorted[sorted.length >> 1], sorted.at(-1)];
    setText(this.#last, format(last));
    setText(this.#median, format(median));
    setText(this.#max, format(max));
    this.#dot.setAttribute('visibility', last === undefined ? 'hidden' : 'visible');
    if (last === undefined) {
      setText(this.#scale, 'No pong yet');
      return this.#line.setAttribute('points', '');
    }
    const scale = Math.max(LEAST_SCALE_MS, max ?? 0);
    const points = this.#values.map((value, index) => this.#point(value, index, scale));
    this.#line.setAttribute('points', points.join(' '));
    const [x = '', y = ''] = points.at(-1)?.split(',') ?? [];
    this.#dot.setAttribute('cx', x);
    this.#dot.setAttribute('cy', y);
    setText(this.#scale, `${Math.round(scale)} ms`);
    this.#picture.setAttribute(
      'aria-label',
      `Latency, last ${format(last)}, highest ${format(max)}`,
    );
  }

  /** The newest stands at the right, and the others behind it. */
  #point(value: number, index: number, scale: number): string {
    const step = (WIDTH - 2 * MARGIN) / (Math.max(LEAST_POINTS, this.#values.length) - 1);
    const x = WIDTH - MARGIN - (this.#values.length - 1 - index) * step;
    const y = HEIGHT - MARGIN - (value / scale) * (HEIGHT - 2 * MARGIN - 12);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  }
}

function format(value: number | undefined): string {
  if (value === undefined) return '–';
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}
