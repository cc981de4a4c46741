/** Small charts side by side: what one costs, from zero, over how many there are, on a scale of powers of ten. */

/** @typedef {import('./main.mjs').Grown} Grown */

const CHART = { width: 560, height: 210, left: 58, right: 22, top: 52, bottom: 46 };
const COLUMNS = 2;
/** The last number below the last chart is wider than its place. */
const EDGE = 24;
const GRID_LINES = 4;

/** Colours follow the reader's light or dark scheme, also inside an `<img>`. */
const STYLE = `
  svg { --ink: #1f2328; --soft: #59636e; --page: #ffffff; --grid: #d8dee4; --line: #0b62c4; --band: #80b8f7; }
  @media (prefers-color-scheme: dark) {
    svg { --ink: #f0f6fc; --soft: #9198a1; --page: #0d1117; --grid: #3d444d; --line: #6cb0f5; --band: #1f5ea8; }
  }
  text { font: 12px system-ui, sans-serif; fill: var(--soft); } .title { font-size: 14px; font-weight: 600; fill: var(--ink); }
  .page { fill: var(--page); } .grid { stroke: var(--grid); stroke-width: 1; }
  .line { fill: none; stroke: var(--line); stroke-width: 2; } .dot { fill: var(--line); } .band { fill: var(--band); opacity: 0.35; }`;

/** @param {readonly Grown[]} charts */
export function plot(charts) {
  const width = COLUMNS * CHART.width + EDGE;
  const height = Math.ceil(charts.length / COLUMNS) * CHART.height;
  const drawn = charts.map((chart, at) => {
    const x = (at % COLUMNS) * CHART.width;
    const y = Math.floor(at / COLUMNS) * CHART.height;
    return `<g transform="translate(${x} ${y})">${chartOf(chart)}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>What a message costs as more wait, more listen, or more are connected</title><style>${STYLE}</style><rect class="page" width="${width}" height="${height}" rx="6"/>
${drawn.join('\n')}
</svg>
`;
}

/** @param {Grown} grown */
function chartOf({ title, unit, of, points }) {
  const top = roundUp(Math.max(...points.map(({ greatest }) => greatest)));
  const decades = Math.log10((points.at(-1)?.point ?? 1) / (points[0]?.point ?? 1)) || 1;
  const inner = {
    width: CHART.width - CHART.left - CHART.right,
    height: CHART.height - CHART.top - CHART.bottom,
  };
  const x = (/** @type {number} */ point) =>
    round(CHART.left + (Math.log10(point / (points[0]?.point ?? 1)) / decades) * inner.width);
  const y = (/** @type {number} */ ns) => round(CHART.top + (1 - ns / top) * inner.height);

  const grid = Array.from({ length: GRID_LINES + 1 }, (_, line) => {
    const ns = (top * line) / GRID_LINES;
    return `<line class="grid" x1="${CHART.left}" x2="${CHART.width - CHART.right}" y1="${y(ns)}" y2="${y(ns)}"/><text x="${CHART.left - 8}" y="${y(ns) + 4}" text-anchor="end">${ns.toLocaleString('en-US')}</text>`;
  });
  const ticks = points.map(
    ({ point }) =>
      `<text x="${x(point)}" y="${CHART.height - CHART.bottom + 17}" text-anchor="middle">${point.toLocaleString('en-US')}</text>`,
  );
  const band = [
    ...points.map(({ point, greatest }) => `${x(point)},${y(greatest)}`),
    ...[...points].reverse().map(({ point, least }) => `${x(point)},${y(least)}`),
  ];
  const line = points.map(({ point, ns }) => `${x(point)},${y(ns)}`);
  const dots = points.map(
    ({ point, ns }) => `<circle class="dot" cx="${x(point)}" cy="${y(ns)}" r="3.5"/>`,
  );
  const middle = CHART.left + inner.width / 2;
  return `<text class="title" x="${CHART.left}" y="22">${title}</text><text x="${CHART.left}" y="39">${of}, ns: median, least and greatest of seven</text>
${grid.join('')}${ticks.join('')}<text x="${middle}" y="${CHART.height - 10}" text-anchor="middle">${unit}</text>
<polygon class="band" points="${band.join(' ')}"/><polyline class="line" points="${line.join(' ')}"/>${dots.join('')}`;
}

const round = (/** @type {number} */ value) => Number(value.toFixed(1));

/** To what divides well by the grid's lines: 4, 8, 12, 20, 40 and so on. @param {number} value */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  const found = [1, 1.2, 1.6, 2, 3, 4, 6, 8, 10].find((step) => step * power >= value);
  return (found ?? 10) * power;
}
