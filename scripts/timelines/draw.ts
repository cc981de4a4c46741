/** A timeline as a picture, narrow enough for a phone. Time runs downwards. */
import type { Flight, Note, Rung, Timeline } from './run.ts';

const WIDTH = 344;
const CLIENT_X = 104;
const SERVER_X = 240;
const TOP = 90;
const PX_PER_MS = 0.36;
/** The first connection is there from here on; the handshakes before it are not drawn. */
const BEGIN_MS = 240;

const TITLES: Record<Rung, string> = {
  none: 'none',
  full_buffer: 'full_buffer',
  ackOf: 'full_buffer with ackOf',
  sequence_id: 'sequence_id, with ackOf',
  session: 'session',
};

/** Colours follow the reader's light or dark scheme, also inside an `<img>`. */
const STYLE = `
  svg { --ink: #1f2328; --soft: #59636e; --line: #afb8c1; --page: #ffffff; --edge: #d8dee4;
    --up: #0969da; --down: #8250df; --bad: #cf222e; --out: #fff1e5; }
  @media (prefers-color-scheme: dark) {
    svg { --ink: #f0f6fc; --soft: #9198a1; --line: #484f58; --page: #0d1117; --edge: #30363d;
      --up: #58a6ff; --down: #bc8cff; --bad: #ff7b72; --out: #2d2015; }
  }
  text { font: 12px system-ui, sans-serif; fill: var(--soft); }
  text { paint-order: stroke; stroke: var(--page); stroke-width: 3px; stroke-linejoin: round; }
  .out text, text.plain { stroke: none; }
  .title { font-size: 15px; font-weight: 600; fill: var(--ink); }
  .lane { font-weight: 600; fill: var(--ink); }
  .page { fill: var(--page); stroke: var(--edge); }
  .outage { fill: var(--out); }
  .life { stroke: var(--line); stroke-width: 2; }
  .gone { stroke: var(--line); stroke-width: 2; stroke-dasharray: 2 5; }
  .flight { stroke-width: 1.6; fill: none; }
  .up { stroke: var(--up); } .down { stroke: var(--down); }
  .control { stroke: var(--line); stroke-width: 1; }
  text.up { stroke: var(--page); fill: var(--up); font-weight: 600; }
  text.down { stroke: var(--page); fill: var(--down); font-weight: 600; }
  text.small { stroke-width: 3px; stroke: var(--page); fill: var(--soft); font-weight: 400; font-size: 11px; }
  .cross { stroke: var(--bad); stroke-width: 2.2; }
  .bad { fill: var(--bad); }
  .end { text-anchor: end; }
  .middle { text-anchor: middle; }
`;

export function draw(timeline: Timeline): string {
  const { rung, flights, notes, cutMs, backMs, endMs } = timeline;
  const bottom = y(endMs);
  const height = Math.ceil(bottom + 66);
  const title = `Replay mode ${TITLES[rung]}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>${title}. ${summary('server', timeline)}. ${summary('client', timeline)}.</title>
<style>${STYLE}</style>
<rect class="page" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="6"/>
<text class="title middle" x="${(CLIENT_X + SERVER_X) / 2}" y="28">${title}</text>
<text class="lane middle" x="${CLIENT_X}" y="58">client</text>
<text class="lane middle" x="${SERVER_X}" y="58">server</text>
<g class="out"><rect class="outage" x="1" y="${y(cutMs)}" width="${WIDTH - 2}" height="${fixed(y(backMs) - y(cutMs))}"/></g>
${lives(cutMs, backMs, bottom)}
${together(flights)
  .filter(({ toMs }) => toMs > BEGIN_MS)
  .map(flight)
  .join('\n')}
${notes.map(note).join('\n')}
<text class="plain middle" x="${(CLIENT_X + SERVER_X) / 2}" y="${fixed((y(cutMs) + y(backMs)) / 2 + 16)}">no connection</text>
<text class="plain" x="14" y="${fixed(bottom + 30)}">${marked('server', timeline)}</text>
<text class="plain" x="14" y="${fixed(bottom + 50)}">${marked('client', timeline)}</text>
</svg>
`;
}

const y = (ms: number): number => Number(fixed(TOP - 20 + (ms - BEGIN_MS) * PX_PER_MS));
const fixed = (value: number): string => String(Math.round(value * 10) / 10);

function lives(cutMs: number, backMs: number, bottom: number): string {
  return [CLIENT_X, SERVER_X]
    .map((x) => {
      const before = `<path class="life" d="M${x} ${TOP - 24}V${y(cutMs)}"/>`;
      const during = `<path class="gone" d="M${x} ${y(cutMs)}V${y(backMs)}"/>`;
      return `${before}${during}<path class="life" d="M${x} ${y(backMs)}V${bottom + 6}"/>`;
    })
    .join('\n');
}

/** What goes the same way at the same time is one arrow. */
function together(flights: readonly Flight[]): Flight[] {
  const groups = new Map<string, Flight>();
  for (const one of flights) {
    const key = [one.way, one.isControl, one.fromMs, one.toMs].join();
    const known = groups.get(key);
    groups.set(key, known ? { ...known, label: joined(known.label, one.label) } : one);
  }
  // Lesser things below.
  return [...groups.values()].sort((a, b) => Number(b.isControl) - Number(a.isControl));
}

/** `ack 3` and `ack 4` are `ack 3 4`. */
const joined = (before: string, label: string): string =>
  before.startsWith('ack ') ? `${before} ${label.slice(4)}` : `${before} ${label}`;

function flight({ way, label, isControl, fromMs, toMs, lost }: Flight): string {
  const [from, to] = way === 'up' ? [CLIENT_X, SERVER_X] : [SERVER_X, CLIENT_X];
  const share = lost ? (toMs - fromMs) / 60 : 1;
  const ahead = Math.sign(to - from);
  const endX = lost ? from + (to - from) * share : to - 3 * ahead;
  const endY = y(toMs);
  const kind = isControl ? 'control' : way;
  const line = `<path class="flight ${kind}" d="M${from + 3 * ahead} ${y(fromMs)}L${fixed(endX)} ${endY}"/>`;
  const anchor = way === 'up' ? '' : ' end';
  const size = isControl ? ' small' : '';
  const place = `x="${from + 10 * ahead}" y="${fixed(y(fromMs) + (isControl ? 13 : -2))}"`;
  const text = `<text class="${way}${size}${anchor}" ${place}>${label}</text>`;
  return `${line}${lost ? cross(endX, endY) : tip(endX, endY, ahead, kind)}${text}`;
}

const cross = (x: number, at: number): string =>
  `<path class="cross" d="M${fixed(x - 4)} ${at - 4}l8 8m0 -8l-8 8"/>`;

const tip = (x: number, at: number, ahead: number, kind: string): string =>
  `<path class="flight ${kind}" d="M${fixed(x - 7 * ahead)} ${fixed(at - 5)}L${x} ${at}L${fixed(x - 7 * ahead)} ${fixed(at + 2.5)}"/>`;

function note({ side, atMs, text, isBad }: Note): string {
  const [x, anchor] = side === 'client' ? [CLIENT_X - 8, 'end'] : [SERVER_X + 8, ''];
  return `<text class="plain ${anchor}${isBad ? ' bad' : ''}" x="${x}" y="${y(atMs) + 4}">${text}</text>`;
}

const SENT = { server: ['1', '2', '3', '4', '5'], client: ['a', 'b', 'c', 'd'] } as const;

/** What became of all that was sent to one side. */
export function outcome(side: 'client' | 'server', timeline: Timeline): string {
  const got = side === 'server' ? timeline.atServer : timeline.atClient;
  const lost = SENT[side].filter((one) => !got.includes(one));
  const twice = SENT[side].filter((one) => got.filter((each) => each === one).length > 1);
  if (lost.length > 0) return `lost: ${lost.join(' ')}`;
  return twice.length > 0 ? `twice: ${twice.join(' ')}` : 'each once, in order';
}

function summary(side: 'client' | 'server', timeline: Timeline): string {
  const got = side === 'server' ? timeline.atServer : timeline.atClient;
  return `The ${side} got ${got.join(' ')}; ${outcome(side, timeline)}`;
}

function marked(side: 'client' | 'server', timeline: Timeline): string {
  const said = outcome(side, timeline);
  const plain = summary(side, timeline).slice(0, -said.length);
  return said.startsWith('lost') ? `${plain}<tspan class="bad">${said}</tspan>` : plain + said;
}
