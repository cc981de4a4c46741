import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { redact, redactError, secretsOf } from './secrets.js';

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
