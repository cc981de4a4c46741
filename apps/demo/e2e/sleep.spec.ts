/** Pages that are hidden and frozen, offline, and on a machine that sleeps: the real thing. For those that are left see cache.spec.ts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ownBrowser } from './own-browser.js';
import { expect, PlaywrightDemoPage, test } from './playwright-page.js';

/** A session, and traffic both ways all the time. */
const SESSION = 'mode=session';

/** The page asks the server for its books all the time. Without a network, or a visitor, it asks in vain. */
const ASKED_IN_VAIN = /^Failed to load resource/;

test('offline, and online again: no message is missing', async ({ context, demo }) => {
  await demo.open(SESSION);
  await demo.countsAtLeast('received', 3);
  await context.setOffline(true);
  await sleep(1_000);
  await context.setOffline(false);
  await demo.settle();
  expect(await demo.ofType('gap')).toEqual([]);
  demo.forgive(ASKED_IN_VAIN);
});

test('a page that is hidden and frozen resumes', async ({ baseURL }) => {
  const own = await ownBrowser();
  try {
    const demo = new PlaywrightDemoPage(own.page);
    await own.page.goto(`${baseURL}/?${SESSION}`);
    await demo.isIn('connected');
    await demo.countsAtLeast('received', 3);
    const other = await own.page.context().newPage();
    await expect.poll(() => own.page.evaluate(() => document.visibilityState)).toBe('hidden');
    const lifecycle = await own.page.context().newCDPSession(own.page);
    await lifecycle.send('Page.setWebLifecycleState', { state: 'frozen' });
    await sleep(1_500);
    await lifecycle.send('Page.setWebLifecycleState', { state: 'active' });
    await demo.event('reconnected');
    // Found dead on return: there is nothing to wait for.
    expect(await demo.ofType('reconnecting')).toMatchObject([{ delay: 0 }]);
    await other.close();
    await own.page.bringToFront();
    await demo.settle();
    await demo.check();
  } finally {
    await own.end();
  }
});

test('a browser that was asleep for three seconds goes on', async ({ baseURL }) => {
  const own = await ownBrowser();
  try {
    const demo = new PlaywrightDemoPage(own.page);
    await own.page.goto(`${baseURL}/?${SESSION}`);
    await demo.isIn('connected');
    await demo.countsAtLeast('received', 3);
    own.signal('SIGSTOP');
    await sleep(3_000);
    own.signal('SIGCONT');
    await demo.settle();
    await demo.isIn('connected');
    await demo.check();
  } finally {
    await own.end();
  }
});
