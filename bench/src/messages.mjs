/**
 * The messages: JSON of so many bytes. They are numbered, so that both ends can tell that all came, in order;
 * with seven digits each, so that a number is found without parsing.
 */

/** The number of the first one: the smallest that has seven digits. */
export const FIRST = 1_000_000;

/** The smallest there is: that of an application which sends prices. */
export const LEAST_BYTES = 64;

/**
 * @param {number} number
 * @param {number} [bytes] Its length as JSON.
 */
export function message(number, bytes = LEAST_BYTES) {
  const by = bytes === LEAST_BYTES ? 'desk' : 'desk'.padEnd(bytes - LEAST_BYTES + 4, '.');
  return { id: number, type: 'tick', price: 101.25, size: 3, by };
}

const [BEFORE = '', AFTER = ''] = JSON.stringify(message(FIRST)).split(String(FIRST));

/** The same as text, of the least length, and made so that the making costs next to nothing. @param {number} number */
export const text = (number) => `${BEFORE}${number}${AFTER}`;

/** Without its quotes: socket.io escapes them where it is given text. */
const ID = 'id';
const DIGITS = 7;
const ZERO = '0'.charCodeAt(0);
const COLON = ':'.charCodeAt(0);

/**
 * How many messages may be on their way to the server: 512 KiB, far below the high-water mark where JetSocket
 * would wait for the network. It keeps either client from filling its memory.
 */
export const WINDOW = 8_192;

/** The number in a message's text. @param {string} text */
export function numberInText(text) {
  let number = 0;
  const start = text.indexOf(':', text.indexOf(ID)) + 1;
  for (let at = start; at < start + DIGITS; at++) number = number * 10 + text.charCodeAt(at) - ZERO;
  return number;
}

/** The number in a message's bytes. @param {Buffer} bytes */
export function numberInBytes(bytes) {
  let number = 0;
  const start = bytes.indexOf(COLON, bytes.indexOf(ID)) + 1;
  for (let at = start; at < start + DIGITS; at++) number = number * 10 + (bytes[at] ?? 0) - ZERO;
  return number;
}
