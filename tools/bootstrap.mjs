/**
 * Makes a bare clone ready to run, and is silent when it is: dependencies from the lockfile, and,
 * with `--chromium`, `--firefox` and `--webkit`, browsers for the end-to-end tests, with `--servers`, the
 * servers that it is tested against, with `--runtimes`, the runtimes that it is tested in, with `--consumers`, the
 * bundlers and compilers that users have. `--other-browsers` are Firefox and WebKit, where they can be had: elsewhere
 * it says so, and goes on, but not in CI. Needs nothing but Node and npm.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BROWSERS } from './browsers.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What was installed last: when it changes, so must node_modules. */
const STAMP = join(root, 'node_modules', '.bootstrap');
const INSTALL_INPUTS = ['pnpm-lock.yaml', 'pnpm-workspace.yaml'];

/** What the tests are run against: where each is when it is there, and what brings it. */
const SERVERS = [
  { name: 'redis-server', file: ['/usr/bin/redis-server'], packages: ['redis-server'] },
  {
    name: 'nginx with nchan',
    file: ['/usr/lib/nginx/modules/ngx_nchan_module.so'],
    packages: ['nginx', 'libnginx-mod-nchan'],
  },
  {
    name: 'nats-server',
    file: ['/usr/sbin/nats-server', '/usr/bin/nats-server'],
    packages: ['nats-server'],
  },
];

/** A workspace of its own: a hundred megabytes for each runtime, which few need. */
const RUNTIMES = join(root, 'tools', 'runtimes');
/** Likewise: bundlers, and every TypeScript. */
const CONSUMERS = join(root, 'tools', 'consumers');

const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

try {
  installDependencies();
  // All at once: each look for what is new takes long.
  installFromDebian([
    ...BROWSERS.flatMap((browser) => {
      if (process.argv.includes(browser.flag)) return missingOf(browser);
      return process.argv.includes('--other-browsers') ? missingOfOther(browser) : [];
    }),
    ...(process.argv.includes('--servers') ? missingServers() : []),
  ]);
  if (process.argv.includes('--runtimes')) installApart(RUNTIMES, 'runtimes to test in');
  if (process.argv.includes('--consumers')) installApart(CONSUMERS, 'bundlers and compilers');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

function installDependencies() {
  const wanted = fingerprint();
  const reason = installReason(wanted);
  if (reason === undefined) return;
  console.log(`Installing dependencies (${reason})…`);
  pnpmInstall(root);
  writeFileSync(STAMP, wanted);
}

/** @param {string} dir @param {string} what */
function installApart(dir, what) {
  const stamp = join(dir, 'node_modules', '.bootstrap');
  const lockfile = readFileSync(join(dir, 'pnpm-lock.yaml'));
  const wanted = createHash('sha256').update(packageManager).update(lockfile).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.log(`Installing ${what} (first run only)…`);
  pnpmInstall(dir);
  mkdirSync(join(dir, 'node_modules'), { recursive: true });
  writeFileSync(stamp, wanted);
}

/** @param {string} dir */
function pnpmInstall(dir) {
  const pnpm = packageManager.split('+')[0];
  const args = ['--yes', pnpm, 'install', '--frozen-lockfile', '--reporter=append-only'];
  run('npx', [...args, '--dir', dir], { CI: '1', npm_config_loglevel: 'error' });
}

/** @param {string} wanted @returns {string | undefined} Why an install is needed, if it is. */
function installReason(wanted) {
  if (!existsSync(join(root, 'node_modules'))) return 'first run only';
  if (!existsSync(STAMP)) return 'an earlier install did not finish';
  return readFileSync(STAMP, 'utf8') === wanted ? undefined : 'the lockfile or Node changed';
}

function fingerprint() {
  const hash = createHash('sha256').update(process.version).update(packageManager);
  for (const file of INSTALL_INPUTS) hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

/**
 * @typedef {{ name: string, packages: string[] }} Missing What it is, and what brings it on Debian.
 * @param {import('./browsers.mjs').Browser} browser
 * @returns {Missing[]}
 */
function missingOf({ name, find, packages, variable }) {
  if (find() !== undefined) return [];
  const asked = variable && process.env[variable];
  if (asked) throw new Error(`${variable} is ${asked}, and no such file exists.`);
  if (!canInstall()) {
    const how = variable
      ? `Install it, and say where it is: ${variable}=/path/to/${name.toLowerCase()} npm test`
      : `Install these packages of Debian's: ${packages.join(' ')}`;
    throw new Error(
      `The end-to-end tests need ${name}. None was found, and only root on Debian can install it.\n${how}`,
    );
  }
  return [{ name, packages }];
}

/**
 * Without it its tests are told as not run, see scripts/test.mjs.
 * @param {import('./browsers.mjs').Browser} browser @returns {Missing[]}
 */
function missingOfOther(browser) {
  try {
    return missingOf(browser);
  } catch (error) {
    if (process.env.CI) throw error;
    console.log(error instanceof Error ? error.message : error);
    return [];
  }
}

function canInstall() {
  return process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
}

/** @returns {Missing[]} */
function missingServers() {
  const missing = SERVERS.filter(
    ({ name, file }) =>
      !(name === 'redis-server' && process.env.REDIS_SERVER) &&
      !file.some((path) => existsSync(path)),
  );
  if (missing.length > 0 && !canInstall()) {
    const names = missing.map(({ name }) => name).join(', ');
    throw new Error(
      `The tests need ${names}. Only root on Debian can install them: do it, and run this again.\n` +
        'Where Redis is elsewhere: REDIS_SERVER=/path/to/redis-server npm test',
    );
  }
  return missing;
}

/** @param {Missing[]} missing */
function installFromDebian(missing) {
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name).join(', ');
  console.log(`Installing ${names} from Debian packages (first run only)…`);
  apt('update');
  apt('install', '-y', '--no-install-recommends', ...missing.flatMap(({ packages }) => packages));
}

/** Nothing is asked, and told only what fails. @param {string[]} args */
function apt(...args) {
  run('apt-get', ['-qq', ...args], { DEBIAN_FRONTEND: 'noninteractive' }, 'pipe');
}

/**
 * Runs a command to its end, and throws when it fails. A piped command is heard only then.
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string>} env
 * @param {'inherit' | 'pipe'} output
 */
function run(command, args, env, output = 'inherit') {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', output, output],
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  if (error) throw new Error(`Cannot run ${command}: ${error.message}`);
  if (status === 0) return;
  if (output === 'pipe') console.error(stdout + stderr);
  throw new Error(`${command} ${args.join(' ')} failed (exit code ${status}).`);
}
