import { FakeClock } from '@jetsocket/testing';
import { createClient, createCluster } from 'redis';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { LIMITS, type LogWorld, messages, rules } from '../test/log-rules.js';
import { RedisServer, type RedisServerOptions } from '../test/redis-server.js';
import { client as connectClient, numbers, proxyTo, serve } from '../test/test-kit.js';
import type { Change, Claim, Claimed, SessionLog } from './log.js';
import type { Sessions } from './interfaces.js';
import { memoryLog } from './memory-log.js';
import { type RedisClient, redisLog } from './redis-log.js';
import { inside } from '../test/inside.js';

/** As the documentation of `redisLog` recommends it, with retries at once. */
const clientOf = (url: string) =>
  createClient({ url, disableOfflineQueue: true, socket: { reconnectStrategy: 10 } });

type Client = ReturnType<typeof clientOf>;

async function connected(url: string): Promise<Client> {
  const client = clientOf(url);
  await client.connect();
  onTestFinished(() => {
    client.destroy();
  });
  return client;
}

async function start(options?: RedisServerOptions): Promise<RedisServer> {
  const server = await RedisServer.start(options);
  onTestFinished(() => server.stop());
  return server;
}

const logOf = (client: RedisClient, timeoutMs?: number): SessionLog =>
  redisLog({ client, timeoutMs })(LIMITS, () => 0);

/** Virtual time for what is in Redis: every key has so much less of it left. */
async function pass(client: Client, ms: number): Promise<void> {
  for (const key of await client.keys('*')) {
    const leftMs = await client.pTTL(key);
    expect(leftMs, `${key} has no end`).toBeGreaterThan(0);
    if (leftMs > ms) await client.pExpire(key, leftMs - ms);
    else await client.del(key);
  }
}

const sid = 'fedcba9876543210';
const hello: Claim = {
  sid,
  n: 1,
  isKnown: false,
  rx: 0,
  hi: 0,
  principal: '',
  localN: undefined,
};
const again: Claim = { ...hello, n: 2, isKnown: true, hi: 9, localN: 1 };
const change: Change = {
  first: 1,
  messages: messages(1, 3),
  rx: 2,
  base: 0,
  isWhole: false,
  principal: '',
};
const more: Change = { ...change, first: 4, messages: messages(4, 5), rx: 4 };
const all: Change = { ...change, messages: messages(1, 5), rx: 4, isWhole: true };
const has = (n: number, rx: number, kept: Change['messages'] | undefined) => ({
  type: 'resumed',
  stored: { n, rx, base: 0, messages: kept },
});

describe('a log of sessions in memory', () => {
  it.each(rules)('%s', async (_name, run) => {
    let nowMs = 1_000;
    const factory = memoryLog();
    const log = factory(LIMITS, () => nowMs);
    const there = factory(LIMITS, () => nowMs);
    await run({ here: log, there, pass: (ms) => void (nowMs += ms) });
  });
});

describe('redisLog()', () => {
  let server: RedisServer;
  let client: Client;

  beforeAll(async () => {
    server = await RedisServer.start();
    client = clientOf(server.url);
    await client.connect();
  });
  afterEach(async () => {
    await client.flushAll();
  });
  afterAll(async () => {
    client.destroy();
    await server.stop();
  });

  const two = async (): Promise<LogWorld> => ({
    here: logOf(client),
    there: logOf(await connected(server.url)),
    pass: (ms) => pass(client, ms),
  });

  it.each(rules)('%s', async (_name, run) => {
    await run(await two());
  });

  it('writes once what is written again, because the answer was lost', async () => {
    const { here, there } = await two();
    await here.claim(hello);
    await here.write(sid, 1, change);
    expect(await here.write(sid, 1, { ...change, messages: messages(1, 5), rx: 4 })).toBe('ok');
    // An earlier one that comes late takes nothing back.
    expect(await here.write(sid, 1, change)).toBe('ok');
    expect(await there.claim({ ...again, localN: undefined })).toEqual(has(1, 4, messages(1, 5)));
  });

  it('lets a process go on when the answer to its claim was lost', async () => {
    const { here, there } = await two();
    await here.claim(hello);
    await here.write(sid, 1, change);
    await here.claim(again);
    expect(await here.write(sid, 1, more)).toBe('ok');
    expect(await here.claim({ ...again, n: 3 })).toEqual(has(2, 4, undefined));
    // But not when somebody else had it meanwhile.
    await there.claim({ ...again, n: 4, localN: undefined });
    await here.claim({ ...again, n: 5 });
    expect(await here.write(sid, 3, { ...more, first: 6 })).toBe('fenced');
    await here.end(sid, 3, 'ended', 4);
    expect(await here.claim({ ...again, n: 6, localN: 3 })).toEqual(has(5, 4, messages(1, 5)));
  });

  it('lets a process end what it went on with when the answer to its claim was lost', async () => {
    const { here, there } = await two();
    await here.claim(hello);
    await here.claim(again);
    await here.end(sid, 1, 'ended', 6);
    const gone = { type: 'gone', why: 'ended', rx: 6 };
    expect(await there.claim({ ...again, n: 3, localN: undefined })).toEqual(gone);
  });

  it('believes the newest claim when a failover has lost it', async () => {
    const { here, there } = await two();
    await here.claim(hello);
    await here.write(sid, 1, change);
    // The claim with n 2 went to a Redis that died with it: `there` has the session.
    expect(await there.write(sid, 2, more)).toBe('behind');
    expect(await there.write(sid, 2, all)).toBe('ok');
    expect(await here.write(sid, 1, more)).toBe('fenced');
    const back = await here.claim({ ...again, n: 3 });
    expect(back).toEqual(has(2, 4, messages(1, 5)));
  });

  it('does not let a process that missed its end bring a session back', async () => {
    const { here, there } = await two();
    await here.claim(hello);
    await there.claim({ ...again, localN: undefined });
    await pass(client, LIMITS.ttlMs + 1);
    expect(await here.write(sid, 1, all)).toBe('fenced');
    expect(await there.write(sid, 2, more)).toBe('behind');
    expect(await there.write(sid, 2, all)).toBe('ok');
    await there.end(sid, 2, 'ended', 4);
    expect(await there.write(sid, 2, all)).toBe('fenced');
  });

  it('counts what was handled last, when the time was over in Redis first', async () => {
    const { here, there } = await two();
    await here.claim(hello);
    await here.write(sid, 1, change);
    await pass(client, LIMITS.ttlMs + 1);
    await here.end(sid, 1, 'expired', 3);
    const gone = { type: 'gone', why: 'expired', rx: 3 };
    expect(await there.claim({ ...again, localN: undefined })).toEqual(gone);
  });

  it('makes no session of what an eviction has left', async () => {
    const { here, there } = await two();
    await here.claim(hello);
    await here.write(sid, 1, change);
    await client.del(`jetsocket:{${sid}}:out`);
    const gone = { type: 'gone', why: 'expired', rx: 2 };
    expect(await there.claim({ ...again, localN: undefined })).toEqual(gone);
    expect(await client.keys('*')).toEqual([`jetsocket:{${sid}}:end`]);
  });

  it('names its keys, and lets all of them expire', async () => {
    const log = redisLog({ client, prefix: 'chat:' })(LIMITS, () => 0);
    await log.claim(hello);
    await log.write(sid, 1, change);
    const key = `chat:{${sid}}`;
    expect((await client.keys('*')).sort()).toEqual([key, `${key}:end`, `${key}:out`]);
    for (const one of [key, `${key}:out`]) {
      expect(await client.pTTL(one)).toBeGreaterThan(LIMITS.ttlMs - 10_000);
      expect(await client.pTTL(one)).toBeLessThanOrEqual(LIMITS.ttlMs);
    }
    const most = LIMITS.ttlMs + LIMITS.tombstoneMs;
    expect(await client.pTTL(`${key}:end`)).toBeGreaterThan(most - 10_000);
    expect(await client.pTTL(`${key}:end`)).toBeLessThanOrEqual(most);
  });

  it('brings its scripts along when Redis has lost them', async () => {
    const log = logOf(client);
    await log.claim(hello);
    await client.scriptFlush();
    expect(await log.write(sid, 1, change)).toBe('ok');
    await client.scriptFlush();
    const results = await Promise.all([log.claim(again), log.claim({ ...again, n: 3, localN: 2 })]);
    expect(results).toEqual([has(1, 2, undefined), has(2, 2, undefined)]);
  });

  it('keeps a session in one slot of a cluster', async () => {
    const node = await start({ isCluster: true });
    const admin = await connected(node.url);
    await admin.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', '0', '16383']);
    // A node of a cluster takes no writes in its first two seconds.
    await expect
      .poll(() => admin.sendCommand(['CLUSTER', 'INFO']), { timeout: 10_000 })
      .toContain('cluster_state:ok');
    const cluster = createCluster({ rootNodes: [{ url: node.url }] });
    await cluster.connect();
    onTestFinished(() => {
      cluster.destroy();
    });
    const log = redisLog({ client: cluster })(LIMITS, () => 0);
    expect(await log.claim(hello)).toEqual({ type: 'created' });
    expect(await log.write(sid, 1, change)).toBe('ok');
    expect(await log.claim({ ...again, localN: undefined })).toEqual(has(1, 2, messages(1, 3)));
    await log.renew([sid]);
    await log.end(sid, 2, 'ended', 2);
    const gone = { type: 'gone', why: 'ended', rx: 2 };
    expect(await log.claim({ ...again, n: 3 })).toEqual(gone);
  });

  it('hands a session over from one server to another', async () => {
    const a = await serve({ log: redisLog({ client }) });
    const b = await serve({ log: redisLog({ client: await connected(server.url) }) });
    const came: unknown[] = [];
    for (const { sessions } of [a, b]) {
      sessions.on('session', (session) => {
        session.on('message', (message) => {
          came.push(message);
          session.send(message);
        });
      });
    }
    let to = a;
    const { socket, got, names } = connectClient(() => to.url);
    for (const n of numbers(50)) socket.send(n);
    await expect.poll(() => got.length).toBe(50);
    to = b;
    for (const n of numbers(50)) socket.send(50 + n);
    await a.sessions.drain();
    await expect.poll(() => got.length).toBe(100);
    expect(got).toEqual(numbers(100));
    expect(came).toEqual(numbers(100));
    expect(names()).toEqual(expect.arrayContaining(['connected', 'reconnected']));
    expect(names().filter((name) => name.startsWith('error'))).toEqual([]);
    expect(b.sessions.size).toBe(1);
    expect([...a.errors, ...b.errors]).toEqual([]);
  });

  it('gives nothing more to the handlers of a server when its session has moved on', async () => {
    const a = await serve({ log: redisLog({ client }) });
    const b = await serve({ log: redisLog({ client }) });
    const proxy = await proxyTo(a.port);
    let url = `ws://127.0.0.1:${proxy.port}`;
    const { socket } = connectClient(() => url);
    for (const n of numbers(5)) socket.send(n);
    const there: unknown[] = [];
    b.sessions.on('session', (session) => {
      session.on('message', (message) => void there.push(message));
    });
    const here: unknown[] = [];
    const ended: string[] = [];
    const open: (() => void)[] = [];
    const session = await a.session();
    session.on('end', ({ reason }) => void ended.push(reason));
    session.on('message', (message) => {
      here.push(message);
      return new Promise<void>((resolve) => open.push(resolve));
    });
    await expect.poll(() => inside(session).accepted).toBe(5);
    url = b.url;
    proxy.cut();
    await expect.poll(() => there).toEqual(numbers(5));
    // The first one is done; to write that is refused, while the second is being handled.
    open.shift()?.();
    await expect.poll(() => session.state).toBe('ended');
    while (ended.length === 0) {
      open.shift()?.();
      await new Promise(setImmediate);
    }
    expect(ended).toEqual(['moved']);
    expect(here).toEqual([1, 2]);
  });

  it.each([
    ['its time passes', async (clock: FakeClock) => clock.advance(120_000)],
    ['its server closes', async (_: FakeClock, sessions: Sessions) => sessions.close()],
  ])(
    'says moved, and names nothing, of a session that went on elsewhere when %s',
    async (_name, over) => {
      const clock = new FakeClock();
      const a = await serve({ clock, log: redisLog({ client }) });
      const b = await serve({ log: redisLog({ client }) });
      const proxy = await proxyTo(a.port);
      const { socket, got } = connectClient(`ws://127.0.0.1:${proxy.port}`);
      await socket.opened;
      const session = await a.session();
      const ends: unknown[] = [];
      session.on('end', (end) => void ends.push(end));
      await proxy.refuse(true);
      proxy.cut();
      await expect.poll(() => session.state).toBe('detached');
      const written = session.send('written');
      proxy.retarget({ port: b.port });
      await proxy.refuse(false);
      await expect.poll(() => got).toEqual(['written']);
      await over(clock, a.sessions);
      await expect.poll(() => ends).toEqual([{ reason: 'moved', unacknowledged: [] }]);
      expect(written.status).toBe('sent');
      b.told[0]?.send('from the one that followed');
      await expect.poll(() => got).toEqual(['written', 'from the one that followed']);
    },
  );

  it('lets a client know of a session that ended here while the log was asked', async () => {
    let answer = Promise.resolve();
    let asked = 0;
    const a = await serve({
      log: (limits, now) => {
        const log = redisLog({ client })(limits, now);
        const claim = async (hello: Claim): Promise<Claimed> => {
          const claimed = await log.claim(hello);
          asked++;
          await answer;
          return claimed;
        };
        return {
          claim,
          write: (...change) => log.write(...change),
          end: (...end) => log.end(...end),
          renew: (sids) => log.renew(sids),
          close: () => log.close(),
        };
      },
    });
    const proxy = await proxyTo(a.port);
    const { socket, names, got } = connectClient(`ws://127.0.0.1:${proxy.port}`);
    const session = await a.session();
    session.on('message', () => undefined);
    expect(await socket.send(1).settled).toBe('acknowledged');
    let go = (): void => undefined;
    answer = new Promise((resolve) => (go = resolve));
    proxy.cut();
    await expect.poll(() => asked).toBe(2);
    session.send('to nobody');
    await session.close();
    go();
    await expect.poll(() => a.told.length).toBe(2);
    expect(a.told[1]?.id).not.toBe(session.id);
    a.told[1]?.send('to the new one');
    await expect.poll(() => got).toEqual(['to the new one']);
    expect(names()).toContain('error SESSION_LOST');
  });
});

describe('redisLog() without Redis', () => {
  const rejections: unknown[] = [];
  const collect = (thrown: unknown): void => void rejections.push(thrown);
  beforeAll(() => {
    process.on('unhandledRejection', collect);
  });
  afterEach(() => {
    expect(rejections.splice(0)).toEqual([]);
  });
  afterAll(() => {
    process.off('unhandledRejection', collect);
  });

  /** Every call, at once. */
  const callAll = (log: SessionLog): Promise<PromiseSettledResult<unknown>[]> =>
    Promise.allSettled([
      log.claim(again),
      log.write(sid, 1, more),
      log.end(sid, 1, 'ended', 4),
      log.renew([sid, 'another-session-of-it']),
    ]);
  const statuses = (results: readonly PromiseSettledResult<unknown>[]): string[] =>
    results.map(({ status }) => status);
  const rejected = ['rejected', 'rejected', 'rejected', 'rejected'];

  it('takes a session anew when Redis was started anew, and empty', async () => {
    const server = await start();
    const client = await connected(server.url);
    const log = logOf(client);
    await log.claim(hello);
    await log.write(sid, 1, change);
    await server.kill();
    await server.restart();
    await expect.poll(() => client.isReady).toBe(true);
    expect(await log.write(sid, 1, more)).toBe('behind');
    expect(await log.write(sid, 1, all)).toBe('ok');
    expect(await log.claim({ ...again, localN: undefined })).toEqual(has(1, 4, messages(1, 5)));
  });

  it('rejects at once while there is no connection, and goes on when there is one', async () => {
    const server = await start({ isDurable: true });
    // Even with a queue of its own, and nobody who listens to its errors.
    const client = createClient({ url: server.url, socket: { reconnectStrategy: 10 } });
    onTestFinished(() => {
      client.destroy();
    });
    await client.connect();
    const log = logOf(client, 60_000);
    await log.claim(hello);
    await log.write(sid, 1, change);
    const calls = callAll(log);
    await server.kill();
    await calls;
    await expect.poll(() => client.isReady).toBe(false);
    expect(statuses(await callAll(log))).toEqual(rejected);
    await server.restart();
    await expect.poll(() => client.isReady).toBe(true);
    expect((await log.claim({ ...again, n: 9 })).type).not.toBe('missing');
  });

  it('rejects in time while Redis hangs, and goes on when it does', async () => {
    const server = await start();
    const client = await connected(server.url);
    const log = logOf(client, 100);
    await log.claim(hello);
    await log.write(sid, 1, change);
    server.hang(true);
    const results = [1, 2].map(async () => log.write(sid, 1, more));
    expect(await Promise.allSettled(results)).toEqual(
      Array(2).fill({
        status: 'rejected',
        reason: new Error('Redis did not answer within 100 ms'),
      }),
    );
    server.hang(false);
    expect(await log.write(sid, 1, { ...more, messages: messages(4, 6) })).toBe('ok');
    expect(await log.claim({ ...again, localN: undefined })).toEqual(has(1, 4, messages(1, 6)));
  });

  it('rejects when the client was closed', async () => {
    const server = await start();
    const client = await connected(server.url);
    const log = logOf(client);
    await client.close();
    expect(statuses(await callAll(log))).toEqual(rejected);
  });

  it('checks its options', async () => {
    const client = clientOf('redis://127.0.0.1:1');
    const refusal = (name: string) =>
      new RegExp(`^Cannot use option ${name}: it got .*, and takes `);
    expect(() => redisLog({ client: {} as never })).toThrow(refusal('client'));
    expect(() => redisLog({ client, prefix: 1 as never })).toThrow(refusal('prefix'));
    expect(() => redisLog({ client, timeoutMs: 0 })).toThrow(refusal('timeoutMs'));
  });
});
