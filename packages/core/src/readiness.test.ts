/** One story of readiness: what leaves between `connected` and `ready()`, and in which order the rest follows. */
import { describe, expect, it } from 'vitest';
import { bench, type Bench, connected } from '../test/test-kit.js';
import { multiplex } from './channels/multiplex.js';
import type { Options } from './options.js';

const idOf = (message: unknown): number | undefined => (message as { id?: number }).id;

const textsOf = (received: readonly unknown[]): unknown[] =>
  received.map((data) => JSON.parse(String(data)) as unknown);
const texts = ({ link }: Bench): unknown[] => textsOf(link().received);

/** A client that says who it is, as its first word on every connection. */
function guarded(options: Options = {}): Bench {
  const made = bench({ holdUntilReady: true, heartbeat: false, request: { idOf }, ...options });
  made.socket.on('connected', () => made.socket.send('login', { early: true }));
  return made;
}

async function comeBack({ clock, link }: Bench): Promise<void> {
  link().cut();
  await clock.advance(1_050);
}

describe('holdUntilReady', () => {
  it('holds back greetings, channels, requests and the buffer; ready() lets them go in that order', async () => {
    const made = guarded();
    const { socket, clock } = made;
    socket.send('waits');
    socket.greet((say) => void say('hello'));
    const { channel } = multiplex<unknown, unknown>(socket, {
      channelOf: (message) => (message as { ch?: string }).ch,
      subscribe: (names) => ({ sub: names }),
    });
    channel('a');
    void socket.request({ id: 1 });
    void socket.connect();
    await clock.advance(5_000);
    expect(texts(made)).toEqual(['login']);
    socket.ready();
    await clock.advance(10);
    expect(texts(made)).toEqual(['login', 'hello', { sub: ['a'] }, 'waits', { id: 1 }]);
  });

  it('holds them back again on the next connection, what is asked again as well', async () => {
    const made = guarded();
    const { socket, clock, link } = made;
    const { channel } = multiplex<unknown, unknown>(socket, {
      channelOf: (message) => (message as { ch?: string }).ch,
      subscribe: (names) => ({ sub: names }),
    });
    channel('a');
    void socket.connect();
    await clock.advance(20);
    socket.ready();
    const reply = socket.request({ id: 1 });
    await clock.advance(10);
    link().cut();
    await clock.advance(0);
    socket.send('waits');
    channel('b');
    await clock.advance(1_050);
    expect(texts(made)).toEqual(['login']);
    channel('c');
    socket.greet((say) => void say('hello'));
    await clock.advance(1_000);
    expect(texts(made)).toEqual(['login']);
    socket.ready();
    await clock.advance(10);
    expect(texts(made)).toEqual(['login', { sub: ['a', 'b', 'c'] }, { id: 1 }, 'hello', 'waits']);
    link().deliver('{"id":1,"done":true}');
    await clock.advance(10);
    await expect(reply).resolves.toEqual({ id: 1, done: true });
  });

  it('tells what comes meanwhile: the answer to the login, and all else', async () => {
    const made = guarded();
    made.socket.on('message', ({ data }) => {
      if (data === 'welcome') made.socket.ready();
    });
    made.socket.send('waits');
    void made.socket.connect();
    await made.clock.advance(20);
    made.link().deliver('"news"');
    made.link().deliver('"welcome"');
    await made.clock.advance(20);
    expect(made.events.flatMap((event) => (event.type === 'message' ? [event.data] : []))).toEqual([
      'news',
      'welcome',
    ]);
    expect(texts(made)).toEqual(['login', 'waits']);
  });

  it('a connection that is lost before ready() loses nothing', async () => {
    const made = guarded();
    made.socket.greet((say) => void say('hello'));
    const waits = made.socket.send('waits');
    void made.socket.connect();
    await made.clock.advance(20);
    await comeBack(made);
    expect(waits.status).toBe('buffered');
    made.socket.ready();
    await made.clock.advance(10);
    const all = made.transport.links.map(({ received }) => textsOf(received));
    expect(all).toEqual([[], ['login', 'hello', 'waits']]);
    expect(made.transport.links[0]?.lost).toEqual(['"login"']);
  });

  it('in mode none, what was sent before ready() goes with its connection', async () => {
    const made = guarded({ replay: { mode: 'none' } });
    void made.socket.connect();
    await made.clock.advance(20);
    const lost = made.socket.send('lost');
    await comeBack(made);
    const kept = made.socket.send('kept');
    made.socket.ready();
    await made.clock.advance(10);
    expect([lost.status, kept.status]).toEqual(['dropped', 'sent']);
    expect(texts(made)).toEqual(['login', 'kept']);
  });

  it('a connection that follows on an old one, before that is closed, is logged in to as well', async () => {
    const made = guarded({ random: 1, maxConnectionAgeMs: 60_000 });
    made.socket.greet((say) => void say('hello'));
    void made.socket.connect();
    await made.clock.advance(20);
    made.socket.ready();
    await made.clock.advance(56_300);
    expect(made.transport.links).toHaveLength(2);
    made.socket.send('waits');
    await made.clock.advance(100);
    expect(texts(made)).toEqual(['login']);
    made.socket.ready();
    await made.clock.advance(10);
    expect(texts(made)).toEqual(['login', 'hello', 'waits']);
  });

  it('a heartbeat is no message: a connection that is dead is noticed without ready()', async () => {
    const made = guarded({ heartbeat: { intervalMs: 1_000, timeoutMs: 500 } });
    void made.socket.connect();
    await made.clock.advance(20);
    made.link().stall();
    await made.clock.advance(1_500);
    expect(made.socket.state).toBe('backing_off');
  });

  it('a write of the stream waits, and is sent', async () => {
    const made = guarded();
    void made.socket.connect();
    await made.clock.advance(20);
    await made.socket.writable.getWriter().write('streamed');
    await made.clock.advance(10);
    expect(texts(made)).toEqual(['login']);
    made.socket.ready();
    await made.clock.advance(10);
    expect(texts(made)).toEqual(['login', 'streamed']);
  });
});

it('without holdUntilReady nothing is held, and ready() does nothing', async () => {
  const made = await connected({ heartbeat: false });
  made.socket.greet((say) => void say('hello'));
  made.socket.send('goes');
  made.socket.ready();
  made.socket.ready();
  await made.clock.advance(10);
  expect(texts(made)).toEqual(['hello', 'goes']);
});
