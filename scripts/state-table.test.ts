import { describe, expect, it } from 'vitest';
import { states, stateTable, stepsFrom } from './state-table.ts';

it('docs/state-machine.md is what the machine does: vitest --update writes it anew', async () => {
  await expect(await stateTable()).toMatchFileSnapshot('../docs/state-machine.md');
});

describe.each(states)('transition() from $phase', (state) => {
  const steps = stepsFrom(state);

  it('says of a change of state, once, and truly', () => {
    for (const { input, next, effects } of steps) {
      const changes = effects.flatMap((effect) =>
        effect.type === 'emit' && effect.event.type === 'state_change' ? [effect.event] : [],
      );
      const told = [state.phase, ...changes.map(({ to }) => to)];
      expect(
        changes.map(({ from }) => from),
        input,
      ).toEqual(told.slice(0, -1));
      expect(told.at(-1), input).toBe(next.phase);
    }
  });

  it('leaves no timer behind of a phase that it leaves', () => {
    for (const { input, next, effects } of steps) {
      if (next.phase === state.phase) continue;
      const types = effects.map(({ type }) => type);
      expect(types, input).toContain('timers.clear');
    }
  });

  it('ends a life with closed, and with nothing after it', () => {
    for (const { input, effects } of steps) {
      const types = effects.map((effect) =>
        effect.type === 'emit' ? effect.event.type : effect.type,
      );
      const end = types.indexOf('life.end');
      expect(types.indexOf('closed'), input).toBe(end === -1 ? -1 : end - 1);
      const after = end === -1 ? [] : types.slice(end + 1);
      // Only another life may follow.
      expect(after[0] ?? 'life.begin', input).toBe('life.begin');
    }
  });
});
