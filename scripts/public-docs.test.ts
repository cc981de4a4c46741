/** Whatever a user can name has words: the test is first shown to find what has none. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { entriesIn, undocumented } from './public-docs.js';

const root = join(import.meta.dirname, '..');

describe('public docs', () => {
  it('every entry of every package is looked at', () => {
    const names = entriesIn(join(root, 'packages')).map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['jetsocket', 'jetsocket/websocket', '@jetsocket/core/protocol']),
    );
    // What a browser gets is looked at as well.
    expect(names.filter((name) => name === 'jetsocket')).toHaveLength(2);
  });

  it('every exported name, every member and every option says what it is', () => {
    expect(undocumented(entriesIn(join(root, 'packages')), root)).toEqual([]);
  });

  it.each([
    ['a function', 'export function f() {}', 'f has no doc comment'],
    ['a class', 'export class A {}', 'A has no doc comment'],
    ['a method', '/** A. */ export class A { m() {} }', 'A.m has no doc comment'],
    ['a field', '/** A. */ export class A { x = 1; }', 'A.x has no doc comment'],
    ['an accessor', '/** A. */ export class A { get x() { return 1; } }', 'A.x has no doc comment'],
    [
      'a constructor that takes something',
      '/** A. */ export class A { constructor(x: string) { x; } }',
      'A.constructor has no doc comment',
    ],
    ['a member', '/** A. */ export interface A { x: string }', 'A.x has no doc comment'],
    ['a type', 'export type A = string;', 'A has no doc comment'],
    ['a member of a type', '/** A. */ export type A = {\n x: string };', 'A.x has no doc comment'],
    [
      'a member of one of several types',
      "/** A. */ export type A = { type: 'a' } | {\n type: 'b'; x: string };",
      'A.x has no doc comment',
    ],
    [
      'an option inside an option',
      '/** A. */ export interface A { /** B. */ b?: {\n c?: string } }',
      'A.b.c has no doc comment',
    ],
    [
      'an option without a default',
      '/** A. */ export interface AOptions { /** How long. */ xMs?: number }',
      'AOptions.xMs names no default',
    ],
    [
      'an option without a unit',
      '/** A. */ export interface AOptions { /** How far. Default: 1. */ x?: number | undefined }',
      'AOptions.x names no unit',
    ],
    ['what is exported by another file', "export * from './other.js';", 'other has no doc comment'],
  ])('tells of %s', (_, source, complaint) => {
    expect(complaintsAbout(source)).toEqual([expect.stringContaining(`mine: ${complaint}`)]);
  });

  it.each([
    [
      'what is private',
      '/** A. */ export class A { #x = 1; private y = 2; constructor() { this.#x + this.y; } }',
    ],
    ['what is not exported', 'class A { x = 1; } /** B. */ export const b = new A().x;'],
    [
      'what is said above',
      '/** A. */ export interface A { /** X. */ x(): void } /** B. */ export class B implements A { x() {} }',
    ],
    ['what tells types apart', "/** A. */ export type A = { type: 'a' } | { type: 'b' };"],
    [
      'a number that says all',
      '/** A. */ export interface AOptions { /** How long. Default: 1. */ xMs?: number }',
    ],
  ])('is content with %s', (_, source) => {
    expect(complaintsAbout(source)).toEqual([]);
  });
});

function complaintsAbout(source: string): string[] {
  const dir = mkdtempSync(join(tmpdir(), 'public-docs-'));
  try {
    mkdirSync(join(dir, 'src'));
    const file = join(dir, 'src', 'mine.ts');
    // A comment behind a brace is of what stands before it, unless it has a line of its own.
    writeFileSync(file, source.replaceAll('/**', '\n/**'));
    writeFileSync(join(dir, 'src', 'other.ts'), 'export const other = 1;');
    return undocumented([{ name: 'mine', file }], dir, { noLib: true, strict: true });
  } finally {
    rmSync(dir, { recursive: true });
  }
}
