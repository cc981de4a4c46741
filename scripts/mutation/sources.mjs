/** Of which sources docs/mutation.md tells: their hash stands at its end, since it takes half an hour to see by itself. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** In packages/core/src. */
export const FOLDERS = ['machine', 'delivery'];

/** What is broken on purpose: no tests, whose change can only be for the better. @param {string} root Of the repository. */
export function hashOfSources(root) {
  const hash = createHash('sha256');
  for (const folder of FOLDERS) {
    const dir = join(root, 'packages/core/src', folder);
    const files = readdirSync(dir).filter((name) => /^(?!.*\.test(-d)?\.).*\.ts$/.test(name));
    for (const name of files.sort())
      hash.update(`${folder}/${name}\0`).update(readFileSync(join(dir, name)));
  }
  return hash.digest('hex').slice(0, 12);
}

/** The last line of the page. @param {string} hash */
export function stampOf(hash) {
  return `\n<!-- Measured of the sources with the hash ${hash}, see scripts/mutation/sources.mjs -->\n`;
}

/** Whether the page was made of other sources, or does not say of which. @param {string} root Of the repository. */
export function isStale(root) {
  const page = readFileSync(join(root, 'docs/mutation.md'), 'utf8');
  return !page.includes(stampOf(hashOfSources(root)).trim());
}
