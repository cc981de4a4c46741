/**
 * The messages: JSON of 64 bytes. They are numbered, so that both ends can tell that all came, in order;
 * with seven digits each, so that a number is found without parsing.
 */

/** The number of the first one: the smallest that has seven digits. */
export const FIRST = 1_000_000;
/** @param {number} number */
export const message = (number) => ({
  id: number,
  type: 'tick',
  price: 101.25,
  size: 3,
  by: 'desk',
});

const ID_AT = '{"id":'.length;
const DIGITS = 7;
const ZERO = '0'.charCodeAt(0);

/**
 * How many messages may be on their way to the server: 512 KiB, far below the high-water mark where JetSocket
 * would wait for the network. It keeps either client from filling its memory.
 */
export const WINDOW = 8_192;

/** The number in a message's text. @param {string} text */
export function numberInText(text) {
  let number = 0;
  for (let at = ID_AT; at < ID_AT + DIGITS; at++) number = number * 10 + text.charCodeAt(at) - ZERO;
  return number;
}

/** The number in a message's bytes. @param {Uint8Array} bytes */
export function numberInBytes(bytes) {
  let number = 0;
  for (let at = ID_AT; at < ID_AT + DIGITS; at++) number = number * 10 + (bytes[at] ?? 0) - ZERO;
  return number;
}
