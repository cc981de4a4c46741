import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { echo, listen, next, standardWebSocket } from '../test/test-kit.js';
import { browserTransport, connect, JetSocket, JetSocketError, type Transport } from './index.js';

/** Puts something in the place of a global for the rest of the test. */
function stub(name: string, value: unknown): void {
  vi.stubGlobal(name, value);
  onTestFinished(() => {
    vi.unstubAllGlobals();
  });
}

const nobody = {
  onOpen: () => undefined,
  onMessage: () => undefined,
  onPong: () => undefined,
  onClose: () => undefined,
};

describe('browserTransport()', () => {
  it('looks the constructor up at every attempt: it may come after the import', async () => {
    const { url } = await echo();
    stub('WebSocket', undefined);
    const socket = new JetSocket(url, { backoff: { baseMs: 0 } });
    const made = vi.fn();
    class Late extends standardWebSocket {
      constructor(...given: ConstructorParameters<typeof standardWebSocket>) {
        super(...given);
        made();
      }
    }
    stub('WebSocket', Late);
    await socket.connect();
    expect(made).toHaveBeenCalledOnce();
    stub('WebSocket', standardWebSocket);
    const again = next(socket, 'reconnected');
    socket.reconnect();
    await again;
    expect(made).toHaveBeenCalledOnce();
  });

  it('says so where there is no constructor, and does not retry', async () => {
    stub('WebSocket', undefined);
    const socket = connect('ws://127.0.0.1/');
    const events = listen(socket);
    await expect(socket.opened).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      message: expect.stringContaining('this runtime has no WebSocket') as string,
    });
    expect(events.map(({ type }) => type)).toEqual([
      ...['state_change', 'connecting', 'state_change', 'error', 'closed'],
    ]);
    expect(events[3]).toMatchObject({ code: 'CONNECT_FAILED', fatal: true });
    expect(events[4]).toMatchObject({ code: 1006, cause: 'fatal' });
    expect(socket.state).toBe('failed');
  });

  it('says what to do where there is no constructor', () => {
    stub('WebSocket', undefined);
    const request = { url: 'ws://127.0.0.1/', protocols: [], headers: {}, maxMessageBytes: 1 };
    expect(() => browserTransport().open(request, nobody)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('@jetsocket/node') as string }),
    );
  });

  it('refuses headers, and says what to do instead', () => {
    const make = (): unknown => new JetSocket('ws://127.0.0.1/', { headers: { cookie: 'a=1' } });
    expect(make).toThrow(JetSocketError);
    expect(make).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: expect.stringContaining('Cannot use option headers: ') as string,
        hint: expect.stringContaining('token') as string,
      }),
    );
  });

  it('sends and gets text and bytes', async () => {
    const { url } = await echo();
    stub('WebSocket', standardWebSocket);
    const socket = connect<unknown, unknown>(url, {
      codec: { encode: (message) => message as Uint8Array, decode: (data) => data },
    });
    const text = next(socket, 'message');
    socket.send('grüß dich');
    expect((await text).data).toBe('grüß dich');
    const bytes = next(socket, 'message');
    socket.send(Uint8Array.of(0, 255));
    const { data } = await bytes;
    expect(data).toBeInstanceOf(Uint8Array);
    expect([...(data as Uint8Array)]).toEqual([0, 255]);
  });

  it('beats with the messages of the application', async () => {
    const { url } = await echo();
    stub('WebSocket', standardWebSocket);
    const isPong = (message: unknown): boolean => message === 'beat';
    const heartbeat = { intervalMs: 10, ping: () => 'beat', isPong };
    const socket = connect(url, { heartbeat });
    const events = listen(socket);
    expect(await next(socket, 'pong')).toMatchObject({ payload: 'beat' });
    expect(events.some(({ type }) => type === 'message')).toBe(false);
  });

  it('closes with a code and a reason', async () => {
    const { url, wss } = await echo();
    stub('WebSocket', standardWebSocket);
    const closed = new Promise((resolve) => {
      wss.on('connection', (peer) => {
        peer.on('close', (code, reason) => {
          resolve([code, reason.toString()]);
        });
      });
    });
    const socket = connect(url);
    await socket.opened;
    await socket.close(4321, 'done ✓');
    expect(await closed).toEqual([4321, 'done ✓']);
  });
});

describe('new JetSocket() of @jetsocket/browser', () => {
  it.each([null, 5, 'wss://', [], () => ({})])('refuses options that are none: %o', (options) => {
    expect(() => new JetSocket('ws://127.0.0.1/', options as never)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: expect.stringContaining('Cannot use option options: ') as string,
      }),
    );
  });

  it('takes another transport', async () => {
    const { url } = await echo();
    stub('WebSocket', undefined);
    const transport: Transport = browserTransport(() => standardWebSocket);
    const socket = connect(url, { transport });
    await next(socket, 'connected');
  });
});

describe('a relative URL', () => {
  // prettier-ignore
  const rows: [where: string, globals: Record<string, unknown>, opened: string][] = [
    ['a page', { document: { baseURI: 'https://example.com/base/' }, location: { href: 'https://example.com/' } },
      'wss://example.com/base/live?x=1'],
    ['a worker', { document: undefined, location: { href: 'http://example.com/a/worker.js' } },
      'ws://example.com/a/live?x=1'],
  ];

  it.each(rows)('is relative to the address of %s', async (_where, globals, opened) => {
    for (const [name, value] of Object.entries(globals)) stub(name, value);
    const urls: string[] = [];
    stub(
      'WebSocket',
      class {
        constructor(url: string) {
          urls.push(url);
          throw new Error('not today');
        }
      },
    );
    await expect(connect('live?x=1').opened).rejects.toThrow('not today');
    expect(urls).toEqual([opened]);
  });

  it('is refused where there is no address', () => {
    expect(() => new JetSocket('/live')).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    );
  });
});
