/** What the constructor and `close()` refuse, by the standard: https://websockets.spec.whatwg.org/#the-websocket-interface */
import { sizeOf } from './data.js';

/** A token of RFC 9110, which a subprotocol is. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** A close frame holds 125 bytes, and two of them are the code (RFC 6455 §5.5). */
const MAX_REASON_BYTES = 123;

/**
 * The address to connect to.
 *
 * @throws {DOMException} `SyntaxError`.
 */
export function addressOf(value: unknown, base: string | undefined): URL {
  const text = String(value);
  let url: URL;
  try {
    url = new URL(text, base);
  } catch {
    throw syntaxError(`The URL '${text}' is invalid`);
  }
  if (url.protocol === 'http:') url.protocol = 'ws:';
  if (url.protocol === 'https:') url.protocol = 'wss:';
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') {
    throw syntaxError(
      `The URL's scheme must be ws, wss, http or https; '${url.protocol}' is not allowed`,
    );
  }
  if (url.href.includes('#'))
    throw syntaxError(`The URL contains a fragment: '${url.hash || '#'}'`);
  return url;
}

/**
 * The subprotocols to offer.
 *
 * @throws {DOMException} `SyntaxError`.
 */
export function protocolsOf(value: unknown): readonly string[] {
  const isList = typeof value === 'object' && value !== null && Symbol.iterator in value;
  const list = (isList ? [...(value as Iterable<unknown>)] : [value]).map(String);
  const seen = new Set<string>();
  for (const protocol of list) {
    if (!TOKEN.test(protocol)) throw syntaxError(`The subprotocol '${protocol}' is invalid`);
    if (seen.has(protocol)) throw syntaxError(`The subprotocol '${protocol}' is duplicated`);
    seen.add(protocol);
  }
  return list;
}

/**
 * The code of `close()`, a number clamped to 16 bits as WebIDL has it; undefined stays so.
 *
 * @throws {DOMException} `InvalidAccessError`.
 */
export function closeCodeOf(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  const code = Number.isNaN(number) ? 0 : Math.round(Math.min(Math.max(number, 0), 65_535));
  if (code === 1000 || (code >= 3000 && code <= 4999)) return code;
  throw new DOMException(
    `The close code must be either 1000, or between 3000 and 4999; ${code} is neither`,
    'InvalidAccessError',
  );
}

/** @throws {DOMException} `SyntaxError`. */
export function closeReasonOf(value: string | undefined): string {
  const reason = value === undefined ? '' : String(value);
  if (sizeOf(reason) <= MAX_REASON_BYTES) return reason;
  throw syntaxError(`The close reason must not be greater than ${MAX_REASON_BYTES} bytes`);
}

const syntaxError = (message: string): DOMException => new DOMException(message, 'SyntaxError');
