export { webSocketTransport } from './adapters/web-socket.js';
export type {
  WebSocketConstructor,
  WebSocketLike,
  WebSocketTransportOptions,
} from './adapters/web-socket.js';
export { systemClock } from './adapters/system-clock.js';
export type { Channel, ChannelEventMap, ChannelStats } from './channels/channel.js';
export { multiplex } from './channels/multiplex.js';
export type {
  Multiplexer,
  MultiplexOptions,
  MultiplexSocket,
  MultiplexStats,
} from './channels/multiplex.js';
export { binary, json, text } from './codec.js';
export type { Codec, JsonCodec, SyncCodec } from './codec.js';
export { connect } from './connect.js';
export type { Delivery, DeliveryStatus } from './delivery/delivery.js';
export type { Position, SequenceId, SequenceOrder } from './delivery/sequence.js';
export { JetSocketError } from './errors.js';
export type { ErrorCode, ErrorDetails } from './errors.js';
export { EVENT_NAMES } from './event-names.js';
export type {
  Cause,
  Continuity,
  EventName,
  EventRecord,
  JetSocketEvent,
  JetSocketEventMap,
  MessageFields,
  OverflowPolicy,
  Phase,
  ReplayMode,
  Signal,
} from './events.js';
export type { FlightRecord, TransitionRecord } from './flight-record.js';
export { JetSocket } from './jet-socket.js';
export type { BackoffConfig } from './machine/backoff.js';
export type {
  AttemptContext,
  BackoffOptions,
  BufferOptions,
  EndInfo,
  HeartbeatOptions,
  InvalidPolicy,
  Options,
  PlatformDefaults,
  Provider,
  SchemaOptions,
  Url,
} from './options.js';
export type {
  Clock,
  FrameData,
  Link,
  LinkClosed,
  LinkListener,
  Logger,
  OpenRequest,
  Signals,
  Transport,
} from './ports.js';
export type {
  ReplayContext,
  ReplayOptions,
  SequenceOptions,
  SessionOptions,
} from './replay-options.js';
export type {
  IdOf,
  RequestDefaults,
  RequestId,
  RequestOptions,
} from './requests/request-options.js';
export type { Handler, ListenOptions } from './runtime/emitter.js';
export type { Greeting, ReportFailure, Say } from './runtime/greetings.js';
export { dashboard, llmStream, minimal, presets, trading } from './presets.js';
export type { Preset } from './presets.js';
export type { AbortSignalLike } from './runtime/signals.js';
export type { SendOptions } from './send-options.js';
export type { SchemaIssue, StandardSchema, StandardSchemaResult } from './standard-schema.js';
export type { Drops, Latency, Stats, Volume } from './stats.js';
