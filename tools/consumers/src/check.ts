/** What is expected of the application in app/start.js, however it came into the page. */
import { expect, type Page } from '@playwright/test';
import type { Site } from './site.js';

const CLIENTS = ['jetsocket', 'browser', 'websocket'];
/** The standard's interface hands on what came; the others parse it. All of them were sent JSON but this. */
const all = (...messages: string[]): object =>
  Object.fromEntries(CLIENTS.map((client) => [client, messages]));

/** Opens the page, cuts every connection, and expects everything that was said to come back, once. */
export async function survivesACut(page: Page, site: Site, url: string): Promise<void> {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    // A browser tells of every connection that is cut or refused by itself.
    if (message.type() === 'error' && !message.text().includes('WebSocket connection to'))
      problems.push(message.text());
  });
  await page.goto(url);
  await expect.poll(() => got(page), { message: problems.join('\n') }).toEqual(all('hello'));
  site.cut();
  await expect.poll(() => got(page)).toEqual(all('hello', 'lost'));
  expect(Object.fromEntries(site.opened)).toEqual(
    Object.fromEntries(CLIENTS.map((client) => [`/ws/${client}`, 2])),
  );
  expect(problems).toEqual([]);
}

function got(page: Page): Promise<unknown> {
  return page.evaluate(() => Reflect.get(globalThis, 'got') as unknown);
}
