/** A session that follows another one of the same client: what was taken in the former is handled first. */
import { describe, expect, it } from 'vitest';
import { bench } from './edge-kit.js';

/** Handlers that are at work until they are let go. */
function slowly(): {
  readonly began: unknown[];
  readonly handle: (message: unknown) => Promise<void>;
  readonly finish: () => void;
} {
  const began: unknown[] = [];
  const waiting: (() => void)[] = [];
  return {
    began,
    handle(message) {
      began.push(message);
      return new Promise((resolve) => waiting.push(resolve));
    },
    finish: () => waiting.shift()?.(),
  };
}

describe('handlers that are slower than their session lives', () => {
  it('are given what the next session brings when they are done, in order', async () => {
    const work = slowly();
    const { clock, network, server, send, codes, cut } = await bench({}, { ttlMs: 1_000 });
    const [first] = [...server];
    first?.on('message', work.handle);
    server.on('session', (session) => session.on('message', work.handle));
    send(1, 2);
    await clock.advance(100);
    network.isRefusing = true;
    cut('told', 'told');
    await clock.advance(1_500);
    send(3);
    network.isRefusing = false;
    await clock.advance(1_000);
    expect(codes()).toContain('SESSION_LOST');
    expect(server.size).toBe(1);
    expect(work.began).toEqual([1]);
    for (const upTo of [2, 3]) {
      work.finish();
      await clock.advance(10);
      expect(work.began).toHaveLength(upTo);
    }
    expect(work.began).toEqual([1, 2, 3]);
  });

  it('are waited for by a session that begins on another socket than the answer came on', async () => {
    const work = slowly();
    const { clock, network, server, send, cut } = await bench({}, { ttlMs: 1_000 });
    const [first] = [...server];
    first?.on('message', work.handle);
    server.on('session', (session) => session.on('message', work.handle));
    send(1);
    await clock.advance(100);
    network.isRefusing = true;
    cut('told', 'told');
    await clock.advance(1_500);
    send(2);
    // The one whose session is gone is told so, and cut before it can begin another one.
    const { connect } = server;
    let isFirst = true;
    server.connect = function (socket, ...rest) {
      const connection = connect.call(server, socket, ...rest);
      if (!isFirst) return connection;
      isFirst = false;
      const receive = connection.receive.bind(connection);
      let frames = 0;
      connection.receive = (data) => {
        frames++;
        if (frames === 1) receive(data);
        else cut('told', 'told');
      };
      return connection;
    };
    network.isRefusing = false;
    const before = network.wires.length;
    await clock.advance(1_000);
    expect(network.wires.length - before).toBe(2);
    expect(server.size).toBe(1);
    expect(work.began).toEqual([1]);
    work.finish();
    await clock.advance(10);
    expect(work.began).toEqual([1, 2]);
  });
});
