import { createFaultProxy, type FaultProxy } from '@jetsocket/testing/proxy';
import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Delivery, JetSocketEvent } from '../../src/index.js';
import { follow, type NatsMessage, publish, request } from './nats.js';
import { type NatsServer, startNats } from './nats-server.js';

const STREAM = 'R';
const SUBJECT = 'events.one';

async function begin(config: object = {}): Promise<{ nats: NatsServer; proxy: FaultProxy }> {
  const nats = await startNats();
  const proxy = await createFaultProxy({ target: { port: nats.port } });
  onTestFinished(() => proxy.close());
  const admin = administer(nats.port);
  const replies: string[] = [];
  admin.on('message', ({ data }) => void replies.push(data.body));
  admin.send('SUB _INBOX.admin 5\r\n');
  const stream = {
    name: STREAM,
    subjects: ['events.>'],
    storage: 'file',
    retention: 'limits',
    ...config,
  };
  admin.send(request(`$JS.API.STREAM.CREATE.${STREAM}`, '_INBOX.admin', stream));
  await expect.poll(() => replies.length, { timeout: 5_000 }).toBe(1);
  expect(JSON.parse(replies[0] ?? '')).not.toHaveProperty('error');
  await admin.close();
  return { nats, proxy };
}

/** Who asks the API of JetStream, and publishes nothing. */
function administer(port: number): ReturnType<typeof follow> {
  const options = { replay: { mode: 'full_buffer' }, buffer: {} } as const;
  return follow(`ws://127.0.0.1:${port}`, STREAM, 'admin', options);
}

function client(port: number) {
  const backoff = { baseMs: 20, capMs: 20 };
  const publisher = randomUUID();
  const socket = follow(`ws://127.0.0.1:${port}`, STREAM, publisher, { backoff });
  const events: JetSocketEvent<NatsMessage>[] = [];
  const bodies: string[] = [];
  socket.on('*', (event) => {
    events.push(event);
    if (event.type === 'message' && event.sequence_id !== null) bodies.push(event.data.body);
  });
  onTestFinished(() => socket.close());
  let number = 0;
  const send = (): Delivery => socket.send(publish(publisher, SUBJECT, ++number, String(number)));
  return { socket, events, bodies, send };
}

const texts = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index));

const times = (count: number, status: string): string[] =>
  Array.from({ length: count }, () => status);

describe('NATS JetStream', () => {
  it(
    'is exactly once both ways, over cuts and over a crash of the server',
    { timeout: 60_000 },
    async () => {
      const { nats, proxy } = await begin();
      const { socket, bodies, events, send } = client(proxy.port);
      await socket.opened;
      proxy.slow({ delayMs: 40 });
      for (let round = 1; round <= 20; round++) {
        for (let count = 0; count < 20; count++) send();
        // Some cuts come between a message and its acknowledgement: it is sent again then.
        await new Promise((resolve) => setTimeout(resolve, 45 + ((round * 7) % 30)));
        if (round % 2 === 0) proxy.cut();
        await new Promise((resolve) => setTimeout(resolve, 200));
        if (round === 10) await nats.restart();
      }
      await expect.poll(() => bodies.length, { timeout: 20_000 }).toBe(400);
      expect(bodies).toEqual(texts(1, 400));
      expect(events.filter(({ type }) => type === 'gap')).toEqual([]);
      expect(events.filter(({ type }) => type === 'reconnected').length).toBeGreaterThan(3);
    },
  );

  it('tells exactly what its history has lost', { timeout: 60_000 }, async () => {
    const { nats, proxy } = await begin({ max_msgs: 10 });
    const reader = client(proxy.port);
    const writer = client(nats.port);
    await reader.socket.opened;
    writer.send();
    await expect.poll(() => reader.bodies, { timeout: 5_000 }).toEqual(['1']);
    await proxy.refuse(true);
    proxy.cut();
    const deliveries = Array.from({ length: 59 }, () => writer.send());
    const statuses = await Promise.all(deliveries.map(({ settled }) => settled));
    expect(new Set(statuses)).toEqual(new Set(['acknowledged']));
    await proxy.refuse(false);
    await expect.poll(() => reader.bodies.at(-1), { timeout: 10_000 }).toBe('60');
    expect(reader.bodies).toEqual(['1', ...texts(51, 60)]);
    expect(reader.events.filter(({ type }) => type === 'gap')).toMatchObject([{ from: 2, to: 50 }]);
  });

  it('takes no refusal for an acknowledgement, and sends again what was refused', async () => {
    const { nats } = await begin({ max_msgs: 4, discard: 'new' });
    const { socket, send } = client(nats.port);
    await socket.opened;
    const deliveries = Array.from({ length: 7 }, () => send());
    const statuses = (): string[] => deliveries.map(({ status }) => status);
    const some = [...times(4, 'acknowledged'), ...times(3, 'sent')];
    await expect.poll(statuses, { timeout: 5_000 }).toEqual(some);
    const reconnected = new Promise((resolve) => socket.once('reconnected', resolve));
    const admin = administer(nats.port);
    onTestFinished(() => admin.close());
    admin.send(request(`$JS.API.STREAM.PURGE.${STREAM}`, '_INBOX.admin', {}));
    await reconnected;
    await expect.poll(statuses, { timeout: 10_000 }).toEqual(times(7, 'acknowledged'));
  });

  it('takes no answer to another publisher for one to itself', async () => {
    const { nats, proxy } = await begin();
    const [mine, other] = [client(proxy.port), client(nats.port)];
    await Promise.all([mine.socket.opened, other.socket.opened]);
    proxy.hang();
    const lost = mine.send();
    const theirs = other.send();
    expect(await theirs.settled).toBe('acknowledged');
    expect(lost.status).toBe('sent');
    proxy.cut();
    await proxy.restore();
    expect(await lost.settled).toBe('acknowledged');
    await expect.poll(() => [...other.bodies].sort()).toEqual(['1', '1']);
  });
});
