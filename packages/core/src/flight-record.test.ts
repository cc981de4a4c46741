import { describe, expect, it } from 'vitest';
import { FakeClock, FakeTransport } from '@jetsocket/testing';
import { bench, connected } from '../test/test-kit.js';
import { JetSocket } from './jet-socket.js';

const SECRET = 'hunter2';

describe('record()', () => {
  it('tells the last transitions, with cause and effects', async () => {
    const made = await connected();
    made.link().cut();
    await made.clock.advance(10);
    const { transitions, forgotten, version, stats } = made.socket.record();
    expect([version, forgotten, stats.state]).toEqual([1, 0, 'backing_off']);
    expect(transitions.map(({ input, from, to, cause }) => [input, from, to, cause])).toEqual([
      ['user.connect', 'idle', 'connecting', 'connect'],
      ['attempt.prepared', 'connecting', 'connecting', null],
      ['transport.opened', 'connecting', 'connected', 'opened'],
      ['transport.ended', 'connected', 'backing_off', 'connection_lost'],
    ]);
    expect(transitions.at(-1)).toEqual({
      atMs: 20,
      input: 'transport.ended',
      detail: '1006',
      from: 'connected',
      to: 'backing_off',
      cause: 'connection_lost',
      epoch: 1,
      attempt: 1,
      effects: [
        'timers.clear',
        'timer.set backoff',
        'outbox.shut',
        'emit state_change',
        'report CONNECTION_LOST',
        'emit disconnected',
        'emit reconnecting',
      ],
    });
  });

  it('tells timers, statuses and close codes', async () => {
    const made = bench();
    made.transport.refuse(1, { httpStatus: 503 });
    void made.socket.connect();
    await made.clock.advance(1_100);
    void made.socket.close(3_001, SECRET);
    const details = made.socket.record().transitions.map(({ input, detail }) => [input, detail]);
    expect(details).toContainEqual(['transport.ended', 'HTTP 503']);
    expect(details).toContainEqual(['timer.fired', 'backoff']);
    expect(details).toContainEqual(['user.close', '3001']);
  });

  it.each([0, 1, 3, 7])('remembers the last %i', async (recordSize) => {
    const run = async (size: number): ReturnType<typeof connected> => {
      const made = await connected({ recordSize: size });
      for (let index = 0; index < 7; index++) made.socket.reconnect();
      return made;
    };
    const [all, last] = [await run(100), await run(recordSize)];
    const { transitions } = all.socket.record();
    expect(transitions.length).toBeGreaterThan(10);
    expect(last.socket.record().transitions).toEqual(
      transitions.slice(transitions.length - recordSize),
    );
    expect(last.socket.record().forgotten).toBe(transitions.length - recordSize);
  });

  it('is plain data that JSON can carry, and holds no secret', async () => {
    const clock = new FakeClock();
    const transport = new FakeTransport({ clock });
    const socket = new JetSocket(`wss://user:${SECRET}@host/path?token=${SECRET}&${SECRET}`, {
      clock,
      transport,
      headers: { authorization: SECRET },
      heartbeat: { intervalMs: 100, ping: () => SECRET, isPong: (m) => m === SECRET },
    });
    void socket.connect();
    await clock.advance(20);
    socket.send(SECRET);
    transport.links[0]?.deliver(`"${SECRET}"`);
    transport.links[0]?.deliver(`${SECRET}`);
    await clock.advance(150);
    transport.links[0]?.closeFromServer(1012, SECRET);
    await clock.advance(100);
    const record = socket.record();
    const text = JSON.stringify(record);
    expect(text).not.toContain(SECRET);
    expect(JSON.parse(text)).toEqual(record);
    expect(record.uri).toBe('wss://host/path?…');
    expect(record.transitions.length).toBeGreaterThan(4);
    expect(record.session).toBeNull();
  });
});
