import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SmallFrames } from './small-frames.js';

interface Frame {
  readonly first: number;
  readonly mask: string;
  readonly payload: Buffer;
}

/** What a server makes of it, by RFC 6455 §5.2 and no code of ours. */
function parse(piece: Uint8Array): Frame[] {
  const bytes = Buffer.from(piece);
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length;) {
    const second = bytes.readUInt8(at + 1);
    expect(second & 0x80).toBe(0x80);
    const isLong = (second & 0x7f) === 126;
    const length = isLong ? bytes.readUInt16BE(at + 2) : second & 0x7f;
    // The least number of bytes must be used for a length.
    if (isLong) expect(length).toBeGreaterThan(125);
    const body = at + (isLong ? 8 : 6);
    const mask = bytes.subarray(body - 4, body);
    const payload = Buffer.from(bytes.subarray(body, body + length));
    for (let i = 0; i < length; i++) payload[i] = (payload[i] ?? 0) ^ (mask[i % 4] ?? 0);
    expect(payload).toHaveLength(length);
    frames.push({ first: bytes.readUInt8(at), mask: mask.toString('hex'), payload });
    at = body + length;
  }
  return frames;
}

/** Adds all, and takes what there is whenever there is no room. */
function framed(messages: readonly (string | Uint8Array)[]): Frame[] {
  const small = new SmallFrames();
  const pieces: Buffer[] = [];
  const take = (): void => {
    const taken = small.take();
    if (taken === undefined) return;
    pieces.push(Buffer.from(taken.piece));
    taken.done();
  };
  for (const message of messages) {
    if (small.add(message)) continue;
    take();
    expect(small.add(message)).toBe(true);
  }
  take();
  return parse(Buffer.concat(pieces));
}

const texts = fc.oneof(
  fc.string({ maxLength: 200 }),
  fc.string({ unit: 'binary', maxLength: 200 }),
  // Any unit, so that halves of characters are among them, which UTF-8 does not have.
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 1_024 })
    .map((units) => String.fromCharCode(...units)),
);

describe('SmallFrames', () => {
  it('makes a frame of each message, with what it says', () => {
    const bytes = fc.uint8Array({ maxLength: 1_024 });
    fc.assert(
      fc.property(fc.array(fc.oneof(texts, bytes), { maxLength: 60 }), (messages) => {
        const frames = framed(messages);
        expect(frames.map(({ first }) => first)).toEqual(
          messages.map((message) => (typeof message === 'string' ? 0x81 : 0x82)),
        );
        expect(frames.map(({ payload }) => payload)).toEqual(
          messages.map((message) => Buffer.from(message as string)),
        );
      }),
      { numRuns: 300 },
    );
  });

  it.each([0, 1, 3, 4, 5, 124, 125, 126, 127, 255, 256, 1_024])('frames %i units', (length) => {
    for (const unit of ['a', 'é', '€', '\ud83d']) {
      const text = unit.repeat(length);
      const [frame] = framed([text]);
      expect(frame?.payload).toEqual(Buffer.from(text));
    }
    const bytes = new Uint8Array(length).fill(7);
    expect(framed([bytes])[0]?.payload).toEqual(Buffer.from(bytes));
  });

  it('masks each with something else, and not with nothing', () => {
    const frames = framed(Array.from({ length: 5_000 }, () => 'x'));
    const masks = new Set(frames.map(({ mask }) => mask));
    // By chance two of 5,000 are the same once in 340 runs, and four of them never.
    expect(masks.size).toBeGreaterThan(4_996);
  });

  it('says when there is no room, and leaves what there is', () => {
    const small = new SmallFrames();
    const text = 'x'.repeat(1_000);
    let count = 0;
    while (small.add(text)) count++;
    expect(count).toBeGreaterThan(20);
    const before = small.bytes;
    expect(small.add(text)).toBe(false);
    expect(small.bytes).toBe(before);
    expect(parse(small.take()?.piece ?? new Uint8Array())).toHaveLength(count);
    expect([small.bytes, small.take()]).toEqual([0, undefined]);
  });

  it('uses memory again only when it is given back', () => {
    const small = new SmallFrames();
    small.add('first');
    const first = small.take();
    small.add('second');
    const second = small.take();
    expect(second?.piece.buffer).not.toBe(first?.piece.buffer);
    second?.done();
    small.add('third');
    const third = small.take();
    expect(third?.piece.buffer).toBe(second?.piece.buffer);
    expect(parse(first?.piece ?? new Uint8Array())[0]?.payload.toString()).toBe('first');
  });
});
