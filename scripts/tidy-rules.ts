/**
 * The style of this repository as functions: from the text of one file to what is wrong with it.
 * Each complaint says how to put it right. `tidy.test.ts` runs them over every file.
 */
import ts from 'typescript';

/** A file: `path` is relative to the root of the repository, with `/`. */
export type File = { readonly path: string; readonly text: string };
export type Rule = (file: File) => string[];

const MAX_WIDTH = 140;
const MAX_FUNCTION_LINES = 60;

/** Package → what it may import beside itself. `node:` is allowed where `node:*` stands. */
const PACKAGE_IMPORTS: Record<string, readonly string[]> = {
  core: ['mitt'],
  browser: ['@jetsocket/core'],
  node: ['@jetsocket/core', 'ws', 'node:*'],
  server: ['@jetsocket/core', 'ws', 'redis', 'node:*'],
  otel: ['@jetsocket/core', '@opentelemetry/api'],
  testing: ['@jetsocket/core', 'fast-check', 'vitest', 'node:*'],
  jetsocket: ['@jetsocket/core', '@jetsocket/browser', '@jetsocket/node', 'isomorphic-ws'],
};

/** What only one file may import, so that it can be replaced, and never shows in our types. */
const SOLE_IMPORTERS: Record<string, string> = {
  mitt: 'packages/core/src/runtime/emitter.ts',
  'isomorphic-ws': 'packages/jetsocket/src/socket.ts',
};

/**
 * The layers of core, and which may be imported from which: `value` for anything, `type` for types
 * alone. `shared` are the files beside the folders (errors, events, options, ports…), `top` is what
 * the user calls.
 */
type Layer = 'top' | 'runtime' | 'machine' | 'delivery' | 'adapters' | 'shared';
type Permission = Partial<Record<Layer, 'value' | 'type'>>;
const CORE_LAYERS: Record<Layer, Permission> = {
  top: {
    runtime: 'value',
    machine: 'value',
    delivery: 'value',
    adapters: 'value',
    shared: 'value',
  },
  runtime: { machine: 'value', delivery: 'value', shared: 'value' },
  machine: {},
  delivery: { shared: 'value' },
  adapters: { shared: 'value' },
  shared: { shared: 'value', machine: 'value', delivery: 'value', runtime: 'type', top: 'type' },
};
const CORE_TOP = ['index', 'connect', 'jet-socket', 'protocol'];
const CORE_ARROWS = 'jet-socket -> runtime -> {machine, delivery, ports}, adapters -> ports';

/** The machine knows nothing but these, and only their types. */
const MACHINE_MAY_NAME = ['errors', 'events'];

/** The world, which core only meets through its ports. */
const BANNED_IN_CORE = [
  'Date.now',
  'Math.random',
  'performance.now',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'console',
];
const MEETS_THE_WORLD: Record<string, readonly string[]> = {
  'packages/core/src/adapters/system-clock.ts': BANNED_IN_CORE,
  'packages/core/src/adapters/system-random.ts': ['Math.random'],
};

// -- Rules ------------------------------------------------------------------------------------

/** `apps -> jetsocket -> {browser, node, core}`, `browser, node, testing -> core`. */
export const packageImports: Rule = (file) => {
  const { path } = file;
  const owner = /^packages\/([^/]+)\/src\//.exec(path)?.[1];
  if (owner === undefined || isTest(path)) return [];
  const allowed = PACKAGE_IMPORTS[owner];
  if (allowed === undefined) {
    return [
      `${path}: say in scripts/tidy-rules.ts, PACKAGE_IMPORTS, what packages/${owner} may import`,
    ];
  }
  return importsOf(file)
    .filter(({ to }) => !isAllowed(to, allowed, owner, path))
    .map(({ to, line }) => {
      const may = allowed.join(', ');
      return `${path}:${line}: imports '${to}'. packages/${owner} may import ${may}; move the code, or pass it in`;
    });
};

/** Inside core: `jet-socket -> runtime -> {machine, delivery, ports}`, `adapters -> ports`. */
export const coreLayers: Rule = (file) => {
  const { path } = file;
  const from = coreModule(path);
  if (from === undefined || isTest(path)) return [];
  return importsOf(file).flatMap(({ to, typeOnly, line }) => {
    const target = to.startsWith('.') ? coreModule(join(path, to)) : undefined;
    if (target === undefined) return [];
    if (mayImport(from, target, typeOnly)) return [];
    const kind =
      from.layer === 'machine'
        ? 'its own folder and the types of ../errors and ../events'
        : CORE_ARROWS;
    return [`${path}:${line}: ${from.layer} imports '${to}' (${target.layer}). The way is ${kind}`];
  });
};

/** One dependency, one file. */
export const soleImporter: Rule = (file) =>
  importsOf(file).flatMap(({ to, line }) => {
    const only = file.path.startsWith('packages/') ? SOLE_IMPORTERS[to] : undefined;
    if (only === undefined || only === file.path) return [];
    return [`${file.path}:${line}: only ${only} may import '${to}'; import that file`];
  });

/** Core has no clock, no dice and no console. */
export const noWorldInCore: Rule = (file) => {
  const { path } = file;
  if (!path.startsWith('packages/core/src/') || isTest(path)) return [];
  const banned = BANNED_IN_CORE.filter((name) => !MEETS_THE_WORLD[path]?.includes(name));
  return nodesOf(file).flatMap((node) => {
    const name = globalNamed(node);
    if (name === undefined || !banned.includes(name)) return [];
    return [
      `${at(file, node)}: ${name} is not for core. Take it from a port (Clock, Logger) or from the seed in the state`,
    ];
  });
};

export const lineWidth: Rule = ({ path, text }) =>
  text.split('\n').flatMap((line, index) => {
    if (line.length <= MAX_WIDTH) return [];
    return [`${path}:${index + 1}: ${line.length} columns; break the line, at most ${MAX_WIDTH}`];
  });

/** Callbacks of `describe` are chapters, not functions. */
export const functionLength: Rule = (file) =>
  nodesOf(file).flatMap((node) => {
    if (!ts.isFunctionLike(node) || isChapter(node)) return [];
    const lines = lineOf(file, node.getEnd()) - lineOf(file, node.getStart()) + 1;
    if (lines <= MAX_FUNCTION_LINES) return [];
    return [
      `${at(file, node)}: a function of ${lines} lines; split it, at most ${MAX_FUNCTION_LINES}`,
    ];
  });

const LEFTOVER = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|')})\\b`);
export const noLeftovers: Rule = (file) =>
  matches(file, LEFTOVER, (word) => `${word} is left over; do it, or open an issue`);

export const noAny: Rule = (file) => {
  const { path } = file;
  if (!/^packages\/[^/]+\/src\//.test(path) || path.includes('/adapters/')) return [];
  return nodesOf(file)
    .filter((node) => node.kind === ts.SyntaxKind.AnyKeyword)
    .map((node) => `${at(file, node)}: \`any\`; say what it is, or take \`unknown\` and look`);
};

const SUPPRESSION = new RegExp(`@ts-${'ignore'}|@ts-${'nocheck'}`);
export const noSuppression: Rule = (file) => {
  if (!/^packages\/[^/]+\/src\//.test(file.path) || file.path.includes('/adapters/')) return [];
  return matches(
    file,
    SUPPRESSION,
    (word) => `${word}; mend the type, or use @ts-expect-error in a type test`,
  );
};

/** Folders of somebody's machine, and the hosts that packages are installed from. */
const MACHINE =
  /(?<=^|[\s'"`(=:])(?:\/(?:home|Users|root|work|workspace|mnt)\/[\w.-]+|[A-Z]:\\\\?Users\\)/;
const REGISTRY =
  /\bregistry\.[\w-]+\.(?:org|com|net|io|dev|cn)\b|https?:\/\/(?:localhost|127\.0\.0\.1):4873/;
export const noMachine: Rule = (file) => [
  ...matches(file, MACHINE, (path) => `'${path}' is a path of one machine; make it relative`),
  ...matches(
    file,
    REGISTRY,
    (host) => `'${host}' is a registry; leave that to the user's configuration`,
  ),
];

// -- Imports ----------------------------------------------------------------------------------

type Import = { readonly to: string; readonly typeOnly: boolean; readonly line: number };

/** Every module a file names: import, export from, `import()`, `import('x').T` and require. */
export function importsOf(file: File): Import[] {
  return nodesOf(file).flatMap((node) => {
    const found = importAt(node);
    return found ? [{ ...found, line: lineOf(file, node.getStart()) }] : [];
  });
}

function importAt(node: ts.Node): Omit<Import, 'line'> | undefined {
  if (ts.isImportDeclaration(node))
    return named(node.moduleSpecifier, isTypeImport(node.importClause));
  if (ts.isExportDeclaration(node)) return named(node.moduleSpecifier, node.isTypeOnly);
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return named(node.argument.literal, true);
  }
  if (ts.isExternalModuleReference(node)) return named(node.expression, false);
  if (!ts.isCallExpression(node)) return undefined;
  const { expression } = node;
  const loads =
    expression.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isIdentifier(expression) && expression.text === 'require');
  return loads ? named(node.arguments[0], false) : undefined;
}

function named(to: ts.Node | undefined, typeOnly: boolean): Omit<Import, 'line'> | undefined {
  return to && ts.isStringLiteralLike(to) ? { to: to.text, typeOnly } : undefined;
}

/** `import type …`, or every name in the braces marked `type`. */
function isTypeImport(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const { name, namedBindings } = clause;
  if (name || !namedBindings || !ts.isNamedImports(namedBindings)) return false;
  return namedBindings.elements.length > 0 && namedBindings.elements.every((one) => one.isTypeOnly);
}

function isAllowed(to: string, allowed: readonly string[], owner: string, path: string): boolean {
  if (to.startsWith('.')) return join(path, to).startsWith(`packages/${owner}/src/`);
  if (to.startsWith('node:')) return allowed.includes('node:*');
  return allowed.some((name) => to === name || to.startsWith(`${name}/`));
}

type CoreModule = { readonly layer: Layer; readonly name: string };

/** Where a file of core belongs. Undefined for a path outside core's sources. */
function coreModule(path: string): CoreModule | undefined {
  const inside = /^packages\/core\/src\/(.+?)(?:\.[jt]s)?$/.exec(path)?.[1];
  if (inside === undefined) return undefined;
  const [folder = '', ...rest] = inside.split('/');
  if (rest.length === 0)
    return { layer: CORE_TOP.includes(folder) ? 'top' : 'shared', name: folder };
  const layer = (['runtime', 'machine', 'delivery', 'adapters'] as const).find(
    (one) => one === folder,
  );
  return { layer: layer ?? 'shared', name: inside };
}

function mayImport(from: CoreModule, to: CoreModule, typeOnly: boolean): boolean {
  if (from.layer === to.layer) return true;
  if (from.layer === 'machine') return typeOnly && MACHINE_MAY_NAME.includes(to.name);
  const permission = CORE_LAYERS[from.layer][to.layer];
  return permission === 'value' || (permission === 'type' && typeOnly);
}

/** Resolves a relative import against the file that says it. */
function join(path: string, to: string): string {
  return new URL(to, `file:///${path}`).pathname.slice(1);
}

// -- Syntax -----------------------------------------------------------------------------------

const parsed = new Map<string, ts.SourceFile>();

function parse({ path, text }: File): ts.SourceFile {
  const key = `${path}\n${text}`;
  const known = parsed.get(key);
  if (known) return known;
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  parsed.set(key, source);
  return source;
}

/** Every node of the file, parents first. */
function nodesOf(file: File): ts.Node[] {
  const nodes: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    nodes.push(node);
    ts.forEachChild(node, visit);
  };
  visit(parse(file));
  return nodes;
}

/** `Date.now` for that node, and `setTimeout` for a bare or a global one, not for somebody's member. */
function globalNamed(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) {
    const owner = ts.isIdentifier(node.expression) ? node.expression.text : '';
    return owner === 'globalThis' ? node.name.text : `${owner}.${node.name.text}`;
  }
  if (
    ts.isNewExpression(node) &&
    isIdentifier(node.expression, 'Date') &&
    !node.arguments?.length
  ) {
    return 'Date.now';
  }
  if (!ts.isIdentifier(node) || isMemberOrDeclaration(node)) return undefined;
  return node.text;
}

function isMemberOrDeclaration(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  const declares =
    ts.isPropertyAssignment(parent) ||
    ts.isBindingElement(parent) ||
    ts.isTypeElement(parent) ||
    ts.isClassElement(parent);
  return (
    declares &&
    (parent.name === node || (ts.isBindingElement(parent) && parent.propertyName === node))
  );
}

function isIdentifier(node: ts.Node, name: string): boolean {
  return ts.isIdentifier(node) && node.text === name;
}

/** The callback of a `describe(…)`, `describe.each(…)(…)` and the like. */
function isChapter(node: ts.Node): boolean {
  const { parent } = node;
  return ts.isCallExpression(parent) && /^describe\b/.test(parent.expression.getText());
}

function isTest(path: string): boolean {
  return /\.test(-d)?\.ts$/.test(path);
}

/** Every match of a pattern, as a complaint with its line. */
function matches(
  { path, text }: File,
  pattern: RegExp,
  complaint: (match: string) => string,
): string[] {
  return text.split('\n').flatMap((line, index) => {
    const match = pattern.exec(line)?.[0];
    return match === undefined ? [] : [`${path}:${index + 1}: ${complaint(match)}`];
  });
}

function lineOf(file: File, position: number): number {
  return parse(file).getLineAndCharacterOfPosition(position).line + 1;
}

function at(file: File, node: ts.Node): string {
  return `${file.path}:${lineOf(file, node.getStart())}`;
}
