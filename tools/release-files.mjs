/** What a build adds to the code: the licences of what is bundled in, and the hashes of what a page may load. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import license from 'rollup-plugin-license';

/** In `dist/` of every package that carries code of others. */
export const LICENSES = 'THIRD-PARTY-LICENSES.txt';
/** In `dist/` of jetsocket: file → what its `integrity` has to be. */
export const HASHES = 'sri.json';

/**
 * Writes the licences of all that the bundle contains, and says nothing of packages that contain nothing of others. What
 * is bundled into a package of ours, and comes here with it, is told by the file that this package has.
 * @param {string} dir Of the package. @param {readonly string[]} [through] The dist/ folders of packages that are bundled in.
 */
export function licenses(dir, through = []) {
  return license({
    thirdParty: {
      includePrivate: true,
      output: (dependencies) => {
        const others = dependencies.filter(({ name }) => !isOurs(name ?? ''));
        const texts = [...others.map(notice), ...through.flatMap(noticesIn)];
        if (texts.length === 0) return;
        // In a clone that was never built there is no dist/ yet.
        mkdirSync(join(dir, 'dist'), { recursive: true });
        writeFileSync(join(dir, 'dist', LICENSES), texts.sort().join(RULE));
      },
    },
  });
}

/**
 * Subresource Integrity (https://www.w3.org/TR/SRI/): the hash of each file, in the form of the attribute.
 * @param {string} dir Of the package. @param {readonly string[]} files In its dist/.
 * @returns {import('rollup').Plugin}
 */
export function hashes(dir, files) {
  return {
    name: 'hashes',
    closeBundle() {
      const dist = join(dir, 'dist');
      if (!files.every((file) => existsSync(join(dist, file)))) return; // The build failed.
      const all = files.map((file) => [file, integrityOf(readFileSync(join(dist, file)))]);
      writeFileSync(join(dist, HASHES), `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
    },
  };
}

/** @param {Buffer} content */
export function integrityOf(content) {
  return `sha384-${createHash('sha384').update(content).digest('base64')}`;
}

const RULE = `\n${'-'.repeat(80)}\n\n`;

/** @param {import('rollup-plugin-license').Dependency} dependency */
function notice({ name, version, licenseText }) {
  if (!licenseText) throw new Error(`Cannot bundle ${name}: it has no text of its licence`);
  return `${name} ${version}\n\n${licenseText.trim()}\n`;
}

/** @param {string} dist */
function noticesIn(dist) {
  return readFileSync(join(dist, LICENSES), 'utf8').split(RULE);
}

/** @param {string} name */
function isOurs(name) {
  return name === 'jetsocket' || name.startsWith('@jetsocket/');
}
