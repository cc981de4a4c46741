/** A storm as a picture: for each client attempts in every 100 ms, on a scale of powers of ten, and who is back. */
import type { Result, Scene } from './scenes.ts';
import { BIN_MS } from './storm.ts';

const COLUMNS = 2;
const PANEL = { width: 410, height: 132, gapX: 104, gapY: 58 };
const MARGIN = { left: 58, top: 76, right: 58, bottom: 44 };
/** Longer than most take, and short enough to see the first second. */
const SHOWN_MS = 90_000;

/** In the colour of the lines. */
const LEGEND =
  '<tspan class="share">Lines: share of clients that are connected again, right scale.</tspan>';

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/** Colours follow the reader's light or dark scheme, also inside an `<img>`. */
const STYLE = `
  svg { --ink: #1f2328; --soft: #59636e; --grid: #d8dee4; --page: #ffffff; --ours: #0969da; --theirs: #8c6d46; --back: #1a7f37; }
  @media (prefers-color-scheme: dark) {
    svg { --ink: #f0f6fc; --soft: #9198a1; --grid: #30363d; --page: #0d1117; --ours: #58a6ff; --theirs: #c9a26d; --back: #3fb950; }
  }
  text { font: 12px system-ui, sans-serif; fill: var(--soft); }
  .title { font-size: 17px; font-weight: 600; fill: var(--ink); }
  .name { font-size: 14px; font-weight: 600; fill: var(--ink); }
  .page { fill: var(--page); }
  .grid { stroke: var(--grid); fill: none; }
  .away { fill: var(--grid); opacity: 0.45; }
  .attempts { stroke-width: 1.2; fill-opacity: 0.25; }
  .ours { stroke: var(--ours); fill: var(--ours); }
  .theirs { stroke: var(--theirs); fill: var(--theirs); }
  .back { stroke: var(--back); stroke-width: 2; fill: none; }
  .end { text-anchor: end; }
  .middle { text-anchor: middle; }
  .share { fill: var(--back); }
`;

export function plot({ title, options, results }: Scene): string {
  const rows = Math.ceil(results.length / COLUMNS);
  const width = MARGIN.left + COLUMNS * (PANEL.width + PANEL.gapX) - PANEL.gapX + MARGIN.right;
  const height = MARGIN.top + rows * (PANEL.height + PANEL.gapY) - PANEL.gapY + MARGIN.bottom;
  const scale = scaleOf(options.clients, options.awayMs);
  const panels = results.map((result, index) => {
    const x = MARGIN.left + (index % COLUMNS) * (PANEL.width + PANEL.gapX);
    const y = MARGIN.top + Math.floor(index / COLUMNS) * (PANEL.height + PANEL.gapY);
    return `<g transform="translate(${x} ${y})">${panel(result, scale, index === 0)}</g>`;
  });
  const clients = number.format(options.clients);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${title}: ${clients} clients that one server has lost</title>
<style>${STYLE}</style>
<rect class="page" width="${width}" height="${height}" rx="6"/>
<text class="title" x="${MARGIN.left}" y="28">${title}: ${clients} clients that one server has lost</text>
<text x="${MARGIN.left}" y="47">Areas: attempts in each 100 ms, left scale, powers of ten. ${LEGEND}</text>
${panels.join('\n')}
</svg>
`;
}

interface Scale {
  readonly x: (ms: number) => number;
  readonly attempts: (count: number) => number;
  readonly powers: readonly number[];
  readonly endMs: number;
  readonly awayMs: number;
  readonly clients: number;
}

function scaleOf(clients: number, awayMs: number): Scale {
  const endMs = awayMs + SHOWN_MS;
  const decades = Math.max(1, Math.ceil(Math.log10(clients)));
  return {
    x: (ms) => (ms / endMs) * PANEL.width,
    // One attempt is told from none: the scale begins below 1.
    attempts: (count) =>
      PANEL.height * (1 - (count === 0 ? 0 : (Math.log10(count) + 0.3) / (decades + 0.3))),
    powers: Array.from({ length: decades + 1 }, (_, power) => 10 ** power),
    endMs,
    awayMs,
    clients,
  };
}

function panel({ outcome, figures }: Result, scale: Scale, isOurs: boolean): string {
  const version = isOurs ? '' : ` ${outcome.version}`;
  const away = `<rect class="away" width="${fixed(scale.x(scale.awayMs))}" height="${PANEL.height}"/>`;
  return [
    scale.awayMs > 0 ? away : '',
    axes(scale),
    `<path class="attempts ${isOurs ? 'ours' : 'theirs'}" d="${area(outcome.attempts, scale)}"/>`,
    `<path class="back" d="${share(outcome.accepted, scale)}"/>`,
    `<text class="name" y="-9">${outcome.name}${version}</text>`,
    `<text class="end" x="${PANEL.width}" y="-9">${summary(figures)}</text>`,
  ].join('');
}

function summary({ peak, allMs, givenUp, connected }: Result['figures']): string {
  const lost = `${number.format((givenUp / (connected + givenUp)) * 100)} % gave up`;
  const all = allMs === undefined ? 'not all back' : `back in ${number.format(allMs / 1_000)} s`;
  return `peak ${number.format(peak)}, ${givenUp > 0 ? lost : all}`;
}

function axes({ x, attempts, powers, endMs }: Scale): string {
  const lines = powers.map((count) => {
    const y = fixed(attempts(count));
    return `<path class="grid" d="M0 ${y}H${PANEL.width}"/><text class="end" x="-8" y="${Number(y) + 4}">${compact(count)}</text>`;
  });
  const times = Array.from({ length: Math.floor(endMs / 30_000) + 1 }, (_, step) => step * 30_000);
  const ticks = times.map(
    (ms) =>
      `<text class="middle" x="${fixed(x(ms))}" y="${PANEL.height + 17}">${ms / 1_000} s</text>`,
  );
  const shares = [0, 50, 100].map((percent) => {
    const y = fixed(PANEL.height * (1 - percent / 100) + 4);
    return `<text class="share" x="${PANEL.width + 8}" y="${y}">${percent} %</text>`;
  });
  const floor = `<path class="grid" d="M0 0V${PANEL.height}H${PANEL.width}"/>`;
  return [...lines, ...ticks, ...shares, floor].join('');
}

/** A step for every bin, for as long as anything happens: what is zero is drawn as nothing. */
function area(bins: Uint32Array, { x, attempts, endMs }: Scale): string {
  let path = `M0 ${PANEL.height}`;
  let height = fixed(PANEL.height);
  bins.subarray(0, Math.ceil(endMs / BIN_MS)).forEach((count, bin) => {
    const y = fixed(attempts(count));
    if (y === height) return;
    path += `H${fixed(x(bin * BIN_MS))}V${y}`;
    height = y;
  });
  return `${path}H${PANEL.width}V${PANEL.height}Z`;
}

/** Drawn once a second: who is back stays. */
function share(bins: Uint32Array, { x, endMs, clients }: Scale): string {
  const points: string[] = [`0 ${PANEL.height}`];
  let connected = 0;
  bins.subarray(0, Math.ceil(endMs / BIN_MS)).forEach((count, bin) => {
    connected += count;
    if ((bin + 1) % (1_000 / BIN_MS) !== 0) return;
    points.push(
      `${fixed(x((bin + 1) * BIN_MS))} ${fixed(PANEL.height * (1 - connected / clients))}`,
    );
  });
  return `M${points.join('L')}`;
}

const compact = (count: number): string =>
  count >= 1_000_000
    ? `${count / 1_000_000}M`
    : count >= 1_000
      ? `${count / 1_000}k`
      : String(count);

const fixed = (value: number): string => String(Math.round(value * 10) / 10);
