import { describe, expect, it } from 'vitest';
import type { FrameData } from '../ports.js';
import {
  ClientSession,
  type ClientSessionConfig,
  type ClientSessionOutlet,
} from './client-session.js';
import { formatControl, parseControl, type Welcome } from './controls.js';
import { LATER } from './exchange.js';
import { MAX_SEQ } from './frames.js';
import { Outbox } from './outbox.js';

/** The names that sessions get, in order. */
const [A, B, C] = ['A', 'B', 'C', 'D', 'E', 'F'].map((letter) => letter.repeat(16));

interface Bench {
  readonly session: ClientSession;
  readonly outbox: Outbox;
  /** What was told since the last look. */
  look(): string[];
  /** Hands over all that may be sent. */
  send(): FrameData[];
  welcome(more?: Partial<Welcome>): void;
}

/** A session, and what it tells its owner, as short texts. */
function bench(
  config: Partial<ClientSessionConfig> = {},
  outlet: Partial<ClientSessionOutlet> = {},
): Bench {
  const outbox = new Outbox({
    capacity: 100,
    maxBytes: 1_000_000,
    overflowPolicy: 'drop_oldest',
    awaitsAck: true,
  });
  const log: string[] = [];
  let named = 0;
  const session = new ClientSession(
    outbox,
    {
      window: 100,
      unknownPolicy: 'drop',
      newId: () => String.fromCharCode(65 + named++).repeat(16),
      ...config,
    },
    { ...notesIn(log), ...outlet },
  );
  const look = (): string[] => log.splice(0);
  const send = (): FrameData[] => {
    const sent: FrameData[] = [];
    for (let frame = session.next(); frame !== undefined; frame = session.next()) {
      sent.push(frame);
      session.advance();
    }
    return sent;
  };
  const welcome = (more: Partial<Welcome> = {}): void =>
    session.receive(
      formatControl({
        ...{ type: 'welcome', sid: session.sid, rx: 0, hi: 0, ttl: 60, win: 100, ...more },
      }),
    );
  return { session, outbox, look, send, welcome };
}

/** Notes all that a session tells, as short texts. */
const notesIn = (log: string[]): ClientSessionOutlet => ({
  tell: (frame) => void log.push(brief(frame)),
  tellNext: (frame) => void log.push(`next: ${brief(frame)}`),
  moved: () => void log.push('moved'),
  moveRefused: (saying) => void log.push(`not moved: ${saying}`),
  leaving: (within) => void log.push(`leaving ${within}`),
  fencedByMove: () => void log.push('fenced by move'),
  payload: (data, seq, isReplayed) =>
    void log.push(`${seq} ${String(data)}${isReplayed ? ' again' : ''}`),
  gap: (from, to) => void log.push(`gap ${from}-${to}`),
  resume: () => void log.push('resume'),
  answered: () => void log.push('answered'),
  ackSoon: () => void log.push('ack soon'),
  welcomed: () => void log.push('welcomed'),
  caughtUp: (count) => void log.push(`caught up ${count}`),
  lost: ({ why, unknown, resent, missingFrom }) =>
    void log.push(
      `lost ${why}: ${unknown.length} unknown, ${resent} resent, missing ${missingFrom}`,
    ),
  fenced: () => void log.push('fenced'),
  unsupported: (saying) => void log.push(`unsupported: ${saying}`),
  broken: (reason, isFinal) => void log.push(`${reason}${isFinal ? ', for good' : ''}`),
  ended: () => void log.push('ended'),
  endedByServer: (reason) => void log.push(`ended by server: ${reason}`),
});

/** A hello in one line, and any other frame as it is. */
function brief(frame: FrameData): string {
  const control = parseControl(String(frame));
  if (control?.type !== 'hello') return String(frame);
  const { sid, isKnown, n, rx, hi, win, tok } = control;
  return `hello ${sid} ${isKnown ? 'known' : 'new'} n${n} rx${rx} hi${hi} win${win} ${tok ?? '-'}`;
}

/** One that is live, with these messages sent and none of them acknowledged. */
function live(messages = '', config: Partial<ClientSessionConfig> = {}): Bench {
  const made = bench(config);
  made.session.greet();
  made.welcome();
  for (const message of messages) made.outbox.add(message);
  made.send();
  made.look();
  return made;
}

const WELCOME = { type: 'welcome', rx: 0, hi: 0, ttl: 60, win: 100 } as const;
const gone = (sid: string | undefined, why: string, rx: number | null = null): string =>
  JSON.stringify({ gone: why, sid, rx });
const bye = (rx: number, hi: number, reason = ''): string =>
  JSON.stringify({ bye: reason, rx, hi });

describe('ClientSession, the greeting', () => {
  it('is a hello, and all waits for the answer', () => {
    const { session, outbox, look, send, welcome } = bench();
    outbox.add('a');
    session.greet();
    expect(look()).toEqual([`hello ${A} new n1 rx0 hi0 win100 -`]);
    expect([session.isGreeting, session.isLive, session.wasWelcomed]).toEqual([true, false, false]);
    expect([send(), session.unordered('x')]).toEqual([[], undefined]);
    welcome();
    expect(look()).toEqual(['welcomed']);
    expect([session.isGreeting, session.isLive, session.wasWelcomed]).toEqual([false, true, true]);
    expect([send(), session.unordered('x')]).toEqual([['1 a'], ' x']);
  });

  it('takes up a session that is known, with what the server gave', () => {
    const { session, look, welcome } = live('ab');
    session.receive('1 x');
    session.detach(false);
    session.greet();
    welcome({ rx: 1, hi: 1, tok: 'here' });
    session.handled(1);
    session.detach(false);
    look();
    session.greet();
    expect(look()).toEqual([`hello ${A} known n3 rx1 hi2 win100 here`]);
  });

  it('says what was handled, not what merely came', () => {
    const { session, look } = bench({}, { payload: (_data, seq) => (seq === 2 ? LATER : 0) });
    session.greet();
    session.receive(formatControl({ ...WELCOME, sid: session.sid }));
    for (const frame of ['1 x', '2 y']) session.receive(frame);
    session.detach(false);
    look();
    session.greet();
    expect(look()).toEqual([`hello ${A} known n2 rx1 hi0 win100 -`]);
  });

  it('says what was done with after the socket had gone', () => {
    const { session, look, welcome } = bench({}, { payload: () => LATER });
    session.greet();
    welcome();
    session.receive('1 x');
    session.detach(false);
    session.handled(1);
    look();
    session.greet();
    expect(look()).toEqual([`hello ${A} known n2 rx1 hi0 win100 -`]);
  });

  it('sends again what was not acknowledged', () => {
    const { session, send, welcome } = live('abc');
    session.detach(false);
    expect(send()).toEqual([]);
    session.greet();
    welcome({ rx: 1 });
    expect(send()).toEqual(['2 b', '3 c']);
  });

  it('takes and gives nothing while there is no socket', () => {
    const { session, outbox, look, send } = live();
    outbox.add('a');
    session.detach(false);
    expect(send()).toEqual([]);
    session.receive('1 x');
    expect(look()).toEqual([]);
  });

  it.each([
    ['hello', "'hello'"],
    ['?', "'?'"],
    [new Uint8Array(3), '3 bytes'],
    [formatControl({ type: 'win', win: 1 }), `'{"win":1}'`],
    ['x'.repeat(60), `'${'x'.repeat(60)}'`],
    ['x'.repeat(61), `'${'x'.repeat(59)}…'`],
  ])('is not answered by %s', (frame, saying) => {
    const { session, look } = bench();
    session.greet();
    look();
    session.receive(frame);
    expect(look()).toEqual([`unsupported: ${saying}`]);
  });

  it('is not answered by what is said of another session', () => {
    const { session, look, welcome } = bench();
    session.greet();
    look();
    welcome({ sid: 'Z'.repeat(16) });
    session.receive(gone('Z'.repeat(16), 'expired'));
    expect(look().map((line) => line.slice(0, 12))).toEqual(['unsupported:', 'unsupported:']);
  });

  it('is answered wrong by more than was sent, for good when it is so twice', () => {
    const { session, look, welcome } = live('a');
    for (const ending of ['', ', for good']) {
      session.detach(false);
      session.greet();
      look();
      welcome({ rx: 2 });
      expect(look()).toEqual([`welcome says 2 were accepted, and fewer were sent${ending}`]);
    }
    expect(session.isLive).toBe(false);
  });

  it.each([
    ['what came', { rx: 1, hi: 0 }],
    ['what it acknowledged', { rx: 0, hi: 1 }],
  ])('is answered by a server that forgot %s: another session begins', (_name, answer) => {
    const { session, look, welcome } = live('a');
    for (const frame of ['1 x', ',1']) session.receive(frame);
    session.detach(false);
    session.greet();
    look();
    welcome(answer);
    expect(look()).toEqual([
      'lost regressed: 0 unknown, 0 resent, missing 2',
      `hello ${B} new n3 rx0 hi0 win100 -`,
    ]);
  });
});

describe('ClientSession, what comes again', () => {
  it('is said to, also while readers have still to read it', () => {
    const { session, look, welcome } = live();
    session.readBy({ firstSeq: 1, forgetNumbers: () => undefined });
    session.detach(false);
    session.greet();
    welcome({ hi: 1 });
    look();
    session.receive('1 x');
    expect(look()).toEqual(['1 x again', 'caught up 1']);
  });

  it('is said to, up to where the server stood, and then it has caught up', () => {
    const { session, look, welcome } = live();
    session.receive('1 x');
    session.detach(false);
    session.greet();
    look();
    welcome({ hi: 3 });
    session.checkCaughtUp();
    for (const frame of ['2 x', ' y', '3 x', '4 x']) session.receive(frame);
    expect(look().filter((line) => line !== 'ack soon')).toEqual([
      'welcomed',
      '2 x again',
      '0 y',
      '3 x again',
      'caught up 2',
      '4 x',
    ]);
  });

  it('is nothing in a new session, whatever the server has', () => {
    const { session, look, welcome } = bench();
    session.greet();
    look();
    welcome({ hi: 3 });
    session.checkCaughtUp();
    session.receive('1 x');
    expect(look()).toEqual(['welcomed', 'caught up 0', '1 x', 'ack soon']);
  });

  it('is counted anew for every socket', () => {
    const { session, look, welcome } = live();
    for (const seq of [1, 2]) {
      session.detach(false);
      session.greet();
      welcome({ hi: seq });
      look();
      session.receive(`${seq} x`);
      expect(look()).toContain('caught up 1');
    }
  });

  it('may be a gap, which is caught up with as well', () => {
    const { session, look, welcome } = live();
    session.detach(false);
    session.greet();
    welcome({ hi: 3 });
    look();
    for (const frame of ['1 x', '{"skip":3}']) session.receive(frame);
    expect(look()).toEqual(['1 x again', 'ack soon', 'gap 2-3', 'ack soon', 'caught up 1']);
  });
});

describe('ClientSession, what is handled', () => {
  it('is acknowledged when it is done with, at once or later', () => {
    const later = bench({ window: 1 }, { payload: () => LATER, gap: () => LATER });
    later.session.greet();
    later.welcome();
    later.look();
    later.session.receive('1 x');
    expect(later.look()).toEqual([]);
    later.session.handled(1);
    expect(later.look()).toEqual([',1']);
    later.session.receive('{"skip":2}');
    expect(later.look()).toEqual([]);
    later.session.handled(2);
    expect(later.look()).toEqual([',2']);
  });

  it('is nothing where there is no number', () => {
    const { session, look } = live('', { window: 1 });
    session.receive(' x');
    expect(look()).toEqual(['0 x']);
  });

  it('is what readers have read, where somebody reads', () => {
    const { session, look } = live('', { window: 4 });
    const unread = { firstSeq: 1, forgetNumbers: () => undefined };
    session.readBy(unread);
    for (const frame of ['1 x', '2 x', '3 x']) session.receive(frame);
    expect(look()).toEqual(['1 x', '2 x', '3 x']);
    unread.firstSeq = 3;
    session.read();
    expect(look()).toEqual([',2']);
    unread.firstSeq = Infinity;
    session.read();
    expect(look()).toEqual([',3']);
  });

  it('is all when nobody reads any more', () => {
    const { session, look } = live('', { window: 4 });
    session.readBy({ firstSeq: 1, forgetNumbers: () => undefined });
    session.receive('1 x');
    look();
    session.readBy(undefined);
    expect(look()).toEqual([',1']);
  });

  it('is acknowledged on a live socket alone, and then as soon as there is one', () => {
    const { session, look, welcome } = live('', { window: 4 });
    const unread = { firstSeq: 1, forgetNumbers: () => undefined };
    session.readBy(unread);
    session.receive('1 x');
    session.detach(false);
    unread.firstSeq = 2;
    session.read();
    session.greet();
    session.read();
    expect(look()).toEqual(['1 x', `hello ${A} known n2 rx0 hi0 win4 -`]);
    welcome({ hi: 1 });
    expect(look()).toEqual([',1', 'welcomed']);
  });

  it('answers a question, and asks one', () => {
    const { session, look } = live();
    session.receive('?');
    session.probe();
    session.receive(',0');
    expect(look()).toEqual([',0', '?', 'answered']);
  });
});

describe('ClientSession, a server that does not answer', () => {
  /** Greets, and the server closes instead of answering. */
  function snub({ session, look }: Bench, couldAnswer = true): string[] {
    session.greet();
    session.detach(couldAnswer);
    return look();
  }

  it('is asked for a new session after three times, while the old one is kept', () => {
    const made = live('a');
    made.session.receive('1 x');
    made.session.detach(true);
    made.look();
    const known = (n: number): string => `hello ${A} known n${n} rx1 hi1 win100 -`;
    for (const n of [2, 3, 4]) expect(snub(made)).toEqual([known(n)]);
    expect(snub(made)).toEqual([`hello ${B} new n5 rx0 hi0 win100 -`]);
    // It did not like that one either: what went before proves nothing, and the count begins anew.
    expect(snub(made)).toEqual([known(6)]);
  });

  it('may take the new one, and the old one is lost then', () => {
    const made = live('a');
    made.session.receive('1 x');
    for (let count = 0; count < 3; count++) snub(made);
    made.outbox.add('b');
    made.session.greet();
    made.look();
    made.session.receive(formatControl({ ...WELCOME, sid: B ?? '' }));
    expect(made.look()).toEqual(['lost unknown: 1 unknown, 1 resent, missing 2', 'welcomed']);
    expect([made.session.sid, made.send()]).toEqual([B, ['1 b']]);
  });

  it('may refuse the new one, which says nothing about the old one', () => {
    const made = live('a');
    for (let count = 0; count < 3; count++) snub(made);
    made.session.greet();
    made.look();
    made.session.receive(gone(B, 'unknown'));
    expect(made.look()).toEqual(['a new session was refused: unknown']);
    expect(made.session.sid).toBe(A);
    made.session.detach(false);
    expect(snub(made)).toEqual([`hello ${A} known n6 rx0 hi1 win100 -`]);
    expect(made.session.snapshot).toMatchObject({ unanswered: 1, isTrying: false });
  });

  it('is not one that could not answer, or that did', () => {
    const made = live();
    made.session.detach(true);
    made.look();
    for (let n = 2; n < 8; n++) expect(snub(made, false)[0]).toContain(`${A} known n${n}`);
    expect(made.session.snapshot).toMatchObject({ unanswered: 0 });
    for (let count = 0; count < 2; count++) snub(made);
    made.session.greet();
    made.welcome();
    expect(made.session.snapshot).toMatchObject({ unanswered: 0 });
  });

  it('has nothing to forget where it never knew the session', () => {
    const made = bench();
    for (let n = 1; n < 7; n++)
      expect(snub(made)).toEqual([`hello ${A} new n${n} rx0 hi0 win100 -`]);
  });
});

describe('ClientSession, the end of a session by the server', () => {
  it('drops what nobody can tell of, sends what was not sent, and begins another one', () => {
    const { session, outbox, look, send, welcome } = live();
    const [sent] = [outbox.add('a'), send()];
    const waiting = outbox.add('b');
    session.receive('1 x');
    look();
    session.receive(gone(A, 'expired'));
    expect(look()).toEqual([
      'lost expired: 1 unknown, 1 resent, missing 2',
      `hello ${B} new n2 rx0 hi0 win100 -`,
    ]);
    expect([sent.status, waiting.status]).toEqual(['dropped', 'buffered']);
    welcome();
    expect([session.sid, send()]).toEqual([B, ['1 b']]);
  });

  it('sends again what nobody can tell of, where it is told to', () => {
    const { session, look, send, welcome } = live('ab', { unknownPolicy: 'resend' });
    session.receive(gone(A, 'expired'));
    expect(look()[0]).toBe('lost expired: 0 unknown, 2 resent, missing 1');
    welcome();
    expect(send()).toEqual(['1 a', '2 b']);
  });

  it('knows what arrived where the server says so', () => {
    const { session, look, send, welcome } = live('ab');
    session.receive(gone(A, 'ended', 1));
    expect(look()[0]).toBe('lost ended: 0 unknown, 1 resent, missing 1');
    welcome();
    expect(send()).toEqual(['1 b']);
  });

  it.each([
    ['more than was sent', 3],
    ['less than it acknowledged', 0],
  ])('does not believe %s', (_name, rx) => {
    const { session, look } = live('ab');
    session.receive(',1');
    look();
    session.receive(gone(A, 'ended', rx));
    expect(look()[0]).toBe('lost ended: 1 unknown, 0 resent, missing 1');
  });

  it.each([
    ['all that was sent', 2],
    ['what it acknowledged', 1],
  ])('believes %s', (_name, rx) => {
    const { session, look } = live('ab');
    session.receive(',1');
    look();
    session.receive(gone(A, 'ended', rx));
    expect(look()[0]).toContain('lost ended: 0 unknown');
  });

  it('comes instead of a welcome as well', () => {
    const { session, look } = live('a');
    session.detach(false);
    session.greet();
    look();
    session.receive(gone(A, 'unknown', 1));
    expect(look()).toEqual([
      'lost unknown: 0 unknown, 0 resent, missing 1',
      `hello ${B} new n3 rx0 hi0 win100 -`,
    ]);
  });

  it('forgets the token, the readers and the numbers', () => {
    let forgotten = 0;
    const { session, look, welcome } = live();
    session.detach(false);
    session.greet();
    welcome({ tok: 'secret', hi: 5 });
    session.readBy({ firstSeq: Infinity, forgetNumbers: () => forgotten++ });
    session.receive('1 x');
    look();
    session.receive(gone(A, 'expired'));
    expect(look().at(-1)).toBe(`hello ${B} new n3 rx0 hi0 win100 -`);
    expect(forgotten).toBe(1);
    expect(session.snapshot).toMatchObject({ replayTo: 0, accepted: 0, isKnown: false });
    // Of the new session nothing was handled yet.
    welcome();
    look();
    session.read();
    expect(look()).toEqual([]);
  });

  it('is final where another client goes on with it', () => {
    const { session, look } = live('a');
    session.receive(gone(A, 'fenced'));
    expect(look()).toEqual(['lost fenced: 1 unknown, 0 resent, missing 1', 'fenced']);
    session.receive('1 x');
    expect(look()).toEqual([]);
  });

  it('three times on one socket is borne, and not four', () => {
    const { session, look } = live();
    const refuse = (): string[] => {
      session.receive(gone(session.sid, 'unknown'));
      return look().slice(1);
    };
    expect([refuse(), refuse(), refuse()].map(([hello]) => hello?.slice(0, 22))).toEqual([
      `hello ${B}`,
      `hello ${C}`,
      `hello ${'D'.repeat(16)}`,
    ]);
    expect(refuse()).toEqual(['session after session was refused']);
    session.detach(false);
    session.greet();
    look();
    expect(refuse()[0]).toContain('hello');
  });

  it('by a bye is answered, and all that was not acknowledged is sent in the next one', () => {
    const { session, look, send, welcome } = live('ab');
    session.receive(bye(1, 0, 'so long'));
    expect(look()).toEqual([bye(0, 2), 'ended by server: so long']);
    expect(session.isLive).toBe(false);
    session.receive('1 x');
    session.greet();
    expect(look()).toEqual([`hello ${B} new n2 rx0 hi0 win100 -`]);
    welcome();
    expect(send()).toEqual(['1 b']);
  });

  it('by a bye tells what is missing', () => {
    const { session, look } = live();
    session.receive('1 x');
    look();
    session.receive(bye(0, 2));
    expect(look()).toEqual([
      bye(1, 0),
      'lost ended: 0 unknown, 0 resent, missing 2',
      'ended by server: ',
    ]);
  });

  it('by a bye tells of nothing where all came', () => {
    const { session, look } = live();
    session.receive('1 x');
    look();
    session.receive(bye(0, 1));
    expect(look()).toEqual([bye(1, 0), 'ended by server: ']);
  });
});

describe('ClientSession, its own end', () => {
  it('is said, and answered', () => {
    const { session, look, send } = live('a');
    session.receive('1 x');
    look();
    session.bye('closed');
    expect(look()).toEqual([bye(1, 1, 'closed')]);
    session.receive('2 y');
    expect([send(), session.unordered('x'), look()]).toEqual([[], undefined, []]);
    session.receive(bye(1, 2));
    expect(look()).toEqual(['ended']);
  });

  it('makes the next hello one of another session', () => {
    const { session, look } = live('a');
    session.end();
    session.receive('1 x');
    session.greet();
    expect(look()).toEqual([`hello ${B} new n2 rx0 hi0 win100 -`]);
  });

  it('comes when the numbers are used up: another one begins on the same socket', () => {
    const { session, outbox, look, send, welcome } = live('ab', { maxSeq: 2, window: 4 });
    const unread = { firstSeq: 1, forgetNumbers: () => undefined };
    session.readBy(unread);
    outbox.add('c');
    session.receive('1 x');
    look();
    session.receive(',1');
    expect(look()).toEqual(['resume', 'answered']);
    session.receive(',2');
    expect(look()).toEqual([bye(1, 2, 'numbers are used up'), 'resume', 'answered']);
    expect(send()).toEqual([]);
    unread.firstSeq = Infinity;
    session.read();
    expect(look()).toEqual([',1']);
    session.receive(bye(2, 1));
    expect(look()).toEqual([`hello ${B} new n2 rx0 hi0 win4 -`]);
    welcome();
    expect(send()).toEqual(['1 c']);
  });

  it('is said once when the numbers are used up', () => {
    const { session, look } = live('a', { maxSeq: 1 });
    session.receive(',1');
    look();
    session.receive('{"win":5}');
    expect(look()).toEqual(['resume']);
  });
});

describe('ClientSession, what is none of the protocol', () => {
  it.each([
    [
      `{"jet":1,"sid":"${'Z'.repeat(16)}","rx":0,"hi":0,"win":1,"ttl":1}`,
      'welcome in the middle of a session',
    ],
    [
      `{"jet":1,"sid":"${'Z'.repeat(16)}","rx":0,"hi":0,"win":1,"n":1,"ok":0}`,
      'hello in the middle of a session',
    ],
    [gone('Z'.repeat(16), 'expired'), 'gone, of another session'],
    ['x', 'a frame that is none of the protocol'],
  ])('is told: %s', (frame, reason) => {
    const { session, look } = live();
    session.receive(frame);
    expect(look()).toEqual([reason]);
  });

  it('is for good when it comes twice at the same place', () => {
    const { session, look } = live();
    session.receive('x');
    session.receive('1 a');
    look();
    session.receive('x');
    session.receive('x');
    expect(look().map((line) => line.endsWith(', for good'))).toEqual([false, true]);
  });

  it('in another session is at another place', () => {
    const { session, look, welcome } = live();
    session.receive('x');
    session.receive(gone(A, 'expired'));
    welcome();
    look();
    session.receive('x');
    expect(look()).toEqual(['a frame that is none of the protocol']);
  });
});

describe('ClientSession, a move to another socket', () => {
  it('is asked for by the server', () => {
    const { session, look } = live();
    session.receive('{"move":5}');
    expect(look()).toEqual(['leaving 5']);
  });

  it('begins with a hello there, which all may overtake that is sent here', () => {
    const { session, look, send, outbox } = live('a');
    session.receive('1 x');
    look();
    session.move();
    expect(look()).toEqual([`next: hello ${A} known n2 rx1 hi1000001 win100 -`]);
    outbox.add('b');
    expect(send()).toEqual(['2,1 b']);
    session.receive('2 y');
    expect(look()).toEqual(['2 y', 'ack soon']);
  });

  it('says no number there that is too large to count', () => {
    const { session, outbox, look } = bench();
    outbox.continueAfter(MAX_SEQ - 1);
    session.move();
    expect(look()).toEqual([`next: hello ${A} new n1 rx0 hi${MAX_SEQ} win100 -`]);
  });

  it('is done when the server welcomes it there, and says what was handled since', () => {
    const { session, look, send, outbox } = live('a');
    session.move();
    outbox.add('b');
    send();
    session.receive('1 x');
    look();
    session.receiveOnNext(formatControl({ ...WELCOME, sid: A ?? '', rx: 1, hi: 1 }));
    expect(look()).toEqual(['moved', ',1']);
    expect(send()).toEqual(['2 b']);
  });

  const refusals: readonly (readonly [string, Partial<Welcome>])[] = [
    ['another session', { sid: 'Z'.repeat(16) }],
    ['more than was sent', { rx: 3 }],
    ['less than was acknowledged', { rx: 0 }],
    ['less than came', { hi: 0 }],
  ];
  const moving = (): Bench => {
    const made = live('ab');
    for (const frame of ['1 x', ',1']) made.session.receive(frame);
    made.session.move();
    made.look();
    return made;
  };

  it.each(refusals)('is refused by a welcome that says %s', (_name, more) => {
    const { session, look } = moving();
    session.receiveOnNext(formatControl({ ...WELCOME, sid: A ?? '', rx: 1, hi: 1, ...more }));
    expect(look()[0]).toContain('not moved: ');
    expect(session.isLive).toBe(true);
  });

  it.each([{ rx: 1 }, { rx: 2 }, { hi: 2 }])('is not refused by a welcome that says %j', (more) => {
    const { session, look } = moving();
    session.receiveOnNext(formatControl({ ...WELCOME, sid: A ?? '', rx: 1, hi: 1, ...more }));
    expect(look()[0]).toBe('moved');
  });

  it.each([gone(A, 'expired'), '1 x', new Uint8Array(2)])('is refused by %s', (frame) => {
    const { session, look } = moving();
    session.receiveOnNext(frame);
    expect(look()[0]).toContain('not moved: ');
  });

  it('is refused when the session is over meanwhile', () => {
    const { session, look } = moving();
    session.bye('closed');
    look();
    session.receiveOnNext(formatControl({ ...WELCOME, sid: A ?? '', rx: 1, hi: 1 }));
    expect(look()[0]).toContain('not moved: ');
  });

  it('fences this socket, whether the answer came or not', () => {
    for (const stays of [false, true]) {
      const { session, look } = moving();
      if (stays) session.stay();
      session.receive(gone(A, 'fenced'));
      expect(look()).toEqual(['fenced by move']);
    }
  });

  it('that is done fences nothing: somebody else goes on with the session then', () => {
    const { session, look } = moving();
    session.receiveOnNext(formatControl({ ...WELCOME, sid: A ?? '', rx: 1, hi: 1 }));
    look();
    session.receive(gone(A, 'fenced'));
    expect(look().at(-1)).toBe('fenced');
  });

  it('ends a session for another reason as ever', () => {
    const { session, look } = moving();
    session.receive(gone(A, 'expired'));
    expect(look()[0]).toContain('lost expired');
  });

  it('goes on as a greeting when this socket is lost before the answer', () => {
    const { session, look } = moving();
    session.detach(false);
    session.promote();
    expect(session.isGreeting).toBe(true);
    session.receive(formatControl({ ...WELCOME, sid: A ?? '', rx: 1, hi: 1 }));
    expect(look()).toEqual(['welcomed']);
    session.receive(gone(A, 'fenced'));
    expect(look().at(-1)).toBe('fenced');
  });

  it('that came to nothing, or never began, does not', () => {
    for (const begin of [(one: Bench) => one.session.stay(), () => undefined]) {
      const made = begin.length > 0 ? moving() : live();
      begin(made);
      made.session.detach(false);
      made.session.promote();
      expect(made.session.isGreeting).toBe(false);
    }
  });

  it('that never began is no reason to be fenced, if given up', () => {
    const { session, look } = live();
    session.stay();
    session.receive(gone(A, 'fenced'));
    expect(look().at(-1)).toBe('fenced');
  });

  it('is over with the next hello', () => {
    const { session, look, welcome } = moving();
    session.stay();
    session.detach(false);
    session.greet();
    welcome({ rx: 1, hi: 1 });
    look();
    session.receive(gone(A, 'fenced'));
    expect(look().at(-1)).toBe('fenced');
  });
});

it('ClientSession tells that it tries another session', () => {
  const { session, look } = live();
  for (let count = 0; count < 3; count++) {
    session.detach(true);
    session.greet();
  }
  session.detach(true);
  expect(session.snapshot).toMatchObject({ place: 'detached', isTrying: false });
  session.greet();
  expect(session.snapshot).toMatchObject({ place: 'greeting', isTrying: true });
  look();
});

it('ClientSession tells where it stands before it was greeted, and after its end', () => {
  const { session } = bench();
  const nothing = { place: 'detached', n: 0, unanswered: 0, refused: 0, replayTo: 0 };
  expect(session.snapshot).toMatchObject({ ...nothing, brokenAt: -1, isKnown: false });
  session.greet();
  session.receive('1 x');
  session.end();
  expect(session.snapshot).toMatchObject({ place: 'detached', brokenAt: -1 });
});

it('ClientSession tells where it stands, without names', () => {
  const { session } = live('a');
  session.receive('x');
  session.move();
  expect(session.snapshot).toEqual({
    ...session.exchange.snapshot,
    ...{ place: 'live', isKnown: true, n: 2, unanswered: 0, refused: 0, brokenAt: 0, replayTo: 0 },
    isTrying: false,
  });
  expect(JSON.stringify(session.snapshot)).not.toContain(A);
});
