/**
 * Chromium without a driver beside it: Playwright listens to the page's network, and then each message of a WebSocket is
 * told to it as well, which costs more than the message. Here only what is asked for is asked, by the DevTools protocol.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { findChromium } from '../../../tools/browsers.mjs';

const FLAGS = [
  '--headless=new',
  '--no-sandbox', // A sandbox cannot be had as root, as in most containers.
  '--no-first-run',
  '--no-proxy-server',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-gpu',
  '--remote-debugging-port=0',
];
const ADDRESS = /DevTools listening on ws:\/\/([\d.:]+)\//;
const DEADLINE_MS = 60_000;
const CLOSING_MS = 5_000;

const NO_BROWSER = 'There is no Chromium: install it, or say with CHROMIUM_PATH where it is';

export const missingBrowser = () => (findChromium() === undefined ? NO_BROWSER : undefined);

/** @typedef {Awaited<ReturnType<typeof openPage>>} Page */

/** Starts a browser of its own for one page, so that none runs in code that was compiled for another one. @param {string} url */
export async function openPage(url) {
  const path = findChromium();
  if (path === undefined) throw new Error(NO_BROWSER);
  const folder = mkdtempSync(join(tmpdir(), 'jetsocket-bench-'));
  const browser = spawn(path, [...FLAGS, `--user-data-dir=${folder}`, url], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  // It must not outlive this process, if that fails.
  const kill = () => browser.kill('SIGKILL');
  process.once('exit', kill);
  const close = async () => {
    // Not `exit`: its other processes hold the pipe as long as they may still write to the folder.
    const ended = new Promise((resolve) => browser.once('close', resolve));
    if (kill()) await Promise.race([ended, pause(CLOSING_MS, undefined, { ref: false })]);
    process.off('exit', kill);
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    const call = await attach(await addressOf(browser), url);
    await call('Performance.setTimeDomain', { timeDomain: 'threadTicks' });
    await call('Performance.enable', {});
    await load(call);
    return { call, close, evaluate: (/** @type {string} */ text) => evaluate(call, text) };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @param {import('node:child_process').ChildProcess} browser @returns {Promise<string>} */
function addressOf(browser) {
  return new Promise((resolve, reject) => {
    let said = '';
    const timer = setTimeout(
      () => reject(new Error(`Chromium did not start: ${said}`)),
      DEADLINE_MS,
    );
    browser.once('exit', () => reject(new Error(`Chromium ended: ${said}`)));
    // To its end: a pipe that nobody reads stops who writes.
    browser.stderr?.on('data', (/** @type {Buffer} */ data) => {
      if (said.length < 10_000) said += data.toString();
      const address = ADDRESS.exec(said)?.[1];
      if (address === undefined) return;
      clearTimeout(timer);
      resolve(address);
    });
  });
}

/** @typedef {(method: string, params: object) => Promise<any>} Call */

/** @param {string} address @param {string} url @returns {Promise<Call>} */
async function attach(address, url) {
  /** @type {Map<number, { resolve: (result: any) => void, reject: (error: Error) => void }>} */
  const waiting = new Map();
  const socket = new WebSocket(await debuggerOf(address, url), { perMessageDeflate: false });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  socket.on('message', (data) => {
    const { id, result, error } = JSON.parse(data.toString());
    if (error) waiting.get(id)?.reject(new Error(error.message));
    else waiting.get(id)?.resolve(result);
    waiting.delete(id);
  });
  socket.on('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('Chromium has gone'));
  });
  let last = 0;
  return (method, params) =>
    new Promise((resolve, reject) => {
      waiting.set(++last, { resolve, reject });
      socket.send(JSON.stringify({ id: last, method, params }));
    });
}

/** @param {string} address @param {string} url @returns {Promise<string>} */
async function debuggerOf(address, url) {
  for (const begun = performance.now(); performance.now() - begun < DEADLINE_MS;) {
    const targets = /** @type {any[]} */ (
      await (await fetch(`http://${address}/json/list`)).json()
    );
    const page = targets.find((target) => target.type === 'page' && target.url === url);
    if (page !== undefined) return page.webSocketDebuggerUrl;
    await pause(50);
  }
  throw new Error(`Chromium did not open ${url}`);
}

/** Until the page's script has run. Meanwhile the document may be another one than it was. @param {Call} call */
async function load(call) {
  for (const begun = performance.now(); performance.now() - begun < DEADLINE_MS;) {
    if (await evaluate(call, 'globalThis.isReady').catch(() => false)) return;
    await pause(50);
  }
  throw new Error('The page did not load in Chromium');
}

/** @param {Call} call @param {string} expression Of a promise. */
async function evaluate(call, expression) {
  const told = await call('Runtime.evaluate', {
    expression,
    awaitPromise: true,
    returnByValue: true,
  });
  const { exceptionDetails: thrown, result } = told;
  if (thrown === undefined) return result.value;
  throw new Error(thrown.exception?.description ?? thrown.text);
}
