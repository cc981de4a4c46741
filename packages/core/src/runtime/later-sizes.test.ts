/** The size of a message that a promise held up: a reader's bound in bytes is of what it holds. */
import { settle } from '@jetsocket/testing';
import { describe, expect, it } from 'vitest';
import { connected } from '../../test/test-kit.js';
import type { Codec } from '../codec.js';
import type { Options } from '../options.js';
import type { StandardSchema } from '../standard-schema.js';

/** What is let go all at once, so that a whole burst waits before the first of it has its turn. */
let held: (() => void)[] = [];
const hold = <Value>(value: Value): Promise<Value> =>
  new Promise((resolve) => {
    held.push(() => {
      resolve(value);
    });
  });

async function letGo(): Promise<void> {
  // A codec's promise may lead to one of a schema.
  while (held.length > 0) {
    const all = held;
    held = [];
    for (const one of all) one();
    await settle();
  }
}

const later: Codec<unknown, unknown> = { encode: String, decode: hold };
const anything: StandardSchema<unknown, unknown> = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => hold({ value }) },
};

const rows: readonly (readonly [name: string, options: Options])[] = [
  ['a codec', { codec: later }],
  ['a schema', { schema: anything }],
  ['a codec and a schema', { codec: later, schema: anything }],
];

describe('a reader that never reads, behind promises', () => {
  it.each(rows)('holds no more bytes than buffer.maxBytes: %s', async (_name, options) => {
    const world = await connected({ buffer: { maxBytes: 1_000 }, ...options });
    const iterator = world.socket[Symbol.asyncIterator]();
    const message = (index: number): string => JSON.stringify(String(index).padEnd(98));
    for (let burst = 0; burst < 10; burst++) {
      for (let index = 0; index < 10; index++) {
        world.link().deliver(message(burst * 10 + index));
      }
      await world.clock.advance(10);
      await letGo();
    }
    await Promise.all([world.socket.close(), world.clock.advance(1_000)]);
    const kept: number[] = [];
    for await (const one of { [Symbol.asyncIterator]: () => iterator }) {
      kept.push(Number(String(one).replaceAll('"', '')));
    }
    // Ten of a hundred bytes each, and the newest.
    expect(kept).toEqual([90, 91, 92, 93, 94, 95, 96, 97, 98, 99]);
  });
});
