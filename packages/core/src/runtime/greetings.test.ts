import { describe, expect, it } from 'vitest';
import { bench, connected } from '../../test/test-kit.js';
import type { Say } from './greetings.js';

describe('greet()', () => {
  it('tells of a greeting that goes on later, and fails at it', async () => {
    const { socket, clock, events } = bench();
    // Its type returns nothing. People pass async functions all the same.
    const later: (say: Say<unknown>) => unknown = async (say) => {
      say('hello');
      await Promise.resolve();
      throw new Error('out of words');
    };
    socket.greet(later);
    void socket.connect();
    await clock.advance(30);
    const errors = events.flatMap((event) => (event.type === 'error' ? [event.error.message] : []));
    expect(errors).toEqual(['A greeting failed: out of words']);
  });

  it('says it on every connection, ahead of what waits', async () => {
    const { socket, clock, transport, link } = bench();
    socket.greet((say) => void say('hello'));
    socket.send('waits');
    void socket.connect();
    await clock.advance(30);
    link().cut();
    await clock.advance(0);
    socket.send('waits too');
    await clock.advance(1_030);
    expect(transport.links.map(({ received }) => received)).toEqual([
      ['"hello"', '"waits"'],
      ['"hello"', '"waits too"'],
    ]);
  });

  it('comes before what handlers of connected and reconnected send', async () => {
    const { socket, clock, link } = bench();
    socket.on('connected', () => socket.send('from a handler'));
    socket.greet((say) => void say('hello'));
    void socket.connect();
    await clock.advance(30);
    expect(link().received).toEqual(['"hello"', '"from a handler"']);
  });

  it('comes before the request for what was missed', async () => {
    const { socket, clock, link } = await connected({
      replay: {
        mode: 'sequence_id',
        sequenceOf: (message) => (message as { seq: number }).seq,
        requestReplay: (lastId) => ({ from: lastId }),
      },
    });
    socket.greet((say) => void say('subscribe'));
    link().deliver('{"seq":7}');
    await clock.advance(10);
    link().cut();
    await clock.advance(1_030);
    expect(link().received).toEqual(['"subscribe"', '{"from":7}']);
  });

  it('is called at once when there is a connection already', async () => {
    const { socket, clock, transport } = await connected();
    let calls = 0;
    socket.greet((say) => {
      calls++;
      say('hello');
    });
    expect(calls).toBe(1);
    await clock.advance(10);
    expect(transport.received).toEqual(['"hello"']);
  });

  it('is called no more when removed, and twice when added twice', async () => {
    const { socket, clock, link } = await connected();
    const greeting = (say: Say<unknown>): void => void say('hello');
    const off = socket.greet(greeting);
    socket.greet(greeting);
    off();
    off();
    link().cut();
    await clock.advance(1_030);
    expect(link().received).toEqual(['"hello"']);
  });

  it('says nothing any more on a connection that is over, and keeps nothing', async () => {
    const { socket, clock, link, transport } = await connected();
    const said: Say<unknown>[] = [];
    socket.greet((say) => void said.push(say));
    link().cut();
    await clock.advance(0);
    expect(said[0]?.('late')).toBe(false);
    await clock.advance(1_030);
    expect(said[0]?.('late')).toBe(false);
    expect(said[1]?.('in time')).toBe(true);
    await clock.advance(10);
    expect(transport.received).toEqual(['"in time"']);
  });

  it('tells of one that throws, and calls the others', async () => {
    const { socket, clock, transport, events } = bench();
    const boom = new Error('boom');
    socket.greet(() => {
      throw boom;
    });
    socket.greet((say) => void say({ id: 1n }));
    socket.greet((say) => void say('hello'));
    void socket.connect();
    await clock.advance(30);
    const codes = events.flatMap((event) => (event.type === 'error' ? [event.code] : []));
    expect(codes).toEqual(['HOOK_FAILED', 'NOT_SERIALIZABLE']);
    expect(events.find(({ type }) => type === 'error')).toMatchObject({ error: { cause: boom } });
    expect(transport.received).toEqual(['"hello"']);
    expect(socket.state).toBe('connected');
  });

  it('reports a failure that comes after the end to the logger, not as an event', async () => {
    const logged: string[] = [];
    const { socket, clock, events } = await connected({
      logger: { error: (_details, message) => void logged.push(message) },
    });
    const later: ((thrown: unknown) => void)[] = [];
    socket.greet((_say, fail) => void later.push(fail));
    void socket.close();
    await clock.advance(30);
    later[0]?.(new Error('too late'));
    expect(events.at(-1)?.type).toBe('closed');
    expect(logged).toEqual(['A greeting failed: too late']);
  });

  it('takes a function', () => {
    const { socket } = bench();
    expect(() => socket.greet('hello' as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    );
  });
});

describe('off()', () => {
  it('without a handler leaves those that are no user’s', async () => {
    const { socket, clock, link } = await connected({
      request: { idOf: (message) => (message as { id?: number }).id },
    });
    const reply = socket.request({ id: 1 });
    socket.off('message');
    link().deliver('{"id":1}');
    await clock.advance(10);
    await expect(reply).resolves.toEqual({ id: 1 });
  });
});
