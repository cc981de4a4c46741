/** The guides for movers name all that there is to move: every option, method, property and event of what people come from. */
import { createRequire } from 'node:module';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { root } from './docs.ts';

const require = createRequire(import.meta.url);
/** A package's folder: not every package lets its manifest be asked for. */
const folderOf = (name: string, from: string = root): string =>
  createRequire(join(from, 'package.json'))
    .resolve.paths(name)
    ?.map((folder) => join(folder, name))
    .find((folder) => ts.sys.directoryExists(folder)) ?? dirname(require.resolve(name));

/** The public members of interfaces, classes and object types of these names, in these declarations. */
function membersOf(file: string, names: readonly string[]): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  return source.statements.flatMap((statement) => {
    if (ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement))
      return names.includes(statement.name?.text ?? '') ? namesOf(statement.members) : [];
    if (!ts.isTypeAliasDeclaration(statement) || !names.includes(statement.name.text)) return [];
    return partsOf(statement.type).flatMap(({ members }) => namesOf(members));
  });
}

const partsOf = (type: ts.TypeNode): ts.TypeLiteralNode[] =>
  ts.isTypeLiteralNode(type)
    ? [type]
    : ts.isIntersectionTypeNode(type)
      ? type.types.flatMap(partsOf)
      : [];

function namesOf(members: ts.NodeArray<ts.ClassElement | ts.TypeElement>): string[] {
  return members.flatMap((member) => {
    const hidden = ts.SyntaxKind.PrivateKeyword;
    if (ts.canHaveModifiers(member) && member.modifiers?.some(({ kind }) => kind === hidden))
      return [];
    const name = member.name !== undefined && ts.isIdentifier(member.name) ? member.name.text : '_';
    return name.startsWith('_') || name === 'constructor' ? [] : [name];
  });
}

const partysocket = folderOf('partysocket');
const client = folderOf('socket.io-client');
const engine = folderOf('engine.io-client', ts.sys.realpath?.(client) ?? client);
const inParty = (start: string): string =>
  join(partysocket, readdirSync(partysocket).find((name) => name.startsWith(start)) ?? '');

const CASES: readonly (readonly [page: string, from: string, names: readonly string[]])[] = [
  [
    'partysocket',
    'partysocket',
    [
      ...membersOf(inParty('ws-DfT'), ['Options', 'ReconnectingWebSocket', 'WebSocketEventMap']),
      ...membersOf(join(partysocket, 'index.d.ts'), ['PartySocketOptions']),
    ],
  ],
  [
    'partysocket',
    'reconnecting-websocket',
    membersOf(join(folderOf('reconnecting-websocket'), 'dist/reconnecting-websocket.d.ts'), [
      'Options',
      'ReconnectingWebSocket',
    ]),
  ],
  [
    'socket-io',
    'socket.io-client',
    [
      ...membersOf(join(client, 'build/esm/manager.d.ts'), [
        'ManagerOptions',
        'ManagerReservedEvents',
      ]),
      ...membersOf(join(client, 'build/esm/socket.d.ts'), [
        'SocketOptions',
        'SocketReservedEvents',
        'Socket',
      ]),
      ...membersOf(join(engine, 'build/esm/socket.d.ts'), ['SocketOptions']),
    ],
  ],
  [
    'websocket',
    'the standard',
    membersOf(require.resolve('typescript/lib/lib.dom.d.ts'), ['WebSocket', 'WebSocketEventMap']),
  ],
];

/** The constants of the standard are one row. */
const CONSTANTS = ['OPEN', 'CLOSING', 'CLOSED', 'CONNECTING'];

it.each(CASES)('docs/migrate-%s.md names all of %s', (page, _from, names) => {
  const text = readFileSync(join(root, `docs/migrate-${page}.md`), 'utf8');
  expect(names.length).toBeGreaterThan(10);
  const missing = names.filter(
    (name) => !CONSTANTS.includes(name) && !new RegExp(`(?<!\\w)${name}(?!\\w)`).test(text),
  );
  expect([...new Set(missing)]).toEqual([]);
});
