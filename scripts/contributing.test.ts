/** CONTRIBUTING.md fits a screen, and what it says to type works. The templates for issues and pull requests are forms. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const text = read('CONTRIBUTING.md');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
/** What a screen of usual height shows: a row of a table is one line, a paragraph is as many as its source has. */
const SCREEN_LINES = 45;

/** `npm run soak -- --minutes 30` → the script, and what it is given. */
const commands = [...text.matchAll(/`npm (?:run )?([\w:]+)(?: -- ([^`]+))?`/g)].map(
  ([, name = '', args = '']) => ({ name, args: args.split(' ').filter(Boolean) }),
);

const folder = mkdtempSync(join(tmpdir(), 'jetsocket-contributing-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Those that change nothing, and need no browser. With what makes them short, where something does: they are to take seconds. */
const QUICK: readonly (readonly [script: string, ...args: string[]])[] = [
  ['bootstrap'],
  ['changeset', '--help'],
  ['simulate', '--seeds', '20'],
  ['simulate:storm', '--clients', '200', '--away', '0', '--minutes', '1', '--out', folder],
  [
    'bench',
    '--case',
    'receive-text-64b',
    '--client',
    'session',
    '--rounds',
    '1',
    '--messages',
    '99',
  ],
  ['mutation', '--only', 'machine/random'],
];

/** Those that run for many minutes, until they are stopped, or write into the sources. What they run has tests of its own. */
const APART = [
  ...['demo', 'docs', 'test', 'check'],
  ...['format', 'api', 'docs:build', 'docs:picture', 'release:check'],
];

describe('CONTRIBUTING.md', () => {
  it('fits a screen', () => {
    const lines = text
      .split('\n')
      .filter((line) => line.trim() !== '' && !/^\|[\s|-]+\|$/.test(line));
    expect(lines.length).toBeLessThanOrEqual(SCREEN_LINES);
  });

  it('names commands that there are', () => {
    expect(commands.length).toBeGreaterThan(12);
    expect(commands.filter(({ name }) => !(name in scripts))).toEqual([]);
  });

  it.each(Object.entries(scripts))('npm run %s is made of what there is', (_, script) => {
    for (const part of script.split('&&').map((one) => one.trim().split(/\s+/))) {
      const [program = '', ...args] = part;
      const first = args.find((arg) => !arg.startsWith('--')) ?? '';
      if (program === 'node') expect(existsSync(join(root, first)), first).toBe(true);
      else expect(existsSync(join(root, 'node_modules/.bin', program)), program).toBe(true);
    }
  });

  it('gives commands only options that they know', () => {
    const given = commands.flatMap(({ name, args }) =>
      args.filter((arg) => arg.startsWith('--')).map((option) => [name, option.slice(2)] as const),
    );
    expect(given.length).toBeGreaterThan(1);
    for (const [name, option] of given)
      expect(sourceOf(name), `${name} ${option}`).toContain(option);
  });

  it.each(QUICK)(
    'npm run %s works',
    async (script, ...args) => {
      await run('npm', ['run', '--silent', script, '--', ...args], { cwd: root, timeout: 120_000 });
    },
    120_000,
  );

  it('names no command that nothing ever runs', () => {
    const stages = [...read('scripts/test.mjs').matchAll(/(?:'npm run |endToEnd\(')([\w:]+)/g)];
    const run = [...QUICK.map(([name]) => name), ...APART];
    const known = new Set([...run, ...stages.map(([, name = '']) => name)]);
    expect(stages.length).toBeGreaterThan(8);
    expect(commands.map(({ name }) => name).filter((name) => !known.has(name))).toEqual([]);
  });

  it('links to files that there are', () => {
    const links = [...text.matchAll(/\]\(([^)#:]+)\)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !existsSync(join(root, link)))).toEqual([]);
  });
});

it.each(['CONTRIBUTING.md', 'RELEASING.md', '.github/PULL_REQUEST_TEMPLATE.md'])(
  '%s sends nobody to a package of that name, which npx would install where nothing is installed yet',
  (file) => {
    const asked = [...read(file).matchAll(/`npx ([\w@/-]+)/g)].map(([, name = '']) => name);
    // Whoever watches the tests has run them before.
    expect(asked.filter((name) => name !== 'vitest')).toEqual([]);
  },
);

describe('.github', () => {
  const forms = readdirSync(join(root, '.github/ISSUE_TEMPLATE')).filter(
    (name) => name !== 'config.yml',
  );

  it.each(forms)('%s is a form', (name) => {
    const form = parse(read(`.github/ISSUE_TEMPLATE/${name}`)) as {
      name: string;
      description: string;
      body: { type: string; id: string; attributes: { label: string } }[];
    };
    expect(form.name.length * form.description.length).toBeGreaterThan(0);
    expect(form.body.map(({ type }) => type).every((type) => /^(textarea|input)$/.test(type))).toBe(
      true,
    );
    expect(form.body.every(({ attributes }) => attributes.label.length > 0)).toBe(true);
    expect(new Set(form.body.map(({ id }) => id)).size).toBe(form.body.length);
  });

  it('a hole in the security is sent away from the issues', () => {
    const { contact_links: links = [] } = parse(read('.github/ISSUE_TEMPLATE/config.yml')) as {
      contact_links?: { name: string; about: string; url: string }[];
    };
    expect(links).toHaveLength(1);
    expect(links[0]?.about).toContain('SECURITY.md');
    expect(links[0]?.url).toMatch(/^https:\/\/docs\.github\.com\/.*privately-reporting/);
  });

  it('a bug is asked for its flight record, by the name that it has', () => {
    expect(read('.github/ISSUE_TEMPLATE/bug.yml')).toContain('socket.record()');
    expect(read('packages/core/src/jet-socket.ts')).toContain('  record(): FlightRecord {');
  });

  it('a pull request is asked for what there is', () => {
    const template = read('.github/PULL_REQUEST_TEMPLATE.md');
    const named = [...template.matchAll(/`npm (?:run )?([\w:]+)`/g)].map(([, name = '']) => name);
    expect(named).toEqual(['test', 'changeset', 'api']);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

/** Every file that the script runs. */
function sourceOf(name: string): string {
  const files = [...(scripts[name] ?? '').matchAll(/[\w./-]+\.mjs/g)];
  return files.map(([file]) => read(file)).join('\n');
}
