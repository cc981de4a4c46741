import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { settle } from '@jetsocket/testing';
import { Entry, type DeliveryStatus } from './delivery.js';

describe('Entry', () => {
  it('is buffered at first, and keeps its payload', () => {
    const entry = new Entry(7, 'hello');
    expect([entry.id, entry.status, entry.data, entry.bytes]).toEqual([7, 'buffered', 'hello', 0]);
  });

  it('settled waits while nothing is known', async () => {
    const entry = new Entry(1, 'hello');
    const seen: DeliveryStatus[] = [];
    void entry.settled.then((status) => seen.push(status));
    entry.status = 'sent';
    await settle();
    expect(seen).toEqual([]);
  });

  it.each<DeliveryStatus>(['sent', 'acknowledged', 'dropped'])(
    'settled resolves with %s, read before or after',
    async (status) => {
      const entry = new Entry(1, 'hello');
      const before = entry.settled;
      entry.settle(status);
      expect([await before, await entry.settled, entry.status]).toEqual([status, status, status]);
    },
  );

  it('settled read for the first time after the end resolves too', async () => {
    const entry = new Entry(1, 'hello');
    entry.settle('dropped');
    expect(await entry.settled).toBe('dropped');
  });

  it('settled is one promise, however often it is read', () => {
    const entry = new Entry(1, 'hello');
    const first = entry.settled;
    expect(entry.settled).toBe(first);
    entry.settle('sent');
    expect(entry.settled).toBe(first);
  });

  it('is final once it is settled, and not when it was merely sent', () => {
    const entry = new Entry(1, 'hello');
    entry.status = 'sent';
    expect(entry.isFinal).toBe(false);
    entry.settle('acknowledged');
    expect(entry.isFinal).toBe(true);
  });

  it('shows no message where it is printed', () => {
    const entry = new Entry(7, '{"token":"hunter2"}');
    expect(JSON.parse(JSON.stringify(entry))).toEqual({ id: 7, status: 'buffered' });
    expect(inspect({ entry })).toBe("{ entry: { id: 7, status: 'buffered' } }");
  });

  it('settle() lets go of the payload', () => {
    const entry = new Entry(1, new Uint8Array(1_000));
    entry.settle('sent');
    expect(entry.data).toBe('');
  });
});
