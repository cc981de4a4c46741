/**
 * A Chromium without what Playwright adds to one: its pages are hidden when another one is shown, and can be
 * frozen. One that Playwright launches takes every page for visible.
 */
import { type Browser, chromium, type Page } from '@playwright/test';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findChromium } from '../../../tools/browsers.mjs';

export interface OwnBrowser {
  readonly browser: Browser;
  readonly page: Page;
  /** Stops or continues every process of it, as a machine that sleeps does. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  end(): Promise<void>;
}

const ARGUMENTS = [
  ...['--headless', '--no-sandbox', '--remote-debugging-port=0', '--no-first-run'],
  ...['--disable-background-networking', '--no-proxy-server', 'about:blank'],
];

export async function ownBrowser(): Promise<OwnBrowser> {
  const directory = mkdtempSync(join(tmpdir(), 'jetsocket-chromium-'));
  const child = spawn(
    findChromium() ?? '/usr/bin/chromium',
    [`--user-data-dir=${directory}`, ...ARGUMENTS],
    // A process group of its own, so that all of it can be stopped and ended by one id.
    { stdio: 'ignore', detached: true },
  );
  const port = await portOf(directory);
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true });
  const page = browser.contexts()[0]?.pages()[0];
  if (page === undefined) throw new Error('Chromium has no page');
  return {
    browser,
    page,
    signal: (name) => void toGroup(child, name),
    async end() {
      toGroup(child, 'SIGCONT');
      await browser.close();
      toGroup(child, 'SIGKILL');
      rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    },
  };
}

function toGroup({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch {
    // All of it has ended.
  }
}

async function portOf(directory: string): Promise<string> {
  const file = join(directory, 'DevToolsActivePort');
  for (let tries = 0; tries < 300; tries++) {
    const [port] = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
    if (port !== undefined && port !== '') return port;
    await sleep(100);
  }
  throw new Error('Chromium did not start');
}
