/** maxConnectionAgeMs over real sockets: the next connection stands before the one before it is closed. */
import { expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { JetSocket, type NodeOptions } from '../src/index.js';
import { EventLog, serve } from './test-kit.js';

const HANDOVERS = 3;

it.each<[mode: string, replay: NonNullable<NodeOptions['replay']>]>([
  ['none', { mode: 'none' }],
  ['full_buffer', { mode: 'full_buffer' }],
  [
    'sequence_id',
    {
      mode: 'sequence_id',
      sequenceOf: (message) => (message as { readonly seq?: number }).seq,
      requestReplay: (last: unknown) => ({ after: last }),
    },
  ],
])('in mode %s nothing is lost, and there is a connection all the time', async (mode, replay) => {
  const server = await serve();
  /** How many older connections were open when another one came. */
  const olderOnes: number[] = [];
  const got: number[] = [];
  server.wss.on('connection', (peer) => {
    const open = [...server.wss.clients].filter(({ readyState }) => readyState === WebSocket.OPEN);
    olderOnes.push(open.length - 1);
    peer.on('message', (data: Buffer) => {
      const { number } = JSON.parse(data.toString()) as { readonly number?: number };
      if (number === undefined) return;
      got.push(number);
      peer.send(JSON.stringify({ seq: number }));
    });
  });
  const socket = new JetSocket(server.url, { replay, maxConnectionAgeMs: 150 });
  const record = new EventLog(socket, { replays: mode !== 'none' });
  await socket.connect();
  let sent = 0;
  const sending = setInterval(() => socket.send({ number: ++sent }), 2);
  onTestFinished(() => clearInterval(sending));
  await record.until('reconnected', HANDOVERS);
  clearInterval(sending);
  await record.until('message', sent);

  const all = Array.from({ length: sent }, (_, index) => index + 1);
  expect(got).toEqual(all);
  expect(record.of('message').map(({ data }) => (data as { seq: number }).seq)).toEqual(all);
  expect(olderOnes.slice(0, HANDOVERS + 1)).toEqual([0, ...Array<number>(HANDOVERS).fill(1)]);
  expect(record.of('state_change').map(({ to }) => to)).toEqual(['connecting', 'connected']);
  expect(record.of('reconnected').map(({ downtime_ms }) => downtime_ms)).toEqual(
    record.of('reconnected').map(() => 0),
  );
  expect(record.of('reconnecting').every(({ cause }) => cause === 'max_age')).toBe(true);
});
