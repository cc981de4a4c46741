/**
 * Writes into every package which repository it comes from, as npm wants it of a package that proves its origin
 * (https://docs.npmjs.com/generating-provenance-statements). For the release workflow alone: GITHUB_REPOSITORY says which.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packages = fileURLToPath(new URL('../packages', import.meta.url));
const { GITHUB_REPOSITORY: name, GITHUB_SERVER_URL: server = 'https://github.com' } = process.env;

if (!name || !/^[\w.-]+\/[\w.-]+$/.test(name)) {
  console.error('Cannot tell the repository: GITHUB_REPOSITORY has to be owner/name');
  process.exit(1);
}
for (const folder of readdirSync(packages)) {
  const file = join(packages, folder, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  manifest.repository = {
    type: 'git',
    url: `git+${server}/${name}.git`,
    directory: `packages/${folder}`,
  };
  manifest.homepage = `${server}/${name}#readme`;
  manifest.bugs = `${server}/${name}/issues`;
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
}
