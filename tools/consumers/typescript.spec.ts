/**
 * The declarations, as the compilers of users read them: what is right compiles, what is wrong does not, in every mode of
 * resolution, without `skipLibCheck`. The oldest compiler, the newest and the one in Go; with ALL_TYPESCRIPTS=1 all between.
 */
import { expect, test } from '@playwright/test';
import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import ts from 'typescript';
import { user } from './src/user.js';

const VERSIONS = ['5.4', '5.5', '5.6', '5.7', '5.8', '5.9', '6.0', '7.0'];
const isWhole = process.env['ALL_TYPESCRIPTS'] === '1';

type Mode = {
  readonly name: string;
  /** The compilers that are tried when not all of them are: which these are is all that the time allows. */
  readonly inShort: readonly string[];
  /** What the sources become: their names say what they are compiled to. */
  readonly kinds: readonly ('mts' | 'cts' | 'ts')[];
  readonly isNode: boolean;
  readonly options: object;
};

const DOM = ['ES2022', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'];
const STRICTEST = {
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  verbatimModuleSyntax: false,
};

const MODES: readonly Mode[] = [
  {
    name: 'node16, as ESM and as CommonJS, with the DOM',
    inShort: ['5.4', '7.0'],
    kinds: ['mts', 'cts'],
    isNode: true,
    options: { module: 'node16', moduleResolution: 'node16', lib: DOM, ...STRICTEST },
  },
  {
    name: 'nodenext, as ESM and as CommonJS, without the DOM',
    inShort: ['6.0'],
    kinds: ['mts', 'cts'],
    isNode: true,
    options: { module: 'nodenext', moduleResolution: 'nodenext', lib: ['ES2022'] },
  },
  {
    name: 'bundler, without the types of Node',
    inShort: ['6.0', '7.0'],
    kinds: ['ts'],
    isNode: false,
    options: { module: 'esnext', moduleResolution: 'bundler', lib: DOM, ...STRICTEST },
  },
  {
    name: 'bundler with the condition browser',
    inShort: ['5.4', '6.0'],
    kinds: ['ts'],
    isNode: false,
    options: {
      module: 'esnext',
      moduleResolution: 'bundler',
      customConditions: ['browser'],
      lib: ['ES2018', 'DOM'], // The oldest that will do.
    },
  },
];

/** What a page can import. Everything else is for Node, or for tests. */
const FOR_PAGES = ['jetsocket', 'jetsocket/websocket', '@jetsocket/browser', '@jetsocket/core'];

/** What cannot be required, as it imports vitest, which cannot be either. */
const ESM_ONLY = ['@jetsocket/testing/conformance'];

for (const version of VERSIONS) {
  for (const [number, mode] of MODES.entries()) {
    if (!isWhole && !mode.inShort.includes(version)) continue;
    test(`TypeScript ${version}: ${mode.name}`, async () => {
      const folder = join(user(), 'types', `${version}-${number}`);
      await mkdir(folder);
      const expected = await writeSources(folder, mode);
      expect(expected.length).toBeGreaterThan(10);
      const { place, rest } = complaints(await tsc(version, folder));
      expect(rest).toEqual([]);
      expect(place.sort()).toEqual(expected.sort());
    });
  }
}

/** Puts the project into the folder. Returns the places that must not compile: `file(line`. */
async function writeSources(folder: string, { kinds, isNode, options }: Mode): Promise<string[]> {
  const names = isNode ? ['right', 'node', 'wrong', 'wrong-node'] : ['right', 'wrong'];
  const expected: string[] = [];
  for (const kind of kinds) {
    for (const name of names) {
      const source = await readFile(join(user(), 'types', `${name}.mts`), 'utf8');
      await writeFile(join(folder, `${name}.${kind}`), source);
      for (const [index, line] of source.split('\n').entries())
        if (line.endsWith('// wrong')) expected.push(`${name}.${kind}(${index + 1}`);
    }
    await writeFile(join(folder, `surface.${kind}`), surface(isNode, kind === 'cts'));
  }
  const compilerOptions = {
    target: 'ES2022',
    strict: true,
    skipLibCheck: false,
    noEmit: true,
    types: isNode ? ['node'] : [],
    ...options,
  };
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, include: kinds.map((kind) => `*.${kind}`) }),
  );
  return expected;
}

/** A module that names all that every entry exports. */
function surface(isNode: boolean, isCommonJs: boolean): string {
  const lines = [...names()].flatMap(([entry, exported], index) => {
    if (!isNode && !FOR_PAGES.includes(entry)) return [];
    if (isCommonJs && ESM_ONLY.includes(entry)) return [];
    const list = exported.map((name) => `${name} as ${name}${index}`);
    return [`export { ${list.join(', ')} } from '${entry}';`];
  });
  return lines.join('\n');
}

let known: Map<string, string[]> | undefined;

/** Entry → its names, types as well, as the declarations for Node have them. */
function names(): Map<string, string[]> {
  if (known !== undefined) return known;
  const entries = ['jetsocket', ...SCOPED.map((name) => `@jetsocket/${name}`)].flatMap((name) => {
    const manifest = ts.sys.readFile(join(user(), 'node_modules', name, 'package.json')) ?? '{}';
    const { exports = {} } = JSON.parse(manifest) as { exports?: Record<string, unknown> };
    return Object.keys(exports)
      .filter((path) => path !== './package.json')
      .map((path) => name + path.slice(1));
  });
  const file = join(user(), 'types', 'all.mts');
  const all = entries.map((entry, index) => `export * as e${index} from '${entry}';`);
  ts.sys.writeFile(file, all.join('\n'));
  const program = ts.createProgram([file], {
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
  });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error('Cannot read the entries');
  known = new Map(
    checker.getExportsOfModule(module).map((each) => {
      const entry = entries[Number(each.name.slice(1))] ?? '';
      const target = checker.getAliasedSymbol(each);
      return [entry, checker.getExportsOfModule(target).map(({ name }) => name)];
    }),
  );
  return known;
}

const SCOPED = ['core', 'browser', 'node', 'server', 'otel', 'testing'];

/** What the compiler says: a user's own, as a program. It ends with 1 or 2 when it has something to say. */
async function tsc(version: string, folder: string): Promise<string> {
  const file = join(import.meta.dirname, 'node_modules', `typescript-${version}`, 'bin', 'tsc');
  const args = [file, '--pretty', 'false', '-p', '.'];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, problems] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (problems !== '' || output === '') throw new Error(`TypeScript ${version} says: ${problems}`);
  return output;
}

/**
 * The places of errors in the sources, each once, and all other errors. Those in declarations of vitest and of what it is made
 * of are theirs; nothing else is excused.
 */
function complaints(output: string): { place: string[]; rest: string[] } {
  const lines = output.split('\n').filter((line) => /^\S/.test(line) && !line.includes('/.pnpm/'));
  const place = lines.flatMap((line) => /^(wrong[^/]*\(\d+)/.exec(line)?.[1] ?? []);
  return {
    place: [...new Set(place)],
    rest: lines.filter((line) => !/^wrong[^/]*\(\d+/.test(line)),
  };
}
