/** What of the public surface has no words: found by the compiler, over the sources, as an editor would look for them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';

/** One way into a package: what a user writes behind `from`, and the source that it means. */
export type Entry = { readonly name: string; readonly file: string };

/** Its value is the whole of what it says: `readonly type: 'created'`. */
const DISCRIMINANTS = ['type', 'mode'];

/** How a number says what it counts: by its name, or by a word in its description. */
const UNIT_IN_NAME = /(Ms|Bytes|PerSecond|PerMinute)$/;
const UNIT_IN_WORDS =
  /\b(how many|how often|how much|milliseconds?|seconds?|bytes?|messages|code|chance|from 0 to 1|port|seed|what each)\b/i;

/** Types that a user fills in. */
const OPTIONS_NAME = /(Options|Defaults|Settings)\./;

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2022.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  types: ['node'],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  customConditions: ['@jetsocket/source'],
  allowImportingTsExtensions: true,
  strict: true,
  noEmit: true,
  skipLibCheck: true,
};

/** Every entry of every package in the folder, and what a browser gets instead. */
export function entriesIn(packages: string): Entry[] {
  return readdirSync(packages).flatMap((folder) => {
    const manifest = join(packages, folder, 'package.json');
    if (!existsSync(manifest)) return [];
    const { name, exports } = JSON.parse(readFileSync(manifest, 'utf8')) as {
      name: string;
      exports: Record<string, { '@jetsocket/source'?: string | Record<string, string> }>;
    };
    return Object.entries(exports).flatMap(([path, { '@jetsocket/source': source = {} }]) =>
      (typeof source === 'string' ? [source] : Object.values(source)).map((file) => ({
        name: name + path.slice(1),
        file: join(packages, folder, file),
      })),
    );
  });
}

/** Everything that a user can name and that nothing is said about: `entry: Name.member: what is missing`. */
export function undocumented(
  entries: readonly Entry[],
  root: string,
  options: ts.CompilerOptions = OPTIONS,
): string[] {
  const program = ts.createProgram(
    entries.map(({ file }) => file),
    options,
  );
  const looker = new Looker(program.getTypeChecker(), root);
  for (const { name, file } of entries) {
    const source = program.getSourceFile(file);
    if (source === undefined) throw new Error(`Cannot read ${file}`);
    looker.look(name, source);
  }
  return looker.complaints;
}

class Looker {
  readonly complaints: string[] = [];
  readonly #checker: ts.TypeChecker;
  readonly #root: string;
  readonly #seen = new Set<ts.Node>();

  constructor(checker: ts.TypeChecker, root: string) {
    this.#checker = checker;
    this.#root = root;
  }

  look(entry: string, source: ts.SourceFile): void {
    const module = this.#checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`Cannot find what ${entry} exports`);
    for (const exported of this.#checker.getExportsOfModule(module)) {
      const isAlias = (exported.flags & ts.SymbolFlags.Alias) !== 0;
      const symbol = isAlias ? this.#checker.getAliasedSymbol(exported) : exported;
      this.#symbol(symbol, `${entry}: ${exported.name}`);
    }
  }

  #symbol(symbol: ts.Symbol, name: string): void {
    const ours = (symbol.declarations ?? []).filter((one) => this.#isOurs(one));
    const [first] = ours;
    if (first === undefined || this.#seen.has(first)) return;
    this.#seen.add(first);
    if (this.#wordsOf(symbol) === '') this.#complain(first, name, 'has no doc comment');
    for (const declaration of ours) this.#members(declaration, name);
  }

  /** What is inside of a class, an interface or a type. */
  #members(declaration: ts.Node, name: string): void {
    if (ts.isClassLike(declaration) || ts.isInterfaceDeclaration(declaration)) {
      for (const member of declaration.members) this.#member(member, name);
    } else if (ts.isTypeAliasDeclaration(declaration)) this.#type(declaration.type, name);
  }

  #type(type: ts.TypeNode, name: string): void {
    // What fits a line is read at one glance: `{ readonly type: 'gone'; readonly why: Reason }`.
    if (ts.isTypeLiteralNode(type) && isOnOneLine(type)) return;
    if (ts.isTypeLiteralNode(type)) for (const one of type.members) this.#member(one, name);
    else if (ts.isUnionTypeNode(type) || ts.isIntersectionTypeNode(type))
      for (const one of type.types) this.#type(one, name);
    else if (ts.isParenthesizedTypeNode(type)) this.#type(type.type, name);
  }

  #member(member: ts.ClassElement | ts.TypeElement, owner: string): void {
    if (isPrivate(member) || ts.isIndexSignatureDeclaration(member)) return;
    if (ts.isConstructorDeclaration(member)) {
      const isSaid = ts.getJSDocCommentsAndTags(member).length > 0;
      if (member.parameters.length > 0 && !isSaid && !isOverload(member))
        this.#complain(member, `${owner}.constructor`, 'has no doc comment');
      return;
    }
    if (member.name === undefined) return;
    const name = `${owner}.${member.name.getText()}`;
    const symbol = this.#checker.getSymbolAtLocation(member.name);
    if (symbol === undefined || this.#seen.has(symbol.declarations?.[0] ?? member)) return;
    this.#seen.add(symbol.declarations?.[0] ?? member);
    const words = this.#wordsOf(symbol);
    if (words === '' && !isDiscriminant(member)) this.#complain(member, name, 'has no doc comment');
    const type =
      ts.isPropertySignature(member) || ts.isPropertyDeclaration(member) ? member.type : undefined;
    if (type === undefined) return;
    if (isNumber(type)) this.#number(member, name, words);
    this.#type(type, name);
  }

  /** Of a number a name does not say enough: what it counts, and what it is when it is not given. */
  #number(member: ts.ClassElement | ts.TypeElement, name: string, words: string): void {
    const last = name.slice(name.lastIndexOf('.') + 1);
    const isOption =
      OPTIONS_NAME.test(name) &&
      ts.isPropertySignature(member) &&
      member.questionToken !== undefined;
    if (isOption && !/\bdefault/i.test(words)) this.#complain(member, name, 'names no default');
    if (isOption && !UNIT_IN_NAME.test(last) && !UNIT_IN_WORDS.test(words))
      this.#complain(member, name, 'names no unit');
  }

  /** What an editor shows; of a member that is defined above, what is said there. */
  #wordsOf(symbol: ts.Symbol): string {
    const words = ts.displayPartsToString(symbol.getDocumentationComment(this.#checker)).trim();
    if (words !== '') return words;
    return symbol
      .getJsDocTags(this.#checker)
      .map(({ text }) => ts.displayPartsToString(text))
      .join(' ');
  }

  #isOurs(declaration: ts.Node): boolean {
    const path = relative(this.#root, declaration.getSourceFile().fileName);
    return !path.startsWith('..') && !path.includes('node_modules');
  }

  #complain(node: ts.Node, name: string, what: string): void {
    const source = node.getSourceFile();
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    this.complaints.push(`${relative(this.#root, source.fileName)}:${line + 1}: ${name} ${what}`);
  }
}

function isPrivate(member: ts.ClassElement | ts.TypeElement): boolean {
  if (member.name !== undefined && ts.isPrivateIdentifier(member.name)) return true;
  const flags = ts.getCombinedModifierFlags(member);
  return (flags & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !== 0;
}

/** The first of several signatures has the words, for all of them. */
function isOverload(member: ts.ConstructorDeclaration): boolean {
  return member.parent.members.filter(ts.isConstructorDeclaration)[0] !== member;
}

function isDiscriminant(member: ts.ClassElement | ts.TypeElement): boolean {
  return (
    ts.isPropertySignature(member) &&
    DISCRIMINANTS.includes(member.name.getText()) &&
    member.type !== undefined &&
    ts.isLiteralTypeNode(member.type)
  );
}

/** `number`, and `number | undefined`. */
function isNumber(type: ts.TypeNode): boolean {
  if (ts.isUnionTypeNode(type))
    return type.types.every((one) => isNumber(one) || one.kind === ts.SyntaxKind.UndefinedKeyword);
  return type.kind === ts.SyntaxKind.NumberKeyword;
}

function isOnOneLine(type: ts.TypeNode): boolean {
  return !type.getText().includes('\n');
}
