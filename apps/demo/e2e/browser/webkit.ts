/** WebKit, as Debian has it: WebKitGTK’s small browser, driven by WebDriver, on a screen of its own. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findWebKit } from '../../../../tools/browsers.mjs';
import { OwnProcess } from './own-process.js';
import { untilReady, WebDriverSession } from './webdriver-session.js';

const SCREEN = '1600x1200x24';
const MAX_START_MS = 30_000;

export interface WebKit {
  readonly session: WebDriverSession;
  /** Ends the browser, its driver and its screen. */
  stop(): Promise<void>;
}

/** @throws {Error} When it is not installed, or does not start. */
export async function startWebKit(): Promise<WebKit> {
  const paths = findWebKit();
  if (paths === undefined) throw new Error('Cannot start WebKit: it is not installed');
  // Nothing of the user’s profile, and no trace in it.
  const home = mkdtempSync(join(tmpdir(), 'jetsocket-webkit-'));
  const running: OwnProcess[] = [];
  const stop = async (): Promise<void> => {
    for (const one of running.reverse()) await one.stop();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const screen = new OwnProcess(paths.screen, [
      ...['-displayfd', '3', '-screen', '0', SCREEN, '-nolisten', 'tcp'],
    ]);
    running.push(screen);
    const display = `:${await screen.line()}`;
    const port = await freePort();
    running.push(
      new OwnProcess(paths.driver, ['--host=127.0.0.1', `--port=${port}`], {
        ...{ DISPLAY: display, GDK_BACKEND: 'x11', NO_AT_BRIDGE: '1', GSETTINGS_BACKEND: 'memory' },
        ...{ XDG_CACHE_HOME: home, XDG_CONFIG_HOME: home, XDG_DATA_HOME: home },
      }),
    );
    const driver = `http://127.0.0.1:${port}`;
    await untilReady(driver, MAX_START_MS);
    const session = await WebDriverSession.open(driver, {
      browserName: 'MiniBrowser',
      'webkitgtk:browserOptions': { binary: paths.browser, args: ['--automation'] },
    });
    return {
      session,
      stop: async () => {
        await session.close().catch(() => undefined); // It may have ended by itself.
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
