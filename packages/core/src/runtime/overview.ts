import type { State } from '../machine/state.js';
import type { Stats } from '../stats.js';
import type { Meter } from './meter.js';
import type { Outgoing } from './outgoing.js';

/** What `stats()` tells: counts of what went by, as plain data that does not change any more. */
export function statsOf(
  state: State['phase'],
  nowMs: number,
  meter: Meter,
  outgoing: Outgoing,
): Stats {
  const { sent, sentLength, missed, snapshot } = outgoing;
  const { size, bytes, ...counts } = snapshot;
  return Object.freeze({
    state,
    uptimeMs: meter.uptimeMs(nowMs),
    connections: meter.connections,
    reconnects: meter.reconnects,
    errors: meter.errors,
    sent: Object.freeze({ messages: sent, bytes: sentLength }),
    received: Object.freeze({ messages: meter.received, bytes: meter.receivedLength }),
    buffered: Object.freeze({ messages: size, bytes }),
    dropped: Object.freeze({ ...counts, volatile: missed, ...meter.drops }),
    latency: meter.latency,
  });
}
