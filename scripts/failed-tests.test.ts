import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failedInPlaywright, failedInVitest } from './failed-tests.mjs';

const root = join(import.meta.dirname, '..');
const VITEST = `node ${join(root, 'node_modules/vitest/vitest.mjs')}`;
const TESTS = `
describe('sum()', () => {
  it("is not what it's said to be (1 + 1)? [no]", () => expect(1 + 1).toBe(3));
  it('is not what it is said to be', () => expect(1 + 1).toBe(3));
  it('is not what it is', () => expect(1 + 1).toBe(3));
  it('is', () => expect(1 + 1).toBe(2));
});
`;

describe('failedInVitest()', () => {
  let folder: string;
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'failed-')));
    mkdirSync(join(folder, 'src'));
    writeFileSync(join(folder, 'src/sum.test.ts'), TESTS);
    writeFileSync(join(folder, 'src/broken.test.ts'), "import './nowhere.js';\n");
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('names each test that failed, and a file that cannot be loaded, with a command that runs only that', () => {
    const failed = failedInVitest(run('npx vitest run'), folder);
    expect(failed.map(({ what }) => what).sort()).toEqual([
      'src/broken.test.ts cannot be run',
      'src/sum.test.ts: sum() is not what it is',
      'src/sum.test.ts: sum() is not what it is said to be',
      "src/sum.test.ts: sum() is not what it's said to be (1 + 1)? [no]",
    ]);
    for (const { what, again } of failed.filter(({ what }) => what.includes('sum()'))) {
      const alone = run(again);
      expect(failedInVitest(alone, folder).map((one) => one.what)).toEqual([what]);
      expect(alone.numPassedTests).toBe(0);
    }
  });

  function run(command: string): { readonly numPassedTests: number; readonly testResults: [] } {
    const report = join(folder, 'report.json');
    const options = `--root ${folder} --globals --reporter=json --outputFile=${report}`;
    spawnSync(`${command.replace('npx vitest', VITEST)} ${options}`, { shell: true, cwd: folder });
    return JSON.parse(readFileSync(report, 'utf8')) as ReturnType<typeof run>;
  }
});

it('failedInPlaywright() names each place, also inside of groups, and the stage that it is of', () => {
  const spec = (title: string, line: number, ok: boolean) => ({
    title,
    file: 'a.spec.ts',
    line,
    ok,
  });
  const report = {
    config: { rootDir: join(root, 'apps/demo/e2e') },
    suites: [
      {
        specs: [spec('works', 3, true), spec('fails', 9, false)],
        suites: [{ specs: [spec('fails as well', 21, false)], suites: [] }],
      },
      { specs: [spec('works, too', 3, true)] },
    ],
  };
  expect(failedInPlaywright(report, root, '--project=firefox')).toEqual([
    {
      what: 'apps/demo/e2e/a.spec.ts:9: fails',
      again: 'npx playwright test --project=firefox apps/demo/e2e/a.spec.ts:9',
    },
    {
      what: 'apps/demo/e2e/a.spec.ts:21: fails as well',
      again: 'npx playwright test --project=firefox apps/demo/e2e/a.spec.ts:21',
    },
  ]);
});
