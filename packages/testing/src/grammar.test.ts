import type { EventName, JetSocketEvent } from '@jetsocket/core';
import { describe, expect, it } from 'vitest';
import { createGrammarChecker, type GrammarChecker, type GrammarOptions } from './grammar.js';

const uri = 'wss://example.com/';
const timestamp = 1_700_000_000.25;

/** A well-formed record of every kind. */
const SAMPLES: { readonly [Name in EventName]: Extract<JetSocketEvent, { readonly type: Name }> } =
  {
    connected: { type: 'connected', timestamp, uri, protocol: '' },
    disconnected: {
      type: 'disconnected',
      timestamp,
      uri,
      code: 1006,
      reason: '',
      was_clean: false,
      will_reconnect: true,
    },
    reconnecting: {
      type: 'reconnecting',
      timestamp,
      attempt: 1,
      delay: 0.5,
      cause: 'connection_lost',
    },
    reconnected: { type: 'reconnected', timestamp, uri, attempts: 1, downtime_ms: 500 },
    message: { type: 'message', timestamp, data: 'hi', sequence_id: null, replayed: false },
    error: {
      type: 'error',
      timestamp,
      error: new Error('no'),
      message: 'no',
      code: 'CONNECT_FAILED',
      fatal: false,
    },
    ping: { type: 'ping', timestamp, payload: '' },
    pong: { type: 'pong', timestamp, latency_ms: 3, payload: '' },
    buffer_overflow: {
      type: 'buffer_overflow',
      timestamp,
      dropped_count: 1,
      policy: 'drop_oldest',
      capacity: 1,
      direction: 'outgoing',
    },
    replay_started: {
      type: 'replay_started',
      timestamp,
      mode: 'full_buffer',
      message_count: 2,
      last_sequence_id: null,
    },
    replay_completed: {
      type: 'replay_completed',
      timestamp,
      mode: 'full_buffer',
      replayed_count: 2,
      duration_ms: 1,
    },
    connecting: { type: 'connecting', timestamp, uri, attempt: 0 },
    state_change: {
      type: 'state_change',
      timestamp,
      from: 'idle',
      to: 'connecting',
      cause: 'connect',
    },
    closed: { type: 'closed', timestamp, code: 1000, reason: '', cause: 'close' },
    gap: { type: 'gap', timestamp, from: 3, to: 5, cause: 'timeout' },
  };

/** A word of a sequence: an event's name, or `>phase`, then fields that differ, as in `connecting attempt=1`. */
function record(word: string, phase: string): JetSocketEvent {
  const [name = '', ...changes] = word.split(' ');
  if (name.startsWith('>')) {
    return { ...SAMPLES.state_change, from: phase, to: name.slice(1) } as JetSocketEvent;
  }
  const fields = changes.map((change) => {
    const [key = '', value = ''] = change.split('=');
    return [key, /^(true|false|-?[\d.]+)$/.test(value) ? (JSON.parse(value) as unknown) : value];
  });
  return { ...SAMPLES[name as EventName], ...Object.fromEntries(fields) } as JetSocketEvent;
}

function read(sequence: string, options?: GrammarOptions): GrammarChecker {
  const checker = createGrammarChecker(options);
  let phase = 'idle';
  for (const word of sequence.split(',').map((text) => text.trim())) {
    checker.accept(record(word, phase));
    if (word.startsWith('>')) phase = word.slice(1);
  }
  return checker;
}

const FIRST = '>connecting, connecting, >connected, connected';
const LOST = `${FIRST}, error, >backing_off, disconnected, reconnecting`;
const AGAIN = `${LOST}, >connecting, connecting attempt=1, >connected, connected, reconnected`;
const REPLAYED = `${AGAIN}, replay_started, replay_completed`;
const CLOSED = '>closing, >closed, disconnected will_reconnect=false, closed';
const FAILED = '>failed, error fatal=true';
const END = 'closed cause=fatal';

describe('createGrammarChecker() accepts', () => {
  it.each([
    ['a life without an outage', `${FIRST}, message, ping, pong, gap, ${CLOSED}`],
    ['a life with one', `${REPLAYED}, message, ${CLOSED}`],
    [
      'retries before the first connection',
      `>connecting, connecting, >backing_off, error, reconnecting,
      >connecting, connecting attempt=1, error, >backing_off, reconnecting attempt=2, >connecting, connecting attempt=2,
      >connected, connected, ${CLOSED}`,
    ],
    [
      'a replay cut short, and the next one',
      `${AGAIN}, replay_started, >backing_off, disconnected, reconnecting attempt=2,
      >connecting, connecting attempt=2, >connected, connected, reconnected attempts=2, replay_started, replay_completed, ${CLOSED}`,
    ],
    [
      'attempts that count from 1 after a connection',
      `${REPLAYED}, >backing_off, disconnected, reconnecting, >closed, closed`,
    ],
    [
      'reconnect() during an attempt',
      `>connecting, connecting, >backing_off, error, reconnecting, >connecting, connecting attempt=1,
      error code=ABORTED, reconnecting delay=0, connecting attempt=1, >closed, closed`,
    ],
    ['close() before connect()', '>closed, closed'],
    ['close() during an attempt', '>connecting, connecting, >closed, closed'],
    ['close() during a wait', `${LOST}, >closed, closed`],
    ['a fatal refusal', `>connecting, connecting, ${FAILED}, ${END}`],
    [
      'a fatal end of a connection',
      `${FIRST}, ${FAILED}, disconnected will_reconnect=false, ${END}`,
    ],
    ['attempts used up', `>connecting, connecting, ${FAILED}, closed cause=exhausted`],
    ['a normal end', `${FIRST}, >closed, disconnected will_reconnect=false, closed cause=normal`],
    [
      'error and buffer_overflow anywhere',
      `buffer_overflow, error, >connecting, error, buffer_overflow, connecting, buffer_overflow,
      >connected, connected, error, buffer_overflow, >backing_off, disconnected, error, reconnecting, error, buffer_overflow,
      >connecting, connecting attempt=1, >connected, connected, error, reconnected, error, replay_started, error, replay_completed,
      >closed, disconnected will_reconnect=false, error, closed`,
    ],
    [
      'a second life, which overflows before it connects',
      `>closed, closed, >connecting, buffer_overflow, connecting, >closed, closed`,
    ],
    ['a second life', `${REPLAYED}, ${CLOSED}, ${FIRST}, ${CLOSED}`],
  ])('%s', (_name, sequence) => {
    expect(() => read(sequence).end()).not.toThrow();
  });

  it('a reconnect without replay in mode none', () => {
    expect(() => read(`${AGAIN}, message, ${CLOSED}`, { replays: false }).end()).not.toThrow();
  });
});

describe('createGrammarChecker() refuses', () => {
  it.each([
    ['connected without an attempt', '>connected, connected', 'there is no attempt (new)'],
    ['connected twice', `${FIRST}, connected`, 'there is no attempt (open)'],
    ['connected in another state', '>connecting, connecting, connected', 'the state is connecting'],
    [
      'an attempt while one runs',
      '>connecting, connecting, connecting',
      'no attempt is due (attempting)',
    ],
    ['an attempt while connected', `${FIRST}, connecting`, 'no attempt is due (open)'],
    [
      'an attempt that was announced by another number',
      `${LOST}, connecting attempt=2`,
      'attempt is 2, and 1 was announced',
    ],
    [
      'an attempt 1 in a new life',
      `${FIRST}, ${CLOSED}, >connecting, connecting attempt=1`,
      'attempt is 1, and 0 was announced',
    ],
    ['a retry without an error', 'connecting, reconnecting', 'an attempt failed without an error'],
    ['a retry out of the blue', `${FIRST}, reconnecting`, 'nothing was lost (open)'],
    ['two retries at once', `${LOST}, reconnecting attempt=2`, 'nothing was lost (waiting)'],
    [
      'a retry that leaves one out',
      'connecting, error, reconnecting attempt=2',
      'attempt is 2 after 0',
    ],
    [
      'retries counted from 1 without a connection',
      `connecting, error, reconnecting, connecting attempt=1, error, reconnecting`,
      'attempt is 1 after 1',
    ],
    [
      'reconnected on the first connection',
      `${FIRST}, reconnected`,
      'it does not follow on connected',
    ],
    ['reconnected twice', `${AGAIN}, reconnected`, 'it does not follow on connected'],
    [
      'reconnected with other attempts',
      `${LOST}, >connecting, connecting attempt=1, >connected, connected, reconnected attempts=2`,
      'attempts is 2, and 1 was announced',
    ],
    [
      'reconnected at another address',
      `${LOST}, >connecting, connecting attempt=1, >connected, connected, reconnected uri=x`,
      'uri is not that of connected',
    ],
    [
      'a message between connected and reconnected',
      `${LOST}, >connecting, connecting attempt=1, >connected, connected, message`,
      'the connection is not open (returned)',
    ],
    ['a replay on the first connection', `${FIRST}, replay_started`, 'no replay is due'],
    ['two replays', `${REPLAYED}, replay_started`, 'no replay is due'],
    ['the end of a replay that never began', `${AGAIN}, replay_completed`, 'no replay has started'],
    ['two ends of a replay', `${REPLAYED}, replay_completed`, 'no replay has started'],
    [
      'a replay that changes its mode',
      `${AGAIN}, replay_started, replay_completed mode=none`,
      'mode is none',
    ],
    [
      'more replayed than there was',
      `${AGAIN}, replay_started, replay_completed replayed_count=3`,
      'replayed_count is 3 of 2',
    ],
    [
      'a replay that ends after an outage',
      `${AGAIN}, replay_started, disconnected, replay_completed`,
      'not open (lost)',
    ],
    ['a reconnect without a replay', `${AGAIN}, disconnected`, 'replay_started did not come'],
    ['disconnected twice', `${FIRST}, disconnected, disconnected`, 'no connection is open (lost)'],
    [
      'disconnected twice, for good',
      `${FIRST}, disconnected will_reconnect=false, disconnected will_reconnect=false`,
      'no connection is open (ending)',
    ],
    [
      'disconnected without connected',
      '>connecting, connecting, disconnected',
      'no connection is open (attempting)',
    ],
    [
      'disconnected from another address',
      `${FIRST}, disconnected uri=x`,
      'uri is not that of connected',
    ],
    [
      'disconnected twice after a fatal error',
      `${FIRST}, ${FAILED}, disconnected will_reconnect=false, disconnected will_reconnect=false`,
      'no connection is open (ending)',
    ],
    [
      'a reconnect after a fatal error',
      `${FIRST}, ${FAILED}, disconnected`,
      'will_reconnect is true after a fatal error',
    ],
    [
      'a retry after a fatal error',
      `connecting, ${FAILED}, reconnecting`,
      'nothing was lost (ending)',
    ],
    [
      'a retry after disconnected for good',
      `${FIRST}, disconnected will_reconnect=false, reconnecting`,
      'nothing was lost (ending)',
    ],
    [
      'closed instead of the retry it spoke of',
      `${FIRST}, disconnected, >closed, closed`,
      'said that it will reconnect',
    ],
    ['closed without disconnected', `${FIRST}, >closed, closed`, 'disconnected did not come'],
    [
      'closed without disconnected, after a fatal error',
      `${FIRST}, ${FAILED}, ${END}`,
      'disconnected did not come',
    ],
    ['closed in another state', `${LOST}, closed`, 'the state is backing_off'],
    [
      'closed with a cause that does not fit',
      '>connecting, connecting, >failed, closed cause=close',
      'the cause is close',
    ],
    ['closed twice', '>closed, closed, closed', 'it came already'],
    ['a message after closed', '>closed, closed, message', 'the connection is not open (over)'],
    ['an error after closed', '>closed, closed, error', 'nothing follows on closed'],
    ['an attempt after closed', '>closed, closed, connecting', 'no attempt is due (over)'],
    ['another state after closed', '>closed, closed, >failed', 'nothing follows on closed'],
    ['an overflow after closed', '>closed, closed, buffer_overflow', 'nothing follows on closed'],
    ['a message during a wait', `${LOST}, message`, 'the connection is not open (waiting)'],
    [
      'a pong before connected',
      '>connecting, connecting, pong',
      'the connection is not open (attempting)',
    ],
    [
      'a state that changes to itself',
      '>connecting, >connecting',
      'it is from connecting to itself',
    ],
    [
      'a state that was never reached',
      'state_change from=closed',
      'it is from closed, and the one before led to idle',
    ],
  ])('%s', (_name, sequence, complaint) => {
    expect(() => read(sequence)).toThrow(complaint);
  });

  it('a replay in mode none', () => {
    expect(() => read(`${AGAIN}, replay_started`, { replays: false })).toThrow('no replay is due');
  });

  it.each([
    FIRST,
    LOST,
    AGAIN,
    `${FIRST}, disconnected will_reconnect=false`,
    'connecting, error fatal=true',
  ])('to end at: %s', (sequence) => {
    expect(() => read(sequence).end()).toThrow('The events end before closed');
  });

  it('and shows what came before', () => {
    const wrong = (): unknown => read(`${FIRST}, error, connected`);
    expect(wrong).toThrow(
      /^Event 6, connected: there is no attempt \(open\)\nThe events so far:\n1\. state_change /,
    );
    expect(wrong).toThrow(/\n5\. error .*"Error: no".*\n6\. connected/);
  });
});

describe('createGrammarChecker() looks at fields', () => {
  it('keeps what it read', () => {
    expect(read(FIRST).history.map(({ type }) => type)).toEqual([
      'state_change',
      'connecting',
      'state_change',
      'connected',
    ]);
  });

  it.each(Object.keys(SAMPLES) as EventName[])(
    'refuses %s with a field too many, or without its fields',
    (type) => {
      const accept = (event: object): void =>
        createGrammarChecker().accept(event as JetSocketEvent);
      expect(() => accept({ ...SAMPLES[type], extra: 1 })).toThrow('extra is no field of it');
      for (const field of Object.keys(SAMPLES[type])) {
        const rest = Object.entries(SAMPLES[type]).filter(([name]) => name !== field);
        expect(() => accept(Object.fromEntries(rest)), field).toThrow(
          /is missing|timestamp is undefined|there is no event undefined/,
        );
      }
    },
  );

  it.each([
    ['reconnecting', { attempt: 0 }, 'attempt is 0'],
    ['reconnecting', { delay: -1 }, 'delay is -1'],
    ['reconnecting', { delay: Number.NaN }, 'delay is NaN'],
    ['connected', { timestamp: Number.NaN }, 'timestamp is NaN'],
    ['connected', { timestamp: '2023' }, 'timestamp is 2023'],
    ['disconnected', { code: '1006' }, 'code is 1006'],
    ['disconnected', { was_clean: 1 }, 'was_clean is 1'],
    ['error', { error: 'no' }, 'error is no'],
    ['error', { message: 'yes' }, 'message is not that of the error, no'],
    ['buffer_overflow', { dropped_count: 0 }, 'dropped_count is 0'],
    ['buffer_overflow', { policy: 'drop' }, 'policy is drop'],
    ['buffer_overflow', { direction: 'up' }, 'direction is up'],
    ['pong', { latency_ms: -1 }, 'latency_ms is -1'],
    ['message', { sequence_id: undefined }, 'sequence_id is undefined'],
    ['reconnected', { downtime_ms: Infinity }, 'downtime_ms is Infinity'],
    ['closed', { type: 'shut' }, 'there is no event shut'],
  ] as const)('refuses %s with %j', (type, change, complaint) => {
    expect(() =>
      createGrammarChecker().accept({ ...SAMPLES[type], ...change } as JetSocketEvent),
    ).toThrow(complaint);
  });
});
