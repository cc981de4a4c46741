/**
 * What both ends of `jetsocket.v1` share, for packages that speak the server's end of it. See docs/protocol.md.
 * No promise is made that these names stay from one minor version to the next.
 */
export { systemClock } from './adapters/system-clock.js';
export { writeToConsole } from './adapters/system-console.js';
export { json } from './codec.js';
export type { SyncCodec as Codec, JsonCodec } from './codec.js';
export { formatControl, MAX_CONTROL_LENGTH, parseControl } from './delivery/controls.js';
export type {
  Bye,
  Control,
  Gone,
  GoneReason,
  Hello,
  Move,
  Skip,
  Welcome,
  Win,
} from './delivery/controls.js';
export { ClientSession } from './delivery/client-session.js';
export type {
  ClientSessionConfig,
  ClientSessionOutlet,
  SessionLoss,
  Unread,
} from './delivery/client-session.js';
export type { Delivery, DeliveryStatus, Entry, Terms } from './delivery/delivery.js';
export { Exchange, LATER } from './delivery/exchange.js';
export type { ExchangeOutlet } from './delivery/exchange.js';
export { dataFrame, FrameReader, MAX_SEQ, PROBE, SUBPROTOCOL } from './delivery/frames.js';
export type { FrameKind } from './delivery/frames.js';
export { Outbox } from './delivery/outbox.js';
export type { OutboxConfig, OutboxCounts } from './delivery/outbox.js';
export { asError, describe, JetSocketError } from './errors.js';
export type { ErrorCode, ErrorDetails } from './errors.js';
export type { OverflowPolicy } from './events.js';
export type { Clock, FrameData, Logger } from './ports.js';
export { Timers } from './runtime/timers.js';
export type { OnFired } from './runtime/timers.js';
export type { SchemaIssue } from './standard-schema.js';
export { Unheard } from './unheard.js';
export { utf8Bytes } from './utf8.js';
