import type { LinkClosed, LinkListener, OpenRequest, Transport } from '@jetsocket/core';
import { constants } from 'node:buffer';
import { once } from 'node:events';
import { Agent, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import {
  credentials,
  deferred,
  freePort,
  serve,
  serveHttp,
  serveTcp,
  type WsServer,
} from '../test/test-kit.js';
import { wsTransport, type WsSettings } from './ws-transport.js';

const MEBIBYTE = 1024 * 1024;
const tls = { ca: credentials.cert };

const transportWith = (settings: WsSettings = {}): Transport =>
  wsTransport({ constructorOf: () => WebSocket, ...settings });

/** Opens a link that lives no longer than the test, and waits for its news. */
function open(transport: Transport, url: string, request: Partial<OpenRequest> = {}) {
  const opened = deferred<string>();
  const closed = deferred<LinkClosed>();
  const onMessage = vi.fn<LinkListener['onMessage']>();
  const onPong = vi.fn<LinkListener['onPong']>();
  const onClose = vi.fn((end: LinkClosed) => {
    closed.resolve(end);
  });
  const onOpen = vi.fn((protocol: string) => {
    opened.resolve(protocol);
  });
  const link = transport.open(
    { url, protocols: [], headers: {}, maxMessageBytes: MEBIBYTE, ...request },
    { onOpen, onMessage, onPong, onClose },
  );
  onTestFinished(() => {
    link.abandon();
  });
  return { link, opened: opened.promise, closed: closed.promise, onOpen, onMessage, onPong };
}

/** The handshake that the server saw. */
async function handshake(server: WsServer): Promise<IncomingMessage> {
  const [, request] = (await once(server.wss, 'connection')) as [WebSocket, IncomingMessage];
  return request;
}

describe('wsTransport()', () => {
  it('sends a ping with its payload, and tells the payload of the pong', async () => {
    const server = await serve();
    const { link, opened, onPong } = open(transportWith(), server.url);
    await opened;
    const peer = await server.peer(0);
    const ping = once(peer, 'ping');
    const pong = vi.waitFor(() => expect(onPong).toHaveBeenCalled());
    link.ping?.('are you there? ✓');
    expect(String((await ping)[0])).toBe('are you there? ✓');
    await pong;
    expect(onPong.mock.calls).toEqual([['are you there? ✓']]);
  });

  it('answers a ping of the server, and tells of it without a payload', async () => {
    const server = await serve();
    const { opened, onPong } = open(transportWith(), server.url);
    await opened;
    const peer = await server.peer(0);
    const pong = once(peer, 'pong');
    peer.ping('server');
    expect(String((await pong)[0])).toBe('server');
    expect(onPong.mock.calls).toEqual([[null]]);
  });

  it('tells which subprotocol the server chose', async () => {
    const server = await serve({ handleProtocols: () => 'v2.example' });
    const { opened } = open(transportWith(), server.url, {
      protocols: ['v1.example', 'v2.example'],
    });
    expect(await opened).toBe('v2.example');
  });

  it('sets headers, and a user and password of the URL as authorization', async () => {
    const server = await serve();
    const request = handshake(server);
    const url = server.url.replace('//', '//ada:secret@');
    open(transportWith(), url, { headers: { 'x-tenant': 'blue', cookie: 'a=1' } });
    const { headers } = await request;
    expect(headers['x-tenant']).toBe('blue');
    expect(headers.cookie).toBe('a=1');
    expect(headers.authorization).toBe(`Basic ${Buffer.from('ada:secret').toString('base64')}`);
  });

  it('keeps the handshake whole whatever the headers say', async () => {
    const server = await serve();
    const headers = { connection: 'close', upgrade: 'h2c', 'sec-websocket-version': '8' };
    const { opened } = open(transportWith(), server.url, { headers });
    await opened;
  });

  it('tells messages: text as a string, binary as bytes', async () => {
    const server = await serve();
    const { link, opened, onMessage } = open(transportWith(), server.url);
    await opened;
    const peer = await server.peer(0);
    peer.on('message', (data: Buffer, binary) => {
      peer.send(data, { binary });
    });
    expect(link.send('grüß dich')).toBe(true);
    expect(link.send(Uint8Array.of(0, 255, 1))).toBe(true);
    await vi.waitFor(() => expect(onMessage).toHaveBeenCalledTimes(2));
    expect(onMessage.mock.calls[0]).toEqual(['grüß dich']);
    expect([...(onMessage.mock.calls[1]?.[0] as Uint8Array)]).toEqual([0, 255, 1]);
  });

  it.each([
    ['one unit', 'a'],
    ['126 bytes, which a header of two bytes cannot tell', 'x'.repeat(126)],
    ['more bytes than units', '€🙂'.repeat(300)],
    ['more than is handed over as bytes', 'ö'.repeat(1_025)],
    ['nothing', ''],
  ])('sends a text of %s, alone and with others, as text', async (_name, text) => {
    const server = await serve();
    const { link, opened } = open(transportWith(), server.url);
    await opened;
    const got: unknown[] = [];
    (await server.peer(0)).on('message', (data: Buffer, binary) => {
      got.push([data.toString(), binary]);
    });
    for (let count = 0; count < 3; count++) link.send(text);
    await vi.waitFor(() => expect(got).toHaveLength(3));
    expect(got).toEqual([
      [text, false],
      [text, false],
      [text, false],
    ]);
  });

  it('does not change the bytes that it sends', async () => {
    const server = await serve();
    const { link, opened } = open(transportWith(), server.url);
    await opened;
    const got = once(await server.peer(0), 'message');
    const bytes = Uint8Array.of(1, 2, 3, 4, 5);
    link.send(bytes);
    await got;
    expect([...bytes]).toEqual([1, 2, 3, 4, 5]);
  });

  it('takes nothing once the socket is closing', async () => {
    const server = await serve();
    const { link, opened, closed } = open(transportWith(), server.url);
    await opened;
    link.close(4000, 'bye');
    expect(link.send('late')).toBe(false);
    expect(() => link.ping?.('late')).not.toThrow();
    expect(await closed).toMatchObject({ code: 4000, wasClean: true });
    expect(link.send('later')).toBe(false);
    expect(() => link.ping?.('later')).not.toThrow();
  });

  it('sends what was handed over before it closes', async () => {
    const server = await serve();
    const { link, opened } = open(transportWith(), server.url);
    await opened;
    const peer = await server.peer(0);
    const got: string[] = [];
    peer.on('message', (data: Buffer) => got.push(data.toString()));
    const closed = once(peer, 'close');
    for (const text of ['a', 'b', 'c']) link.send(text);
    link.close(1000, '');
    await closed;
    expect(got).toEqual(['a', 'b', 'c']);
  });

  it('tells how much waits', async () => {
    const server = await serve();
    const { link, opened } = open(transportWith(), server.url);
    await opened;
    expect(link.bufferedBytes).toBe(0);
    link.send('first');
    link.send('x'.repeat(1_000));
    expect(link.bufferedBytes).toBeGreaterThanOrEqual(1_000);
  });
});

describe('wsTransport() with tls', () => {
  it('trusts a certificate that it was given', async () => {
    const server = await serve({ secure: true });
    const { link, opened } = open(transportWith({ tls }), server.url);
    await opened;
    const got = once(await server.peer(0), 'message');
    link.send('over TLS');
    expect(String((await got)[0])).toBe('over TLS');
  });

  it('trusts none that it does not know, and says why', async () => {
    const server = await serve({ secure: true });
    const { closed, onOpen } = open(transportWith(), server.url);
    expect(await closed).toMatchObject({
      code: 1006,
      wasClean: false,
      error: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    });
    expect(onOpen).not.toHaveBeenCalled();
  });

  it('trusts any when told to', async () => {
    const server = await serve({ secure: true });
    await open(transportWith({ tls: { rejectUnauthorized: false } }), server.url).opened;
  });

  it('tells of a certificate that is none', async () => {
    const server = await serve({ secure: true });
    const { closed } = open(transportWith({ tls: { cert: 'none', key: 'none' } }), server.url);
    expect(await closed).toMatchObject({ code: 1006, error: { library: 'PEM routines' } });
  });
});

describe('wsTransport() with an agent', () => {
  it('has it make the connections of ws:', async () => {
    const server = await serve();
    const agent = new Agent();
    const created = vi.spyOn(agent, 'createConnection');
    await open(transportWith({ agent }), server.url).opened;
    expect(created).toHaveBeenCalledOnce();
  });

  it('has it make the connections of wss:, with tls', async () => {
    const server = await serve({ secure: true });
    const agent = new HttpsAgent();
    const created = vi.spyOn(agent, 'createConnection');
    await open(transportWith({ agent, tls }), server.url).opened;
    expect(created).toHaveBeenCalledOnce();
  });
});

describe('wsTransport() with compression', () => {
  // prettier-ignore
  const rows: [compression: WsSettings['compression'], offered: string | undefined, chosen: string][] = [
    [undefined, undefined, ''],
    [false, undefined, ''],
    [true, 'permessage-deflate; client_max_window_bits', 'permessage-deflate'],
    [{ clientNoContextTakeover: true, threshold: 0 },
      'permessage-deflate; client_no_context_takeover; client_max_window_bits', 'permessage-deflate'],
  ];

  it.each(rows)('%o offers %s', async (compression, offered, chosen) => {
    const server = await serve({ perMessageDeflate: { threshold: 0 } });
    const request = handshake(server);
    const { link, opened, onMessage } = open(transportWith({ compression }), server.url);
    expect((await request).headers['sec-websocket-extensions']).toBe(offered);
    await opened;
    const peer = await server.peer(0);
    expect(peer.extensions).toBe(chosen);
    peer.on('message', (data: Buffer) => {
      peer.send(data.toString());
    });
    const text = 'again and again '.repeat(500);
    link.send(text);
    await vi.waitFor(() => expect(onMessage).toHaveBeenCalled());
    expect(onMessage.mock.calls).toEqual([[text]]);
  });
});

describe('wsTransport() with maxMessageBytes', () => {
  const settings: [string, WsSettings, { secure?: boolean; perMessageDeflate?: boolean }][] = [
    ['ws:', {}, {}],
    ['wss:', { tls }, { secure: true }],
    ['compression', { compression: true }, { perMessageDeflate: true }],
  ];

  it.each(settings)('takes a message of that size over %s', async (_name, mine, theirs) => {
    const server = await serve(theirs);
    const request = { maxMessageBytes: 70_000 };
    const { opened, onMessage } = open(transportWith(mine), server.url, request);
    await opened;
    (await server.peer(0)).send('x'.repeat(70_000));
    await vi.waitFor(() => expect(onMessage).toHaveBeenCalledOnce());
  });

  // Far more than the buffers of TCP hold: the server still writes when it is told.
  it.each(settings)('ends for a larger one with 1009 over %s', async (_name, mine, theirs) => {
    const server = await serve(theirs);
    const request = { maxMessageBytes: 70_000 };
    const { opened, closed, onMessage } = open(transportWith(mine), server.url, request);
    await opened;
    const peer = await server.peer(0);
    const seen = once(peer, 'close');
    const onReset = vi.fn();
    tcpOf(peer).on('error', onReset);
    peer.send(Buffer.alloc(12 * MEBIBYTE, 1), { binary: true });
    expect(await closed).toMatchObject({ code: 1009, tooLarge: true, wasClean: false });
    expect((await seen)[0]).toBe(1009);
    expect(onMessage).not.toHaveBeenCalled();
    // A reset could have taken the close frame from it.
    expect(onReset).not.toHaveBeenCalled();
  });

  it('reports the end at once, and cuts a server that minds neither close nor end', async () => {
    const server = await serve();
    const request = { maxMessageBytes: 10 };
    const { opened, closed, onMessage } = open(transportWith(), server.url, request);
    await opened;
    const peer = await server.peer(0);
    const tcp = tcpOf(peer);
    for (const name of ['data', 'end']) tcp.removeAllListeners(name);
    tcp.resume();
    const cut = new Promise((resolve) => tcp.on('close', resolve));
    peer.send('x'.repeat(11));
    expect(await closed).toMatchObject({ code: 1009, tooLarge: true });
    expect(tcp.destroyed).toBe(false);
    const stubborn = setInterval(() => {
      peer.send('more');
    }, 20);
    await cut;
    clearInterval(stubborn);
    expect(onMessage).not.toHaveBeenCalled();
  }, 10_000);

  it('never lets pass what no string can hold', async () => {
    const server = await serve();
    const made: unknown[] = [];
    class Told extends WebSocket {
      constructor(url: string, protocols: string[], options: Readonly<Record<string, unknown>>) {
        super(url, protocols, options);
        made.push(options['maxPayload']);
      }
    }
    const transport = wsTransport({ constructorOf: () => Told });
    for (const maxMessageBytes of [1, MEBIBYTE, Number.MAX_SAFE_INTEGER]) {
      const { opened, onMessage } = open(transport, server.url, { maxMessageBytes });
      await opened;
      (await server.peer(made.length - 1)).send('x');
      await vi.waitFor(() => expect(onMessage).toHaveBeenCalledOnce());
    }
    expect(made).toEqual([1, MEBIBYTE, constants.MAX_STRING_LENGTH]);
  });
});

describe('wsTransport() when the handshake fails', () => {
  it('tells the status and when to come back', async () => {
    const url = await serveHttp((_request, response) => {
      response.writeHead(503, { 'retry-after': '7' }).end('busy');
    });
    expect(await open(transportWith(), url).closed).toEqual({
      code: 1006,
      reason: '',
      wasClean: false,
      httpStatus: 503,
      retryAfterMs: 7_000,
    });
  });

  it('does not wait for the end of the answer, and lets go of the connection', async () => {
    const gone = deferred<void>();
    const url = await serveHttp((_request, response) => {
      response.on('close', gone.resolve).writeHead(404).write('never finished');
    });
    expect(await open(transportWith(), url).closed).toMatchObject({ httpStatus: 404 });
    await gone.promise;
  });

  it('tells why nobody could be reached', async () => {
    const port = await freePort();
    expect(await open(transportWith(), `ws://127.0.0.1:${port}/`).closed).toMatchObject({
      code: 1006,
      error: { code: 'ECONNREFUSED', message: `connect ECONNREFUSED 127.0.0.1:${port}` },
    });
  });

  it('names every address that was tried', async () => {
    const url = `ws://both.test:${await freePort()}/`;
    const agent = new Agent({
      lookup: (_host: string, _options: unknown, found: (...given: unknown[]) => void) => {
        found(null, [
          { address: '127.0.0.1', family: 4 },
          { address: '127.0.0.2', family: 4 },
        ]);
      },
      autoSelectFamily: true,
    } as never);
    const { error } = await open(transportWith({ agent }), url).closed;
    expect(error?.message).toMatch(/ECONNREFUSED 127\.0\.0\.1:.*ECONNREFUSED 127\.0\.0\.2:/);
  });

  const OK = 'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n';
  const answers: [what: string, answer: string, message: string][] = [
    ['no HTTP', 'SSH-2.0-OpenSSH_9.2p1\r\n', 'Parse Error'],
    ['nothing', '', 'socket hang up'],
    ['a wrong accept', `${OK}sec-websocket-accept: bm8=\r\n\r\n`, 'Sec-WebSocket-Accept'],
    ['no accept', `${OK}\r\n`, 'Sec-WebSocket-Accept'],
    ['another upgrade', OK.replace('websocket', 'h2c') + '\r\n', 'Upgrade'],
  ];

  it.each(answers)('fails for %s', async (_what, answer, message) => {
    const url = await serveTcp((socket) => {
      socket.once('data', () => socket.end(answer));
    });
    const { closed, onOpen } = open(transportWith(), url);
    const { code, error } = await closed;
    expect(code).toBe(1006);
    expect(error?.message).toContain(message);
    expect(onOpen).not.toHaveBeenCalled();
  });
});

describe('wsTransport() when the peer breaks the protocol', () => {
  it('ends with 1006 and says why', async () => {
    const server = await serve();
    const { opened, closed } = open(transportWith(), server.url);
    await opened;
    const peer = await server.peer(0);
    const seen = once(peer, 'close');
    tcpOf(peer).write(Buffer.of(0x83, 0));
    expect(await closed).toMatchObject({
      code: 1006,
      wasClean: false,
      error: { code: 'WS_ERR_INVALID_OPCODE' },
    });
    expect((await seen)[0]).toBe(1002);
  });

  it.each([
    ['a continuation byte that is none', [0xc3, 0x28]],
    ['half a character at the end', [0x68, 0xe2, 0x82]],
    ['half a surrogate pair', [0xed, 0xa0, 0x80]],
    ['a real U+FFFD beside a byte that is none', [0xef, 0xbf, 0xbd, 0xff]],
  ])('ends with 1006 at a text with %s, and tells the peer 1007', async (_name, bytes) => {
    const server = await serve();
    const { opened, closed, onMessage } = open(transportWith(), server.url);
    await opened;
    const peer = await server.peer(0);
    const seen = once(peer, 'close');
    // The next one is in the same segment.
    tcpOf(peer).write(Buffer.of(0x81, bytes.length, ...bytes, 0x81, 1, 0x61));
    expect(await closed).toMatchObject({
      code: 1006,
      wasClean: false,
      error: { message: 'Invalid WebSocket frame: a text is not UTF-8' },
    });
    expect((await seen)[0]).toBe(1007);
    expect(onMessage).not.toHaveBeenCalled();
  });

  it('ends with 1006 at a close whose reason is not UTF-8', async () => {
    const server = await serve();
    const { opened, closed } = open(transportWith(), server.url);
    await opened;
    tcpOf(await server.peer(0)).write(Buffer.of(0x88, 4, 0x03, 0xe8, 0xc3, 0x28));
    expect(await closed).toMatchObject({
      code: 1006,
      reason: '',
      wasClean: false,
      error: { message: 'Invalid WebSocket frame: a text is not UTF-8' },
    });
  });

  it('takes a close whose reason has U+FFFD', async () => {
    const server = await serve();
    const { opened, closed } = open(transportWith(), server.url);
    await opened;
    (await server.peer(0)).close(4000, 'a \ufffd b');
    expect(await closed).toMatchObject({ code: 4000, reason: 'a \ufffd b', wasClean: true });
  });

  it.each(['\ufffd', 'a \ufffd b', '€ ✓ 🙂', 'ÿ', ''])('takes the text %o', async (text) => {
    const server = await serve();
    const { opened, onMessage } = open(transportWith(), server.url);
    await opened;
    (await server.peer(0)).send(text);
    await vi.waitFor(() => expect(onMessage).toHaveBeenCalled());
    expect(onMessage.mock.calls).toEqual([[text]]);
  });
});

describe('link.abandon()', () => {
  it('says nothing more, and cuts an open connection', async () => {
    const server = await serve();
    const { link, opened, onOpen, onMessage, onPong } = open(transportWith(), server.url);
    const onClose = vi.fn();
    await opened;
    const peer = await server.peer(0);
    const seen = once(peer, 'close');
    peer.send('on its way');
    peer.ping('on its way');
    link.abandon();
    link.abandon();
    expect((await seen)[0]).toBe(1006);
    expect(onOpen).toHaveBeenCalledOnce();
    for (const heard of [onMessage, onPong, onClose]) expect(heard).not.toHaveBeenCalled();
  });

  it('says nothing of messages that came in the same segment', async () => {
    const server = await serve();
    const { link, opened, onMessage } = open(transportWith(), server.url);
    onMessage.mockImplementation(() => {
      link.abandon();
    });
    await opened;
    const peer = await server.peer(0);
    const seen = once(peer, 'close');
    tcpOf(peer).cork();
    for (const text of ['first', 'second', 'third']) peer.send(text);
    tcpOf(peer).uncork();
    await seen;
    expect(onMessage.mock.calls).toEqual([['first']]);
  });

  it('cuts an attempt', async () => {
    const met = deferred<void>();
    const gone = deferred<void>();
    const url = await serveTcp((socket) => {
      socket.on('close', () => gone.resolve());
      socket.once('data', () => met.resolve());
    });
    const { link, onOpen } = open(transportWith(), url);
    await met.promise;
    link.abandon();
    await gone.promise;
    expect(onOpen).not.toHaveBeenCalled();
  });

  // Vitest fails the run for an error that nobody listens to.
  it.each(['before the socket is there', 'when it fails', 'when it was refused'])(
    'leaves no error behind: %s',
    async (when) => {
      const refused = await serveHttp((_request, response) => response.writeHead(403).end());
      const nowhere = `ws://127.0.0.1:${await freePort()}/`;
      const { link, closed } = open(
        transportWith(),
        when === 'when it was refused' ? refused : nowhere,
      );
      if (when !== 'before the socket is there') await closed;
      link.abandon();
      // An error of ws comes a turn later.
      await new Promise(setImmediate);
    },
  );

  it('survives garbage and a reset that come afterwards', async () => {
    const server = await serve();
    const { link, opened } = open(transportWith(), server.url);
    await opened;
    const peer = await server.peer(0);
    const seen = once(peer, 'close');
    tcpOf(peer).write(Buffer.of(0x83, 0xff, 0x83, 0xff));
    link.abandon();
    tcpOf(peer).resetAndDestroy();
    await seen;
    await new Promise(setImmediate);
  });
});

describe('wsTransport() refuses settings of the wrong type', () => {
  // prettier-ignore
  const rows: [option: string, value: unknown, got: string][] = [
    ['tls', true, 'a value of type boolean'], ['tls', null, 'null'], ['tls', [], 'a value of type object'],
    ['agent', 'http://proxy', 'a value of type string'], ['agent', false, 'a value of type boolean'],
    ['agent', {}, 'a value of type object'], ['compression', 'yes', 'a value of type string'],
    ['compression', 9, 'a value of type number'], ['compression', null, 'null'],
  ];

  it.each(rows)('%s: %o', (option, value, got) => {
    expect(() => transportWith({ [option]: value })).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: expect.stringContaining(
          `Cannot use option ${option}: it got ${got}, and takes `,
        ) as string,
      }),
    );
  });
});

/** The TCP socket below a socket of `ws`. */
function tcpOf(socket: WebSocket): Socket {
  return (socket as unknown as { readonly _socket: Socket })._socket;
}
