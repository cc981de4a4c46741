/** What the client says when the network or the server fails: every event, in order, with every field. */
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { backoff, client, rig, serve } from '../test/test-kit.js';

const someMs: unknown = expect.any(Number);

const connecting = (uri: string, attempt: number) => ({ type: 'connecting', uri, attempt });
const connected = (uri: string) => ({ type: 'connected', uri, protocol: '' });
const reconnecting = (attempt: number, delay: number, cause: string) => ({
  type: 'reconnecting',
  attempt,
  delay,
  cause,
});

/** From the attempt that succeeds to the end of an empty replay. */
const back = (uri: string, attempts: number) => [
  connecting(uri, attempts),
  connected(uri),
  { type: 'reconnected', uri, attempts, downtime_ms: someMs },
  { type: 'replay_started', mode: 'full_buffer', message_count: 0, last_sequence_id: null },
  { type: 'replay_completed', mode: 'full_buffer', replayed_count: 0, duration_ms: someMs },
];

/** A connection that ended without a close frame. */
const lost = (uri: string) => [
  {
    type: 'error',
    code: 'CONNECTION_LOST',
    fatal: false,
    message: 'Connection lost with code 1006',
  },
  { type: 'disconnected', uri, code: 1006, reason: '', was_clean: false, will_reconnect: true },
  reconnecting(1, 0.01, 'connection_lost'),
];

describe('JetSocket through a network that fails', () => {
  it.each(['cut', 'end'] as const)('comes back after %s()', async (fault) => {
    const { proxy, socket, record, uri } = await rig();
    await socket.connect();
    proxy[fault]();
    await record.until('replay_completed');
    expect(record.told).toEqual([
      connecting(uri, 0),
      connected(uri),
      ...lost(uri),
      ...back(uri, 1),
    ]);
    expect(record.events.filter(({ type }) => type === 'state_change')).toMatchObject([
      { from: 'idle', to: 'connecting', cause: 'connect' },
      { from: 'connecting', to: 'connected', cause: 'opened' },
      { from: 'connected', to: 'backing_off', cause: 'connection_lost' },
      { from: 'backing_off', to: 'connecting', cause: 'backoff_elapsed' },
      { from: 'connecting', to: 'connected', cause: 'opened' },
    ]);
    const [first, second] = record.of('connected');
    expect(second?.timestamp).toBeGreaterThanOrEqual(Number(first?.timestamp));
    expect(Math.abs(Number(first?.timestamp) - Date.now() / 1_000)).toBeLessThan(60);
  });

  it('finds out by its heartbeat that nobody is there, and does not wait for a close', async () => {
    const heartbeat = { intervalMs: 80, timeoutMs: 500, payload: 'hello?' };
    const { server, proxy, socket, record, uri } = await rig({ heartbeat, closeTimeoutMs: 60_000 });
    await socket.connect();
    const first = await server.peer(0);
    await record.until('pong');
    proxy.hang({ newConnections: 'pass' });
    await record.until('disconnected');
    // The server's end of it still stands: nobody could tell it.
    expect(first.readyState).toBe(WebSocket.OPEN);
    await record.until('replay_completed');
    const told = record.told.filter(({ type }) => type !== 'ping' && type !== 'pong');
    expect(told).toEqual([
      connecting(uri, 0),
      connected(uri),
      {
        type: 'error',
        code: 'PONG_TIMEOUT',
        fatal: false,
        message: 'Connection lost: the heartbeat was not answered in time',
      },
      { type: 'disconnected', uri, code: 1006, reason: '', was_clean: false, will_reconnect: true },
      reconnecting(1, 0.01, 'pong_timeout'),
      ...back(uri, 1),
    ]);
    // Every ping but the last was answered, and the new connection is asked as well.
    const pings = record.names.slice(0, record.names.indexOf('error'));
    expect(pings.filter((name) => name === 'ping')).toHaveLength(
      pings.filter((name) => name === 'pong').length + 1,
    );
    await record.until('pong', record.of('pong').length + 1);
  });

  it('tries until the port is open again', async () => {
    const { proxy, socket, record, uri } = await rig();
    await socket.connect();
    await proxy.refuse(true);
    proxy.cut();
    await record.until('reconnecting', 3);
    await proxy.restore();
    await record.until('replay_completed');
    const { attempts } = await record.until('reconnected');
    const refused = {
      type: 'error',
      code: 'CONNECT_FAILED',
      fatal: false,
      message: `Cannot connect: connect ECONNREFUSED 127.0.0.1:${proxy.port}`,
    };
    const retries = Array.from({ length: attempts - 1 }, (_, index) => [
      connecting(uri, index + 1),
      refused,
      reconnecting(index + 2, 0.02, 'connect_failed'),
    ]);
    expect(attempts).toBeGreaterThanOrEqual(3);
    expect(record.told).toEqual([
      connecting(uri, 0),
      connected(uri),
      ...lost(uri),
      ...retries.flat(),
      ...back(uri, attempts),
    ]);
  });

  it.each([0, 1, 2, 5, 9])('never tells half a message: cut after byte %i of it', async (bytes) => {
    const { server, proxy, socket, record, uri } = await rig();
    await socket.connect();
    const peer = await server.peer(0);
    proxy.truncateAfter(bytes, 'down');
    peer.send('"message"');
    await record.until('reconnected');
    (await server.peer(1)).send('"whole"');
    await record.until('message');
    expect(record.told).toEqual([
      connecting(uri, 0),
      connected(uri),
      ...lost(uri),
      ...back(uri, 1),
      { type: 'message', data: 'whole', sequence_id: null, replayed: false },
    ]);
  });

  it('stays connected while the network is slow, and measures it', async () => {
    const heartbeat = { intervalMs: 20, timeoutMs: 5_000 };
    const { server, proxy, socket, record } = await rig({ heartbeat });
    await socket.connect();
    const peer = await server.peer(0);
    peer.on('message', (data: Buffer) => peer.send(data.toString()));
    proxy.slow({ delayMs: 60, jitterMs: 30 });
    const pongs = record.of('pong').length;
    const sent = Array.from({ length: 20 }, (_, index) => index);
    for (const number of sent) socket.send(number);
    await record.until('message', 20);
    expect(record.of('message').map(({ data }) => data)).toEqual(sent);
    // The first pong may be the answer to a ping from before.
    const { latency_ms } = await record.until('pong', pongs + 2);
    expect(latency_ms).toBeGreaterThanOrEqual(120);
    expect(record.names).not.toContain('disconnected');
  });

  it('comes back when the server does', async () => {
    const server = await serve();
    const { socket, record } = client(server.url);
    const uri = server.url;
    await socket.connect();
    await server.kill();
    await record.until('reconnecting', 2);
    await serve({ at: server.port });
    await record.until('replay_completed');
    const { attempts } = await record.until('reconnected');
    expect(record.told.slice(0, 5)).toEqual([connecting(uri, 0), connected(uri), ...lost(uri)]);
    expect(record.told.slice(-5)).toEqual(back(uri, attempts));
  });
});

describe('JetSocket when the server closes', () => {
  const retried: [code: number, reason: string, delay: number][] = [
    [1000, 'done', 0.01],
    [1001, 'going away', 0.01],
    [1011, '', 0.01],
    [1012, 'restart', 0.02],
    [1013, '', 0.02],
    [3000, '', 0.01],
    [4000, 'my own', 0.01],
    [4408, '', 0.01],
    [4429, '', 0.01],
  ];

  it.each(retried)('comes back after %i %s', async (code, reason, delay) => {
    const { server, socket, record, uri } = await rig();
    await socket.connect();
    (await server.peer(0)).close(code, reason);
    await record.until('replay_completed');
    expect(record.told).toEqual([
      connecting(uri, 0),
      connected(uri),
      { type: 'disconnected', uri, code, reason, was_clean: true, will_reconnect: true },
      reconnecting(1, delay, 'closed_by_server'),
      ...back(uri, 1),
    ]);
  });

  it('comes back after a close frame without a code', async () => {
    const { server, socket, record, uri } = await rig();
    await socket.connect();
    (await server.peer(0)).close();
    await record.until('reconnected');
    expect(record.told[2]).toEqual({
      ...{ type: 'disconnected', uri, code: 1005, reason: '' },
      ...{ was_clean: true, will_reconnect: true },
    });
  });

  it('waits as long as the reason asks for', async () => {
    const { server, socket, record, uri } = await rig();
    await socket.connect();
    const reason = 'slow down, retry-after=90';
    (await server.peer(0)).close(4429, reason);
    await record.until('reconnecting');
    expect(record.told.slice(2)).toEqual([
      { type: 'disconnected', uri, code: 4429, reason, was_clean: true, will_reconnect: true },
      reconnecting(1, 90, 'closed_by_server'),
    ]);
  });

  it.each([
    [1002, ''],
    [1003, 'text only'],
    [1007, ''],
    [1008, 'policy'],
    [1009, 'too big'],
    [1010, ''],
    [4400, ''],
    [4403, 'not you'],
    [4404, ''],
    [4499, ''],
  ])('stops after %i %s', async (code, reason) => {
    const { server, proxy, socket, record, uri } = await rig();
    await socket.connect();
    (await server.peer(0)).close(code, reason);
    await record.until('closed');
    const because = reason === '' ? '' : `: ${reason}`;
    expect(record.told).toEqual([
      connecting(uri, 0),
      connected(uri),
      {
        type: 'error',
        code: 'CLOSED_BY_SERVER',
        fatal: true,
        message: `Connection closed by the server with code ${code}${because}`,
      },
      { type: 'disconnected', uri, code, reason, was_clean: true, will_reconnect: false },
      { type: 'closed', code, reason, cause: 'fatal' },
    ]);
    expect(socket.state).toBe('failed');
    expect(proxy.totals.accepted).toBe(1);
  });

  it('begins anew from there when told to', async () => {
    const { server, socket, record, uri } = await rig();
    await socket.connect();
    (await server.peer(0)).close(4401, '');
    await record.until('closed');
    await socket.connect();
    expect(record.told.slice(5)).toEqual([connecting(uri, 0), connected(uri)]);
  });

  it('is asked before the table is', async () => {
    const asked: unknown[] = [];
    const { server, socket, record, uri } = await rig({
      reconnect: (end) => {
        asked.push(end);
        return { delayMs: 5 };
      },
    });
    await socket.connect();
    (await server.peer(0)).close(1008, 'policy');
    await record.until('reconnected');
    expect(asked).toEqual([
      {
        ...{ cause: 'closed_by_server', code: 1008, reason: 'policy', wasClean: true },
        ...{ httpStatus: undefined, error: undefined, attempt: 0 },
      },
    ]);
    expect(record.told.slice(2, 4)).toEqual([
      {
        ...{ type: 'disconnected', uri, code: 1008, reason: 'policy' },
        ...{ was_clean: true, will_reconnect: true },
      },
      reconnecting(1, 0.005, 'closed_by_server'),
    ]);
  });

  it('ends normally after 1000 with reconnect: false', async () => {
    const { server, socket, record, uri } = await rig({ reconnect: false });
    await socket.connect();
    (await server.peer(0)).close(1000, 'done');
    await record.until('closed');
    expect(record.told.slice(2)).toEqual([
      {
        ...{ type: 'disconnected', uri, code: 1000, reason: 'done' },
        ...{ was_clean: true, will_reconnect: false },
      },
      { type: 'closed', code: 1000, reason: 'done', cause: 'normal' },
    ]);
    expect(socket.state).toBe('closed');
  });

  it('fails without another attempt after a loss with reconnect: false', async () => {
    const { proxy, socket, record } = await rig({ reconnect: false, backoff });
    await socket.connect();
    proxy.cut();
    const closed = await record.until('closed');
    expect(closed).toMatchObject({ code: 1006, cause: 'fatal' });
    expect(record.names).toEqual(['connecting', 'connected', 'error', 'disconnected', 'closed']);
    expect(record.of('error')[0]).toMatchObject({ code: 'CONNECTION_LOST', fatal: true });
    expect(socket.state).toBe('failed');
  });
});
