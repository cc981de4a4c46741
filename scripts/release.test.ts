/** What publishes the packages: it cannot be tried before the day, so whatever can be known before is looked at here. */
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { isStale } from './mutation/sources.mjs';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const json = (path: string): Record<string, unknown> =>
  JSON.parse(read(path)) as Record<string, unknown>;

type Step = {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Record<string, string>;
};
type Job = {
  readonly permissions?: Record<string, string>;
  readonly container?: string;
  readonly needs?: string;
  /** Another workflow, instead of steps. */
  readonly uses?: string;
  readonly steps?: readonly Step[];
};
type Workflow = {
  readonly on: Record<string, unknown>;
  readonly permissions?: Record<string, string>;
  readonly jobs: Record<string, Job>;
};

const folders = readdirSync(join(root, 'packages'));
const manifest = (folder: string): Record<string, unknown> =>
  json(`packages/${folder}/package.json`);
const workflows = readdirSync(join(root, '.github/workflows'));
const scripts = json('package.json')['scripts'] as Record<string, string>;

describe.each(workflows)('release: .github/workflows/%s', (name) => {
  const workflow = parse(read(`.github/workflows/${name}`)) as Workflow;
  const jobs = Object.values(workflow.jobs);
  const steps = jobs.flatMap((job) => job.steps ?? []);

  it('has something that starts it, and something to do', () => {
    expect(Object.keys(workflow.on)).not.toEqual([]);
    expect(steps.length).toBeGreaterThan(1);
  });

  it('names only scripts that there are', () => {
    const commands = steps.flatMap((step) => [
      step.run,
      step.with?.['publish'],
      step.with?.['version'],
    ]);
    const named = commands.flatMap((command) =>
      [...(command ?? '').matchAll(/npm (?:run )?([\w:]+)/g)].map(([, script]) => script ?? ''),
    );
    expect(named).not.toEqual([]);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });

  it('pins every action to one version', () => {
    const used = steps.flatMap(({ uses }) => (uses === undefined ? [] : [uses]));
    expect(used.filter((uses) => !/@(v\d+\.\d+\.\d+|[0-9a-f]{40})$/.test(uses))).toEqual([]);
  });

  it('lets git look into what was checked out, in containers too', () => {
    for (const { container, steps: own = [] } of jobs) {
      if (container === undefined) continue;
      const [first, second] = own;
      expect(first?.uses).toMatch(/^actions\/checkout@/);
      expect(second?.run).toBe('git config --global --add safe.directory "$GITHUB_WORKSPACE"');
    }
  });

  it('may write only where it publishes', () => {
    const granted = [workflow.permissions, ...jobs.map(({ permissions }) => permissions)];
    const writes = granted.flatMap((one) =>
      Object.entries(one ?? {}).flatMap(([what, how]) => (how === 'write' ? [what] : [])),
    );
    // `id-token` is what provenance is signed with.
    const wanted = name === 'release.yml' ? ['contents', 'id-token', 'pull-requests'] : [];
    expect(writes.sort()).toEqual(wanted);
    expect(workflow.permissions).toBeDefined();
  });
});

it('release: nothing is published before all tests have passed', () => {
  const { jobs } = parse(read('.github/workflows/release.yml')) as Workflow;
  const publishing = Object.values(jobs).filter(({ steps = [] }) =>
    steps.some((step) => step.with?.['publish'] !== undefined),
  );
  expect(publishing).toHaveLength(1);
  const tests = jobs[publishing[0]?.needs ?? '']?.uses ?? 'none';
  const called = parse(read(tests)) as Workflow;
  expect(called.on).toHaveProperty('workflow_call');
  const commands = Object.values(called.jobs).flatMap(({ steps = [] }) =>
    steps.map((step) => step.run),
  );
  expect(commands).toContain('npm test');
  // It would be run twice, and each run would cancel the other.
  expect(called.on).not.toHaveProperty('push');
});

describe('release: packages', () => {
  it('all have one version, and get the next one together', () => {
    const { fixed } = json('.changeset/config.json') as { fixed: string[][] };
    const names = folders.map((folder) => manifest(folder)['name']);
    expect(fixed.map((group) => [...group].sort())).toEqual([names.sort()]);
    expect(new Set(folders.map((folder) => manifest(folder)['version'])).size).toBe(1);
  });

  // What pnpm makes of it, provenance.test.ts sees.
  it.each(folders)('%s is published for everybody, with its provenance', (folder) => {
    expect(manifest(folder)['publishConfig']).toMatchObject({ access: 'public', provenance: true });
  });

  it('every script tag in the documentation names the version that there is', () => {
    const version = String(manifest('jetsocket')['version']);
    const pages = ['README.md', 'packages/jetsocket/README.md', ...docs()];
    const named = pages.flatMap((page) =>
      [...read(page).matchAll(/\/jetsocket@([^/]+)\//g)].map(([, found = '']) => found),
    );
    expect(named.length).toBeGreaterThan(2);
    expect(named.filter((found) => !`${version}.`.startsWith(`${found}.`))).toEqual([]);
  });

  it('repository.mjs writes where they come from, and refuses to guess', async () => {
    const copy = mkdtempSync(join(tmpdir(), 'jetsocket-repository-'));
    try {
      mkdirSync(join(copy, 'scripts'));
      cpSync(join(root, 'scripts/repository.mjs'), join(copy, 'scripts/repository.mjs'));
      mkdirSync(join(copy, 'packages/core'), { recursive: true });
      writeFileSync(join(copy, 'packages/core/package.json'), '{"name":"@jetsocket/core"}');
      const call = (repository: string): Promise<unknown> =>
        run(process.execPath, [join(copy, 'scripts/repository.mjs')], {
          env: {
            ...process.env,
            GITHUB_REPOSITORY: repository,
            GITHUB_SERVER_URL: 'https://git.test',
          },
        });
      await expect(call('')).rejects.toThrow(/GITHUB_REPOSITORY has to be owner\/name/);
      await call('some/body');
      expect(
        JSON.parse(readFileSync(join(copy, 'packages/core/package.json'), 'utf8')),
      ).toMatchObject({
        name: '@jetsocket/core',
        repository: { url: 'git+https://git.test/some/body.git', directory: 'packages/core' },
        bugs: 'https://git.test/some/body/issues',
      });
    } finally {
      rmSync(copy, { recursive: true });
    }
  });

  it('release-check tells what would be published, and changes nothing here', async () => {
    expect(existsSync(join(root, 'packages/core/dist'))).toBe(true);
    const before = folders.map(manifest);
    // As in a container, where the checkout belongs to somebody else.
    const env = { ...process.env, GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' };
    const { stdout } = await run(process.execPath, ['scripts/release-check.mjs'], {
      cwd: root,
      env,
    });
    const [said = '', told = ''] = stdout.split('Would be published:');
    expect(said.includes('docs/mutation.md tells of other sources')).toBe(isStale(root));
    for (const { name, version } of before)
      expect(told).toMatch(
        new RegExp(`^  ${String(name)} ${String(version)} -> \\d+\\.\\d+\\.\\d+, \\d+ files$`, 'm'),
      );
    expect(folders.map(manifest)).toEqual(before);
  }, 120_000);
});

function docs(): string[] {
  return readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`);
}
