/** Pages that are left and restored, hidden and frozen, offline, and on a machine that sleeps: the real thing. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ownBrowser } from './own-browser.js';
import { expect, PlaywrightDemoPage, test } from './playwright-page.js';

/** A session, and traffic both ways all the time. */
const SESSION = 'mode=session';

/** The page asks the server for its books all the time. Without a network, or a visitor, it asks in vain. */
const ASKED_IN_VAIN = /^Failed to load resource/;

test('a page from the back/forward cache resumes, and gets what it missed', async ({
  demo,
  page,
}) => {
  await demo.open(SESSION);
  await demo.countsAtLeast('received', 3);
  await page.evaluate(() => {
    Object.assign(window, { isTheVeryPage: true });
    addEventListener('pageshow', ({ persisted }) => Object.assign(window, { persisted }));
  });
  const before = await demo.count('server-sent');
  await page.goto('/umd.html');
  await sleep(1_500);
  await page.goBack({ waitUntil: 'commit' });
  await expect
    .poll(() =>
      page.evaluate(
        () => ({ ...(window as { isTheVeryPage?: boolean; persisted?: boolean }) }).persisted,
      ),
    )
    .toBe(true);
  expect(await page.evaluate(() => 'isTheVeryPage' in window)).toBe(true);

  const { replayed_count: replayed } = await demo.event('replay_completed');
  // It was sent while the page was away.
  expect(replayed).toBeGreaterThan(0);
  await demo.countsAtLeast('received', before + 3);
  expect(await demo.ofType('disconnected')).toMatchObject([
    { code: 1000, was_clean: true, will_reconnect: true },
  ]);
  expect(await demo.ofType('reconnecting')).toMatchObject([{ attempt: 1, cause: 'page_hidden' }]);
  expect(await demo.ofType('gap')).toEqual([]);
  await demo.settle();
});

test('a page in the cache was closed by hand: nothing brings it back', async ({ demo, page }) => {
  await demo.open(SESSION);
  await page.evaluate(() => window.jetsocketDemo?.socket.close());
  await demo.isIn('closed');
  await page.goto('/umd.html');
  await page.goBack({ waitUntil: 'commit' });
  await demo.isIn('closed');
  await page.evaluate(() => {
    for (const type of ['online', 'pageshow', 'pagehide', 'pageshow', 'offline', 'online'])
      window.dispatchEvent(new Event(type));
    document.dispatchEvent(new Event('visibilitychange'));
    document.dispatchEvent(new Event('resume'));
  });
  expect(await demo.ofType('connected')).toHaveLength(1);
  await demo.isIn('closed');
  demo.forgive(ASKED_IN_VAIN);
});

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
