import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JetSocketError } from '../errors.js';
import type { Entry } from './delivery.js';
import { Outbox, type OutboxConfig } from './outbox.js';

const ROOMY: OutboxConfig = {
  capacity: 100,
  maxBytes: 1_000,
  overflowPolicy: 'drop_oldest',
  awaitsAck: false,
};
const ACKED: OutboxConfig = { ...ROOMY, awaitsAck: true };

/** An order to an outbox, and how many it then keeps, how many of them wait, and their bytes. */
type Step = readonly [order: string, keptWaitingBytes: string];

/** Carries out `add DATA`, `pass`, `advance`, `ack ID`, `rewind` and `clear`. */
function act(outbox: Outbox, entries: Entry[], order: string): void {
  const [verb, argument = ''] = order.split(' ');
  if (verb === 'add') entries.push(outbox.add(argument));
  if (verb === 'pass') entries.push(outbox.pass());
  if (verb === 'advance') outbox.advance();
  if (verb === 'ack') expect(outbox.acknowledge(Number(argument))).toBe(true);
  if (verb === 'nak') expect(outbox.acknowledge(Number(argument))).toBe(false);
  if (verb === 'rewind') outbox.rewind();
  if (verb === 'clear') outbox.clear();
}

const counts = ({ size, waiting, bytes }: Outbox): string => `${size}/${waiting}/${bytes}`;

/** Hands over all that waits, and tells what that was. */
function handOver(outbox: Outbox): string[] {
  const handed: string[] = [];
  for (let entry = outbox.next(); entry !== undefined; entry = outbox.next()) {
    handed.push(String(entry.data));
    outbox.advance();
  }
  return handed;
}

// prettier-ignore
const scripts: readonly (readonly [name: string, config: OutboxConfig, steps: Step[], statuses: string[]])[] = [
  ['lets go of a message when it is handed over', ROOMY,
    [['add aa', '1/1/2'], ['add b', '2/2/3'], ['advance', '1/1/1'], ['advance', '0/0/0']], ['sent', 'sent']],
  ['counts bytes as UTF-8', ROOMY,
    [['add ä', '1/1/2'], ['add 😀', '2/2/6'], ['advance', '1/1/4']], ['sent', 'buffered']],
  ['keeps nothing of what passes', ROOMY,
    [['pass', '0/0/0'], ['add aa', '1/1/2'], ['pass', '1/1/2']], ['sent', 'buffered', 'sent']],
  ['keeps what is handed over until it is acknowledged', ACKED,
    [['add aa', '1/1/2'], ['advance', '1/0/2'], ['add b', '2/1/3'], ['ack 1', '1/1/1']], ['acknowledged', 'buffered']],
  ['acknowledges all before an id as well', ACKED,
    [['add a', '1/1/1'], ['add b', '2/2/2'], ['add c', '3/3/3'], ['advance', '3/2/3'], ['advance', '3/1/3'], ['ack 2', '1/1/1']],
    ['acknowledged', 'acknowledged', 'buffered']],
  ['takes an acknowledgement twice, and a late one', ACKED,
    [['add a', '1/1/1'], ['add b', '2/2/2'], ['advance', '2/1/2'],
      ['advance', '2/0/2'], ['ack 2', '0/0/0'], ['ack 2', '0/0/0'], ['ack 1', '0/0/0']],
    ['acknowledged', 'acknowledged']],
  ['takes 0 as an acknowledgement of nothing', ACKED,
    [['add a', '1/1/1'], ['advance', '1/0/1'], ['ack 0', '1/0/1']], ['sent']],
  ['refuses an acknowledgement of what was never handed over', ACKED,
    [['add a', '1/1/1'], ['nak 1', '1/1/1'], ['advance', '1/0/1'], ['nak 2', '1/0/1'], ['add b', '2/1/2'], ['nak 2', '2/1/2']],
    ['sent', 'buffered']],
  ['refuses an acknowledgement that is no id', ACKED,
    [['add a', '1/1/1'], ['advance', '1/0/1'], ['nak -1', '1/0/1'],
      ['nak 0.5', '1/0/1'], ['nak NaN', '1/0/1'], ['nak Infinity', '1/0/1']],
    ['sent']],
  ['rewinds what is handed over and not acknowledged', ACKED,
    [['add a', '1/1/1'], ['add b', '2/2/2'], ['add c', '3/3/3'],
      ['advance', '3/2/3'], ['advance', '3/1/3'], ['ack 1', '2/1/2'], ['rewind', '2/2/2']],
    ['acknowledged', 'buffered', 'buffered']],
  ['rewinds nothing where nothing is awaited', ROOMY,
    [['add a', '1/1/1'], ['add b', '2/2/2'], ['advance', '1/1/1'], ['rewind', '1/1/1']], ['sent', 'buffered']],
  ['takes an acknowledgement of what was handed over before a rewind', ACKED,
    [['add a', '1/1/1'], ['add b', '2/2/2'], ['advance', '2/1/2'], ['rewind', '2/2/2'], ['ack 1', '1/1/1'], ['nak 2', '1/1/1']],
    ['acknowledged', 'buffered']],
  ['keeps the highest id while what was rewound is handed over again', ACKED,
    [['add a', '1/1/1'], ['add b', '2/2/2'], ['advance', '2/1/2'],
      ['advance', '2/0/2'], ['rewind', '2/2/2'], ['advance', '2/1/2'], ['ack 2', '0/0/0']],
    ['acknowledged', 'acknowledged']],
  ['clears what waits and what is not acknowledged', ACKED,
    [['add a', '1/1/1'], ['add b', '2/2/2'], ['advance', '2/1/2'],
      ['clear', '0/0/0'], ['clear', '0/0/0'], ['ack 1', '0/0/0'], ['add c', '1/1/1']],
    ['dropped', 'dropped', 'buffered']],
];

describe('Outbox', () => {
  it.each(scripts)('%s', (_name, config, steps, statuses) => {
    const outbox = new Outbox(config);
    const entries: Entry[] = [];
    for (const [order, expected] of steps) {
      act(outbox, entries, order);
      expect(`${order}: ${counts(outbox)}`).toBe(`${order}: ${expected}`);
    }
    expect(entries.map(({ status }) => status)).toEqual(statuses);
  });

  it('is empty at first, with nothing to hand over', () => {
    const outbox = new Outbox(ROOMY);
    expect([counts(outbox), outbox.cursor, outbox.end, outbox.takeDropped()]).toEqual([
      '0/0/0',
      0,
      0,
      0,
    ]);
    expect(outbox.next()).toBeUndefined();
  });

  it('advance() with nothing to hand over throws', () => {
    expect(() => new Outbox(ROOMY).advance()).toThrow(new RangeError('No message at 0'));
  });

  it('next() is the same message until it is handed over', () => {
    const outbox = new Outbox(ROOMY);
    const [first, second] = [outbox.add('a'), outbox.add('b')];
    expect([outbox.next(), outbox.next()]).toEqual([first, first]);
    outbox.advance();
    expect(outbox.next()).toBe(second);
  });

  it('numbers messages from 1, whatever becomes of them', () => {
    const outbox = new Outbox(ACKED);
    const ids = [outbox.add('a').id];
    outbox.advance();
    outbox.acknowledge(1);
    ids.push(outbox.add('b').id, outbox.pass().id);
    outbox.clear();
    ids.push(outbox.add('c').id);
    expect(ids).toEqual([1, 2, 3, 4]);
  });

  it('counts the bytes of a binary message', () => {
    const outbox = new Outbox(ROOMY);
    outbox.add(new Uint8Array(new ArrayBuffer(64), 8, 5));
    expect(outbox.bytes).toBe(5);
  });

  it('end and cursor only grow, but for a rewind', () => {
    const outbox = new Outbox(ACKED);
    const seen: (readonly number[])[] = [];
    const look = (): unknown => seen.push([outbox.cursor, outbox.end]);
    for (const order of ['add a', 'add b', 'advance', 'rewind', 'advance', 'clear', 'add c']) {
      act(outbox, [], order);
      look();
    }
    expect(seen).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
      [0, 2],
      [1, 2],
      [2, 2],
      [2, 3],
    ]);
  });

  it('settles what passes', async () => {
    expect(await new Outbox(ROOMY).pass().settled).toBe('sent');
  });

  it('settles what it lets go of', async () => {
    const outbox = new Outbox(ACKED);
    const entries = [outbox.add('a'), outbox.add('b')];
    outbox.advance();
    outbox.acknowledge(1);
    outbox.clear();
    expect(await Promise.all(entries.map(({ settled }) => settled))).toEqual([
      'acknowledged',
      'dropped',
    ]);
  });
});

/** Messages added in this order; what is kept then, what became of each, and how many were dropped. */
type Bound = readonly [
  name: string,
  config: Partial<OutboxConfig>,
  added: string[],
  kept: string[],
  statuses: string,
  dropped: number,
];

// prettier-ignore
const bounds: readonly Bound[] = [
  ['takes as many as its capacity', { capacity: 2 }, ['a', 'b'], ['a', 'b'], 'bb', 0],
  ['drops the oldest over its capacity', { capacity: 2 }, ['a', 'b', 'c', 'd'], ['c', 'd'], 'ddbb', 2],
  ['takes as many bytes as maxBytes', { maxBytes: 3 }, ['aa', 'b'], ['aa', 'b'], 'bb', 0],
  ['drops the oldest over maxBytes', { maxBytes: 3 }, ['aa', 'b', 'c'], ['b', 'c'], 'dbb', 1],
  ['drops as many of the oldest as it takes', { maxBytes: 4 }, ['a', 'b', 'c', 'ddd'], ['c', 'ddd'], 'ddbb', 2],
  ['drops nothing more than it takes', { maxBytes: 4 }, ['aaa', 'b', 'cc'], ['b', 'cc'], 'dbb', 1],
  ['drops all for a message as large as maxBytes', { maxBytes: 3 }, ['a', 'b', 'ccc'], ['ccc'], 'ddb', 2],
  ['drops the newest over its capacity', { capacity: 2, overflowPolicy: 'drop_newest' }, ['a', 'b', 'c', 'd'], ['a', 'b'], 'bbdd', 2],
  ['drops the newest over maxBytes, and takes a smaller one', { maxBytes: 3, overflowPolicy: 'drop_newest' },
    ['aa', 'bb', 'c'], ['aa', 'c'], 'bdb', 1],
  ['has no bounds where they are Infinity', { capacity: Infinity, maxBytes: Infinity }, ['a', 'b', 'c'], ['a', 'b', 'c'], 'bbb', 0],
];

describe('Outbox bounds', () => {
  it.each(bounds)('%s', (_name, config, added, kept, statuses, dropped) => {
    const outbox = new Outbox({ ...ROOMY, ...config });
    const entries = added.map((data) => outbox.add(data));
    expect(entries.map(({ id }) => id)).toEqual(added.map((_data, index) => index + 1));
    expect(entries.map(({ status }) => status[0]).join('')).toBe(statuses);
    expect(outbox.bytes).toBe(kept.join('').length);
    expect(handOver(outbox)).toEqual(kept);
    expect([outbox.takeDropped(), outbox.takeDropped()]).toEqual([dropped, 0]);
  });

  it('do not apply to what passes', () => {
    const outbox = new Outbox({ ...ROOMY, capacity: 1, overflowPolicy: 'error' });
    outbox.add('a');
    expect([outbox.pass().status, outbox.size, outbox.takeDropped()]).toEqual(['sent', 1, 0]);
  });

  it('drop what is handed over and not acknowledged before what waits', () => {
    const outbox = new Outbox({ ...ACKED, capacity: 2 });
    const entries = ['a', 'b'].map((data) => outbox.add(data));
    outbox.advance();
    entries.push(outbox.add('c'));
    expect(entries.map(({ status }) => status)).toEqual(['dropped', 'buffered', 'buffered']);
    expect([outbox.waiting, outbox.cursor, handOver(outbox)]).toEqual([2, 1, ['b', 'c']]);
  });

  // prettier-ignore
  it.each([
    [{ capacity: 2 }, 'Cannot send: the buffer holds 2 messages, its capacity'],
    [{ maxBytes: 4 }, 'Cannot send: 3 bytes more would pass buffer.maxBytes, 4'],
  ])('throw by the policy error, which changes nothing: %j', (config, message) => {
    const outbox = new Outbox({ ...ROOMY, ...config, overflowPolicy: 'error' });
    outbox.add('a');
    outbox.add('b');
    const thrown = caught(() => outbox.add('ccc'));
    expect([thrown.code, thrown.message]).toEqual(['BUFFER_OVERFLOW', message]);
    expect(thrown.hint).toContain('buffer.overflowPolicy');
    expect([counts(outbox), outbox.takeDropped()]).toEqual(['2/2/2', 0]);
    outbox.advance();
    expect(outbox.add('d').id).toBe(3);
  });

  it('count what was dropped since the last time', () => {
    const outbox = new Outbox({ ...ROOMY, capacity: 1 });
    for (const data of ['a', 'b', 'c']) outbox.add(data);
    expect(outbox.takeDropped()).toBe(2);
    outbox.add('d');
    expect(outbox.takeDropped()).toBe(1);
  });
});

describe('Outbox ring', () => {
  it.each([16, 17, 32, 33, 200])('keeps %i messages in order', (count) => {
    const outbox = new Outbox({ ...ROOMY, capacity: count });
    const added = Array.from({ length: count }, (_, index) => `m${index}`);
    for (const data of added) outbox.add(data);
    expect(outbox.size).toBe(count);
    expect(handOver(outbox)).toEqual(added);
  });

  it('wraps around without growing out of order', () => {
    const outbox = new Outbox(ROOMY);
    const handed: string[] = [];
    for (let round = 0; round < 20; round++) {
      for (let index = 0; index < 11; index++) outbox.add(`${round}.${index}`);
      handed.push(...handOver(outbox));
    }
    expect(handed).toHaveLength(220);
    expect(handed.slice(-2)).toEqual(['19.9', '19.10']);
    expect([outbox.cursor, outbox.end, outbox.size]).toEqual([220, 220, 0]);
  });

  it('grows while it is wrapped around and partly handed over', () => {
    const outbox = new Outbox(ACKED);
    for (let id = 1; id <= 10; id++) outbox.add(`${id}`);
    handOver(outbox);
    outbox.acknowledge(8);
    for (let id = 11; id <= 40; id++) outbox.add(`${id}`);
    expect([outbox.size, outbox.waiting, outbox.next()?.id]).toEqual([32, 30, 11]);
    outbox.rewind();
    expect(handOver(outbox)).toEqual(Array.from({ length: 32 }, (_, index) => `${index + 9}`));
  });
});

/** The same promises with an array and no cleverness. */
class Model {
  kept: { id: number; bytes: number; isHanded: boolean }[] = [];
  readonly statuses = new Map<number, string>();
  lastId = 0;
  highest = 0;
  dropped = 0;
  readonly config: OutboxConfig;

  constructor(config: OutboxConfig) {
    this.config = config;
  }

  get bytes(): number {
    return this.kept.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get waiting(): readonly { id: number }[] {
    return this.kept.filter(({ isHanded }) => !isHanded);
  }

  /** The id it has, or undefined where it throws. */
  add(bytes: number): number | undefined {
    const { capacity, maxBytes, overflowPolicy } = this.config;
    const isFull = (): boolean => this.kept.length >= capacity || this.bytes + bytes > maxBytes;
    if (isFull() && overflowPolicy === 'error') return undefined;
    const id = ++this.lastId;
    if (isFull() && overflowPolicy === 'drop_newest') {
      this.dropped++;
      this.statuses.set(id, 'dropped');
      return id;
    }
    while (isFull()) {
      this.letGo('dropped');
      this.dropped++;
    }
    this.kept.push({ id, bytes, isHanded: false });
    this.statuses.set(id, 'buffered');
    return id;
  }

  advance(): void {
    const next = this.kept.find(({ isHanded }) => !isHanded);
    if (next === undefined) return;
    next.isHanded = true;
    this.highest = Math.max(this.highest, next.id);
    this.statuses.set(next.id, 'sent');
    if (!this.config.awaitsAck) this.kept.shift();
  }

  acknowledge(id: number): boolean {
    if (id > this.highest) return false;
    while ((this.kept[0]?.id ?? Infinity) <= id) this.letGo('acknowledged');
    return true;
  }

  rewind(): void {
    for (const one of this.kept) {
      one.isHanded = false;
      this.statuses.set(one.id, 'buffered');
    }
  }

  clear(): void {
    while (this.kept.length > 0) this.letGo('dropped');
  }

  letGo(status: string): void {
    const one = this.kept.shift();
    if (one !== undefined) this.statuses.set(one.id, status);
  }
}

type Order =
  | { readonly do: 'add'; readonly bytes: number }
  | { readonly do: 'ack'; readonly id: number }
  | { readonly do: 'advance' | 'rewind' | 'clear' | 'take' };

/** Carries out an order on both, and compares what they answer. */
function both(order: Order, outbox: Outbox, model: Model, entries: Map<number, Entry>): void {
  switch (order.do) {
    case 'add': {
      const id = model.add(order.bytes);
      const add = (): Entry => outbox.add('x'.repeat(order.bytes));
      if (id === undefined) {
        expect(caught(add).code).toBe('BUFFER_OVERFLOW');
        return;
      }
      const entry = add();
      expect(entry.id).toBe(id);
      entries.set(id, entry);
      return;
    }
    case 'ack':
      expect(outbox.acknowledge(order.id)).toBe(model.acknowledge(order.id));
      return;
    case 'advance':
      if (outbox.next() !== undefined) outbox.advance();
      return model.advance();
    case 'rewind':
      outbox.rewind();
      return model.rewind();
    case 'clear':
      outbox.clear();
      return model.clear();
    case 'take':
      expect(outbox.takeDropped()).toBe(model.dropped);
      model.dropped = 0;
      return;
  }
}

const orders = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('add' as const), bytes: fc.nat(4) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('advance' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('ack' as const), id: fc.nat(60) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('rewind' as const, 'take' as const) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('clear' as const, 'take' as const) }) },
);

const configs = fc.record({
  capacity: fc.constantFrom(1, 2, 5, 20, 40, Infinity),
  // No message is larger: JetSocket refuses such before.
  maxBytes: fc.constantFrom(4, 10, 1_000),
  overflowPolicy: fc.constantFrom('drop_oldest' as const, 'drop_newest' as const, 'error' as const),
  awaitsAck: fc.boolean(),
});

it('Outbox does what a naive list does, whatever it is told', () => {
  const property = fc.property(configs, fc.array(orders, { maxLength: 120 }), (config, script) => {
    const [outbox, model] = [new Outbox(config), new Model(config)];
    const entries = new Map<number, Entry>();
    for (const order of script) {
      both(order, outbox, model, entries);
      expect(counts(outbox)).toBe(`${model.kept.length}/${model.waiting.length}/${model.bytes}`);
      expect(outbox.end - outbox.cursor).toBe(outbox.waiting);
      expect(outbox.next()?.id).toBe(model.waiting[0]?.id);
      const statuses = [...entries].map(([id, { status }]) => [id, status]);
      expect(statuses).toEqual([...model.statuses]);
    }
  });
  fc.assert(property, { numRuns: 300 });
});

function caught(run: () => unknown): JetSocketError {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof JetSocketError) return thrown;
    throw thrown;
  }
  throw new Error('Nothing was thrown');
}
