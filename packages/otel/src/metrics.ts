import type { Attributes, Counter, Histogram, Meter, ObservableGauge } from '@opentelemetry/api';
import { addressOf } from './address.js';
import { causes } from './causes.js';
import type { InstrumentSocket } from './instrument.js';

/** From a round trip on the same machine to an outage of an hour, in seconds. */
const SECONDS = [0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 3_600];

/** Tells what the socket counts. Returns a function that ends it. */
export function watchMetrics(
  socket: InstrumentSocket,
  meter: Meter,
  attributes: Attributes,
): () => void {
  const instruments = instrumentsOf(meter);
  let address: Attributes = {};
  const all = (more: Attributes = {}): Attributes => ({ ...attributes, ...address, ...more });
  const stops = [
    socket.on('connecting', ({ uri }) => {
      address = addressOf(uri);
    }),
    socket.on('connected', () => {
      instruments.connections.add(1, all());
    }),
    causes(socket, ({ code, cause }) => {
      instruments.disconnects.add(
        1,
        all({ 'jetsocket.close.code': code, 'jetsocket.cause': cause }),
      );
    }),
    socket.on('reconnecting', ({ cause }) => {
      instruments.retries.add(1, all({ 'jetsocket.cause': cause }));
    }),
    socket.on('reconnected', ({ downtime_ms }) => {
      instruments.outage.record(downtime_ms / 1_000, all());
    }),
    socket.on('buffer_overflow', ({ dropped_count, direction, policy }) => {
      instruments.dropped.add(
        dropped_count,
        all({ 'jetsocket.direction': direction, 'jetsocket.policy': policy }),
      );
    }),
    socket.on('gap', ({ cause }) => {
      instruments.gaps.add(1, all({ 'jetsocket.cause': cause }));
    }),
    socket.on('pong', ({ latency_ms }) => {
      instruments.latency.record(latency_ms / 1_000, all());
    }),
    socket.on('error', ({ code, fatal }) => {
      instruments.errors.add(1, all({ 'error.type': code, 'jetsocket.fatal': fatal }));
    }),
    observe(instruments.open, () => [socket.state === 'connected' ? 1 : 0, all()]),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

interface Instruments {
  readonly connections: Counter;
  readonly disconnects: Counter;
  readonly retries: Counter;
  readonly outage: Histogram;
  readonly dropped: Counter;
  readonly gaps: Counter;
  readonly latency: Histogram;
  readonly errors: Counter;
  readonly open: ObservableGauge;
}

function instrumentsOf(meter: Meter): Instruments {
  const counter = (name: string, unit: string, description: string): Counter =>
    meter.createCounter(`jetsocket.${name}`, { unit: `{${unit}}`, description });
  const seconds = (name: string, description: string): Histogram =>
    meter.createHistogram(`jetsocket.${name}`, {
      unit: 's',
      description,
      advice: { explicitBucketBoundaries: SECONDS },
    });
  return {
    connections: counter('connections', 'connection', 'Connections that came about'),
    disconnects: counter('disconnects', 'connection', 'Connections that ended, by code and cause'),
    retries: counter('reconnect.attempts', 'attempt', 'Attempts to connect again, by cause'),
    outage: seconds('outage.duration', 'From the loss of a connection to the next one'),
    dropped: counter('messages.dropped', 'message', 'Messages that a full buffer dropped'),
    gaps: counter('gaps', 'gap', 'Holes in what came that nobody can fill'),
    latency: seconds('heartbeat.latency', 'From a heartbeat to its answer'),
    errors: counter('errors', 'error', 'Errors that were told, by code'),
    open: meter.createObservableGauge('jetsocket.connection.open', {
      unit: '{connection}',
      description: '1 while there is a connection, else 0',
    }),
  };
}

function observe(
  gauge: ObservableGauge,
  look: () => readonly [value: number, attributes: Attributes],
): () => void {
  const callback: Parameters<ObservableGauge['addCallback']>[0] = (result) => {
    result.observe(...look());
  };
  gauge.addCallback(callback);
  return () => {
    gauge.removeCallback(callback);
  };
}
