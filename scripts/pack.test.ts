/**
 * What we publish, as a user gets it: each package is packed, installed into an empty project
 * outside the repository, and loaded in every way that it promises.
 */
import { execFile, execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { createContext, runInContext } from 'node:vm';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FOLDERS, packAll } from '../tools/packed.mjs';
import { HASHES, integrityOf, LICENSES } from '../tools/release-files.mjs';

const root = join(import.meta.dirname, '..');
const bin = (name: string): string => join(root, 'node_modules', '.bin', name);
const run = promisify(execFile);

type Manifest = {
  readonly name: string;
  readonly version: string;
  readonly exports: Record<string, unknown>;
  readonly dependencies?: Record<string, string>;
  readonly description?: string;
  readonly keywords?: readonly string[];
  readonly unpkg?: string;
  readonly jsdelivr?: string;
};
type Pack = { readonly folder: string; readonly tarball: string; readonly manifest: Manifest };

/** What our packages ask for, taken from this workspace. Not @types/ws: no user needs it. */
const INSTALLED = ['ws', 'isomorphic-ws', 'vitest', 'fast-check', '@types/node'];

const CONFORMANCE = '@jetsocket/testing/conformance';

/** Every entry that a user can name. Importing it must do nothing. */
const ENTRIES = [
  { name: '@jetsocket/core' },
  { name: '@jetsocket/core/protocol' },
  { name: '@jetsocket/server' },
  { name: '@jetsocket/server/redis' },
  { name: '@jetsocket/otel' },
  { name: '@jetsocket/browser' },
  { name: '@jetsocket/node' },
  { name: '@jetsocket/node/transport' },
  { name: '@jetsocket/testing' },
  { name: '@jetsocket/testing/checks' },
  { name: '@jetsocket/testing/proxy' },
  { name: '@jetsocket/testing/simulate' },
  // Loads only inside a test run, as vitest does, and cannot be required, as vitest cannot.
  { name: CONFORMANCE, inVitest: true },
  { name: 'jetsocket' },
  { name: 'jetsocket/websocket' },
] as const;
const REQUIRED = ENTRIES.filter((entry) => !('inVitest' in entry));
const LOADABLE = REQUIRED.map(({ name }) => name);

/** What of others comes with a package: into jetsocket's files for CDNs by way of core. */
const BUNDLED: Readonly<Record<string, readonly { name: string; copyright: string }[]>> = {
  core: [{ name: 'mitt', copyright: 'Jason Miller' }],
  jetsocket: [
    { name: 'mitt', copyright: 'Jason Miller' },
    { name: 'isomorphic-ws', copyright: 'Zejin Zhuang' },
  ],
};

/** How a user compiles, but for the module options. */
const USER: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ['es2022', 'esnext.disposable', 'dom', 'dom.iterable', 'dom.asynciterable'].map(
    (name) => `lib.${name}.d.ts`,
  ),
  types: ['node'],
  strict: true,
  skipLibCheck: false,
  noEmit: true,
};

const work = mkdtempSync(join(tmpdir(), 'jetsocket-pack-'));
const project = join(work, 'project');
const packs = new Map<string, Pack>();

beforeAll(async () => {
  for (const { folder, tarball } of await packAll()) packs.set(folder, opened(folder, tarball));
  for (const each of packs.values()) install(each);
  for (const name of INSTALLED) link(name);
  link('@opentelemetry/api', 'packages/otel/node_modules');
}, 120_000);

afterAll(() => rmSync(work, { recursive: true, force: true }));

describe.each(FOLDERS)('pack: %s', (folder) => {
  it('holds what is built, its licence, and nothing else', () => {
    const files = filesOf(packed(folder));
    expect(files.filter((file) => !isPublished(file))).toEqual([]);
    expect(files).toContain('LICENSE');
  });

  it('is described for users, not for this workspace', () => {
    const text = JSON.stringify(packed(folder).manifest);
    expect(text).not.toContain('@jetsocket/source');
    expect(text).not.toContain('workspace:');
  });

  it('says in its manifest what npm shows of it', () => {
    const { manifest } = packed(folder);
    const wanted = {
      license: 'MIT',
      type: 'module',
      sideEffects: false,
      engines: { node: '>=20.19' },
      main: expect.stringMatching(/\.cjs$/) as string,
      types: expect.stringMatching(/\.d\.cts$/) as string,
      publishConfig: { access: 'public', provenance: true },
    };
    expect(manifest).toMatchObject(wanted);
    expect(manifest.description?.length).toBeGreaterThan(30);
    const { keywords = [] } = manifest;
    expect(keywords).toEqual(expect.arrayContaining(['websocket', 'typescript']));
    expect(new Set(keywords).size).toBe(keywords.length);
    expect(keywords.length).toBeGreaterThanOrEqual(6);
    expect(keywords.length).toBeLessThanOrEqual(10);
    // Nothing runs on the machine of who installs it.
    expect(manifest).not.toHaveProperty('scripts');
  });

  it('has a README that says how to get it, and shows code', () => {
    const text = readFileSync(join(installed(packed(folder).manifest.name), 'README.md'), 'utf8');
    expect(text).toContain(packed(folder).manifest.name);
    expect(text).toMatch(/npm install \S*jetsocket/);
    expect(text).toMatch(/```ts\n[^`]*import /);
  });

  it('has the licence of all that is bundled into it', () => {
    const { manifest } = packed(folder);
    const dist = join(installed(manifest.name), 'dist');
    const files = filesOf(packed(folder));
    const bundled = BUNDLED[folder] ?? [];
    expect(files.includes(`dist/${LICENSES}`)).toBe(bundled.length > 0);
    for (const { name, copyright } of bundled) {
      const text = readFileSync(join(dist, LICENSES), 'utf8');
      expect(text).toMatch(new RegExp(`^${name} \\d`, 'm'));
      expect(text).toContain(copyright);
      expect(text).toContain('The above copyright notice and this permission notice');
    }
    // What comes from elsewhere is told by the maps, and nothing may come that is not named above.
    const maps = files.filter((file) => file.endsWith('.map'));
    const foreign = maps.flatMap((file) => {
      const text = readFileSync(join(installed(manifest.name), file), 'utf8');
      const { sources } = JSON.parse(text) as { sources: string[] };
      return sources.flatMap(
        (source) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1] ?? [],
      );
    });
    const names = bundled.map(({ name }) => name);
    expect([...new Set(foreign)].filter((name) => !names.includes(name))).toEqual([]);
  });

  it('has every file that its manifest names', () => {
    const { manifest } = packed(folder);
    const files = filesOf(packed(folder)).map((file) => `./${file}`);
    for (const file of pathsIn(manifest)) expect(files).toContain(file);
  });

  it('has source maps that need no sources', () => {
    const { manifest } = packed(folder);
    const maps = filesOf(packed(folder)).filter((file) => file.endsWith('.map'));
    expect(maps).not.toEqual([]);
    for (const file of maps) {
      const text = readFileSync(join(installed(manifest.name), file), 'utf8');
      const map = JSON.parse(text) as { sources: string[]; sourcesContent?: (string | null)[] };
      expect(map.sourcesContent ?? [], file).toHaveLength(map.sources.length);
      expect(map.sourcesContent ?? [], file).not.toContain(null);
    }
  });

  it('never shows mitt or the types of ws in its declarations', () => {
    const { manifest } = packed(folder);
    const declarations = filesOf(packed(folder)).filter((file) => /\.d\.[mc]ts$/.test(file));
    expect(declarations).not.toEqual([]);
    for (const file of declarations) {
      const text = readFileSync(join(installed(manifest.name), file), 'utf8');
      expect(text, file).not.toMatch(/\bmitt\b|['"](isomorphic-)?ws['"]/);
    }
  });

  it('satisfies publint', async () => {
    const { tarball } = packed(folder);
    const { messages, pkg = {} } = await publint({
      strict: true,
      pack: { tarball: toArrayBuffer(readFileSync(tarball)) },
    });
    const complaints = messages.filter(({ type }) => type !== 'suggestion');
    expect(complaints.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  it('has types that resolve in every mode of TypeScript', async () => {
    // `node16`: without the resolution of Node 10, which knows no subpaths.
    const args = [packed(folder).tarball, '--format', 'ascii', '--no-emoji', '--profile'];
    const isTesting = folder === 'testing';
    const others = isTesting ? ['--exclude-entrypoints', 'conformance'] : [];
    await succeeds(bin('attw'), [...args, 'node16', ...others], root);
    if (!isTesting) return;
    await succeeds(bin('attw'), [...args, 'esm-only', '--entrypoints', 'conformance'], root);
  });
});

it.each([
  'dist/notes.md',
  'dist/index.ts',
  'dist/.env',
  'dist/index.test.mjs',
  'dist/index.spec.cjs',
  'dist/index.test-d.d.mts',
  'dist/src/index.mjs',
  'dist/other.json',
  'src/index.mjs',
  'tsconfig.json',
])('pack: %s would be found', (file) => {
  expect(isPublished(file)).toBe(false);
});

describe('pack: loading', () => {
  it('every entry of every manifest is listed here', () => {
    const all = [...packs.values()].flatMap(({ manifest: { name, exports } }) =>
      Object.keys(exports)
        .filter((path) => path !== './package.json')
        .map((path) => name + path.slice(1)),
    );
    expect(ENTRIES.map(({ name }) => name).sort()).toEqual(all.sort());
  });

  it.each(LOADABLE)('import %s has names, and no effect', async (name) => {
    await expectQuiet('--input-type=module', `const entry = await import('${name}');`);
  });

  it.each(LOADABLE)('require %s has names, and no effect', async (name) => {
    await expectQuiet('--input-type=commonjs', `const entry = require('${name}');`);
  });

  it('import of the conformance suite inside a vitest run gives its tests', async () => {
    writeFileSync(
      join(project, 'transport.test.mjs'),
      `import { describeTransport } from '${CONFORMANCE}';
       describeTransport('mine', () => { throw new Error('asked for a transport'); });`,
    );
    const args = ['run', '--root', project, '--reporter=json', '--outputFile=tests.json'];
    // It has no transport, so every test of it fails, and each for that.
    await expect(run(bin('vitest'), args, { cwd: project })).rejects.toThrow();
    const report = JSON.parse(readFileSync(join(project, 'tests.json'), 'utf8')) as {
      testResults: { assertionResults: { fullName: string; failureMessages: string[] }[] }[];
    };
    const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
    expect(tests.length).toBeGreaterThan(10);
    for (const { fullName, failureMessages } of tests) {
      expect(fullName).toMatch(/^mine /);
      expect(failureMessages.join()).toContain('asked for a transport');
    }
  }, 60_000);

  it('require of the conformance suite is refused with a reason', async () => {
    const load = run(process.execPath, ['-e', `require('${CONFORMANCE}')`], { cwd: project });
    await expect(load).rejects.toThrow('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });

  it('import and require of jetsocket/package.json tell the version', () => {
    const require = createRequire(join(project, 'index.js'));
    const manifest = require('jetsocket/package.json') as Manifest;
    expect(manifest.version).toBe(packed('jetsocket').manifest.version);
  });

  it('bundlers for browsers get the browser variant, Node gets the other', async () => {
    const script = "console.log(import.meta.resolve('jetsocket'))";
    const resolve = async (...conditions: string[]): Promise<string> => {
      const args = [...conditions, '--input-type=module', '-e', script];
      return (await run(process.execPath, args, { cwd: project })).stdout.trim();
    };
    await expect(resolve()).resolves.toMatch(/dist\/index\.mjs$/);
    await expect(resolve('-C', 'browser')).resolves.toMatch(/dist\/index\.browser\.mjs$/);
  });
});

describe('pack: CDN files', () => {
  it('the manifest names the minified UMD file', () => {
    const { unpkg, jsdelivr } = packed('jetsocket').manifest;
    expect([unpkg, jsdelivr]).toEqual(Array(2).fill('./dist/jetsocket.umd.min.js'));
  });

  it('sri.json has the hash of every file that a page may load', () => {
    const dist = join(installed('jetsocket'), 'dist');
    const hashes = JSON.parse(readFileSync(join(dist, HASHES), 'utf8')) as Record<string, string>;
    const files = readdirSync(dist).filter((file) => /^jetsocket\..+\.js$/.test(file));
    expect(Object.keys(hashes).sort()).toEqual(files.sort());
    for (const file of files)
      expect(hashes[file]).toBe(integrityOf(readFileSync(join(dist, file))));
  });

  it.each(['jetsocket.umd.js', 'jetsocket.umd.min.js', 'jetsocket.esm.min.js'])(
    '%s says whose work it contains',
    (file) => {
      const text = readFileSync(join(installed('jetsocket'), 'dist', file), 'utf8').slice(0, 400);
      expect(text).toMatch(
        /^\/\*![^/]*JetSocket, MIT[^/]*mitt, MIT License, Copyright[^/]*isomorphic-ws, MIT/,
      );
    },
  );

  it.each(['jetsocket.umd.js', 'jetsocket.umd.min.js'])('%s defines JetSocket.connect', (file) => {
    // Bare: not even a console. Whatever is needed is to be looked up when it is needed.
    const context = createContext({});
    runInContext(readFileSync(join(installed('jetsocket'), 'dist', file), 'utf8'), context);
    expect(runInContext('typeof JetSocket.connect', context)).toBe('function');
    expect(runInContext('typeof JetSocket.JetSocket', context)).toBe('function');
    expect(runInContext('typeof JetSocket.WebSocket', context)).toBe('function');
    expect(runInContext('Object.keys(globalThis)', context)).toEqual(['JetSocket']);
  });

  it('jetsocket.esm.min.js needs nothing else', async () => {
    const file = join(installed('jetsocket'), 'dist', 'jetsocket.esm.min.js');
    expect(readFileSync(file, 'utf8')).not.toMatch(/\bimport\s*["'{*]|\bfrom\s*["']/);
    // Away from any node_modules, under a name that is ESM everywhere.
    const alone = join(work, 'alone.mjs');
    writeFileSync(alone, readFileSync(file));
    await expectQuiet('--input-type=module', `const entry = await import('${alone}');`);
  });
});

describe('pack: pages that are left', () => {
  /** Every text and every name in the code of a file: comments say `unload` too. */
  function words(file: string): Set<string> {
    const found = new Set<string>();
    const visit = (node: ts.Node): void => {
      if (ts.isStringLiteralLike(node) || ts.isIdentifier(node)) found.add(node.text);
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest));
    return found;
  }

  const files = (name: string): string[] => {
    const dist = join(installed(name), 'dist');
    return readdirSync(dist)
      .filter((file) => /\.(js|mjs|cjs)$/.test(file))
      .map((file) => join(dist, file));
  };

  it.each(['@jetsocket/core', '@jetsocket/browser', 'jetsocket'])(
    'nothing of %s listens to unload, which keeps pages out of the cache',
    (name) => {
      expect(files(name).length).toBeGreaterThan(1);
      for (const file of files(name)) {
        const used = words(file);
        for (const type of ['unload', 'beforeunload', 'onunload', 'onbeforeunload'])
          expect(used, file).not.toContain(type);
      }
    },
  );

  it.each([
    ['@jetsocket/browser', 'index.mjs'],
    ['jetsocket', 'jetsocket.umd.min.js'],
    ['jetsocket', 'jetsocket.esm.min.js'],
  ])('%s/%s listens to pagehide and pageshow instead', (name, file) => {
    const used = words(join(installed(name), 'dist', file));
    expect(['pagehide', 'pageshow'].filter((type) => !used.has(type))).toEqual([]);
  });
});

describe('pack: TypeScript users', () => {
  const node16 = { module: ts.ModuleKind.Node16 };
  const bundler = {
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  };
  const browser = { ...bundler, customConditions: ['browser'] };

  it.each([
    { mode: 'ESM in Node', file: 'esm.mts', options: node16 },
    { mode: 'CommonJS in Node', file: 'cjs.cts', options: node16 },
    { mode: 'a bundler', file: 'bundler.ts', options: bundler },
    { mode: 'a bundler for browsers', file: 'browser.ts', options: browser },
  ])('compile for $mode', ({ file, options }) => {
    expect(compile(file, options)).toBe('');
  });
});

function opened(folder: string, tarball: string): Pack {
  const manifest = execFileSync('tar', ['-xzOf', tarball, 'package/package.json'], {
    encoding: 'utf8',
  });
  return { folder, tarball, manifest: JSON.parse(manifest) as Manifest };
}

/** Unpacks a tarball to where an installation would put it. */
function install({ tarball, manifest }: Pack): void {
  mkdirSync(installed(manifest.name), { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed(manifest.name)]);
}

function link(name: string, from: string = 'node_modules'): void {
  mkdirSync(dirname(installed(name)), { recursive: true });
  symlinkSync(realpathSync(join(root, from, name)), installed(name), 'junction');
}

function installed(name: string): string {
  return join(project, 'node_modules', name);
}

function packed(folder: string): Pack {
  const found = packs.get(folder);
  if (found === undefined) throw new Error(`packages/${folder} was not packed`);
  return found;
}

function filesOf({ tarball }: Pack): string[] {
  const list = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' });
  return list
    .trim()
    .split('\n')
    .map((line) => line.replace(/^package\//, ''));
}

/** Code, its maps and declarations, and what tools/release-files.mjs writes; no tests, and no folders. */
function isPublished(file: string): boolean {
  if (['package.json', 'LICENSE', 'README.md'].includes(file)) return true;
  if ([`dist/${HASHES}`, `dist/${LICENSES}`].includes(file)) return true;
  if (/[.-](test|spec|test-d)\./.test(file)) return false;
  return /^dist\/[\w.-]+\.(mjs|cjs|js|d\.mts|d\.cts|(mjs|cjs|js)\.map)$/.test(file);
}

/** Every `./dist/…` that stands somewhere in the manifest. */
function pathsIn(value: unknown): string[] {
  if (typeof value === 'string') return value.startsWith('./dist/') ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(pathsIn);
}

/**
 * Runs `load`, which defines `entry`, in a Node of its own: no output, nothing that keeps the
 * process alive, no new global, and at least one name to import.
 */
async function expectQuiet(type: string, load: string): Promise<void> {
  const script = `
    const settle = () => new Promise((done) => setImmediate(() => setImmediate(done)));
    const look = () => ({
      resources: process.getActiveResourcesInfo(),
      globals: Object.getOwnPropertyNames(globalThis),
    });
    (async () => {
      await settle();
      const before = look();
      ${load}
      await settle();
      const seen = { before, after: look(), names: Object.keys(entry) };
      process.on('exit', () => process.stdout.write(JSON.stringify(seen)));
    })();
  `;
  const { stdout, stderr } = await run(process.execPath, [type, '-e', script], {
    cwd: project,
    timeout: 10_000,
  });
  expect(stderr).toBe('');
  const { before, after, names } = JSON.parse(stdout) as Record<string, unknown>;
  expect(after).toEqual(before);
  expect(names).not.toEqual([]);
}

/** Typechecks a file that imports every entry, and our declarations. Returns what is wrong. */
function compile(file: string, options: ts.CompilerOptions): string {
  const path = join(project, file);
  const lines = (file.endsWith('.cts') ? REQUIRED : ENTRIES).flatMap(({ name }, index) => [
    `import * as entry${index} from '${name}';`,
    `export const names${index}: object = entry${index};`,
  ]);
  writeFileSync(path, lines.join('\n'));
  const host = ts.createCompilerHost({});
  host.getCurrentDirectory = () => project;
  const program = ts.createProgram({ rootNames: [path], host, options: { ...USER, ...options } });
  // Declarations of others are theirs to check.
  const ours = program.getSourceFiles().filter(({ fileName }) => {
    return fileName === path || /node_modules\/(@jetsocket|jetsocket)\//.test(fileName);
  });
  const problems = [
    ...program.getOptionsDiagnostics(),
    ...ours.flatMap((source) => program.getSyntacticDiagnostics(source)),
    ...ours.flatMap((source) => program.getSemanticDiagnostics(source)),
  ];
  return ts.formatDiagnostics(problems, host);
}

/** Runs a command, and fails with what it said. */
async function succeeds(file: string, args: string[], cwd: string): Promise<string> {
  try {
    return (await run(file, args, { cwd })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${[file, ...args].join(' ')} failed\n${stdout}${stderr}`, { cause: error });
  }
}

function toArrayBuffer(buffer: Buffer): ArrayBuffer {
  return Uint8Array.from(buffer).buffer;
}
