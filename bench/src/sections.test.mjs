import { expect, it } from 'vitest';
import { withSection } from './sections.mjs';

const page = '# Page\n\n## One\n\nold\n\n### Part\n\nold\n\n## One more\n\nkept\n';

it('withSection() replaces a section whole, and nothing else', () => {
  expect(withSection(page, '## One\n\nnew\n')).toBe(
    '# Page\n\n## One\n\nnew\n\n## One more\n\nkept\n',
  );
});

it('withSection() replaces the last one', () => {
  expect(withSection(page, '## One more\n\nnew\n')).toBe(page.replace('kept', 'new'));
});

it('withSection() adds one that is not there', () => {
  expect(withSection(page, '## Two\n\nnew\n')).toBe(`${page}\n## Two\n\nnew\n`);
});
