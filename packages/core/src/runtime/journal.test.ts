import { expect, it } from 'vitest';
import { bench } from '../../test/test-kit.js';
import type { Logger } from '../ports.js';

type Line = [level: string, message: string, details: object];

/** As pino and console are. */
function book(levels: readonly ('debug' | 'info' | 'warn' | 'error')[]): {
  logger: Logger;
  lines: Line[];
} {
  const lines: Line[] = [];
  const logger = Object.fromEntries(
    levels.map((level) => [
      level,
      (details: object, message: string) => void lines.push([level, message, details]),
    ]),
  ) as unknown as Logger;
  return { logger, lines };
}

it('a logger is told what happens, each at its level', async () => {
  const { logger, lines } = book(['debug', 'info', 'warn', 'error']);
  const made = bench({ logger, buffer: { capacity: 1 } });
  made.socket.send(1);
  made.socket.send(2);
  void made.socket.connect();
  await made.clock.advance(20);
  made.link().deliver('nonsense');
  await made.clock.advance(10);
  made.link().cut();
  await made.clock.advance(10);
  made.transport.refuse(1, { httpStatus: 401 });
  await made.clock.advance(1_100);
  const told = lines
    .filter(([level]) => level !== 'debug')
    .map(([level, message]) => [level, message]);
  expect(told).toEqual([
    ['warn', 'buffer_overflow'],
    ['info', 'connected'],
    ['warn', expect.stringMatching(/^Cannot decode a message/)],
    ['warn', expect.stringMatching(/^Connection lost/)],
    ['warn', 'disconnected'],
    ['warn', 'reconnecting'],
    ['error', expect.stringMatching(/status 401/)],
    ['info', 'closed'],
  ]);
  expect(lines.find(([level]) => level === 'debug')).toEqual([
    'debug',
    'user.connect: idle -> connecting',
    expect.objectContaining({ input: 'user.connect', cause: 'connect' }),
  ]);
});

it('a logger with error alone is enough, and of a failing error handler it is told', async () => {
  const { logger, lines } = book(['error']);
  const made = bench({ logger });
  made.socket.on('error', () => {
    throw new Error('again');
  });
  void made.socket.connect();
  await made.clock.advance(20);
  made.link().cut();
  await made.clock.advance(10);
  expect(lines).toMatchObject([
    ['error', "A handler of 'error' failed: again", { event: 'error' }],
  ]);
});

const rejects: () => unknown = async () => Promise.reject(new Error('full'));

it('a logger that throws or rejects harms nothing', async () => {
  const logger: Logger = {
    info: () => {
      throw new Error('full');
    },
    warn: rejects,
    error: () => undefined,
  };
  const made = bench({ logger });
  void made.socket.connect();
  await made.clock.advance(20);
  made.link().cut();
  await made.clock.advance(1_100);
  expect(made.socket.state).toBe('connected');
});

it('a logger is never told what messages say, nor a query', async () => {
  const { logger, lines } = book(['debug', 'info', 'warn', 'error']);
  const made = bench({
    logger,
    schema: {
      '~standard': { version: 1, vendor: 't', validate: () => ({ issues: [{ message: 'no' }] }) },
    },
  });
  void made.socket.connect();
  await made.clock.advance(20);
  made.socket.send({ password: 'hunter2' });
  made.link().deliver('{"password":"hunter2"}');
  await made.clock.advance(10);
  const closed = made.socket.close();
  await made.clock.advance(20);
  await closed;
  expect(lines.length).toBeGreaterThan(4);
  expect(JSON.stringify(lines)).not.toContain('hunter2');
});
