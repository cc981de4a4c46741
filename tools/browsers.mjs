/** Where the browsers for the end-to-end tests are, and what brings them on Debian. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
// Stock Firefox as such, not a patched one: Playwright drives it by the standard's protocol.
const FIREFOX = ['/usr/bin/firefox-esr', '/usr/bin/firefox'];
const WEBKIT_DRIVER = '/usr/bin/WebKitWebDriver';
const SCREEN = '/usr/bin/Xvfb';
const LIBRARIES = '/usr/lib';

/**
 * Where Chromium is. `CHROMIUM_PATH` wins, even when nothing is there: a wrong path is to be told,
 * not to be worked around.
 * @returns {string | undefined}
 */
export function findChromium() {
  return find(process.env.CHROMIUM_PATH, CHROMIUM);
}

/** Where Firefox is; `FIREFOX_PATH` wins likewise. @returns {string | undefined} */
export function findFirefox() {
  return find(process.env.FIREFOX_PATH, FIREFOX);
}

/**
 * WebKit is three programs: WebKitGTK's small browser, what drives it, and a screen, for it has no headless mode.
 * @returns {{ browser: string, driver: string, screen: string } | undefined}
 */
export function findWebKit() {
  const browser = list(LIBRARIES)
    .flatMap((name) => ['4.1', '6.0', '4.0'].map((version) => [name, `webkit2gtk-${version}`]))
    .map((names) => join(LIBRARIES, ...names, 'MiniBrowser'))
    .find((path) => existsSync(path));
  const isThere =
    browser !== undefined && [WEBKIT_DRIVER, SCREEN].every((file) => existsSync(file));
  return isThere ? { browser, driver: WEBKIT_DRIVER, screen: SCREEN } : undefined;
}

/**
 * @typedef {object} Browser
 * @property {string} flag Of tools/bootstrap.mjs.
 * @property {string} name
 * @property {() => unknown} find Undefined when it is not there.
 * @property {string[]} packages Of Debian.
 * @property {string} [variable] Says where it is, where it is elsewhere.
 */

/** @type {readonly Browser[]} */
export const BROWSERS = [
  {
    flag: '--chromium',
    name: 'Chromium',
    find: findChromium,
    packages: ['chromium'],
    variable: 'CHROMIUM_PATH',
  },
  {
    flag: '--firefox',
    name: 'Firefox',
    find: findFirefox,
    packages: ['firefox-esr'],
    variable: 'FIREFOX_PATH',
  },
  { flag: '--webkit', name: 'WebKit', find: findWebKit, packages: ['webkit2gtk-driver', 'xvfb'] },
];

/** @param {string | undefined} asked @param {readonly string[]} places */
function find(asked, places) {
  if (asked) return existsSync(asked) ? asked : undefined;
  return places.find((path) => existsSync(path));
}

/** @param {string} folder @returns {string[]} */
function list(folder) {
  return existsSync(folder) ? readdirSync(folder) : [];
}
