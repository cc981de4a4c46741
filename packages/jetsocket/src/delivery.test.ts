/** What becomes of messages through outages: which arrive, how often, in which order, and what their deliveries say. */
import { type Delivery, text } from '@jetsocket/core';
import type { FaultProxy } from '@jetsocket/testing/proxy';
import { describe, expect, it } from 'vitest';
import { deferred, type EventLog, rig, type WsServer } from '../test/test-kit.js';

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** All numbers that the server got, over all connections. `until` resolves when that one has come. */
function collect(server: WsServer, onNumber: (number: number) => void = () => undefined) {
  const got: number[] = [];
  const waiting = new Map<number, () => void>();
  server.wss.on('connection', (peer) => {
    peer.on('message', (data: Buffer) => {
      const number = Number(data.toString());
      got.push(number);
      onNumber(number);
      waiting.get(number)?.();
    });
  });
  const until = async (number: number): Promise<void> => {
    const { promise, resolve } = deferred<void>();
    waiting.set(number, () => {
      resolve();
    });
    if (got.includes(number)) resolve();
    await promise;
  };
  return { got, until };
}

/** Takes the network away: for now, or for good. */
async function goOffline(proxy: FaultProxy, record: EventLog): Promise<void> {
  await proxy.refuse(true);
  const count = record.of('disconnected').length;
  proxy.cut();
  await record.until('disconnected', count + 1);
}

const nextTurn = (): Promise<void> => new Promise(setImmediate);

describe('with buffer.ackOf', () => {
  type Fault = (proxy: FaultProxy, random: () => number) => void;
  const faults: [string, Fault][] = [
    ['cuts', (proxy) => void proxy.cut()],
    ['ends without a close', (proxy) => void proxy.end()],
    ['frames cut in the middle', (proxy, random) => void proxy.truncateAfter(random(), 'up')],
    ['lost acknowledgements', (proxy, random) => void proxy.truncateAfter(random(), 'down')],
    ['half-open connections', (proxy) => void proxy.hang({ newConnections: 'pass' })],
  ];

  it.each(faults)(
    '2,000 messages arrive at least once and in order through %s',
    async (_name, fault) => {
      const { server, proxy, socket, record } = await rig<{ ack?: number }, number>({
        heartbeat: { intervalMs: 50, timeoutMs: 100 },
        buffer: { capacity: 5_000, ackOf: ({ ack }) => ack },
      });
      server.wss.on('connection', (peer) => {
        peer.on('message', (data: Buffer) => {
          peer.send(`{"ack":${data.toString()}}`);
        });
      });
      let seed = 1;
      const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) % 400;
      let highest = 0;
      const { got, until } = collect(server, (number) => {
        if (number <= highest) return;
        highest = number;
        if (number % 250 === 100) fault(proxy, random);
      });
      void socket.connect();
      const deliveries: Delivery[] = [];
      for (const number of numbers(1, 2_000)) {
        deliveries.push(socket.send(number));
        // A few in each turn, so that a fault comes in between; and the next fault after the return.
        if (number % 20 === 0) await nextTurn();
        if (number % 250 === 0) await Promise.all([deliveries.at(-1)?.settled, until(number)]);
      }
      const statuses = await Promise.all(deliveries.map(({ settled }) => settled));
      expect(new Set(statuses)).toEqual(new Set(['acknowledged']));
      expect(deliveries.map(({ id }) => id)).toEqual(numbers(1, 2_000));
      expect([...new Set(got)]).toEqual(numbers(1, 2_000));
      expect(record.of('reconnected').length).toBeGreaterThanOrEqual(7);
      expect(record.names).not.toContain('buffer_overflow');
    },
  );

  it('sends again exactly what was not acknowledged, and then what comes', async () => {
    const { server, proxy, socket, record } = await rig<{ ack?: number }, number>({
      buffer: { ackOf: ({ ack }) => ack },
    });
    const { got, until } = collect(server);
    await socket.connect();
    const deliveries = numbers(1, 5).map((number) => socket.send(number));
    await until(5);
    (await server.peer(0)).send('{"ack":2}');
    await record.until('message');
    expect(deliveries.map(({ status }) => status)).toEqual([
      ...['acknowledged', 'acknowledged', 'sent', 'sent', 'sent'],
    ]);
    await goOffline(proxy, record);
    expect(deliveries[4]?.status).toBe('buffered');
    // What a handler of `connected` sends comes after the replay, and what was sent offline is part of it.
    socket.send(6);
    socket.once('connected', () => socket.send(7));
    await proxy.restore();
    await until(7);
    expect(got).toEqual([1, 2, 3, 4, 5, 3, 4, 5, 6, 7]);
    expect(record.of('replay_started')).toMatchObject([{ message_count: 4 }]);
    expect(record.of('replay_completed')).toMatchObject([{ replayed_count: 4 }]);
  });

  it('tells of an acknowledgement for what was never sent', async () => {
    const { server, socket, record } = await rig<{ ack?: number }, number>({
      buffer: { ackOf: ({ ack }) => ack },
    });
    await socket.connect();
    const delivery = socket.send(1);
    (await server.peer(0)).send('{"ack":99}');
    expect(await record.until('error')).toMatchObject({ code: 'INVALID_ACK', fatal: false });
    expect(delivery.status).toBe('sent');
  });
});

describe('in full_buffer', () => {
  it('messages sent while offline arrive exactly once and in order', async () => {
    const { server, proxy, socket, record } = await rig<unknown, number>();
    const { got, until } = collect(server);
    await socket.connect();
    socket.send(1);
    await until(1);
    await goOffline(proxy, record);
    const deliveries = numbers(2, 501).map((number) => socket.send(number));
    expect(new Set(deliveries.map(({ status }) => status))).toEqual(new Set(['buffered']));
    await proxy.restore();
    await record.until('replay_completed');
    socket.send(502);
    await until(502);
    expect(got).toEqual(numbers(1, 502));
    expect(record.of('replay_started')).toMatchObject([{ message_count: 500 }]);
    expect(record.of('replay_completed')).toMatchObject([{ replayed_count: 500 }]);
    expect(await deliveries[499]?.settled).toBe('sent');
  });

  it('messages sent before the first connection arrive, and are no replay', async () => {
    const { server, socket, record } = await rig<unknown, number>();
    const { got, until } = collect(server);
    socket.send(1);
    void socket.connect();
    socket.send(2);
    await socket.opened;
    socket.send(3);
    await until(3);
    expect(got).toEqual([1, 2, 3]);
    expect(record.names).not.toContain('replay_started');
  });

  it('messages wait while the network takes none, and arrive once and in order', async () => {
    const { server, proxy, socket } = await rig<string, string>({
      buffer: { maxBytes: 1_000_000 },
      codec: text,
    });
    const got: number[] = [];
    const last = deferred<void>();
    server.wss.on('connection', (peer) => {
      peer.on('message', (data: Buffer) => {
        got.push(Number.parseInt(data.toString()));
        if (data.includes('last')) last.resolve();
      });
    });
    await socket.connect();
    proxy.stall();
    // The buffers of TCP are filled first, then as much waits inside the socket, and the rest in ours.
    const deliveries: Delivery[] = [];
    const padding = 'x'.repeat(100_000);
    while (deliveries.at(-1)?.status !== 'buffered') {
      deliveries.push(socket.send(`${deliveries.length + 1} ${padding}`));
      await nextTurn();
    }
    deliveries.push(socket.send(`${deliveries.length + 1} last`));
    await proxy.restore();
    await last.promise;
    expect(got).toEqual(deliveries.map(({ id }) => id));
    expect(new Set(deliveries.map(({ status }) => status))).toEqual(new Set(['sent']));
  });
});

describe('in mode none', () => {
  const replay = { mode: 'none' } as const;

  it('send() throws NOT_CONNECTED unless connected', async () => {
    const { server, proxy, socket, record } = await rig<unknown, number>({ replay });
    const { got, until } = collect(server);
    const refused = (state: string) =>
      expect.objectContaining({
        code: 'NOT_CONNECTED',
        message: `Cannot send: the socket is ${state}`,
        hint: expect.stringContaining('full_buffer') as string,
      }) as Error;
    expect(() => socket.send(0)).toThrow(refused('idle'));
    void socket.connect();
    expect(() => socket.send(0)).toThrow(refused('connecting'));
    await socket.opened;
    expect(socket.send(1).status).toBe('sent');
    await until(1);
    await goOffline(proxy, record);
    expect(() => socket.send(0)).toThrow(/backing_off|connecting/);
    await proxy.restore();
    await record.until('reconnected');
    socket.send(2);
    await until(2);
    expect(got).toEqual([1, 2]);
    expect(record.names).not.toContain('replay_started');
  });
});

describe('a full buffer', () => {
  // prettier-ignore
  const rows: [policy: 'drop_oldest' | 'drop_newest', arrive: number[], dropped: number[]][] = [
    ['drop_oldest', [8, 9, 10], [1, 2, 3, 4, 5, 6, 7]],
    ['drop_newest', [1, 2, 3], [4, 5, 6, 7, 8, 9, 10]],
  ];

  it.each(rows)('%s: drops, and says how many', async (overflowPolicy, arrive, dropped) => {
    const buffer = { capacity: 3, overflowPolicy };
    const { server, socket, record } = await rig<unknown, number>({ buffer });
    const { got, until } = collect(server);
    const deliveries = numbers(1, 10).map((number) => socket.send(number));
    expect(deliveries.map(({ id }) => id)).toEqual(numbers(1, 10));
    expect(deliveries.filter(({ status }) => status === 'dropped').map(({ id }) => id)).toEqual(
      dropped,
    );
    expect(await deliveries[(dropped[0] ?? 0) - 1]?.settled).toBe('dropped');
    await record.until('buffer_overflow');
    await socket.connect();
    socket.send(11);
    await until(11);
    expect(got).toEqual([...arrive, 11]);
    expect(record.of('buffer_overflow')).toMatchObject([
      { dropped_count: 7, policy: overflowPolicy, capacity: 3, direction: 'outgoing' },
    ]);
  });

  it('tells all that was dropped, once a turn, through many outages', async () => {
    const buffer = { capacity: 10 };
    const { server, proxy, socket, record } = await rig<unknown, number>({ buffer });
    const { got, until } = collect(server);
    await socket.connect();
    const deliveries: Delivery[] = [];
    for (let outage = 0; outage < 5; outage++) {
      await goOffline(proxy, record);
      for (let turn = 0; turn < 3; turn++) {
        for (let index = 0; index < 7; index++) {
          deliveries.push(socket.send(deliveries.length + 1));
        }
        await nextTurn();
      }
      await proxy.restore();
      await until(deliveries.length);
    }
    const dropped = deliveries.filter(({ status }) => status === 'dropped');
    expect(dropped).toHaveLength(5 * 11);
    const told = record.of('buffer_overflow').map((event) => event.dropped_count);
    expect(told.reduce((sum, count) => sum + count, 0)).toBe(5 * 11);
    const kept = deliveries.filter(({ status }) => status === 'sent').map(({ id }) => id);
    expect(got).toEqual(kept);
  });

  it('error: throws, and takes no number for it', async () => {
    const buffer = { capacity: 3, overflowPolicy: 'error' } as const;
    const { server, socket, record } = await rig<unknown, number>({ buffer });
    const { got, until } = collect(server);
    for (const number of [1, 2, 3]) socket.send(number);
    expect(() => socket.send(4)).toThrow(
      expect.objectContaining({
        code: 'BUFFER_OVERFLOW',
        message: 'Cannot send: the buffer holds 3 messages, its capacity',
        hint: expect.stringContaining('buffer.capacity') as string,
      }),
    );
    await socket.connect();
    expect(socket.send(5).id).toBe(4);
    await until(5);
    expect(got).toEqual([1, 2, 3, 5]);
    expect(record.names).not.toContain('buffer_overflow');
  });

  it('counts bytes, too, of UTF-8', async () => {
    const buffer = { maxBytes: 10, overflowPolicy: 'error' } as const;
    const { socket } = await rig<unknown, string>({ buffer });
    socket.send('✓✓');
    expect(() => socket.send('✓')).toThrow(
      expect.objectContaining({
        code: 'BUFFER_OVERFLOW',
        message: 'Cannot send: 5 bytes more would pass buffer.maxBytes, 10',
      }),
    );
  });

  it('drops what waits at close(), and says so by each delivery', async () => {
    const { socket, record } = await rig<unknown, number>();
    const delivery = socket.send(1);
    await socket.close();
    expect(await delivery.settled).toBe('dropped');
    expect(record.names).toEqual(['closed']);
  });
});
