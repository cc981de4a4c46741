/** In Node and what follows it: Bun and Deno. Exits by itself, or that is a failure. */
import * as browser from '@jetsocket/browser';
import * as core from '@jetsocket/core';
import * as node from '@jetsocket/node';
import * as transport from '@jetsocket/node/transport';
import * as jetsocket from 'jetsocket';
import { createRequire } from 'node:module';
import process from 'node:process';
import { WebSocket } from 'ws';
import { runChecks } from './checks.mjs';
import { Control } from './control.mjs';

const able = { canPing: true, tellsStatus: true, enforcesMaxMessageBytes: true };
const unable = { canPing: false, tellsStatus: false, enforcesMaxMessageBytes: false };
const { url, ...differs } = JSON.parse(process.argv[2] ?? '');

const transports = [
  {
    name: 'wsTransport',
    transport: transport.wsTransport({ constructorOf: () => WebSocket }),
    ...able,
    ...differs,
  },
];
if (browser.globalWebSocket() !== undefined) {
  transports.push({ name: 'browserTransport', transport: browser.browserTransport(), ...unable });
}

await runChecks({
  control: new Control(url),
  connect: jetsocket.connect,
  takesHeaders: true,
  packages: {
    jetsocket,
    '@jetsocket/core': core,
    '@jetsocket/browser': browser,
    '@jetsocket/node': node,
    '@jetsocket/node/transport': transport,
  },
  require: createRequire(import.meta.url),
  transports,
});
