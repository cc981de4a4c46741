/** Loggers as they are: pino, and the console. */
import { Console } from 'node:console';
import { PassThrough } from 'node:stream';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { EventLog, serve } from '../test/test-kit.js';
import { JetSocket, type NodeOptions } from './index.js';

/** A connection that is cut, comes back, gets what is no JSON, and is closed. */
async function life(logger: NonNullable<NodeOptions['logger']>): Promise<void> {
  const server = await serve();
  const socket = new JetSocket(server.url, { logger, backoff: { baseMs: 1 } });
  const log = new EventLog(socket);
  await socket.connect();
  (await server.peer(0)).terminate();
  await log.until('reconnected');
  (await server.peer(1)).send('no JSON');
  await log.until('error');
  await socket.close();
}

function sink(): { readonly stream: PassThrough; readonly lines: () => string[] } {
  const stream = new PassThrough({ encoding: 'utf8' });
  let text = '';
  stream.on('data', (more: string) => (text += more));
  return { stream, lines: () => text.trim().split('\n') };
}

describe('the option logger', () => {
  it('takes pino: each event is a line with its level, its details and its name', async () => {
    const { stream, lines } = sink();
    await life(pino({ level: 'debug' }, stream));
    const told = lines().map(
      (line) => JSON.parse(line) as { level: number; msg: string; code?: unknown; uri?: string },
    );
    const { debug, info, warn } = pino.levels.values;
    const named = told.filter(({ level }) => level !== debug).map(({ level, msg }) => [level, msg]);
    expect(named).toEqual([
      [info, 'connected'],
      [warn, expect.stringContaining('Connection lost with code 1006')],
      [warn, 'disconnected'],
      [warn, 'reconnecting'],
      [info, 'connected'],
      [warn, expect.stringContaining('Cannot decode a message')],
      [warn, 'disconnected'],
      [info, 'closed'],
    ]);
    expect(told.find(({ msg }) => msg === 'connected')?.uri).toMatch(/^ws:/);
    expect(told.find(({ msg }) => msg === 'disconnected')?.code).toBe(1006);
    expect(told.filter(({ level }) => level === debug).length).toBeGreaterThan(5);
  });

  it('takes the console', async () => {
    const { stream, lines } = sink();
    await life(new Console(stream, stream));
    const text = lines().join('\n');
    for (const name of ['connected', 'reconnecting', 'Cannot decode a message', 'closed'])
      expect(text).toContain(name);
  });
});
