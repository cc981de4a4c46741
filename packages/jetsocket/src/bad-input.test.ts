/** What is refused, with which words; and that it harms neither the connection nor other messages. */
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { client, rig, serve, serveHttp, serveTcp } from '../test/test-kit.js';
import * as inBrowsers from './index.browser.js';
import { connect, JetSocket, JetSocketError, type Options } from './index.js';

const URL_HERE = 'ws://127.0.0.1:1/';

/** An error with this code, and a message that begins so. */
const error = (code: string, message: string): Error =>
  expect.objectContaining({
    name: 'JetSocketError',
    code,
    message: expect.stringContaining(message) as string,
  }) as Error;

describe('a URL', () => {
  const bad: [what: string, url: unknown, got: string][] = [
    ['no URL', 'not a url', "'not a url'"],
    ['an empty one', '', "''"],
    ['a path without a host', '/socket', "'/socket'"],
    ['a host without a scheme', 'example.com/socket', "'example.com/socket'"],
    ['FTP', 'ftp://example.com/', "the scheme 'ftp:'"],
    ['a scheme that is the host', 'localhost:8080', "the scheme 'localhost:'"],
    ['a file', 'file:///etc/hosts', "the scheme 'file:'"],
    ['a fragment', 'ws://example.com/#top', 'one with a fragment'],
    ['an empty fragment', 'ws://example.com/#', 'one with a fragment'],
    ['a number', 42, '42'],
    ['null', null, 'null'],
    ['undefined', undefined, 'undefined'],
    ['an object', {}, 'an object'],
    ['a port out of range', 'ws://example.com:99999/', "'ws://example.com:99999/'"],
    ['a secret in something broken', 'ws://ada:secret@exa mple.com/', "'ws://exa mple.com/'"],
  ];

  it.each(bad)('is refused at once: %s', (_what, url, got) => {
    const refused = error('INVALID_OPTION', `Cannot use option url: it got ${got}, and takes `);
    expect(() => new JetSocket(url as string)).toThrow(refused);
    expect(() => connect(url as string)).toThrow(refused);
  });

  it.each(bad)(
    'that a function returns fails the attempt, and is asked again: %s',
    async (...row) => {
      const [, url] = row;
      const server = await serve();
      let asked = 0;
      const socket = new JetSocket(() => (asked++ === 0 ? (url as string) : server.url), {
        backoff: { baseMs: 0 },
      });
      const errors: unknown[] = [];
      socket.on('error', (event) => errors.push(event));
      await socket.connect();
      expect(errors).toMatchObject([
        { code: 'PROVIDER_FAILED', fatal: false, error: { cause: { code: 'INVALID_OPTION' } } },
      ]);
      await socket.close();
    },
  );

  it('with http: is one with ws:', async () => {
    const server = await serve();
    const { socket, record } = client(server.url.replace('ws:', 'http:'));
    await socket.connect();
    expect(record.of('connected')).toMatchObject([{ uri: server.url }]);
  });

  it('may be a URL, whose user and password are not told', async () => {
    const server = await serve();
    const handshake = once(server.wss, 'connection');
    const url = new URL(server.url);
    url.username = 'ada';
    url.password = 'secret';
    const { socket, record } = client(url as never);
    await socket.connect();
    const [, request] = (await handshake) as [unknown, { headers: { authorization?: string } }];
    expect(request.headers.authorization).toMatch(/^Basic /);
    expect(JSON.stringify(record.events)).not.toContain('secret');
  });
});

describe('an option', () => {
  const f = (): undefined => undefined;
  // prettier-ignore
  const wrong: [option: string, values: unknown[]][] = [
    ['protocols', [5, null, '', 'a b', ['a', 'a'], ['a', 5], [''], 'a,b', 'grüß', {}]],
    ['headers', [5, 'a: b', [], ['a', 'b']]],
    ['headers.x-a', [{ 'x-a': 1 }, { 'x-a': null }, { 'x-a': 'a\r\nb: c' }, { 'x-a': 'a\nb' }, { 'x-a': 'a\0' }]
      .map((headers) => ({ headers }))],
    ['reconnect', ['yes', 1, {}, null]],
    ['backoff', [5, 'fast', []]],
    ['backoff.baseMs', [-1, 1.5, NaN, Infinity, '1000', 2_147_483_648]],
    ['backoff.multiplier', [0, 0.9, NaN, 101, Infinity, '2']],
    ['backoff.capMs', [-1, Infinity, 0.5]],
    ['backoff.jitter', [0, 'full', 0.5, null]],
    ['backoff.maxAttempts', [-1, 1.5, NaN, '3', null]],
    ['backoff.resetAfterMs', [-1, Infinity]],
    ['backoff.maxRetries', [3]],
    ['heartbeat', [5, 'on', true, []]],
    ['heartbeat.intervalMs', [0, -1, Infinity, 1.5, '30']],
    ['heartbeat.timeoutMs', [0, -1, NaN]],
    ['heartbeat.payload', [5, 'x'.repeat(126), '✓'.repeat(42), null]],
    ['heartbeat.ping', ['ping', {}, null]],
    ['heartbeat.isPong', [{}, true]],
    ['heartbeat.interval', [30]],
    ['buffer', [5, 'big', []]],
    ['buffer.capacity', [0, -1, 1.5, NaN, '10', null]],
    ['buffer.maxBytes', [0, -1, 0.5, '1k']],
    ['buffer.overflowPolicy', ['drop', '', null, 5]],
    ['buffer.ackOf', ['ack', {}]],
    ['buffer.size', [10]],
    ['replay', [5, 'none', []]],
    ['replay.mode', ['full', '', null, 1]],
    ['replay.modus', ['none']],
    ['codec', [5, {}, { encode: f }, { decode: f }, 'json']],
    ['connectTimeoutMs', [0, -1, Infinity, 1.5, '10s', 2_147_483_648]],
    ['closeTimeoutMs', [0, -1, Infinity, NaN]],
    ['maxMessageBytes', [0, -1, 1.5, Infinity, '1MB']],
    ['logger', [5, {}, { warn: f }]],
    ['transport', [5, {}, 'ws']],
    ['clock', [5, {}, { now: f }]],
    ['random', ['dice', NaN, Infinity, () => 'six']],
    ['reconect', [true]],
    ['maxRetries', [3]],
  ];
  const rows = wrong.flatMap(([option, values]) => values.map((value) => [option, value] as const));

  /** Options with this one value: 'a.b' is b inside of a. */
  function optionsWith(option: string, value: unknown): Options {
    const [group, name] = option.split('.');
    if (group === 'headers' && name !== undefined) return value as Options;
    if (name === undefined) return { [option]: value };
    return { [group as string]: { [name]: value } };
  }

  it.each(rows)('%s refuses %o', (option, value) => {
    const refused = error('INVALID_OPTION', `Cannot use option ${option}: `);
    expect(() => new JetSocket(URL_HERE, optionsWith(option, value))).toThrow(refused);
  });

  it.each(rows)('%s refuses %o in a browser, too', (option, value) => {
    const name = option.startsWith('headers') ? 'headers' : option;
    const refused = error('INVALID_OPTION', `Cannot use option ${name}: `);
    const make = (): unknown => new inBrowsers.JetSocket(URL_HERE, optionsWith(option, value));
    expect(make).toThrow(refused);
  });

  it.each([null, 5, 'fast', [], () => ({})])('options refuse to be %o', (options) => {
    const refused = error('INVALID_OPTION', 'Cannot use option options: ');
    expect(() => new JetSocket(URL_HERE, options as never)).toThrow(refused);
    expect(() => connect(URL_HERE, options as never)).toThrow(refused);
    expect(() => new inBrowsers.JetSocket(URL_HERE, options as never)).toThrow(refused);
  });

  it('that is undefined is not there', () => {
    const names = ['protocols', 'headers', 'backoff', 'heartbeat', 'buffer', 'replay', 'codec'];
    const options = Object.fromEntries(names.map((name) => [name, undefined]));
    expect(new JetSocket(URL_HERE, options).state).toBe('idle');
  });

  it('names what there is when it is misspelt', () => {
    const make = (): unknown => new JetSocket(URL_HERE, { heartBeat: {} } as never);
    expect(make).toThrow(error('INVALID_OPTION', 'takes protocols, headers, reconnect, backoff, '));
  });

  it('headers in a browser comes with what to do instead', () => {
    const make = (): unknown => new inBrowsers.JetSocket(URL_HERE, { headers: { a: 'b' } });
    expect(make).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        hint: expect.stringContaining('token') as string,
      }),
    );
  });

  it('does not show a header, which may be a secret', () => {
    const make = (): unknown => new JetSocket(URL_HERE, { headers: { a: 'secret\n' } });
    expect(make).toThrow(JetSocketError);
    expect(make).not.toThrow(/secret/);
  });
});

describe('a message that cannot be sent', () => {
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  // prettier-ignore
  const bad: [what: string, message: unknown, says: string][] = [
    ['a BigInt', { count: 1n }, 'BigInt'],
    ['a cycle', cycle, 'circular'],
    ['undefined', undefined, 'JSON has no form for undefined'],
    ['a function', () => 1, 'JSON has no form for a function'],
    ['a symbol', Symbol('x'), 'JSON has no form for Symbol(x)'],
    ['what throws', { toJSON() { throw new Error('not today'); } }, 'not today'],
  ];

  it.each(bad)(
    'throws NOT_SERIALIZABLE, and nothing else is lost: %s',
    async (_what, bad, says) => {
      const { server, socket, record } = await rig();
      const got: string[] = [];
      server.wss.on('connection', (peer) => {
        peer.on('message', (data: Buffer) => got.push(data.toString()));
      });
      expect(socket.send('before').id).toBe(1);
      expect(() => socket.send(bad)).toThrow(error('NOT_SERIALIZABLE', 'Cannot send: '));
      expect(() => socket.send(bad)).toThrow(says);
      await socket.connect();
      expect(() => socket.send(bad)).toThrow(error('NOT_SERIALIZABLE', 'Cannot send: '));
      expect(socket.send('after').id).toBe(2);
      await socket.close();
      expect(got).toEqual(['"before"', '"after"']);
      expect(record.names).not.toContain('error');
    },
  );

  it('throws MESSAGE_TOO_LARGE, counted in bytes', async () => {
    const { server, socket } = await rig({ maxMessageBytes: 20 });
    await socket.connect();
    const got = once(await server.peer(0), 'message');
    // Two quotes, and three bytes for each.
    expect(() => socket.send('✓'.repeat(7))).toThrow(
      expect.objectContaining({
        code: 'MESSAGE_TOO_LARGE',
        message: 'Cannot send: the message has 23 bytes, and maxMessageBytes is 20',
        hint: expect.stringContaining('maxMessageBytes') as string,
      }),
    );
    socket.send('✓'.repeat(6));
    expect(String((await got)[0])).toBe(`"${'✓'.repeat(6)}"`);
    expect(socket.state).toBe('connected');
  });

  it.each(['closed', 'failed', 'closing'] as const)(
    'throws CLOSED when it is %s',
    async (state) => {
      const { server, socket, record } = await rig();
      await socket.connect();
      const closing = state === 'failed' ? undefined : socket.close();
      if (state === 'closed') await closing;
      if (state === 'failed') {
        (await server.peer(0)).close(4401);
        await record.until('closed');
      }
      expect(() => socket.send('late')).toThrow(
        expect.objectContaining({
          code: 'CLOSED',
          message: `Cannot send: the socket ${state === 'failed' ? 'has' : 'is'} ${state}`,
          hint: 'connect() begins anew',
        }),
      );
    },
  );
});

describe('a message that comes', () => {
  // prettier-ignore
  const bad: [what: string, data: string | Uint8Array, says: string][] = [
    ['no JSON', 'hello', 'JSON'], ['half of JSON', '{"a":', 'JSON'], ['nothing', '', 'JSON'],
    ['binary', Uint8Array.of(1, 2), 'a binary frame is not JSON text'],
  ];

  it.each(bad)('and is %s is one error, and the next one arrives', async (_what, data, says) => {
    const { server, socket, record } = await rig();
    await socket.connect();
    const peer = await server.peer(0);
    peer.send(data);
    peer.send('"next"');
    await record.until('message');
    expect(record.names).toEqual(['connecting', 'connected', 'error', 'message']);
    const [told] = record.of('error');
    expect(told).toMatchObject({ code: 'UNDECODABLE', fatal: false });
    expect(told?.message).toContain('Cannot decode a message: ');
    expect(told?.message).toContain(says);
    expect((told?.error as JetSocketError).hint).toContain('codec');
    expect(record.of('message')).toMatchObject([{ data: 'next' }]);
  });

  it('and is too large is one error, and the connection is made anew', async () => {
    const { server, socket, record } = await rig({ maxMessageBytes: 20 });
    await socket.connect();
    (await server.peer(0)).send(JSON.stringify('x'.repeat(19)));
    await record.until('reconnected');
    (await server.peer(1)).send(JSON.stringify('x'.repeat(18)));
    await record.until('message');
    expect(record.of('error')).toMatchObject([{ code: 'MESSAGE_TOO_LARGE', fatal: false }]);
  });
});

describe('a server that is none', () => {
  it('of HTTP gets a hint to check the path', async () => {
    const url = await serveHttp((_request, response) => response.end('<!doctype html>'));
    const { socket, record } = client(url);
    void socket.connect();
    const told = await record.until('error');
    expect(told).toMatchObject({ code: 'REJECTED', fatal: false });
    expect((told.error as JetSocketError).hint).toContain('not a WebSocket');
  });

  it('of something else is told as it is', async () => {
    const url = await serveTcp((tcp) => tcp.end('220 mail.example ESMTP\r\n'));
    const { socket, record } = client(url);
    void socket.connect();
    expect(await record.until('error')).toMatchObject({ code: 'CONNECT_FAILED', fatal: false });
  });
});

describe('close()', () => {
  // prettier-ignore
  const codes = [0, 999, 1001, 1005, 1006, 1008, 2999, 5000, -1, 1000.5, NaN, Infinity, '1000', null, {}];

  it.each(codes)('refuses the code %o, and the connection lives', async (code) => {
    const { server, socket, record } = await rig();
    await socket.connect();
    expect(() => socket.close(code as number)).toThrow(
      error('INVALID_OPTION', 'Cannot use option code: it got '),
    );
    expect(socket.state).toBe('connected');
    (await server.peer(0)).send('1');
    await record.until('message');
  });

  it.each([5, null, {}, 10n])('refuses the reason %o', async (reason) => {
    const { socket } = await rig();
    await socket.connect();
    expect(() => socket.close(1000, reason as string)).toThrow(
      error('INVALID_OPTION', 'Cannot use option reason: it got '),
    );
    expect(socket.state).toBe('connected');
  });

  // prettier-ignore
  const reasons: [what: string, reason: string, received: string][] = [
    ['nothing', '', ''],
    ['123 bytes', 'x'.repeat(123), 'x'.repeat(123)],
    ['124 bytes', 'x'.repeat(124), 'x'.repeat(123)],
    ['two bytes each', 'é'.repeat(100), 'é'.repeat(61)],
    ['three bytes each', '✓'.repeat(100), '✓'.repeat(41)],
    ['four bytes each', '😀'.repeat(100), '😀'.repeat(30)],
    ['an edge in the middle of one', `${'x'.repeat(120)}😀`, 'x'.repeat(120)],
    ['an edge after one', `${'x'.repeat(119)}😀y`, `${'x'.repeat(119)}😀`],
    ['half a character', `a\ud800b`, 'a\ufffdb'],
  ];

  it.each(reasons)('cuts a reason at a character: %s', async (_what, reason, received) => {
    const { server, socket, record } = await rig();
    await socket.connect();
    const seen = once(await server.peer(0), 'close');
    await socket.close(4000, reason);
    const [code, bytes] = (await seen) as [number, Buffer];
    expect([code, bytes.toString()]).toEqual([4000, received]);
    expect(record.of('closed')).toMatchObject([{ code: 4000 }]);
  });

  it.each([1000, 3000, 3999, 4000, 4999])('takes the code %i', async (code) => {
    const { server, socket } = await rig();
    await socket.connect();
    const seen = once(await server.peer(0), 'close');
    await socket.close(code);
    expect((await seen)[0]).toBe(code);
  });
});

describe('on()', () => {
  it.each(['mesage', '', 'constructor', null])('refuses the event %o', (name) => {
    const { socket } = client(URL_HERE);
    expect(() => socket.on(name as 'message', () => undefined)).toThrow(
      error('INVALID_OPTION', 'Cannot listen: there is no event '),
    );
  });

  it.each([undefined, null, 'f', {}])('refuses the handler %o', (handler) => {
    const { socket } = client(URL_HERE);
    expect(() => socket.on('message', handler as never)).toThrow(
      error('INVALID_OPTION', "Cannot listen to 'message': the handler is "),
    );
  });
});
