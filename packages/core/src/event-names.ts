import type { EventName } from './events.js';

/** Of every event, that it is one: the compiler sees to it that none is missing. */
const NAMES: Record<EventName, true> = {
  connected: true,
  disconnected: true,
  reconnecting: true,
  reconnected: true,
  message: true,
  error: true,
  ping: true,
  pong: true,
  buffer_overflow: true,
  replay_started: true,
  replay_completed: true,
  connecting: true,
  state_change: true,
  closed: true,
  gap: true,
};

/** The names of all events. */
export const EVENT_NAMES: readonly EventName[] = Object.keys(NAMES) as EventName[];
