import { describe, expect, it } from 'vitest';
import { bench, connected } from '../test/test-kit.js';
import { binary } from './codec.js';

describe('stats()', () => {
  it('is all zero before anything happened, frozen, and plain', () => {
    const stats = bench().socket.stats();
    expect(stats).toEqual({
      state: 'idle',
      uptimeMs: 0,
      connections: 0,
      reconnects: 0,
      errors: 0,
      sent: { messages: 0, bytes: 0 },
      received: { messages: 0, bytes: 0 },
      buffered: { messages: 0, bytes: 0 },
      dropped: {
        overflow: 0,
        expired: 0,
        replaced: 0,
        volatile: 0,
        unserializable: 0,
        closed: 0,
        invalid: 0,
        incoming: 0,
        unread: 0,
      },
      latency: null,
    });
    for (const part of [stats, ...Object.values<unknown>({ ...stats })])
      expect(Object.isFrozen(part)).toBe(true);
    expect(JSON.parse(JSON.stringify(stats))).toEqual(stats);
  });

  it('counts what was sent at once, from the buffer and again, and what came', async () => {
    const made = bench({ buffer: { ackOf: () => undefined } });
    made.socket.send('ab');
    expect(made.socket.stats().buffered).toEqual({ messages: 1, bytes: 4 });
    void made.socket.connect();
    await made.clock.advance(20);
    made.socket.send('c');
    made.link().deliver('"é"');
    made.link().deliver('nonsense');
    await made.clock.advance(10);
    expect(made.socket.stats()).toMatchObject({
      state: 'connected',
      uptimeMs: 10,
      connections: 1,
      errors: 1,
      sent: { messages: 2, bytes: 7 },
      received: { messages: 1, bytes: 11 },
      buffered: { messages: 2, bytes: 7 },
    });
    made.link().cut();
    await made.clock.advance(1);
    expect(made.socket.stats().uptimeMs).toBe(0);
    await made.clock.advance(1_050);
    expect(made.socket.stats()).toMatchObject({
      connections: 2,
      reconnects: 1,
      sent: { messages: 4, bytes: 14 },
    });
  });

  it('counts bytes of binary messages', async () => {
    const made = await connected({ codec: binary });
    made.socket.send(new Uint8Array(5));
    made.socket.send(new Uint8Array(3), { volatile: true });
    made.link().deliver(new Uint8Array(7));
    await made.clock.advance(10);
    expect(made.socket.stats()).toMatchObject({
      sent: { messages: 2, bytes: 8 },
      received: { bytes: 7 },
    });
  });

  it('counts what overflow and close drop', async () => {
    const made = bench({ buffer: { capacity: 2 } });
    for (let index = 0; index < 5; index++) made.socket.send(index);
    expect(made.socket.stats().dropped).toMatchObject({ overflow: 3, closed: 0 });
    await made.socket.close();
    expect(made.socket.stats().dropped).toMatchObject({ overflow: 3, closed: 2 });
  });

  it('has the latency of the last 128 heartbeats', async () => {
    const made = await connected({ heartbeat: { intervalMs: 1_000, timeoutMs: 900 } });
    made.transport.latencyMs = 200;
    await made.clock.advance(72_500);
    made.transport.latencyMs = 10;
    await made.clock.advance(126_000);
    expect(made.socket.stats().latency).toEqual({ lastMs: 20, p50Ms: 20, p99Ms: 400 });
    await made.clock.advance(2_000);
    expect(made.socket.stats().latency).toEqual({ lastMs: 20, p50Ms: 20, p99Ms: 20 });
  });
});
