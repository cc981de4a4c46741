/** What of the repository is a page of the site, beside the files of docs/. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Files at the root that pages link to, where they are there. */
const OF_THE_PROJECT = ['CONTRIBUTING.md', 'SECURITY.md', 'CODE_OF_CONDUCT.md'];

/** A file outside docs/, and the page that is made of it, by its path in docs/. */
export interface Outsider {
  readonly file: string;
  readonly page: string;
}

export function outsiders(): Outsider[] {
  const packages = readdirSync(join(root, 'packages')).map((name) => ({
    file: `packages/${name}/README.md`,
    page: `packages/${name}.md`,
  }));
  const project = OF_THE_PROJECT.map((file) => ({
    file,
    page: `project/${file.toLowerCase().replaceAll('_', '-')}`,
  }));
  const changes = { file: 'packages/jetsocket/CHANGELOG.md', page: 'project/changes.md' };
  const readme = { file: 'README.md', page: 'index.md' };
  return [...packages, ...project, changes, readme].filter(({ file }) =>
    existsSync(join(root, file)),
  );
}

/** The pages of one folder, as VitePress asks for them: the name in the address, and the text. */
export function routes(folder: string): { params: { name: string }; content: string }[] {
  return outsiders()
    .filter(({ page }) => posix.dirname(page) === folder)
    .map(({ file, page }) => ({
      params: { name: posix.basename(page, '.md') },
      content: readFileSync(join(root, file), 'utf8'),
    }));
}

/**
 * Links are written so that they work in the repository, from file to file. Here such a link becomes one from
 * page to page.
 *
 * @param page Where the link is, relative to docs/.
 * @returns The link as it was when it leads to somewhere else.
 */
export function linkBetweenPages(page: string, href: string): string {
  if (/^(?:[a-z]+:|#|\/)/i.test(href)) return href;
  const [path = '', anchor] = href.split('#', 2);
  const others = outsiders();
  const from = others.find((one) => one.page === page && page !== 'index.md');
  const target = posix.join(posix.dirname(from?.file ?? `docs/${page}`), path);
  const to = others.find(({ file }) => file === target)?.page ?? insideDocs(target);
  if (to === undefined) return href;
  return `/${to}${anchor === undefined ? '' : `#${anchor}`}`;
}

function insideDocs(target: string): string | undefined {
  return target.startsWith('docs/') && target.endsWith('.md')
    ? target.slice('docs/'.length)
    : undefined;
}

/** A page's first heading, without its marks. */
export function titleOf(file: string): string {
  const heading = /^# (.+)$/m.exec(readFileSync(join(root, file), 'utf8'))?.[1];
  if (heading === undefined) throw new Error(`Cannot name ${file}: it has no heading`);
  return heading.replaceAll('`', '');
}
