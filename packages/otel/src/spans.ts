import {
  type Attributes,
  context,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { addressOf } from './address.js';
import { causes } from './causes.js';
import type { InstrumentSocket } from './instrument.js';

/** A span for every attempt to connect, and for every outage, which holds its attempts. Returns a function that ends it. */
export function watchSpans(
  socket: InstrumentSocket,
  tracer: Tracer,
  attributes: Attributes,
): () => void {
  let outage: Span | undefined;
  let attempt: Span | undefined;
  /** The last error's code: what an attempt that comes to nothing came to. */
  let code = 'unknown';

  const begin = (name: string, kind: SpanKind, more: Attributes): Span => {
    const parent =
      outage === undefined ? context.active() : trace.setSpan(context.active(), outage);
    return tracer.startSpan(name, { kind, attributes: { ...attributes, ...more } }, parent);
  };
  const endAttempt = (failedWith?: string): void => {
    if (failedWith !== undefined) fail(attempt, failedWith);
    attempt?.end();
    attempt = undefined;
  };
  const endOutage = (failedWith?: string): void => {
    if (failedWith !== undefined) fail(outage, failedWith);
    outage?.end();
    outage = undefined;
  };

  const stops = [
    causes(socket, ({ willReconnect, code: closeCode, cause }) => {
      if (!willReconnect) return;
      endOutage();
      outage = begin('jetsocket.outage', SpanKind.INTERNAL, {
        'jetsocket.close.code': closeCode,
        'jetsocket.cause': cause,
      });
    }),
    socket.on('connecting', ({ uri, attempt: count }) => {
      endAttempt('superseded');
      attempt = begin('jetsocket.connect', SpanKind.CLIENT, {
        ...addressOf(uri),
        'jetsocket.attempt': count,
      });
    }),
    socket.on('error', (event) => {
      ({ code } = event);
    }),
    socket.on('connected', () => {
      endAttempt();
    }),
    socket.on('reconnecting', () => {
      endAttempt(code);
    }),
    socket.on('reconnected', ({ attempts }) => {
      outage?.setAttribute('jetsocket.attempts', attempts);
      endOutage();
    }),
    socket.on('closed', ({ cause }) => {
      endAttempt(socket.state === 'failed' ? code : cause);
      endOutage(socket.state === 'failed' ? code : cause);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
    endAttempt();
    endOutage();
  };
}

/** The code, and not the message: that may tell an address with what is secret in it. */
function fail(span: Span | undefined, type: string): void {
  span?.setAttribute('error.type', type);
  span?.setStatus({ code: SpanStatusCode.ERROR });
}
