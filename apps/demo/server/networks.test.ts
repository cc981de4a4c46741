import { afterEach, expect, it } from 'vitest';
import { Networks } from './networks.js';

const networks = new Networks(1);
afterEach(() => networks.close());

it('sweep() removes what nobody asked about, and leaves the rest', async () => {
  const { id } = await networks.open();
  await networks.sweep(60_000);
  expect(networks.get(id).id).toBe(id);
  await networks.sweep(0);
  expect(() => networks.get(id)).toThrow(expect.objectContaining({ status: 404 }));
});

it('remove() of what is gone does nothing', async () => {
  await expect(networks.remove('0')).resolves.toBeUndefined();
});
