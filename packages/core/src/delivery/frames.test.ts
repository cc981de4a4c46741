import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FrameData } from '../ports.js';
import {
  ackFrame,
  dataFrame,
  type FrameKind,
  FrameReader,
  MAX_SEQ,
  PROBE,
  SUBPROTOCOL,
} from './frames.js';

function read(data: FrameData): readonly [FrameKind, seq: number, ack: number, payload: FrameData] {
  const reader = new FrameReader();
  const kind = reader.read(data);
  return [kind, reader.seq, reader.ack, kind === 'data' ? reader.payload : ''];
}

const counts = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 300 }), fc.maxSafeNat());
const payloads = fc.oneof(fc.string(), fc.uint8Array());

describe('frames', () => {
  it('come out as they went in', () => {
    fc.assert(
      fc.property(counts, counts, payloads, (seq, ack, payload) => {
        const [kind, gotSeq, gotAck, got] = read(dataFrame(seq, ack, payload));
        expect([kind, gotSeq, gotAck]).toEqual(['data', seq, ack]);
        expect(got).toEqual(payload);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each<[FrameData, ...ReturnType<typeof read>]>([
    ['1 {}', 'data', 1, 0, '{}'],
    ['1042,77 {"p":1}', 'data', 1042, 77, '{"p":1}'],
    [' typing', 'data', 0, 0, 'typing'],
    [',77 typing', 'data', 0, 77, 'typing'],
    ['1 ', 'data', 1, 0, ''],
    [',77', 'ack', 0, 77, ''],
    [',0', 'ack', 0, 0, ''],
    [PROBE, 'probe', 0, 0, ''],
    ['{"win":1}', 'control', 0, 0, ''],
    [`${MAX_SEQ} x`, 'data', MAX_SEQ, 0, 'x'],
    [new Uint8Array([1, 0, 9]), 'data', 1, 0, new Uint8Array([9])],
    [new Uint8Array([128, 1, 0]), 'data', 128, 0, new Uint8Array([])],
  ])('are read: %s', (frame, ...parts) => {
    expect(read(frame)).toEqual(parts);
  });

  it.each<FrameData>([
    '',
    '0 x',
    '01 x',
    '-1 x',
    '1.5 x',
    '1e3 x',
    'x',
    '1',
    '1,',
    '1,5',
    '1, x',
    ',',
    ',01',
    ',1x',
    '??',
    '? x',
    '9007199254740992 x',
    '90071992547409910 x',
    '1,9007199254740992 x',
    '\u0661 x',
    new Uint8Array([]),
    new Uint8Array([1]),
    new Uint8Array([128]),
    new Uint8Array([128, 0, 0]),
    new Uint8Array([1, 255, 255, 255, 255, 255, 255, 255, 255]),
    new Uint8Array([255, 255, 255, 255, 255, 255, 255, 31, 0]),
  ])('that are none are broken: %s', (frame) => {
    expect(read(frame)[0]).toBe('broken');
  });

  it('with a payload may say that nothing was handled', () => {
    expect(read('1,0 x')).toEqual(['data', 1, 0, 'x']);
    expect(read(',0 x')).toEqual(['data', 0, 0, 'x']);
  });

  it('with bytes count what a number holds, and no further', () => {
    const largest = dataFrame(MAX_SEQ, MAX_SEQ, new Uint8Array([9]));
    expect(read(largest)).toEqual(['data', MAX_SEQ, MAX_SEQ, new Uint8Array([9])]);
    expect(largest).toHaveLength(17);
    // 2⁵³, one more than the largest.
    expect(read(new Uint8Array([128, 128, 128, 128, 128, 128, 128, 16, 0]))[0]).toBe('broken');
  });

  it.each([0, 1, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32])(
    'with bytes take no more of them than the number %i needs',
    (seq) => {
      const length = seq === 0 ? 1 : Math.ceil(Math.log2(seq + 1) / 7);
      expect(dataFrame(seq, 0, new Uint8Array(2))).toHaveLength(length + 1 + 2);
    },
  );

  it('acknowledge what they say', () => {
    expect(read(ackFrame(12))).toEqual(['ack', 0, 12, '']);
  });
});

describe('FrameReader', () => {
  it.each<readonly [FrameData, length: number]>([
    ['12,3 hello', 5],
    [' ä€', 2],
    [new Uint8Array([1, 0, 9, 9, 9]), 3],
  ])('tells the length of the payload of %s', (frame, length) => {
    const reader = new FrameReader();
    reader.read(frame);
    expect(reader.payloadLength).toBe(length);
  });

  it('gives a view of bytes, and no copy', () => {
    const reader = new FrameReader();
    const frame = new Uint8Array([1, 0, 9]);
    reader.read(frame);
    expect(reader.payload).toMatchObject({ buffer: frame.buffer, byteOffset: 2 });
  });

  it('forgets the frame before', () => {
    const reader = new FrameReader();
    reader.read('12,3 hello');
    expect([reader.read('?'), reader.seq, reader.ack]).toEqual(['probe', 0, 0]);
    expect([reader.read(' x'), reader.payload]).toEqual(['data', 'x']);
  });

  it('has nothing before it read anything, and after it let go', () => {
    const reader = new FrameReader();
    expect([reader.payload, reader.payloadLength, reader.seq, reader.ack]).toEqual(['', 0, 0, 0]);
    reader.read(' x');
    reader.release();
    expect(reader.payload).toBe('');
  });
});

it('the subprotocol has the name that the protocol gives it', () => {
  expect(SUBPROTOCOL).toBe('jetsocket.v1');
});
