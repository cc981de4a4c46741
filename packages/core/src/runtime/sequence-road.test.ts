import { FakeClock, FakeTransport } from '@jetsocket/testing';
import { describe, expect, it, vi } from 'vitest';
import type { JetSocketEvent } from '../events.js';
import { JetSocket } from '../jet-socket.js';
import type { Options } from '../options.js';
import type { SequenceOptions } from '../replay-options.js';

interface Message {
  readonly id?: number;
  readonly op?: string;
}

/** A client in mode `sequence_id`, and the server's end of its newest link. */
async function bench(
  replay: Partial<SequenceOptions<Message, unknown>>,
  { clock = new FakeClock(), ...options }: Options<Message, unknown> & { clock?: FakeClock } = {},
  url: ConstructorParameters<typeof JetSocket<Message, unknown>>[0] = 'ws://server/ws',
) {
  const transport = new FakeTransport({ clock });
  const socket = new JetSocket<Message, unknown>(url, {
    transport,
    clock,
    random: () => 0.5,
    backoff: { baseMs: 10, capMs: 10, jitter: false },
    replay: { mode: 'sequence_id', sequenceOf: ({ id }) => id, ...replay },
    ...options,
  });
  const events: JetSocketEvent<Message>[] = [];
  socket.on('*', (event) => void events.push(event));
  void socket.connect();
  await clock.advance(100);
  const deliver = async (...ids: number[]): Promise<void> => {
    for (const id of ids) transport.links.at(-1)?.deliver(JSON.stringify({ id }));
    await clock.advance(50);
  };
  const reconnect = async (): Promise<void> => {
    transport.links.at(-1)?.cut();
    await clock.advance(200);
  };
  const sent = (): unknown[] =>
    (transport.links.at(-1)?.received ?? []).map((data) => JSON.parse(String(data)) as unknown);
  const names = (): string[] =>
    events
      .map(({ type }) => type)
      .filter((type) => type !== 'state_change' && type !== 'connecting');
  return { clock, transport, socket, events, deliver, reconnect, sent, names };
}

describe('replay.requestReplay', () => {
  it('is sent before all that waits, and not without a position', async () => {
    const asked: unknown[] = [];
    const { socket, deliver, reconnect, sent, events } = await bench({
      requestReplay: (lastId, { epoch, attempt }) => {
        asked.push([lastId, epoch, attempt]);
        return { from: lastId };
      },
    });
    expect(asked).toEqual([]);
    await deliver(1, 2);
    socket.once('disconnected', () => void socket.send('waits'));
    await reconnect();
    expect(asked).toEqual([[2, undefined, 1]]);
    expect(sent()).toEqual([{ from: 2 }, 'waits']);
    expect(events.find(({ type }) => type === 'replay_started')).toMatchObject({
      last_sequence_id: 2,
      message_count: 1,
    });
  });

  it('asks at the first connection too, where it is told to start', async () => {
    const { sent, names } = await bench({
      startAt: 7,
      requestReplay: (lastId) => ({ from: lastId }),
    });
    expect(sent()).toEqual([{ from: 7 }]);
    expect(names()).not.toContain('replay_started');
  });

  it('ends the replay when its promise has resolved', async () => {
    let finish: () => void = () => undefined;
    const { clock, deliver, reconnect, names, events } = await bench({
      order: 'dense',
      requestReplay: (_lastId, { send }) => {
        send({ op: 'resume' });
        return new Promise<void>((resolve) => (finish = resolve));
      },
    });
    await deliver(1);
    await reconnect();
    await deliver(2, 3);
    expect(names()).not.toContain('replay_completed');
    finish();
    await clock.advance(0);
    expect(events.find(({ type }) => type === 'replay_completed')).toMatchObject({
      replayed_count: 2,
      continuity: 'verified',
    });
  });

  it('ends the replay at the marker, where there is one', async () => {
    const { clock, transport, deliver, reconnect, events } = await bench({
      requestReplay: () => ({ op: 'resume' }),
      isReplayEnd: ({ op }) => op === 'live',
    });
    await deliver(1);
    await reconnect();
    await deliver(2);
    expect(events.some(({ type }) => type === 'replay_completed')).toBe(false);
    transport.links.at(-1)?.deliver('{"op":"live"}');
    await clock.advance(50);
    await deliver(3);
    expect(events.find(({ type }) => type === 'replay_completed')).toMatchObject({
      replayed_count: 1,
      continuity: 'unverified',
    });
    const replayed = events.flatMap((event) =>
      event.type === 'message' ? [[event.sequence_id, event.replayed]] : [],
    );
    expect(replayed).toEqual([
      [1, false],
      [2, true],
      [null, false],
      [3, false],
    ]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
    ['returns what cannot be encoded', () => 1n],
  ])('that %s is told, and ends the replay', async (_name, requestReplay) => {
    const { deliver, reconnect, events, names } = await bench({ requestReplay });
    await deliver(1);
    await reconnect();
    expect(events.find(({ type }) => type === 'error')).toBeDefined();
    expect(events.flatMap((event) => (event.type === 'error' ? [event.code] : []))).toContain(
      'HOOK_FAILED',
    );
    expect(names()).toContain('replay_completed');
    await deliver(2);
    expect(events.at(-1)).toMatchObject({ type: 'message', sequence_id: 2 });
  });

  it('that hangs is given up with its connection', async () => {
    const aborted = vi.fn();
    const { deliver, reconnect, names } = await bench({
      requestReplay: (_lastId, { signal }) => {
        (
          signal as unknown as { addEventListener: (type: string, run: () => void) => void }
        ).addEventListener('abort', aborted);
        return new Promise<void>(() => undefined);
      },
    });
    await deliver(1);
    await reconnect();
    expect(aborted).not.toHaveBeenCalled();
    await reconnect();
    expect(aborted).toHaveBeenCalledOnce();
    expect(names()).not.toContain('replay_completed');
  });
});

it('a URL that is a function is told the position', async () => {
  const clock = new FakeClock();
  const transport = new FakeTransport({ clock });
  const socket = new JetSocket<Message>(
    ({ lastSequenceId, epoch }) =>
      `ws://server/ws?after=${String(lastSequenceId)}&epoch=${String(epoch)}`,
    {
      transport,
      clock,
      backoff: { baseMs: 10, jitter: false },
      replay: {
        mode: 'sequence_id',
        sequenceOf: ({ id }) => ({ id: BigInt(id ?? 0), epoch: 'e' }),
      },
    },
  );
  void socket.connect();
  await clock.advance(100);
  transport.links.at(-1)?.deliver('{"id":7}');
  await clock.advance(50);
  transport.links.at(-1)?.cut();
  await clock.advance(200);
  expect(transport.links.map(({ request }) => request.url)).toEqual([
    'ws://server/ws?after=undefined&epoch=undefined',
    'ws://server/ws?after=7&epoch=e',
  ]);
});

it('a hole is a gap when it stays open for gapTimeoutMs, and not before', async () => {
  const { clock, deliver, events } = await bench({ contiguous: true, gapTimeoutMs: 1_000 });
  await deliver(1, 4);
  await clock.advance(900);
  expect(events.some(({ type }) => type === 'gap')).toBe(false);
  await clock.advance(100);
  expect(events.slice(-2)).toMatchObject([
    { type: 'gap', from: 2, to: 3, cause: 'timeout' },
    { type: 'message', sequence_id: 4 },
  ]);
});

describe('a replay that does not end', () => {
  it.each([
    [
      'the marker does not come',
      { isReplayEnd: ({ op }: Message) => op === 'live' },
      'isReplayEnd has found no end',
    ],
    [
      'the request hangs',
      { requestReplay: () => new Promise<void>(() => undefined) },
      'requestReplay has not settled',
    ],
  ])('is told as completed and unverified after timeoutMs: %s', async (_name, replay, why) => {
    const { clock, deliver, reconnect, events } = await bench({
      ...replay,
      order: 'dense',
      timeoutMs: 8_000,
    });
    await deliver(1);
    await reconnect();
    await deliver(2);
    await clock.advance(7_500);
    expect(events.some(({ type }) => type === 'replay_completed')).toBe(false);
    await clock.advance(500);
    expect(events.slice(-2)).toMatchObject([
      { type: 'error', code: 'REPLAY_TIMEOUT', fatal: false },
      { type: 'replay_completed', replayed_count: 1, continuity: 'unverified' },
    ]);
    expect(events.at(-2)).toHaveProperty(
      'message',
      `The replay takes longer than 8000 ms: replay.${why}`,
    );
    await deliver(3);
    expect(events.at(-1)).toMatchObject({ type: 'message', sequence_id: 3, replayed: false });
  });

  it('is not waited for once it has ended, nor when the connection is gone', async () => {
    const { clock, transport, deliver, reconnect, events } = await bench({
      isReplayEnd: ({ op }) => op === 'live',
      timeoutMs: 8_000,
    });
    await deliver(1);
    await reconnect();
    transport.links.at(-1)?.deliver('{"op":"live"}');
    await clock.advance(20_000);
    await reconnect();
    await clock.advance(7_000);
    await reconnect();
    await clock.advance(7_000);
    const codes = events.flatMap((event) => (event.type === 'error' ? [event.code] : []));
    expect(codes).not.toContain('REPLAY_TIMEOUT');
  });
});

describe('a replay that is awaited', () => {
  it('may take longer than a hole stays open, while its marker is to come', async () => {
    const { clock, transport, deliver, reconnect, events } = await bench({
      order: 'dense',
      isReplayEnd: ({ op }) => op === 'live',
      gapTimeoutMs: 1_000,
    });
    await deliver(1);
    await reconnect();
    await deliver(4);
    await clock.advance(10_000);
    await deliver(2, 3);
    transport.links.at(-1)?.deliver('{"op":"live"}');
    await deliver(5);
    const ids = events.flatMap((event) =>
      event.type === 'message' && event.sequence_id !== null ? [event.sequence_id] : [],
    );
    expect(ids).toEqual([1, 2, 3, 4, 5]);
    expect(events.some(({ type }) => type === 'gap')).toBe(false);
  });

  it('is waited for from when the request has settled, where there is no marker', async () => {
    let finish: () => void = () => undefined;
    const { clock, deliver, reconnect, events } = await bench({
      order: 'dense',
      gapTimeoutMs: 1_000,
      requestReplay: () => new Promise<void>((resolve) => (finish = resolve)),
    });
    await deliver(1);
    await reconnect();
    await deliver(3);
    await clock.advance(5_000);
    finish();
    await clock.advance(900);
    expect(events.some(({ type }) => type === 'gap')).toBe(false);
    await clock.advance(100);
    expect(events.at(-2)).toMatchObject({ type: 'gap', from: 2, to: 2, cause: 'timeout' });
  });

  it('is given up at the first connection too, and no event is completed by it', async () => {
    const { clock, names } = await bench({
      startAt: 7,
      isReplayEnd: ({ op }) => op === 'live',
      timeoutMs: 8_000,
    });
    await clock.advance(8_000);
    expect(names()).toEqual(['connected', 'error']);
  });

  it('proves nothing where the request for it has failed', async () => {
    const { clock, transport, deliver, reconnect, events } = await bench({
      order: 'dense',
      isReplayEnd: ({ op }) => op === 'live',
      requestReplay: () => Promise.reject(new Error('no')),
    });
    await deliver(1);
    await reconnect();
    transport.links.at(-1)?.deliver('{"op":"live"}');
    await clock.advance(50);
    expect(events.at(-1)).toMatchObject({ type: 'replay_completed', continuity: 'unverified' });
  });

  it('is asked for from before what comes until the client is ready', async () => {
    const { clock, socket, deliver, reconnect, sent } = await bench(
      { order: 'monotonic', requestReplay: (lastId) => ({ from: lastId }) },
      { holdUntilReady: true },
    );
    socket.ready();
    await deliver(1, 2);
    await reconnect();
    await deliver(10);
    socket.ready();
    await clock.advance(50);
    expect(sent()).toEqual([{ from: 2 }]);
  });
});

describe('continuity of dense numbers', () => {
  it.each([
    ['the request fails', () => Promise.reject(new Error('no')), [1], 'unverified'],
    ['nothing numbered had come', () => ({ op: 'resume' }), [], 'unverified'],
    ['it was asked for', () => ({ op: 'resume' }), [1], 'verified'],
  ])('when %s', async (_name, requestReplay, ids, continuity) => {
    const { deliver, reconnect, events } = await bench({ order: 'dense', requestReplay });
    await deliver(...ids);
    await reconnect();
    expect(events.find(({ type }) => type === 'replay_completed')).toMatchObject({ continuity });
  });
});

describe('what is held back behind a hole', () => {
  const gap = { type: 'gap', from: 2, to: 4, cause: 'closed' };

  it('is told of when the server gives the client up, and comes when it is let in again', async () => {
    const { clock, transport, socket, deliver, events } = await bench({
      order: 'dense',
      requestReplay: (lastId) => ({ from: lastId }),
    });
    await deliver(1, 4, 3);
    transport.links.at(-1)?.closeFromServer(4403, 'no');
    await clock.advance(100);
    expect(events.slice(-2)).toMatchObject([gap, { type: 'closed', code: 4403 }]);
    void socket.connect();
    await clock.advance(100);
    await deliver(2, 3, 4);
    expect(events.slice(-3)).toMatchObject([
      { sequence_id: 2 },
      { sequence_id: 3 },
      { sequence_id: 4 },
    ]);
  });

  it.each(['connected', 'backing_off'])(
    'is told of when the user closes while %s',
    async (state) => {
      const { clock, transport, socket, deliver, events } = await bench(
        { order: 'dense' },
        { backoff: { baseMs: 60_000, jitter: false } },
      );
      await deliver(1, 4);
      if (state === 'backing_off') transport.links.at(-1)?.cut();
      await clock.advance(10);
      expect(socket.state).toBe(state);
      void socket.close();
      await clock.advance(1_000);
      expect(events.filter(({ type }) => type === 'gap')).toMatchObject([gap]);
      expect(events.at(-1)).toMatchObject({ type: 'closed' });
      expect(events.filter(({ type }) => type === 'message')).toHaveLength(1);
    },
  );
});

describe('what a timer tells', () => {
  it.each(['reconnect', 'close'] as const)(
    'is told to its end, when a handler of its gap calls %s()',
    async (order) => {
      const { clock, socket, deliver, events } = await bench({
        order: 'dense',
        gapTimeoutMs: 1_000,
      });
      await deliver(1, 3, 4);
      socket.once('gap', () => void socket[order]());
      await clock.advance(1_000);
      const types = events.map((event) =>
        event.type === 'message' ? event.sequence_id : event.type,
      );
      const from = types.indexOf('gap');
      expect(types.slice(from, from + 3)).toEqual(['gap', 3, 4]);
    },
  );

  it('of a request that takes too long gives it up: what it returns later is not sent', async () => {
    let finish: (message: unknown) => void = () => undefined;
    let isAborted: () => boolean = () => false;
    const { clock, deliver, reconnect, sent, names } = await bench({
      timeoutMs: 2_000,
      requestReplay: (_lastId, { signal }) => {
        isAborted = () => signal.aborted;
        return new Promise((resolve) => (finish = resolve));
      },
    });
    await deliver(1);
    await reconnect();
    expect(isAborted()).toBe(false);
    await clock.advance(2_000);
    expect(isAborted()).toBe(true);
    finish({ op: 'resume' });
    await clock.advance(10);
    expect(sent()).toEqual([]);
    expect(names().slice(-2)).toEqual(['error', 'replay_completed']);
  });
});

describe('a replay that the URL asks for, while the client is not ready', () => {
  it('is one from the start, and has its end and its time', async () => {
    const { clock, transport, socket, deliver, reconnect, events } = await bench(
      { order: 'dense', isReplayEnd: ({ op }) => op === 'live', timeoutMs: 5_000 },
      { holdUntilReady: true },
    );
    socket.ready();
    await deliver(1);
    await reconnect();
    await deliver(4);
    await clock.advance(4_000);
    await deliver(2);
    transport.links.at(-1)?.deliver('{"op":"live"}');
    await clock.advance(10_000);
    expect(events.filter(({ type }) => type === 'gap')).toMatchObject([
      { from: 3, to: 3, cause: 'not_replayed' },
    ]);
    socket.ready();
    await clock.advance(10);
    expect(events.slice(-2)).toMatchObject([
      { type: 'replay_started' },
      { type: 'replay_completed', continuity: 'verified' },
    ]);
    expect(events.filter((event) => 'code' in event && event.code === 'REPLAY_TIMEOUT')).toEqual(
      [],
    );
  });

  it('is told of when its end does not come, and proves nothing', async () => {
    const { clock, socket, deliver, reconnect, events } = await bench(
      { order: 'dense', isReplayEnd: ({ op }) => op === 'live', timeoutMs: 5_000 },
      { holdUntilReady: true },
    );
    socket.ready();
    await deliver(1);
    await reconnect();
    await clock.advance(5_000);
    expect(events.at(-1)).toMatchObject({ type: 'error', code: 'REPLAY_TIMEOUT' });
    socket.ready();
    await clock.advance(10);
    expect(events.at(-1)).toMatchObject({ type: 'replay_completed', continuity: 'unverified' });
  });
});

/** A schema whose answers take their time. */
const slow = (clock: FakeClock, delayMs: number): Options<Message, unknown>['schema'] => ({
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) =>
      new Promise((resolve) => {
        clock.setTimer(delayMs, () => {
          resolve({ value: value as Message });
        });
      }),
  },
});

describe('numbered messages that wait for a schema', () => {
  it('are delivered after a handover', async () => {
    const clock = new FakeClock();
    const { transport, events } = await bench(
      { order: 'dense', requestReplay: (lastId) => ({ from: lastId }) },
      { clock, schema: slow(clock, 60), maxConnectionAgeMs: 1_000, heartbeat: false },
    );
    transport.links[0]?.deliver('{"id":1}');
    for (let i = 0; i < 200 && transport.links.length < 2; i++) await clock.advance(10);
    transport.links[0]?.deliver('{"id":2}');
    await clock.advance(500);
    transport.links[1]?.deliver('{"id":3}');
    await clock.advance(500);
    expect(events.filter(({ type }) => type === 'connected')).toHaveLength(2);
    const ids = events.flatMap((event) => (event.type === 'message' ? [event.sequence_id] : []));
    expect(ids).toEqual([1, 2, 3]);
  });

  it('are named by a gap when there is no room, and a replay of them proves nothing', async () => {
    const clock = new FakeClock();
    const { transport, deliver, reconnect, events } = await bench(
      { order: 'dense', isReplayEnd: ({ id }) => id === 9 },
      { clock, schema: slow(clock, 5), buffer: { capacity: 4 } },
    );
    await deliver(1);
    await reconnect();
    for (const id of [2, 3, 4, 5, 6, 7, 8, 9]) transport.links.at(-1)?.deliver(`{"id":${id}}`);
    await clock.advance(50);
    await deliver(10);
    const about = events.flatMap((event): unknown[] => {
      if (event.type === 'message') return [event.sequence_id];
      if (event.type === 'gap') return [`${event.from}-${event.to} ${event.cause}`];
      return event.type === 'replay_completed' ? [event.replayed_count, event.continuity] : [];
    });
    expect(about).toEqual([1, 2, 3, 4, 5, '6-9 overflow', 4, 'unverified', 10]);
  });

  it('are behind no gap that is told after closed', async () => {
    const clock = new FakeClock();
    const { transport, events } = await bench(
      { order: 'dense' },
      { clock, schema: slow(clock, 100) },
    );
    for (const id of [1, 2, 4]) transport.links.at(-1)?.deliver(`{"id":${id}}`);
    await clock.advance(1);
    transport.links.at(-1)?.closeFromServer(4403, 'no');
    await clock.advance(500);
    expect(events.slice(-2)).toMatchObject([
      { type: 'gap', from: 3, to: 4, cause: 'closed' },
      { type: 'closed' },
    ]);
  });
});

describe('ready() from anywhere', () => {
  it('asks again on the next connection, when a handler of what follows reconnects', async () => {
    const { clock, transport, socket, deliver, reconnect, sent } = await bench(
      { order: 'dense', requestReplay: (lastId) => ({ from: lastId }) },
      { holdUntilReady: true },
    );
    socket.ready();
    await deliver(1);
    await reconnect();
    const count = transport.links.length;
    socket.on('connected', () => {
      socket.ready();
    });
    socket.once('replay_started', () => {
      socket.reconnect();
    });
    socket.ready();
    await clock.advance(200);
    expect(transport.links).toHaveLength(count + 1);
    expect(sent()).toEqual([{ from: 1 }]);
  });
});

describe('after close(), while the server has not answered', () => {
  it.each(['hole', 'replay'])('no timer tells anything of a %s', async (what) => {
    const { clock, transport, socket, deliver, reconnect, events } = await bench(
      {
        order: 'dense',
        gapTimeoutMs: 500,
        timeoutMs: 500,
        ...(what === 'replay' && { isReplayEnd: ({ op }) => op === 'live' }),
      },
      { closeTimeoutMs: 5_000 },
    );
    await deliver(1);
    if (what === 'replay') await reconnect();
    else await deliver(3);
    const before = events.length;
    transport.links.at(-1)?.stall();
    void socket.close();
    await clock.advance(1_000);
    const after = events.slice(before).map(({ type }) => type);
    expect(after).not.toContain('message');
    expect(after).not.toContain('error');
  });
});

describe('a replay that the URL asks for, in a handover', () => {
  it('is judged by what the URL was told, though more came on the old connection', async () => {
    const told: unknown[] = [];
    const clock = new FakeClock();
    const { transport, events } = await bench(
      { order: 'monotonic', isReplayEnd: ({ op }) => op === 'live' },
      { clock, maxConnectionAgeMs: 1_000, heartbeat: false },
      ({ lastSequenceId }) => {
        told.push(lastSequenceId);
        return 'ws://server/ws';
      },
    );
    transport.links[0]?.deliver('{"id":1}');
    for (let i = 0; i < 2_000 && told.length < 2; i++) await clock.advance(1);
    transport.links[0]?.deliver('{"id":2}');
    transport.links[0]?.deliver('{"id":3}');
    for (let i = 0; i < 500 && transport.links.length < 2; i++) await clock.advance(1);
    await clock.advance(50);
    for (const line of ['{"id":2}', '{"id":3}', '{"id":4}', '{"op":"live"}']) {
      transport.links[1]?.deliver(line);
    }
    await clock.advance(500);
    expect(told).toEqual([undefined, 1]);
    const ids = events.flatMap((event) => (event.type === 'message' ? [event.sequence_id] : []));
    expect(ids).toEqual([1, 2, 3, 4, null]);
    expect(events.filter(({ type }) => type === 'error')).toEqual([]);
  });
});
