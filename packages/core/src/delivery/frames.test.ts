import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FrameData } from '../ports.js';
import { type Control, formatControl, MAX_CONTROL_LENGTH, parseControl } from './controls.js';
import { ackFrame, dataFrame, type FrameKind, FrameReader, MAX_SEQ, PROBE } from './frames.js';

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

  it('acknowledge what they say', () => {
    expect(read(ackFrame(12))).toEqual(['ack', 0, 12, '']);
  });
});

const SID = '0123456789abcdef0123456789abcdef';
const controls: Control[] = [
  { type: 'hello', sid: SID, isKnown: false, n: 1, rx: 0, hi: 0, win: 256, tok: undefined },
  { type: 'hello', sid: SID, isKnown: true, n: 7, rx: 5, hi: MAX_SEQ, win: 0, tok: 'here' },
  { type: 'welcome', sid: SID, rx: 3, hi: 4, ttl: 0.5, win: 16, tok: undefined },
  { type: 'gone', why: 'expired', sid: SID, rx: null },
  { type: 'gone', why: 'fenced', sid: SID, rx: 9 },
  { type: 'skip', to: 12 },
  { type: 'win', win: 0 },
  { type: 'bye', reason: 'so long', rx: 2, hi: 3 },
];

describe('control frames', () => {
  it.each(controls)('come out as they went in: $type', (control) => {
    expect(parseControl(formatControl(control))).toEqual(control);
  });

  it.each([
    '{',
    '{}',
    '{"jet":2,"sid":"0123456789abcdef","rx":0,"hi":0,"win":1,"ttl":1}',
    '{"jet":1,"sid":"short","rx":0,"hi":0,"win":1,"ttl":1}',
    '{"jet":1,"sid":"0123456789abcdef<script>","rx":0,"hi":0,"win":1,"ttl":1}',
    '{"jet":1,"sid":"0123456789abcdef","rx":-1,"hi":0,"win":1,"ttl":1}',
    '{"jet":1,"sid":"0123456789abcdef","rx":0.5,"hi":0,"win":1,"ttl":1}',
    '{"jet":1,"sid":"0123456789abcdef","rx":9007199254740992,"hi":0,"win":1,"ttl":1}',
    '{"jet":1,"sid":"0123456789abcdef","rx":"0","hi":0,"win":1,"ttl":1}',
    '{"jet":1,"sid":"0123456789abcdef","rx":0,"hi":0,"win":1,"ttl":-1}',
    '{"jet":1,"sid":"0123456789abcdef","rx":0,"hi":0,"win":1,"n":0,"ok":1}',
    '{"jet":1,"sid":"0123456789abcdef","rx":0,"hi":0,"win":1,"n":1,"ok":2}',
    '{"gone":"bored","sid":"0123456789abcdef","rx":0}',
    '{"gone":"expired","sid":"0123456789abcdef"}',
    '{"skip":0}',
    '{"skip":null}',
    '{"win":-1}',
    '{"bye":1,"rx":0}',
    `{"bye":"${'x'.repeat(MAX_CONTROL_LENGTH)}","rx":0}`,
    `{"jet":1,"sid":"0123456789abcdef","rx":0,"hi":0,"win":1,"ttl":1,"tok":"${'x'.repeat(1_025)}"}`,
  ])('that are none are not taken: %s', (text) => {
    expect(parseControl(text)).toBeUndefined();
  });
});
