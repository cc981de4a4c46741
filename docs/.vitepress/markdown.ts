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

/** A table that is wider than the page scrolls by itself, also by keyboard. */
function wrapTables(md: MarkdownIt): void {
  md.renderer.rules.table_open = (_tokens, _index, _options, env) => {
    // On a phone a row of these says one thing below the other, see style.css.
    const kind = isReference(env) ? 'table members' : 'table';
    return `<div class="${kind}" tabindex="0" role="region" aria-label="Table">\n<table>\n`;
  };
  md.renderer.rules.table_close = () => '</table>\n</div>\n';
}

/** The title of a page of the reference is a path, and on a phone has two lines: it breaks where a path may. */
function breakNames(md: MarkdownIt): void {
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

function isReference(env: unknown): boolean {
  const { relativePath = '' } = env as { readonly relativePath?: string };
  return relativePath.startsWith('reference/');
}
