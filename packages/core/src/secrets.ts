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
export function redactError(error: Error, secrets: readonly string[], depth = 0): Error {
  if (secrets.length === 0 || !leaks(error, secrets, 0)) return error;
  const clean = new Error(redact(error.message, secrets));
  clean.name = error.name;
  clean.stack = redact(String(error.stack), secrets);
  const { code, hint } = error as { readonly code?: unknown; readonly hint?: unknown };
  if (typeof code === 'string') Object.assign(clean, { code: redact(code, secrets) });
  if (typeof hint === 'string') Object.assign(clean, { hint: redact(hint, secrets) });
  if (error.cause !== undefined && depth < MAX_DEPTH) {
    clean.cause = redactError(asError(error.cause), secrets, depth + 1);
  }
  return clean;
}

/** Whether a secret shows anywhere that an inspection of the error would show. What cannot be looked at is taken for one. */
function leaks(value: unknown, secrets: readonly string[], depth: number): boolean {
  if (typeof value === 'string') return secrets.some((secret) => value.includes(secret));
  if (typeof value !== 'object' || value === null) return false;
  if (depth > MAX_DEPTH) return true;
  try {
    return Object.getOwnPropertyNames(value).some((name) =>
      leaks((value as Readonly<Record<string, unknown>>)[name], secrets, depth + 1),
    );
  } catch {
    return true;
  }
}
