import { describe, expect, it } from 'vitest';
import { binary, json, text } from './codec.js';

const bytes = new Uint8Array([1, 2, 3]);
const circular: Record<string, unknown> = {};
circular['self'] = circular;

describe('json', () => {
  it.each([
    [{ a: [1, 'x', null] }, '{"a":[1,"x",null]}'],
    ['text', '"text"'],
    [null, 'null'],
    [false, 'false'],
    [{ a: undefined }, '{}'],
    [{ toJSON: () => 'mine' }, '"mine"'],
  ])('encodes %j', (message, frame) => {
    expect(json.encode(message)).toBe(frame);
  });

  it.each([
    [undefined, 'JSON has no form for undefined'],
    [() => 1, 'JSON has no form for a function'],
    [Symbol('s'), 'JSON has no form for Symbol(s)'],
    [1n, 'BigInt'],
    [circular, 'circular'],
    [new Uint8Array(2), 'JSON has no form for bytes'],
    [new ArrayBuffer(2), 'the codec `binary` takes them'],
    [new DataView(new ArrayBuffer(2)), 'bytes'],
  ])('does not encode %s', (message, why) => {
    expect(() => json.encode(message)).toThrow(why);
    expect(() => json.encode(message)).toThrow(TypeError);
  });

  it.each([
    ['{"a":1}', { a: 1 }],
    ['null', null],
    [' 1 ', 1],
  ])('decodes %s', (frame, message) => {
    expect(json.decode(frame)).toEqual(message);
  });

  it.each([
    ['{', SyntaxError],
    ['', SyntaxError],
    [bytes, TypeError],
  ])('does not decode %s', (frame, thrown) => {
    expect(() => json.decode(frame)).toThrow(thrown);
  });
});

describe('text', () => {
  it('takes strings as they are, both ways', () => {
    expect([text.encode('{'), text.decode('}')]).toEqual(['{', '}']);
  });

  it('encodes nothing else', () => {
    expect(() => text.encode(5 as never)).toThrow(new TypeError('text takes a string, not 5'));
  });

  it('does not decode a binary frame', () => {
    expect(() => text.decode(bytes)).toThrow(new TypeError('a binary frame is not text'));
  });
});

describe('binary', () => {
  const whole = new Uint8Array([0, 1, 2, 3, 4]);

  it.each([
    ['a Uint8Array', () => bytes],
    ['an ArrayBuffer', () => bytes.buffer],
    ['a part of a buffer', () => whole.subarray(1, 4)],
    ['another view', () => new DataView(whole.buffer, 1, 3) as never],
  ])('encodes a copy of %s', (_name, make) => {
    const frame = binary.encode(make());
    expect(frame).toEqual(new Uint8Array([1, 2, 3]));
    expect(frame).toBeInstanceOf(Uint8Array);
  });

  it.each([
    ['a Uint8Array', (mine: Uint8Array<ArrayBuffer>) => mine],
    ['an ArrayBuffer', (mine: Uint8Array<ArrayBuffer>) => mine.buffer],
  ])('lets the caller use %s again', (_name, given) => {
    const mine = new Uint8Array([1, 2, 3]);
    const frame = binary.encode(given(mine));
    mine.fill(9);
    expect(frame).toEqual(new Uint8Array([1, 2, 3]));
  });

  it.each([
    ['text', "'text'"],
    [[1, 2], 'an array of 2'],
    [null, 'null'],
  ])('does not encode %j', (message, described) => {
    const why = new TypeError(`binary takes bytes, not ${described}`);
    expect(() => binary.encode(message as never)).toThrow(why);
  });

  it('decodes bytes as they are', () => {
    expect(binary.decode(bytes)).toBe(bytes);
  });

  it('does not decode a text frame', () => {
    expect(() => binary.decode('x')).toThrow(new TypeError('a text frame is not binary'));
  });
});
