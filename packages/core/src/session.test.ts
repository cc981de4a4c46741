import type { FakeLink } from '@jetsocket/testing';
import { describe, expect, it } from 'vitest';
import { type Bench, bench } from '../test/test-kit.js';
import { type Hello, parseControl } from './delivery/controls.js';
import { JetSocketError } from './errors.js';
import type { JetSocketEvent } from './events.js';
import type { Options } from './options.js';

/** What a server answers to a hello; undefined for nothing. */
type Answer = (hello: Hello) => string | undefined;

const welcomes =
  (fields: { readonly rx?: number; readonly hi?: number; readonly max?: number } = {}): Answer =>
  ({ sid }) =>
    JSON.stringify({ jet: 1, sid, rx: 0, hi: 0, ttl: 60, win: 100, ...fields });
const goneBy =
  (why: string, rx: number | null = null): Answer =>
  ({ sid }) =>
    JSON.stringify({ gone: why, sid, rx });

interface Server {
  /** What it answers from now on. */
  answer: Answer;
  /** The subprotocol that it chooses. */
  protocol: string;
  /** What else came, over all sockets, since the last look. */
  look(): string[];
  /** Says that on the newest socket. */
  say(frame: string): void;
  readonly hellos: Hello[];
}

interface Far extends Bench {
  readonly server: Server;
  /** What was told as an error since the last look. */
  errors(): string[];
}

/** A client in a session with a server that answers hellos, and says nothing else by itself. */
function far(options: Options = {}): Far {
  const came: string[] = [];
  const hellos: Hello[] = [];
  const made = bench(
    { heartbeat: false, replay: { mode: 'session' }, ...options },
    {
      chooseProtocol: () => server.protocol,
      onReceived(link: FakeLink, data) {
        const control = parseControl(String(data));
        if (control?.type !== 'hello') return void came.push(String(data));
        hellos.push(control);
        const answer = server.answer(control);
        if (answer !== undefined) link.deliver(answer);
      },
    },
  );
  const server: Server = {
    answer: welcomes(),
    protocol: 'jetsocket.v1',
    hellos,
    look: () => came.splice(0),
    say: (frame) => made.link().deliver(frame),
  };
  let told = 0;
  const errors = (): string[] => {
    const list = made.events.slice(told);
    told = made.events.length;
    return list.flatMap((event) =>
      event.type === 'error' ? [`${event.code}: ${event.message}`] : [],
    );
  };
  return { ...made, server, errors };
}

/** One that is connected: 40 ms, the handshakes of the socket and of the session. */
async function connected(options: Options = {}): Promise<Far> {
  const made = far(options);
  void made.socket.connect();
  await made.clock.advance(40);
  made.names();
  return made;
}

const of = <Type extends JetSocketEvent['type']>(
  { events }: Bench,
  type: Type,
): Extract<JetSocketEvent, { readonly type: Type }>[] =>
  events.filter(
    (event): event is Extract<JetSocketEvent, { readonly type: Type }> => event.type === type,
  );

describe('a session', () => {
  it('is connected once the server has taken the hello, and not before', async () => {
    const { socket, clock, link, names } = far();
    void socket.connect();
    await clock.advance(39);
    expect([link().isOpen, socket.state, names()]).toEqual([true, 'connecting', ['connecting']]);
    await clock.advance(1);
    expect([socket.state, names()]).toEqual(['connected', ['connected']]);
  });

  it('numbers messages both ways, and acknowledges within 200 ms', async () => {
    const made = await connected();
    const { socket, clock, server } = made;
    const delivery = socket.send('a');
    server.say('1 "x"');
    await clock.advance(10);
    expect([server.look(), delivery.status]).toEqual([['1 "a"'], 'sent']);
    expect(of(made, 'message')).toMatchObject([{ data: 'x', sequence_id: 1, replayed: false }]);
    server.say(',1');
    await clock.advance(210);
    expect([server.look(), delivery.status]).toEqual([[',1'], 'acknowledged']);
  });

  it('goes on over another socket: what was not acknowledged is sent again', async () => {
    const made = await connected();
    const { socket, clock, server, link, names } = made;
    socket.send('a');
    socket.send('b');
    await clock.advance(10);
    server.look();
    server.answer = welcomes({ rx: 1, hi: 1 });
    link().cut();
    await clock.advance(1_050);
    server.say('1 "x"');
    await clock.advance(10);
    expect(server.look()).toEqual(['2 "b"']);
    expect(of(made, 'message')).toMatchObject([{ data: 'x', replayed: true }]);
    expect(names().slice(-4)).toEqual([
      ...['reconnected', 'replay_started', 'message', 'replay_completed'],
    ]);
  });

  it('tells the server what it will never send again', async () => {
    const { socket, clock, server, link } = await connected({ buffer: { capacity: 2 } });
    for (const message of ['a', 'b', 'c']) socket.send(message);
    await clock.advance(10);
    server.look();
    link().cut();
    await clock.advance(1_100);
    expect(server.look()).toEqual(['{"skip":1}', '2 "b"', '3 "c"']);
  });

  it('tells what the server will never send again', async () => {
    const made = await connected();
    made.server.say('{"skip":2}');
    await made.clock.advance(10);
    expect(of(made, 'gap')).toMatchObject([{ from: 1, to: 2, cause: 'overflow' }]);
  });

  it('sends what is volatile without a number, or not at all', async () => {
    const { socket, clock, server } = await connected();
    socket.send('now', { volatile: true });
    await clock.advance(10);
    expect(server.look()).toEqual([' "now"']);
    server.say(`{"gone":"unknown","sid":"${server.hellos[0]?.sid}","rx":null}`);
    server.answer = () => undefined;
    await clock.advance(10);
    expect(socket.send('later', { volatile: true }).status).toBe('dropped');
  });

  it('takes an answer for a pong, where one is awaited', async () => {
    const { clock, server, names } = await connected({ heartbeat: {} });
    server.say(',0');
    await clock.advance(10);
    expect(names()).toEqual([]);
    await clock.advance(30_000);
    expect(server.look()).toEqual(['?']);
    server.say(',0');
    await clock.advance(10);
    expect(names()).toEqual(['ping', 'pong']);
  });

  it('asks nothing of the application while another session begins', async () => {
    const { clock, server } = await connected({ heartbeat: { ping: () => 'are you there?' } });
    server.answer = () => undefined;
    await clock.advance(25_000);
    server.say(`{"gone":"unknown","sid":"${server.hellos[0]?.sid}","rx":0}`);
    await clock.advance(6_000);
    expect(server.look()).toEqual([]);
  });

  it('asks with a message of the application without a number', async () => {
    const { clock, server } = await connected({ heartbeat: { ping: () => 'are you there?' } });
    await clock.advance(30_010);
    expect(server.look()).toEqual([' "are you there?"']);
  });

  it('is in the record of a flight, without its name', async () => {
    const { socket, server } = await connected();
    const { session } = socket.record();
    expect(session).toMatchObject({ place: 'live', accepted: 0 });
    expect(JSON.stringify(session)).not.toContain(server.hellos[0]?.sid);
  });
});

describe('a server that speaks no session', () => {
  it.each([
    ['', 'the server chose no subprotocol, not jetsocket.v1'],
    ['soap', "the server chose the subprotocol 'soap', not jetsocket.v1"],
  ])('is told by the subprotocol that it chose: %j', async (protocol, why) => {
    const { socket, clock, server, errors } = far();
    server.protocol = protocol;
    socket.connect().catch(() => undefined);
    await clock.advance(40);
    expect(errors()).toEqual([`SESSION_UNSUPPORTED: Cannot begin a session: ${why}`]);
    expect(socket.state).toBe('failed');
  });

  it('is told by what it answers', async () => {
    const { socket, clock, errors, server } = far();
    server.answer = () => 'hello';
    socket.connect().catch(() => undefined);
    await clock.advance(40);
    expect([errors(), socket.state]).toEqual([
      ["SESSION_UNSUPPORTED: Cannot begin a session: the server answered the hello with 'hello'"],
      'failed',
    ]);
  });

  it('is told by a handshake that fails for the subprotocol', async () => {
    const { socket, clock, errors, transport } = far();
    const error = new Error('Server sent no subprotocol');
    transport.refuse(1, { error });
    socket.connect().catch(() => undefined);
    await clock.advance(20);
    expect(errors()[0]).toContain('SESSION_UNSUPPORTED');
    transport.refuse(1, { error: new Error('ECONNREFUSED') });
    transport.refuse(1);
    transport.refuse(1, { error, httpStatus: 503 });
    for (const code of ['CONNECT_FAILED', 'CONNECT_FAILED', 'REJECTED']) {
      socket.reconnect();
      await clock.advance(30);
      expect(errors().join()).toContain(code);
    }
  });

  it('is told by its silence, unless it ever spoke one', async () => {
    const { socket, clock, errors, server, link } = far();
    server.answer = () => undefined;
    socket.connect().catch(() => undefined);
    await clock.advance(10_000);
    expect(errors()).toEqual([
      'SESSION_UNSUPPORTED: Cannot begin a session: the server did not answer the hello within connectTimeoutMs',
    ]);
    server.answer = welcomes();
    await clock.advance(2_000);
    expect(socket.state).toBe('connected');
    server.answer = () => undefined;
    link().cut();
    await clock.advance(12_000);
    expect(errors().at(-1)).toContain('CONNECT_TIMEOUT');
  });
});

describe('a session that is lost', () => {
  it('is told after reconnected: what is unknown, what goes on, what is missing', async () => {
    const made = await connected();
    const { socket, clock, server, link, names, errors } = made;
    const unknown = socket.send('a');
    await clock.advance(10);
    link().cut();
    await clock.advance(1);
    socket.send('b');
    names();
    const { length } = server.hellos;
    server.answer = (hello) =>
      server.hellos.length === length + 1 ? goneBy('expired')(hello) : welcomes()(hello);
    await clock.advance(1_100);
    expect(names().slice(-6)).toEqual([
      ...['reconnected', 'error', 'error', 'gap', 'replay_started', 'replay_completed'],
    ]);
    expect(errors().slice(-2)).toEqual([
      'SESSION_LOST: The session cannot go on (expired); 1 messages go on into the new one',
      'DELIVERY_UNKNOWN: 1 messages were sent, and nobody can tell whether they arrived: they are not sent again',
    ]);
    const told = of(made, 'error').find(({ code }) => code === 'DELIVERY_UNKNOWN');
    const error = told?.error instanceof JetSocketError ? told.error : undefined;
    expect([error?.deliveries, unknown.status]).toEqual([[unknown], 'dropped']);
    expect(of(made, 'gap')).toMatchObject([{ from: 1, to: null, cause: 'expired' }]);
    expect(server.look()).toEqual(['1 "a"', '1 "b"']);
  });

  it('on a socket that is open is told at once, and another one begins there', async () => {
    const { clock, server, errors, transport } = await connected();
    server.say(`{"gone":"unknown","sid":"${server.hellos[0]?.sid}","rx":0}`);
    await clock.advance(40);
    expect(errors()).toEqual(['SESSION_LOST: The session cannot go on (unknown)']);
    expect([server.hellos.length, transport.opened]).toEqual([2, 1]);
  });

  it.each([
    ['', 'SESSION_LOST: The server ended the session'],
    ['enough', 'SESSION_LOST: The server ended the session: enough'],
  ])('by a bye of the server is told with its reason: %j', async (reason, message) => {
    const { clock, server, errors, socket } = await connected();
    server.say(JSON.stringify({ bye: reason, rx: 0, hi: 0 }));
    await clock.advance(10);
    expect(errors()).toEqual([message]);
    await clock.advance(1_050);
    expect(socket.state).toBe('connected');
    expect(server.hellos[1]?.sid).not.toBe(server.hellos[0]?.sid);
  });

  it('tells no gap where nothing is missing', async () => {
    const made = await connected();
    const { socket, clock, server } = made;
    socket.send('a');
    await clock.advance(10);
    server.say(JSON.stringify({ bye: '', rx: 0, hi: 0 }));
    await clock.advance(1_100);
    expect(of(made, 'gap')).toEqual([]);
    expect(server.look()).toEqual(['1 "a"', '{"bye":"","rx":0,"hi":1}', '1 "a"']);
  });

  it('to another client is not fought for: a new one begins', async () => {
    const { clock, server, errors, socket } = await connected();
    server.say(`{"gone":"fenced","sid":"${server.hellos[0]?.sid}","rx":0}`);
    await clock.advance(10);
    expect(errors().at(-1)).toContain('SESSION_FENCED');
    await clock.advance(1_050);
    expect(socket.state).toBe('connected');
    expect(server.hellos[1]?.sid).not.toBe(server.hellos[0]?.sid);
  });

  it('for what is none of the protocol is tried again, once', async () => {
    const { clock, server, errors, socket } = await connected();
    server.say('nonsense');
    await clock.advance(1_050);
    expect(errors()[0]).toBe(
      'PROTOCOL_ERROR: The server broke the session protocol: a frame that is none of the protocol',
    );
    expect(socket.state).toBe('connected');
    server.say('nonsense');
    await clock.advance(10);
    expect(socket.state).toBe('failed');
  });
});

describe('requests in a session', () => {
  it('outlive a socket, and not the session in which they were sent', async () => {
    const idOf = (message: unknown): number | undefined => (message as { id?: number }).id;
    const { socket, clock, server, link } = await connected({ request: { idOf } });
    let outcome = 'open';
    socket.request({ id: 1 }).catch((error: { code: string }) => (outcome = error.code));
    await clock.advance(10);
    server.answer = welcomes({ rx: 1 });
    link().cut();
    await clock.advance(1_100);
    expect([socket.state, outcome]).toEqual(['connected', 'open']);
    link().cut();
    server.answer = (hello) => (hello.isKnown ? goneBy('expired', 1)(hello) : welcomes()(hello));
    await clock.advance(2_100);
    expect([socket.state, outcome]).toEqual(['connected', 'CONNECTION_LOST']);
  });
});

describe('close() in a session', () => {
  it('says goodbye, and closes the socket when the server has', async () => {
    const { socket, clock, server, link } = await connected();
    const closing = socket.close(1000, 'so long');
    await clock.advance(10);
    expect(server.look()).toEqual(['{"bye":"so long","rx":0,"hi":0}']);
    expect(link().isOpen).toBe(true);
    server.say('{"bye":"","rx":0,"hi":0}');
    await clock.advance(10);
    expect(link().isOpen).toBe(false);
    await clock.advance(20);
    await closing;
    expect(socket.state).toBe('closed');
  });

  it('waits no longer than for any close', async () => {
    const { socket, clock } = await connected();
    void socket.close();
    await clock.advance(5_000);
    expect(socket.state).toBe('closed');
  });

  it('takes a goodbye that comes unasked for no answer', async () => {
    const { socket, clock, server } = await connected();
    server.answer = () => undefined;
    server.say(`{"gone":"unknown","sid":"${server.hellos[0]?.sid}","rx":0}`);
    await clock.advance(10);
    void socket.close();
    await clock.advance(50);
    expect(socket.state).toBe('closed');
  });
});

describe('a session on the move', () => {
  it('goes on over another socket, and no event says otherwise', async () => {
    const { socket, clock, server, transport, names } = await connected({ random: 1 });
    server.say('{"move":1}');
    await clock.advance(2_000);
    socket.send('a');
    await clock.advance(10);
    expect(names()).toEqual([
      ...['disconnected', 'reconnecting', 'connecting', 'connected', 'reconnected'],
      ...['replay_started', 'replay_completed'],
    ]);
    expect(transport.links.map(({ isOpen }) => isOpen)).toEqual([false, true]);
    expect(transport.links[1]?.received.map(String).at(-1)).toBe('1 "a"');
    expect(server.hellos[1]).toMatchObject({ n: 2, isKnown: true });
  });

  it('says at once on the new socket what it has handled on the old one', async () => {
    const { clock, server, transport } = await connected({ random: 1 });
    server.answer = welcomes({ hi: 1 });
    server.say('{"move":0}');
    await clock.advance(35);
    transport.links[0]?.deliver('1 "x"');
    await clock.advance(30);
    expect(server.look()).toEqual([',1']);
  });

  it.each<readonly [string, string, (made: Far) => void]>([
    [
      'the server does not take the hello there',
      'the server answered the hello with',
      ({ server }) => (server.answer = goneBy('unknown')),
    ],
    [
      'the server chose another subprotocol there',
      'the session cannot move: the server chose another subprotocol',
      ({ server }) => (server.protocol = 'soap'),
    ],
  ])('stays where it is when %s, and tries again', async (_name, why, refuse) => {
    const made = await connected({ random: 1 });
    const { clock, server, socket, errors, transport } = made;
    refuse(made);
    server.say('{"move":0}');
    await clock.advance(100);
    expect(errors()[0]).toContain(why);
    expect([socket.state, transport.links[0]?.isOpen]).toEqual(['connected', true]);
    server.answer = welcomes();
    server.protocol = 'jetsocket.v1';
    await clock.advance(3_000);
    expect(transport.links.map(({ isOpen }) => isOpen)).toEqual([false, false, true]);
  });

  it('stays where it is while another session begins there', async () => {
    const { clock, server, errors } = await connected({ random: 1 });
    server.answer = () => undefined;
    server.say('{"move":0}');
    server.say(`{"gone":"unknown","sid":"${server.hellos[0]?.sid}","rx":0}`);
    await clock.advance(60);
    expect(errors().join()).toContain('the session cannot move: it is not live');
  });

  it('is fenced on the old socket, and goes on over the new one', async () => {
    const { clock, server, socket, transport } = await connected({ random: 1 });
    server.answer = () => undefined;
    server.say('{"move":0}');
    await clock.advance(35);
    transport.links[0]?.deliver(`{"gone":"fenced","sid":"${server.hellos[0]?.sid}","rx":0}`);
    await clock.advance(10);
    expect(socket.state).toBe('connecting');
    const [, hello] = server.hellos;
    if (hello !== undefined) transport.links[1]?.deliver(welcomes()(hello) ?? '');
    await clock.advance(10);
    expect(socket.state).toBe('connected');
  });
});

describe('a session whose codec answers with promises', () => {
  const slow = (waits: Map<string, Promise<void>>): Options => ({
    codec: {
      encode: (message: unknown) => String(message),
      decode: async (data) => {
        await waits.get(String(data));
        return String(data);
      },
    },
  });

  it('acknowledges what is decoded, and tells of a gap in its turn', async () => {
    let decoded: () => void = () => undefined;
    const waits = new Map([['x', new Promise<void>((resolve) => (decoded = resolve))]]);
    const made = await connected(slow(waits));
    const { clock, server, names } = made;
    for (const frame of ['1 x', '{"skip":3}', '4 y']) server.say(frame);
    await clock.advance(500);
    expect([names(), server.look()]).toEqual([[], []]);
    decoded();
    await clock.advance(210);
    expect(names()).toEqual(['message', 'gap', 'message']);
    expect(server.look()).toEqual([',4']);
  });

  it('and whose schema does, tells of a gap behind what is still looked at', async () => {
    let looked: () => void = () => undefined;
    const waits = new Promise<void>((resolve) => (looked = resolve));
    const validate = async (value: unknown): Promise<{ readonly value: unknown }> => {
      if (value === 'x') await waits;
      return { value };
    };
    const schema = { '~standard': { version: 1, vendor: 'test', validate } } as const;
    const { clock, server, names } = await connected({ ...slow(new Map()), schema });
    for (const frame of ['1 x', '{"skip":3}', '4 y']) server.say(frame);
    await clock.advance(500);
    expect([names(), server.look()]).toEqual([[], []]);
    looked();
    await clock.advance(210);
    expect([names(), server.look()]).toEqual([['message', 'gap', 'message'], [',4']]);
  });

  it('acknowledges nothing of a session that is over meanwhile', async () => {
    let decoded: () => void = () => undefined;
    const waits = new Map([['x', new Promise<void>((resolve) => (decoded = resolve))]]);
    const made = await connected(slow(waits));
    const { clock, server } = made;
    server.say('1 x');
    server.say(`{"gone":"unknown","sid":"${server.hellos[0]?.sid}","rx":0}`);
    await clock.advance(40);
    decoded();
    await clock.advance(500);
    expect(server.look()).toEqual([]);
    expect(made.socket.record().session).toMatchObject({ handled: 0 });
  });
});

describe('a session whose ends say how large a message may be', () => {
  it('says in each hello what the client takes', async () => {
    const { server } = await connected({ maxMessageBytes: 500 });
    expect(server.hellos).toMatchObject([{ max: 500 }]);
  });

  it('refuses what is larger than the server takes, and drops by name what waited for its welcome', async () => {
    const made = far();
    const { socket, clock, server, errors } = made;
    server.answer = welcomes({ max: 10 });
    const waiting = [socket.send('12345678'), socket.send('123456789'), socket.send('1')];
    void socket.connect();
    await clock.advance(50);
    expect(waiting.map(({ status }) => status)).toEqual(['sent', 'dropped', 'sent']);
    expect(server.look()).toEqual(['1 "12345678"', '2 "1"']);
    expect(errors()).toEqual([
      'MESSAGE_TOO_LARGE: Cannot send: 1 messages that waited are too large, and the server takes 10',
    ]);
    expect(of(made, 'error')[0]?.error).toMatchObject({ deliveries: [waiting[1]] });
    expect(() => socket.send('123456789')).toThrow('has 11 bytes, and the server takes 10');
    expect(socket.stats().dropped.unserializable).toBe(1);
  });

  it('forgets the limit of a server when another one says none', async () => {
    const { socket, clock, server, link } = await connected();
    server.answer = welcomes({ max: 10 });
    link().cut();
    await clock.advance(5_000);
    expect(() => socket.send('x'.repeat(20))).toThrow('takes 10');
    server.answer = welcomes();
    link().cut();
    await clock.advance(5_000);
    expect(socket.send('x'.repeat(20)).status).toBe('sent');
  });

  it('fails, and acknowledges nothing, when a numbered message comes that is too large', async () => {
    const made = await connected({ maxMessageBytes: 10 });
    const { socket, clock, server } = made;
    server.say(`1 "${'x'.repeat(20)}"`);
    await clock.advance(300);
    expect([socket.state, server.look()]).toEqual(['failed', []]);
    expect(of(made, 'error')).toMatchObject([{ code: 'MESSAGE_TOO_LARGE', fatal: true }]);
    expect(of(made, 'closed')).toMatchObject([{ cause: 'fatal' }]);
  });

  it('goes on after one without a number', async () => {
    const made = await connected({ maxMessageBytes: 10 });
    made.server.say(` "${'x'.repeat(20)}"`);
    await made.clock.advance(10);
    expect(made.errors()).toEqual([
      'MESSAGE_TOO_LARGE: A message of 22 bytes came and was not delivered: maxMessageBytes is 10',
    ]);
    expect(made.socket.state).toBe('connected');
  });
});
