import { FakeClock } from '@jetsocket/testing';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../delivery/delivery.js';
import { Outbox } from '../delivery/outbox.js';
import type { FrameData, Link } from '../ports.js';
import { Outgoing, type OutgoingConfig, type OutgoingEvent, type ReplayPlan } from './outgoing.js';

/** Nothing comes in again. */
const PLAN: ReplayPlan = { lastSequenceId: null, awaitsIncoming: false };

/** A socket that keeps what it is given, and takes no more when told so. */
class Sink implements Link {
  readonly #log: string[];
  isOpen = true;
  bufferedBytes = 0;
  /** Every message stays in it. */
  isStuck = false;

  constructor(log: string[]) {
    this.#log = log;
  }

  send(data: FrameData): boolean {
    if (!this.isOpen) return false;
    if (this.isStuck) this.bufferedBytes += data.length;
    this.#log.push(`send ${String(data)}`);
    return true;
  }

  close(): void {
    this.isOpen = false;
  }

  abandon(): void {
    this.isOpen = false;
  }
}

interface Road {
  readonly clock: FakeClock;
  readonly outbox: Outbox;
  readonly outgoing: Outgoing;
  readonly link: Sink;
  /** What was handed over and emitted, in order. */
  readonly log: string[];
  readonly events: OutgoingEvent[];
  readonly send: (...messages: string[]) => Entry[];
  /** A connection is there: mark, then open. */
  readonly connect: (replay?: boolean) => void;
}

/** The road out. `on` is called with every event, as a handler is. */
function road(
  config: Partial<OutgoingConfig> = {},
  on: (event: OutgoingEvent, road: Road) => void = () => undefined,
): Road {
  const clock = new FakeClock();
  const whole: OutgoingConfig = {
    mode: 'full_buffer',
    capacity: 100,
    maxBytes: 1_000,
    overflowPolicy: 'drop_oldest',
    awaitsAck: false,
    codecTimeoutMs: 10_000,
    clock,
    ...config,
  };
  const [log, events]: [string[], OutgoingEvent[]] = [[], []];
  const outbox = new Outbox(whole);
  const outgoing = new Outgoing(outbox, whole, (event) => {
    events.push(event);
    log.push(told(event));
    on(event, made);
  });
  const link = new Sink(log);
  const made: Road = {
    ...{ clock, outbox, outgoing, link, log, events },
    send: (...messages) => messages.map((data) => outgoing.send(data)),
    connect(replay = true) {
      outgoing.mark();
      if (replay) outgoing.beginReplay(PLAN);
      outgoing.open(link);
    },
  };
  return made;
}

function told(event: OutgoingEvent): string {
  if (event.type === 'buffer_overflow') return `dropped ${event.dropped_count}`;
  if (event.type === 'replay_started') return `replay of ${event.message_count}`;
  return `replayed ${event.replayed_count}`;
}

const statuses = (entries: readonly Entry[]): string[] => entries.map(({ status }) => status);

describe('Outgoing.send()', () => {
  it('keeps messages while there is no link, and sends them in order when there is one', () => {
    const { log, send, connect } = road();
    const entries = send('a', 'b');
    expect([log, statuses(entries)]).toEqual([[], ['buffered', 'buffered']]);
    connect(false);
    expect([log, statuses(entries)]).toEqual([
      ['send a', 'send b'],
      ['sent', 'sent'],
    ]);
  });

  it('hands a message over at once where nothing is in the way', () => {
    const { log, outbox, send, connect } = road();
    connect(false);
    const entries = send('a', 'b');
    expect([log, statuses(entries), outbox.bytes]).toEqual([
      ['send a', 'send b'],
      ['sent', 'sent'],
      0,
    ]);
  });

  it('applies no bound to what is handed over at once', () => {
    const { log, events, send, connect } = road({ capacity: 1, maxBytes: 2 });
    connect(false);
    send('aaa', 'bbb');
    expect([log, events]).toEqual([['send aaa', 'send bbb'], []]);
  });

  it('keeps a message that the link refuses, and those after it', () => {
    const { log, link, outbox, send, connect } = road();
    connect(false);
    link.close();
    const entries = send('a', 'b');
    expect([log, statuses(entries), outbox.waiting]).toEqual([[], ['buffered', 'buffered'], 2]);
  });

  it('sends what a link refused on the next one', () => {
    const { log, link, outgoing, send, connect } = road();
    connect(false);
    link.close();
    send('a', 'b');
    outgoing.shut();
    link.isOpen = true;
    connect();
    expect(log).toEqual(['replay of 2', 'send a', 'send b', 'replayed 2']);
  });

  it('sends nothing after shut()', () => {
    const { log, outgoing, send, connect } = road();
    connect(false);
    outgoing.shut();
    expect([statuses(send('a')), log]).toEqual([['buffered'], []]);
  });

  it('throws BUFFER_OVERFLOW by the policy error, and emits nothing', async () => {
    const { clock, events, outgoing, send, connect, log } = road({
      capacity: 1,
      overflowPolicy: 'error',
    });
    send('a');
    expect(() => outgoing.send('b')).toThrow(expect.objectContaining({ code: 'BUFFER_OVERFLOW' }));
    await clock.advance(100);
    connect(false);
    expect([events, log]).toEqual([[], ['send a']]);
  });
});

describe('Outgoing replay', () => {
  it('hands nothing more to a link that a handler of replay_completed let go of', () => {
    const { outgoing, log, send, connect, clock } = road({}, ({ type }) => {
      if (type === 'replay_started') outgoing.send('later');
      if (type === 'replay_completed') outgoing.shut();
    });
    send('kept');
    connect();
    expect(log.filter((line) => line.startsWith('send'))).toEqual(['send kept']);
    expect(clock.pendingCount).toBe(0);
  });

  it('tells of what was queued before it, as one', () => {
    const { events, log, send, connect } = road();
    send('a', 'b');
    connect();
    expect(log).toEqual(['replay of 2', 'send a', 'send b', 'replayed 2']);
    expect(events).toEqual([
      { type: 'replay_started', mode: 'full_buffer', message_count: 2, last_sequence_id: null },
      {
        type: 'replay_completed',
        mode: 'full_buffer',
        replayed_count: 2,
        duration_ms: 0,
      },
    ]);
  });

  it('is told with nothing to replay, too', () => {
    const { log, connect } = road();
    connect();
    expect(log).toEqual(['replay of 0', 'replayed 0']);
  });

  it('is not told where it is none', () => {
    const { log, send, connect } = road();
    send('a');
    connect(false);
    expect(log).toEqual(['send a']);
  });

  it('ends at the mark: what was sent after it follows', () => {
    const { log, outgoing, link, send } = road();
    send('a', 'b');
    outgoing.mark();
    send('by a handler of connected');
    outgoing.beginReplay(PLAN);
    outgoing.open(link);
    const after = 'send by a handler of connected';
    expect(log).toEqual(['replay of 2', 'send a', 'send b', 'replayed 2', after]);
  });

  // prettier-ignore
  it.each([
    ['replay_started', ['replay of 1', 'send a', 'replayed 1', 'send x', 'send y', 'send b']],
    ['replay_completed', ['replay of 1', 'send a', 'replayed 1', 'send x', 'send y', 'send b']],
  ])('takes what a handler of %s sends behind it, once', (type, expected) => {
    const { log, outbox, send, connect } = road({}, (event, { send }) => {
      if (event.type === type) send('x', 'y');
    });
    send('a');
    connect();
    send('b');
    expect([log, outbox.size]).toEqual([expected, 0]);
  });

  it('counts only what is still there when the outbox overflows before it', () => {
    const { log, outgoing, link, send } = road({ capacity: 2 });
    send('a', 'b');
    outgoing.mark();
    send('c');
    outgoing.beginReplay(PLAN);
    outgoing.open(link);
    expect(log).toEqual(['replay of 1', 'send b', 'replayed 1', 'send c']);
  });

  it('counts nothing where all that was marked is dropped', () => {
    const { log, outgoing, link, send } = road({ capacity: 2 });
    send('a', 'b');
    outgoing.mark();
    send('c', 'd', 'e');
    outgoing.beginReplay(PLAN);
    outgoing.open(link);
    expect(log).toEqual(['replay of 0', 'replayed 0', 'send d', 'send e']);
  });

  it('sends again what is not acknowledged, and no more', () => {
    const { log, outgoing, send, connect } = road({ awaitsAck: true });
    connect(false);
    const entries = send('a', 'b', 'c');
    expect(outgoing.acknowledge(1)).toBe(true);
    outgoing.shut();
    expect(statuses(entries)).toEqual(['acknowledged', 'buffered', 'buffered']);
    connect();
    expect(log.slice(3)).toEqual(['replay of 2', 'send b', 'send c', 'replayed 2']);
  });

  it('does not send again what was handed over, without acknowledgements', () => {
    const { log, outgoing, send, connect } = road();
    connect(false);
    send('a');
    outgoing.shut();
    connect();
    expect(log).toEqual(['send a', 'replay of 0', 'replayed 0']);
  });

  it('cut short is not completed, and the next one begins anew', () => {
    const { log, link, outgoing, send, connect } = road({ awaitsAck: true, maxBytes: 2 });
    send('a', 'b');
    link.isStuck = true;
    link.bufferedBytes = 1;
    connect();
    outgoing.shut();
    link.isStuck = false;
    link.bufferedBytes = 0;
    connect();
    expect(log).toEqual([
      ...['replay of 2', 'send a'],
      ...['replay of 2', 'send a', 'send b', 'replayed 2'],
    ]);
  });

  it('cut short is not completed by a connection that replays nothing', () => {
    const { log, link, outgoing, send, connect } = road();
    send('a');
    link.close();
    connect();
    outgoing.shut();
    link.isOpen = true;
    connect(false);
    expect(log).toEqual(['replay of 1', 'send a']);
  });

  it('is not completed by a link that refuses', () => {
    const { log, link, send, connect } = road();
    send('a');
    link.close();
    connect();
    expect(log).toEqual(['replay of 1']);
  });

  it('is completed by acknowledgements of what had still to be sent again', () => {
    const { log, link, outgoing, send, connect } = road({ awaitsAck: true, maxBytes: 10 });
    connect(false);
    send('a', 'b', 'c');
    outgoing.shut();
    link.bufferedBytes = 10;
    connect();
    send('d');
    expect(outgoing.acknowledge(2)).toBe(true);
    expect(log.slice(3)).toEqual(['replay of 3']);
    expect(outgoing.acknowledge(3)).toBe(true);
    expect(log.slice(3)).toEqual(['replay of 3', 'replayed 0']);
    link.bufferedBytes = 0;
    send('e');
    expect(log.slice(5)).toEqual(['send d', 'send e']);
  });

  it('says how long it took', async () => {
    const { clock, events, link, send, connect } = road({ maxBytes: 1 });
    send('a');
    link.bufferedBytes = 1;
    await clock.advance(50);
    connect();
    await clock.advance(30);
    link.bufferedBytes = 0;
    await clock.advance(30);
    expect(events.at(-1)).toMatchObject({ type: 'replay_completed', duration_ms: 40 });
  });
});

describe('Outgoing.acknowledge()', () => {
  it('passes on what the outbox says', () => {
    const { outgoing, send, connect } = road({ awaitsAck: true });
    connect(false);
    const entries = send('a');
    expect([outgoing.acknowledge(2), outgoing.acknowledge(1)]).toEqual([false, true]);
    expect(statuses(entries)).toEqual(['acknowledged']);
  });
});

describe('Outgoing backpressure', () => {
  it('keeps messages while the socket holds maxBytes, and looks again every 20 ms', async () => {
    const { clock, log, link, send, connect } = road({ maxBytes: 5 });
    connect(false);
    link.bufferedBytes = 5;
    send('a', 'b');
    await clock.advance(19);
    link.bufferedBytes = 4;
    expect(log).toEqual([]);
    await clock.advance(1);
    expect([log, clock.pendingCount]).toEqual([['send a', 'send b'], 0]);
  });

  it('goes on looking while the socket is full, with one timer', async () => {
    const { clock, log, link, send, connect } = road({ maxBytes: 5 });
    connect(false);
    link.bufferedBytes = 6;
    send('a', 'b', 'c');
    expect(clock.pendingCount).toBe(1);
    await clock.advance(1_000);
    expect([log, clock.pendingCount]).toEqual([[], 1]);
    link.bufferedBytes = 0;
    await clock.advance(20);
    expect([log, clock.pendingCount]).toEqual([['send a', 'send b', 'send c'], 0]);
  });

  it('does not look later because more is sent meanwhile', async () => {
    const { clock, log, link, send, connect } = road({ maxBytes: 5 });
    connect(false);
    link.bufferedBytes = 5;
    send('a');
    await clock.advance(10);
    send('b');
    link.bufferedBytes = 0;
    await clock.advance(10);
    expect(log).toEqual(['send a', 'send b']);
  });

  it('keeps the order when the socket has room before it is looked at', () => {
    const { log, link, send, connect } = road({ maxBytes: 5 });
    connect(false);
    link.bufferedBytes = 5;
    send('a');
    link.bufferedBytes = 0;
    send('b');
    expect(log).toEqual(['send a', 'send b']);
  });

  it('stops in the midst of what is queued', async () => {
    const { clock, log, link, send, connect } = road({ maxBytes: 4 });
    send('aa', 'bb');
    link.isStuck = true;
    link.bufferedBytes = 2;
    connect(false);
    expect(log).toEqual(['send aa']);
    link.bufferedBytes = 0;
    await clock.advance(20);
    expect(log).toEqual(['send aa', 'send bb']);
  });

  it('applies the bounds to what has to wait for the socket', () => {
    const { link, outbox, send, connect } = road({ capacity: 1, maxBytes: 5 });
    connect(false);
    link.bufferedBytes = 5;
    expect(statuses(send('a', 'b'))).toEqual(['dropped', 'buffered']);
    expect([outbox.size, outbox.bytes]).toEqual([1, 1]);
  });

  it('leaves no timer behind after shut()', () => {
    const { clock, link, outgoing, send, connect } = road({ maxBytes: 5 });
    connect(false);
    link.bufferedBytes = 5;
    send('a');
    outgoing.shut();
    expect(clock.pendingCount).toBe(0);
  });
});

describe('Outgoing.shut() and drop()', () => {
  it('shut() drops what waits in mode none', () => {
    const { link, outgoing, outbox, send, connect } = road({ mode: 'none' });
    connect(false);
    link.close();
    const entries = send('a');
    outgoing.shut();
    expect([statuses(entries), outbox.size]).toEqual([['dropped'], 0]);
  });

  it('shut() keeps what waits in the other modes', () => {
    const { outgoing, outbox, send } = road();
    send('a');
    outgoing.shut();
    expect(outbox.waiting).toBe(1);
  });

  it('drop() gives up what waits and what is not acknowledged, and tells no overflow', async () => {
    const { clock, events, outgoing, outbox, send, connect } = road({ awaitsAck: true });
    connect(false);
    const entries = send('a');
    outgoing.shut();
    entries.push(...send('b'));
    outgoing.drop();
    await clock.advance(100);
    expect([statuses(entries), outbox.size, events]).toEqual([['dropped', 'dropped'], 0, []]);
  });
});

describe('Outgoing overflow', () => {
  it('is told once a turn, with all that was dropped', async () => {
    const { clock, events, send } = road({ capacity: 2 });
    send('a', 'b', 'c', 'd', 'e');
    expect(events).toEqual([]);
    await clock.advance(0);
    expect(events).toEqual([
      {
        type: 'buffer_overflow',
        dropped_count: 3,
        policy: 'drop_oldest',
        capacity: 2,
        direction: 'outgoing',
      },
    ]);
    expect(clock.pendingCount).toBe(0);
  });

  it('is told again for what is dropped later', async () => {
    const { clock, log, send } = road({ capacity: 1, overflowPolicy: 'drop_newest' });
    send('a', 'b', 'c');
    await clock.advance(0);
    send('d');
    await clock.advance(0);
    expect(log).toEqual(['dropped 2', 'dropped 1']);
  });

  it('can be told at once, and then not again', async () => {
    const { clock, log, outgoing, send } = road({ capacity: 1 });
    outgoing.reportDropped();
    expect(log).toEqual([]);
    send('a', 'b');
    outgoing.reportDropped();
    outgoing.reportDropped();
    expect([log, clock.pendingCount]).toEqual([['dropped 1'], 0]);
    await clock.advance(100);
    expect(log).toEqual(['dropped 1']);
  });

  it('is told of what its own handler drops, a turn later', async () => {
    let rounds = 0;
    const { clock, log, send } = road({ capacity: 1 }, (_event, { send }) => {
      if (rounds++ === 0) send('c', 'd');
    });
    send('a', 'b');
    await clock.advance(0);
    expect(log).toEqual(['dropped 1', 'dropped 2']);
  });

  it('is told after shut(), too', async () => {
    const { clock, log, outgoing, send } = road({ capacity: 1 });
    send('a', 'b');
    outgoing.shut();
    await clock.advance(0);
    expect(log).toEqual(['dropped 1']);
  });
});
