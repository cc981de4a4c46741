/**
 * Packages are published with their provenance: the real `changeset publish`, with what the workflow gives it, against a registry and
 * an identity provider of this machine. What asks for a token for `sigstore` signs. It is refused, so nothing is signed or sent.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..');
const folders = readdirSync(join(root, 'packages'));

/** The step of the workflow that publishes, as far as it is of interest here. */
type Step = {
  readonly with?: { readonly publish?: string };
  readonly env?: Record<string, string>;
};

describe('provenance', () => {
  it('is asked for by the release workflow, for every package', async () => {
    const { asked, put } = await publish(workflowEnv());
    expect(asked.filter((audience) => audience === 'sigstore')).toHaveLength(folders.length);
    expect(put).toEqual([]);
  }, 60_000);

  // Elsewhere nobody could sign; and it shows that what is above is due to the workflow alone.
  it('is not asked for elsewhere', async () => {
    const { asked, put } = await publish({});
    expect(asked).not.toContain('sigstore');
    expect(put).toEqual(folders.map(() => 'Bearer of nobody'));
  }, 60_000);
});

/** What the step sets, without its secrets. */
function workflowEnv(): Record<string, string> {
  const text = readFileSync(join(root, '.github/workflows/release.yml'), 'utf8');
  const { jobs } = parse(text) as { jobs: Record<string, { steps?: Step[] }> };
  const steps = Object.values(jobs).flatMap((job) => job.steps ?? []);
  const step = steps.find((one) => one.with?.publish === 'npm run release:publish');
  if (step === undefined) throw new Error('no step runs release:publish');
  const plain = Object.entries(step.env ?? {}).filter(([, value]) => !value.includes('${{'));
  // GitHub makes texts of what is no text in YAML.
  return Object.fromEntries(plain.map(([name, value]) => [name, String(value)]));
}

type Seen = {
  /** For whom tokens of identity were asked. */
  readonly asked: string[];
  /** With which token packages were sent. */
  readonly put: string[];
};

async function publish(env: Record<string, string>): Promise<Seen> {
  const seen: Seen = { asked: [], put: [] };
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const isSent = request.method === 'PUT';
    if (pathname === '/identity') seen.asked.push(searchParams.get('audience') ?? '');
    else if (isSent) seen.put.push(request.headers.authorization ?? '');
    request.resume().on('end', () => {
      response.writeHead(isSent ? 201 : 404).end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const copy = mkdtempSync(join(tmpdir(), 'jetsocket-publish-'));
  try {
    copyManifests(copy);
    writeFileSync(join(copy, '.npmrc'), `//127.0.0.1:${port}/:_authToken=of nobody\n`);
    await changeset(copy, { ...runnerEnv(copy, `http://127.0.0.1:${port}`), ...env });
  } finally {
    rmSync(copy, { recursive: true });
    server.close();
    server.closeAllConnections();
  }
  return seen;
}

/** Enough of the workspace to be published; what is built is not. */
function copyManifests(copy: string): void {
  const manifests = folders.map((folder) => `packages/${folder}/package.json`);
  const others = [
    'package.json',
    'pnpm-workspace.yaml',
    'pnpm-lock.yaml',
    '.changeset/config.json',
  ];
  for (const file of [...others, ...manifests]) cpSync(join(root, file), join(copy, file));
}

/** What there is on GitHub's machines, and no way out: the proxy is a port where nobody listens, and everything else is of this test. */
function runnerEnv(home: string, origin: string): Record<string, string> {
  return {
    PATH: [join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
    HOME: home,
    CI: 'true',
    // npm reads the one, pnpm the other.
    npm_config_registry: `${origin}/`,
    PNPM_CONFIG_REGISTRY: `${origin}/`,
    HTTPS_PROXY: 'http://127.0.0.1:9',
    HTTP_PROXY: 'http://127.0.0.1:9',
    NO_PROXY: '127.0.0.1',
    GITHUB_ACTIONS: 'true',
    GITHUB_REPOSITORY: 'owner/name',
    GITHUB_SERVER_URL: 'https://git.test',
    GITHUB_SHA: '0'.repeat(40),
    GITHUB_REF: 'refs/heads/main',
    GITHUB_WORKFLOW_REF: 'owner/name/.github/workflows/release.yml@refs/heads/main',
    GITHUB_RUN_ID: '1',
    RUNNER_ENVIRONMENT: 'github-hosted',
    ACTIONS_ID_TOKEN_REQUEST_URL: `${origin}/identity?version=1`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'of nobody',
  };
}

/** The last command of `npm run release:publish`; it fails where signing is refused. */
async function changeset(cwd: string, env: Record<string, string>): Promise<void> {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const [program = '', ...args] =
    (scripts['release:publish'] ?? '').split(' && ').at(-1)?.split(' ') ?? [];
  expect(program).toBe('changeset');
  const child = spawn(program, [...args, '--no-git-tag'], { cwd, env, stdio: 'ignore' });
  await once(child, 'close');
}
