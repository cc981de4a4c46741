import type { EventName } from '@jetsocket/core';

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
const flag: Check = (value) => typeof value === 'boolean';
const finite: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const duration: Check = (value) => typeof value === 'number' && value >= 0 && value < Infinity;
const count: Check = (value) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const countFromOne: Check = (value) => count(value) && value !== 0;
const sequenceId: Check = (value) => value === null || finite(value) || text(value);
const whatever: Check = () => true;
const error: Check = (value) => value instanceof Error;
const oneOf =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);

/** Every field of every event. A record has all of them and no other. */
const FIELDS: { readonly [Name in EventName]: Readonly<Record<string, Check>> } = {
  connected: { uri: text, protocol: text },
  disconnected: { uri: text, code: count, reason: text, was_clean: flag, will_reconnect: flag },
  reconnecting: { attempt: countFromOne, delay: duration, cause: text },
  reconnected: { uri: text, attempts: countFromOne, downtime_ms: duration },
  message: { data: whatever, sequence_id: sequenceId, replayed: flag },
  error: { error, message: text, code: text, fatal: flag },
  ping: { payload: whatever },
  pong: { latency_ms: duration, payload: whatever },
  buffer_overflow: {
    dropped_count: countFromOne,
    policy: oneOf('drop_oldest', 'drop_newest', 'error'),
    // Infinity where bytes alone are the bound.
    capacity: (value) => value === Infinity || countFromOne(value),
    direction: oneOf('outgoing', 'incoming'),
  },
  replay_started: { mode: text, message_count: count, last_sequence_id: sequenceId },
  replay_completed: {
    replayed_count: count,
    duration_ms: duration,
    mode: text,
  },
  connecting: { uri: text, attempt: count },
  state_change: { from: text, to: text, cause: text },
  closed: { code: count, reason: text, cause: text },
  gap: { from: sequenceId, to: sequenceId, cause: text },
};

/** Fields that are there only where they mean something. */
const OPTIONAL: Readonly<Record<string, Check>> = {
  continuity: oneOf('verified', 'unverified'),
};

/** What is wrong with the fields of a record, or undefined. */
export function wrongField(record: Readonly<Record<string, unknown>>): string | undefined {
  const { type, timestamp, ...rest } = record;
  const fields =
    typeof type === 'string'
      ? Object.entries(FIELDS).find(([name]) => name === type)?.[1]
      : undefined;
  if (fields === undefined) return `there is no event ${String(type)}`;
  if (!finite(timestamp)) return `timestamp is ${String(timestamp)}, not Unix time in seconds`;
  for (const [name, check] of Object.entries(fields)) {
    if (!(name in rest)) return `${name} is missing`;
    if (!check(rest[name])) return `${name} is ${String(rest[name])}`;
  }
  return Object.keys(rest)
    .filter((name) => !(name in fields) && OPTIONAL[name]?.(rest[name]) !== true)
    .map((name) => `${name} is no field of it`)[0];
}
