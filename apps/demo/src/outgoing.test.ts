import { expect, it } from 'vitest';
import { Ledger } from '../shared/ledger.js';
import { Outgoing, type OutgoingCounts } from './outgoing.js';

type Status = 'buffered' | 'sent' | 'acknowledged' | 'dropped';

interface Case {
  readonly acks?: boolean;
  /** What the client says of the messages 1, 2, 3, … */
  readonly client: readonly Status[];
  /** The numbers in the server's books, in the order they came. */
  readonly server?: readonly number[];
  /** Whether their connection ended: before the server was asked, or after. */
  readonly ended?: 'before' | 'after';
  readonly counts: Partial<OutgoingCounts>;
}

// prettier-ignore
const cases: [name: string, given: Case][] = [
  ['counts nothing as missing that waits',
    { client: ['buffered', 'buffered'], ended: 'before', counts: { sent: 2, waiting: 2, missing: 0 } }],
  ['lets a sent message be on its way',
    { client: ['sent'], counts: { sent: 1, waiting: 0, missing: 0 } }],
  ['misses it once its connection has ended',
    { client: ['sent'], ended: 'before', counts: { missing: 1 } }],
  ['waits for an answer that is younger than the end',
    { client: ['sent'], ended: 'after', counts: { missing: 0 } }],
  ['misses it once a later one has arrived',
    { client: ['sent', 'sent'], server: [2], counts: { missing: 1 } }],
  ['does not miss what the server has',
    { client: ['sent', 'sent'], server: [1, 2], ended: 'before', counts: { missing: 0 } }],
  ['does not miss what came late',
    { client: ['sent', 'sent'], server: [2, 1], counts: { missing: 0 } }],
  ['does not miss what was dropped',
    { client: ['dropped', 'sent'], server: [2], counts: { dropped: 1, missing: 0 } }],
  ['with acknowledgements, a sent message waits',
    { acks: true, client: ['sent', 'sent'], server: [2], ended: 'before', counts: { waiting: 2, missing: 0 } }],
  ['counts acknowledged ones, known to be there or not yet',
    { acks: true, client: ['acknowledged', 'acknowledged'], server: [1], counts: { acknowledged: 2, missing: 0 } }],
  ['believes the books, not the acknowledgement',
    { acks: true, client: ['acknowledged', 'acknowledged'], server: [2], counts: { acknowledged: 2, missing: 1 } }],
];

it.each(cases)('Outgoing %s', (_name, { acks = false, client, server = [], ended, counts }) => {
  const outgoing = new Outgoing(acks);
  for (const status of client) outgoing.took({ status });
  if (ended === 'before') outgoing.connectionEnded();
  const look = outgoing.look();
  const ledger = new Ledger();
  for (const number of server) ledger.record(number);
  if (ended === 'after') outgoing.connectionEnded();
  outgoing.compare(ledger.view(), look);
  expect(outgoing.counts()).toMatchObject(counts);
  // Looking twice changes nothing.
  expect(outgoing.counts()).toMatchObject(counts);
});

it('Outgoing follows a message over an outage', () => {
  const delivery: { status: Status } = { status: 'sent' };
  const outgoing = new Outgoing(true);
  outgoing.took(delivery);
  delivery.status = 'buffered'; // The connection is lost, so it has to be sent again.
  outgoing.connectionEnded();
  outgoing.compare(new Ledger().view(), outgoing.look());
  expect(outgoing.counts()).toMatchObject({ waiting: 1, missing: 0 });
  delivery.status = 'acknowledged';
  const ledger = new Ledger();
  ledger.record(1);
  outgoing.compare(ledger.view(), outgoing.look());
  expect(outgoing.counts()).toMatchObject({ waiting: 0, acknowledged: 1, missing: 0 });
});

it('Outgoing counts lost messages however many there are', () => {
  const outgoing = new Outgoing(false);
  for (let number = 1; number <= 12_000; number++) outgoing.took({ status: 'sent' });
  outgoing.connectionEnded();
  outgoing.compare(new Ledger().view(), outgoing.look());
  expect(outgoing.counts().missing).toBe(12_000);
  expect(outgoing.counts().missing).toBe(12_000);
});

it('Outgoing counts refused ones apart', () => {
  const outgoing = new Outgoing(false);
  outgoing.refused();
  expect(outgoing.counts()).toMatchObject({ sent: 0, refused: 1 });
});
