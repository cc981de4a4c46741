/**
 * The edge cases of a resume protocol, by number. 8, 25, 26 and 27 are about numbers of foreign servers: see
 * sequence.test.ts of core.
 */
import { readFileSync } from 'node:fs';
import { ClientSession, type ClientSessionOutlet, Outbox } from '@jetsocket/core/protocol';
import type { Codec, JetSocketError } from '@jetsocket/node';
import { FakeClock, settle as settleAll } from '@jetsocket/testing';
import { expect, it, vi } from 'vitest';
import {
  type Connection,
  createSessions,
  type LogFactory,
  memoryLog,
  type Sessions,
  type Socket,
} from '../src/index.js';
import { bench, play, welcome } from './edge-kit.js';

it('every number has its row', () => {
  const files = ['./edge-cases.test.ts', '../../core/src/delivery/sequence.test.ts'];
  const text = files.map((path) => readFileSync(new URL(path, import.meta.url), 'utf8')).join();
  const rows = [...text.matchAll(/(?:^|\s|\()'(\d+): |\(edge case (\d+)\)/g)];
  const numbers = new Set(rows.map(([, here, there]) => Number(here ?? there)));
  expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: 34 }, (_, n) => n + 1));
});

const none = (): void => undefined;

/** A socket that remembers what it was given. */
function recorder(): { socket: Socket; frames: string[]; closed: number[] } {
  const frames: string[] = [];
  const closed: number[] = [];
  const socket: Socket = {
    send: (data) => void frames.push(String(data)),
    close: (code) => void closed.push(code),
    terminate: none,
    bufferedBytes: 0,
  };
  return { socket, frames, closed };
}

const hello = (n: number, fields: object = {}): string =>
  JSON.stringify({
    jet: 1,
    sid: 'session-of-client-1',
    ok: 1,
    n,
    rx: 0,
    hi: 0,
    win: 256,
    ...fields,
  });

it('1: a half-open socket is taken over, and its late frames count for nothing', async () => {
  const { clock, send, cut, came, sessions, codes } = await bench();
  send('a');
  cut('told', 'silent');
  send('b');
  await clock.advance(1_000);
  expect(came).toEqual(['a', 'b']);
  expect(sessions).toHaveLength(1);
  expect(codes()).not.toContain('SESSION_LOST');
});

it('2: a hello that is older than the last one is refused, and changes nothing', () => {
  const server = createSessions();
  const [newer, stale] = [recorder(), recorder()];
  const first = server.connect(newer.socket, '');
  first.receive(hello(5, { ok: 0 }));
  server.connect(stale.socket, '').receive(hello(4));
  expect(JSON.parse(stale.frames[0] ?? '')).toEqual({
    gone: 'fenced',
    sid: 'session-of-client-1',
    rx: null,
  });
  expect(stale.closed).toEqual([4409]);
  expect(newer.closed).toEqual([]);
  first.receive('1 "still"');
  expect(server.get('session-of-client-1')?.snapshot).toMatchObject({ accepted: 1 });
  void server.close();
});

it('3: an acknowledgement that is lost is said again by the next welcome', async () => {
  const { clock, send, cut, came } = await bench();
  const [delivery] = send('a');
  await clock.advance(15);
  expect(came).toEqual(['a']);
  cut('told', 'told');
  await clock.advance(500);
  expect(delivery?.status).toBe('acknowledged');
  expect(came).toEqual(['a']);
});

it('4: a refusal that says what arrived loses and doubles nothing', async () => {
  const { clock, network, send, cut, came, codes, events } = await bench({}, { ttlMs: 1_000 });
  send('a');
  await clock.advance(15);
  network.isRefusing = true;
  cut('told', 'told');
  send('b');
  await clock.advance(2_000);
  network.isRefusing = false;
  await clock.advance(500);
  expect(came).toEqual(['a', 'b']);
  expect(codes()).toContain('SESSION_LOST');
  expect(codes()).not.toContain('DELIVERY_UNKNOWN');
  expect(events.filter(({ type }) => type === 'gap')).toMatchObject([
    { from: 1, to: null, cause: 'expired' },
  ]);
});

it.each(['drop', 'resend'] as const)(
  '5: a refusal that does not say it names them: %s',
  async (unknownPolicy) => {
    const { clock, network, send, cut, came, events } = await bench({
      replay: { mode: 'session', unknownPolicy },
    });
    network.latencyMs = 200;
    const [a] = send('a');
    await clock.advance(1);
    cut('told', 'told');
    const other = createSessions({ clock });
    const there: unknown[] = [];
    other.on(
      'session',
      (session) => void session.on('message', (message) => void there.push(message)),
    );
    network.server = other;
    const [b] = send('b');
    await clock.advance(3_000);
    expect(came).toEqual([]);
    const errorsOf = (code: string): JetSocketError[] =>
      events.flatMap((event) =>
        event.type === 'error' && event.code === code ? [event.error as JetSocketError] : [],
      );
    const unknown = errorsOf('DELIVERY_UNKNOWN');
    const [lost] = errorsOf('SESSION_LOST');
    if (unknownPolicy === 'drop') {
      expect(unknown[0]?.deliveries).toEqual([a]);
      expect([a?.status, b?.status]).toEqual(['dropped', 'acknowledged']);
      expect(there).toEqual(['b']);
      expect(lost?.deliveries).toEqual([]);
    } else {
      expect(unknown).toEqual([]);
      expect(lost?.deliveries).toEqual([a]);
      expect(there).toEqual(['a', 'b']);
    }
  },
);

it('6: a resume that the server answers by closing, three times, is tried with a new session', async () => {
  let isWell = true;
  const { clock, frames, cut, codes } = await play((frame, socket) => {
    if (!frame.startsWith('{"jet"')) return;
    if (isWell || frame.includes('"ok":0')) socket.send(welcome(frame));
    else socket.close(1000, '');
  });
  isWell = false;
  cut('told', 'told');
  await clock.advance(3_000);
  const names = frames.map(([first = '']) => (JSON.parse(first) as { sid: string }).sid);
  expect(new Set(names.slice(0, 4)).size).toBe(1);
  expect(names[4]).not.toBe(names[0]);
  expect(names).toHaveLength(5);
  expect(codes()).toContain('SESSION_LOST');
});

it.each([1012, 1013, 4408])(
  '6: a server that closes with %s says nothing about the session',
  async (code) => {
    let isWell = true;
    const { clock, frames, cut, codes } = await play((frame, socket) => {
      if (!frame.startsWith('{"jet"')) return;
      if (isWell) socket.send(welcome(frame));
      else socket.close(code, '');
    });
    isWell = false;
    cut('told', 'told');
    await clock.advance(3_000);
    const names = frames.map(([first = '']) => (JSON.parse(first) as { sid: string }).sid);
    expect(names.length).toBeGreaterThan(6);
    expect(new Set(names).size).toBe(1);
    expect(codes()).not.toContain('SESSION_LOST');
  },
);

it.each([
  ['the server has forgotten what it sent', 'one', { hi: 0 }],
  ['the server has forgotten what it took', 'two', { rx: 0, hi: 1 }],
])('7: %s', async (_name, _key, forgotten) => {
  let isFirst = true;
  const { clock, cut, codes, got, frames, send } = await play((frame, socket) => {
    if (/^1[, ]/.test(frame)) socket.send(',1');
    if (!frame.startsWith('{"jet"')) return;
    socket.send(
      welcome(frame, isFirst || frame.includes('"ok":0') ? { hi: isFirst ? 1 : 0 } : forgotten),
    );
    if (isFirst) socket.send('1 "x"');
    isFirst = false;
  });
  send('mine');
  await clock.advance(100);
  cut('told', 'told');
  await clock.advance(1_000);
  expect(got).toEqual(['x']);
  expect(codes()).toContain('SESSION_LOST');
  expect(frames[1]?.filter((frame) => frame.startsWith('{"jet"'))).toHaveLength(2);
});

it('9: of two clients with one session the newer one wins, and the other does not fight', async () => {
  const { clock, server, sessions, codes, socket } = await bench();
  const thief = recorder();
  const id = sessions[0]?.id;
  server.connect(thief.socket, 'client').receive(hello(1_000, { sid: id }));
  await clock.advance(2_000);
  expect(codes()).toContain('SESSION_FENCED');
  expect(socket.state).toBe('connected');
  expect(sessions).toHaveLength(2);
  expect(server.get(id ?? '')?.state).toBe('attached');
  expect(thief.closed).toEqual([]);
});

it('10: what is sent during a replay comes behind it', async () => {
  const { clock, send, cut, came, socket } = await bench();
  cut('told', 'told');
  send(1, 2, 3);
  socket.once('replay_started', () => void send(4));
  socket.once('reconnected', () => void send(5));
  await clock.advance(500);
  expect(came).toEqual([1, 2, 3, 5, 4]);
});

it('11: a replay that is cut short again and again loses nothing', async () => {
  const { clock, send, cut, came } = await bench();
  send(...Array.from({ length: 600 }, (_, index) => index));
  for (let round = 0; round < 20; round++) {
    await clock.advance(135);
    cut('told', 'told');
  }
  await clock.advance(3_000);
  expect(came).toEqual(Array.from({ length: 600 }, (_, index) => index));
});

it('12: what a bound of the server drops is told, exactly', async () => {
  const { clock, cut, got, events, sessions, network } = await bench(
    {},
    { buffer: { capacity: 3 } },
  );
  const overflows: number[] = [];
  sessions[0]?.on('overflow', ({ dropped }) => void overflows.push(dropped));
  network.isRefusing = true;
  cut('told', 'told');
  for (let n = 1; n <= 10; n++) sessions[0]?.send(n);
  network.isRefusing = false;
  await clock.advance(1_000);
  expect(got).toEqual([8, 9, 10]);
  expect(events.filter(({ type }) => type === 'gap')).toMatchObject([
    { from: 1, to: 7, cause: 'overflow' },
  ]);
  expect(overflows).toEqual([7]);
});

it('12: what a bound of the server drops while the client is there is one gap as well', async () => {
  const { clock, got, events, sessions } = await bench({}, { buffer: { capacity: 100 } });
  for (let n = 1; n <= 10_000; n++) sessions[0]?.send(n);
  await clock.advance(1_000);
  const gaps = events.filter((event) => event.type === 'gap');
  expect(gaps).toMatchObject([{ from: 1_025, to: 9_900, cause: 'overflow' }]);
  expect(got).toHaveLength(1_024 + 100);
});

it.each([
  ',5',
  '3 "gap"',
  '0 x',
  '-1 x',
  '1.5 x',
  '9007199254740993 x',
  ',9007199254740993',
  'NaN x',
  '{"skip":-1}',
  '{"skip":1e400}',
  '{"win":"x"}',
  '{"jet":1}',
  '{',
  'x',
  '',
  hello(9),
  `{"bye":"","rx":7}`,
])('13: the server closes with 4400 on %s, and keeps the session', (frame) => {
  const server = createSessions();
  const { socket, closed } = recorder();
  const connection = server.connect(socket, '');
  connection.receive(hello(1, { ok: 0 }));
  server.get('session-of-client-1')?.on('message', none);
  connection.receive(frame);
  expect(closed).toEqual([4400]);
  expect(server.get('session-of-client-1')?.state).toBe('detached');
  connection.receive('1 "late"');
  expect(server.get('session-of-client-1')?.snapshot).toMatchObject({ accepted: 0 });
  void server.close();
});

it('13: a hello of 64 MiB costs a look at its length', () => {
  const server = createSessions();
  const { socket, closed } = recorder();
  server.connect(socket, '').receive(`{"jet":1,"sid":"${'x'.repeat(64 * 1024 * 1024)}"}`);
  expect(closed).toEqual([4400]);
  expect(server.size).toBe(0);
  void server.close();
});

it('13: an answer of 64 MiB costs the client a look at its length', async () => {
  const { socket, events, frames } = await play((_frame, peer) =>
    peer.send(`{"jet":1,"sid":"${'x'.repeat(64 * 1024 * 1024)}"}`),
  );
  expect(socket.state).toBe('failed');
  const [error] = events.flatMap((event) => (event.type === 'error' ? [event] : []));
  expect(error?.code).toBe('SESSION_UNSUPPORTED');
  expect(error?.message.length).toBeLessThan(200);
  expect(frames).toHaveLength(1);
});

it('13: the client tries again once, and gives up when it happens at the same place', async () => {
  const { clock, socket, codes, frames } = await play((frame, peer) => {
    if (!frame.startsWith('{"jet"')) return;
    peer.send(welcome(frame, { hi: 5 }));
    peer.send('3 "gap"');
  });
  await clock.advance(2_000);
  expect(codes()).toEqual(['PROTOCOL_ERROR', 'PROTOCOL_ERROR']);
  expect(socket.state).toBe('failed');
  expect(frames).toHaveLength(2);
});

it('14: a session whose numbers are used up is followed by another one, and nothing is lost', () => {
  const server = createSessions();
  const came: unknown[] = [];
  server.on(
    'session',
    (session) => void session.on('message', (message) => void came.push(message)),
  );
  const outbox = new Outbox({
    capacity: 100,
    maxBytes: 1e6,
    overflowPolicy: 'error',
    awaitsAck: true,
  });
  let ids = 0;
  const up: string[] = [];
  const down: string[] = [];
  const ear: Socket = { ...recorder().socket, send: (data) => void down.push(String(data)) };
  const connection = server.connect(ear, '');
  const flush = (): void => {
    for (let frame = session.next(); frame !== undefined; frame = session.next()) {
      session.advance();
      up.push(String(frame));
    }
  };
  const names = ['payload', 'gap', 'answered', 'ackSoon', 'caughtUp', 'lost', 'fenced'];
  names.push('unsupported', 'broken', 'ended', 'endedByServer');
  const quiet = Object.fromEntries(names.map((name) => [name, vi.fn()]));
  const outlet = {
    ...quiet,
    tell: (frame: string) => void up.push(frame),
    resume: flush,
    welcomed: flush,
  } as unknown as ClientSessionOutlet;
  const newId = (): string => `session-of-client-${++ids}`;
  const config = { window: 4, unknownPolicy: 'drop', newId, maxSeq: 3 } as const;
  const session = new ClientSession(outbox, config, outlet);
  for (let n = 1; n <= 8; n++) outbox.add(String(n));
  session.greet();
  for (let round = 0; round < 100; round++) {
    for (const frame of up.splice(0)) connection.receive(frame);
    for (const frame of down.splice(0)) session.receive(frame);
    // An acknowledgement would come after 200 ms by itself.
    if (session.isLive) session.probe();
  }
  expect(came).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(ids).toBe(3);
  expect(quiet['broken']).not.toHaveBeenCalled();
  void server.close();
});

it('15: close() during a reconnect settles what is open, and a bye ends the session', async () => {
  const { clock, network, socket, send, cut, sessions, server } = await bench();
  const [first] = send('a');
  await clock.advance(300);
  const closed = socket.close(1000, 'done');
  await clock.advance(300);
  await closed;
  expect(first?.status).toBe('acknowledged');
  expect(sessions[0]?.state).toBe('ended');
  expect(server.size).toBe(0);
  void socket.connect();
  await clock.advance(300);
  expect(sessions).toHaveLength(2);
  network.isRefusing = true;
  cut('told', 'told');
  const [second] = send('b');
  await clock.advance(50);
  await socket.close();
  expect(second?.status).toBe('dropped');
});

it.each([1000, 1001, 1011, 4000])(
  '16: a close with %s ends a socket, and not the session',
  async (code) => {
    const { clock, network, sessions, send, came, codes } = await bench();
    const wire = network.wires[0];
    wire?.closeFromServer(code);
    send('a');
    await clock.advance(1_000);
    expect(came).toEqual(['a']);
    expect(sessions).toHaveLength(1);
    expect(codes()).toEqual([]);
  },
);

it('17: a probe is answered at once, also while a handler is busy', () => {
  const server = createSessions();
  const { socket, frames } = recorder();
  const connection = server.connect(socket, '');
  connection.receive(hello(1, { ok: 0 }));
  server.get('session-of-client-1')?.on('message', () => new Promise(none));
  connection.receive('1 "a"');
  connection.receive('2 "b"');
  connection.receive('?');
  expect(frames.slice(1)).toEqual([',0']);
  void server.close();
});

it.each([true, false])(
  '18: a socket that died while the machine slept is found out (monotonic clock on: %s)',
  async (monotonic) => {
    const { clock, cut, send, came, codes } = await bench();
    cut('silent', 'told');
    clock.sleep(60_000, { monotonic });
    send('a');
    await clock.advance(10_000);
    expect(codes()).toContain('PONG_TIMEOUT');
    expect(came).toEqual(['a']);
  },
);

it('19: what was merely handed to a socket counts as nothing', async () => {
  const { clock, cut, send, came } = await bench();
  cut('silent', 'silent');
  const deliveries = send('a', 'b');
  await clock.advance(500);
  expect(deliveries.map(({ status }) => status)).toEqual(['sent', 'sent']);
  await clock.advance(10_000);
  expect(came).toEqual(['a', 'b']);
  expect(deliveries.map(({ status }) => status)).toEqual(['acknowledged', 'acknowledged']);
});

it('20: a message is acknowledged when it was handled, and the next one waits for that', async () => {
  const server = createSessions();
  const { socket, frames } = recorder();
  const connection = server.connect(socket, '');
  connection.receive(hello(1, { ok: 0, win: 4 }));
  const finish: (() => void)[] = [];
  const seen: unknown[] = [];
  server.get('session-of-client-1')?.on('message', (message) => {
    seen.push(message);
    return new Promise<void>((resolve) => finish.push(resolve));
  });
  connection.receive('1 "a"');
  connection.receive('2 "b"');
  connection.receive('?');
  expect([seen, frames.at(-1)]).toEqual([['a'], ',0']);
  finish[0]?.();
  await vi.waitFor(() => expect(seen).toEqual(['a', 'b']));
  connection.receive('?');
  expect(frames.at(-1)).toBe(',1');
  void server.close();
});

it('21: a handler may send, reconnect and close', async () => {
  const { clock, socket, sessions, got, came } = await bench();
  socket.on('message', ({ data }) => {
    socket.send(`re: ${String(data)}`);
    if (data === 2) socket.reconnect();
    if (data === 4) void socket.close();
  });
  for (const n of [1, 2, 3, 4]) sessions[0]?.send(n);
  await clock.advance(2_000);
  expect(got).toEqual([1, 2, 3, 4]);
  expect(came.slice(0, 3)).toEqual(['re: 1', 're: 2', 're: 3']);
  expect(socket.state).toBe('closed');
});

it('22: a message that cannot be encoded leaves no hole', async () => {
  const { clock, socket, send, came } = await bench();
  send(1);
  expect(() => socket.send(1n)).toThrow(expect.objectContaining({ code: 'NOT_SERIALIZABLE' }));
  send(2);
  await clock.advance(100);
  expect(came).toEqual([1, 2]);
});

it('23: a message that cannot be decoded counts as taken: it does not come again', async () => {
  const { clock, got, codes, cut } = await play((frame, socket) => {
    if (!frame.startsWith('{"jet"')) return;
    const { rx } = JSON.parse(frame) as { rx: number };
    socket.send(welcome(frame, { hi: 3 }));
    for (const n of [1, 2, 3]) if (n > rx) socket.send(n === 2 ? '2 {broken' : `${n} ${n}`);
  });
  cut('told', 'told');
  await clock.advance(1_000);
  expect(got).toEqual([1, 3]);
  expect(codes().filter((code) => code === 'UNDECODABLE')).toHaveLength(1);
});

it('24: a token that expired does not cost the session', async () => {
  const { clock, network, socket, server, sessions, send, cut, came } = await bench();
  const refuse = {
    connect: (peer: Socket) => {
      peer.close(4401, 'token expired');
      return { receive: none, closed: none };
    },
  };
  network.server = refuse as never;
  cut('told', 'told');
  send('a');
  await clock.advance(500);
  expect(socket.state).toBe('failed');
  network.server = server;
  void socket.connect();
  await clock.advance(500);
  expect(came).toEqual(['a']);
  expect(sessions).toHaveLength(1);
});

it('28: messages without a number are not kept, and disturb no numbers', async () => {
  const { clock, sessions, got, events, network, cut } = await bench();
  const session = sessions[0];
  session?.send('a');
  session?.send('typing', { volatile: true });
  session?.send('b');
  await clock.advance(50);
  network.isRefusing = true;
  cut('told', 'told');
  await clock.advance(50);
  expect(session?.send('lost', { volatile: true }).status).toBe('dropped');
  network.isRefusing = false;
  await clock.advance(1_000);
  expect(got).toEqual(['a', 'typing', 'b']);
  expect(events.flatMap((event) => (event.type === 'message' ? [event.sequence_id] : []))).toEqual([
    1,
    null,
    2,
  ]);
});

it('29: acknowledgements come by the quarter of a window, or after 200 ms, and are no storm', async () => {
  const { clock, frames } = await play((frame, socket) => {
    if (!frame.startsWith('{"jet"')) return;
    socket.send(welcome(frame, { hi: 0 }));
    for (let n = 1; n <= 520; n++) socket.send(`${n} ${n}`);
  });
  const acks = (): string[] => (frames[0] ?? []).filter((frame) => frame.startsWith(','));
  expect(acks()).toEqual([',256', ',512']);
  await clock.advance(200);
  expect(acks()).toEqual([',256', ',512', ',520']);
});

it('30: a server that does not acknowledge is sent no more than its window', async () => {
  const { clock, frames, send } = await play(
    (frame, socket) => {
      if (frame.startsWith('{"jet"')) socket.send(welcome(frame, { win: 10 }));
    },
    { heartbeat: false },
  );
  send(...Array.from({ length: 50 }, (_, index) => index));
  await clock.advance(1_000);
  expect(frames[0]?.filter((frame) => /^\d/.test(frame))).toHaveLength(10);
});

it('31: a page that was frozen says no bye, and goes on where it was', async () => {
  const { clock, cut, sessions, got, events } = await bench();
  cut('told', 'told');
  sessions[0]?.send('while away');
  clock.sleep(30_000);
  await clock.advance(1_000);
  expect(got).toEqual(['while away']);
  expect(sessions).toHaveLength(1);
  expect(events.filter(({ type }) => type === 'message').at(-1)).toMatchObject({ replayed: true });
});

it.each([
  'hello',
  '{"jet":1',
  ',0',
  '1 "data"',
  '{"gone":"unknown","sid":"somebody-elses-session","rx":null}',
])(
  '32: a server that answers the hello with %s is none of ours, and is sent nothing',
  async (answer) => {
    const { clock, socket, codes, frames, send } = await play((_frame, peer) => peer.send(answer));
    await clock.advance(1_000);
    expect(codes()).toEqual(['SESSION_UNSUPPORTED']);
    expect(socket.state).toBe('failed');
    expect(() => send('secret')).toThrow(expect.objectContaining({ code: 'CLOSED' }));
    expect(frames).toEqual([[expect.stringMatching(/^\{"jet":1/)]]);
  },
);

it('33: a new connection that opens before the old one is gone takes over without a hole', async () => {
  const { clock, socket, send, came, got, sessions } = await bench();
  for (let round = 0; round < 5; round++) {
    send(round);
    sessions[0]?.send(round);
    socket.reconnect();
    await clock.advance(37);
  }
  await clock.advance(1_000);
  expect(came).toEqual([0, 1, 2, 3, 4]);
  expect(got).toEqual([0, 1, 2, 3, 4]);
});

it('34: a server that opens every socket and refuses every session is not stormed', async () => {
  const { clock, frames } = await play(
    (frame, socket) => {
      const { sid } = JSON.parse(frame) as { sid: string };
      socket.send(JSON.stringify({ gone: 'unknown', sid, rx: null }));
    },
    { backoff: { baseMs: 100, capMs: 10_000, jitter: false } },
  );
  await clock.advance(10_000);
  expect(frames.length).toBeLessThan(10);
  for (const one of frames) expect(one.length).toBeLessThan(6);
});

/** A codec whose promises the test settles. */
function slowCodec(): {
  readonly codec: Codec<unknown, unknown>;
  readonly settle: (way: 'out' | 'in', message: unknown, error?: Error) => Promise<void>;
} {
  const waiting = new Map<string, (error?: Error) => void>();
  const wait = <Value>(key: string, value: Value): Promise<Value> =>
    new Promise((resolve, reject) => {
      waiting.set(key, (error) => {
        if (error === undefined) resolve(value);
        else reject(error);
      });
    });
  return {
    codec: {
      encode: (message) => wait(`out ${JSON.stringify(message)}`, JSON.stringify(message)),
      decode: (data) => wait(`in ${String(data)}`, JSON.parse(String(data)) as unknown),
    },
    settle: async (way, message, error) => {
      waiting.get(`${way} ${JSON.stringify(message)}`)?.(error);
      await settleAll();
    },
  };
}

it('20: a message whose codec takes its time is acknowledged when it was handled, and not before', async () => {
  const { codec, settle } = slowCodec();
  const { clock, sessions, got } = await bench({ codec });
  const [first, second] = [1, 2].map((message) => sessions[0]?.send(message));
  await clock.advance(500);
  await settle('in', 2);
  await clock.advance(500);
  expect([got, first?.status, second?.status]).toEqual([[], 'sent', 'sent']);
  await settle('in', 1);
  await clock.advance(500);
  expect(got).toEqual([1, 2]);
  expect([first?.status, second?.status]).toEqual(['acknowledged', 'acknowledged']);
});

it('20: what was taken in before an outage and handled after it comes once, and more than a window follows', async () => {
  const { codec, settle } = slowCodec();
  const { clock, sessions, got, cut, codes } = await bench({
    codec,
    replay: { mode: 'session', window: 4 },
    codecTimeoutMs: 60_000,
  });
  const numbers = Array.from({ length: 12 }, (_, index) => index + 1);
  for (const number of numbers) sessions[0]?.send(number);
  await clock.advance(100);
  cut('told', 'told');
  await clock.advance(1_000);
  expect(got).toEqual([]);
  for (let round = 0; round < 4; round++) {
    for (const number of numbers) await settle('in', number);
    await clock.advance(500);
  }
  expect(got).toEqual(numbers);
  expect(codes().filter((code) => code === 'PROTOCOL_ERROR')).toEqual([]);
});

it('20: a message of a session that is lost is delivered, and acknowledges nothing in the next one', async () => {
  const { codec, settle } = slowCodec();
  const { clock, sessions, got, cut, network, events } = await bench({ codec }, { ttlMs: 1_000 });
  sessions[0]?.send('old');
  await clock.advance(100);
  network.isRefusing = true;
  cut('told', 'told');
  await clock.advance(3_000);
  network.isRefusing = false;
  await clock.advance(500);
  const fresh = sessions[1]?.send('new');
  await clock.advance(100);
  await settle('in', 'old');
  await clock.advance(500);
  expect([got, fresh?.status]).toEqual([['old'], 'sent']);
  await settle('in', 'new');
  await clock.advance(500);
  expect([got, fresh?.status]).toEqual([['old', 'new'], 'acknowledged']);
  const order = events
    .map(({ type }) => type)
    .filter((type) => type === 'message' || type === 'gap');
  expect(order).toEqual(['message', 'gap', 'message']);
});

it('22: a message whose codec rejects in the middle of a burst leaves no hole in the numbers', async () => {
  const { codec, settle } = slowCodec();
  const { clock, send, came, codes, cut } = await bench({ codec });
  const deliveries = send(1, 2, 3, 4);
  await settle('out', 4);
  await settle('out', 1);
  await settle('out', 3, new Error('no'));
  await clock.advance(100);
  expect(came).toEqual([1]);
  cut('told', 'told');
  await clock.advance(1_000);
  await settle('out', 2);
  await clock.advance(1_000);
  expect(came).toEqual([1, 2, 4]);
  expect(deliveries.map(({ status }) => status)).toEqual([
    'acknowledged',
    'acknowledged',
    'dropped',
    'acknowledged',
  ]);
  expect(codes()).toEqual(['NOT_SERIALIZABLE', 'CONNECTION_LOST']);
});

it('23: a message whose decoding rejects or hangs counts as taken: it does not come again', async () => {
  const { codec, settle } = slowCodec();
  const { clock, sessions, got, cut, codes } = await bench({ codec, codecTimeoutMs: 300 });
  const deliveries = [1, 2, 3].map((message) => sessions[0]?.send(message));
  await clock.advance(50);
  await settle('in', 1, new Error('poison'));
  await settle('in', 3);
  await clock.advance(1_000);
  expect(got).toEqual([3]);
  expect(deliveries.map((one) => one?.status)).toEqual(Array(3).fill('acknowledged'));
  cut('told', 'told');
  await clock.advance(1_000);
  expect(got).toEqual([3]);
  expect(codes()).toEqual(['UNDECODABLE', 'UNDECODABLE', 'CONNECTION_LOST']);
});

it('28: volatile messages have no number, and are dropped without a connection', async () => {
  const { clock, socket, send, came, cut } = await bench();
  send(1);
  const sent = socket.send('v', { volatile: true });
  send(2);
  cut('told', 'told');
  await clock.advance(1);
  const dropped = socket.send('lost', { volatile: true });
  send(3);
  await clock.advance(2_000);
  expect(came.filter((one) => one !== 'v')).toEqual([1, 2, 3]);
  expect([sent.status, dropped.status]).toEqual(['sent', 'dropped']);
});

it('terms: what expires or is replaced before it has a number leaves no hole', async () => {
  const { clock, socket, send, came, cut } = await bench();
  send(1);
  await clock.advance(50);
  cut('told', 'told');
  await clock.advance(1);
  send(2);
  const expired = socket.send('old', { ttlMs: 20 });
  const replaced = socket.send('a', { key: 'k' });
  send(3);
  socket.send('b', { key: 'k' });
  await clock.advance(2_000);
  expect(came).toEqual([1, 2, 'b', 3]);
  expect([expired.status, replaced.status]).toEqual(['dropped', 'dropped']);
});

it('a schema of a promise: acknowledged when it was looked at', async () => {
  const looked: (() => void)[] = [];
  const { clock, sessions, got } = await bench({
    schema: {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value) => new Promise((resolve) => looked.push(() => resolve({ value }))),
      },
    },
  });
  const delivery = sessions[0]?.send(1);
  await clock.advance(500);
  expect([got, delivery?.status]).toEqual([[], 'sent']);
  looked[0]?.();
  await settleAll();
  await clock.advance(500);
  expect([got, delivery?.status]).toEqual([[1], 'acknowledged']);
});

it('record() tells where the session stands, and not its name', async () => {
  const lines: unknown[] = [];
  const tell = (...line: unknown[]): void => void lines.push(line);
  const logger = { debug: tell, info: tell, warn: tell, error: tell };
  const { clock, socket, send, sessions, cut } = await bench({ logger });
  send(1);
  await clock.advance(500);
  const { session, replayMode } = socket.record();
  expect(replayMode).toBe('session');
  expect(session).toMatchObject({ place: 'live', acked: 1, highest: 1 });
  cut('told', 'told');
  await clock.advance(500);
  const sid = sessions[0]?.id ?? '';
  expect(sid.length).toBeGreaterThan(10);
  expect(lines.length).toBeGreaterThan(4);
  // Who knows it may take it over.
  expect(JSON.stringify([lines, socket.record(), socket.stats()])).not.toContain(sid);
});

it('readiness: a session is resumed at once, and its messages wait for ready() on every connection', async () => {
  const { clock, socket, send, came, cut, sessions } = await bench({ holdUntilReady: true });
  socket.on('connected', () => socket.send('login', { early: true }));
  socket.greet((say) => void say('hello'));
  const [first] = send(1);
  await clock.advance(500);
  expect(came).toEqual([]);
  socket.ready();
  await clock.advance(500);
  // A greeting is a message of the session there, behind what was sent before.
  expect([came, first?.status]).toEqual([[1, 'hello'], 'acknowledged']);
  const theirs = sessions[0]?.send('news');
  cut('told', 'told');
  await clock.advance(1);
  send(2);
  await clock.advance(1_000);
  // What comes is not held up, nor are acknowledgements.
  expect([came.slice(2), theirs?.status]).toEqual([['login'], 'acknowledged']);
  socket.ready();
  await clock.advance(500);
  // The session was greeted already.
  expect(came.slice(2)).toEqual(['login', 2]);
  expect(sessions).toHaveLength(1);
});

it.each([true, false])(
  'readiness: a connection on which a session moves is logged in to as well, the old one closed by the server: %s',
  async (closes) => {
    let old: Socket | undefined;
    const { clock, socket, frames, send } = await play(
      (frame, on, index) => {
        if (!frame.startsWith('{"jet"')) return;
        on.send(welcome(frame));
        if (index === 0) old = on;
        else if (closes) old?.close(4409, 'moved');
      },
      { holdUntilReady: true, maxConnectionAgeMs: 60_000, heartbeat: false },
    );
    let logins = 0;
    socket.on('connected', () => socket.send(`login ${++logins}`, { early: true }));
    socket.ready();
    await clock.advance(59_900);
    expect([socket.stats().connections, logins]).toEqual([2, 1]);
    send(1);
    await clock.advance(100);
    expect(frames[1]?.slice(1)).toEqual([' "login 1"']);
    socket.ready();
    await clock.advance(100);
    expect(frames[1]?.slice(1)).toEqual([' "login 1"', '1 1']);
  },
);

it('11: a replay is complete when what it brought is handled, not when it was taken in', async () => {
  const { codec, settle } = slowCodec();
  const { clock, sessions, cut, events } = await bench({ codec, codecTimeoutMs: 60_000 });
  sessions[0]?.send('held up');
  await clock.advance(100);
  cut('told', 'told');
  await clock.advance(1_000);
  const order = (): readonly string[] =>
    events
      .map(({ type }) => type)
      .filter((type) => type === 'message' || type.startsWith('replay'));
  expect(order()).toEqual(['replay_started']);
  await settle('in', 'held up');
  await clock.advance(100);
  expect(order()).toEqual(['replay_started', 'message', 'replay_completed']);
});

it('11: a client that comes back while the log is asked loses nothing that was sent between two hellos', async () => {
  const { clock, server, log, connect } = slowLog();
  const [first, second] = [connect(), connect()];
  first.connection.receive(hello(1, { ok: 0 }));
  second.connection.receive(hello(2, { ok: 0 }));
  await log.answer();
  const ends: unknown[] = [];
  const session = server.get('session-of-client-1');
  session?.on('end', (end) => void ends.push(end));
  session?.send('between');
  for (let count = 0; count < 5; count++) await log.answer();
  await clock.advance(1_000);
  expect(ends).toEqual([]);
  expect(server.get('session-of-client-1')).toBe(session);
  expect(second.frames.slice(1)).toEqual(['1 "between"']);
  void server.close();
});

it('33: a hello on the next connection may be overtaken by messages on the old one', async () => {
  const { clock, network, socket, send, came, cut, codes, sessions } = await bench({
    maxConnectionAgeMs: 10_000,
    heartbeat: false,
  });
  // Ages are spread: the other socket is open, and its hello on a slow way, when its wire is there.
  while (network.wires.length < 2) await clock.advance(1);
  await clock.advance(18);
  network.latencyMs = 500;
  await clock.advance(4);
  network.latencyMs = 1;
  send(1, 2, 3);
  await clock.advance(5);
  expect(came).toEqual([1, 2, 3]);
  network.wires[0]?.cut('told', 'told');
  await clock.advance(1_000);
  expect(socket.stats().connections).toBe(2);
  cut('told', 'told');
  await clock.advance(1_000);
  expect(codes()).not.toContain('SESSION_LOST');
  expect(sessions).toHaveLength(1);
});

it('expiry: a session does not expire while a hello of its client is judged', async () => {
  const { clock, server, log, connect } = slowLog();
  const first = connect();
  first.connection.receive(hello(1, { ok: 0 }));
  await log.answer();
  const ends: unknown[] = [];
  const session = server.get('session-of-client-1');
  session?.on('end', ({ reason }) => void ends.push(reason));
  first.connection.closed();
  await clock.advance(59_999);
  const second = connect();
  second.connection.receive(hello(2));
  await clock.advance(1);
  await log.answer();
  expect([ends, session?.state]).toEqual([[], 'attached']);
  expect(second.closed).toEqual([]);
  // One that is refused, or whose socket is gone meanwhile, holds it no longer than that.
  second.connection.closed();
  await clock.advance(30_000);
  const stale = connect();
  stale.connection.receive(hello(1));
  await log.answer();
  expect(stale.closed).toEqual([4409]);
  await clock.advance(60_000);
  // Nor before the log has said that it did not go on elsewhere.
  expect(ends).toEqual([]);
  await log.answer();
  expect(ends).toEqual(['expired']);
  void server.close();
});

/** A server whose log answers when it is told to, one question at a time. */
function slowLog(): {
  readonly clock: FakeClock;
  readonly server: Sessions;
  readonly log: { readonly answer: () => Promise<void> };
  readonly connect: () => {
    readonly connection: Connection;
    readonly frames: string[];
    readonly closed: number[];
  };
} {
  const clock = new FakeClock();
  const questions: (() => void)[] = [];
  const later = <Answer>(ask: () => Answer): Promise<Awaited<Answer>> =>
    new Promise((resolve) => {
      questions.push(() => resolve(ask() as Awaited<Answer>));
    });
  const factory: LogFactory = (limits, now) => {
    const inner = memoryLog()(limits, now);
    return {
      claim: (claim) => later(() => inner.claim(claim)),
      write: (sid, n, change) => later(() => inner.write(sid, n, change)),
      end: (sid, n, why, rx) => inner.end(sid, n, why, rx),
      renew: (sids) => inner.renew(sids),
      close: () => inner.close(),
    };
  };
  const server = createSessions({ clock, log: factory, ttlMs: 60_000 });
  return {
    clock,
    server,
    log: {
      answer: async () => {
        questions.shift()?.();
        await settleAll();
      },
    },
    connect: () => {
      const { socket, frames, closed } = recorder();
      return { connection: server.connect(socket, ''), frames, closed };
    },
  };
}
