import { expect, it } from 'vitest';
import { fieldsOf, shorten, timeOf, toPlain } from './fields.js';
import type { DemoEvent } from './run.js';

const timestamp = 1_800_000_000.25;

// prettier-ignore
const rows: [event: DemoEvent, fields: (readonly [string, string])[]][] = [
  [{ type: 'reconnecting', attempt: 2, delay: 0.41234, cause: 'pong_timeout', timestamp },
    [['attempt', '2'], ['delay', '0.412 s'], ['cause', 'pong_timeout']]],
  [{ type: 'pong', latency_ms: 12, payload: { op: 'pong' }, timestamp },
    [['latency_ms', '12 ms'], ['payload', '{"op":"pong"}']]],
  [{ type: 'connected', uri: 'ws://127.0.0.1/ws', protocol: '', timestamp },
    [['uri', 'ws://127.0.0.1/ws'], ['protocol', '""']]],
  [{ type: 'message', data: { seq: 1, t: 2 }, sequence_id: null, replayed: false, timestamp },
    [['data', '{"seq":1,"t":2}'], ['sequence_id', 'null'], ['replayed', 'false']]],
  [{ type: 'ping', payload: undefined, timestamp }, [['payload', 'undefined']]],
];

it.each(rows)('fieldsOf() shows $type', (event, fields) => {
  expect(fieldsOf(event)).toEqual(fields);
});

it('fieldsOf() and toPlain() tell an error by its class', () => {
  const error = new TypeError('no');
  const event: DemoEvent = {
    type: 'error',
    error,
    message: 'no',
    code: 'UNDECODABLE',
    fatal: false,
    timestamp,
  };
  expect(fieldsOf(event)[0]).toEqual(['error', 'TypeError']);
  expect(toPlain(event)).toEqual({ ...event, error: { name: 'TypeError', message: 'no' } });
});

it('timeOf() is to the millisecond', () => {
  expect(timeOf({ type: 'ping', payload: '', timestamp })).toMatch(
    /^\d\d:\d\d:20\.250$|^\d\d:\d\d:00\.250$/,
  );
});

it('shorten() keeps the end of an address', () => {
  const uri = `ws://127.0.0.1:12345/ws/${'f'.repeat(32)}?run=1&after=1234`;
  expect(shorten('uri', uri)).toMatch(/^ws:\/\/127\.0\.0\.1:12345\/ws\/f+…&after=1234$/);
  expect(shorten('uri', uri)).toHaveLength(40);
  expect(shorten('uri', `${uri}${'9'.repeat(99)}`)).toMatch(/f…$/);
  expect(shorten('reason', 'short')).toBe('short');
  expect(shorten('message', 'x'.repeat(300))).toHaveLength(200);
});
