import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { JetSocketError } from './errors.js';
import { parseAddress } from './url.js';

const PAGE = 'https://example.com/app/index.html?x=1#top';

function refusal(value: unknown, base?: string): JetSocketError {
  try {
    parseAddress(value, base);
  } catch (thrown) {
    if (thrown instanceof JetSocketError) return thrown;
    throw thrown;
  }
  throw new Error('Nothing was thrown');
}

it('parseAddress() refuses an empty fragment behind spaces', () => {
  expect(() => parseAddress('wss://host/# ', undefined)).toThrow('fragment');
});

describe('parseAddress()', () => {
  // prettier-ignore
  it.each<readonly [value: unknown, base: string | undefined, url: string]>([
    ['wss://example.com/ws?a=b', undefined, 'wss://example.com/ws?a=b'],
    ['ws://localhost:8080', undefined, 'ws://localhost:8080/'],
    ['WSS://EXAMPLE.com:443/', undefined, 'wss://example.com/'],
    ['http://example.com/ws', undefined, 'ws://example.com/ws'],
    ['https://example.com:8443/ws', undefined, 'wss://example.com:8443/ws'],
    ['https://example.com:443/ws', undefined, 'wss://example.com/ws'],
    ['ws://[::1]:8080/ws', undefined, 'ws://[::1]:8080/ws'],
    ['wss://bücher.example/ä', undefined, 'wss://xn--bcher-kva.example/%C3%A4'],
    ['wss://example.com/?a=%23b', undefined, 'wss://example.com/?a=%23b'],
    [new URL('wss://example.com/ws'), undefined, 'wss://example.com/ws'],
    [{ href: 'wss://example.com/ws' }, undefined, 'wss://example.com/ws'],
    ['/ws', PAGE, 'wss://example.com/ws'],
    ['ws', PAGE, 'wss://example.com/app/ws'],
    ['?room=1', PAGE, 'wss://example.com/app/index.html?room=1'],
    ['//other.example/ws', PAGE, 'wss://other.example/ws'],
    ['', PAGE, 'wss://example.com/app/index.html?x=1'],
    ['ws://other.example/ws', PAGE, 'ws://other.example/ws'],
    ['/ws', 'http://localhost:3000/', 'ws://localhost:3000/ws'],
  ])('takes %s, on the page %s', (value, base, url) => {
    expect(parseAddress(value, base)).toEqual({ url, uri: url });
  });

  it.each([
    ['wss://ada:secret@example.com/ws', 'wss://example.com/ws'],
    ['https://ada@example.com/ws', 'wss://example.com/ws'],
    ['wss://:secret@example.com/ws', 'wss://example.com/ws'],
  ])('keeps the credentials of %s, and shows none', (value, uri) => {
    const address = parseAddress(value, undefined);
    expect(address.uri).toBe(uri);
    expect(address.url).toBe(value.replace('https:', 'wss:'));
  });

  // prettier-ignore
  it.each<readonly [value: unknown, got: string]>([
    [undefined, 'it got undefined'], [null, 'it got null'], [5, 'it got 5'], [{}, 'it got an object'], [[], 'it got an array of 0'],
    [{ href: 5 }, 'it got an object'], [true, 'it got true'],
    ['', "it got ''"], ['/ws', "it got '/ws'"], ['example.com', "it got 'example.com'"], ['wss://', "it got 'wss://'"],
    ['wss://example.com:99999', "it got 'wss://example.com:99999'"],
    ['ftp://example.com', "the scheme 'ftp:'"], ['localhost:8080', "the scheme 'localhost:'"],
    ['javascript:alert(1)', "the scheme 'javascript:'"],
    ['wss://example.com/#top', 'it got one with a fragment'], ['wss://example.com/#', 'it got one with a fragment'],
    [new URL('wss://example.com/#top'), 'it got one with a fragment'],
    ['/ws?room=1&token=secret', "it got '/ws?room=***&token=***'"], ['?secret', "it got '?***'"], ['/ws?#secret', "it got '/ws?#***'"],
  ])('refuses %s', (value, got) => {
    const { code, message, hint } = refusal(value);
    expect(code).toBe('INVALID_OPTION');
    expect(message).toContain('Cannot use option url: ');
    expect(message).toContain(got);
    expect(message).toContain('and takes a URL with scheme ws:, wss:, http: or https: and no fragment');
    expect(hint).toBe("For example 'wss://example.com/socket'");
  });

  it('refuses without showing credentials', () => {
    const { message } = refusal('wss://ada:secret@example.com:99999/');
    expect(message).toContain("'wss://example.com:99999/'");
    expect(message).not.toContain('secret');
  });

  it.each([
    'wss://ada:secret@example.com:99999/',
    'wss:\\\\ada:secret@example.com:99999',
    'wss://ada:pa/secret@example.com',
    'wss://ada:pa?secret@example.com',
    'secret:password@example.com',
    'ada:secret@example.com',
    'ftp://ada:secret@example.com',
    'wss://example.com:99999/?token=secret',
    'wss://example.com:99999/?secret',
    'wss://example.com:99999/?a=1?secret&b=secret',
    'wss://example.com/#access_token=secret',
    '/ws?token=secret',
    '//ada:secret@example.com/ws',
  ])('refuses %s without showing a secret, in its causes too', (value) => {
    const error = refusal(value);
    expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain('secret');
  });
});
