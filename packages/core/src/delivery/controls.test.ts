import { describe, expect, it } from 'vitest';
import { type Control, formatControl, MAX_CONTROL_LENGTH, parseControl } from './controls.js';
import { MAX_SEQ } from './frames.js';

const SID = '0123456789abcdef0123456789abcdef';
const NAMED = `"sid":"${SID}","rx":0,"hi":0,"win":1`;
const controls: Control[] = [
  { type: 'hello', sid: SID, isKnown: false, n: 1, rx: 0, hi: 0, win: 256, tok: undefined },
  { type: 'hello', sid: SID, isKnown: true, n: 7, rx: 5, hi: MAX_SEQ, win: 0, tok: 'here' },
  { type: 'welcome', sid: SID, rx: 3, hi: 4, ttl: 0.5, win: 16, tok: undefined },
  { type: 'hello', sid: SID, isKnown: false, n: 1, rx: 0, hi: 0, win: 256, max: 1 },
  { type: 'welcome', sid: SID, rx: 3, hi: 4, ttl: 0.5, win: 16, max: MAX_SEQ, tok: 'here' },
  { type: 'gone', why: 'expired', sid: SID, rx: null },
  { type: 'gone', why: 'fenced', sid: SID, rx: 9 },
  { type: 'skip', to: 12 },
  { type: 'win', win: 0 },
  { type: 'gone', why: 'unknown', sid: SID, rx: 0 },
  { type: 'gone', why: 'regressed', sid: SID, rx: 0 },
  { type: 'gone', why: 'ended', sid: SID, rx: 0 },
  { type: 'bye', reason: 'so long', rx: 2, hi: 3 },
  { type: 'move', within: 0 },
  { type: 'move', within: 3_600 },
];

describe('control frames', () => {
  it.each(controls)('come out as they went in: $type', (control) => {
    expect(parseControl(formatControl(control))).toEqual(control);
  });

  it.each<readonly [string, Control]>([
    [
      `{"jet":1,"sid":"${SID}","rx":1,"hi":2,"win":3,"ttl":0,"more":4}`,
      { type: 'welcome', sid: SID, rx: 1, hi: 2, win: 3, ttl: 0, tok: undefined },
    ],
    ['{"bye":"","rx":1}', { type: 'bye', reason: '', rx: 1, hi: 0 }],
    ['{"move":0.5}', { type: 'move', within: 0.5 }],
  ])('may say more or less than that: %s', (text, control) => {
    expect(parseControl(text)).toEqual(control);
  });

  it.each([
    ['a token', 1_024, (size: number) => `{"jet":1,${NAMED},"ttl":1,"tok":"${'x'.repeat(size)}"}`],
    ['a frame', MAX_CONTROL_LENGTH, (size: number) => `{"win":1}`.padEnd(size)],
    ['a name', 64, (size: number) => `{"gone":"ended","sid":"${'x'.repeat(size)}","rx":0}`],
  ])('may have %s of %i, and no longer', (_name, most, frame) => {
    expect(parseControl(frame(most))).toBeDefined();
    expect(parseControl(frame(most + 1))).toBeUndefined();
  });

  it('have a form that both ends agree on', () => {
    expect(controls.slice(0, 5).map(formatControl)).toEqual([
      `{"jet":1,"sid":"${SID}","ok":0,"n":1,"rx":0,"hi":0,"win":256}`,
      `{"jet":1,"sid":"${SID}","ok":1,"n":7,"rx":5,"hi":${MAX_SEQ},"win":0,"tok":"here"}`,
      `{"jet":1,"sid":"${SID}","rx":3,"hi":4,"ttl":0.5,"win":16}`,
      `{"jet":1,"sid":"${SID}","ok":0,"n":1,"rx":0,"hi":0,"win":256,"max":1}`,
      `{"jet":1,"sid":"${SID}","rx":3,"hi":4,"ttl":0.5,"win":16,"max":${MAX_SEQ},"tok":"here"}`,
    ]);
  });

  it.each([
    '{',
    'null',
    '1',
    '"jet"',
    '[]',
    `{"jet":1,"rx":0,"hi":0,"win":1,"ttl":1}`,
    `{"jet":1,"sid":["${SID}"],"rx":0,"hi":0,"win":1,"ttl":1}`,
    `{"jet":1,"sid":"${'x'.repeat(15)}","rx":0,"hi":0,"win":1,"ttl":1}`,
    `{"jet":1,"sid":"<${SID}","rx":0,"hi":0,"win":1,"ttl":1}`,
    `{"jet":1,"sid":"${SID}","rx":0,"hi":-1,"win":1,"ttl":1}`,
    `{"jet":1,"sid":"${SID}","rx":0,"hi":0,"win":-1,"ttl":1}`,
    `{"jet":1,"sid":"${SID}","rx":0,"hi":0,"win":1,"ttl":"1"}`,
    `{"jet":1,"sid":"${SID}","rx":0,"hi":0,"win":1}`,
    `{"jet":1,"sid":"${SID}","rx":0,"hi":0,"win":1,"ttl":1,"tok":1}`,
    `{"jet":1,"sid":"${SID}","rx":0,"hi":0,"win":1,"ttl":1,"max":0}`,
    `{"jet":1,"sid":"${SID}","rx":0,"hi":0,"win":1,"ttl":1,"max":"1"}`,
    `{"jet":1,"sid":"${SID}","rx":0,"hi":0,"win":1,"n":1,"ok":1,"max":null}`,
    `{"jet":1,"sid":"${SID}","rx":0,"hi":0,"win":1,"ttl":1,"tok":null}`,
    `{"jet":1,"sid":"${SID}","rx":0,"hi":0,"win":1,"n":0,"ok":1}`,
    `{"jet":1,"sid":"${SID}","rx":0,"hi":0,"win":1,"n":1}`,
    `{"gone":"ended","sid":"short","rx":0}`,
    `{"gone":"ended","sid":"${SID}","rx":-1}`,
    `{"gone":"ended","sid":"${SID}","rx":"0"}`,
    '{"bye":1,"rx":0,"hi":0}',
    '{"bye":"","rx":-1}',
    '{"bye":"","rx":0,"hi":-1}',
    '{"win":1e400}',
    '{"skip":"1"}',
    '{"move":-1}',
    '{"move":3601}',
    '{"move":"1"}',
    '{"move":null}',
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
