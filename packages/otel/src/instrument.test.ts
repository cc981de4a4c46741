import { JetSocket, type Options } from '@jetsocket/core';
import { FakeClock, FakeTransport } from '@jetsocket/testing';
import type { Attributes } from '@opentelemetry/api';
import { SpanStatusCode } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { describe, expect, it, onTestFinished } from 'vitest';
import { instrument } from './index.js';

const ADDRESS = { 'server.address': 'example.com', 'server.port': 443, 'url.scheme': 'wss' };
const SECRET = 'hunter2';

type Point = readonly [attributes: Attributes, value: unknown];

interface Lab {
  readonly clock: FakeClock;
  readonly transport: FakeTransport;
  readonly socket: JetSocket;
  readonly points: (name: string) => Promise<readonly Point[]>;
  readonly spans: InMemorySpanExporter;
  readonly stop: () => void;
  readonly kept: InMemoryMetricExporter;
  readonly meters: MeterProvider;
}

/** A client on a virtual network, and the real SDK with exporters that keep what they get. */
function lab(options: Options = {}, attributes: Attributes = {}): Lab {
  const clock = new FakeClock();
  const transport = new FakeTransport({ clock });
  const url = `wss://ada:${SECRET}@example.com/ws/${SECRET}?token=${SECRET}`;
  const socket = new JetSocket(url, {
    clock,
    transport,
    backoff: { jitter: false, maxAttempts: 2 },
    heartbeat: false,
    ...options,
  });
  const kept = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter: kept, exportIntervalMillis: 1e9 });
  const meters = new MeterProvider({ readers: [reader] });
  const spans = new InMemorySpanExporter();
  const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  onTestFinished(async () => {
    await meters.shutdown();
    await tracers.shutdown();
  });
  const stop = instrument(socket, {
    meter: meters.getMeter('test'),
    tracer: tracers.getTracer('test'),
    attributes,
  });
  /** Every point of a metric: its attributes, and its value; of a histogram count and sum. */
  const points = async (name: string): Promise<readonly Point[]> => {
    kept.reset();
    await meters.forceFlush();
    const all = kept.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
    const metric = all
      .flatMap(({ metrics }) => metrics)
      .find(({ descriptor }) => descriptor.name === name);
    return (metric?.dataPoints ?? []).map(({ attributes, value }) => [
      attributes,
      typeof value === 'object' ? { count: value.count, sum: value.sum } : value,
    ]);
  };
  return { clock, transport, socket, points, spans, stop, kept, meters };
}

describe('instrument() metrics', () => {
  it('count connections, their ends by code and cause, attempts and outages', async () => {
    const { clock, transport, socket, points } = lab({}, { feed: 'prices' });
    void socket.connect();
    await clock.advance(20);
    expect(await points('jetsocket.connection.open')).toEqual([
      [{ feed: 'prices', ...ADDRESS }, 1],
    ]);
    transport.links[0]?.closeFromServer(1001, 'restart');
    await clock.advance(20);
    expect(await points('jetsocket.connection.open')).toEqual([
      [{ feed: 'prices', ...ADDRESS }, 0],
    ]);
    await clock.advance(1_020);
    socket.reconnect();
    await clock.advance(20);
    const all = { feed: 'prices', ...ADDRESS };
    expect(await points('jetsocket.connections')).toEqual([[all, 3]]);
    expect(await points('jetsocket.disconnects')).toEqual([
      [{ ...all, 'jetsocket.close.code': 1001, 'jetsocket.cause': 'closed_by_server' }, 1],
      [{ ...all, 'jetsocket.close.code': 1000, 'jetsocket.cause': 'reconnect' }, 1],
    ]);
    expect(await points('jetsocket.reconnect.attempts')).toEqual([
      [{ ...all, 'jetsocket.cause': 'closed_by_server' }, 1],
      [{ ...all, 'jetsocket.cause': 'reconnect' }, 1],
    ]);
    expect(await points('jetsocket.outage.duration')).toEqual([[all, { count: 2, sum: 1.04 }]]);
  });

  it('count messages, drops, gaps, errors and the latency of heartbeats', async () => {
    const { clock, transport, socket, points } = lab({
      heartbeat: { intervalMs: 100, timeoutMs: 50 },
      buffer: { capacity: 1 },
      replay: {
        mode: 'sequence_id',
        sequenceOf: (message) => (message as { seq?: number }).seq,
        contiguous: true,
        gapTimeoutMs: 10,
      },
    });
    for (const n of [1, 2, 3]) socket.send(n);
    void socket.connect();
    await clock.advance(20);
    const link = transport.links[0];
    for (const seq of [1, 2, 5]) link?.deliver(JSON.stringify({ seq }));
    link?.deliver('not JSON');
    await clock.advance(150);
    expect(await points('jetsocket.messages.received')).toEqual([[{}, 3]]);
    expect(await points('jetsocket.messages.dropped')).toEqual([
      [{ ...ADDRESS, 'jetsocket.direction': 'outgoing', 'jetsocket.policy': 'drop_oldest' }, 2],
    ]);
    expect(await points('jetsocket.gaps')).toEqual([
      [{ ...ADDRESS, 'jetsocket.cause': expect.any(String) as string }, 1],
    ]);
    expect(await points('jetsocket.heartbeat.latency')).toEqual([
      [ADDRESS, { count: 1, sum: 0.02 }],
    ]);
    expect(await points('jetsocket.errors')).toEqual([
      [{ ...ADDRESS, 'error.type': 'UNDECODABLE', 'jetsocket.fatal': false }, 1],
    ]);
  });
});

describe('instrument() volumes', () => {
  it('are looked up in stats() when metrics are collected, and at no other time', async () => {
    const { clock, transport, socket, points, meters, stop } = lab(
      { buffer: { ackOf: (message) => (message as { ack?: number }).ack } },
      { feed: 'prices' },
    );
    let looked = 0;
    const stats = socket.stats.bind(socket);
    socket.stats = () => {
      looked++;
      return stats();
    };
    void socket.connect();
    await clock.advance(20);
    for (const text of ['ab', 'cd', 'ef']) socket.send(text);
    transport.links[0]?.deliver('{"ack":1}');
    transport.links[0]?.deliver('"came"');
    await clock.advance(20);
    expect(looked).toBe(0);
    const all = { feed: 'prices' };
    expect(await points('jetsocket.messages.sent')).toEqual([[all, 3]]);
    expect(looked).toBe(1);
    expect(await points('jetsocket.bytes.sent')).toEqual([[all, 12]]);
    expect(await points('jetsocket.messages.received')).toEqual([[all, 2]]);
    expect(await points('jetsocket.bytes.received')).toEqual([[all, 15]]);
    expect(await points('jetsocket.messages.buffered')).toEqual([[all, 2]]);
    stop();
    const before = looked;
    await meters.forceFlush();
    expect(looked).toBe(before);
  });
});

describe('instrument() spans', () => {
  it('are one for every attempt, within one for the outage', async () => {
    const { clock, transport, socket, spans } = lab();
    void socket.connect();
    await clock.advance(20);
    transport.refuse(1, { httpStatus: 503 });
    transport.links[0]?.cut();
    await clock.advance(4_000);
    const done = spans.getFinishedSpans();
    const outage = done.find(({ name }) => name === 'jetsocket.outage');
    expect(
      done.map(({ name, parentSpanContext, attributes, status }) => ({
        name,
        within: parentSpanContext?.spanId,
        error: attributes['error.type'],
        failed: status.code === SpanStatusCode.ERROR,
      })),
    ).toEqual([
      { name: 'jetsocket.connect', within: undefined, error: undefined, failed: false },
      {
        name: 'jetsocket.connect',
        within: outage?.spanContext().spanId,
        error: 'REJECTED',
        failed: true,
      },
      {
        name: 'jetsocket.connect',
        within: outage?.spanContext().spanId,
        error: undefined,
        failed: false,
      },
      { name: 'jetsocket.outage', within: undefined, error: undefined, failed: false },
    ]);
    expect(outage?.attributes).toEqual({
      'jetsocket.close.code': 1006,
      'jetsocket.cause': 'connection_lost',
      'jetsocket.attempts': 2,
    });
    expect(done[0]?.attributes).toEqual({ ...ADDRESS, 'jetsocket.attempt': 0 });
  });

  it('fail with the socket, and say by which code', async () => {
    const { clock, transport, socket, spans } = lab();
    void socket.connect();
    await clock.advance(20);
    transport.refuse(1, { httpStatus: 404 });
    transport.links[0]?.cut();
    await clock.advance(4_000);
    expect(socket.state).toBe('failed');
    const last = spans.getFinishedSpans().slice(-2);
    expect(last.map(({ name, attributes }) => [name, attributes['error.type']])).toEqual([
      ['jetsocket.connect', 'REJECTED'],
      ['jetsocket.outage', 'REJECTED'],
    ]);
  });
});

describe('instrument()', () => {
  it('tells no secret: neither of the URL nor in the text of an error', async () => {
    const { clock, transport, socket, spans, kept, meters } = lab();
    transport.refuse(1, { error: new Error(`refused: token=${SECRET}`) });
    void socket.connect();
    await clock.advance(2_000);
    transport.links.at(-1)?.closeFromServer(1012, SECRET);
    await clock.advance(5_000);
    await meters.forceFlush();
    const told = [
      ...spans.getFinishedSpans().map(({ name, attributes, status, events }) => ({
        name,
        attributes,
        status,
        events,
      })),
      ...kept.getMetrics().map(({ scopeMetrics }) => scopeMetrics),
    ];
    expect(told.length).toBeGreaterThan(4);
    expect(JSON.stringify(told)).not.toContain(SECRET);
  });

  it('tells nothing any more when it is ended, and leaves no span open', async () => {
    const { clock, transport, socket, spans, points, stop } = lab();
    void socket.connect();
    await clock.advance(20);
    transport.links[0]?.cut();
    await clock.advance(0);
    stop();
    stop();
    const before = spans.getFinishedSpans().length;
    expect(spans.getFinishedSpans().at(-1)?.name).toBe('jetsocket.outage');
    await clock.advance(5_000);
    expect(socket.state).toBe('connected');
    expect(spans.getFinishedSpans()).toHaveLength(before);
    expect(await points('jetsocket.connections')).toEqual([[ADDRESS, 1]]);
  });

  it('takes the global meter and tracer, which do nothing until there is an SDK', async () => {
    const clock = new FakeClock();
    const socket = new JetSocket('ws://host', { clock, transport: new FakeTransport({ clock }) });
    const stop = instrument(socket);
    void socket.connect();
    await clock.advance(20);
    expect(socket.state).toBe('connected');
    stop();
  });
});

it.each<[socket: unknown, options: unknown, says: string]>([
  [null, undefined, 'socket'],
  [{}, undefined, 'socket'],
  [5, undefined, 'socket'],
  ['good', null, 'options'],
  ['good', 5, 'options'],
  ['good', { meter: 5 }, 'meter'],
  ['good', { tracer: {} }, 'tracer'],
  ['good', { attributes: 5 }, 'attributes'],
  ['good', { attribute: {} }, 'attribute'],
])('instrument() refuses the socket %j with the options %j', (given, options, says) => {
  const socket = given === 'good' ? lab().socket : given;
  expect(() => instrument(socket as JetSocket, options as object)).toThrow(
    expect.objectContaining({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(`Cannot use option ${says}: it takes `) as string,
    }) as Error,
  );
});
