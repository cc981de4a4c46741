/** How many bytes a string takes as UTF-8. A lone surrogate counts as U+FFFD, which replaces it. */
export function utf8Bytes(text: string): number {
  // Most texts are of nothing but ASCII: engines search a text three times as fast as a loop looks at each unit.
  return BEYOND_ASCII.test(text) ? countUtf8(text) : text.length;
}

const BEYOND_ASCII = /[^\0-\x7f]/;

function countUtf8(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    if (unit < 0x800) bytes += 1;
    else if (isPair(unit, text, index)) {
      // Two units, four bytes in all.
      bytes += 2;
      index++;
    } else bytes += 2;
  }
  return bytes;
}

/** The longest beginning of a text that takes no more than `maxBytes` as UTF-8; never half a character. */
export function cutUtf8(text: string, maxBytes: number): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += utf8Bytes(character);
    if (bytes > maxBytes) return text.slice(0, end);
    end += character.length;
  }
  return text;
}

function isPair(unit: number, text: string, index: number): boolean {
  if (unit < 0xd800 || unit > 0xdbff) return false;
  const next = text.charCodeAt(index + 1);
  return next >= 0xdc00 && next <= 0xdfff;
}
