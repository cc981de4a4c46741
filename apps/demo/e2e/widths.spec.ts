/** The page at the width of a phone, of a tablet and of a desk, in every engine. */
import { writeFileSync } from 'node:fs';
import { expect, test } from './demo-test.js';

for (const [width, height] of [
  [375, 812],
  [820, 1180],
  [1440, 900],
] as const) {
  test(`everything fits at ${width}`, async ({ demo, tab }, testInfo) => {
    // WebKit's small browser has a least width.
    const real = await tab.resize(width, height);
    expect(real).toBeGreaterThanOrEqual(width);
    await demo.open('heartbeatMs=500');
    await demo.click('fault-cut');
    await demo.event('reconnected');
    await demo.event('pong');
    const live = () => document.querySelector('.node.is-live')?.textContent;
    expect(await tab.run(live, undefined)).toBe('connected');
    const { scrolls, outside } = await tab.run(lookForOverflow, undefined);
    expect({ scrolls, outside }).toEqual({ scrolls: 0, outside: [] });
    // To look at, should it be wrong all the same. Playwright hides the caret by a style, which the page's policy refuses.
    demo.forgive(/blocked an inline style/);
    await tab.run(() => scrollTo(0, 0), undefined);
    writeFileSync(testInfo.outputPath(`connected-${width}.png`), await tab.picture());
  });
}

/** Runs in the page: by how much it scrolls sideways, and which buttons, fields and counters stick out or are cut off. */
function lookForOverflow(): { readonly scrolls: number; readonly outside: string[] } {
  const { scrollWidth, clientWidth } = document.documentElement;
  const parts = [...document.querySelectorAll<HTMLElement>('button, input, select, [data-testid]')];
  const outside = parts
    .filter((part) => part.checkVisibility())
    .filter((part) => {
      const { left, right, width } = part.getBoundingClientRect();
      // What is for screen readers alone is a pixel wide.
      if (width <= 1) return false;
      const isCut = part.tagName === 'BUTTON' && part.scrollWidth > part.clientWidth;
      return left < 0 || right > clientWidth + 0.5 || isCut;
    })
    .map(({ dataset, outerHTML }) => dataset['testid'] ?? outerHTML.slice(0, 60));
  return { scrolls: scrollWidth - clientWidth, outside };
}
