/** `npm run docs:picture` takes what the start page shows of the demo. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@playwright/test';

const root = join(import.meta.dirname, '../../..');

test('the pictures of the demo are taken as those that there are', async () => {
  const { outputDir } = test.info();
  const args = ['scripts/site/picture.mjs', '--out', outputDir];
  await promisify(execFile)(process.execPath, args, { cwd: root });
  const names = ['demo-dark.png', 'demo-light.png'];
  expect(readdirSync(outputDir).sort()).toEqual(names);
  const published = readdirSync(join(root, 'docs/public'));
  expect(published).toEqual(expect.arrayContaining(names));
  for (const name of names)
    expect(sizeOf(join(outputDir, name))).toEqual(sizeOf(join(root, 'docs/public', name)));
});

/** Width and height, which stand at the beginning of a PNG. */
function sizeOf(file: string): number[] {
  const header = readFileSync(file);
  return [header.readUInt32BE(16), header.readUInt32BE(20)];
}
