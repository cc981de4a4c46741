/**
 * A release without its consequences: what the changesets come to is worked out in a copy, packed there, and told.
 * Nothing here changes, and nothing is published.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isStale } from './mutation/sources.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (/** @type {string} */ name) => join(root, 'node_modules', '.bin', name);
const copy = mkdtempSync(join(tmpdir(), 'jetsocket-release-'));
/** In a container the checkout may be of another user, whom git does not trust. */
const env = { ...process.env, ...trusting([root.replace(/[\\/]$/, ''), copy]) };

try {
  copyTree();
  console.log(`Since the last release:\n${pending().join('\n')}\n`);
  // No reason not to release; but it takes half an hour, and nobody would think of it.
  if (isStale(root))
    console.log('docs/mutation.md tells of other sources than these: `npm run mutation`\n');
  const before = versions();
  run(process.execPath, [join(copy, 'scripts', 'release-version.mjs')], copy);
  const after = versions();
  console.log('Would be published:');
  for (const [folder, { name, version }] of after) tell(folder, name, before.get(folder), version);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}

/** What git knows, and what is built; the tools are those of this workspace. */
function copyTree() {
  const files = run('git', ['ls-files', '-co', '--exclude-standard', '-z'], root);
  // Git still lists what was deleted a moment ago, and not yet told to it.
  const there = files.split('\0').filter((file) => file && existsSync(join(root, file)));
  for (const file of there)
    cpSync(join(root, file), join(copy, file), { force: true, recursive: false });
  for (const folder of readdirSync(join(root, 'packages')))
    cpSync(dist(root, folder), dist(copy, folder), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
  // `changeset version` wants to know what changed since the branch that releases are made of: here, nothing.
  run('git', ['init', '--quiet', '--initial-branch=main'], copy);
  run('git', ['add', '--all'], copy);
  const me = ['-c', 'user.name=release', '-c', 'user.email=release@localhost'];
  run('git', [...me, 'commit', '--quiet', '--message=As it is'], copy);
}

/** @returns {string[]} The changesets that wait, in their own words. */
function pending() {
  const file = 'changeset-status.json';
  run(bin('changeset'), ['status', `--output=${file}`], copy);
  const { changesets } = JSON.parse(readFileSync(join(copy, file), 'utf8'));
  rmSync(join(copy, file));
  if (changesets.length === 0)
    return ['  nothing: what is published is what npm does not have yet'];
  return changesets.map(
    (/** @type {{ id: string, summary: string }} */ { id, summary }) => `  ${id}: ${summary}`,
  );
}

/** @returns {Map<string, { name: string, version: string }>} */
function versions() {
  const folders = readdirSync(join(copy, 'packages'));
  return new Map(
    folders.map((folder) => [
      folder,
      JSON.parse(readFileSync(join(copy, 'packages', folder, 'package.json'), 'utf8')),
    ]),
  );
}

/** Packs one, and says what is in it. @param {string} folder @param {string} name @param {{ version: string } | undefined} before @param {string} version */
function tell(folder, name, before, version) {
  const cwd = join(copy, 'packages', folder);
  const output = run(bin('pnpm'), ['pack', '--json', `--pack-destination=${copy}`], cwd);
  const { filename, files } = JSON.parse(output);
  const manifest = JSON.parse(
    execFileSync('tar', ['-xzOf', filename, 'package/package.json'], { encoding: 'utf8' }),
  );
  const left = JSON.stringify(manifest.dependencies ?? {}).includes('workspace:');
  if (manifest.version !== version || left) throw new Error(`${name} was packed wrongly`);
  console.log(`  ${name} ${before?.version} -> ${version}, ${files.length} files`);
}

/** For git, and for what calls git: it takes settings from there. @param {string[]} folders */
function trusting(folders) {
  const entries = folders.flatMap((folder, index) => [
    [`GIT_CONFIG_KEY_${index}`, 'safe.directory'],
    [`GIT_CONFIG_VALUE_${index}`, folder],
  ]);
  return { GIT_CONFIG_COUNT: String(folders.length), ...Object.fromEntries(entries) };
}

/** @param {string} base @param {string} folder */
function dist(base, folder) {
  return join(base, 'packages', folder, 'dist');
}

/** @param {string} file @param {string[]} args @param {string} cwd */
function run(file, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(file, args, { cwd, env, encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new Error(`${file} ${args.join(' ')} failed\n${error?.message ?? ''}${stdout}${stderr}`);
}
