import { once } from 'node:events';
import { Agent, type IncomingMessage } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import {
  credentials,
  deferred,
  freePort,
  EventLog,
  serve,
  serveHttp,
  serveTcp,
} from '../test/test-kit.js';
import { connect, JetSocket, JetSocketError, type NodeOptions } from './index.js';
import { wsTransport } from './ws-transport.js';

/** Retries come at once, and always after the same wait. */
const backoff = { baseMs: 10, jitter: false };

function start(url: string, options: NodeOptions = {}) {
  const socket = connect(url, { backoff, ...options });
  return { socket, record: new EventLog(socket) };
}

describe('@jetsocket/node', () => {
  it('sends and gets messages over TLS, compressed, through an agent, with headers', async () => {
    const server = await serve({ secure: true, perMessageDeflate: { threshold: 0 } });
    const handshake = once(server.wss, 'connection');
    const { socket, record } = start(server.url, {
      tls: { ca: credentials.cert },
      compression: { threshold: 0 },
      headers: { authorization: 'Bearer 1' },
      protocols: 'v1.example',
    });
    const [peer, request] = (await handshake) as [WebSocket, IncomingMessage];
    peer.on('message', (data: Buffer) => peer.send(data.toString()));
    expect(request.headers.authorization).toBe('Bearer 1');
    expect(peer.extensions).toBe('permessage-deflate');
    expect(await record.until('connected')).toMatchObject({ protocol: 'v1.example' });
    socket.send({ text: '✓'.repeat(1_000) });
    const { data } = await record.until('message');
    expect(data).toEqual({ text: '✓'.repeat(1_000) });
  });

  it('uses the agent', async () => {
    const server = await serve();
    const agent = new Agent();
    const created = vi.spyOn(agent, 'createConnection');
    const { socket } = start(server.url, { agent });
    await socket.opened;
    expect(created).toHaveBeenCalledOnce();
  });

  it('asks functions for headers before every attempt, async ones too', async () => {
    const server = await serve();
    const seen: unknown[] = [];
    server.wss.on('connection', (peer, { headers }) => {
      seen.push(headers['x-attempt']);
      if (seen.length === 1) peer.terminate();
    });
    const { record } = start(server.url, {
      headers: async ({ attempt }) => {
        await Promise.resolve();
        return { 'x-attempt': `${attempt}` };
      },
    });
    await record.until('reconnected');
    expect(seen).toEqual(['0', '1']);
  });

  it('beats with protocol pings, and hears pongs', async () => {
    const server = await serve();
    const got = deferred<string>();
    server.wss.on('connection', (peer) => {
      peer.on('ping', (payload: Buffer) => got.resolve(payload.toString()));
    });
    const { record } = start(server.url, { heartbeat: { intervalMs: 20, payload: 'beat' } });
    await record.until('pong', 2);
    expect(await got.promise).toBe('beat');
    expect(record.of('ping')[0]).toMatchObject({ payload: 'beat' });
    for (const { latency_ms, payload } of record.of('pong')) {
      expect(payload).toBe('beat');
      expect(latency_ms).toBeGreaterThanOrEqual(0);
      expect(latency_ms).toBeLessThan(5_000);
    }
    expect(record.names.slice(0, 4)).toEqual(['connecting', 'connected', 'ping', 'pong']);
  });

  it('takes a ping of the server for life, though its pongs do not come', async () => {
    const server = await serve({ autoPong: false });
    const asked = deferred<void>();
    server.wss.on('connection', (peer) => {
      // Each heartbeat is answered by a ping, and the fourth by silence.
      let count = 0;
      peer.on('ping', () => {
        if (++count < 4) peer.ping('alive');
        else asked.resolve();
      });
    });
    const { record } = start(server.url, { heartbeat: { intervalMs: 100, timeoutMs: 300 } });
    await asked.promise;
    expect(record.names).toEqual(['connecting', 'connected', 'ping', 'ping', 'ping', 'ping']);
    expect(await record.until('error')).toMatchObject({ code: 'PONG_TIMEOUT', fatal: false });
  });

  it('makes the connection anew after a message over maxMessageBytes', async () => {
    const server = await serve();
    const { socket, record } = start(server.url, { maxMessageBytes: 1_000 });
    const peer = await server.peer(0);
    const seen = once(peer, 'close');
    await socket.opened;
    peer.send(JSON.stringify('x'.repeat(1_000)));
    expect((await seen)[0]).toBe(1009);
    await record.until('reconnected');
    (await server.peer(1)).send(JSON.stringify('x'.repeat(998)));
    await record.until('message');
    const uri = server.url;
    expect(record.told).toEqual([
      { type: 'connecting', uri, attempt: 0 },
      { type: 'connected', uri, protocol: '' },
      {
        type: 'error',
        code: 'MESSAGE_TOO_LARGE',
        fatal: false,
        message: 'Connection ended: a message over maxMessageBytes came',
      },
      { type: 'disconnected', uri, code: 1009, reason: '', was_clean: false, will_reconnect: true },
      { type: 'reconnecting', attempt: 1, delay: 0.01, cause: 'message_too_large' },
      { type: 'connecting', uri, attempt: 1 },
      { type: 'connected', uri, protocol: '' },
      { type: 'reconnected', uri, attempts: 1, downtime_ms: expect.any(Number) as number },
      { type: 'replay_started', mode: 'full_buffer', message_count: 0, last_sequence_id: null },
      {
        type: 'replay_completed',
        mode: 'full_buffer',
        replayed_count: 0,
        duration_ms: expect.any(Number) as number,
      },
      { type: 'message', data: 'x'.repeat(998), sequence_id: null, replayed: false },
    ]);
  });
});

describe('@jetsocket/node, when the server refuses', () => {
  it.each([
    [403, /credentials/],
    [404, /path/],
    [410, undefined],
  ])('stops for HTTP status %i', async (status, hint) => {
    let asked = 0;
    const uri = await serveHttp((_request, response) => {
      asked++;
      response.writeHead(status).end();
    });
    const { socket, record } = start(uri);
    const refused = expect(socket.opened).rejects.toMatchObject({ code: 'REJECTED' });
    const { error } = await record.until('error');
    await record.until('closed');
    await refused;
    expect(error).toBeInstanceOf(JetSocketError);
    if (hint !== undefined) expect((error as JetSocketError).hint).toMatch(hint);
    expect(record.told).toEqual([
      { type: 'connecting', uri, attempt: 0 },
      {
        type: 'error',
        code: 'REJECTED',
        fatal: true,
        message: `Cannot connect: the server answered with HTTP status ${status}`,
      },
      { type: 'closed', code: 1006, reason: '', cause: 'fatal' },
    ]);
    expect(socket.state).toBe('failed');
    expect(asked).toBe(1);
  });

  const SENT = 'Wed, 21 Oct 2015 07:28:00 GMT';
  const BACK = 'Wed, 21 Oct 2015 07:29:30 GMT';
  const none: NodeJS.Dict<string> = {};
  // prettier-ignore
  const retried: [status: number, headers: NodeJS.Dict<string>, delay: number][] = [
    [200, none, 0.01], [204, none, 0.01], [302, { location: '/elsewhere' }, 0.01], [400, none, 0.01],
    [408, none, 0.01], [425, none, 0.01], [426, none, 0.01], [500, none, 0.01], [502, none, 0.01], [504, none, 0.01],
    [429, { 'retry-after': '120' }, 120],
    [503, { 'retry-after': '7' }, 7],
    [429, { 'retry-after': BACK, date: SENT }, 90],
    [503, { 'retry-after': BACK, date: SENT }, 90],
    [503, { 'retry-after': 'when it suits me' }, 0.01],
    [503, { 'retry-after': '-1' }, 0.01],
    [503, { 'retry-after': '1e9' }, 0.01],
    [503, { 'retry-after': '9999999' }, 3_600],
  ];

  it.each(retried)('retries for HTTP status %i %o in %d s', async (status, headers, delay) => {
    const uri = await serveHttp((_request, response) => {
      response.writeHead(status, headers).end('Hello, I am a web page');
    });
    const { socket, record } = start(uri);
    await record.until('reconnecting');
    expect(record.told.slice(0, 3)).toEqual([
      { type: 'connecting', uri, attempt: 0 },
      {
        type: 'error',
        code: 'REJECTED',
        fatal: false,
        message: `Cannot connect: the server answered with HTTP status ${status}`,
      },
      { type: 'reconnecting', attempt: 1, delay, cause: 'rejected' },
    ]);
    await socket.close();
    expect(socket.state).toBe('closed');
  });

  it('connects once the server can', async () => {
    const server = await serve({
      verifyClient: (_info, done) => {
        answered++;
        if (answered > 2) done(true);
        else done(false, 503, 'busy', { 'retry-after': '0' });
      },
    });
    let answered = 0;
    const { record } = start(server.url);
    await record.until('connected');
    expect(record.names).toEqual([
      ...['connecting', 'error', 'reconnecting'],
      ...['connecting', 'error', 'reconnecting'],
      ...['connecting', 'connected'],
    ]);
  });
});

describe('@jetsocket/node, when nobody speaks WebSocket', () => {
  const accept = `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: bm8=\r\n\r\n`;

  it.each([
    ['garbage', '\x00\x01garbage\r\n\r\n', 'Cannot connect: Parse Error'],
    ['another protocol', '220 mail.example ESMTP\r\n', 'Cannot connect: Parse Error'],
    ['nothing but an end', '', 'Cannot connect: socket hang up'],
    ['an invalid accept', accept, 'Cannot connect: Invalid Sec-WebSocket-Accept header'],
  ])('tells of %s, and retries', async (_what, answer, message) => {
    const uri = await serveTcp((socket) => {
      socket.once('data', () => socket.end(answer));
    });
    const { record } = start(uri);
    await record.until('reconnecting');
    expect(record.told.slice(0, 3)).toEqual([
      { type: 'connecting', uri, attempt: 0 },
      {
        type: 'error',
        code: 'CONNECT_FAILED',
        fatal: false,
        message: expect.stringContaining(message) as string,
      },
      { type: 'reconnecting', attempt: 1, delay: 0.01, cause: 'connect_failed' },
    ]);
  });

  it('gives up a server that never answers after connectTimeoutMs, and lets go of it', async () => {
    const gone = deferred<void>();
    const uri = await serveTcp((socket) => socket.resume().on('close', () => gone.resolve()));
    const { record } = start(uri, { connectTimeoutMs: 50 });
    await record.until('reconnecting');
    expect(record.told.slice(0, 3)).toEqual([
      { type: 'connecting', uri, attempt: 0 },
      {
        type: 'error',
        code: 'CONNECT_TIMEOUT',
        fatal: false,
        message: 'Cannot connect: no connection within connectTimeoutMs',
      },
      { type: 'reconnecting', attempt: 1, delay: 0.01, cause: 'connect_timeout' },
    ]);
    await gone.promise;
  });

  it('tells of a port that is refused, until the attempts are used up', async () => {
    const port = await freePort();
    const uri = `ws://127.0.0.1:${port}/`;
    const { socket, record } = start(uri, { backoff: { ...backoff, maxAttempts: 2 } });
    await record.until('closed');
    const message = `Cannot connect: connect ECONNREFUSED 127.0.0.1:${port}`;
    const cause = 'connect_failed';
    expect(record.told).toEqual([
      { type: 'connecting', uri, attempt: 0 },
      { type: 'error', code: 'CONNECT_FAILED', fatal: false, message },
      { type: 'reconnecting', attempt: 1, delay: 0.01, cause },
      { type: 'connecting', uri, attempt: 1 },
      { type: 'error', code: 'CONNECT_FAILED', fatal: false, message },
      { type: 'reconnecting', attempt: 2, delay: 0.02, cause },
      { type: 'connecting', uri, attempt: 2 },
      { type: 'error', code: 'CONNECT_FAILED', fatal: true, message },
      { type: 'closed', code: 1006, reason: '', cause: 'exhausted' },
    ]);
    expect(socket.state).toBe('failed');
    await expect(socket.opened).rejects.toMatchObject({ code: 'CONNECT_FAILED', message });
  });

  it('tells of a certificate that is not trusted, with the error underneath', async () => {
    const server = await serve({ secure: true });
    const { record } = start(server.url);
    const { error } = await record.until('error');
    expect(error).toMatchObject({
      code: 'CONNECT_FAILED',
      message: 'Cannot connect: self-signed certificate',
      cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    });
  });
});

describe('new JetSocket() of @jetsocket/node', () => {
  // prettier-ignore
  const rows: [option: string, options: unknown][] = [
    ['tls', { tls: 'on' }], ['agent', { agent: 'http://proxy' }], ['compression', { compression: 'high' }],
    ['options', null], ['options', 5], ['options', 'wss://'], ['options', []], ['options', () => ({})],
    ['compresion', { compresion: true }], ['transport', { transport: {} }],
  ];

  it.each(rows)('refuses a wrong %s: %o', (option, options) => {
    expect(() => new JetSocket('ws://127.0.0.1/', options as NodeOptions)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: expect.stringContaining(`Cannot use option ${option}: `) as string,
      }),
    );
  });

  it('takes another transport', async () => {
    const server = await serve();
    const open = vi.fn(wsTransport({ constructorOf: () => WebSocket }).open);
    const { socket } = start(server.url, { transport: { takesHeaders: true, open } });
    await socket.opened;
    expect(open).toHaveBeenCalledOnce();
  });
});
