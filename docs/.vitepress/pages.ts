/** What of the repository is a page of the site, beside the files of docs/. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** A file outside docs/, and the page that includes it, by its path in docs/. */
export interface Outsider {
  readonly file: string;
  readonly page: string;
}

/** The pages of these folders are a line that includes a file from elsewhere in the repository, or what follows its title. */
const FOLDERS = ['packages', 'project'];

export function outsiders(): Outsider[] {
  const including = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, 'docs', folder)).map((name) => {
      const page = `${folder}/${name}`;
      const text = readFileSync(join(root, 'docs', page), 'utf8');
      const path = /^<!--@include: ([^\s{]+)(?:\{\d+,\})?-->$/m.exec(text)?.[1];
      if (path === undefined) throw new Error(`Cannot find what docs/${page} includes`);
      return { file: posix.join('docs', folder, path), page };
    }),
  );
  return [...including, { file: 'README.md', page: 'index.md' }];
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

/** Whether a link leads out of docs/, to a file of the repository that is no page. */
export function leadsToSource(page: string, href: string): boolean {
  if (/^(?:[a-z]+:|#|\/)/i.test(href)) return false;
  const from = outsiders().find((one) => one.page === page && page !== 'index.md');
  return !posix.join(posix.dirname(from?.file ?? `docs/${page}`), href).startsWith('docs/');
}

/** A page's first heading, without its marks. */
export function titleOf(file: string): string {
  const heading = /^# (.+)$/m.exec(readFileSync(join(root, file), 'utf8'))?.[1];
  if (heading === undefined) throw new Error(`Cannot name ${file}: it has no heading`);
  return heading.replaceAll('`', '');
}
