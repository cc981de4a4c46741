import { expect, it } from 'vitest';
import { draw, outcome } from './timelines/draw.ts';
import { run, RUNGS, type Rung } from './timelines/run.ts';

it.each(RUNGS)(
  'docs/timelines/%s.svg is what the mode does: vitest --update draws it anew',
  async (rung) => {
    await expect(draw(await run(rung))).toMatchFileSnapshot(`../docs/timelines/${rung}.svg`);
  },
);

/** What docs/replay.md says of each. */
const PROMISED: Record<Rung, readonly [up: string, down: string]> = {
  none: ['lost: 3 4', 'lost: b c'],
  full_buffer: ['lost: 3', 'lost: b c'],
  ackOf: ['twice: 2', 'lost: b c'],
  sequence_id: ['twice: 2', 'each once, in order'],
  session: ['each once, in order', 'each once, in order'],
};

it.each(RUNGS)('a cut loses in mode %s what is said that it loses, and no more', async (rung) => {
  const timeline = await run(rung);
  expect([outcome('server', timeline), outcome('client', timeline)]).toEqual(PROMISED[rung]);
});
