/** The page itself: its controls, by mouse and by keyboard, at every width, in light and dark. */
import type { Page } from '@playwright/test';
import { expect, PlaywrightDemoPage, test } from './playwright-page.js';

test('the address presets the controls', async ({ demo }) => {
  await demo.open(
    'mode=none&capacity=7&policy=error&rateOut=3&rateIn=5&heartbeatMs=900&timeoutMs=800&baseMs=70',
  );
  await expect(demo.part('option-mode')).toHaveValue('none');
  await expect(demo.part('option-capacity')).toHaveValue('7');
  await expect(demo.part('option-policy')).toHaveValue('error');
  await expect(demo.part('rate-out')).toHaveValue('3');
  await expect(demo.part('rate-in')).toHaveValue('5');
  await expect(demo.part('option-heartbeatMs')).toHaveValue('900');
  await expect(demo.part('option-timeoutMs')).toHaveValue('800');
  await expect(demo.part('option-baseMs')).toHaveValue('70');
  await expect(demo.part('option-ack')).toBeDisabled();
  await expect(demo.part('option-fill')).toBeDisabled();
  await expect(demo.part('code')).toContainText("replay: { mode: 'none' }");
});

test('Apply starts over with other options, and a link to them', async ({ demo, page }) => {
  await demo.open();
  await demo.countsAtLeast('acknowledged', 1);
  await demo.part('option-mode').selectOption('none');
  await demo.fill('option-capacity', '11');
  await demo.click('options-apply');
  await demo.isIn('connected');
  await expect(page).toHaveURL(/\?mode=none&capacity=11$/);
  await expect(demo.part('counter-acknowledged')).toHaveText('off');
  expect(await demo.event('closed')).toMatchObject({ code: 1000, reason: 'replaced' });
  expect(await demo.runs()).toHaveLength(2);
  const lastWords = demo.part('event-row').and(demo.page.locator('[data-type=closed]'));
  await expect(lastWords).toContainText('of the socket before');
  await demo.countsAtLeast('arrived', 2);
});

test('the story: cut, hang, restart, overflow; all eleven are seen, and 0 is missing', async ({
  demo,
}) => {
  await demo.open();
  await expect(demo.part('timeline-seen')).toHaveText(/^[1-5] of the 11 seen$/);
  await demo.countsAtLeast('received', 3);
  await demo.click('fault-cut');
  await demo.event('reconnected', 1);
  await demo.click('fault-hang');
  await demo.event('disconnected', 2);
  await demo.click('fault-restore');
  await demo.event('reconnected', 2);
  await demo.click('fault-restart');
  await demo.event('reconnected', 3);
  await demo.click('fault-refuse');
  await demo.event('disconnected', 4);
  for (let burst = 0; burst < 3; burst++) await demo.click('send-burst');
  await demo.event('buffer_overflow');
  await demo.click('fault-restore');
  await demo.event('replay_completed', 4);
  await expect(demo.part('timeline-seen')).toHaveText('11 of the 11 seen');
  await expect(demo.page.locator('.chip.is-unseen')).toHaveText(['closed 0', 'gap 0']);
  await demo.settle();
  await demo.counts('missing', 0);
  await demo.counts('out-of-order', 0);
  const [arrived, dropped] = [await demo.count('arrived'), await demo.count('dropped')];
  expect(arrived + dropped).toBeGreaterThanOrEqual(await demo.count('sent'));
});

test('a code that no close frame carries is refused by the form', async ({ demo }) => {
  await demo.open();
  await demo.fill('close-code', '1005');
  await demo.click('fault-close');
  expect(
    await demo.part('close-code').evaluate((code: HTMLInputElement) => code.validationMessage),
  ).toContain('3000 to 4999');
  await demo.fill('close-code', '3000');
  await demo.fill('close-reason', 'é'.repeat(62));
  await demo.click('fault-close');
  expect(await demo.ofType('disconnected')).toEqual([]);
  await demo.fill('close-reason', 'é'.repeat(61));
  await demo.click('fault-close');
  expect(await demo.event('disconnected')).toMatchObject({ code: 3000, reason: 'é'.repeat(61) });
});

test('what the server refuses is said, until something works', async ({ demo, page }) => {
  await demo.open();
  await page.route('**/faults', (route) => route.fulfill({ json: { error: 'Cannot do this' } }));
  await demo.click('fault-cut');
  await expect(demo.part('banner')).toHaveText('Cannot do this');
  await demo.compares();
  await expect(demo.part('banner')).toBeVisible();
  await page.unroute('**/faults');
  await demo.click('fault-cut');
  await expect(demo.part('banner')).toBeHidden();
});

test('the filter hides and shows, and counts what it hides', async ({ demo }) => {
  await demo.open('rateIn=20');
  const rows = demo.part('event-row');
  await expect(demo.part('filter-message')).toHaveAttribute('aria-pressed', 'false');
  await expect(demo.part('filter-message')).toHaveText(/message \d{2,}/);
  expect(await rows.and(demo.page.locator('[data-type=message]')).count()).toBe(0);
  await demo.click('filter-message');
  await expect(rows.and(demo.page.locator('[data-type=message]')).first()).toBeVisible();
  await demo.click('filter-message');
  await demo.click('filter-state_change');
  await expect(rows.and(demo.page.locator('[data-type=state_change]'))).toHaveCount(0);
  await expect(rows.and(demo.page.locator('[data-type=connected]'))).toHaveCount(1);
});

test('a row shows time, type and fields', async ({ demo }) => {
  await demo.open('rateIn=0&rateOut=0');
  await demo.click('fault-cut');
  const row = demo.part('event-row').and(demo.page.locator('[data-type=disconnected]'));
  await expect(row.locator('time')).toHaveText(/^\d\d:\d\d:\d\d\.\d{3}$/);
  await expect(row.locator('strong')).toHaveText('disconnected');
  await expect(row).toContainText('code 1006');
  await expect(row).toContainText('was_clean false');
});

test('Pause collects on, Resume shows it, Clear empties', async ({ demo }) => {
  await demo.open('rateIn=0&rateOut=0');
  await demo.click('timeline-pause');
  await demo.click('fault-cut');
  await demo.event('replay_completed');
  const reconnected = demo.part('event-row').and(demo.page.locator('[data-type=reconnected]'));
  await expect(demo.part('timeline-note')).toHaveText(/^Paused, \d+ more$/);
  await expect(reconnected).toHaveCount(0);
  await demo.click('timeline-pause');
  await expect(reconnected).toHaveCount(1);
  await demo.click('timeline-clear');
  await expect(reconnected).toHaveCount(0);
  await expect(demo.part('timeline-seen')).toHaveText(/^[0-3] of the 11 seen$/);
  // What scripts look at is not the list on the page.
  expect(await demo.ofType('reconnected')).toHaveLength(1);
});

test('a flood leaves no more than 500 rows, and pushes out no other event', async ({ demo }) => {
  await demo.open('rateIn=200&rateOut=200&capacity=100000');
  await demo.click('filter-message');
  await demo.event('message', 600);
  await expect.poll(() => demo.part('event-row').count()).toBe(500);
  await demo.click('filter-message');
  await expect(demo.part('event-row').and(demo.page.locator('[data-type=connected]'))).toHaveCount(
    1,
  );
});

test('Copy JSON copies what is shown', async ({ demo, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await demo.open('rateIn=0&rateOut=0');
  await demo.click('fault-cut');
  await demo.event('replay_completed');
  await demo.click('timeline-copy');
  await expect(demo.part('timeline-copy')).toHaveText('Copied');
  const text = await demo.page.evaluate(() => navigator.clipboard.readText());
  const copied = JSON.parse(text) as { type: string; error?: object }[];
  expect(copied.map(({ type }) => type)).toContain('reconnected');
  expect(copied.find(({ type }) => type === 'error')?.error).toMatchObject({
    name: 'JetSocketError',
  });
});

test('the diagram lights the state, and tells the cause', async ({ demo, page }) => {
  await demo.open();
  await expect(page.locator('.node.is-live')).toHaveText('connected');
  await demo.click('fault-refuse');
  await demo.isIn('backing_off');
  await expect(page.locator('.node.is-live')).toHaveText('backing_off');
  await expect(page.locator('.cause')).toHaveText(/^(connection_lost|connect_failed)$/);
  await expect(demo.part('countdown')).toBeVisible();
  await demo.click('fault-restore');
  await demo.isIn('connected');
  await expect(demo.part('countdown')).toBeHidden();
});

test('everything can be done by keyboard', async ({ demo, page }) => {
  await demo.open('rateOut=0&rateIn=0');
  await page.keyboard.press('Tab');
  await expect(page.getByText('Skip to the events')).toBeFocused();
  await tabTo(page, 'fault-cut');
  await page.keyboard.press('Enter');
  await demo.event('reconnected');
  await tabTo(page, 'fault-refuse');
  await page.keyboard.press('Space');
  await expect(demo.part('fault-refuse')).toHaveAttribute('aria-pressed', 'true');
  await tabTo(page, 'send-burst');
  await page.keyboard.press('Enter');
  await demo.counts('waiting', 100);
  await tabTo(page, 'fault-restore');
  await page.keyboard.press('Enter');
  await demo.counts('acknowledged', 100);
  // The button that has nothing to do any more kept the focus.
  await expect(demo.part('fault-restore')).toBeFocused();
  await tabTo(page, 'option-mode');
  await page.keyboard.press('n');
  await expect(demo.part('option-mode')).toHaveValue('none');
  await page.keyboard.press('Tab');
  await tabTo(page, 'options-apply');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/mode=none/);
});

test('whatever has the focus shows it, and has a name', async ({ demo, page }) => {
  await demo.open();
  const seen = new Set<string>();
  for (let step = 0; step < 80; step++) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      if (!(element instanceof HTMLElement) || element === document.body) return undefined;
      const style = getComputedStyle(element);
      const labels = element instanceof HTMLInputElement || element instanceof HTMLSelectElement;
      const label = labels ? element.labels?.[0]?.textContent : undefined;
      return {
        key: element.dataset['testid'] ?? element.textContent.trim(),
        outline: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        name: label ?? element.getAttribute('aria-label') ?? element.textContent,
      };
    });
    if (focused === undefined) break;
    expect(focused.outline, `${focused.key} shows its focus`).toBe(true);
    expect(focused.name?.trim(), `${focused.key} has a name`).not.toBe('');
    seen.add(focused.key);
  }
  for (const name of [
    'socket-close',
    'fault-hang',
    'fault-close',
    'rate-in',
    'timeline',
    'option-ack',
  ]) {
    expect([...seen]).toContain(name);
  }
});

test('text has enough contrast, in light and dark', async ({ demo, page }) => {
  await demo.open('heartbeatMs=200&timeoutMs=300&connectTimeoutMs=200&baseMs=2000');
  await demo.click('fault-hang');
  await demo.isIn('backing_off');
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    expect(await page.evaluate(poorContrast), colorScheme).toEqual([]);
  }
});

for (const width of [320, 375, 768, 1024, 1440]) {
  test(`no horizontal scroll at ${width}`, async ({ demo, page }) => {
    await page.setViewportSize({ width, height: 900 });
    await demo.open();
    await demo.click('fault-cut');
    await demo.event('reconnected');
    for (const details of await page.locator('details > summary').all()) await details.click();
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
  });
}

test('the theme follows the system until it is chosen, and is remembered', async ({
  demo,
  page,
}) => {
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: 'dark' });
  await demo.open();
  const dark = await background();
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await background();
  expect(light).not.toBe(dark);
  await demo.click('theme');
  await demo.click('theme');
  await expect(demo.part('theme')).toHaveText('Theme: dark');
  expect(await background()).toBe(dark);
  await page.reload();
  await demo.isIn('connected');
  expect(await background()).toBe(dark);
});

test('two pages do not disturb each other', async ({ demo, context }) => {
  await demo.open();
  const other = new PlaywrightDemoPage(await context.newPage());
  await other.open();
  await other.click('fault-refuse');
  await other.isIn('backing_off');
  await expect(demo.part('fault-status')).toHaveText('Healthy');
  await demo.isIn('connected');
  expect(await demo.ofType('disconnected')).toEqual([]);
  await other.page.close();
});

const SIZES = [
  [375, 812],
  [768, 1024],
  [1440, 900],
] as const;

for (const colorScheme of ['light', 'dark'] as const) {
  test(`looks like a product, ${colorScheme}`, async ({ demo, page }, testInfo) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await demo.open('heartbeatMs=200&connectTimeoutMs=300&rateOut=20&rateIn=20');
    const shoot = async (name: string): Promise<void> => {
      for (const [width, height] of SIZES) {
        await page.setViewportSize({ width, height });
        await page.evaluate(() => scrollTo(0, 0));
        const path = testInfo.outputPath(`${name}-${width}.png`);
        await page.screenshot({ path, fullPage: true });
      }
    };
    await demo.countsAtLeast('acknowledged', 20);
    await shoot('connected');
    await demo.click('fault-hang');
    await demo.event('reconnecting', 2);
    await shoot('hanging');
    await demo.click('fault-refuse');
    await demo.click('send-burst');
    await demo.click('send-burst');
    await shoot('refusing');
    await demo.click('fault-restore');
    await demo.event('replay_completed');
    await demo.fill('close-code', '4403');
    await demo.click('fault-close');
    await demo.isIn('failed');
    await shoot('failed');
  });
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the script-tag page fits every width, ${colorScheme}`, async ({ demo, page }, testInfo) => {
    await page.emulateMedia({ colorScheme });
    await page.goto('/umd.html');
    await demo.isIn('connected');
    await demo.click('fault-cut');
    await demo.event('replay_completed');
    for (const width of [375, 768, 1440]) {
      await page.setViewportSize({ width, height: 812 });
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow).toBe(0);
      await page.screenshot({ path: testInfo.outputPath(`umd-${width}.png`), fullPage: true });
    }
  });
}

/** Presses Tab until the part has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  const part = page.getByTestId(name);
  for (let step = 0; step < 90; step++) {
    await page.keyboard.press('Tab');
    if (await part.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`Tab never came to ${name}`);
}

/** Runs in the page: every visible text whose contrast with what is behind it is under 4.5 to 1. */
function poorContrast(): string[] {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (color: string): number[] => {
    if (canvas === null) return [];
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (color: readonly number[]): number => {
    const [red = 0, green = 0, blue = 0] = color.map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const behind = (element: Element | null): readonly number[] => {
    for (let one = element; one !== null; one = one.parentElement) {
      const color = rgba(getComputedStyle(one).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255, 255];
  };
  const backdrop = (element: Element): readonly number[] => {
    const rect = element.closest('.node')?.querySelector('rect');
    return rect ? rgba(getComputedStyle(rect).fill) : behind(element);
  };
  return [...document.querySelectorAll('body *')].flatMap((element) => {
    const own = [...element.childNodes].some(
      (node) => node.nodeType === 3 && node.textContent?.trim(),
    );
    const { color, fill, visibility } = getComputedStyle(element);
    const shown = element.checkVisibility() && visibility === 'visible';
    if (!own || !shown || element.closest('.sr-only, option')) return [];
    const text = luminance(rgba(element instanceof SVGElement ? fill : color));
    const ground = luminance(backdrop(element));
    const contrast = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
    return contrast < 4.5 ? [`${contrast.toFixed(2)} ${element.textContent.trim()}`] : [];
  });
}
