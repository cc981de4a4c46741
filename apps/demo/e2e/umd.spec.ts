/** The same client from a script tag: one file, no bundler. */
import { CONTRACT } from './contract.js';
import { expect, test } from './demo-page.js';

test('a script tag is all it takes: the contract’s events', async ({ demo, page }) => {
  await page.goto('/umd.html');
  await demo.isIn('connected');
  await demo.event('message');
  await demo.event('pong');
  await demo.click('send-one');
  await expect.poll(async () => JSON.stringify(await demo.ofType('message'))).toContain('"ack":1');
  await demo.click('fault-cut');
  await demo.event('reconnected');
  await demo.click('fault-refuse');
  await demo.event('disconnected', 2);
  await demo.click('send-burst');
  expect(await demo.event('buffer_overflow')).toMatchObject({
    dropped_count: 10,
    policy: 'drop_oldest',
    capacity: 10,
    direction: 'outgoing',
  });
  await demo.click('fault-restore');
  await demo.event('replay_completed', 2);
  expect(await demo.event('replay_started', 2)).toMatchObject({ message_count: 10 });
  await expect.poll(async () => JSON.stringify(await demo.ofType('message'))).toContain('"ack":21');

  const seen = new Set((await demo.events()).map(({ type }) => type));
  expect(CONTRACT.filter((type) => !seen.has(type))).toEqual([]);
  await expect(demo.part('log')).toContainText('replay_completed');
});

test('the script-tag page fits a phone', async ({ demo, page }) => {
  await page.setViewportSize({ width: 375, height: 812 });
  await page.goto('/umd.html');
  await demo.isIn('connected');
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBe(0);
});
