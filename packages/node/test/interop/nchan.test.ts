import { createFaultProxy, type FaultProxy } from '@jetsocket/testing/proxy';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { JetSocketEvent } from '../../src/index.js';
import { follow, type NchanMessage } from './nchan.js';
import { RedisServer } from '../../../server/test/redis-server.js';
import { startNchan } from './nginx.js';

const texts = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index));

async function before(port: number): Promise<FaultProxy> {
  const proxy = await createFaultProxy({ target: { port } });
  onTestFinished(() => proxy.close());
  return proxy;
}

function client(url: string | (() => string), options: Parameters<typeof follow>[1] = {}) {
  const socket = follow(url, { backoff: { baseMs: 10, capMs: 10 }, ...options });
  const events: JetSocketEvent<NchanMessage>[] = [];
  const bodies: string[] = [];
  socket.on('*', (event) => {
    events.push(event);
    if (event.type === 'message') bodies.push(event.data.body);
  });
  onTestFinished(() => socket.close());
  return { socket, events, bodies };
}

describe('nchan', () => {
  it('is followed where the channel is in the query, too', async () => {
    const nchan = await startNchan(1_000);
    const proxy = await before(nchan.port);
    const { socket, bodies } = client(`ws://127.0.0.1:${proxy.port}/query?id=asked`);
    await socket.opened;
    await nchan.publish('asked', '1');
    await expect.poll(() => bodies).toEqual(['1']);
    await proxy.refuse(true);
    proxy.cut();
    await nchan.publish('asked', '2');
    await proxy.refuse(false);
    await expect.poll(() => bodies, { timeout: 5_000 }).toEqual(['1', '2']);
  });

  it('loses nothing while its history reaches back', async () => {
    const nchan = await startNchan(1_000);
    const proxy = await before(nchan.port);
    const { socket, bodies, events } = client(`ws://127.0.0.1:${proxy.port}/sub/kept`);
    await socket.opened;
    await nchan.publish('kept', '1');
    await expect.poll(() => bodies).toEqual(['1']);
    for (let from = 2; from <= 200; from += 20) {
      proxy.cut();
      await nchan.publish('kept', ...texts(from, Math.min(from + 19, 200)));
    }
    await expect.poll(() => bodies.length, { timeout: 5_000 }).toBe(200);
    expect(bodies).toEqual(texts(1, 200));
    expect(events.filter(({ type }) => type === 'reconnected').length).toBeGreaterThan(2);
    // A cut may come in the middle of a handshake, too.
    const ofCuts = ['CONNECTION_LOST', 'CONNECT_FAILED'];
    expect(events.filter(({ type }) => type === 'error' || type === 'gap')).toEqual(
      events.filter((event) => event.type === 'error' && ofCuts.includes(event.code)),
    );
  });

  it('goes on at another node, where they share a Redis', { timeout: 30_000 }, async () => {
    const redis = await RedisServer.start();
    onTestFinished(() => redis.stop());
    const nodes = [await startNchan(1_000, redis.port), await startNchan(1_000, redis.port)];
    const proxies = await Promise.all(nodes.map(({ port }) => before(port)));
    let attempts = 0;
    const { bodies } = client(() => `ws://127.0.0.1:${proxies[attempts++ % 2]?.port}/sub/shared`);
    // The subscription stands in Redis a moment after the handshake, and what was published before is not its.
    await expect
      .poll(async () => {
        await nodes[0]?.publish('shared', 'hello');
        return bodies.length;
      })
      .toBeGreaterThan(0);
    for (let from = 1; from <= 100; from += 20) {
      for (const proxy of proxies) proxy.cut();
      await nodes[0]?.publish('shared', ...texts(from, from + 19));
    }
    await expect.poll(() => bodies.at(-1), { timeout: 10_000 }).toBe('100');
    expect(bodies.filter((body) => body !== 'hello')).toEqual(texts(1, 100));
    expect(attempts).toBeGreaterThan(2);
  });

  it('never hides what its history has lost: ids alone prove nothing, and that is said', async () => {
    const nchan = await startNchan(10);
    const proxy = await before(nchan.port);
    const { socket, bodies, events } = client(`ws://127.0.0.1:${proxy.port}/sub/evicted`);
    await socket.opened;
    await nchan.publish('evicted', '1');
    await expect.poll(() => bodies).toEqual(['1']);
    await proxy.refuse(true);
    proxy.cut();
    await nchan.publish('evicted', ...texts(2, 60));
    await proxy.refuse(false);
    await expect.poll(() => bodies.at(-1), { timeout: 5_000 }).toBe('60');
    expect(bodies.length).toBeLessThan(60);
    expect(events.find(({ type }) => type === 'replay_completed')).toMatchObject({
      continuity: 'unverified',
    });
  });

  it('names what its history has lost, where the messages are numbered', async () => {
    const nchan = await startNchan(10);
    const proxy = await before(nchan.port);
    const { socket, bodies, events } = client(`ws://127.0.0.1:${proxy.port}/sub/numbered`, {
      // nchan takes such a position for a time long ago: all that it still has comes, and is known by its number.
      replay: {
        mode: 'sequence_id',
        sequenceOf: ({ body }) => Number(body),
        order: 'dense',
        gapTimeoutMs: 200,
      },
    });
    await socket.opened;
    await nchan.publish('numbered', '1');
    await expect.poll(() => bodies).toEqual(['1']);
    await proxy.refuse(true);
    proxy.cut();
    await nchan.publish('numbered', ...texts(2, 60));
    await proxy.refuse(false);
    await expect.poll(() => events.some(({ type }) => type === 'disconnected')).toBe(true);
    await expect.poll(() => socket.state, { timeout: 5_000 }).toBe('connected');
    await nchan.publish('numbered', '61');
    await expect.poll(() => bodies.at(-1), { timeout: 5_000 }).toBe('61');
    const gaps = events.flatMap((event) => (event.type === 'gap' ? [event] : []));
    const missing = gaps.flatMap(({ from, to }) => texts(Number(from), Number(to)));
    expect([...bodies, ...missing].sort((one, other) => Number(one) - Number(other))).toEqual(
      texts(1, 61),
    );
    expect(missing).toEqual(texts(2, 50));
  });
});
