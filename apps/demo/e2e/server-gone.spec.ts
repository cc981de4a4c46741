/** The demo's server itself dies, and not one that the page breaks: the page says so, and goes on when it is back. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { firstAddress } from '../../../scripts/site/first-address.mjs';
import type { DemoPage } from './demo-page.js';
import { expect, test } from './demo-test.js';

/** What an engine says of a request that nobody answers, or of a network that is gone. */
const ASKED_IN_VAIN = /Failed to load resource|NetworkError|Load failed/;

let server: ChildProcess;
let address: string;
test.beforeEach(async () => {
  address = await start('0');
});
test.afterEach(() => kill());

test('a server that is killed is out of reach, not healthy, and another one is begun anew with', async ({
  demo,
}) => {
  await openAt(demo);
  await demo.countsAtLeast('acknowledged', 3);
  await kill();
  await demo.shows('fault-status', 'Out of reach');
  await demo.shows('fault-note', /does not answer/);
  await demo.shows('banner', /does not answer/);
  // There is nothing that could be done to a network now.
  for (const name of ['fault-cut', 'fault-restore', 'fault-close']) {
    expect(await demo.attribute(name, 'aria-disabled'), name).toBe('true');
  }

  await start(new URL(address).port);
  await demo.shows('fault-status', 'Healthy');
  await demo.isIn('connected');
  await demo.shows('banner', /began anew/);
  expect(await demo.attribute('fault-cut', 'aria-disabled')).toBe('false');
  // The first server's books are gone with it: these are a new socket's, and of a new network.
  await demo.countsAtLeast('acknowledged', 3);
  expect(await demo.runs()).toHaveLength(2);
  await demo.click('fault-cut');
  await demo.event('reconnected');
  expect(await demo.isVisible('banner')).toBe(false);
  await demo.settle();
  await demo.counts('missing', 0);
  demo.forgive(ASKED_IN_VAIN);
});

test('a server that hangs is out of reach, and the very network is there when it goes on', async ({
  demo,
}) => {
  await openAt(demo, 'heartbeatMs=60000');
  await demo.countsAtLeast('acknowledged', 3);
  server.kill('SIGSTOP');
  await demo.shows('fault-status', 'Out of reach');
  server.kill('SIGCONT');
  await demo.shows('fault-status', 'Healthy');
  await expect.poll(() => demo.isVisible('banner')).toBe(false);
  await demo.settle();
  expect(await demo.runs()).toHaveLength(1);
  demo.forgive(ASKED_IN_VAIN);
});

test('what a visitor closed stays closed when another server is there', async ({ demo }) => {
  await openAt(demo, 'rateOut=0');
  await demo.click('socket-close');
  await demo.isIn('closed');
  await kill();
  await demo.shows('fault-status', 'Out of reach');
  await start(new URL(address).port);
  await demo.shows('fault-status', 'Healthy');
  await demo.isIn('idle');
  await demo.click('socket-connect');
  await demo.isIn('connected');
  demo.forgive(ASKED_IN_VAIN);
});

/** Opens the page of the server of this test. */
async function openAt(demo: DemoPage, query = ''): Promise<void> {
  await demo.tab.goto(`${address}/?${query}`);
  await demo.isIn('connected');
}

/** A process of its own: the one of all tests serves the others meanwhile. */
async function start(port: string): Promise<string> {
  server = spawn(process.execPath, [join(import.meta.dirname, '../dist/server.mjs')], {
    env: { ...process.env, PORT: port },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return firstAddress(server);
}

async function kill(): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill('SIGKILL');
  await ended;
}
