import type { JetSocketEvent } from '@jetsocket/core';
import { createGrammarChecker } from '@jetsocket/testing';
import { expect } from '@playwright/test';

/** An event as it left the page: an `Error` became its class and message. */
export interface Recorded {
  readonly type: string;
  readonly timestamp: number;
  readonly [field: string]: unknown;
}

type Check = 'string' | 'number' | 'boolean' | 'any' | RegExp | readonly unknown[];

const PHASE = ['idle', 'connecting', 'connected', 'backing_off', 'closing', 'closed', 'failed'];
const MODE = ['none', 'full_buffer', 'sequence_id', 'session'];
const POLICY = ['drop_oldest', 'drop_newest', 'error'];
const CAUSE = /^[a-z_]+$/;
const CODE = /^[A-Z_]+$/;
const URI = /^ws:\/\/127\.0\.0\.1:\d+\/ws/;

/** Every field of every event, beside `type` and `timestamp`. There are no others. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  connected: { uri: URI, protocol: 'string' },
  disconnected: {
    uri: URI,
    code: 'number',
    reason: 'string',
    was_clean: 'boolean',
    will_reconnect: 'boolean',
  },
  reconnecting: { attempt: 'number', delay: 'number', cause: CAUSE },
  reconnected: { uri: URI, attempts: 'number', downtime_ms: 'number' },
  message: { data: 'any', sequence_id: 'any', replayed: 'boolean' },
  error: { error: 'any', message: 'string', code: CODE, fatal: 'boolean' },
  ping: { payload: 'any' },
  pong: { latency_ms: 'number', payload: 'any' },
  buffer_overflow: {
    dropped_count: 'number',
    policy: POLICY,
    capacity: 'number',
    direction: ['outgoing', 'incoming'],
  },
  replay_started: { mode: MODE, message_count: 'number', last_sequence_id: 'any' },
  replay_completed: {
    replayed_count: 'number',
    duration_ms: 'number',
    mode: MODE,
  },
  connecting: { uri: URI, attempt: 'number' },
  state_change: { from: PHASE, to: PHASE, cause: CAUSE },
  closed: { code: 'number', reason: 'string', cause: CAUSE },
};

/** The eleven. */
export const CONTRACT = Object.keys(FIELDS).slice(0, 11);

/** Holds events against the contract: no field missing, none unknown, and times in seconds. */
export function checkContract(events: readonly Recorded[], startedMs: number): void {
  let before = startedMs / 1_000 - 1;
  for (const event of events) {
    const fields = FIELDS[event.type];
    expect(fields, `unknown event ${event.type}`).toBeDefined();
    const names = Object.keys(event).filter((name) => name !== 'continuity');
    // Only modes that number incoming messages can say it.
    if (names.length < Object.keys(event).length) {
      expect(event.type).toBe('replay_completed');
      expect(['verified', 'unverified']).toContain(event['continuity']);
    }
    expect(names.sort(), event.type).toEqual(
      [...Object.keys(fields ?? {}), 'timestamp', 'type'].sort(),
    );
    for (const [name, check] of Object.entries(fields ?? {})) checkField(event, name, check);
    expect(event.timestamp, 'seconds, and in order').toBeGreaterThanOrEqual(before);
    expect(event.timestamp).toBeLessThan(Date.now() / 1_000 + 1);
    before = event.timestamp;
  }
}

function checkField(event: Recorded, name: string, check: Check): void {
  const value = event[name];
  const where = `${event.type}.${name}`;
  if (check === 'any') expect(event, where).toHaveProperty(name);
  else if (check === 'number') expect(Number.isFinite(value), where).toBe(true);
  else if (typeof check === 'string') expect(typeof value, where).toBe(check);
  else if (check instanceof RegExp) expect(value, where).toMatch(check);
  else expect(check, where).toContain(value);
}

/** Holds the order of one socket's events against the grammar. They may end before `closed`: the test did. */
export function checkOrder(events: readonly Recorded[], replays: boolean): void {
  const checker = createGrammarChecker({ replays });
  for (const event of events) checker.accept(revived(event));
}

/** As it was in the page. What the fields are, {@link checkContract} has looked at. */
function revived(event: Recorded): JetSocketEvent {
  const { error } = event;
  const message = event['message'];
  const whole = error === undefined ? event : { ...event, error: new Error(String(message)) };
  return whole as unknown as JetSocketEvent;
}
