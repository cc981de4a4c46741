import { describe, JetSocketError } from './errors.js';
import { maskedAddress } from './secrets.js';

/** A checked address. */
export interface Address {
  /** What to open: scheme `ws:` or `wss:`. */
  readonly url: string;
  /** The same without user name and password: what may be shown. */
  readonly uri: string;
}

/**
 * Checks an address, as the WHATWG WebSocket does: `http:` and `https:` mean `ws:` and `wss:`,
 * relative ones are relative to the page, other schemes and fragments are refused.
 *
 * @throws {JetSocketError} `INVALID_OPTION`.
 */
export function parseAddress(value: unknown, base: string | undefined): Address {
  const text = hrefOf(value);
  if (text === undefined) throw invalid(describe(value));
  let url: URL;
  try {
    url = new URL(text, base);
  } catch {
    // What the runtime threw holds the whole text, credentials and all, so it is no `cause`.
    throw invalid(describe(maskedAddress(text)));
  }
  if (url.protocol === 'http:') url.protocol = 'ws:';
  if (url.protocol === 'https:') url.protocol = 'wss:';
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:')
    // Of `user:password@host` it is the user.
    throw invalid(text.includes('@') ? 'another scheme' : `the scheme '${url.protocol}'`);
  // It may be a token, as some sign-in services have it.
  if (url.href.includes('#')) throw invalid('one with a fragment');
  const opened = url.href;
  url.username = '';
  url.password = '';
  return { url: opened, uri: url.href };
}

function hrefOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return undefined;
  try {
    return 'href' in value && typeof value.href === 'string' ? value.href : undefined;
  } catch {
    return undefined;
  }
}

const TAKES =
  'a URL with scheme ws:, wss:, http: or https: and no fragment, as a string or a URL, or a function that returns one';

function invalid(got: string): JetSocketError {
  return new JetSocketError(
    'INVALID_OPTION',
    `Cannot use option url: it got ${got}, and takes ${TAKES}`,
    { hint: "For example 'wss://example.com/socket'" },
  );
}
