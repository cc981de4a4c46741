import * as core from '@jetsocket/core/protocol';
import { expect, it } from 'vitest';
import * as server from '../../src/index.js';
import { explore } from './explore.js';
import type { WorldSize } from './world.js';

const SMALL: WorldSize = {
  up: 1,
  down: 1,
  sockets: 2,
  capacity: 10,
  expiries: 0,
  restarts: 0,
  keepsLog: false,
};

const worlds: [name: string, size: WorldSize][] = [
  ['two messages each way, two sockets', { ...SMALL, up: 2, down: 2 }],
  ['one each way, three sockets', { ...SMALL, sockets: 3 }],
  ['two and one, three sockets', { ...SMALL, up: 2, sockets: 3 }],
  ['overflow of the server', { ...SMALL, down: 3, up: 0, capacity: 1 }],
  ['overflow of both', { ...SMALL, up: 2, down: 2, capacity: 1 }],
  ['overflow of the client', { ...SMALL, up: 3, down: 0, capacity: 1, sockets: 3 }],
  ['expiry', { ...SMALL, up: 2, down: 1, expiries: 1 }],
  ['expiry', { ...SMALL, up: 1, down: 2, expiries: 1 }],
  ['expiry 3', { ...SMALL, up: 1, down: 1, expiries: 1, sockets: 3 }],
  ['restart', { ...SMALL, up: 2, down: 1, restarts: 1 }],
  ['restart with log', { ...SMALL, up: 2, down: 1, restarts: 1, keepsLog: true }],
  ['restart with log', { ...SMALL, up: 1, down: 2, restarts: 1, keepsLog: true }],
];

it.each(worlds)(
  'keeps its promises in every order of things: %s',
  { timeout: 600_000 },
  (_name, size) => {
    const started = performance.now();
    const { states, failure } = explore({ core, server }, size);
    console.log(states, performance.now() - started);
    expect(failure).toBeUndefined();
  },
);
