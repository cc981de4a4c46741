/** Channels and requests over real sockets, against servers that speak as two well-known exchanges do. */
import { createFaultProxy, type FaultProxy } from '@jetsocket/testing/proxy';
import { describe, expect, it, onTestFinished } from 'vitest';
import { binanceLike, bybitLike, exchange } from '../test/exchanges.js';
import { backoff } from '../test/test-kit.js';
import { connect, type JetSocket, multiplex } from './index.js';

/** A client behind a proxy that cuts. */
async function client<In, Out>(
  port: number,
): Promise<{ readonly socket: JetSocket<In, Out>; readonly proxy: FaultProxy }> {
  const proxy = await createFaultProxy({ target: { port } });
  const socket = connect<In, Out>(`ws://127.0.0.1:${proxy.port}`, { backoff });
  onTestFinished(async () => {
    await socket.close();
    await proxy.close();
  });
  await socket.opened;
  return { socket, proxy };
}

const reconnected = <In, Out>(socket: JetSocket<In, Out>): Promise<unknown> =>
  new Promise((resolve) => socket.once('reconnected', resolve));

interface BinanceIn {
  readonly stream?: string;
  readonly data?: { readonly p: string };
  readonly id?: number;
}

interface BinanceOut {
  readonly method: string;
  readonly params?: readonly string[];
  readonly id: number;
}

describe('an exchange like Binance', () => {
  it('goes on with all its streams after a cut, in one message, ahead of what waited', async () => {
    const server = await exchange(binanceLike);
    const { socket, proxy } = await client<BinanceIn, BinanceOut>(server.port);
    let id = 0;
    const { channel, stats } = multiplex(socket, {
      channelOf: ({ stream }) => stream,
      subscribe: (params) => ({ method: 'SUBSCRIBE', params, id: ++id }),
      unsubscribe: (params) => ({ method: 'UNSUBSCRIBE', params, id: ++id }),
    });
    const prices: string[] = [];
    const names = ['btcusdt@trade', 'ethusdt@trade', 'btcusdt@trade'];
    const [btc, eth, again] = names.map((name) => {
      const one = channel(name);
      one.on('message', ({ data }) => prices.push(`${name} ${data.data?.p}`));
      return one;
    });
    await expect.poll(() => server.subscribers('ethusdt@trade')).toBe(1);
    server.tick('btcusdt@trade', 1);
    await expect.poll(() => prices).toEqual(['btcusdt@trade 1', 'btcusdt@trade 1']);

    await proxy.refuse(true);
    proxy.cut();
    await expect.poll(() => socket.state).not.toBe('connected');
    again?.close();
    socket.send({ method: 'LIST_SUBSCRIPTIONS', id: 99 });
    await proxy.refuse(false);
    await expect.poll(() => server.said.length).toBe(2);
    await expect.poll(() => server.said[1]?.length).toBe(2);
    expect(server.said).toEqual([
      [{ method: 'SUBSCRIBE', params: ['btcusdt@trade', 'ethusdt@trade'], id: 1 }],
      [
        { method: 'SUBSCRIBE', params: ['btcusdt@trade', 'ethusdt@trade'], id: 2 },
        { method: 'LIST_SUBSCRIPTIONS', id: 99 },
      ],
    ]);
    server.tick('ethusdt@trade', 2);
    await expect.poll(() => prices.slice(2)).toEqual(['ethusdt@trade 2']);
    expect(btc?.stats()).toEqual({ received: 1, queued: 0, dropped: 0, subscriptions: 2 });

    eth?.close();
    await expect.poll(() => server.subscribers('ethusdt@trade')).toBe(0);
    // The answers to the subscriptions are of no channel.
    await expect.poll(stats).toEqual({ channels: 1, routed: 2, unroutable: 3, late: 0 });
  });

  it('answers a request by its id, among ticks', async () => {
    const server = await exchange(binanceLike);
    const { socket } = await client<BinanceIn, BinanceOut>(server.port);
    const ask = (id: number): Promise<BinanceIn> =>
      socket.request(
        { method: 'SUBSCRIBE', params: ['btcusdt@trade'], id },
        { idOf: ({ id }) => id, timeoutMs: 5_000 },
      );
    await expect(ask(1)).resolves.toEqual({ result: null, id: 1 });
    server.tick('btcusdt@trade', 1);
    await expect(Promise.all([ask(2), ask(3)])).resolves.toEqual([
      { result: null, id: 2 },
      { result: null, id: 3 },
    ]);
  });
});

interface BybitIn {
  readonly topic?: string;
  readonly data?: readonly { readonly p: string }[];
}

describe('an exchange like Bybit', () => {
  it('names ten topics a message, and iterates over one across a cut', async () => {
    const server = await exchange(bybitLike);
    const { socket, proxy } = await client<BybitIn, unknown>(server.port);
    const { channel } = multiplex(socket, {
      channelOf: ({ topic }) => topic,
      subscribe: (args) => ({ op: 'subscribe', args }),
      unsubscribe: (args) => ({ op: 'unsubscribe', args }),
      maxBatch: 10,
    });
    const topics = Array.from({ length: 12 }, (_, n) => `publicTrade.COIN${n}`);
    const trades = topics.map((topic) => channel(topic));
    const prices: (string | undefined)[] = [];
    const walk = (async () => {
      for await (const { data } of trades[11] ?? []) prices.push(data?.[0]?.p);
    })();
    await expect.poll(() => server.subscribers(topics[11] ?? '')).toBe(1);
    expect(server.said[0]?.map(({ args }) => (args as string[]).length)).toEqual([10, 2]);
    server.tick(topics[11] ?? '', 1);
    await expect.poll(() => prices).toEqual(['1']);
    const back = reconnected(socket);
    proxy.cut();
    await back;
    await expect.poll(() => server.subscribers(topics[11] ?? '')).toBe(1);
    server.tick(topics[11] ?? '', 2);
    await expect.poll(() => prices).toEqual(['1', '2']);
    trades[11]?.close();
    await walk;
    await expect.poll(() => server.subscribers(topics[11] ?? '')).toBe(0);
    expect(server.subscribers(topics[0] ?? '')).toBe(1);
  });
});
