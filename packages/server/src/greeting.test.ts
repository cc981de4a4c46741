/** Subscriptions and requests in a session, which outlives its connections. */
import { type JetSocketError, multiplex } from '@jetsocket/node';
import { describe, expect, it } from 'vitest';
import { client, proxyTo, serve } from '../test/test-kit.js';

interface Message {
  readonly id?: number;
  readonly ch?: string;
}

const idOf = (message: unknown): number | undefined => (message as Message).id;

describe('multiplex() in a session', () => {
  it('subscribes once, however often the connection is cut, and again in a new session', async () => {
    const server = await serve();
    const proxy = await proxyTo(server.port);
    const { socket, events } = client(`ws://127.0.0.1:${proxy.port}`);
    const channels = multiplex<unknown, unknown>(socket, {
      channelOf: (message) => (message as Message).ch,
      subscribe: (names) => ({ sub: names }),
    });
    channels.channel('a');
    const session = await server.session();
    const came: unknown[] = [];
    session.on('message', (message) => void came.push(message));
    await expect.poll(() => came).toEqual([{ sub: ['a'] }]);
    for (let round = 1; round <= 2; round++) {
      proxy.cut();
      socket.send({ round });
      await expect
        .poll(() => events.filter(({ type }) => type === 'reconnected').length)
        .toBe(round);
    }
    await expect.poll(() => came).toEqual([{ sub: ['a'] }, { round: 1 }, { round: 2 }]);
    await session.close();
    await expect.poll(() => server.told.length).toBe(2);
    const again: unknown[] = [];
    server.told[1]?.on('message', (message) => void again.push(message));
    await expect.poll(() => again).toEqual([{ sub: ['a'] }]);
  });
});

describe('request() in a session', () => {
  it('is asked once and answered, though the connection is cut in between', async () => {
    const server = await serve();
    const proxy = await proxyTo(server.port);
    const { socket, names } = client(`ws://127.0.0.1:${proxy.port}`);
    const reply = socket.request({ id: 1 }, { idOf });
    const session = await server.session();
    const asked: unknown[] = [];
    session.on('message', (message) => {
      asked.push(message);
      proxy.cut();
      session.send({ id: 1, done: true });
    });
    await expect(reply).resolves.toEqual({ id: 1, done: true });
    expect(asked).toEqual([{ id: 1 }]);
    expect(names()).toContain('reconnected');
  });

  it.each([
    [undefined, 1],
    [true, 2],
  ])(
    'whose session is lost is sent again only if that is said: resend %s',
    async (resend, sent) => {
      const server = await serve();
      const { socket } = client(server.url, resend === undefined ? {} : { request: { resend } });
      const reply = socket.request({ id: 1 }, { idOf });
      const outcome = reply.catch((error: unknown) => (error as JetSocketError).code);
      const session = await server.session();
      const asked: unknown[] = [];
      const ask = (message: unknown): void => void asked.push(message);
      session.on('message', ask);
      await expect.poll(() => asked).toEqual([{ id: 1 }]);
      await session.close();
      await expect.poll(() => server.told.length).toBe(2);
      server.told[1]?.on('message', ask);
      socket.send('last');
      await expect.poll(() => asked.at(-1)).toBe('last');
      expect(asked.filter((message) => message !== 'last')).toHaveLength(sent);
      if (resend === true) server.told[1]?.send({ id: 1, done: true });
      expect(await outcome).toEqual(resend === true ? { id: 1, done: true } : 'CONNECTION_LOST');
    },
  );
});
