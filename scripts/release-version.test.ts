/** `npm run release:version` in a copy: every place that names the version names the new one then. */
import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const copy = mkdtempSync(join(tmpdir(), 'jetsocket-version-'));
const folders = readdirSync(join(root, 'packages'));

const { version } = JSON.parse(
  readFileSync(join(root, 'packages/jetsocket/package.json'), 'utf8'),
) as { version: string };
const [major = 0] = version.split('.').map(Number);
const next = `${major + 1}.0.0`;
const kind = `${major + 1}.0`;

beforeAll(async () => {
  copyTree();
  // The greatest step of all: whatever waits besides is in it.
  const names = folders.map((folder) => nameOf(folder));
  const steps = names.map((name) => `'${name}': major\n`).join('');
  writeFileSync(join(copy, '.changeset/greatest.md'), `---\n${steps}---\n\nEverything.\n`);
  await run(process.execPath, ['scripts/release-version.mjs'], { cwd: copy });
}, 60_000);

afterAll(() => rmSync(copy, { recursive: true, force: true }));

describe('release:version', () => {
  it.each(folders)('gives %s its version, and a changelog', (folder) => {
    const manifest = readFileSync(join(copy, 'packages', folder, 'package.json'), 'utf8');
    expect(JSON.parse(manifest)).toMatchObject({ version: next });
    const changelog = readFileSync(join(copy, 'packages', folder, 'CHANGELOG.md'), 'utf8');
    expect(changelog).toContain(`## ${next}\n`);
  });

  it.each([
    ['README.md', 4],
    ['packages/jetsocket/README.md', 3],
    ['docs/comparison.md', 4],
    ['docs/websocket.md', 1],
    ['.github/ISSUE_TEMPLATE/bug.yml', 1],
  ])('has %s name the new one, in %i places or more', (file, least) => {
    expect(namedIn(file).filter(isNew).length).toBeGreaterThanOrEqual(least);
  });

  it('leaves the old one in no document and no form', () => {
    const files = ['.', 'docs', 'packages/jetsocket', '.github/ISSUE_TEMPLATE'].flatMap((folder) =>
      readdirSync(join(copy, folder))
        .filter((name) => /\.(md|yml)$/.test(name) && name !== 'CHANGELOG.md')
        .map((name) => join(folder, name)),
    );
    const all = files.flatMap((file) => namedIn(file).map((named) => ({ file, named })));
    expect(all.filter(({ named }) => !isNew(named))).toEqual([]);
  });

  it('leaves all as the formatter wants it', async () => {
    const prettier = join(root, 'node_modules/.bin/prettier');
    const files = ['README.md', 'docs/comparison.md', 'docs/websocket.md', '.github'];
    await run(prettier, ['--check', ...files], { cwd: copy });
  }, 30_000);
});

/** A version, or all of its kind. */
function isNew(named: string): boolean {
  return named === next || named === kind;
}

/** Each version that follows the name of what is installed, in whatever form. */
function namedIn(file: string): string[] {
  const text = readFileSync(join(copy, file), 'utf8');
  return [...text.matchAll(/\bjetsocket[@ ]v?(\d+\.[\d.]*\d)/gi)].map(([, named = '']) => named);
}

/** The documents, the forms, and what Changesets look at. */
function copyTree(): void {
  const files = [
    ...['package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml', '.prettierrc.json'],
    ...['README.md', 'docs', '.github', '.changeset', 'scripts/release-version.mjs'],
    ...folders.flatMap((folder) =>
      ['package.json', 'README.md'].map((name) => `packages/${folder}/${name}`),
    ),
  ];
  const isNeeded = (file: string): boolean => !/\.vitepress|docs\/(public|reference)/.test(file);
  for (const file of files)
    cpSync(join(root, file), join(copy, file), { recursive: true, filter: isNeeded });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
}

function nameOf(folder: string): string {
  const text = readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8');
  return (JSON.parse(text) as { name: string }).name;
}
