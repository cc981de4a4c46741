/** What every log of sessions has to do, whatever it keeps them in. */
import { expect } from 'vitest';
import type { Change, Claim, Claimed, LogLimits, SessionLog } from '../src/index.js';

/** One log, as two processes see it that share it. */
export interface LogWorld {
  readonly here: SessionLog;
  readonly there: SessionLog;
  /** Lets so much time pass for the log. */
  readonly pass: (ms: number) => Promise<void> | void;
}

export const LIMITS: LogLimits = { ttlMs: 60_000, tombstoneMs: 600_000 };

const sid = '0123456789abcdef';
const first: Claim = {
  sid,
  n: 1,
  isKnown: false,
  rx: 0,
  hi: 0,
  principal: 'ada',
  localN: undefined,
};
const next: Claim = { ...first, n: 2, isKnown: true, hi: 100 };
const nothing: Change = {
  first: 1,
  messages: [],
  rx: 0,
  base: 0,
  isWhole: false,
  principal: 'ada',
};
const refused = (why: string, rx: number | null = null) => ({ type: 'gone', why, rx });

/** What a process gets that has nothing of it: all of the session. */
const resumed = (n: number, rx: number, base: number, messages: Change['messages']): Claimed => ({
  type: 'resumed',
  stored: { n, rx, base, messages },
});

/** `m2`, `m3`, `m4`: the messages with these numbers. */
export const messages = (from: number, to: number): string[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => `m${from + index}`);

/** A session with messages 1 to 4, of which the client has the first; 7 of its own were handled. */
async function begin({ here }: LogWorld): Promise<void> {
  expect(await here.claim(first)).toEqual({ type: 'created' });
  const change = { ...nothing, messages: messages(1, 4), rx: 7, base: 1 };
  expect(await here.write(sid, 1, change)).toBe('ok');
}

type Rule = readonly [name: string, run: (world: LogWorld) => Promise<void>];

const claims: readonly Rule[] = [
  [
    'goes on where it was, in the process that has it and in another one',
    async (world) => {
      await begin(world);
      const { here, there } = world;
      const has = { n: 1, rx: 7, base: 1, messages: undefined };
      expect(await here.claim({ ...next, localN: 1 })).toEqual({ type: 'resumed', stored: has });
      expect(await there.claim({ ...next, n: 3 })).toEqual(resumed(2, 7, 1, messages(2, 4)));
      // What is held here is of the past now.
      const back = await here.claim({ ...next, n: 4, localN: 2 });
      expect(back).toEqual(resumed(3, 7, 1, messages(2, 4)));
    },
  ],
  [
    'does not know a session that was never there',
    async ({ here }) => {
      expect(await here.claim({ ...first, isKnown: true })).toEqual(refused('unknown'));
      expect(await here.claim(first)).toEqual({ type: 'created' });
    },
  ],
  [
    'refuses a hello that is not newer than the last one',
    async (world) => {
      await begin(world);
      expect(await world.there.claim({ ...next, n: 1 })).toEqual(refused('fenced'));
      expect((await world.there.claim({ ...next, n: 5 })).type).toBe('resumed');
      expect(await world.here.claim({ ...next, n: 4 })).toEqual(refused('fenced'));
      expect(await world.here.claim({ ...next, n: 5 })).toEqual(refused('fenced'));
    },
  ],
  [
    'refuses a client that has more of us than there is, or less of its own than arrived',
    async (world) => {
      await begin(world);
      expect(await world.there.claim({ ...next, rx: 5 })).toEqual(refused('regressed'));
      expect(await world.there.claim({ ...next, hi: 6 })).toEqual(refused('regressed'));
      expect((await world.there.claim({ ...next, rx: 4, hi: 7 })).type).toBe('resumed');
    },
  ],
  [
    'does not tell anybody else that a session is there',
    async (world) => {
      await begin(world);
      const stolen = { ...next, n: 9, principal: 'eve' };
      expect(await world.there.claim(stolen)).toEqual(refused('unknown'));
      expect(await world.there.claim({ ...stolen, isKnown: false })).toEqual(refused('unknown'));
      // And nothing was taken.
      expect(await world.here.write(sid, 1, { ...nothing, first: 5 })).toBe('ok');
      expect((await world.there.claim(next)).type).toBe('resumed');
    },
  ],
  [
    'says when it has lost what the process has, and takes it anew',
    async ({ here, there }) => {
      expect(await here.claim({ ...next, localN: 1 })).toEqual({ type: 'missing' });
      const whole = { ...nothing, first: 3, messages: messages(3, 4), rx: 6, base: 2 };
      expect(await here.write(sid, 2, { ...whole, isWhole: true })).toBe('ok');
      expect(await there.claim({ ...next, n: 3 })).toEqual(resumed(2, 6, 2, messages(3, 4)));
    },
  ],
];

const ends: readonly Rule[] = [
  [
    'keeps the count of a session that ended, for its owner',
    async (world) => {
      await begin(world);
      await world.here.end(sid, 1, 'ended', 9);
      expect(await world.there.claim(next)).toEqual(refused('ended', 9));
      expect(await world.there.claim({ ...next, localN: 1 })).toEqual(refused('ended', 9));
      expect(await world.there.claim({ ...first, n: 2 })).toEqual(refused('ended', 9));
      expect(await world.there.claim({ ...next, principal: 'eve' })).toEqual(refused('unknown'));
      const eve = { ...first, principal: 'eve' };
      expect(await world.there.claim(eve)).toEqual(refused('unknown'));
      await world.pass(LIMITS.tombstoneMs + 1);
      expect(await world.there.claim(next)).toEqual(refused('unknown'));
      expect(await world.there.claim(eve)).toEqual({ type: 'created' });
    },
  ],
  [
    'lets nobody end what goes on elsewhere',
    async (world) => {
      await begin(world);
      await world.there.claim(next);
      await world.here.end(sid, 1, 'expired', 7);
      expect(await world.here.claim({ ...next, n: 3 })).toEqual(resumed(2, 7, 1, messages(2, 4)));
    },
  ],
  [
    'forgets a session whose time is over, and keeps its count',
    async (world) => {
      await begin(world);
      await world.pass(LIMITS.ttlMs + 1);
      expect(await world.there.claim(next)).toEqual(refused('expired', 7));
      await world.pass(LIMITS.tombstoneMs + 1);
      expect(await world.there.claim(next)).toEqual(refused('unknown'));
    },
  ],
  [
    'says who ended it, and how far it had come',
    async (world) => {
      await begin(world);
      await world.here.end(sid, 1, 'expired', 8);
      expect(await world.there.claim(next)).toEqual(refused('expired', 8));
    },
  ],
  [
    'begins its time again by a claim, a write, and when it is told that it is alive',
    async (world) => {
      await begin(world);
      const most = LIMITS.ttlMs - 1_000;
      await world.pass(most);
      expect((await world.here.claim({ ...next, localN: 1 })).type).toBe('resumed');
      await world.pass(most);
      expect(await world.here.write(sid, 2, { ...nothing, first: 5, rx: 7, base: 1 })).toBe('ok');
      // So often that the tombstone would be gone too, if it were not renewed along.
      const live = async (): Promise<void> => {
        for (let time = 0; time < 15; time++) {
          await world.pass(most);
          await world.here.renew([sid, 'a-session-that-is-gone']);
        }
      };
      await live();
      expect(await world.there.claim({ ...next, n: 3 })).toEqual(resumed(2, 7, 1, messages(2, 4)));
      await live();
      await world.pass(LIMITS.ttlMs + 1);
      expect(await world.there.claim({ ...next, n: 4 })).toEqual(refused('expired', 7));
    },
  ],
];

/** Changes after `begin`, what becomes of each, and what is there then. */
// prettier-ignore
const changes: readonly (readonly [
  name: string,
  steps: readonly (readonly [change: Partial<Change>, written: string])[],
  stored: readonly [rx: number, base: number, messages: readonly string[]],
])[] = [
  ['adds messages behind those that are there',
    [[{ first: 5, messages: messages(5, 6), base: 1, rx: 7 }, 'ok'],
      [{ first: 7, messages: messages(7, 7), base: 1, rx: 8 }, 'ok']],
    [8, 1, messages(2, 7)]],
  ['drops what is not needed any more', [[{ first: 5, messages: messages(5, 5), base: 3, rx: 7 }, 'ok']], [7, 3, messages(4, 5)]],
  ['drops what comes with the same change', [[{ first: 5, messages: messages(5, 8), base: 6, rx: 7 }, 'ok']], [7, 6, messages(7, 8)]],
  ['forgets all that is acknowledged', [[{ first: 5, base: 4, rx: 7 }, 'ok']], [7, 4, []]],
  ['forgets more than it ever had', [[{ first: 5, base: 9, rx: 7 }, 'ok']], [7, 9, []]],
  ['goes on after all was forgotten',
    [[{ first: 5, base: 9, rx: 7 }, 'ok'],
      [{ first: 10, messages: messages(10, 11), base: 9, rx: 7 }, 'ok']], [7, 9, messages(10, 11)]],
  ['jumps over what was dropped before it was written',
    [[{ first: 8, messages: messages(8, 9), base: 7, rx: 8 }, 'ok']], [8, 7, messages(8, 9)]],
  ['jumps, and drops of what comes along', [[{ first: 8, messages: messages(8, 9), base: 8, rx: 8 }, 'ok']], [8, 8, messages(9, 9)]],
  ['does not take what leaves a hole', [[{ first: 6, messages: messages(6, 9), base: 1, rx: 9 }, 'behind']], [7, 1, messages(2, 4)]],
  ['takes all anew after a hole',
    [[{ first: 6, messages: messages(6, 6), base: 1, rx: 9 }, 'behind'],
      [{ first: 3, messages: messages(3, 6), base: 2, rx: 9, isWhole: true }, 'ok']],
    [9, 2, messages(3, 6)]],
  ['takes less than there was, when it is all',
    [[{ first: 4, messages: messages(4, 4), base: 3, rx: 8, isWhole: true }, 'ok']], [8, 3, messages(4, 4)]],
  ['takes nothing at all, when it is all', [[{ first: 6, base: 5, rx: 8, isWhole: true }, 'ok']], [8, 5, []]],
  ['keeps a base that does not fall', [[{ first: 5, messages: messages(5, 5), base: 0, rx: 7 }, 'ok']], [7, 1, messages(2, 5)]],
];

const writes: readonly Rule[] = [
  ...changes.map(([name, steps, [rx, base, kept]]): Rule => [
    name,
    async (world) => {
      await begin(world);
      for (const [change, written] of steps) {
        expect(await world.here.write(sid, 1, { ...nothing, ...change })).toBe(written);
      }
      expect(await world.there.claim(next)).toEqual(resumed(1, rx, base, kept));
    },
  ]),
  [
    'lets nobody write but the one whose claim was the last',
    async (world) => {
      await begin(world);
      await world.there.claim(next);
      const change = { ...nothing, first: 5, messages: ['stale'], base: 1, rx: 7 };
      expect(await world.here.write(sid, 1, change)).toBe('fenced');
      expect(await world.here.write(sid, 1, { ...change, isWhole: true })).toBe('fenced');
      expect(await world.there.write(sid, 2, { ...change, messages: ['new'] })).toBe('ok');
      const back = await world.here.claim({ ...next, n: 3 });
      expect(back).toEqual(resumed(2, 7, 1, [...messages(2, 4), 'new']));
    },
  ],
  [
    'tells a writer with nothing to write whether the session went on elsewhere, also when it is over there',
    async (world) => {
      await begin(world);
      const { here, there } = world;
      const nothingNew = { ...nothing, first: 5, base: 1, rx: 7 };
      expect(await here.write(sid, 1, nothingNew)).toBe('ok');
      await there.claim(next);
      expect(await here.write(sid, 1, nothingNew)).toBe('fenced');
      expect(await there.write(sid, 2, nothingNew)).toBe('ok');
      for (const why of ['ended', 'expired'] as const) {
        await there.end(sid, 2, why, 7);
        expect(await here.write(sid, 1, nothingNew)).toBe('fenced');
        expect(await here.write(sid, 1, { ...nothingNew, isWhole: true })).toBe('fenced');
      }
    },
  ],
  [
    'is behind when it has nothing of a session',
    async ({ here, there }) => {
      const change = { ...nothing, messages: messages(1, 2), rx: 3 };
      expect(await here.write(sid, 4, change)).toBe('behind');
      expect(await here.write(sid, 4, { ...change, isWhole: true })).toBe('ok');
      expect(await there.claim({ ...next, n: 5 })).toEqual(resumed(4, 3, 0, messages(1, 2)));
      expect(await there.claim({ ...next, n: 6, principal: 'eve' })).toEqual(refused('unknown'));
    },
  ],
  [
    'gives back text as text, and bytes as bytes',
    async ({ here, there }) => {
      const large = Uint8Array.from({ length: 300 }, (_, index) => index % 256);
      // prettier-ignore
      const payloads = ['', 'ü€😀\0\r\n', '42', new Uint8Array(), large, large.subarray(100, 103), new Uint8Array([0xff, 0, 0xc3])];
      await here.claim(first);
      await here.write(sid, 1, { ...nothing, messages: payloads });
      expect(await there.claim(next)).toEqual(resumed(1, 0, 0, payloads));
    },
  ],
  [
    'keeps 10,000 messages in order',
    async ({ here, there }) => {
      await here.claim(first);
      await here.write(sid, 1, { ...nothing, messages: messages(1, 6_000) });
      const rest = { ...nothing, first: 6_001, messages: messages(6_001, 10_000), base: 10 };
      expect(await here.write(sid, 1, rest)).toBe('ok');
      expect(await there.claim(next)).toEqual(resumed(1, 0, 10, messages(11, 10_000)));
    },
  ],
  [
    'counts as far as numbers go',
    async ({ here, there }) => {
      const top = Number.MAX_SAFE_INTEGER;
      const change = { ...nothing, first: top - 2, messages: ['a', 'b'], rx: top, base: top - 3 };
      expect(await here.write(sid, top - 2, { ...change, isWhole: true })).toBe('ok');
      const last = { ...change, first: top, messages: ['c'], base: top - 2 };
      expect(await here.write(sid, top - 2, last)).toBe('ok');
      const claim = { ...next, n: top - 1, hi: top, rx: top };
      expect(await there.claim(claim)).toEqual(resumed(top - 2, top, top - 2, ['b', 'c']));
      expect(await there.claim({ ...claim, n: top })).toEqual(
        resumed(top - 1, top, top - 2, ['b', 'c']),
      );
    },
  ],
];

export const rules: readonly Rule[] = [...claims, ...ends, ...writes];
