import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { redact, redactError, redactForeign, secretsOf, secretsOfAnswers } from './secrets.js';

const REQUEST = { protocols: [], headers: {}, maxMessageBytes: 1, url: 'wss://example.com/' };

describe('secretsOf()', () => {
  // prettier-ignore
  it.each<readonly [name: string, more: object, found: readonly string[]]>([
    ['user name and password', { url: 'wss://someone:pass%20word@example.com/' }, ['someone', 'pass%20word', 'pass word']],
    ['the query, raw and decoded',
      { url: 'wss://example.com/?t=abc%2Fdef&short=1&x=a+b+c+d' }, ['abc%2Fdef', 'abc/def', 'a+b+c+d', 'a b c d']],
    ['a query without a name', { url: 'wss://example.com/?abcdefgh' }, ['abcdefgh']],
    ['a query that cannot be decoded', { url: 'wss://example.com/?t=%ff%ff%ff' }, ['%ff%ff%ff']],
    ['a header, whole and in parts', { headers: { authorization: 'Bearer abcdef==' } }, ['Bearer abcdef==', 'Bearer', 'abcdef==']],
    ['cookies', { headers: { cookie: 'sid=abcdef; other=ghijkl' } }, ['sid=abcdef; other=ghijkl', 'abcdef', 'ghijkl']],
    ['a long subprotocol', { protocols: ['v1.example', 'bearer.0123456789abcdef'] }, ['bearer.0123456789abcdef']],
  ])('finds %s', (_name, more, found) => {
    const secrets = secretsOf({ ...REQUEST, ...more });
    expect(secrets).toEqual(expect.arrayContaining([...found]));
  });

  it('leaves what is too short, and the names of subprotocols', () => {
    const request = { ...REQUEST, url: 'wss://me:1@example.com/?a=b', protocols: ['v1.example'] };
    expect(secretsOf(request)).toEqual([request.url]);
  });
});

it('redact() masks the longest first', () => {
  const secrets = secretsOf({ ...REQUEST, headers: { authorization: 'Bearer abcdef' } });
  expect(redact('Got Bearer abcdef, not abcdef', secrets)).toBe('Got ***, not ***');
});

describe('redactError()', () => {
  const secrets = ['hunter22'];

  it('masks the hint of an error as well', () => {
    const error = Object.assign(new Error('no'), { hint: 'Try hunter22', code: 'NO', status: 401 });
    expect(redactError(error, secrets)).toMatchObject({ hint: 'Try ***', code: 'NO' });
  });

  it('takes what is too deep to be looked at for a secret', () => {
    const deep = (depth: number): object => (depth === 0 ? {} : { deeper: deep(depth - 1) });
    const shallow = Object.assign(new Error('no'), { more: deep(1), status: 401, none: null });
    expect(redactError(shallow, secrets)).toBe(shallow);
    const error = Object.assign(new Error('no'), { more: deep(100) });
    expect(redactError(error, secrets)).not.toBe(error);
  });

  it('leaves alone what is clean', () => {
    const error = new Error('refused', { cause: new Error('by nobody') });
    expect(redactError(error, secrets)).toBe(error);
  });

  // prettier-ignore
  it.each<readonly [name: string, error: Error]>([
    ['in the message', new Error('not hunter22')],
    ['in the stack', Object.assign(new Error('no'), { stack: 'Error: hunter22' })],
    ['in a field', Object.assign(new TypeError('no'), { input: 'wss://me:hunter22@host', code: 'ERR_INVALID_URL' })],
    ['in a field of a field', Object.assign(new Error('no'), { request: { headers: ['hunter22'] } })],
    ['in its cause', new Error('no', { cause: new Error('of', { cause: 'hunter22' }) })],
    ['in its parts', new AggregateError([new Error('hunter22')], 'no')],
    ['behind a getter that throws',
      Object.defineProperty(new Error('hunter22'), 'input', { enumerable: true, get: () => { throw new Error('no'); } })],
  ])('masks what is %s', (_name, error) => {
    const clean = redactError(error, secrets);
    expect(inspect(clean, { depth: Infinity, showHidden: true })).not.toContain('hunter22');
    expect(clean).toMatchObject({ name: error.name, message: error.message.replace('hunter22', '***') });
    if ('code' in error) expect(clean).toMatchObject({ code: 'ERR_INVALID_URL' });
  });

  it('ends where causes go round', () => {
    const error = new Error('hunter22');
    error.cause = error;
    expect(inspect(redactError(error, secrets), { depth: Infinity })).not.toContain('hunter22');
  });
});

describe('secretsOfAnswers()', () => {
  const secrets = (...answers: [unknown, unknown, unknown]): readonly string[] =>
    secretsOfAnswers(...answers);

  it('finds what functions answered, whatever the others did', () => {
    expect(secrets('wss://host/?t=abcdef', undefined, undefined)).toContain('abcdef');
    expect(secrets(new URL('wss://someone:password@host/'), 1, null)).toContain('password');
    expect(secrets(undefined, ['v1', 'bearer.0123456789abcdef'], 7)).toContain(
      'bearer.0123456789abcdef',
    );
    expect(secrets({}, '0123456789abcdef', { authorization: 'Bearer abcdef', odd: 1 })).toEqual(
      expect.arrayContaining(['0123456789abcdef', 'abcdef']),
    );
  });

  it('takes what is no answer at all', () => {
    expect(secrets('no address', Symbol(), () => 1)).toEqual([]);
    expect(secrets(undefined, undefined, undefined)).not.toContain('undefined');
  });
});

describe('redactForeign()', () => {
  const said = (message: string): string =>
    redactForeign(new Error(message), ['known-secret']).message;

  // prettier-ignore
  it.each([
    ['what is known', 'no known-secret', 'no ***'],
    ['user name and password', 'GET https://me:hunter22@a.example/token failed', 'GET https://***@a.example/token failed'],
    ['a query', 'GET https://a.example/t?client_secret=hunter22&room=1: 500', 'GET https://a.example/t?client_secret=***&room=*** 500'],
    ['a fragment', 'at https://a.example/#access_token=hunter22', 'at https://a.example/#access_token=***'],
    ['a header', 'refused authorization: Bearer hunter22', 'refused authorization: Bearer ***'],
    ['a header of another scheme', 'refused Basic bWU6aHVudGVyMjI=', 'refused Basic ***'],
    ['a cookie', 'set-cookie: sid=hunter22; theme=dark', 'set-cookie: ***; theme=***'],
    ['JSON', '{"refresh_token":"hunter22","why":"old"}', '{"refresh_token":"***","why":"old"}'],
    ['an environment', 'with API_KEY=hunter22', 'with API_KEY=***'],
    ['a signed token', 'jwt malformed: eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9.c2ln', 'jwt malformed: ***'],
  ])('masks %s', (_name, text, masked) => {
    expect(said(text)).toBe(masked);
  });

  it.each([
    'The token has expired',
    'Cannot refresh the token: timeout of the server',
    'basic authentication is not supported',
    'fetch failed: ECONNREFUSED 127.0.0.1:3000',
    'password: must not be empty',
    'GET https://auth.example/token answered 503',
  ])('leaves alone: %s', (text) => {
    const error = new Error(text);
    expect(redactForeign(error, ['known-secret'])).toBe(error);
  });

  it('leaves the places of a stack, and masks what stands before them', () => {
    const error = new Error('no ?token=hunter22');
    error.stack =
      'Error: no ?token=hunter22\n    at get (http://localhost/a.ts?t=123456:1:2)\nget@http://localhost/a.ts?t=1:2:3';
    expect(redactForeign(error, []).stack).toBe(
      'Error: no ?token=***\n    at get (http://localhost/a.ts?t=123456:1:2)\nget@http://localhost/a.ts?t=1:2:3',
    );
  });

  it('looks into causes and fields', () => {
    const error = new Error('no', {
      cause: Object.assign(new Error('of'), { url: 'https://me:hunter22@a' }),
    });
    expect(inspect(redactForeign(error, []), { depth: Infinity })).not.toContain('hunter22');
  });

  it('takes a long text in its stride', () => {
    const text =
      'https://' + 'a?b&c;token=:'.repeat(40_000) + 'Bearer '.repeat(10_000) + 'eyJ'.repeat(40_000);
    expect(said(text).length).toBeGreaterThan(100_000);
  });
});
