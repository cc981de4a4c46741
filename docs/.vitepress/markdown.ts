/** What the site does to Markdown that a repository host does by itself. */
import { slug } from 'github-slugger';
import type { MarkdownOptions } from 'vitepress';
import { renderMermaidSVG } from 'beautiful-mermaid';
import { leadsToSource, linkBetweenPages } from './pages.js';

type MarkdownIt = Parameters<NonNullable<MarkdownOptions['config']>>[0];

export const markdown: MarkdownOptions = {
  // Anchors are the same in the repository and in the site.
  anchor: { slugify: (text) => slug(text) },
  theme: { light: 'github-light-high-contrast', dark: 'github-dark-default' },
  config: (md) => {
    linkPages(md);
    drawDiagrams(md);
    wrapTables(md);
    breakNames(md);
    tidyChanges(md);
  },
};

function linkPages(md: MarkdownIt): void {
  md.core.ruler.push('pages', ({ tokens, env }) => {
    const { relativePath } = env as { relativePath?: string };
    if (relativePath === undefined) return;
    for (const { children } of tokens) {
      let isInSource = false;
      for (const token of children ?? []) {
        if (token.type === 'link_open') {
          const href = linkBetweenPages(relativePath, token.attrGet('href') ?? '');
          isInSource = leadsToSource(relativePath, href);
          token.attrSet(isInSource ? 'title' : 'href', href);
        }
        if (isInSource && (token.type === 'link_open' || token.type === 'link_close')) {
          // Sources are no pages: their name is enough to find them.
          token.type = token.type.replace('link', 'source');
          token.tag = 'span';
          if (token.attrs) token.attrs = token.attrs.filter(([name]) => name !== 'href');
        }
      }
    }
  });
}

/** Diagrams are drawn here, once: a page needs no script for them. */
function drawDiagrams(md: MarkdownIt): void {
  const { fence } = md.renderer.rules;
  md.renderer.rules.fence = (tokens, index, options, env, self) => {
    const token = tokens[index];
    if (token?.info.trim() !== 'mermaid') return fence?.(tokens, index, options, env, self) ?? '';
    const svg = renderMermaidSVG(token.content, {
      bg: 'var(--vp-c-bg)',
      fg: 'var(--vp-c-text-1)',
      accent: 'var(--vp-c-brand-1)',
      transparent: true,
    });
    // No page asks for a font from elsewhere.
    const own = svg.replace(/@import url\([^)]*\);/, '').replaceAll("'Inter', ", '');
    // As a value: a template may have no style of its own, and the drawing brings one.
    return `<div class="diagram" v-html="${md.utils.escapeHtml(JSON.stringify(own))}"></div>\n`;
  };
}

type Token = ReturnType<MarkdownIt['parse']>[number];

/**
 * A table that is wider than the page scrolls by itself, also by keyboard. How it is on a phone, see style.css: in the
 * reference and where cells are sentences, a row says one thing below the other. Figures are compared, and stay beside
 * each other.
 */
function wrapTables(md: MarkdownIt): void {
  md.core.ruler.push('tables', ({ tokens, env }) => {
    for (const [index, token] of tokens.entries()) {
      if (token.type !== 'table_open') continue;
      const length = tokens.slice(index).findIndex(({ type }) => type === 'table_close');
      const table = tokens.slice(index, index + length);
      const kind = isReference(env) ? 'members' : kindOf(table);
      token.meta = { kind };
      if (kind === 'stacked') labelCells(table);
      if (kind === 'figures') findWords(table);
    }
  });
  md.renderer.rules.table_open = (tokens, index) => {
    const { kind } = tokens[index]?.meta as { readonly kind: string };
    return `<div class="table ${kind}" tabindex="0" role="region" aria-label="Table">\n<table>\n`;
  };
  md.renderer.rules.table_close = () => '</table>\n</div>\n';
}

function kindOf(table: readonly Token[]): 'pairs' | 'stacked' | 'figures' {
  const headings = table.filter(({ type }) => type === 'th_open');
  if (headings.length > 5) return 'figures';
  if (headings.some((token) => String(token.attrGet('style')).includes('right'))) return 'figures';
  return headings.length > 2 ? 'stacked' : 'pairs';
}

/** Each cell but the first of its row knows what its column is called. */
function labelCells(table: readonly Token[]): void {
  const headings = table.flatMap(({ type }, index) =>
    type === 'th_open' ? [textOf(table[index + 1])] : [],
  );
  let column = 0;
  for (const token of table) {
    if (token.type === 'tr_open') column = 0;
    if (token.type !== 'td_open') continue;
    if (column > 0) token.attrSet('data-label', headings[column] ?? '');
    column++;
  }
}

/** What is no figure, but a sentence among them, may have lines, and needs some room for that. */
function findWords(table: readonly Token[]): void {
  for (const [index, token] of table.entries()) {
    const isLong = textOf(table[index + 1]).length > 14;
    if (token.type === 'td_open' && isLong) token.attrJoin('class', 'words');
  }
}

function textOf(token: Token | undefined): string {
  return (token?.children ?? []).map(({ content }) => content).join('');
}

/**
 * Paths in code, and the title of a page of the reference, which is a path too, break where a path may, in a narrow
 * column or on a phone.
 */
function breakNames(md: MarkdownIt): void {
  const { code_inline: code } = md.renderer.rules;
  md.renderer.rules.code_inline = (tokens, index, options, env, self) => {
    const html = code?.(tokens, index, options, env, self) ?? '';
    const isPath = /^[\w@.*-]+(?:\/[\w@.*-]+)+$/.test(tokens[index]?.content ?? '');
    return isPath ? html.replaceAll(/(?<!<)\//g, '/<wbr>') : html;
  };
  const { heading_open: open } = md.renderer.rules;
  md.renderer.rules.heading_open = (tokens, index, options, env, self) => {
    const children = tokens[index + 1]?.children;
    if (tokens[index]?.tag === 'h1' && isReference(env)) {
      for (const part of children ?? []) {
        if (part.type !== 'text') continue;
        part.type = 'html_inline';
        part.content = md.utils.escapeHtml(part.content).replaceAll('/', '/<wbr>');
      }
    }
    return open?.(tokens, index, options, env, self) ?? self.renderToken(tokens, index, options);
  };
}

/** The tool that writes changelogs begins each entry with the name of its commit, which nobody can read. */
function tidyChanges(md: MarkdownIt): void {
  md.core.ruler.push('changes', ({ tokens, env }) => {
    const { relativePath } = env as { readonly relativePath?: string };
    if (relativePath !== 'project/changes.md') return;
    for (const part of tokens.flatMap(({ children }) => children ?? [])) {
      if (part.type !== 'text') continue;
      part.content = part.content.replace(/^[0-9a-f]{7}: | \[[0-9a-f, ]{7,}\]$/g, '');
    }
  });
}

function isReference(env: unknown): boolean {
  const { relativePath = '' } = env as { readonly relativePath?: string };
  return relativePath.startsWith('reference/');
}
