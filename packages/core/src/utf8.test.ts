import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutUtf8, utf8Bytes } from './utf8.js';

const encoder = new TextEncoder();
const anyText = fc.string({ unit: 'binary' });
/** Whole and half surrogate pairs among others, which few random texts have. */
const halfPairs = fc
  .array(fc.constantFrom('a', 'ä', '€', '\ud83d', '\ude00', '\ud83d\ude00', '\udbff', '\udfff'))
  .map((parts) => parts.join(''));

describe('utf8Bytes()', () => {
  // prettier-ignore
  it.each([
    ['', 0], ['abc', 3], ['\x7f', 1], ['\x80', 2], ['ä', 2], ['\u07ff', 2], ['\u0800', 3], ['€', 3], ['\uffff', 3],
    ['😀', 4], ['a😀b', 6], ['\ud83d', 3], ['\ude00', 3], ['\ud83da', 4], ['\ude00\ud83d', 6], ['\ud83d\ud83d\ude00', 7],
    ['\ud7ff', 3], ['\ue000', 3], ['\udbff\udfff', 4], ['\ud800\udc00', 4],
  ])('counts %j as %i', (text, bytes) => {
    expect(utf8Bytes(text)).toBe(bytes);
  });

  it.each([
    ['any text', anyText],
    ['whole and half pairs', halfPairs],
  ])('counts what TextEncoder makes of %s', (_name, texts) => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(utf8Bytes(text)).toBe(encoder.encode(text).byteLength);
      }),
    );
  });
});

describe('cutUtf8()', () => {
  // prettier-ignore
  it.each([
    ['abc', 3, 'abc'], ['abc', 2, 'ab'], ['abc', 0, ''], ['', 5, ''], ['', 0, ''],
    ['ää', 4, 'ää'], ['ää', 3, 'ä'], ['ää', 1, ''], ['€', 2, ''], ['a😀', 5, 'a😀'], ['a😀', 4, 'a'], ['a😀b', 5, 'a😀'],
    ['\ud83da', 3, '\ud83d'], ['a€b', 4, 'a€'], ['€a', 1, ''],
  ])('cuts %j to %i bytes as %j', (text, maxBytes, cut) => {
    expect(cutUtf8(text, maxBytes)).toBe(cut);
  });

  it('cuts at a character, and no earlier than it must', () => {
    const property = fc.property(fc.oneof(anyText, halfPairs), fc.nat(40), (text, maxBytes) => {
      const cut = cutUtf8(text, maxBytes);
      expect(text.startsWith(cut)).toBe(true);
      expect(utf8Bytes(cut)).toBeLessThanOrEqual(maxBytes);
      const [next = ''] = text.slice(cut.length);
      if (cut !== text) expect(utf8Bytes(cut + next)).toBeGreaterThan(maxBytes);
    });
    fc.assert(property);
  });
});
