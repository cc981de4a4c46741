/** What a real client of WebSocket makes of each fault. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createFaultProxy, type FaultProxy } from './index.js';
import { addressOf } from './test-kit.js';

type Ends = {
  readonly proxy: FaultProxy;
  readonly near: WebSocket;
  readonly far: WebSocket;
  /** Messages and the close that the client saw, in order. */
  readonly seen: string[];
};

async function ends(): Promise<Ends> {
  const http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  const server = new WebSocketServer({ server: http });
  const proxy = await createFaultProxy({ target: { port: addressOf(http).port } });
  const near = new WebSocket(`ws://127.0.0.1:${proxy.port}`);
  onTestFinished(async () => {
    near.terminate();
    await proxy.close();
    server.close();
    http.close();
  });
  const seen: string[] = [];
  near.on('message', (data: Buffer) => seen.push(data.toString()));
  near.on('close', (code) => seen.push(`close ${code}`));
  near.on('error', () => undefined);
  const [[far]] = (await Promise.all([once(server, 'connection'), once(near, 'open')])) as [
    [WebSocket],
    unknown,
  ];
  far.on('error', () => undefined);
  return { proxy, near, far, seen };
}

/** A text frame with seven bytes: two of header, five of payload. */
const FRAME_BYTES = 7;

describe('a WebSocket through a fault proxy', () => {
  it('talks', async () => {
    const { near, far, seen } = await ends();
    far.on('message', (data: Buffer) => far.send(data.toString()));
    near.send('hello');
    await once(near, 'message');
    expect(seen).toEqual(['hello']);
  });

  it.each(['cut', 'end'] as const)('closes with 1006 on %s()', async (order) => {
    const { proxy, near, far, seen } = await ends();
    const both = Promise.all([once(near, 'close'), once(far, 'close')]);
    proxy[order]();
    const [, farClose] = await both;
    expect(seen).toEqual(['close 1006']);
    expect(farClose[0]).toBe(1006);
  });

  it('stays open and silent on hang(), pings included', async () => {
    const { proxy, near, far, seen } = await ends();
    proxy.hang();
    far.ping();
    far.send('hello');
    // A ping is two bytes, and the message seven.
    await proxy.waitFor(() => proxy.totals.lostBytesDown === 2 + FRAME_BYTES);
    expect([near.readyState, far.readyState]).toEqual([WebSocket.OPEN, WebSocket.OPEN]);
    const closed = once(near, 'close');
    await proxy.restore();
    await closed;
    expect(seen).toEqual(['close 1006']);
  });

  it('gets a message late after stall() or slow()', async () => {
    const { proxy, near, far, seen } = await ends();
    proxy.stall();
    far.send('hello');
    await proxy.waitFor(() => proxy.bufferedBytes === FRAME_BYTES);
    expect(seen).toEqual([]);
    await proxy.restore();
    await once(near, 'message');
    proxy.slow({ bytesPerSecond: 100 });
    const beganMs = performance.now();
    far.send('again');
    await once(near, 'message');
    expect(performance.now() - beganMs).toBeGreaterThanOrEqual((FRAME_BYTES * 1_000) / 100);
    expect(seen).toEqual(['hello', 'again']);
  });

  const offsets = Array.from({ length: FRAME_BYTES + 1 }, (_, offset) => offset);

  it.each(offsets)('never sees half a message: truncateAfter(%i)', async (offset) => {
    const { proxy, near, far, seen } = await ends();
    const closed = once(near, 'close');
    proxy.truncateAfter(offset, 'down');
    far.send('hello');
    await closed;
    expect(seen).toEqual(offset < FRAME_BYTES ? ['close 1006'] : ['hello', 'close 1006']);
  });
});
