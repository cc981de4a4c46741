/** The user's project: the packed packages installed, made once for all tests and removed after them. */
import { cp, mkdir, realpath, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { installPacked } from '../../packed.mjs';

const VARIABLE = 'JETSOCKET_USER';
const here = join(import.meta.dirname, '..');
const root = join(here, '..', '..');

/** What our declarations ask for beside what npm brings: the types of Node, and what tests are written with. */
const LINKED = ['@types/node', 'vitest', 'fast-check'];

/** Where it is. */
export function user(): string {
  const found = process.env[VARIABLE];
  if (found === undefined)
    throw new Error('There is no project: run this by its own configuration');
  return found;
}

/** For Playwright: before the first test. What it returns is called after the last one. */
export default async function prepare(): Promise<() => Promise<void>> {
  const project = await installPacked();
  process.env[VARIABLE] = project;
  await cp(join(here, 'app'), join(project, 'app'), { recursive: true });
  await cp(join(here, 'types'), join(project, 'types'), { recursive: true });
  for (const name of LINKED) {
    const to = join(project, 'node_modules', name);
    await mkdir(dirname(to), { recursive: true });
    await symlink(await realpath(join(root, 'node_modules', name)), to, 'junction');
  }
  return () => rm(project, { recursive: true, force: true });
}
