import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { FaultRequest, NetworkView } from '../shared/protocol.js';
import { type DemoServer, startDemoServer } from './demo-server.js';
import { MAX_NETWORKS } from './networks.js';
import { Pages } from './pages.js';

let folder: string;
let pages: Pages;
let server: DemoServer;
let base: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'jetsocket-demo-'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>demo</title>');
  pages = new Pages(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(async () => {
  server = await startDemoServer(0, pages);
  base = `http://127.0.0.1:${server.port}`;
});
afterEach(() => server.close());

describe('pages', () => {
  it('serves them under a strict policy', async () => {
    const response = await fetch(base);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('<title>demo</title>');
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('lets no page frame them but the one that it was told of', async () => {
    const policy = async (of: Pages): Promise<string | null> => {
      const one = await startDemoServer(0, of);
      const response = await fetch(`http://127.0.0.1:${one.port}`);
      await one.close();
      return response.headers.get('content-security-policy');
    };
    expect(await policy(pages)).toMatch(/; frame-ancestors 'none'$/);
    expect(await policy(new Pages(folder, 5173))).toMatch(
      /; frame-ancestors http:\/\/127\.0\.0\.1:5173 http:\/\/localhost:5173$/,
    );
  });

  it.each(['/nothing.js', '/../package.json', '/%2e%2e/package.json', '/etc/passwd', '//x'])(
    'has no %s',
    async (path) => {
      expect(await statusOf({ path })).toBe(404);
    },
  );

  // prettier-ignore
  it.each([
    ['a name pointed at this machine', { host: 'evil.example' }, 403],
    ['another port', { host: '127.0.0.1:1' }, 403],
    ['a page of another site', { origin: 'https://evil.example' }, 403],
    ['a page on another port of this machine', { origin: 'http://127.0.0.1:1' }, 403],
    ['a sandboxed page', { origin: 'null' }, 403],
    ['itself', { origin: 'own' }, 200],
  ])('answers %s', async (_name, headers, status) => {
    const { host, origin } = { host: undefined, origin: undefined, ...headers };
    expect(
      await statusOf({
        headers: {
          ...(host !== undefined && { host }),
          ...(origin !== undefined && { origin: origin === 'own' ? base : origin }),
        },
      }),
    ).toBe(status);
  });
});

describe('the control API', () => {
  it('opens networks that nobody can guess', async () => {
    const [one, other] = [await open(), await open()];
    expect(one.id).toMatch(/^[0-9a-f]{32}$/);
    expect(one.id).not.toBe(other.id);
    expect(one.url).toMatch(new RegExp(`^ws://127\\.0\\.0\\.1:\\d+/ws/${one.id}$`));
    expect(one).toMatchObject({ fault: null, connections: 0, rateIn: 0, run: null });
  });

  // prettier-ignore
  it.each([
    ['another type', { 'content-type': 'text/plain' }, '{}', 415],
    ['no JSON', {}, '{', 400],
    ['no object', {}, '[]', 400],
    ['an impossible rate', {}, '{"rateIn":1e9}', 400],
    ['too much', {}, JSON.stringify({ x: 'x'.repeat(10_000) }), 413],
  ])('refuses %s', async (_name, headers, body, status) => {
    const sent = { method: 'POST', path: '/api/networks', body };
    expect(await statusOf({ ...sent, headers: { 'content-type': 'application/json', ...headers } })).toBe(status);
  });

  it('knows its methods and paths', async () => {
    const { id } = await open();
    expect(await statusOf({ path: '/api/networks' })).toBe(405);
    expect(await statusOf({ path: `/api/networks/${id}/faults` })).toBe(405);
    expect(await statusOf({ path: `/api/networks/${id}`, method: 'PUT' })).toBe(405);
    expect(await statusOf({ path: '/', method: 'POST' })).toBe(405);
    expect(await statusOf({ path: '/api/else' })).toBe(404);
    expect(await statusOf({ path: `/api/networks/${'0'.repeat(32)}` })).toBe(404);
  });

  it('removes a network on request, and with it its connections', async () => {
    const network = await open();
    const client = await connect(network);
    expect(await statusOf({ path: `/api/networks/${network.id}`, method: 'DELETE' })).toBe(200);
    expect(await client.closed).toMatchObject({ code: 1006 });
    expect(await statusOf({ path: `/api/networks/${network.id}` })).toBe(404);
  });

  it('opens only so many', async () => {
    const networks = await Promise.all(Array.from({ length: MAX_NETWORKS + 1 }, () => attempt()));
    expect(networks.filter((status) => status === 201)).toHaveLength(MAX_NETWORKS);
    expect(networks).toContain(503);
  });
});

describe('a network', () => {
  it('keeps books, and acknowledges those who ask for it', async () => {
    const network = await open();
    const client = await connect(network, '?run=one&ack=1');
    for (const n of [1, 2, 5, 4, 4]) client.send({ n });
    await expect.poll(() => client.messages.at(-1)).toEqual({ ack: 5 });
    expect((await look(network, 'one')).run?.received).toEqual({
      highest: 5,
      count: 4,
      missing: 1,
      doubled: 1,
      outOfOrder: 1,
      gaps: [[3, 3]],
    });
    expect((await look(network, 'other')).run).toBeNull();
  });

  it('goes on with the books when a client comes back', async () => {
    const network = await open();
    const first = await connect(network, '?run=one');
    first.send({ n: 1 });
    await expect.poll(async () => (await look(network, 'one')).run?.received.count).toBe(1);
    await fault(network, { kind: 'cut' });
    expect(await first.closed).toMatchObject({ code: 1006 });
    const second = await connect(network, '?run=one');
    second.send({ n: 2 });
    await expect.poll(async () => (await look(network, 'one')).run?.received.count).toBe(2);
    expect(second.messages).toEqual([]); // Nothing acknowledges without being asked to.
  });

  it('fills in what a client missed, in order, and before anything else', async () => {
    const network = await open({ rateIn: 100 });
    const first = await connect(network, '?run=one');
    await expect.poll(() => first.messages.length).toBeGreaterThan(10);
    // Half-open: the server goes on sending, and nothing of it arrives.
    await fault(network, { kind: 'hang' });
    const sentBefore = (await look(network, 'one')).run?.sent ?? 0;
    await expect
      .poll(async () => (await look(network, 'one')).run?.sent)
      .toBeGreaterThan(sentBefore + 10);
    await fault(network, { kind: 'restore' });
    const second = await connect(network, '?run=one&after=4');
    await expect.poll(() => second.messages.length).toBeGreaterThan(sentBefore + 10);
    expect(second.messages).toEqual(
      second.messages.map((_message, index) => ({
        seq: index + 5,
        t: expect.any(Number) as number,
      })),
    );
  });

  it.each(['', '?run=one&after=', '?run=one&after=-1', '?run=one&after=x'])(
    'fills nothing in for %j',
    async (query) => {
      const network = await open({ rateIn: 50 });
      const first = await connect(network, '?run=one');
      await expect.poll(() => first.messages.length).toBeGreaterThan(5);
      await post(`/api/networks/${network.id}/rate`, { rateIn: 0 });
      const second = await connect(network, query);
      second.send({ op: 'ping' });
      await expect.poll(() => second.messages).toEqual([{ op: 'pong' }]);
    },
  );

  it('answers the heartbeat, and ignores nonsense', async () => {
    const client = await connect(await open());
    for (const text of ['', '{', 'null', '7', '{"n":-1}', '{"n":"1"}', '{"n":1e300}'])
      client.raw(text);
    client.send({ op: 'ping' });
    await expect.poll(() => client.messages).toEqual([{ op: 'pong' }]);
  });

  it('sends numbers at the rate that is asked for', async () => {
    const network = await open({ rateIn: 100 });
    const client = await connect(network, '?run=one');
    await expect.poll(() => client.messages.length).toBeGreaterThan(20);
    const numbers = client.messages.map((message) => (message as { seq: number }).seq);
    expect(numbers.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    const { rateIn } = await post<NetworkView>(`/api/networks/${network.id}/rate`, { rateIn: 0 });
    expect(rateIn).toBe(0);
  });

  it('lets no other site in', async () => {
    const network = await open();
    await expect(connect(network, '', 'https://evil.example')).rejects.toThrow('403');
    await expect(connect(network, '', base)).resolves.toBeDefined();
  });

  it('serves /ws to clients without a page', async () => {
    const client = await connect({ url: `ws://127.0.0.1:${server.port}/ws` });
    await expect.poll(() => client.messages.length).toBeGreaterThan(0);
  });
});

describe('a fault', () => {
  it('close: closes with a code and a reason', async () => {
    const network = await open();
    const client = await connect(network);
    const view = await fault(network, { kind: 'close', code: 4001, reason: 'moved' });
    expect(view.fault).toBeNull();
    expect(await client.closed).toEqual({ code: 4001, reason: 'moved' });
  });

  it('hang: nothing comes through, and nothing ends', async () => {
    const network = await open({ rateIn: 50 });
    const client = await connect(network);
    await expect.poll(() => client.messages.length).toBeGreaterThan(0);
    expect((await fault(network, { kind: 'hang' })).fault).toBe('hang');
    const before = client.messages.length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(client.messages.length - before).toBeLessThanOrEqual(5); // What was on the way.
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
  });

  it('refuse: until restored', async () => {
    const network = await open();
    const client = await connect(network);
    await fault(network, { kind: 'refuse' });
    expect(await client.closed).toMatchObject({ code: 1006 });
    await expect(connect(network)).rejects.toThrow('ECONNREFUSED');
    expect((await fault(network, { kind: 'restore' })).fault).toBeNull();
    await expect(connect(network)).resolves.toBeDefined();
  });

  it('restart: away, and back by itself', async () => {
    const network = await open();
    const client = await connect(network);
    expect((await fault(network, { kind: 'restart' })).fault).toBe('restart');
    expect(await client.closed).toMatchObject({ code: 1006 });
    await expect(connect(network)).rejects.toThrow('ECONNREFUSED');
    await expect.poll(async () => (await look(network)).fault, { timeout: 5_000 }).toBeNull();
    await expect(connect(network)).resolves.toBeDefined();
  });

  it('reject: 401 until restored', async () => {
    const network = await open();
    const client = await connect(network);
    await fault(network, { kind: 'reject' });
    expect(await client.closed).toMatchObject({ code: 1006 });
    await expect(connect(network)).rejects.toThrow('401');
    await fault(network, { kind: 'restore' });
    await expect(connect(network)).resolves.toBeDefined();
  });

  it('slow: late, but there', async () => {
    const network = await open();
    const client = await connect(network);
    await fault(network, { kind: 'slow' });
    const sentMs = performance.now();
    client.send({ op: 'ping' });
    await expect.poll(() => client.messages, { timeout: 3_000 }).toEqual([{ op: 'pong' }]);
    expect(performance.now() - sentMs).toBeGreaterThan(700);
  });

  it('takes the place of the one before it', async () => {
    const network = await open();
    await fault(network, { kind: 'refuse' });
    expect((await fault(network, { kind: 'slow' })).fault).toBe('slow');
    await expect(connect(network)).resolves.toBeDefined();
  });
});

interface Client {
  readonly socket: WebSocket;
  readonly messages: unknown[];
  readonly closed: Promise<{ code: number; reason: string }>;
  send(message: object): void;
  raw(text: string): void;
}

function connect({ url }: { url: string }, query = '', origin?: string): Promise<Client> {
  const socket = new WebSocket(url + query, origin === undefined ? {} : { origin });
  const messages: unknown[] = [];
  socket.on('message', (data) => messages.push(JSON.parse((data as Buffer).toString())));
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () =>
      resolve({
        socket,
        messages,
        closed,
        send: (message) => socket.send(JSON.stringify(message)),
        raw: (text) => socket.send(text),
      }),
    );
  });
}

function open(body: object = {}): Promise<NetworkView> {
  return post('/api/networks', body);
}

function fault({ id }: NetworkView, body: FaultRequest): Promise<NetworkView> {
  return post(`/api/networks/${id}/faults`, body);
}

async function look({ id }: NetworkView, run = ''): Promise<NetworkView> {
  const response = await fetch(`${base}/api/networks/${id}?run=${run}`);
  return (await response.json()) as NetworkView;
}

async function post<Answer = NetworkView>(path: string, body: object): Promise<Answer> {
  const response = await fetch(base + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.ok).toBe(true);
  return (await response.json()) as Answer;
}

async function attempt(): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  return (await fetch(`${base}/api/networks`, { method: 'POST', headers, body: '{}' })).status;
}

interface Asked {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** `fetch` would neither say another Host nor leave a path as it is. */
function statusOf({ path = '/', method = 'GET', headers = {}, body }: Asked): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { port: server.port, host: '127.0.0.1', path, method, headers },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}
