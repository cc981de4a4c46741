/** Servers in processes of their own, on one Redis: they are killed, it is killed, and every message is accounted for. */
import { JetSocketError } from '@jetsocket/core';
import type { Delivery, JetSocketEvent } from '@jetsocket/node';
import { createClient } from 'redis';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Handled, Message, Said } from './fixtures/sessions-node.js';
import { NodeProcess } from './node-process.js';
import { RedisServer, type RedisServerOptions } from './redis-server.js';
import { client as connectClient, numbers, proxyTo } from './test-kit.js';

async function redis(options?: RedisServerOptions): Promise<RedisServer> {
  const server = await RedisServer.start(options);
  onTestFinished(() => server.stop());
  return server;
}

async function clientOf(server: RedisServer) {
  const client = createClient({ url: server.url, socket: { reconnectStrategy: 20 } });
  client.on('error', () => undefined);
  await client.connect();
  onTestFinished(() => {
    client.destroy();
  });
  return client;
}

async function nodes(log: RedisServer, book: RedisServer, names: readonly string[]) {
  const started = await Promise.all(
    names.map((name) => NodeProcess.start(name, log.url, book.url)),
  );
  onTestFinished(() => Promise.all(started.map((node) => node.kill())).then(() => undefined));
  return started;
}

/** A client that sends a message every few milliseconds, until it is told to stop. */
class Talker {
  readonly name: string;
  readonly deliveries: Delivery[] = [];
  readonly events: readonly JetSocketEvent[];
  readonly #got: readonly unknown[];
  readonly #timer: NodeJS.Timeout;

  constructor(name: string, url: () => string) {
    this.name = name;
    const { socket, events, got } = connectClient(url, { connectTimeoutMs: 1_000 });
    this.events = events;
    this.#got = got;
    this.#timer = setInterval(() => {
      const message: Message = { client: name, message: this.deliveries.length + 1 };
      this.deliveries.push(socket.send(message));
    }, 4);
    onTestFinished(() => {
      this.stop();
    });
  }

  get got(): readonly Said[] {
    return this.#got as readonly Said[];
  }

  get replies(): number[] {
    return this.got.flatMap((said) => ('reply' in said ? [said.reply] : []));
  }

  /** What a node sent on its own. */
  pushes(node: string): number[] {
    return this.got.flatMap((said) => ('push' in said && said.node === node ? [said.push] : []));
  }

  /** Losses that were told. */
  get confessions(): string[] {
    return this.events.flatMap((event) => {
      if (event.type === 'gap') return ['gap'];
      const isOurs = event.type === 'error' && /^(SESSION|DELIVERY|PROTOCOL)_/.test(event.code);
      return isOurs ? [event.code] : [];
    });
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** What was handled of a client's messages, in the order of the book. */
async function readBook(book: Awaited<ReturnType<typeof clientOf>>) {
  const entries = (await book.lRange('handled', 0, -1)).map(
    (entry) => JSON.parse(entry) as Handled,
  );
  return (name: string, node?: string): Handled[] =>
    entries.filter((entry) => entry.client === name && (node ?? entry.node) === entry.node);
}

const settle = async (talkers: readonly Talker[]): Promise<void> => {
  for (const talker of talkers) {
    talker.stop();
    await Promise.all(talker.deliveries.map(({ settled }) => settled));
  }
};

const statuses = ({ deliveries }: Talker): string[] => [
  ...new Set(deliveries.map(({ status }) => status)),
];
const first = <Item>(items: readonly Item[]): Item[] => [...new Set(items)];
const seqs = (handled: readonly Handled[]): number[] => handled.map(({ seq }) => seq);
const range = (from: number, to: number): number[] => numbers(to).slice(from - 1);
/** So that there is load before and after: until so many more have been answered. */
const answered = (talkers: readonly Talker[], more: number): Promise<void> => {
  const goals = talkers.map(({ replies }) => replies.length + more);
  return expect
    .poll(() => talkers.every(({ replies }, index) => replies.length >= (goals[index] ?? 0)), {
      timeout: 10_000,
    })
    .toBe(true);
};

describe('sessions on several nodes', () => {
  it('go on in another process when one is killed, and lose, double and reorder nothing', async () => {
    const [log, book] = [await redis(), await redis()];
    const [a, b] = (await nodes(log, book, ['a', 'b'])) as [NodeProcess, NodeProcess];
    let home = a;
    const moving = ['m1', 'm2', 'm3'].map((name) => new Talker(name, () => home.url));
    const staying = ['s1', 's2'].map((name) => new Talker(name, () => b.url));
    const all = [...moving, ...staying];
    await answered(all, 60);
    // It handles and sends what it cannot write any more, and then it is gone.
    log.hang(true);
    await handledMore(book, 50);
    await a.kill();
    log.hang(false);
    // Nobody has claimed the sessions yet: this is what the killed process had written.
    const written = await rxOf(log);
    home = b;
    await answered(all, 60);
    await settle(all);
    const { pushed } = await b.stop();
    const handled = await readBook(await clientOf(book));
    for (const talker of all) {
      const total = talker.deliveries.length;
      const by = handled(talker.name);
      const sid = by[0]?.sid ?? '';
      expect(first(by.map((entry) => entry.sid))).toEqual([sid]);
      expect(by.map(({ message }) => message)).toEqual(seqs(by));
      expect(statuses(talker)).toEqual(['acknowledged']);
      // Sent by whoever is alive: all of it. By the other one: all that it had written, and no hole.
      await expect.poll(() => talker.pushes('b')).toEqual(numbers(pushed[sid] ?? 0));
      expect(talker.pushes('a')).toEqual(numbers(talker.pushes('a').length));
      await expect.poll(() => first(talker.replies)).toEqual(numbers(total));
      expect(talker.confessions).toEqual([]);
      if (staying.includes(talker)) {
        expect(seqs(by)).toEqual(numbers(total));
        expect(talker.replies).toEqual(numbers(total));
        continue;
      }
      const rx = written.get(sid) ?? Number.NaN;
      const last = handled(talker.name, 'a').length;
      expect(talker.pushes('a').length).toBeGreaterThan(10);
      expect(seqs(handled(talker.name, 'a'))).toEqual(numbers(last));
      // Handled twice is only what the killed one could not write any more.
      expect(last).toBeGreaterThanOrEqual(rx);
      expect(seqs(handled(talker.name, 'b'))).toEqual(range(rx + 1, total));
      const twice = talker.replies.filter((reply, index, list) => list.indexOf(reply) !== index);
      for (const reply of twice) expect(range(rx + 1, last)).toContain(reply);
    }
  });

  it.each([
    ['empty', false],
    ['with what it had', true],
  ])('survive a Redis that is killed and comes back %s', async (_name, isDurable) => {
    const [log, book] = [await redis({ isDurable }), await redis()];
    const [a] = (await nodes(log, book, ['a'])) as [NodeProcess];
    const proxy = await proxyTo(a.port);
    const all = ['c1', 'c2', 'c3'].map(
      (name) => new Talker(name, () => `ws://127.0.0.1:${proxy.port}`),
    );
    await answered(all, 40);
    for (const isCut of [true, false]) {
      await log.kill();
      if (isCut) {
        // Hellos come while nobody can judge them, again and again.
        proxy.cut();
        await expect
          .poll(() => Math.min(...all.map(refusals)), { timeout: 10_000 })
          .toBeGreaterThan(8);
      } else await handledMore(book, 50);
      await log.restart();
      await answered(all, 40);
      proxy.cut();
      await answered(all, 20);
    }
    await settle(all);
    const { pushed, errors } = await a.stop();
    expect(a.isAlive).toBe(true);
    expect(first(errors)).toEqual(['LOG_FAILED']);
    const handled = await readBook(await clientOf(book));
    for (const talker of all) {
      const total = talker.deliveries.length;
      const by = handled(talker.name);
      expect(talker.confessions).toEqual([]);
      expect(seqs(by)).toEqual(numbers(total));
      expect(by.map(({ message }) => message)).toEqual(numbers(total));
      expect(statuses(talker)).toEqual(['acknowledged']);
      await expect.poll(() => talker.replies).toEqual(numbers(total));
      await expect.poll(() => talker.pushes('a')).toEqual(numbers(pushed[by[0]?.sid ?? ''] ?? 0));
    }
  });

  it('name what is lost when Redis and a process are gone together', async () => {
    const [log, book] = [await redis(), await redis()];
    const [a, b] = (await nodes(log, book, ['a', 'b'])) as [NodeProcess, NodeProcess];
    let home = a;
    const all = ['c1', 'c2', 'c3'].map((name) => new Talker(name, () => home.url));
    await answered(all, 60);
    await Promise.all([a.kill(), log.kill()]);
    await log.restart();
    home = b;
    await expect.poll(() => all.every(({ confessions }) => confessions.length > 0)).toBe(true);
    await answered(all, 40);
    await settle(all);
    const { pushed } = await b.stop();
    const handled = await readBook(await clientOf(book));
    for (const talker of all) {
      const unknown = talker.events.flatMap((event) =>
        event.type === 'error' && event.error instanceof JetSocketError
          ? event.error.deliveries.map(({ id }) => id)
          : [],
      );
      expect(talker.confessions[0]).toBe('SESSION_LOST');
      expect(talker.confessions).toContain('gap');
      const counts = new Map<number, number>();
      for (const { message } of handled(talker.name))
        counts.set(message, (counts.get(message) ?? 0) + 1);
      // Once, or named: and what is named is not sent again.
      for (const { id, status } of talker.deliveries) {
        const isUnknown = unknown.includes(id);
        expect([id, status]).toEqual([id, isUnknown ? 'dropped' : 'acknowledged']);
        expect([id, counts.get(id) ?? 0]).toEqual([id, isUnknown ? (counts.get(id) ?? 0) : 1]);
        expect(counts.get(id) ?? 0).toBeLessThanOrEqual(1);
      }
      expect(talker.pushes('a')).toEqual(numbers(talker.pushes('a').length));
      const sid = handled(talker.name, 'b')[0]?.sid ?? '';
      await expect.poll(() => talker.pushes('b')).toEqual(numbers(pushed[sid] ?? 0));
      await expect
        .poll(() => talker.replies.slice(-30))
        .toEqual(talker.deliveries.slice(-30).map(({ id }) => id));
    }
  });
});

/** Waits until so many more messages are in the book. */
async function handledMore(book: RedisServer, more: number): Promise<void> {
  const client = await clientOf(book);
  const goal = (await client.lLen('handled')) + more;
  await expect.poll(() => client.lLen('handled'), { timeout: 10_000 }).toBeGreaterThan(goal);
}

/** How often it has tried in vain since it was connected. */
const refusals = ({ events }: Talker): number => {
  const types = events.map(({ type }) => type);
  return types.slice(types.lastIndexOf('connected')).filter((type) => type === 'connecting').length;
};

/** The highest number of the client's that is written as handled, by the id of the session. */
async function rxOf(log: RedisServer): Promise<Map<string, number>> {
  const client = await clientOf(log);
  const found = new Map<string, number>();
  for (const key of await client.keys('jetsocket:{*}')) {
    const sid = /^jetsocket:\{([^}]*)\}$/.exec(key)?.[1];
    if (sid !== undefined) found.set(sid, Number(await client.hGet(key, 'rx')));
  }
  return found;
}
