import { expect, it } from 'vitest';
import { codeOf, fromQuery, NUMBERS, type Settings, toOptions, toQuery } from './settings.js';

const standard = fromQuery('');

// prettier-ignore
const rows: [query: string, settings: Partial<Settings>][] = [
  ['', { mode: 'full_buffer', policy: 'drop_oldest', ack: true, fill: true, capacity: NUMBERS.capacity.standard }],
  ['mode=none', { mode: 'none', ack: false, fill: false }],
  ['mode=none&ack=1&fill=1', { mode: 'none', ack: false, fill: false }],
  ['mode=telepathy&policy=prayer', { mode: 'full_buffer', policy: 'drop_oldest' }],
  ['policy=error&ack=0', { policy: 'error', ack: false }],
  ['ack=false', { ack: false, fill: true }],
  ['fill=0', { ack: true, fill: false }],
  ['capacity=5&rateOut=0&rateIn=50', { capacity: 5, rateOut: 0, rateIn: 50 }],
  ['capacity=0&rateOut=1e9&baseMs=-1', { capacity: 1, rateOut: 500, baseMs: 0 }],
  ['heartbeatMs=soon&timeoutMs=&capMs=12.4', { heartbeatMs: 2_000, timeoutMs: 1_500, capMs: 12 }],
];

it.each(rows)('fromQuery() reads %j', (query, settings) => {
  expect(fromQuery(query)).toMatchObject(settings);
});

it.each(rows)('toQuery() brings %j back', (query) => {
  const settings = fromQuery(query);
  expect(fromQuery(toQuery(settings))).toEqual(settings);
});

it('toQuery() says nothing of what is standard', () => {
  expect(toQuery(standard)).toBe('');
});

it('toOptions() acknowledges only when asked to', () => {
  const { ackOf } = toOptions(standard).buffer ?? {};
  expect(ackOf?.({ ack: 7 })).toBe(7);
  expect(ackOf?.({ seq: 1, t: 0 })).toBeUndefined();
  expect(toOptions(fromQuery('mode=none')).buffer).not.toHaveProperty('ackOf');
});

it('codeOf() asks the server to fill in only when told to', () => {
  const url = 'ws://127.0.0.1/ws?run=1';
  expect(codeOf(standard, url)).toContain(`connect(() => \`${url}&after=\${last}\`, {`);
  expect(codeOf(fromQuery('fill=0'), url)).toContain(`connect('${url}', {`);
  expect(codeOf(fromQuery('fill=0'), url)).not.toContain('last');
});

it('codeOf() shows every option that toOptions() sets', () => {
  const code = codeOf(standard, 'ws://127.0.0.1/ws');
  const groups = Object.entries(toOptions(standard)) as [string, unknown][];
  for (const [name, group] of groups) {
    expect(code).toContain(`${name}:`);
    if (typeof group !== 'object' || group === null) continue;
    for (const key of Object.keys(group)) expect(code).toContain(`${key}:`);
  }
});
