/** The size of a message that a promise held up: a reader's bound in bytes is of what it holds. */
import { settle } from '@jetsocket/testing';
import { describe, expect, it } from 'vitest';
import { connected } from '../../test/test-kit.js';
import type { Codec } from '../codec.js';
import type { Options } from '../options.js';
import type { StandardSchema } from '../standard-schema.js';

const later: Codec<unknown, unknown> = {
  encode: String,
  decode: (data) => Promise.resolve(data),
};
const anything: StandardSchema<unknown, unknown> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => Promise.resolve({ value }),
  },
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
      await settle();
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
