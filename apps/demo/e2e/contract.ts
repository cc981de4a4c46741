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
  gap: { from: 'any', to: 'any', cause: CAUSE },
};

/** The eleven. */
export const CONTRACT = Object.keys(FIELDS).slice(0, 11);

/**
 * Holds events against the contract: no field missing, none unknown, and times in seconds. One assertion for all of
 * them, because the runner keeps a record of each, and a page under load has tens of thousands of events.
 */
export function checkContract(events: readonly Recorded[], startedMs: number): void {
  let before = startedMs / 1_000 - 1;
  const latest = Date.now() / 1_000 + 1;
  const wrong: string[] = [];
  for (const event of events) {
    const said = wrongIn(event, before, latest);
    if (said !== undefined) wrong.push(`${event.type}: ${said}, in ${JSON.stringify(event)}`);
    before = event.timestamp;
  }
  expect(wrong.slice(0, 10)).toEqual([]);
}

/** What is wrong with an event, if anything is. */
function wrongIn(event: Recorded, before: number, latest: number): string | undefined {
  const fields = FIELDS[event.type];
  if (fields === undefined) return 'there is no such event';
  const { continuity } = event;
  // Only modes that number incoming messages can say it.
  if (continuity !== undefined) {
    if (event.type !== 'replay_completed') return 'it has a continuity';
    if (continuity !== 'verified' && continuity !== 'unverified') return 'an unknown continuity';
  }
  const known = ['type', 'timestamp', 'continuity', ...Object.keys(fields)];
  const unknown = Object.keys(event).find((name) => !known.includes(name));
  if (unknown !== undefined) return `unknown field ${unknown}`;
  const bad = Object.entries(fields).find(([name, check]) => !fits(event, name, check));
  if (bad !== undefined) return `field ${bad[0]} is missing, or not what it has to be`;
  const inOrder = event.timestamp >= before && event.timestamp < latest;
  return inOrder ? undefined : 'its timestamp is not in seconds, or not in order';
}

function fits(event: Recorded, name: string, check: Check): boolean {
  if (!(name in event)) return false;
  const value = event[name];
  if (check === 'any') return true;
  if (check === 'number') return Number.isFinite(value);
  if (typeof check === 'string') return typeof value === check;
  if (check instanceof RegExp) return check.test(String(value));
  return check.includes(value);
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
