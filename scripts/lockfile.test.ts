/** What a newcomer installs: on the oldest Node that is promised, and on other systems than the one it was locked on. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

interface Lockfile {
  readonly packages: Readonly<Record<string, { readonly engines?: { readonly node?: string } }>>;
  readonly snapshots: Readonly<Record<string, Snapshot>>;
}
interface Snapshot {
  readonly optional?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const root = join(import.meta.dirname, '..');
const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly engines: { readonly node: string };
};
const oldest = /\d+\.\d+/.exec(engines.node)?.[0] ?? '';
const lockfile = parse(readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8')) as Lockfile;
/** By name and version, without what they were resolved with. */
const snapshots = Object.entries(lockfile.snapshots).map(
  ([key, snapshot]) => [key.replace(/\(.*$/, ''), snapshot] as const,
);

describe('the lockfile', () => {
  it('has no package that wants a newer Node, which an install would say', () => {
    // One that is optional is left out where it cannot be used, and nobody is told.
    const needed = new Set(snapshots.filter(([, { optional }]) => !optional).map(([key]) => key));
    expect(needed.size).toBeGreaterThan(500);
    const newer = Object.entries(lockfile.packages)
      .filter(([key]) => needed.has(key))
      .map(([key, { engines: wanted }]) => [key, wanted?.node ?? '*'] as const)
      .filter(([, range]) => !allows(range, oldest));
    expect(newer).toEqual([]);
  });

  it('has binaries for every system, not only for the one that wrote it', () => {
    const native = snapshots.flatMap(([key, { optionalDependencies = {} }]) => {
      const names = Object.keys(optionalDependencies);
      // pnpm's own were on the registry for Linux only when it was locked.
      if (key.startsWith('pnpm@')) return [];
      return names.some((name) => /linux-x64/.test(name)) ? [[key, names] as const] : [];
    });
    const names = native.map(([key]) => key.replace(/@[^@]+$/, ''));
    expect(names).toEqual(
      expect.arrayContaining(['esbuild', 'lightningcss', 'rolldown', 'rollup']),
    );
    for (const [key, binaries] of native) {
      for (const system of ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64'])
        expect(binaries.join(' '), key).toContain(system);
    }
  });
});

describe('a range of versions', () => {
  it.each([
    '*',
    '>=18',
    '>= 0.4',
    '^18 || >=20',
    '^20.19.0 || >=22.12.0',
    '6.* || >= 10.*',
    '20 || >=22',
  ])('%s allows 20.19', (range) => expect(allows(range, '20.19')).toBe(true));
  it.each(['^22.22.2 || ^24.15.0 || >=26.0.0', '>=20.20', '^20.20 || >=22', '>=6 <7', '18 || 22'])(
    '%s does not',
    (range) => expect(allows(range, '20.19')).toBe(false),
  );
});

/** Whether a range of npm's, in the words that `engines` uses, has this version: major and minor. */
function allows(range: string, version: string): boolean {
  const wanted = numberOf(version);
  return range.split('||').some((part) =>
    [...part.matchAll(/(>=|<|\^|~)?\s*(\*|\d[\d.*x]*)/g)].every(([, operator, text = '']) => {
      if (text === '*') return true;
      const bound = numberOf(text);
      if (operator === '>=') return wanted >= bound;
      if (operator === '<') return wanted < bound;
      return wanted >= bound && Math.floor(wanted) === Math.floor(bound);
    }),
  );
}

/** 20.19.3 as 20.019: such numbers compare as the versions do. */
function numberOf(version: string): number {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number(part) || 0);
  return major + minor / 1_000;
}
