import { type Attributes, type Meter, metrics, trace, type Tracer } from '@opentelemetry/api';
import type { JetSocket } from '@jetsocket/core';
import { watchMetrics } from './metrics.js';
import { watchSpans } from './spans.js';
import { watchVolumes } from './volumes.js';

/** What is used of a socket: one of any package of JetSocket's. */
export type InstrumentSocket = Pick<JetSocket, 'on' | 'state' | 'stats'>;

export interface InstrumentOptions {
  /** Makes the metrics. Default: the global one, `metrics.getMeter('@jetsocket/otel')`. */
  readonly meter?: Meter | undefined;
  /** Makes the spans. Default: the global one, `trace.getTracer('@jetsocket/otel')`. */
  readonly tracer?: Tracer | undefined;
  /** Added to every metric and span, as the name of a feed. Keep their values few: each makes a series. */
  readonly attributes?: Attributes | undefined;
}

const NAME = '@jetsocket/otel';

/**
 * Tells OpenTelemetry what becomes of a socket: metrics by its events, a span for every attempt to connect and for
 * every outage. Of the address only host, port and scheme are told, of errors only their code: no path, no query,
 * no text that may hold a secret. It changes nothing about the socket.
 *
 * @returns A function that ends it: handlers are removed, open spans are ended. May be called again.
 */
export function instrument(socket: InstrumentSocket, options: InstrumentOptions = {}): () => void {
  const { attributes = {}, meter = metrics.getMeter(NAME) } = options;
  const stops = [
    watchMetrics(socket, meter, attributes),
    watchVolumes(socket, meter, attributes),
    watchSpans(socket, options.tracer ?? trace.getTracer(NAME), attributes),
  ];
  return () => {
    for (const stop of stops.splice(0)) stop();
  };
}
