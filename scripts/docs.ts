/** The documentation, as its tests read it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..');

/** A fenced block: where it stands, under which `##`, what it is in, and its text. */
export interface Block {
  readonly file: string;
  readonly line: number;
  readonly heading: string;
  readonly language: string;
  readonly text: string;
}

/** Every document for users, relative to the root. */
export function documents(): string[] {
  return [
    'README.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`),
    ...markdownIn('docs'),
    ...markdownIn('docs/decisions'),
  ];
}

function markdownIn(folder: string): string[] {
  const names = readdirSync(join(root, folder)).filter((name) => name.endsWith('.md'));
  return names.map((name) => `${folder}/${name}`);
}

export function blocksOf(file: string): Block[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map((match) => {
    const before = text.slice(0, match.index);
    return {
      file,
      line: before.split('\n').length,
      heading: [...before.matchAll(/^## (.+)$/gm)].at(-1)?.[1] ?? '',
      language: match[1] ?? '',
      text: match[2] ?? '',
    };
  });
}

/**
 * Lines that begin or end a block for who reads it, and not for `blocksOf`, which finds those that stand at the margin, with one word
 * at most.
 */
export function oddFences(text: string): string[] {
  const fences = text
    .split('\n')
    .filter((line) => /^[\s>*+-]*(\d+[.)]\s+)?(`{3,}[^`]*|~{3,}.*)$/.test(line));
  const odd = fences.filter((line) => !/^```\w*$/.test(line));
  const even = fences.filter((line) => !odd.includes(line));
  // What is begun has to end.
  return even.length % 2 === 0 ? odd : [...odd, ...even.slice(-1)];
}
