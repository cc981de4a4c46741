/** The tutorial's page, in two windows, while everybody is cut off. */
import { expect, type Page, test } from '@playwright/test';
import { follow, stop, type Tutorial } from '../../tutorial.js';

let tutorial: Tutorial;
test.beforeAll(async () => {
  tutorial = await follow();
});
test.afterAll(() => tutorial.end());

test('two windows and a bot show the same lines, whatever is cut', async ({ browser }) => {
  const server = await tutorial.start('server', tutorial.address);
  const bot = await tutorial.start('bot', 'The bot is there.');
  const one = await window();
  const other = await window();
  await say(one, 'first');
  await expect(lines(other)).toHaveText([/^guest \d+: first$/]);

  // Written in the same moment as everybody is cut off.
  for (let cut = 1; cut <= 3; cut++) {
    await one.page.getByRole('button', { name: 'Cut everybody off' }).click();
    await say(one, `one, cut ${cut}`);
    await say(other, `other, cut ${cut}`);
    await expect(lines(one)).toHaveCount(1 + 2 * cut);
    await expect(lines(other)).toHaveCount(1 + 2 * cut);
    await expect(one.page.locator('li[data-delivery=acknowledged]')).toHaveCount(1 + cut);
    await expect(other.page.locator('li[data-delivery=acknowledged]')).toHaveCount(cut);
    await expect(one.page.locator('#state')).toHaveText('connected');
  }
  const said = ['first', ...[1, 2, 3].flatMap((cut) => [`one, cut ${cut}`, `other, cut ${cut}`])];
  for (const { page } of [one, other]) {
    const texts = await lines({ page }).allTextContents();
    expect(texts.map((text) => text.replace(/^guest \d+: /, '')).sort()).toEqual([...said].sort());
  }

  await say(one, 'what time is it?');
  await one.page.getByRole('button', { name: 'Cut everybody off' }).click();
  for (const { page } of [one, other]) {
    await expect(page.locator('li', { hasText: /^bot: \d{4}-\d\d-\d\dT/ })).toHaveCount(1);
  }

  // As the tutorial says: a server that begins anew says so, and goes on.
  await stop(server);
  await tutorial.start('server', tutorial.address);
  await expect(one.page.locator('#state')).toHaveText('connected');
  await say(one, 'after the restart');
  await expect(other.page.locator('li', { hasText: 'after the restart' })).toHaveCount(1);
  for (const { wrong } of [one, other]) expect(wrong).toEqual([]);
  await stop(bot);

  async function window(): Promise<{ readonly page: Page; readonly wrong: string[] }> {
    const page = await browser.newPage();
    const wrong: string[] = [];
    page.on('pageerror', (error) => wrong.push(error.message));
    await page.goto(tutorial.address);
    await expect(page.locator('#state')).toHaveText('connected');
    return { page, wrong };
  }
});

function lines({ page }: { readonly page: Page }) {
  return page.locator('#lines li');
}

async function say({ page }: { readonly page: Page }, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Message' }).fill(text);
  await page.getByRole('button', { name: 'Send' }).click();
}
