/** Uses up the changesets: versions and changelogs, and the version wherever the documentation and the forms name it. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

run('changeset', 'version');

const { version } = JSON.parse(readFileSync(join(root, 'packages/jetsocket/package.json'), 'utf8'));
const [major, minor] = version.split('.');
const changed = pages().filter((file) => {
  const text = readFileSync(join(root, file), 'utf8');
  const current = withVersion(text);
  if (current !== text) writeFileSync(join(root, file), current);
  return current !== text;
});
// A longer number makes a table wider.
if (changed.length > 0) run('prettier', '--write', '--log-level=warn', ...changed);

/**
 * Where one version is named it becomes this one, and where the newest of a kind is (as in a script tag without `integrity`, and
 * in the heads of tables), the kind.
 * @param {string} text
 */
function withVersion(text) {
  return text.replaceAll(/\b(jetsocket[@ ])\d+\.\d+(\.\d+)?\b/gi, (_, name, patch) =>
    patch === undefined ? `${name}${major}.${minor}` : `${name}${version}`,
  );
}

/** @returns {string[]} */
function pages() {
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  return [
    'README.md',
    'packages/jetsocket/README.md',
    '.github/ISSUE_TEMPLATE/bug.yml',
    ...docs.map((name) => `docs/${name}`),
  ];
}

/** @param {string} program @param {string[]} args */
function run(program, ...args) {
  const bin = join(root, 'node_modules', '.bin', program);
  const { status } = spawnSync(bin, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}
