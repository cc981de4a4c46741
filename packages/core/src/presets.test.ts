import { expect, it } from 'vitest';
import { bench, connected } from '../test/test-kit.js';
import * as core from './index.js';
import { presets } from './presets.js';

const names = Object.keys(presets) as (keyof typeof presets)[];

it.each(names)(
  'presets.%s is exported by its name, frozen through and through, and plain data',
  (name) => {
    const preset = presets[name];
    expect(core[name]).toBe(preset);
    expect(Object.isFrozen(preset)).toBe(true);
    for (const group of Object.values(preset)) expect(Object.isFrozen(group)).toBe(true);
    expect(JSON.parse(JSON.stringify(preset))).toEqual(preset);
  },
);

it.each(names)('presets.%s makes a socket, as it is and spread', async (name) => {
  const made = await connected(presets[name]);
  expect(made.socket.state).toBe('connected');
  const { buffer } = presets[name];
  expect(bench({ ...presets[name], buffer: { ...buffer, capacity: 5 } }).socket.state).toBe('idle');
});

it('trading sends no order twice', async () => {
  const { trading } = presets;
  const made = await connected({
    ...trading,
    request: { ...trading.request, idOf: (message) => (message as { id: number }).id },
  });
  const order = made.socket.request({ id: 1 });
  await made.clock.advance(10);
  made.link().cut();
  await made.clock.advance(1_000);
  await expect(order).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  expect(made.socket.state).toBe('connected');
  expect(made.link().received).toEqual([]);
});

it('trading refuses what cannot go now, and knows a dead line in 8 s', async () => {
  const made = await connected(presets.trading);
  made.link().stall();
  await made.clock.advance(8_000);
  expect(made.socket.state).toBe('backing_off');
  expect(() => made.socket.send('order')).toThrow(
    expect.objectContaining({ code: 'NOT_CONNECTED' }),
  );
});
