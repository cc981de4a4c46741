import fc from 'fast-check';
import type { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import * as ws from 'ws';
import { FrameScanner, type Receiver } from './frame-scanner.js';

type WsReceiver = Receiver & EventEmitter;

/** The parser of `ws` itself, which the types do not know. */
const { Receiver: WsReceiver } = ws as unknown as {
  readonly Receiver: new (options: object) => WsReceiver;
};

const MAX_BYTES = 70_000;

/** A frame, right or wrong. */
interface Frame {
  readonly first: number;
  readonly payload: Buffer;
  readonly isMasked?: boolean | undefined;
  /** Says its length in so many bytes, though fewer would do. */
  readonly lengthBytes?: 2 | 8 | undefined;
}

/** What a server sends of it (RFC 6455 §5.2), by no code of ours. */
function encode({ first, payload, isMasked = false, lengthBytes }: Frame): Buffer {
  const { length } = payload;
  const most = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const bytes = Math.max(most, lengthBytes ?? 0);
  const mark = (isMasked ? 0x80 : 0) | (bytes === 0 ? length : bytes === 2 ? 126 : 127);
  const long = Buffer.alloc(8);
  long.writeBigUInt64BE(BigInt(length));
  const mask = Buffer.alloc(isMasked ? 4 : 0);
  return Buffer.concat([Buffer.from([first, mark]), long.subarray(8 - bytes), mask, payload]);
}

/** All that is told of what came in these pieces, in order, and how often `ws` was given something. */
async function told(
  pieces: readonly Buffer[],
  isScanned: boolean,
): Promise<{ log: string[]; handedOn: number }> {
  const receiver = new WsReceiver({ maxPayload: MAX_BYTES, skipUTF8Validation: true });
  const log: string[] = [];
  let handedOn = 0;
  const onMessage = (data: Uint8Array, isBinary: boolean): void => {
    log.push(`${isBinary ? 'binary' : 'text'} ${Buffer.from(data).toString('base64')}`);
  };
  receiver.on('message', onMessage);
  for (const name of ['ping', 'pong'])
    receiver.on(name, (data: Buffer) => log.push(`${name} ${data.toString('base64')}`));
  receiver.on('conclude', (code: number) => log.push(`close ${code}`));
  receiver.on('error', (error: Error) => log.push(`error ${error.message}`));
  const write = receiver.write.bind(receiver);
  receiver.write = (bytes) => {
    handedOn++;
    return write(bytes);
  };
  const scanner = new FrameScanner(receiver, MAX_BYTES, (bytes, from, to, isBinary) => {
    onMessage(bytes.subarray(from, to), isBinary);
  });
  for (const piece of pieces) {
    // As `ws` does, which listens no more after either.
    if (log.some((line) => /^(error|close) /.test(line))) break;
    if (isScanned) scanner.scan(piece);
    else receiver.write(piece);
    await new Promise(setImmediate);
  }
  return { log, handedOn };
}

/** The same bytes in pieces that end at these parts of the whole. */
function cut(bytes: Buffer, parts: readonly number[]): Buffer[] {
  const ends = [...parts.map((part) => Math.floor(part * bytes.length)), bytes.length];
  ends.sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end)).filter(isSome);
}

const isSome = ({ length }: Buffer): boolean => length > 0;

const lengths = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 140 }) },
  { weight: 2, arbitrary: fc.constantFrom(124, 125, 126, 127, 255, 256, 257, 1_000) },
  { weight: 1, arbitrary: fc.constantFrom(65_535, 65_536, MAX_BYTES, MAX_BYTES + 1) },
);
/** Of bytes that look like frames, so that who is wrong by one byte tells them. */
const payloads = fc
  .tuple(lengths, fc.constantFrom('\x81\x02', '\x82\x00', '\x81', '\x00', '\x88\x00', 'plain'))
  .map(([length, like]) => Buffer.alloc(length, like, 'latin1'));
const lengthBytes = fc.constantFrom(undefined, undefined, undefined, 2 as const, 8 as const);

const plain = fc.record({ first: fc.constantFrom(0x81, 0x82), payload: payloads, lengthBytes });
const control = fc.record({
  first: fc.constantFrom(0x89, 0x8a),
  payload: payloads.map((payload) => payload.subarray(0, 125)),
});
/** A message in parts, with controls between them. */
const fragmented = fc
  .tuple(fc.constantFrom(0x01, 0x02), fc.array(fc.oneof(payloads, control), { maxLength: 5 }))
  .map(([first, parts]) => [
    { first, payload: Buffer.from('begins') },
    ...parts.map((part) => ('first' in part ? part : { first: 0x00, payload: part })),
    { first: 0x80, payload: Buffer.from('ends') },
  ]);
/** Parts of no message, or of one that never ends, among others. */
const stray = fc.record({ first: fc.constantFrom(0x00, 0x01, 0x02, 0x80), payload: payloads });
const anything = fc.record({
  first: fc.integer({ min: 0, max: 255 }),
  payload: payloads,
  isMasked: fc.boolean(),
  lengthBytes,
});
const close = fc.constant({ first: 0x88, payload: Buffer.from([0x03, 0xe8]) });
const traffic = fc
  .array(
    fc.oneof(
      { weight: 12, arbitrary: plain.map((frame) => [frame]) },
      { weight: 3, arbitrary: control.map((frame) => [frame]) },
      { weight: 3, arbitrary: fragmented },
      { weight: 1, arbitrary: stray.map((frame) => [frame]) },
      { weight: 1, arbitrary: anything.map((frame) => [frame]) },
      { weight: 1, arbitrary: close.map((frame) => [frame]) },
    ),
    { maxLength: 12 },
  )
  .map((groups) => groups.flat());
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });

const text = (of: string): Buffer => encode({ first: 0x81, payload: Buffer.from(of) });

describe('FrameScanner', () => {
  it('tells what ws tells, of whatever comes, cut wherever', async () => {
    await fc.assert(
      fc.asyncProperty(traffic, cuts, async (frames, parts) => {
        const pieces = cut(Buffer.concat(frames.map(encode)), parts);
        expect((await told(pieces, true)).log).toEqual((await told(pieces, false)).log);
      }),
      { numRuns: 1_000 },
    );
  });

  it('tells it of every byte by itself', async () => {
    const frames = [
      { first: 0x81, payload: Buffer.from('one') },
      { first: 0x82, payload: Buffer.alloc(0) },
      { first: 0x01, payload: Buffer.from('two ') },
      { first: 0x89, payload: Buffer.from('?') },
      { first: 0x80, payload: Buffer.from('halves') },
      { first: 0x82, payload: Buffer.alloc(300, 7) },
      { first: 0x81, payload: Buffer.from('long'), lengthBytes: 8 } as const,
    ];
    const bytes = Buffer.concat(frames.map(encode));
    const pieces = [...bytes].map((byte) => Buffer.from([byte]));
    const { log } = await told(pieces, true);
    expect(log).toHaveLength(6);
    expect(log).toEqual((await told([bytes], false)).log);
  });

  it('hands nothing on of whole messages', async () => {
    const large = encode({ first: 0x82, payload: Buffer.alloc(65_535) });
    const long = encode({ first: 0x81, payload: Buffer.alloc(300), lengthBytes: 8 });
    const pieces = [Buffer.concat([text('one'), text('x'.repeat(126))]), large, long];
    expect(await told(pieces, true)).toMatchObject({ log: { length: 4 }, handedOn: 0 });
  });

  it.each([1, 2, 100, 70_000])(
    'puts a message together that comes in pieces: of %d bytes',
    async (length) => {
      for (const first of [0x81, 0x82]) {
        const whole = encode({ first, payload: Buffer.alloc(length, 'abc') });
        const bytes = Buffer.concat([text('one'), whole, text('three')]);
        // Its head is whole in the first one.
        const from = text('one').length + whole.length - length;
        const half = from + Math.floor(length / 2);
        const pieces = [bytes.subarray(0, from), bytes.subarray(from, half), bytes.subarray(half)];
        const { log, handedOn } = await told(pieces.filter(isSome), true);
        expect(log).toEqual((await told([bytes], false)).log);
        expect(handedOn).toBe(0);
      }
    },
  );

  it('hands on no more than a message whose head was cut in two', async () => {
    const bytes = Buffer.concat([text('one'), text('cut in two'), text('three')]);
    const { log, handedOn } = await told([bytes.subarray(0, 6), bytes.subarray(6)], true);
    expect(log).toHaveLength(3);
    expect(handedOn).toBe(2);
  });

  it('hands on a message in pieces that is longer than what it puts together', () => {
    const most = 1_048_576;
    const taken: number[] = [];
    let handedOn = 0;
    const write = ({ length }: Uint8Array): boolean => (handedOn += length) > 0;
    const scanner = new FrameScanner({ write, errored: null }, Infinity, (_, from, to) => {
      taken.push(to - from);
    });
    for (const length of [most, most + 1, most]) {
      const bytes = encode({ first: 0x81, payload: Buffer.alloc(length) });
      scanner.scan(bytes.subarray(0, 65_536));
      scanner.scan(bytes.subarray(65_536));
    }
    expect([taken, handedOn]).toEqual([[most, most], most + 11]);
    scanner.scan(encode({ first: 0x81, payload: Buffer.alloc(most + 1) }));
    expect([taken[2], handedOn]).toEqual([most + 1, most + 11]);
    // One that says to be of 4 GiB and a byte.
    scanner.scan(Buffer.from([0x82, 127, 0, 0, 0, 1, 0, 0, 0, 1, 7]));
    expect([taken.length, handedOn]).toEqual([3, most + 22]);
  });

  it.each([0x81, 0x82])('mixes up no two that come in pieces at once: %i', (first) => {
    const write = (): boolean => true;
    const told = ['a', 'b', 'c'].map((letter) => {
      const texts: string[] = [];
      const scanner = new FrameScanner({ write, errored: null }, Infinity, (bytes, from, to) => {
        texts.push(bytes.toString('latin1', from, to));
      });
      const bytes = encode({ first, payload: Buffer.alloc(300, letter) });
      return { scanner, texts, bytes, letter };
    });
    for (const [from, to] of [
      [0, 100],
      [100, 200],
      [200, 304],
    ]) {
      for (const { scanner, bytes } of told) scanner.scan(bytes.subarray(from, to));
    }
    expect(told.map(({ texts }) => texts)).toEqual(told.map(({ letter }) => [letter.repeat(300)]));
  });

  it('leaves what is binary to whom it was handed', () => {
    const kept: Buffer[] = [];
    const onFrame = (bytes: Buffer, from: number, to: number): number =>
      kept.push(bytes.subarray(from, to));
    const scanner = new FrameScanner({ write: () => true, errored: null }, Infinity, onFrame);
    for (const [first, letter] of [
      [0x82, 'a'],
      [0x82, 'b'],
      [0x81, 'c'],
    ] as const) {
      const bytes = encode({ first, payload: Buffer.alloc(300, letter) });
      scanner.scan(bytes.subarray(0, 100));
      scanner.scan(bytes.subarray(100));
    }
    expect(kept.slice(0, 2).map(String)).toEqual(['a'.repeat(300), 'b'.repeat(300)]);
  });

  it('takes whole messages again, whatever ws was given between them', async () => {
    const between = [
      [{ first: 0x89, payload: Buffer.from('ping') }],
      [{ first: 0x8a, payload: Buffer.alloc(0) }],
      [
        { first: 0x01, payload: Buffer.alloc(200) },
        { first: 0x80, payload: Buffer.alloc(1) },
      ],
    ].map((frames) => Buffer.concat(frames.map(encode)));
    const pieces = between.flatMap((piece) => [piece, text('one'), text('two')]);
    const { log, handedOn } = await told(pieces, true);
    expect(log).toHaveLength(9);
    expect(handedOn).toBe(between.length);
  });

  it('leaves it to ws to refuse what is larger than it may be', () => {
    const handedOn: number[] = [];
    const write = ({ length }: Uint8Array): boolean => handedOn.push(length) > 0;
    const taken: number[] = [];
    const scanner = new FrameScanner({ write, errored: null }, 200, (_, from, to) => {
      taken.push(to - from);
    });
    for (const length of [200, 201, 10])
      scanner.scan(encode({ first: 0x82, payload: Buffer.alloc(length) }));
    expect([taken, handedOn]).toEqual([[200, 10], [205]]);
    const bytes = encode({ first: 0x81, payload: Buffer.alloc(201) });
    scanner.scan(bytes.subarray(0, 100));
    scanner.scan(bytes.subarray(100));
    expect([taken, handedOn]).toEqual([
      [200, 10],
      [205, 100, 105],
    ]);
  });

  it.each([
    ['a close', { first: 0x88, payload: Buffer.from([0x03, 0xe8]) }],
    ['a reserved bit', { first: 0xc1, payload: Buffer.alloc(1) }],
    ['an opcode that is none', { first: 0x83, payload: Buffer.alloc(1) }],
    ['a mask', { first: 0x81, payload: Buffer.alloc(1), isMasked: true }],
    ['a part of nothing', { first: 0x80, payload: Buffer.alloc(1) }],
    ['a ping in parts', { first: 0x09, payload: Buffer.alloc(1) }],
    ['a ping that is too long', { first: 0x89, payload: Buffer.alloc(126) }],
    ['a message that is too large', { first: 0x81, payload: Buffer.alloc(MAX_BYTES + 1) }],
  ] as const)('tells no message behind %s', async (_, frame) => {
    const { log } = await told([Buffer.concat([text('a'), encode(frame), text('b')])], true);
    expect(log).toHaveLength(2);
    expect(log[1]).toMatch(/^(error|close) /);
  });

  it('tells no message of a piece that came at once with an error', async () => {
    const receiver = new WsReceiver({ maxPayload: MAX_BYTES, skipUTF8Validation: true });
    const onError = new Promise((resolve) => receiver.on('error', resolve));
    const log: string[] = [];
    const scanner = new FrameScanner(receiver, MAX_BYTES, (bytes) => log.push(bytes.toString()));
    scanner.scan(encode({ first: 0x83, payload: Buffer.alloc(1) }));
    scanner.scan(text('behind'));
    await onError;
    expect(log).toEqual([]);
  });

  it('tells no message behind parts that are too large together', async () => {
    const part = { first: 0x00, payload: Buffer.alloc(MAX_BYTES - 5) };
    const frames = [{ first: 0x01, payload: Buffer.alloc(6) }, part, { ...part, first: 0x80 }];
    const { log } = await told([Buffer.concat([...frames.map(encode), text('b')])], true);
    expect(log).toEqual(['error Max payload size exceeded']);
  });

  it('wants no more while ws wants no more', () => {
    const answers = [false, false, true, true];
    const receiver = { write: () => answers.shift() ?? true, errored: null };
    const scanner = new FrameScanner(receiver, MAX_BYTES, () => undefined);
    const ping = encode({ first: 0x89, payload: Buffer.alloc(0) });
    expect(scanner.scan(text('one'))).toBe(true);
    expect(scanner.scan(ping)).toBe(false);
    expect(scanner.scan(Buffer.concat([ping, text('one'), ping]))).toBe(false);
    expect(scanner.scan(ping)).toBe(true);
  });
});
