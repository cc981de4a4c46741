/** Uses up the changesets: versions and changelogs, and the version in every script tag of the documentation. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const changeset = join(root, 'node_modules', '.bin', 'changeset');

const { status } = spawnSync(changeset, ['version'], { cwd: root, stdio: 'inherit' });
if (status !== 0) process.exit(1);

const { version } = JSON.parse(readFileSync(join(root, 'packages/jetsocket/package.json'), 'utf8'));
const [major, minor] = version.split('.');
for (const file of pages()) {
  const text = readFileSync(join(root, file), 'utf8');
  // A tag with `integrity` names one version, all others the newest of their kind.
  const current = text
    .replaceAll(/\/jetsocket@\d+\.\d+\.\d+\//g, `/jetsocket@${version}/`)
    .replaceAll(/\/jetsocket@\d+\.\d+\//g, `/jetsocket@${major}.${minor}/`);
  if (current !== text) writeFileSync(join(root, file), current);
}

/** @returns {string[]} */
function pages() {
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', 'packages/jetsocket/README.md', ...docs.map((name) => `docs/${name}`)];
}
