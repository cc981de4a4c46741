/** maxConnectionAgeMs in mode `session` over real sockets: the server lets the older connection go first. */
import { expect, it, onTestFinished } from 'vitest';
import { client, serve } from './test-kit.js';

const HANDOVERS = 8;

it.each([
  ['over a quiet connection', 0],
  ['under load', 2],
])('hands over %s, without a gap, and tells of nothing worse', async (_name, everyMs) => {
  const server = await serve();
  const heard: unknown[] = [];
  server.sessions.on('session', (session) => {
    session.on('message', (message) => {
      heard.push(message);
      session.send(message);
    });
  });
  const { socket, events, got } = client(server.url, { maxConnectionAgeMs: 100 });
  await socket.opened;
  let sent = 0;
  const sending = everyMs > 0 ? setInterval(() => void socket.send(++sent), everyMs) : undefined;
  onTestFinished(() => clearInterval(sending));
  const count = (type: string): number => events.filter((event) => event.type === type).length;
  await expect.poll(() => count('reconnected'), { timeout: 20_000 }).toBeGreaterThan(HANDOVERS);
  clearInterval(sending);
  const until = sent;
  await expect.poll(() => got.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(until);

  const all = Array.from({ length: until }, (_, index) => index + 1);
  expect(heard.slice(0, until)).toEqual(all);
  expect(got.slice(0, until)).toEqual(all);
  expect(server.told).toHaveLength(1);
  expect(server.errors).toEqual([]);
  for (const type of ['error', 'gap', 'buffer_overflow', 'closed']) expect(count(type)).toBe(0);
  await socket.close();
});
