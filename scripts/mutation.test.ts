import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FOLDERS, hashOfSources, isStale, stampOf } from './mutation/sources.mjs';

const copy = mkdtempSync(join(tmpdir(), 'mutation-'));
const sources = join(copy, 'packages/core/src');

beforeAll(() => {
  for (const folder of FOLDERS) {
    const from = join(import.meta.dirname, '../packages/core/src', folder);
    cpSync(from, join(sources, folder), { recursive: true });
  }
  mkdirSync(join(copy, 'docs'));
});
afterAll(() => rmSync(copy, { recursive: true }));

describe('docs/mutation.md', () => {
  it('is stale when it does not say of which sources it tells', () => {
    writeFileSync(join(copy, 'docs/mutation.md'), '# Mutation testing\n');
    expect(isStale(copy)).toBe(true);
  });

  it('is stale once a source has changed, and not for a test', () => {
    writeFileSync(join(copy, 'docs/mutation.md'), `# It\n${stampOf(hashOfSources(copy))}`);
    writeFileSync(join(sources, 'machine/random.test.ts'), '// Another.\n');
    expect(isStale(copy)).toBe(false);
    writeFileSync(join(sources, 'machine/random.ts'), '// Another.\n');
    expect(isStale(copy)).toBe(true);
  });
});
