/** What a server says with its handshake, in the very packet of it, as who waited for `opened` hears it. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { serve } from '../test/test-kit.js';
import { createPool, JetSocket } from './index.js';

/** Says two things before it knows anything of the client, and then maybe that it is over. */
const greet = (closes: boolean) =>
  serve().then((server) => {
    server.wss.on('connection', (peer) => {
      peer.send('"first"');
      peer.send('"second"');
      if (closes) peer.close(4000);
    });
    return server;
  });

describe('the first messages of a server', () => {
  it.each([false, true])(
    'reach a handler that is added after `await opened` (the server closes: %s)',
    async (closes) => {
      const { url } = await greet(closes);
      const socket = new JetSocket(url, { reconnect: false });
      onTestFinished(() => socket.close());
      void socket.connect();
      await socket.opened;
      const got: unknown[] = [];
      const both = new Promise<void>((done) => {
        socket.on('message', ({ data }) => got.push(data) === 2 && done());
      });
      const ended = new Promise((done) => socket.on('closed', done));
      await Promise.race([both, ended]);
      expect(got).toEqual(['first', 'second']);
    },
  );

  it('reach a loop that begins after `await connect()`', async () => {
    const { url } = await greet(true);
    const socket = new JetSocket(url, { reconnect: false });
    await socket.connect();
    const got: unknown[] = [];
    try {
      for await (const message of socket) got.push(message);
    } catch {
      // 4000 with `reconnect: false` is a failure.
    }
    expect(got).toEqual(['first', 'second']);
  });

  it('reach who takes a connection from a pool', async () => {
    const { url } = await greet(false);
    const pool = createPool();
    onTestFinished(() => pool.close());
    const { socket } = await pool.acquire(url);
    const got = await new Promise((done) => socket.once('message', ({ data }) => done(data)));
    expect(got).toBe('first');
  });

  it('wait for a stream that is full at once, as all that follows does', async () => {
    const { url } = await greet(false);
    const socket = new JetSocket(url, { buffer: { capacity: 1 } });
    onTestFinished(() => socket.close());
    const reader = socket.readable.getReader();
    await socket.connect();
    expect([await reader.read(), await reader.read()]).toEqual([
      { done: false, value: 'first' },
      { done: false, value: 'second' },
    ]);
  });
});
