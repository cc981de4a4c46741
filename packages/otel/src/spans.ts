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
  const spans = new Spans(tracer, attributes);
  /** The last error's code: what an attempt that comes to nothing came to. */
  let lastError = 'unknown';
  const stops = [
    causes(socket, ({ willReconnect, code, cause }) => {
      if (!willReconnect) return;
      spans.beginOutage({ 'jetsocket.close.code': code, 'jetsocket.cause': cause });
    }),
    socket.on('connecting', ({ uri, attempt }) => {
      spans.beginAttempt({ ...addressOf(uri), 'jetsocket.attempt': attempt });
    }),
    socket.on('error', ({ code }) => {
      lastError = code;
    }),
    socket.on('connected', () => {
      spans.endAttempt();
    }),
    socket.on('reconnecting', () => {
      spans.endAttempt(lastError);
    }),
    socket.on('reconnected', ({ attempts }) => {
      spans.endOutage({ 'jetsocket.attempts': attempts });
    }),
    socket.on('closed', ({ cause }) => {
      spans.end(socket.state === 'failed' ? lastError : cause);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
    spans.end();
  };
}

/** The spans that are open: one of each kind at most. */
class Spans {
  readonly #tracer: Tracer;
  readonly #attributes: Attributes;
  #outage: Span | undefined;
  #attempt: Span | undefined;

  constructor(tracer: Tracer, attributes: Attributes) {
    this.#tracer = tracer;
    this.#attributes = attributes;
  }

  beginAttempt(attributes: Attributes): void {
    this.endAttempt('superseded');
    this.#attempt = this.#begin('jetsocket.connect', SpanKind.CLIENT, attributes);
  }

  endAttempt(failedWith?: string): void {
    if (failedWith !== undefined) fail(this.#attempt, failedWith);
    this.#attempt?.end();
    this.#attempt = undefined;
  }

  beginOutage(attributes: Attributes): void {
    this.endOutage();
    this.#outage = this.#begin('jetsocket.outage', SpanKind.INTERNAL, attributes);
  }

  endOutage(attributes: Attributes = {}, failedWith?: string): void {
    this.#outage?.setAttributes(attributes);
    if (failedWith !== undefined) fail(this.#outage, failedWith);
    this.#outage?.end();
    this.#outage = undefined;
  }

  end(failedWith?: string): void {
    this.endAttempt(failedWith);
    this.endOutage({}, failedWith);
  }

  #begin(name: string, kind: SpanKind, attributes: Attributes): Span {
    const around = context.active();
    const parent = this.#outage === undefined ? around : trace.setSpan(around, this.#outage);
    const all = { ...this.#attributes, ...attributes };
    return this.#tracer.startSpan(name, { kind, attributes: all }, parent);
  }
}

/** The code, and not the message: that may tell an address with what is secret in it. */
function fail(span: Span | undefined, type: string): void {
  span?.setAttribute('error.type', type);
  span?.setStatus({ code: SpanStatusCode.ERROR });
}
