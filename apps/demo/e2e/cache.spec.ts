/** Pages that are left and come back from the back/forward cache, in every engine: the real thing. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Tab } from './browser/tab.js';
import { expect, test } from './demo-test.js';

/** The page asks the server for its books all the time. While it is left, it asks in vain. */
const ASKED_IN_VAIN = /^Failed to load resource|NetworkError|Load failed/;

test('a page from the back/forward cache resumes, and gets what it missed', async ({ demo, tab }, {
  project,
}) => {
  // A session, and traffic both ways all the time.
  await demo.open('mode=session');
  await demo.countsAtLeast('received', 3);
  const before = await demo.count('server-sent');
  const restored = await leaveAndComeBack(tab);
  expect(restored).toBe(!isFirefox(project.name));
  if (!restored) {
    // Firefox keeps no page on which a socket was open when it was left: this is another one.
    await demo.isIn('connected');
    await demo.countsAtLeast('received', 3);
    await demo.settle();
    return;
  }

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
  demo.forgive(ASKED_IN_VAIN);
});

test('a page that was left during a wait ends it when it is back, in every engine', async ({
  demo,
  tab,
}) => {
  // Without a socket every engine keeps the page. A wait is half a minute on average here.
  await demo.open('mode=session&baseMs=60000&capMs=60000&rateOut=0');
  await demo.countsAtLeast('received', 3);
  await demo.click('fault-refuse');
  await demo.isIn('backing_off');
  const { uri } = await demo.event('connected');
  const network = /[0-9a-f]{32}/.exec(String(uri))?.[0] ?? '';
  const restored = await leaveAndComeBack(tab, () =>
    tab.run(order, { path: `${network}/faults`, body: { kind: 'restore' } }),
  );
  expect(restored).toBe(true);

  await demo.event('reconnected');
  const ways = (await demo.ofType('state_change')).map(({ from, to, cause }) => [from, to, cause]);
  expect(ways).toContainEqual(['backing_off', 'connecting', 'returned']);
  const { replayed_count: replayed } = await demo.event('replay_completed');
  expect(replayed).toBeGreaterThan(0);
  expect(await demo.ofType('gap')).toEqual([]);
  // Not by a field of the page: Firefox's driver presses no key in a page from the cache.
  await tab.run(order, { path: `${network}/rate`, body: { rateIn: 0 } });
  await demo.compares();
  await demo.agree('received', 'server-sent');
  demo.forgive(ASKED_IN_VAIN);
});

test('a page in the cache was closed by hand: nothing brings it back', async ({ demo, tab }) => {
  await demo.open('mode=session');
  await tab.run(() => void window.jetsocketDemo?.socket.close(), undefined);
  await demo.isIn('closed');
  expect(await leaveAndComeBack(tab)).toBe(true);
  await tab.run(() => {
    for (const type of ['online', 'pageshow', 'pagehide', 'pageshow', 'offline', 'online'])
      window.dispatchEvent(new Event(type));
    document.dispatchEvent(new Event('visibilitychange'));
    document.dispatchEvent(new Event('resume'));
  }, undefined);
  expect(await demo.ofType('connected')).toHaveLength(1);
  await demo.isIn('closed');
  demo.forgive(ASKED_IN_VAIN);
});

const isFirefox = (project: string): boolean => project === 'firefox';

/** Tells the server, from whichever page there is, what to do with the network of the first one. */
async function order({
  path,
  body,
}: {
  readonly path: string;
  readonly body: object;
}): Promise<void> {
  const { ok } = await fetch(`/api/networks/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!ok) throw new Error(`The server refused ${path}`);
}

/** Marks the page, and waits until no request of it is under way: no engine has to keep one with such. */
async function prepareToLeave(): Promise<void> {
  const pause = () => new Promise((resolve) => setTimeout(resolve, 20));
  const back = new Promise<void>((resolve) => {
    addEventListener('pageshow', ({ persisted }) => {
      Object.assign(window, { persisted });
      resolve();
    });
  });
  const real = window.fetch.bind(window);
  let [underWay, isLeaving] = [0, false];
  window.fetch = async (...request) => {
    if (isLeaving) await back;
    underWay++;
    return real(...request).finally(() => underWay--);
  };
  // What was asked for before is answered when this page has compared twice since.
  const compared = () => window.jetsocketDemo?.comparisons() ?? 0;
  const wanted = compared() + 2;
  while (compared() < wanted) await pause();
  isLeaving = true;
  while (underWay > 0) await pause();
  await pause();
  Object.assign(window, { isTheVeryPage: true });
}

/** Looks at another page for a moment, and goes back. Returns whether to the very page, and not to a new one. */
async function leaveAndComeBack(
  tab: Tab,
  meanwhile = async (): Promise<void> => undefined,
): Promise<boolean> {
  await tab.run(prepareToLeave, undefined);
  await tab.goto('/umd.html');
  await meanwhile();
  await sleep(1_500);
  // Once this has been answered: the answer has to come from the page that asks.
  await tab.run(() => void setTimeout(() => history.back(), 0), undefined);
  let restored = false;
  // Between two pages there is none to ask.
  await expect(async () => {
    const { path, isTheVeryPage, persisted } = await tab.run(() => {
      const seen = window as { readonly isTheVeryPage?: boolean; readonly persisted?: boolean };
      const { isTheVeryPage = false, persisted = false } = seen;
      return { path: location.pathname, isTheVeryPage, persisted };
    }, undefined);
    expect(path).toBe('/');
    expect(persisted).toBe(isTheVeryPage);
    restored = isTheVeryPage;
  }).toPass({ timeout: 15_000 });
  return restored;
}
