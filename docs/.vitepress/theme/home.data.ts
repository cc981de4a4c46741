/** What the start page shows is cut out of README.md and docs/loss.md, so that it is what they say. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMarkdownRenderer } from 'vitepress';
import { markdown } from '../markdown.js';
import { root } from '../pages.js';

export interface HomeData {
  readonly sentence: string;
  readonly sixLines: string;
  readonly lossTable: string;
  readonly lossNote: string;
}

declare const data: HomeData;
export { data };

const README = join(root, 'README.md');
const LOSS = join(root, 'docs/loss.md');

export default {
  watch: [README, LOSS],
  async load(): Promise<HomeData> {
    const md = await createMarkdownRenderer(join(root, 'docs'), markdown);
    const readme = readFileSync(README, 'utf8');
    const loss = readFileSync(LOSS, 'utf8');
    return {
      sentence: cut(readme, /^# JetSocket\n\n(.+)$/m, 'README.md', 'its first sentence'),
      sixLines: md.render(cut(readme, /(^```ts\n[\s\S]*?^```$)/m, 'README.md', 'a block of code')),
      lossTable: md.render(cut(loss, /((?:^\|.*\n)+)/m, 'docs/loss.md', 'a table')),
      // What was measured stands right below the table.
      lossNote: cut(loss, /^\|.*\n\n(.+)$/m, 'docs/loss.md', 'a note below its table'),
    };
  },
};

function cut(text: string, pattern: RegExp, file: string, what: string): string {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`Cannot make the start page: ${file} has lost ${what}`);
  return found;
}
