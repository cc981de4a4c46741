import { type Attributes, type Meter, metrics, trace, type Tracer } from '@opentelemetry/api';
import { type JetSocket, JetSocketError } from '@jetsocket/core';
import { watchMetrics } from './metrics.js';
import { watchSpans } from './spans.js';
import { watchVolumes } from './volumes.js';

/** What is used of a socket: one of any package of JetSocket's. */
export type InstrumentSocket = Pick<JetSocket, 'on' | 'state' | 'stats'>;

/** Where the numbers go, and what they are marked with. */
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
 * @throws {JetSocketError} `INVALID_OPTION`.
 */
export function instrument(socket: InstrumentSocket, options: InstrumentOptions = {}): () => void {
  check('socket', has(socket, 'on') && has(socket, 'stats'), 'a JetSocket');
  check('options', typeof options === 'object' && options !== null, 'an object');
  const {
    attributes = {},
    meter = metrics.getMeter(NAME),
    tracer = trace.getTracer(NAME),
  } = options;
  const unknown = Object.keys(options).filter((name) => !KNOWN.includes(name));
  check(unknown.join(', '), unknown.length === 0, `nothing: there is ${KNOWN.join(', ')}`);
  check('meter', has(meter, 'createCounter'), 'a Meter of @opentelemetry/api');
  check('tracer', has(tracer, 'startSpan'), 'a Tracer of @opentelemetry/api');
  check('attributes', typeof attributes === 'object', 'an object');
  const stops = [
    watchMetrics(socket, meter, attributes),
    watchVolumes(socket, meter, attributes),
    watchSpans(socket, tracer, attributes),
  ];
  return () => {
    for (const stop of stops.splice(0)) stop();
  };
}

const KNOWN = ['meter', 'tracer', 'attributes'];

const has = (value: unknown, method: string): boolean =>
  typeof value === 'object' &&
  value !== null &&
  method in value &&
  typeof Reflect.get(value, method) === 'function';

function check(option: string, isTaken: boolean, takes: string): void {
  if (isTaken) return;
  throw new JetSocketError('INVALID_OPTION', `Cannot use option ${option}: it takes ${takes}`, {
    hint: 'instrument(socket, { meter, tracer, attributes }), all but the socket optional',
  });
}
