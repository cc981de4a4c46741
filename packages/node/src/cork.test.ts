import type { Link } from '@jetsocket/core';
import { Agent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { credentials, deferred, serve } from '../test/test-kit.js';
import { Cork } from './cork.js';
import type { WsLike } from './ws-like.js';
import { wsTransport } from './ws-transport.js';

interface Rig {
  readonly link: Link;
  /** The server's end. */
  readonly peer: WebSocket & { readonly _socket: Socket };
  /** The client's own socket of TCP or TLS. */
  readonly socket: Socket;
  /** How often anything was handed to the system since the handshake. */
  readonly writes: () => number;
  /** What the server got, in order. */
  readonly got: string[];
  readonly onClose: ReturnType<typeof vi.fn>;
}

/** An open connection whose writes are counted. */
async function rig({
  secure = false,
  compression = false,
  onMessage = (): void => undefined,
} = {}): Promise<Rig> {
  const server = await serve({ secure, perMessageDeflate: { threshold: 0 } });
  const agent = secure ? new HttpsAgent({ ca: credentials.cert }) : new Agent();
  const created = vi.spyOn(agent, 'createConnection');
  const transport = wsTransport({ constructorOf: () => WebSocket, agent, compression });
  const opened = deferred<unknown>();
  const onClose = vi.fn();
  const link = transport.open(
    { url: server.url, protocols: [], headers: {}, maxMessageBytes: 1_000_000 },
    { onOpen: opened.resolve, onMessage, onPong: () => undefined, onClose },
  );
  onTestFinished(() => {
    link.abandon();
  });
  const peer = await server.peer(0);
  await opened.promise;
  const got: string[] = [];
  peer.on('message', (data: Buffer) => {
    got.push(data.toString());
    if (got.length === 3) peer.send('three');
  });
  const socket = created.mock.results[0]?.value as Socket;
  const spies = (['_write', '_writev'] as const).map((name) =>
    vi.spyOn(socket as Required<Socket>, name),
  );
  const writes = (): number => spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
  return { link, peer: peer as Rig['peer'], socket, writes, got, onClose };
}

const nextTurn = (): Promise<void> => new Promise(setImmediate);

describe.each([
  ['TCP', {}],
  ['TLS', { secure: true }],
])('Cork over %s', (_name, options) => {
  it('lets the first message of a turn go at once, and the others together', async () => {
    const { link, writes, got } = await rig(options);
    for (const turn of [1, 2, 3]) {
      const before = writes();
      link.send(`first of ${turn}`);
      expect(writes() - before).toBe(1);
      for (let index = 0; index < 100; index++) link.send(`${turn}.${index}`);
      expect(writes() - before).toBe(1);
      await vi.waitFor(() => expect(got).toHaveLength(101 * turn));
      expect(writes() - before).toBe(2);
    }
    expect(got.slice(0, 3)).toEqual(['first of 1', '1.0', '1.1']);
    expect(got.at(-1)).toBe('3.99');
  });

  it('leaves nothing corked when the link is abandoned in the same turn', async () => {
    const { link, socket, onClose } = await rig(options);
    for (const text of ['a', 'b', 'c']) link.send(text);
    expect(socket.writableCorked).toBeGreaterThan(0);
    link.abandon();
    await nextTurn();
    expect(socket.writableCorked).toBe(0);
    expect(socket.destroyed).toBe(true);
    expect(onClose).not.toHaveBeenCalled();
  });

  it('leaves nothing corked when the link is closed in the same turn', async () => {
    const { link, socket, got, onClose } = await rig(options);
    for (const text of ['a', 'b', 'c']) link.send(text);
    link.close(1000, '');
    await vi.waitFor(() => expect(onClose).toHaveBeenCalledOnce());
    expect(got).toEqual(['a', 'b', 'c']);
    expect(socket.writableCorked).toBe(0);
  });
});

describe('Cork', () => {
  it('holds back what handlers of incoming messages send, too', async () => {
    const replies = deferred<number>();
    const { link, writes, got } = await rig({
      onMessage() {
        const before = writes();
        for (let index = 0; index < 50; index++) link.send(`reply ${index}`);
        replies.resolve(before);
      },
    });
    for (const text of ['a', 'b', 'c']) link.send(text);
    const before = await replies.promise;
    await vi.waitFor(() => expect(got).toHaveLength(53));
    expect(writes() - before).toBe(2);
  });

  it('writes many small messages as one piece, and large ones as they are', async () => {
    const { link, socket, got } = await rig();
    const write = vi.spyOn(socket, '_write');
    for (let index = 0; index < 300; index++) link.send('small');
    await vi.waitFor(() => expect(got).toHaveLength(300));
    expect(write).toHaveBeenCalledTimes(2);
    const large = 'x'.repeat(100_000);
    for (let index = 0; index < 3; index++) link.send(large);
    await vi.waitFor(() => expect(got).toHaveLength(303));
    // What was gathered did not pass here, and was not copied.
    expect(write.mock.calls.every(([piece]) => (piece as Buffer).length < 100_000)).toBe(true);
    expect(got.at(-1)).toBe(large);
  });

  it('lets the other end begin while a long turn goes on', async () => {
    const { link, writes, got } = await rig();
    const before = writes();
    for (let index = 0; index < 1_200; index++) link.send(String(index));
    expect(writes() - before).toBe(3);
    await vi.waitFor(() => expect(got).toHaveLength(1_200));
    expect(writes() - before).toBe(4);
    expect(got.map(Number)).toEqual(Array.from({ length: 1_200 }, (_, index) => index));
  });

  it('keeps the order of messages that are compressed', async () => {
    const { link, got } = await rig({ compression: true });
    const texts = Array.from({ length: 20 }, (_, index) => `${index}`.repeat(2_000));
    for (const text of texts) link.send(text);
    await vi.waitFor(() => expect(got).toHaveLength(20));
    expect(got).toEqual(texts);
  });

  it('keeps the order of small and large messages, of text and bytes, and of pings', async () => {
    const { link, peer, got } = await rig();
    peer.on('ping', (payload) => got.push(`ping ${payload.toString()}`));
    const large = 'x'.repeat(1_025);
    link.send('0');
    link.send('é1');
    link.send(new Uint8Array([0x62]));
    link.send(large);
    link.send('c');
    link.ping?.('d');
    link.send('e');
    expect(link.bufferedBytes).toBeGreaterThan(1_025);
    await vi.waitFor(() => expect(got).toHaveLength(7));
    expect(got).toEqual(['0', 'é1', 'b', large, 'c', 'ping d', 'e']);
    expect(link.bufferedBytes).toBe(0);
  });

  it('writes what was gathered before the answer to a close', async () => {
    const { link, peer, got } = await rig({
      onMessage() {
        for (const text of ['a', 'b', 'c']) link.send(text);
      },
    });
    // Both come at once, so that `ws` answers the close in the turn in which the handler sends.
    peer._socket.cork();
    peer.send('go');
    peer.close(4_000);
    peer._socket.uncork();
    await vi.waitFor(() => expect(peer.readyState).toBe(peer.CLOSED));
    expect(got).toEqual(['a', 'b', 'c']);
  });

  it('uses no memory again that waits for a server which does not read', async () => {
    const { link, peer, got } = await rig();
    peer.pause();
    const texts = Array.from({ length: 60_000 }, (_, index) => `${index} `.padEnd(100, 'x'));
    for (let index = 0; index < texts.length; index++) {
      link.send(texts[index] ?? '');
      if (index % 1_000 === 999) await nextTurn();
    }
    expect(link.bufferedBytes).toBeGreaterThan(1_000_000);
    peer.resume();
    await vi.waitFor(() => expect(got).toHaveLength(texts.length), 20_000);
    expect(got).toEqual(texts);
  });

  it.each([undefined, null, {}])('does without the socket of ws: %o', async (_socket) => {
    const cork = new Cork({ _socket } as unknown as WsLike);
    for (let index = 0; index < 3; index++) cork.beforeSend();
    await nextTurn();
    cork.beforeSend();
  });
});
