/** The site: docs/ as it is, the READMEs of the packages, and the reference that TypeDoc writes. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type DefaultTheme, defineConfig } from 'vitepress';
import { byOrder } from '../../scripts/site/order.mjs';
import { markdown } from './markdown.js';
import { outsiders, root, titleOf } from './pages.js';
import { GROUPS, SHORT, WIDE } from './sidebar.js';

const DESCRIPTION =
  'A WebSocket client for browsers and Node that comes back by itself, and says what became of every message.';

/** Where it is hosted, if not at the root of a host: `/jetsocket/`. */
const base = process.env['DOCS_BASE'] ?? '/';

export default defineConfig({
  title: 'JetSocket',
  description: DESCRIPTION,
  lang: 'en',
  base,
  srcExclude: ['api-review/**', 'public/**'],
  // Nobody pays for pages that she does not open.
  router: { prefetchLinks: false },
  outDir: '.vitepress/dist',
  cacheDir: '.vitepress/cache',
  markdown,
  // Here and not in the files, where a repository host would show it.
  transformPageData: ({ relativePath, frontmatter }) =>
    WIDE.includes(relativePath.replace(/\.md$/, ''))
      ? { frontmatter: { ...frontmatter, aside: false } }
      : {},
  head: [
    ['link', { rel: 'icon', href: `${base}logo.svg`, type: 'image/svg+xml' }],
    ['meta', { name: 'theme-color', content: '#0e0f11' }],
  ],
  themeConfig: {
    logo: '/logo.svg',
    search: {
      provider: 'local',
      options: {
        detailedView: true,
        miniSearch: {
          // A word is explained on a page; in the reference it is only used. Runs in the browser, by its text.
          searchOptions: { boostDocument: (id) => (String(id).includes('/reference/') ? 0.3 : 1) },
        },
      },
    },
    notFound: {
      title: 'There is no such page',
      quote:
        'The address may be mistyped, or its page may have another name now. The search above knows every page, and so does the menu.',
      linkLabel: 'To the start page',
      linkText: 'To the start page',
    },
    outline: { level: [2, 3] },
    nav: [
      { text: 'Tutorial', link: '/tutorial' },
      { text: 'Options', link: '/api' },
      { text: 'Guides', link: '/reconnecting' },
      { text: 'Reference', link: '/reference/' },
      { text: 'Changes', link: '/project/changes' },
    ],
    sidebar: [
      ...GROUPS.map(({ text, pages }) => ({
        text,
        collapsed: false,
        items: pages.map((name) => ({
          text: SHORT[name] ?? titleOf(`docs/${name}.md`),
          link: `/${name}`,
        })),
      })),
      decisions(),
      outside('Packages', 'packages/'),
      outside('Project', 'project/'),
      { text: 'Reference', link: '/reference/', collapsed: true, items: reference() },
    ],
    footer: { message: 'MIT licensed.' },
  },
  vite: {
    // Set by scripts/site/serve.mjs, which starts the demo beside the site. A hosted site has none.
    define: { __DEMO_ADDRESS__: JSON.stringify(process.env['DEMO_ADDRESS'] ?? '') },
    server: { host: '127.0.0.1' },
    build: { chunkSizeWarningLimit: 2_000 },
  },
});

function outside(text: string, folder: string): DefaultTheme.SidebarItem {
  const items = outsiders()
    .filter(({ page }) => page.startsWith(folder))
    .sort((one, other) => byOrder(nameOf(one.page), nameOf(other.page)))
    .map(({ file, page }) => ({
      text: page === 'project/changes.md' ? titleOf(`docs/${page}`) : titleOf(file),
      link: `/${page.replace(/\.md$/, '')}`,
    }));
  return { text, collapsed: true, items };
}

function nameOf(page: string): string {
  return basename(page, '.md');
}

/** Decisions that are costly to undo: a file each, numbered. */
function decisions(): DefaultTheme.SidebarItem {
  const names = readdirSync(join(root, 'docs/decisions')).filter((name) => name.endsWith('.md'));
  const items = names.sort().map((name) => ({
    text: titleOf(`docs/decisions/${name}`),
    link: `/decisions/${name.replace(/\.md$/, '')}`,
  }));
  return { text: 'Decisions', collapsed: true, items };
}

function reference(): DefaultTheme.SidebarItem[] {
  const file = join(root, 'docs/reference/typedoc-sidebar.json');
  if (!existsSync(file)) return [];
  const entries = JSON.parse(readFileSync(file, 'utf8')) as DefaultTheme.SidebarItem[];
  // One under another by its path says only the end of its name.
  return entries.flatMap(({ items = [], ...entry }) => [
    entry,
    ...items.map((item) => ({ ...item, text: `${entry.text}/${item.text}` })),
  ]);
}
