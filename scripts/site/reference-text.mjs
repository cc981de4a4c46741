/** What is done to a page of the reference once TypeDoc has written it: pure functions of its text. */

/** What the entries are that are no package by themselves. */
const SUBPATHS = new Map([
  [
    'jetsocket/websocket',
    'A `WebSocket` with the interface of the standard, that comes back: for code and libraries that take a constructor. [Its guide](/websocket.md).',
  ],
  [
    '@jetsocket/core/protocol',
    'What both ends of [`jetsocket.v1`](/protocol.md) share, for packages that speak it. No promise is made that these names stay from one minor version to the next.',
  ],
  [
    '@jetsocket/node/transport',
    'The transport over the package `ws` alone, without the client: for a client that is put together by hand.',
  ],
  [
    '@jetsocket/server/redis',
    'Sessions that are kept in Redis, so that every server can go on with them. [Its guide](/scaling.md).',
  ],
  [
    '@jetsocket/testing/checks',
    'What every transport must do, as a list of checks for any test runner. [How to test](/testing.md).',
  ],
  [
    '@jetsocket/testing/conformance',
    'What every transport must do, as a suite for Vitest. [How to test](/testing.md).',
  ],
  [
    '@jetsocket/testing/proxy',
    'A TCP proxy whose network fails on request, for tests with real sockets. [How to test](/testing.md).',
  ],
  [
    '@jetsocket/testing/simulate',
    'Whole sessions in virtual time, through whatever a seed makes go wrong. [What they prove](/proofs.md).',
  ],
]);

/**
 * What an entry is, in a sentence, and where more is said.
 *
 * @param {string} name As it is imported.
 * @param {{ readonly description: string, readonly folder: string } | undefined} package_ Of which it is the main entry.
 */
export function introductionOf(name, package_) {
  if (package_ !== undefined) {
    return `${package_.description} [What it is for, and how to begin](/packages/${package_.folder}.md).`;
  }
  const sentence = SUBPATHS.get(name);
  if (sentence === undefined) throw new Error(`Cannot tell what ${name} is: say so in SUBPATHS`);
  return sentence;
}

/** @param {string} text @param {string} introduction */
export function withIntroduction(text, introduction) {
  return text.replace(/^(# .+\n)/m, `$1\n${introduction}\n`);
}

/** Comments name a page as the repository has it. Here it is a page, and a link. @param {string} text */
export function withLinks(text) {
  return text.replaceAll(/(?<![\w/`([])docs\/([a-z-]+)\.md(?![\w`\])])/g, '[$1](/$1.md)');
}

/** What only packages of this repository use would stand before what a reader looks for. @param {string} name */
export function isSearched(name) {
  return name !== '@jetsocket/core/protocol';
}

/** The names of type parameters stand in the signature: a table that says nothing else of them is left out. @param {string} text */
export function withoutBareTypeParameters(text) {
  return text.replaceAll(
    /^#+ Type Parameters\n\n\| Type Parameter \|\n\| -+ \|\n((?:\|.*\|\n)+)\n/gm,
    (section, /** @type {string} */ rows) => (/extends|= /.test(rows) ? section : ''),
  );
}

/** Whatever is only passed on becomes a line: a heading for each would be most of the page. @param {string} text */
export function withShortReferences(text) {
  const [before = '', references] = text.split(/^## References\n/m, 2);
  if (references === undefined) return text;
  const links = [
    ...references.matchAll(
      /^### (.+)\n\n(?:Re-exports|Renames and re-exports) (\[.+\]\((.+)\))$/gm,
    ),
  ];
  const lines = links.map(([, heading = '', link = '', target = '']) => {
    const name = plain(heading);
    const original = plain(/^\[(.+?)\]/.exec(link)?.[1] ?? '');
    return `[\`${name}\`](${target})${original === name ? '' : ` (there \`${original}\`)`}`;
  });
  return `${before}## Passed on\n\nThese are exported here as well, and are described where they come from:\n${lines.join(',\n')}.\n`;
}

/** The plugin writes a dash where nothing is said. @param {string} text */
export function withoutDashes(text) {
  return text.replaceAll(/^(\|.*\|) - \|$/gm, '$1 |');
}

/** The index says what each entry is. @param {string} text @param {(name: string) => string} introduction */
export function withSummaries(text, introduction) {
  return text
    .replaceAll(
      /^- (\[(.+)\]\(.+\))$/gm,
      (_, /** @type {string} */ link, /** @type {string} */ name) => {
        const sentence = introduction(name).replace(/ \[[^\]]+\]\([^)]+\)\.$/, '');
        return `- ${link}: ${sentence}`;
      },
    )
    .replace('## Modules', '## What can be imported');
}

/** Nothing is escaped within code. @param {string} text */
function plain(text) {
  return text.replaceAll('\\', '');
}
