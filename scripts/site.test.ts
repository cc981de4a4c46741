/** The site's sources: its sidebar, and every link and anchor as a repository host would follow them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import GithubSlugger from 'github-slugger';
import { describe, expect, it } from 'vitest';
import { GROUPS, SHORT, WIDE, WITHOUT_GROUP } from '../docs/.vitepress/sidebar.ts';
import { leadsToSource, linkBetweenPages, outsiders } from '../docs/.vitepress/pages.ts';
import { root } from './docs.ts';

const pages = markdownIn('docs').map((name) => name.replace(/\.md$/, ''));
const listed = GROUPS.flatMap((group) => group.pages);

/** Every document: of a package, of docs/ with its folders, and of the root. */
const documents = [
  ...markdownIn('.'),
  ...markdownIn('docs').map((name) => `docs/${name}`),
  ...folders('docs')
    .filter((name) => !['reference', 'packages', 'project', 'public'].includes(name))
    .flatMap((folder) => markdownIn(`docs/${folder}`).map((name) => `docs/${folder}/${name}`)),
  ...folders('packages').map((name) => `packages/${name}/README.md`),
  ...folders('packages')
    .map((name) => `packages/${name}/CHANGELOG.md`)
    .filter((file) => existsSync(join(root, file))),
  'apps/demo/README.md',
];

describe('the sidebar', () => {
  it('has every page of docs/ in a group', () => {
    const forgotten = pages.filter((name) => ![...listed, ...WITHOUT_GROUP].includes(name));
    expect(forgotten, 'put them into docs/.vitepress/sidebar.ts').toEqual([]);
  });

  it('lists no page that is not there', () => {
    expect(
      [...listed, ...WIDE, ...Object.keys(SHORT)].filter((name) => !pages.includes(name)),
    ).toEqual([]);
  });

  it('lists every page once', () => {
    expect([...new Set(listed)]).toEqual(listed);
    for (const { pages: inGroup } of GROUPS) expect(inGroup.length).toBeGreaterThan(0);
  });
});

describe('the README', () => {
  it('leads to every page of docs/: some people read on from there alone', () => {
    const known = linksIn('README.md').map((to) => to.replace(/#.*$/, ''));
    expect(listed.filter((name) => !known.includes(`docs/${name}.md`))).toEqual([]);
  });
});

describe('docs/events.md', () => {
  const events = read('docs/events.md');

  it('has the table of the README', () => {
    const table = tableAfter(read('README.md'), '## The events\n\n');
    expect(namesIn(table)).toHaveLength(11);
    expect(tableAfter(events, 'These are the eleven:\n\n')).toBe(table);
  });

  it('has a row for every cause that there is, in their order', () => {
    const union = /export type Cause =\n([^;]+);/.exec(read('packages/core/src/events.ts'))?.[1];
    const causes = [...(union ?? '').matchAll(/'(\w+)'/g)].map(([, name]) => name);
    expect(causes.length).toBeGreaterThan(20);
    expect(namesIn(tableAfter(events, 'in one word:\n\n'))).toEqual(causes);
  });
});

it('docs/comparison.md says the size that docs/size.md says', () => {
  const row = /^\| `import \{ connect \} from 'jetsocket'`.*?\|.*?\| +([\d.]+) \|/m;
  const size = row.exec(read('docs/size.md'))?.[1];
  expect(size).toBeDefined();
  expect(read('docs/comparison.md')).toContain(`[${size}](size.md)`);
});

describe('links', () => {
  const links = documents.flatMap((file) => linksIn(file).map((to) => ({ file, to })));

  it('are there', () => {
    expect(links.length).toBeGreaterThan(50);
    expect(links.filter(({ to }) => to.includes('#')).length).toBeGreaterThan(5);
  });

  it('inside the repository lead to a file, and to a heading of it', () => {
    expect(links.filter(({ file, to }) => !isExternal(to) && !leads(file, to))).toEqual([]);
  });

  it('to elsewhere are encrypted, and well formed', () => {
    const elsewhere = links.filter(({ to }) => isExternal(to));
    expect(elsewhere.length).toBeGreaterThan(3);
    const wrong = elsewhere.filter(({ to }) => !URL.canParse(to) || !to.startsWith('https://'));
    expect(wrong).toEqual([]);
  });

  it.each([
    ['[a](b.md) and [c](d.md "e")', ['b.md', 'd.md']],
    ['[a][b]\n\n[b]: c.md\n[d]: <e.md>\n', ['c.md', 'e.md']],
    ['<a class="x" href="f.md">f</a>', ['f.md']],
  ])('of %j are %j', (text, to) => {
    expect(linksOf(text)).toEqual(to);
  });

  it.each([['apps/demo/README.md'], ['packages/core/CHANGELOG.md']])(
    'of %s are looked at',
    (file) => {
      expect(documents).toContain(file);
    },
  );

  // A mistake of each kind, so that what is above cannot pass blindly.
  it.each([
    ['README.md', 'docs/nothing.md'],
    ['README.md', 'docs/api.md#nothing'],
    ['docs/api.md', '#nothing'],
    ['docs/server.md', 'packages/server/README.md'],
  ])('from %s to %s would be found', (file, to) => {
    expect(leads(file, to)).toBe(false);
  });
});

describe('linkBetweenPages()', () => {
  it.each([
    ['server.md', '../packages/server/README.md', '/packages/server.md'],
    ['server.md', 'protocol.md#frames', '/protocol.md#frames'],
    ['decisions/001-x.md', '../api.md', '/api.md'],
    ['packages/testing.md', '../../docs/testing.md', '/testing.md'],
    ['project/contributing.md', 'docs/browsers.md', '/browsers.md'],
    ['api.md', '../CONTRIBUTING.md', '/project/contributing.md'],
    ['packages/server.md', '../testing/README.md', '/packages/testing.md'],
    ['api.md', '../README.md', '/index.md'],
    ['api.md', '#replay', '#replay'],
    ['api.md', 'https://example.com/a.md', 'https://example.com/a.md'],
    ['storm.md', 'storm.svg', 'storm.svg'],
  ])('from %s makes %s %s', (page, href, link) => {
    expect(linkBetweenPages(page, href)).toBe(link);
  });

  it.each([
    ['service-workers.md', '../apps/demo/static/worker-page.js', true],
    ['packages/node.md', 'src/pool.ts', true],
    ['storm.md', 'storm.svg', false],
    ['api.md', '/events.md', false],
    ['api.md', 'https://example.com', false],
  ])('from %s to %s is a link to a source: %s', (page, href, is) => {
    expect(leadsToSource(page, href)).toBe(is);
  });

  it('has a page for every document that stands elsewhere', () => {
    const files = outsiders().map(({ file }) => file);
    for (const name of folders('packages')) expect(files).toContain(`packages/${name}/README.md`);
    expect(new Set(files).size).toBe(files.length);
    for (const file of files) expect(existsSync(join(root, file))).toBe(true);
  });
});

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

function tableAfter(text: string, words: string): string {
  const [, after = ''] = text.split(words, 2);
  return /^(?:\|.*\n)+/.exec(after)?.[0] ?? '';
}

/** What the rows of a table begin with. */
function namesIn(table: string): (string | undefined)[] {
  return [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
}

function linksIn(file: string): string[] {
  return linksOf(withoutCode(read(file)));
}

/** Of all three kinds: `[text](to)`, with a title or without; `[name]: to` for a reference; and HTML. */
function linksOf(text: string): string[] {
  const kinds = [
    /\]\(<?([^)\s>]+)>?(?:\s+["'][^)]*)?\)/g,
    /^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)/gm,
    /<a\s[^>]*?href=["']([^"']+)/g,
  ];
  return kinds.flatMap((kind) => [...text.matchAll(kind)].map(([, to = '']) => to));
}

function isExternal(to: string): boolean {
  return /^[a-z]+:/.test(to);
}

function leads(file: string, to: string): boolean {
  const [path = '', anchor] = to.split('#', 2);
  const target = path === '' ? file : posix.join(dirname(file), path);
  if (!existsSync(join(root, target))) return false;
  return anchor === undefined || anchorsOf(target).includes(anchor);
}

/** As a repository host makes them of headings. */
function anchorsOf(file: string): string[] {
  const slugger = new GithubSlugger();
  const text = withoutCode(read(file), true);
  return [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    slugger.slug(heading.replaceAll(/[`*]|\]\([^)]*\)|\[/g, '')),
  );
}

/** What stands in code is no link; in a heading it is part of the name. */
function withoutCode(text: string, keepInline = false): string {
  const withoutBlocks = text.replaceAll(/^```[\s\S]*?^```$/gm, '');
  return keepInline ? withoutBlocks : withoutBlocks.replaceAll(/`[^`\n]*`/g, '');
}

function markdownIn(folder: string): string[] {
  return readdirSync(join(root, folder)).filter((name) => name.endsWith('.md'));
}

function folders(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name);
}
