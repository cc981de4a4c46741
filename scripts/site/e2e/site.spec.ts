/** Every page of the site, as it is published: at three widths, light and dark, with every link followed. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { expect, type Page, test, type TestInfo } from '@playwright/test';

const dist = join(import.meta.dirname, '../../../docs/.vitepress/dist');
const PHONE = 375;
const WIDTHS = [1440, 768, PHONE];
/** Pages in one test: a test of each would mostly open browsers. */
const BATCH = 8;
/** Pictures of whole pages take their time. */
const withPictures = process.env['PICTURES'] !== undefined;

const pages = existsSync(dist) ? htmlIn(dist).filter((path) => path !== '404.html') : [];

test('there are pages of every kind', () => {
  for (const path of ['index.html', 'tutorial.html', 'api.html', 'packages/server.html']) {
    expect(pages).toContain(path);
  }
  expect(pages).toContain('reference/jetsocket.html');
  expect(pages).toContain('reference/@jetsocket/server/redis.html');
  expect(pages.length).toBeGreaterThan(40);
});

for (let first = 0; first < pages.length; first += BATCH) {
  const some = pages.slice(first, first + BATCH);
  test(`${some[0]} and ${some.length - 1} more fit, light and dark`, async ({ page }, testInfo) => {
    test.setTimeout(withPictures ? 600_000 : 180_000);
    const wrong = complaintsOf(page);
    for (const path of some) {
      await page.goto(`/${path}`);
      await expect(page.locator('h1')).toHaveCount(1);
      await expect(page).toHaveTitle(/JetSocket/);
      // Colours do not depend on the width, and fade from one to the other.
      await page.addStyleTag({ content: '* { transition: none !important; }' });
      for (const scheme of ['dark', 'light'] as const) {
        await page.evaluate(paint, scheme);
        expect.soft(await page.evaluate(faint), `${path} in ${scheme}`).toEqual([]);
      }
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        expect
          .soft(await overflow(page), `${path} at ${width}`)
          .toEqual({ scrolls: 0, outside: [] });
        if (width === PHONE) expect.soft(await scrolling(page), path).toEqual([]);
        if (withPictures) await takePictures(page, path, width, testInfo);
      }
      expect.soft(wrong.splice(0), path).toEqual([]);
    }
  });
}

test('every link leads to a page, and to a place on it', () => {
  const ids = new Map(pages.map((path) => [path, idsIn(read(path))]));
  const lost = pages.flatMap((path) =>
    hrefsIn(read(path)).flatMap((href) => (leads(path, href, ids) ? [] : [`${path}: ${href}`])),
  );
  expect(lost).toEqual([]);
  expect(leads('api.html', '/nothing.html', ids)).toBe(false);
  expect(leads('api.html', '/api.html#nothing', ids)).toBe(false);
});

test('nothing is asked of another host', () => {
  const asked = pages.flatMap((path) =>
    [
      ...read(path).matchAll(
        /<(?:script|img|link|iframe)[^>]+(?:src|href)="(?:https?:)?\/\/[^"]*/g,
      ),
    ].map(([tag]) => `${path}: ${tag}`),
  );
  expect(asked).toEqual([]);
});

test('the search finds an option, and leads to it', async ({ page }) => {
  const wrong = complaintsOf(page);
  await page.goto('/');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByRole('searchbox').fill('overflowPolicy');
  await page.locator('.VPLocalSearchBox .result').first().click();
  await expect(page.locator('main')).toContainText('overflowPolicy');
  expect(new URL(page.url()).pathname).not.toBe('/');
  expect(wrong).toEqual([]);
});

test('the search finds a word where it is explained, before the reference', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('button', { name: 'Search' }).click();
  const results = page.locator('.VPLocalSearchBox .result');
  for (const word of ['jitter', 'capMs', 'ackOf']) {
    await page.getByRole('searchbox').fill(word);
    await expect(results.first()).toContainText(word, { ignoreCase: true });
    await expect(results.first()).toHaveAttribute('href', /^(?!.*\/reference\/)/);
  }
  await page.getByRole('searchbox').fill('jitter');
  await expect(results.and(page.locator('[href*="/reconnecting"]')).first()).toBeVisible();
});

test('the search finds what only the reference and the READMEs of packages say', async ({
  page,
}) => {
  await page.goto('/');
  await page.getByRole('button', { name: 'Search' }).click();
  for (const [text, where] of [
    ['FakeTransportOptions', '/reference/'],
    ['handleUpgrade', '/packages/server'],
  ] as const) {
    await page.getByRole('searchbox').fill(text);
    await expect(page.locator(`.VPLocalSearchBox .result[href*="${where}"]`).first()).toBeVisible();
  }
});

test('a visitor chooses dark, and it stays', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto('/');
  await page.locator('.VPNavBar .VPSwitchAppearance:visible').click();
  await expect(page.locator('html')).toHaveClass(/dark/);
  await page.goto('/api.html');
  await expect(page.locator('html')).toHaveClass(/dark/);
});

test('a phone finds its way: menu, sidebar, outline', async ({ page }) => {
  await page.setViewportSize({ width: 375, height: 812 });
  await page.goto('/api.html');
  await page.getByRole('button', { name: 'Menu' }).click();
  await page.locator('.VPSidebar').getByRole('link', { name: 'What gets lost' }).click();
  await expect(page.locator('h1')).toContainText('What gets lost');
});

test('on a phone the words of a table of two columns stay whole', async ({ page }) => {
  await page.setViewportSize({ width: PHONE, height: 812 });
  for (const path of ['errors.html', 'credentials.html', 'comparison.html', 'ssr.html']) {
    await page.goto(`/${path}`);
    const table = page.locator('.table.pairs').first();
    await expect(table).toBeVisible();
    // A link of one word has one line.
    const broken = await table.evaluate((one) =>
      [...one.querySelectorAll('a')]
        .filter((link) => !/\s/.test(link.innerText) && link.getClientRects().length > 1)
        .map((link) => link.innerText),
    );
    expect.soft(broken, path).toEqual([]);
  }
});

test('on a phone a row of sentences names its columns, and figures keep their first one', async ({
  page,
}) => {
  await page.setViewportSize({ width: PHONE, height: 812 });
  await page.goto('/api.html');
  const row = page.locator('.table.stacked tr', { hasText: 'backoff.baseMs' });
  await expect(row.locator('td').nth(1)).toHaveAttribute('data-label', 'default');
  const tops = await row
    .locator('td')
    .evaluateAll((cells) => cells.map((cell) => cell.getBoundingClientRect().top));
  expect(new Set(tops).size).toBe(3);
  await page.goto('/benchmarks.html');
  const figures = page.locator('.table.figures').first();
  await figures.evaluate((table) => table.scrollBy({ left: 300 }));
  const [name, edge] = await Promise.all([
    figures.locator('tbody td').first().boundingBox(),
    figures.boundingBox(),
  ]);
  expect(Math.abs((name?.x ?? 0) - (edge?.x ?? 0))).toBeLessThan(2);
});

test('a drawing follows the switch of the site, and not the system', async ({ page }) => {
  for (const [system, site] of [
    ['dark', 'light'],
    ['light', 'dark'],
  ] as const) {
    await page.emulateMedia({ colorScheme: system });
    await page.goto('/replay.html');
    await page.evaluate(paint, site);
    const drawing = page.locator('.vp-doc p > img').first();
    await expect
      .poll(() => drawing.evaluate(({ complete }: HTMLImageElement) => complete))
      .toBe(true);
    // Its corner is paper, and nothing else.
    const corner = await drawing.evaluate((image: HTMLImageElement) => {
      const { x, y } = image.getBoundingClientRect();
      return { x: x + scrollX + 8, y: y + scrollY + 8, width: 4, height: 4 };
    });
    const png = (await page.screenshot({ fullPage: true, clip: corner })).toString('base64');
    const [red = 0] = await page.evaluate(pixel, png);
    expect.soft(red < 128 ? 'dark' : 'light').toBe(site);
  }
});

test('on a phone the reference says of a member what it is, and breaks a path where a path may', async ({
  page,
}) => {
  await page.setViewportSize({ width: 375, height: 812 });
  await page.goto('/reference/jetsocket.html');
  const hidden = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('.table:has(th:nth-child(3)) td:last-child')]
      .filter((cell) => cell.getBoundingClientRect().right > innerWidth)
      .map((cell) => cell.innerText),
  );
  expect(hidden).toEqual([]);
  await page.goto('/reference/@jetsocket/server/redis.html');
  const lines = await page.locator('h1').evaluate((heading) => {
    const range = document.createRange();
    const text = heading.firstChild?.textContent ?? '';
    const tops = [...heading.childNodes].flatMap((part) => {
      if (!(part instanceof Text)) return [];
      range.selectNodeContents(part);
      return [...range.getClientRects()].map(({ top }) => Math.round(top));
    });
    return { text, parts: tops.length };
  });
  // One rectangle for each part of the path: none of them is on two lines.
  expect(lines).toEqual({ text: '@jetsocket/', parts: 3 });
});

test('the reference begins with what a package is, and its main function first', async ({
  page,
}) => {
  await page.goto('/reference/jetsocket.html');
  await expect(page.locator('h1 + p')).toContainText('A WebSocket client');
  await expect(page.locator('main h3').first()).toContainText('connect()');
  await page.goto('/reference/@jetsocket/core.html');
  // What is passed on is a list, not ninety headings.
  await expect(page.locator('main h3')).not.toHaveCount(0);
  expect(await page.locator('main h3').count()).toBeLessThan(20);
  await expect(page.locator('main')).not.toContainText('Re-exports');
  await page.goto('/reference/@jetsocket/testing.html');
  await expect(page.locator('main')).not.toContainText('__namedParameters');
});

test('no row of the state table is as tall as a page', async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto('/state-machine.html');
  // One word that cannot be broken makes its column so wide that the others are a word wide, and hundreds of lines tall.
  const tall = await page
    .locator('.table tr')
    .evaluateAll((rows) => rows.filter((row) => row.getBoundingClientRect().height > 300).length);
  expect(tall).toBe(0);
});

test('the words of a drawing fit their boxes', async ({ page }) => {
  await page.goto('/state-machine.html');
  const drawing = page.locator('.diagram svg');
  await expect(drawing).toBeVisible();
  const outside = await drawing.evaluate((svg) => {
    const boxes = [...svg.querySelectorAll('rect')].map((rect) => rect.getBoundingClientRect());
    return [...svg.querySelectorAll('text')].flatMap((text) => {
      const { left, right, top, bottom } = text.getBoundingClientRect();
      const [x, y] = [(left + right) / 2, (top + bottom) / 2];
      const [around] = boxes
        .filter((box) => box.left < x && x < box.right && box.top < y && y < box.bottom)
        .sort((one, other) => one.width - other.width);
      const fits = around !== undefined && around.left <= left && right <= around.right;
      return fits ? [] : [text.textContent];
    });
  });
  expect(outside).toEqual([]);
});

test('the start page tells what the README and the measurements say', async ({ page }) => {
  await page.goto('/');
  const loss = readFileSync(join(dist, '../../loss.md'), 'utf8');
  const rows = [...loss.matchAll(/^\| (?!client|---)(.+) \|$/gm)]
    .map(([, row = '']) => row.split('|').map((cell) => cell.trim()))
    .filter((cells) => cells.length > 5);
  expect(rows.length).toBeGreaterThan(4);
  await expect(page.locator('.loss tbody tr')).toHaveCount(rows.length);
  for (const [index, cells] of rows.entries()) {
    await expect(page.locator('.loss tbody tr').nth(index).locator('td')).toHaveText(cells);
  }
  await expect(page.locator('.hero-code')).toContainText("socket.send({ hello: 'world' });");
  // Without a server there is no demo, and the page says so.
  await expect(page.locator('iframe')).toHaveCount(0);
  await expect(page.locator('.demo')).toContainText('npm run demo');
  await expect(page.locator('.hero-actions')).toContainText('See it broken');
  // No line of the code is cut, wherever it stands.
  for (const width of [1440, 1280, 1100]) {
    await page.setViewportSize({ width, height: 900 });
    const cut = await page
      .locator('.hero-code pre')
      .evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
    expect.soft(cut, `at ${width}`).toBe(0);
  }
  const picture = page.locator('.demo img:visible');
  await picture.scrollIntoViewIfNeeded();
  await expect
    .poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth))
    .toBeGreaterThan(1_000);
});

/** To look at: `PICTURES=1 npm run e2e:docs`. */
async function takePictures(page: Page, path: string, width: number, testInfo: TestInfo) {
  for (const scheme of ['dark', 'light'] as const) {
    await page.evaluate(paint, scheme);
    const name = `${path.replaceAll('/', '-')}-${width}-${scheme}.png`;
    await page.screenshot({ path: testInfo.outputPath(name), fullPage: true });
  }
}

function complaintsOf(page: Page): string[] {
  const wrong: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) wrong.push(message.text());
  });
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('requestfailed', (request) => wrong.push(`${request.url()} failed`));
  page.on('response', (response) => {
    if (response.status() >= 400) wrong.push(`${response.url()}: ${response.status()}`);
  });
  return wrong;
}

function paint(scheme: 'light' | 'dark'): void {
  document.documentElement.classList.toggle('dark', scheme === 'dark');
}

function overflow(page: Page): Promise<{ readonly scrolls: number; readonly outside: string[] }> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    // What is wider than the page has to scroll by itself.
    const outside = [
      ...document.querySelectorAll<HTMLElement>('main :is(p, li, h1, h2, h3, h4, pre, table, img)'),
    ]
      .filter(
        (part) => part.checkVisibility() && part.getBoundingClientRect().right > clientWidth + 1,
      )
      .filter(
        (part) => part.closest('.table, pre, .diagram, p:has(> img), [class*=language-]') === null,
      )
      .map((part) => part.outerHTML.slice(0, 80));
    return { scrolls: scrollWidth - clientWidth, outside };
  });
}

/** On a phone nothing scrolls but figures, which are compared, and code. */
function scrolling(page: Page): Promise<(string | undefined)[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('.table:not(.figures)')]
      .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
      .map((table) => table.querySelector('td')?.innerText),
  );
}

/** Runs in the page: the first pixel of a picture. */
async function pixel(png: string): Promise<number[]> {
  const image = new Image();
  image.src = `data:image/png;base64,${png}`;
  await image.decode();
  const context = document.createElement('canvas').getContext('2d');
  context?.drawImage(image, 0, 0);
  return [...(context?.getImageData(0, 0, 1, 1).data ?? [])];
}

/** Runs in the page: texts whose contrast with what is behind them is below 4.5 to 1. */
function faint(): string[] {
  const parse = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = ([red = 0, green = 0, blue = 0]: number[]): number => {
    const [r, g, b] = [red, green, blue].map((part) => {
      const value = part / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    }) as [number, number, number];
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (start: Element): number[] => {
    const layers: number[][] = [];
    for (let part: Element | null = start; part !== null; part = part.parentElement) {
      const color = parse(getComputedStyle(part).backgroundColor);
      if ((color[3] ?? 1) > 0) layers.push(color);
      if ((color[3] ?? 1) === 1) break;
    }
    return layers.reduceRight(
      (under, [r = 0, g = 0, b = 0, a = 1]) =>
        [r, g, b].map((part, index) => part * a + (under[index] ?? 0) * (1 - a)),
      parse(getComputedStyle(document.documentElement).backgroundColor).slice(0, 3),
    );
  };
  const found = new Set<string>();
  // Whatever is made alike looks alike: one of a kind is enough, and a page has thousands.
  const seen = new Set<string>();
  for (const part of document.querySelectorAll<HTMLElement>('main *, .VPSidebar *')) {
    const around = [part, part.parentElement, part.parentElement?.parentElement];
    const kind = around
      .map((one) => `${one?.tagName} ${one?.className} ${one?.getAttribute('style')}`)
      .join(' > ');
    if (seen.has(kind)) continue;
    const own = [...part.childNodes].some(
      (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== '',
    );
    if (!own || part.closest('svg') !== null) continue;
    if (!part.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    seen.add(kind);
    const text = luminance(parse(getComputedStyle(part).color));
    const ground = luminance(behind(part));
    const contrast = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
    if (contrast >= 4.5) continue;
    found.add(`${contrast.toFixed(1)} ${kind}: ${part.textContent.slice(0, 30)}`);
  }
  return [...found].slice(0, 5);
}

function leads(from: string, href: string, ids: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  if (/^[a-z]+:/i.test(href)) return URL.canParse(href);
  const [path = '', anchor = ''] = href.replaceAll('&amp;', '&').split('#', 2);
  const decoded = decodeURIComponent(path).replace(/\?.*$/, '');
  const target =
    decoded === '' ? from : posix.join(decoded.startsWith('/') ? '' : posix.dirname(from), decoded);
  const file = target.replace(/^\//, '').replace(/(^|\/)$/, '$1index.html');
  const known = ids.get(file) ?? ids.get(`${file}.html`);
  if (known === undefined) return existsSync(join(dist, file));
  return anchor === '' || known.has(decodeURIComponent(anchor));
}

function idsIn(html: string): Set<string> {
  return new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id = '']) => id));
}

function hrefsIn(html: string): string[] {
  return [...new Set([...html.matchAll(/<a [^>]*?href="([^"]*)"/g)].map(([, href = '']) => href))];
}

function read(path: string): string {
  return readFileSync(join(dist, path), 'utf8');
}

function htmlIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.html'))
    .map((entry) => relative(dist, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}
