/** Who called whom as one picture: a box for every function, above who called it, as wide as its share of the time. */

/** @typedef {import('./frames.mjs').Frame} Frame */

const WIDTH = 1_200;
const ROW = 18;
const MARGIN = { side: 12, top: 66, bottom: 12 };
/** Narrower boxes are not drawn; in less than the other no letter is legible. */
const MIN_PX = 0.6;
const MIN_TEXT_PX = 22;

/** Whose code it is, by its file: the first that fits. @type {readonly (readonly [string, string, RegExp])[]} */
const OWNERS = [
  ['jet', 'JetSocket', /^(?:core|node|browser|jetsocket)\/dist\//],
  ['ws', 'ws', /^ws\//],
  ['bench', 'the benchmark', /^bench\//],
  ['other', 'Node and V8', /^/],
];

/** Colours follow the reader's light or dark scheme, also inside an `<img>`. */
const STYLE = `
  svg { --ink: #1f2328; --soft: #59636e; --page: #ffffff; --jet: #80b8f7; --ws: #f2c285; --bench: #bfe3b4; --other: #d8dee4; }
  @media (prefers-color-scheme: dark) {
    svg { --ink: #f0f6fc; --soft: #9198a1; --page: #0d1117; --jet: #1f5ea8; --ws: #7d5520; --bench: #2f6135; --other: #3d444d; }
  }
  text { font: 11px system-ui, sans-serif; fill: var(--ink); } .title { font-size: 17px; font-weight: 600; } .note { font-size: 12px; fill: var(--soft); }
  .page { fill: var(--page); } rect { stroke: var(--page); stroke-width: 0.5; }
  ${OWNERS.map(([name]) => `.${name} { fill: var(--${name}); }`).join(' ')}`;

/** @param {Frame} root @param {string} title */
export function flameGraph(root, title) {
  /** @type {string[]} */
  const boxes = [];
  const scale = (WIDTH - 2 * MARGIN.side) / Math.max(1, root.samples);
  const depth = draw(root, MARGIN.side, 0);
  const height = MARGIN.top + (depth + 1) * ROW + MARGIN.bottom;
  const legend = OWNERS.map(([name, owner], at) => {
    const x = MARGIN.side + at * 130;
    return `<rect class="${name}" x="${x}" y="39" width="12" height="12"/><text class="note" x="${x + 18}" y="49">${owner}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>${escaped(title)}</title><style>${STYLE}</style><rect class="page" width="${WIDTH}" height="${height}" rx="6"/>
<text class="title" x="${MARGIN.side}" y="27">${escaped(title)}</text>${legend.join('')}
<g transform="translate(0 ${height - MARGIN.bottom})">
${boxes.join('\n')}
</g>
</svg>
`;

  /** @param {Frame} frame @param {number} x @param {number} level @returns {number} The deepest level drawn. */
  function draw({ name, file, samples, callees }, x, level) {
    const width = samples * scale;
    const owner = OWNERS.find(([, , isOf]) => isOf.test(file))?.[0] ?? '';
    const share = `${((samples / Math.max(1, root.samples)) * 100).toFixed(1)} %`;
    const label = file === '' ? name : `${name} · ${file}`;
    // A picture within the picture cuts off what does not fit into it.
    const text = width < MIN_TEXT_PX ? '' : `<text x="4" y="${ROW - 5}">${escaped(label)}</text>`;
    boxes.push(
      `<svg x="${x.toFixed(1)}" y="${-(level + 1) * ROW}" width="${width.toFixed(1)}" height="${ROW}"><title>${escaped(label)}, ${share}</title><rect class="${owner}" width="100%" height="100%"/>${text}</svg>`,
    );
    let [at, deepest] = [x, level];
    for (const callee of [...callees.values()].sort((one, other) => other.samples - one.samples)) {
      if (callee.samples * scale < MIN_PX) break;
      deepest = Math.max(deepest, draw(callee, at, level + 1));
      at += callee.samples * scale;
    }
    return deepest;
  }
}

const ENTITIES = new Map([...'&<>"'].map((letter) => [letter, `&#${letter.charCodeAt(0)};`]));
const escaped = (/** @type {string} */ text) =>
  text.replace(/[&<>"]/g, (letter) => ENTITIES.get(letter) ?? '');
