import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import type { AddressInfo } from 'node:net';
import { client, numbers, proxyTo, serve } from '../test/test-kit.js';
import { createSessions } from './index.js';

describe('a session over real sockets', () => {
  it('carries messages both ways, and says what became of them', async () => {
    const server = await serve();
    const { socket, got, names } = client(server.url);
    const delivery = socket.send({ hello: 'server' });
    const session = await server.session();
    const came: unknown[] = [];
    session.on('message', (message, { seq }) => {
      came.push([message, seq]);
      session.send({ echo: message });
    });
    expect(await delivery.settled).toBe('acknowledged');
    await expect.poll(() => got).toEqual([{ echo: { hello: 'server' } }]);
    expect(came).toEqual([[{ hello: 'server' }, 1]]);
    await expect.poll(() => session.buffered).toBe(0);
    await socket.close();
    expect(session.state).toBe('ended');
    expect(names()).toEqual(['connected', 'disconnected', 'closed']);
  });

  it('loses, doubles and reorders nothing while its connections are cut', async () => {
    const server = await serve();
    const proxy = await proxyTo(server.port);
    proxy.slow({ delayMs: 5 });
    const { socket, got, events } = client(`ws://127.0.0.1:${proxy.port}`);
    const session = await server.session();
    const came: unknown[] = [];
    session.on('message', (message) => void came.push(message));
    const total = 1_000;
    for (let sent = 0; sent < total; sent += 10) {
      for (let n = sent + 1; n <= sent + 10; n++) {
        socket.send(n);
        session.send(n);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (sent % 200 === 190) proxy.cut();
    }
    await expect.poll(() => came.length, { timeout: 10_000 }).toBe(total);
    await expect.poll(() => got.length, { timeout: 10_000 }).toBe(total);
    expect(came).toEqual(numbers(total));
    expect(got).toEqual(numbers(total));
    expect(events.filter(({ type }) => type === 'reconnected').length).toBeGreaterThan(2);
    expect(events.filter(({ type }) => type === 'gap')).toEqual([]);
    expect(server.errors).toEqual([]);
  });

  it(
    'loses, doubles and reorders nothing when a connection ends at any byte of a frame',
    { timeout: 60_000 },
    async () => {
      const server = await serve();
      const proxy = await proxyTo(server.port);
      const { socket, got, events } = client(`ws://127.0.0.1:${proxy.port}`);
      const session = await server.session();
      const came: unknown[] = [];
      session.on('message', (message) => void came.push(message));
      let n = 0;
      const reconnects = (): number => events.filter(({ type }) => type === 'reconnected').length;
      // A frame of either side, head and mask included, is shorter than this.
      for (let offset = 0; offset < 40; offset++) {
        for (const direction of ['up', 'down'] as const) {
          const before = reconnects();
          await expect.poll(() => socket.state).toBe('connected');
          proxy.truncateAfter(offset, direction);
          n++;
          for (const end of [socket, session]) end.send(n);
          // What is shorter than the offset goes on with the next message.
          await expect
            .poll(
              () => {
                if (reconnects() > before) return true;
                n++;
                for (const end of [socket, session]) end.send(n);
                return false;
              },
              { interval: 5 },
            )
            .toBe(true);
        }
      }
      await expect.poll(() => [came.length, got.length]).toEqual([n, n]);
      expect(came).toEqual(numbers(n));
      expect(got).toEqual(numbers(n));
    },
  );

  it('takes binary messages as they are', async () => {
    const { binary } = await import('@jetsocket/node');
    const server = await serve({ codec: binary });
    const { socket, got } = client(server.url, { codec: binary });
    const session = await server.session();
    session.on('message', (message) => session.send(message));
    const bytes = Uint8Array.from({ length: 300 }, (_, index) => index % 256);
    socket.send(bytes);
    await expect.poll(() => got.length).toBe(1);
    expect(Buffer.from(got[0] as Uint8Array).equals(Buffer.from(bytes))).toBe(true);
  });
});

describe('a server that does not speak the protocol', () => {
  it.each([
    ['answers with something else', (text: string) => `echo ${text}`],
    ['echoes', (text: string) => text],
  ])('is found out when it %s, before any data is sent', async (_name, answer) => {
    const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(wss, 'listening');
    const got: string[] = [];
    wss.on('connection', (peer) => {
      peer.on('message', (data: Buffer) => {
        got.push(data.toString());
        peer.send(answer(data.toString()));
      });
    });
    const { socket, events } = client(`ws://127.0.0.1:${(wss.address() as AddressInfo).port}`);
    socket.send('secret');
    await expect.poll(() => socket.state).toBe('failed');
    wss.close();
    expect(events.find(({ type }) => type === 'error')).toMatchObject({
      code: 'SESSION_UNSUPPORTED',
      fatal: true,
    });
    expect(got).toHaveLength(1);
    expect(got[0]).toMatch(/^\{"jet":1,/);
  });

  it('is found out when it says nothing, and tried again', async () => {
    const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(wss, 'listening');
    const { socket, events } = client(`ws://127.0.0.1:${(wss.address() as AddressInfo).port}`, {
      connectTimeoutMs: 50,
    });
    await expect
      .poll(() => events.find(({ type }) => type === 'error'))
      .toMatchObject({ code: 'SESSION_UNSUPPORTED', fatal: false });
    await socket.close();
    wss.close();
  });

  it('is found out when it chooses no subprotocol', async () => {
    const wss = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => false });
    await once(wss, 'listening');
    const { socket, events } = client(`ws://127.0.0.1:${(wss.address() as AddressInfo).port}`);
    await expect.poll(() => socket.state).toBe('failed');
    wss.close();
    expect(events.find(({ type }) => type === 'error')).toMatchObject({
      code: 'SESSION_UNSUPPORTED',
    });
  });
});

describe('createSessions()', () => {
  it('serves the connections of a WebSocketServer that chose the protocol, and leaves the others', async () => {
    const sessions = createSessions();
    const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(wss, 'listening');
    sessions.attach(wss);
    wss.on('connection', (peer) => {
      if (peer.protocol === '') peer.send('plain');
    });
    sessions.on('session', (session) => void session.send('session'));
    const url = `ws://127.0.0.1:${(wss.address() as AddressInfo).port}`;
    const { text } = await import('@jetsocket/node');
    const one = client(url);
    const other = client(url, { replay: { mode: 'full_buffer' }, codec: text });
    await expect.poll(() => [one.got, other.got]).toEqual([['session'], ['plain']]);
    await one.socket.close();
    await other.socket.close();
    await sessions.close();
    wss.close();
  });

  it('refuses whom authenticate() does not know', async () => {
    const server = await serve({ authenticate: ({ headers }) => headers['x-user'] as string });
    const { socket, events } = client(server.url);
    await expect.poll(() => socket.state).toBe('failed');
    expect(events.find(({ type }) => type === 'error')).toMatchObject({ code: 'AUTH_FAILED' });
    const known = client(server.url, { headers: { 'x-user': 'ada' } });
    await known.socket.opened;
    expect((await server.session()).principal).toBe('ada');
  });

  it('hands its clients over by drain(), without a gap: they are connected all the time', async () => {
    const log = (await import('./index.js')).memoryLog();
    const [first, second] = [await serve({ log }), await serve({ log })];
    let url = first.url;
    const { socket, events, got, names } = client(() => url);
    const session = await first.session();
    await socket.opened;
    const came: unknown[] = [];
    session.on('message', async (message) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      came.push(message);
    });
    session.send('from the first');
    for (const n of numbers(5)) socket.send(n);
    await expect.poll(() => came.length).toBeGreaterThan(0);
    url = second.url;
    await first.sessions.drain();
    expect(first.sessions.size === 0 || session.state === 'detached').toBe(true);
    const next = await second.session();
    next.on('message', (message) => void came.push(message));
    expect(next.id).toBe(session.id);
    socket.send(6);
    next.send('from the second');
    await expect.poll(() => came).toEqual(numbers(6));
    await expect.poll(() => got).toEqual(['from the first', 'from the second']);
    expect(names()).not.toContain('gap');
    expect(names().filter((name) => name.startsWith('error'))).toEqual([]);
    expect(events.filter(({ type }) => type === 'state_change')).toHaveLength(2);
    expect(events.find(({ type }) => type === 'reconnecting')).toMatchObject({
      cause: 'server_leaving',
      delay: 0,
    });
    expect(events.find(({ type }) => type === 'reconnected')).toMatchObject({ downtime_ms: 0 });
  });

  it('closes with drain() those who cannot move: they come back and miss nothing', async () => {
    const log = (await import('./index.js')).memoryLog();
    const [first, second] = [await serve({ log }), await serve({ log })];
    let url = first.url;
    const { socket, events, got } = client(() => url);
    const session = await first.session();
    await socket.opened;
    const came: unknown[] = [];
    session.on('message', (message) => void came.push(message));
    const drained = first.sessions.drain({ handoverMs: 300 });
    await expect.poll(() => events.some(({ type }) => type === 'error')).toBe(true);
    // It was refused by the server that is about to stop, and what it sends now waits.
    expect(socket.state).toBe('connected');
    socket.send(1);
    url = second.url;
    await drained;
    const next = await second.session();
    next.on('message', (message) => void came.push(message));
    next.send('from the second');
    await expect.poll(() => [came, got]).toEqual([[1], ['from the second']]);
  });

  it('tells a client that comes too late what arrived, so that nothing is lost or doubled', async () => {
    const server = await serve({ ttlMs: 30 });
    const proxy = await proxyTo(server.port);
    const { socket, names, events } = client(`ws://127.0.0.1:${proxy.port}`);
    const came: unknown[] = [];
    server.sessions.on('session', (session) => {
      session.on('message', (message) => void came.push(message));
    });
    const session = await server.session();
    expect(await socket.send(1).settled).toBe('acknowledged');
    await proxy.refuse(true);
    proxy.cut();
    socket.send(2);
    await expect.poll(() => session.state).toBe('ended');
    await proxy.refuse(false);
    await proxy.restore();
    await expect.poll(() => came).toEqual([1, 2]);
    await expect.poll(names).toContain('replay_completed');
    expect(names()).toContain('error SESSION_LOST');
    expect(events.find(({ type }) => type === 'gap')).toMatchObject({
      from: 1,
      to: null,
      cause: 'expired',
    });
  });
});
