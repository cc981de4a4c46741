import { describe, expect, it } from 'vitest';
import type { FrameData } from '../ports.js';
import { Exchange } from './exchange.js';
import { MAX_SEQ } from './frames.js';
import { Outbox } from './outbox.js';

interface Bench {
  readonly exchange: Exchange;
  readonly outbox: Outbox;
  /** What was told since the last look. */
  look(): string[];
  /** Hands over all that may be sent. */
  send(): FrameData[];
}

/** An exchange, and what it tells its owner, as short texts. */
function bench(window = 100, maxSeq?: number): Bench {
  const outbox = new Outbox({
    capacity: 100,
    maxBytes: 1_000_000,
    overflowPolicy: 'drop_oldest',
    awaitsAck: true,
  });
  let log: string[] = [];
  const exchange = new Exchange(
    outbox,
    {
      tell: (frame) => void log.push(`tell ${String(frame)}`),
      payload: (data, seq) => void log.push(`${seq} ${String(data)}`),
      gap: (from, to) => void log.push(`gap ${from}-${to}`),
      resume: () => void log.push('resume'),
      answered: () => void log.push('answered'),
      ackSoon: () => void log.push('ack soon'),
      control: (control) => void log.push(control.type),
      broken: (reason) => void log.push(reason),
    },
    window,
    maxSeq,
  );
  const look = (): string[] => {
    const seen = log;
    log = [];
    return seen;
  };
  const send = (): FrameData[] => {
    const sent: FrameData[] = [];
    for (let frame = exchange.next(); frame !== undefined; frame = exchange.next()) {
      sent.push(frame);
      exchange.advance();
    }
    return sent;
  };
  return { exchange, outbox, look, send };
}

/** One that has these messages to send, over a socket that takes so many. */
function sending(messages: string, credit = 100, maxSeq?: number): Bench {
  const made = bench(100, maxSeq);
  made.exchange.begin(0, credit);
  for (const message of messages) made.outbox.add(message);
  return made;
}

/** What it tells of these frames. */
function receiving(window: number, ...frames: FrameData[]): string[] {
  const { exchange, look } = bench(window);
  exchange.begin(0, 100);
  for (const frame of frames) exchange.receive(frame);
  return look();
}

describe('Exchange, what goes out', () => {
  it('numbers messages from 1', () => {
    expect(sending('ab').send()).toEqual(['1 a', '2 b']);
  });

  it('offers the same message until the socket took it', () => {
    const { exchange } = sending('ab');
    expect([exchange.next(), exchange.next()]).toEqual(['1 a', '1 a']);
    exchange.advance();
    expect(exchange.next()).toBe('2 b');
  });

  it('sends as many as the other end takes, and more as it acknowledges them', () => {
    const { exchange, send, look } = sending('abcd', 2);
    expect(send()).toEqual(['1 a', '2 b']);
    exchange.receive(',1');
    expect(look()).toEqual(['resume', 'answered']);
    expect(send()).toEqual(['3 c']);
    exchange.receive('{"win":3}');
    expect(look()).toEqual(['resume']);
    expect(send()).toEqual(['4 d']);
  });

  it('sends nothing beyond what the log has', () => {
    const { exchange, send } = sending('abc');
    exchange.limit = 2;
    expect(send()).toEqual(['1 a', '2 b']);
    exchange.limit = MAX_SEQ;
    expect(send()).toEqual(['3 c']);
  });

  it('gives no number beyond the last, and is exhausted when all are acknowledged', () => {
    const { exchange, send } = sending('abc', 100, 2);
    expect(send()).toEqual(['1 a', '2 b']);
    expect(exchange.isExhausted).toBe(false);
    exchange.receive(',1');
    expect(exchange.isExhausted).toBe(false);
    exchange.receive(',2');
    expect([exchange.isExhausted, send()]).toEqual([true, []]);
  });

  it('is not exhausted by numbers that are left', () => {
    const { exchange, send } = sending('a', 100, 2);
    send();
    exchange.receive(',1');
    expect(exchange.isExhausted).toBe(false);
  });

  it('sends again over another socket what was not acknowledged', () => {
    const { exchange, send } = sending('abc');
    send();
    exchange.begin(1, 100);
    expect(send()).toEqual(['2 b', '3 c']);
  });

  it('lets go of what another socket says is there', async () => {
    const { exchange, outbox } = sending('');
    const entry = outbox.add('a');
    exchange.next();
    exchange.advance();
    exchange.begin(1, 100);
    expect(await entry.settled).toBe('acknowledged');
    expect([exchange.acked, outbox.size]).toEqual([1, 0]);
  });

  it('steps over numbers whose messages were dropped, and says so', () => {
    const { exchange, outbox, send } = sending('abcd');
    send();
    outbox.dropOldest();
    outbox.dropOldest();
    exchange.begin(0, 100);
    expect([exchange.next(), exchange.next()]).toEqual(['{"skip":2}', '{"skip":2}']);
    expect(send()).toEqual(['{"skip":2}', '3 c', '4 d']);
  });

  it('waits with that beyond the window until all that was sent is acknowledged: more may be dropped', () => {
    const { exchange, outbox, send } = sending('abcdef', 2);
    outbox.numberAll();
    expect(send()).toEqual(['1 a', '2 b']);
    for (let dropped = 0; dropped < 4; dropped++) {
      outbox.dropOldest();
      expect(send()).toEqual([]);
    }
    exchange.receive(',1');
    expect(send()).toEqual([]);
    exchange.receive(',2');
    expect(send()).toEqual(['{"skip":4}']);
    exchange.receive(',4');
    expect(send()).toEqual(['5 e', '6 f']);
  });

  it('takes no skip for a message that was handed over', () => {
    const { exchange, outbox, send } = sending('ab');
    send();
    outbox.dropOldest();
    exchange.begin(0, 100);
    exchange.next();
    exchange.advance();
    expect(exchange.snapshot).toMatchObject({ sent: 1, waiting: 1 });
  });

  it('says with a message what was handled, once', () => {
    const { exchange, send, look } = sending('ab');
    exchange.receive('1 x');
    exchange.handle(1);
    expect(send()).toEqual(['1,1 a', '2 b']);
    look();
    exchange.acknowledge();
    expect(look()).toEqual([]);
  });

  it('says it anew where the socket did not take the message', () => {
    const { exchange, look } = sending('a');
    exchange.receive('1 x');
    exchange.handle(1);
    exchange.next();
    look();
    exchange.acknowledge();
    expect(look()).toEqual(['tell ,1']);
  });
});

describe('Exchange, acknowledgements of ours', () => {
  it('are of no more than was sent', () => {
    const { exchange, send, look } = sending('ab');
    send();
    exchange.receive(',3');
    expect(look()).toEqual(['3 was acknowledged, and only 2 were sent']);
    expect(exchange.acked).toBe(0);
  });

  it('may be of what an earlier socket was given, which is not sent again then', () => {
    const { exchange, send, look } = sending('abc');
    send();
    exchange.begin(0, 100);
    exchange.receive(',2');
    expect(look()).toEqual(['resume', 'answered']);
    expect(send()).toEqual(['3 c']);
  });

  it('are of no more than any socket was given', () => {
    const { exchange, send, look } = sending('abc');
    send();
    exchange.begin(0, 100);
    exchange.next();
    exchange.advance();
    exchange.receive(',4');
    expect(look()).toEqual(['4 was acknowledged, and only 3 were sent']);
  });

  it('count what every socket before was given, not only the last', () => {
    const { exchange, send, look } = sending('abc');
    send();
    exchange.begin(0, 100);
    exchange.begin(0, 100);
    exchange.receive(',3');
    expect(look()).toEqual(['resume', 'answered']);
  });

  it('are of what the other end said it had when the socket opened', () => {
    const { exchange, look } = bench();
    exchange.begin(5, 100);
    exchange.begin(0, 100);
    exchange.receive(',5');
    expect(look()).toEqual(['answered']);
  });

  it('that come late or twice change nothing, but answer', () => {
    const { exchange, send, look } = sending('ab');
    send();
    for (const ack of [',2', ',2', ',1', ',0']) exchange.receive(ack);
    expect(look()).toEqual(['resume', 'answered', 'answered', 'answered', 'answered']);
    expect(exchange.acked).toBe(2);
  });

  it('do not go back when a socket opens with less', () => {
    const { exchange, send } = sending('ab');
    send();
    exchange.receive(',2');
    exchange.begin(1, 100);
    expect(exchange.acked).toBe(2);
  });

  it('that come with a message count as well, and before it', () => {
    const { exchange, send, look } = sending('a');
    send();
    exchange.receive('1,1 x');
    expect(look()).toEqual(['resume', '1 x']);
  });

  it('that cannot be take the message with them', () => {
    const { exchange, look } = sending('a');
    exchange.receive('1,1 x');
    expect(look()).toEqual(['1 was acknowledged, and only 0 were sent']);
    expect(exchange.accepted).toBe(0);
  });
});

describe('Exchange, what comes', () => {
  it('is passed on in order, and once', () => {
    const { exchange, look } = bench();
    for (const frame of ['1 a', '2 b', '1 a', '2 b', '3 c']) exchange.receive(frame);
    expect(look()).toEqual(['1 a', '2 b', '3 c']);
    expect([exchange.accepted, exchange.duplicates]).toEqual([3, 2]);
  });

  it('may have no number', () => {
    expect(receiving(1, ' typing', ' typing')).toEqual(['0 typing', '0 typing']);
  });

  it('may not leave one out', () => {
    expect(receiving(100, '1 a', '3 c')).toEqual(['1 a', 'message 3 came where 2 was due']);
  });

  it('may be as much as the window, beyond what was handled', () => {
    const { exchange, look } = bench(2);
    for (const frame of ['1 a', '2 b', '3 c']) exchange.receive(frame);
    expect(look()).toEqual(['1 a', '2 b', 'message 3 came beyond the window']);
    exchange.handle(1);
    look();
    exchange.receive('3 c');
    expect(look()).toEqual(['3 c']);
  });

  it('is known to have been taken while it is passed on', () => {
    const seen: number[] = [];
    const outlet = {
      ...{ tell: () => undefined, gap: () => undefined, resume: () => undefined },
      ...{ answered: () => undefined, ackSoon: () => undefined, control: () => undefined },
      broken: () => undefined,
      payload: () => void seen.push(exchange.accepted),
    };
    const exchange: Exchange = new Exchange(bench().outbox, outlet, 100);
    exchange.receive('1 a');
    expect(seen).toEqual([1]);
  });

  it('is told to be missing where the other end skips it', () => {
    expect(receiving(100, '1 a', '{"skip":3}', '4 d')).toEqual(['1 a', 'gap 2-3', '4 d']);
  });

  it('cannot be skipped when it came', () => {
    expect(receiving(100, '1 a', '2 b', '{"skip":1}', '{"skip":2}')).toEqual(['1 a', '2 b']);
  });

  it('is not taken any more once the session ends, but for acknowledgements', () => {
    const { exchange, send, look } = sending('ab');
    send();
    exchange.end();
    for (const frame of ['1,1 x', ' y', '{"skip":5}', ',2']) exchange.receive(frame);
    expect(look()).toEqual(['resume', 'resume', 'answered']);
    expect([exchange.accepted, exchange.acked]).toEqual([0, 2]);
    exchange.begin(2, 100);
    exchange.receive('1 x');
    expect(look()).toEqual(['1 x']);
  });

  it('may be a question, which is answered at once', () => {
    expect(receiving(100, '?')).toEqual(['tell ,0']);
  });

  it.each([
    ['x', 'a frame that is none of the protocol'],
    [new Uint8Array([1]), 'a frame that is none of the protocol'],
    ['{', 'a control frame that is none'],
    ['{"skip":0}', 'a control frame that is none'],
  ])('may be none of the protocol: %s', (frame, reason) => {
    expect(receiving(100, frame)).toEqual([reason]);
  });

  it('may be about the session, which is for the owner', () => {
    expect(receiving(100, '{"move":5}', '{"bye":"","rx":0,"hi":0}')).toEqual(['move', 'bye']);
  });

  it('acknowledges by a bye, before the owner hears of it', () => {
    const { exchange, send, look } = sending('a');
    send();
    exchange.receive('{"bye":"","rx":1,"hi":0}');
    // And sends nothing on its account.
    expect(look()).toEqual(['bye']);
  });

  it('is no bye that acknowledges what was not sent', () => {
    expect(receiving(100, '{"bye":"","rx":1,"hi":0}')).toEqual([
      '1 was acknowledged, and only 0 were sent',
    ]);
  });
});

describe('Exchange, acknowledgements of theirs', () => {
  /** What is told while messages of that size are handled one by one. */
  function handling(window: number, count: number, payload = 'x'): string[] {
    const { exchange, look } = bench(window);
    for (let seq = 1; seq <= count; seq++) {
      exchange.receive(`${seq} ${payload}`);
      exchange.handle(seq);
    }
    return look().filter((line) => !line.endsWith(payload));
  }

  it('are said for each quarter of the window, and soon for less', () => {
    expect(handling(8, 4)).toEqual(['ack soon', 'tell ,2', 'ack soon', 'tell ,4']);
  });

  it.each([1, 3, 7])('are said for each message where the window is %i', (window) => {
    expect(handling(window, 2)).toEqual(['tell ,1', 'tell ,2']);
  });

  it('are said for every MiB', () => {
    const half = 'x'.repeat(512 * 1024);
    expect(handling(1_000, 4, half)).toEqual(['ack soon', 'tell ,2', 'ack soon', 'tell ,4']);
    expect(handling(1_000, 1, 'x'.repeat(1024 * 1024 - 1))).toEqual(['ack soon']);
    expect(handling(1_000, 1, 'x'.repeat(1024 * 1024))).toEqual(['tell ,1']);
  });

  it('count bytes from the socket on', () => {
    const { exchange, look } = bench(1_000);
    exchange.receive(`1 ${'x'.repeat(1024 * 1024)}`);
    exchange.begin(0, 100);
    look();
    exchange.handle(1);
    expect(look()).toEqual(['ack soon']);
  });

  it('are not of what was handled before', () => {
    const { exchange, look } = bench(1);
    exchange.receive('1 a');
    exchange.handle(1);
    look();
    exchange.handle(1);
    exchange.handle(0);
    expect([look(), exchange.handled]).toEqual([[], 1]);
  });

  it('are said when asked for, if there is something to say', () => {
    const { exchange, look } = bench();
    exchange.acknowledge();
    exchange.receive('1 a');
    exchange.handle(1);
    look();
    exchange.acknowledge();
    exchange.acknowledge();
    expect(look()).toEqual(['tell ,1']);
    exchange.restate();
    expect(look()).toEqual(['tell ,1']);
  });

  it('are said again over another socket, whose hello said less', () => {
    const { exchange, look } = bench();
    for (const seq of [1, 2]) exchange.receive(`${seq} x`);
    exchange.handle(2);
    exchange.begin(0, 100, 1);
    look();
    exchange.acknowledge();
    expect(look()).toEqual(['tell ,2']);
  });

  it('are not said again where the hello said all, or more than there was', () => {
    for (const told of [undefined, 1, 9]) {
      const { exchange, look } = bench();
      exchange.receive('1 x');
      exchange.handle(1);
      exchange.begin(0, 100, told);
      look();
      exchange.acknowledge();
      expect(look()).toEqual([]);
      exchange.receive('2 x');
      exchange.handle(2);
      exchange.acknowledge();
      expect(look().at(-1)).toBe('tell ,2');
    }
  });
});

describe('Exchange, sessions', () => {
  it('begin with nothing', () => {
    const nothing = { accepted: 0, handled: 0, told: 0, acked: 0, sent: 0, sentBefore: 0 };
    expect(bench().exchange.snapshot).toEqual({
      ...nothing,
      ...{ credit: 0, highest: 0, first: 1, size: 0, waiting: 0 },
    });
  });

  it('that are another one number anew what is kept', () => {
    const { exchange, send, look } = sending('abc');
    exchange.receive('1 x');
    exchange.handle(1);
    exchange.receive('2 y');
    send();
    exchange.receive(',1');
    exchange.end();
    exchange.reset();
    expect(exchange.snapshot).toEqual({
      ...{ accepted: 0, handled: 0, told: 0, acked: 0, sent: 0, sentBefore: 0, credit: 0 },
      ...{ highest: 0, first: 1, size: 2, waiting: 2 },
    });
    look();
    exchange.receive('1 z');
    expect(look()).toEqual(['1 z']);
    exchange.begin(0, 100);
    expect(send()).toEqual(['1 b', '2 c']);
  });

  it('go on in another process where the one before stood', () => {
    const { exchange, outbox, look, send } = bench();
    outbox.continueAfter(4);
    for (const message of 'ab') outbox.add(message);
    outbox.numberAll();
    exchange.restore(7, 3);
    expect(exchange.snapshot).toMatchObject({ accepted: 7, handled: 7, acked: 3, sentBefore: 6 });
    exchange.begin(5, 100);
    expect(send()).toEqual(['6 b']);
    exchange.receive(',6');
    exchange.receive('8 x');
    expect(look()).toEqual(['resume', 'answered', '8 x']);
  });

  it('tell where they stand', () => {
    const { exchange, send } = sending('abc', 2);
    for (const seq of [1, 2, 3]) exchange.receive(`${seq} x`);
    exchange.handle(2);
    send();
    exchange.receive(',1');
    expect(exchange.snapshot).toEqual({
      ...{ accepted: 3, handled: 2, told: 2, acked: 1, sent: 2, sentBefore: 0, credit: 2 },
      ...{ highest: 2, first: 2, size: 2, waiting: 1 },
    });
  });
});
