/** A session outlives the token that it began with: same id, same outbox, nothing twice. */
import { expect, it } from 'vitest';
import { client, serve } from './test-kit.js';

it('goes on with another token, and loses nothing that waited meanwhile', async () => {
  const users = new Map([['first', 'ada']]);
  const server = await serve({
    authenticate: ({ headers }) => users.get(String(headers.authorization)),
  });
  const asked: boolean[] = [];
  const tokens = ['first', 'first', 'second'];
  const { socket, got, names } = client(server.url, {
    headers: ({ unauthorized }) => {
      asked.push(unauthorized);
      return { authorization: tokens[asked.length - 1] ?? 'none' };
    },
  });
  await socket.opened;
  const session = await server.session();
  const heard: unknown[] = [];
  session.on('message', (message) => void heard.push(message));
  socket.send('before');
  await expect.poll(() => heard).toEqual(['before']);

  users.delete('first');
  users.set('second', 'ada');
  socket.reconnect();
  const waiting = socket.send('while the old token is refused');
  session.send('for whom it is meant');
  expect(await waiting.settled).toBe('acknowledged');
  await expect.poll(() => got).toEqual(['for whom it is meant']);

  expect(asked).toEqual([false, false, true]);
  expect(heard).toEqual(['before', 'while the old token is refused']);
  expect(server.told).toEqual([session]);
  expect(session.principal).toBe('ada');
  expect(names()).not.toContain('error SESSION_LOST');
  expect(names().filter((name) => name === 'error AUTH_FAILED')).toEqual([]);
});
