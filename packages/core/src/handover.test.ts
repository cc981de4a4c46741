import { createGrammarChecker, FakeSignals } from '@jetsocket/testing';
import { describe, expect, it } from 'vitest';
import { type Bench, connected } from '../test/test-kit.js';
import type { JetSocketEvent } from './events.js';
import type { ReplayOptions } from './replay-options.js';

const AGE_MS = 60_000;
/** Drawn from seed 1: a tenth early at most. */
const DUE_MS = 56_238;
const options = { random: 1, maxConnectionAgeMs: AGE_MS };

const messages = (events: readonly JetSocketEvent[]): unknown[] =>
  events.flatMap((event) => (event.type === 'message' ? [event.data] : []));

/** The numbers that a server gives, one for each message. */
const numbered: ReplayOptions = {
  mode: 'sequence_id',
  sequenceOf: (message: unknown) => (message as { readonly n: number }).n,
  requestReplay: (lastId) => ({ after: lastId }),
  isReplayEnd: (message: unknown) => (message as { readonly end?: boolean }).end === true,
};

/** Holds all events against the grammar, and says whether a change of state was told. */
function check({ events }: Bench, replays: boolean): void {
  const grammar = createGrammarChecker({ replays });
  for (const event of events) grammar.accept(event);
}

describe.each<[mode: string, replay: ReplayOptions]>([
  ['none', { mode: 'none' }],
  ['full_buffer', { mode: 'full_buffer' }],
  ['sequence_id', numbered],
])('maxConnectionAgeMs in mode %s', (mode, replay) => {
  it('opens the new connection before it closes the old one', async () => {
    const made = await connected({ ...options, replay });
    const { clock, socket, transport, names } = made;
    await clock.advance(DUE_MS);
    expect(transport.links.map(({ isLive }) => isLive)).toEqual([true, true]);
    expect([names().filter((name) => name !== 'ping' && name !== 'pong'), socket.state]).toEqual([
      [],
      'connected',
    ]);
    await clock.advance(20);
    // It is open; the old one is closing, and its close frame is not answered yet.
    expect(transport.links.map(({ isOpen, isOver }) => [isOpen, isOver])).toEqual([
      [false, false],
      [true, false],
    ]);
    await clock.advance(20);
    expect(transport.links.map(({ isOpen, isOver }) => [isOpen, isOver])).toEqual([
      [false, true],
      [true, false],
    ]);
    const replayed = mode === 'none' ? [] : ['replay_started'];
    const completed = mode === 'full_buffer' ? ['replay_completed'] : [];
    const ends = mode === 'sequence_id' ? ['replay_completed'] : completed;
    expect(names()).toEqual([
      ...['disconnected', 'reconnecting', 'connecting', 'connected', 'reconnected'],
      ...replayed,
      ...ends,
    ]);
    expect(made.events.find(({ type }) => type === 'reconnected')).toMatchObject({
      downtime_ms: 0,
      attempts: 1,
    });
    // One into connecting, and one into connected: it never was anything else.
    expect(made.events.filter(({ type }) => type === 'state_change')).toHaveLength(2);
    check(made, mode !== 'none');
  });

  it('keeps the order of what goes out, and takes it all the time', async () => {
    const { clock, socket, transport } = await connected({ ...options, replay });
    await clock.advance(DUE_MS - 5);
    for (let n = 1; n <= 60; n++) {
      socket.send({ n });
      await clock.advance(1);
    }
    await clock.advance(50);
    const sent = transport.received.map(String).filter((data) => data.startsWith('{"n"'));
    expect(sent).toEqual(Array.from({ length: 60 }, (_, index) => `{"n":${index + 1}}`));
    // On the old one, and on the new one.
    expect(transport.links.map(({ received }) => received.length > 10)).toEqual([true, true]);
  });

  it('keeps the order of what comes in: the old socket is heard to its end', async () => {
    const { clock, transport, events } = await connected({ ...options, replay });
    const [old] = transport.links;
    await clock.advance(DUE_MS + 20);
    // The new one is open. Both servers speak: what comes on the new one waits for the end of the old one.
    transport.links[1]?.deliver('{"n":3}');
    old?.deliver('{"n":1}');
    old?.deliver('{"n":2}');
    await clock.advance(11);
    expect(messages(events)).toEqual(
      mode === 'sequence_id' ? [{ n: 1 }, { n: 2 }] : [{ n: 1 }, { n: 2 }],
    );
    await clock.advance(20);
    expect(messages(events)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });
});

describe('a handover', () => {
  it('drops what comes on both sockets, where messages are numbered', async () => {
    const { clock, transport, events } = await connected({ ...options, replay: numbered });
    transport.links[0]?.deliver('{"n":1}');
    await clock.advance(DUE_MS + 20);
    for (const link of transport.links) link.deliver('{"n":2}');
    await clock.advance(100);
    expect(messages(events)).toEqual([{ n: 1 }, { n: 2 }]);
    // It asked from where the old one ended.
    expect(transport.links[1]?.received).toEqual(['{"after":2}']);
  });

  it('keeps the old connection when the new one fails, and tries again', async () => {
    const { clock, socket, transport, names } = await connected(options);
    transport.refuse(2, { httpStatus: 503 });
    await clock.advance(DUE_MS + 30);
    expect([names().at(-1), socket.state]).toEqual(['error', 'connected']);
    socket.send('still here');
    await clock.advance(10);
    expect(transport.links[0]?.received).toEqual(['"still here"']);
    await clock.advance(10_000);
    expect(names()).toContain('reconnected');
    expect(transport.liveLinks.map(({ number }) => number)).toEqual([4]);
  });

  it('does not wait for ever for the old socket to close', async () => {
    const { clock, socket, transport, names } = await connected({
      ...options,
      closeTimeoutMs: 700,
    });
    await clock.advance(DUE_MS + 15);
    transport.links[0]?.stall();
    await clock.advance(10);
    socket.send('waits');
    await clock.advance(690);
    expect(transport.links[1]?.received).toEqual([]);
    await clock.advance(30);
    expect(transport.links[1]?.received).toEqual(['"waits"']);
    expect(names()).toContain('reconnected');
  });

  it('holds back no more than buffer.maxBytes: then the old socket had its time', async () => {
    const made = await connected({ ...options, buffer: { maxBytes: 20 } });
    const { clock, transport, events } = made;
    await clock.advance(DUE_MS + 15);
    transport.links[0]?.stall();
    await clock.advance(5);
    for (const n of [1, 2, 3, 4]) transport.links[1]?.deliver(`{"n":${n}}`);
    await clock.advance(10);
    expect(messages(events)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]);
    check(made, true);
  });

  it('leaves nothing behind when closed in the middle of it', async () => {
    for (const atMs of [0, 5, 15, 20, 25, 35, 45]) {
      const { clock, socket, transport } = await connected(options);
      await clock.advance(DUE_MS + atMs);
      void socket.close();
      await clock.advance(100);
      expect([socket.state, transport.liveLinks, clock.pendingCount]).toEqual(['closed', [], 0]);
    }
  });

  it('is made when a page was away, and nothing can be asked, and all is silent', async () => {
    const signals = new FakeSignals();
    const { clock, socket, transport, events } = await connected({ signals }, { canPing: false });
    await clock.advance(5_000);
    transport.links[0]?.stall();
    signals.raise('resumed');
    await clock.advance(2_500);
    expect([transport.attempts, socket.state]).toEqual([2, 'connected']);
    await clock.advance(25);
    socket.send('arrives');
    await clock.advance(2_600);
    expect(transport.links[1]?.received).toEqual(['"arrives"']);
    expect(events.find(({ type }) => type === 'reconnecting')).toMatchObject({ cause: 'unproven' });
  });

  it('is not made when something is heard', async () => {
    const signals = new FakeSignals();
    const { clock, transport } = await connected({ signals }, { canPing: false });
    await clock.advance(5_000);
    signals.raise('resumed');
    transport.links[0]?.deliver('1');
    await clock.advance(60_000);
    expect(transport.attempts).toBe(1);
  });
});
