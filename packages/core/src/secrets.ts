/** Keeps credentials out of every text that is made here: people write errors into logs, and paste logs into issues. */
import { asError } from './errors.js';
import type { OpenRequest } from './ports.js';

const MASK = '***';

/** Shorter ones are no secrets, and masking them would riddle a text with stars. */
const MIN_LENGTH = 6;

/** How deep a chain of causes is looked at. What lies deeper is cut off, when anything has to be masked. */
const MAX_DEPTH = 8;

/**
 * A text that was meant to be an address, as it may be shown: without user name and password, and with the names
 * of its query alone. It need not be a valid one, so it is not parsed, and too much is masked rather than too little.
 */
export function maskedAddress(text: string): string {
  return text
    .replace(/^(\s*[a-z][a-z0-9+.-]*:(?=[\\/]))?[\\/]*.*@/is, '$1//')
    .replace(/#.*$/s, `#${MASK}`)
    .replace(/\?([^#]*)/s, (_all, query: string) => `?${query.split('&').map(masked).join('&')}`);
}

function masked(pair: string): string {
  if (pair === '') return '';
  const name = /^([^=]*)=/.exec(pair)?.[1];
  return name === undefined ? MASK : `${name}=${MASK}`;
}

/** Everything of a request that may be a credential, the longest first. */
export function secretsOf({ url, headers, protocols }: OpenRequest): readonly string[] {
  const { username, password } = new URL(url);
  const query = /\?(.*)$/s.exec(url)?.[1] ?? '';
  const values = query.split('&').map((pair) => pair.slice(pair.indexOf('=') + 1));
  const raw = [username, password, ...values];
  const found = new Set([...raw, ...raw.map(decoded), url]);
  for (const value of Object.values(headers)) {
    // The whole, and its parts: `Bearer TOKEN`, `a=TOKEN; b=TOKEN`.
    for (const part of [value, ...value.split(/[\s;,]+|(?<==)(?!=|$)/)]) found.add(part);
  }
  // A subprotocol has a name, which is short, or carries a token, which is not.
  for (const protocol of protocols) if (protocol.length >= 16) found.add(protocol);
  return [...found]
    .filter(({ length }) => length >= MIN_LENGTH)
    .sort((one, other) => other.length - one.length);
}

/** The same of what functions answered for URL, protocols and headers, as far as they did, whatever it is. */
export function secretsOfAnswers(
  url: unknown,
  protocols: unknown,
  headers: unknown,
): readonly string[] {
  const isText = (value: unknown): value is string => typeof value === 'string';
  const address = url instanceof URL ? url.href : url;
  try {
    const lists = Array.isArray(protocols) ? protocols : [protocols];
    const pairs = typeof headers === 'object' && headers !== null ? Object.entries(headers) : [];
    return secretsOf({
      url: new URL(isText(address) ? address : 'ws://none').href,
      protocols: lists.filter(isText),
      headers: Object.fromEntries(
        pairs.filter((pair): pair is [string, string] => isText(pair[1])),
      ),
      maxMessageBytes: 0,
    });
  } catch {
    // What is no address will be refused, in words that mask it.
    return [];
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/** A text without them. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, MASK), text);
}

/** The very same error where nothing in it is a secret; else one that says the same without, down its causes. */
export const redactError = (error: Error, secrets: readonly string[]): Error =>
  secrets.length === 0 ? error : cleaned(error, (text) => redact(text, secrets), 0);

/**
 * An error of the user's functions for credentials. They know secrets that nobody else does: those of the service that they
 * ask. So what looks like one is masked as well.
 */
export const redactForeign = (error: Error, secrets: readonly string[]): Error =>
  cleaned(error, (text) => maskedLikely(redact(text, secrets)), 0);

type Clean = (text: string) => string;

function cleaned(error: Error, clean: Clean, depth: number): Error {
  if (!leaks(error, clean, 0)) return error;
  const copy = new Error(clean(error.message));
  copy.name = error.name;
  copy.stack = clean(String(error.stack));
  const { code, hint } = error as { readonly code?: unknown; readonly hint?: unknown };
  if (typeof code === 'string') Object.assign(copy, { code: clean(code) });
  if (typeof hint === 'string') Object.assign(copy, { hint: clean(hint) });
  if (error.cause !== undefined && depth < MAX_DEPTH) {
    copy.cause = cleaned(asError(error.cause), clean, depth + 1);
  }
  return copy;
}

/** Whether a secret shows anywhere that an inspection of the error would show. What cannot be looked at is taken for one. */
function leaks(value: unknown, clean: Clean, depth: number): boolean {
  if (typeof value === 'string') return clean(value) !== value;
  if (typeof value !== 'object' || value === null) return false;
  if (depth > MAX_DEPTH) return true;
  try {
    return Object.getOwnPropertyNames(value).some((name) =>
      leaks((value as Readonly<Record<string, unknown>>)[name], clean, depth + 1),
    );
  } catch {
    return true;
  }
}

/** A line of a stack that tells a place in the code, whose address may well have a query. */
const FRAME = /:\d+:\d+\)?$/;

const NAMES = 'authorization|cookie|token|secret|password|passwd|api[-_]?key|ticket|signature';

/** What gives a secret away by how it is written, and what is left of it. All of them look at a character a few times at most. */
const LIKELY: readonly (readonly [pattern: RegExp, rest: string])[] = [
  // User name and password of an address.
  [/(:\/\/)[^\s/?#@]{1,2048}@/g, `$1${MASK}@`],
  // The value of a pair, in a query, a form, a cookie or a fragment.
  [/([?&;#]\s?[\w.~%[\]-]{1,64}=)[^\s&;#"'<>]+/g, `$1${MASK}`],
  // The credentials of a header, with a scheme.
  [/\b((?:Bearer|Basic|Negotiate|Digest) )(?=[^\s"',;]*[\d=._-])[^\s"',;]{6,}/gi, `$1${MASK}`],
  // A pair by its name: of a header, of JSON, of an environment.
  [
    new RegExp(
      `((?:${NAMES})["']?\\s?[:=]\\s?["']?)(?=[^\\s"',;&]*[\\d=._-])[^\\s"',;&]{6,}`,
      'gi',
    ),
    `$1${MASK}`,
  ],
  // A signed token.
  [/\beyJ[\w-]{8,}(?:\.[\w-]*){1,4}/g, MASK],
];

/** A text without what looks like a secret. */
function maskedLikely(text: string): string {
  return text
    .split('\n')
    .map((line) => {
      if (FRAME.test(line)) return line;
      return LIKELY.reduce((rest, [pattern, mask]) => rest.replace(pattern, mask), line);
    })
    .join('\n');
}
