/** Streams over a real server that sends as fast as it can: what waits is counted, not timed. */
import { describe, expect, it, onTestFinished } from 'vitest';
import type { WebSocket } from 'ws';
import { EventLog, serve } from '../test/test-kit.js';
import { JetSocket, type NodeOptions } from './index.js';
import { binary } from '@jetsocket/core';

const KIBIBYTE = 1024;
const MESSAGE_BYTES = 4 * KIBIBYTE;
/** 50 MB, which a server without a client that waits sends within a second. */
const COUNT = 12_800;
const MAX_BYTES = 512 * KIBIBYTE;
/** What `ws` reads at once, and the messages in it: that much may still come when it is told to stop. */
const CHUNK_BYTES = 64 * KIBIBYTE;

/** Sends all of them at once, as far as the network takes it, numbered. Says how many it could hand over. */
function flood(peer: WebSocket): { readonly sent: () => number } {
  let sent = 0;
  const more = (): void => {
    while (sent < COUNT && peer.bufferedAmount < 256 * KIBIBYTE) {
      const message = Buffer.alloc(MESSAGE_BYTES);
      message.writeUInt32BE(sent++);
      peer.send(message, sent === COUNT ? undefined : () => more());
    }
  };
  more();
  return { sent: () => sent };
}

async function flooded(options: NodeOptions<Uint8Array, Uint8Array> = {}) {
  const server = await serve();
  const socket = new JetSocket<Uint8Array, Uint8Array>(server.url, {
    codec: binary,
    buffer: { maxBytes: MAX_BYTES, capacity: Infinity },
    ...options,
  });
  const log = new EventLog(socket);
  let arrived = 0;
  socket.on('message', () => arrived++);
  await socket.connect();
  return { peer: await server.peer(0), socket, log, arrived: () => arrived };
}

const numberOf = (message: Uint8Array | undefined): number =>
  message === undefined ? -1 : new DataView(message.buffer, message.byteOffset).getUint32(0);

describe('readable', () => {
  it('keeps a consumer that is slower than the server under its bound, and loses nothing', async () => {
    const { peer, socket, log, arrived } = await flooded();
    const reader = socket.readable.getReader();
    const first = reader.read();
    const { sent } = flood(peer);
    expect(numberOf((await first).value)).toBe(0);
    let read = 1;
    let most = 0;
    while (read < COUNT) {
      const { value } = await reader.read();
      if (numberOf(value) !== read++)
        throw new Error(`${numberOf(value)} came in place ${read - 1}`);
      most = Math.max(most, (arrived() - read) * MESSAGE_BYTES);
      // Every so often something slow: the server would be far ahead by then.
      if (read % 64 === 0) await new Promise((done) => setTimeout(done, 1));
    }
    expect(sent()).toBe(COUNT);
    expect(most).toBeLessThanOrEqual(MAX_BYTES + CHUNK_BYTES + MESSAGE_BYTES);
    // It was full, or this shows nothing.
    expect(most).toBeGreaterThan(MAX_BYTES / 2);
    expect(log.of('buffer_overflow')).toEqual([]);
    expect(log.of('disconnected')).toEqual([]);
  });

  it('makes the server wait for a consumer that never reads, and the socket can still be closed', async () => {
    const { peer, socket, arrived } = await flooded();
    const reader = socket.readable.getReader();
    const first = reader.read();
    const { sent } = flood(peer);
    await first;
    // Nothing moves on: what was handed over stays the same while the event loop turns.
    let before = -1;
    for (let turns = 0; turns < 200 || arrived() !== before; turns++) {
      before = arrived();
      await new Promise((done) => setTimeout(done, 5));
    }
    expect(arrived() * MESSAGE_BYTES).toBeLessThanOrEqual(
      MAX_BYTES + CHUNK_BYTES + 2 * MESSAGE_BYTES,
    );
    expect(sent()).toBeLessThan(COUNT);
    await socket.close(4000);
    expect(socket.state).toBe('closed');
  });
});

describe('for await', () => {
  it('keeps a loop that is slower than the server under its bound, and tells what it lost', async () => {
    const { peer, socket, log, arrived } = await flooded();
    const loop = socket[Symbol.asyncIterator]();
    flood(peer);
    let read = 0;
    let most = 0;
    let last = -1;
    while (last < COUNT - 1) {
      const next = numberOf((await loop.next()).value as Uint8Array);
      if (next <= last) throw new Error(`${next} came behind ${last}`);
      last = next;
      read++;
      // The oldest are dropped: all that came behind this one waits.
      most = Math.max(most, (arrived() - 1 - last) * MESSAGE_BYTES);
      // Something slow, now and then: the server does not wait for a loop.
      if (read % 64 === 0) await new Promise((done) => setTimeout(done, 10));
    }
    const lost = log.of('buffer_overflow').reduce((sum, one) => sum + one.dropped_count, 0);
    expect(lost).toBeGreaterThan(0);
    expect(read + lost).toBe(COUNT);
    expect(socket.stats().dropped.unread).toBe(lost);
    expect(arrived()).toBe(COUNT);
    expect(most).toBeLessThanOrEqual(MAX_BYTES);
    // It was full, or this shows nothing.
    expect(most).toBeGreaterThan(MAX_BYTES / 2);
    expect(log.of('disconnected')).toEqual([]);
  });
});

describe('writable', () => {
  it('waits for a server that does not read, and holds no more than its bound', async () => {
    const { peer, socket } = await flooded();
    peer.pause();
    let arrived = 0;
    peer.on('message', () => arrived++);
    const writer = socket.writable.getWriter();
    let written = 0;
    let most = 0;
    const message = new Uint8Array(MESSAGE_BYTES);
    const all = (async () => {
      for (; written < COUNT; written++) {
        await writer.write(message);
        most = Math.max(most, socket.bufferedBytes);
      }
    })();
    onTestFinished(async () => all.catch(() => undefined));
    let before = -1;
    for (let turns = 0; turns < 20 || written !== before; turns++) {
      before = written;
      await new Promise((done) => setTimeout(done, 25));
    }
    expect(written).toBeLessThan(COUNT);
    peer.resume();
    await all;
    await writer.close();
    expect(arrived).toBe(COUNT);
    // What is in the socket, and one message more.
    expect(most).toBeLessThanOrEqual(MAX_BYTES + MESSAGE_BYTES);
    expect(most).toBeGreaterThan(MAX_BYTES / 4);
    expect(socket.state).toBe('closed');
  });
});
