import { expect, it } from 'vitest';
import type { FaultProxy, FaultProxyOptions, SlowOptions } from './index.js';
import { createFaultProxy } from './index.js';
import { rig } from './test-kit.js';

/** What a caller without types may give. */
const any = <Wanted>(value: unknown): Wanted => value as Wanted;

const creations: [options: unknown, message: string][] = [
  [undefined, 'options takes an object, and got undefined'],
  [{}, 'target takes an object, and got undefined'],
  [
    { target: { port: 1 }, prot: 1 },
    'there is no option prot; options takes target, listen, random, maxBufferedBytes',
  ],
  [{ target: { port: 0 } }, 'target.port takes an integer from 1 to 65535, and got 0'],
  [{ target: { port: '80' } }, "target.port takes an integer from 1 to 65535, and got '80'"],
  [{ target: { port: 1, host: '' } }, "target.host takes a string that is not empty, and got ''"],
  [
    { target: { port: 1 }, listen: { port: 65_536 } },
    'listen.port takes an integer from 0 to 65535, and got 65536',
  ],
  [
    { target: { port: 1 }, listen: { host: 7 } },
    'listen.host takes a string that is not empty, and got 7',
  ],
  [{ target: { port: 1 }, listen: [] }, 'listen takes an object, and got an array of 0'],
  [{ target: { port: 1 }, random: 4 }, 'random takes a function, and got 4'],
  [
    { target: { port: 1 }, maxBufferedBytes: 0 },
    'maxBufferedBytes takes an integer from 1 to 268435456, and got 0',
  ],
];

it.each(creations)('createFaultProxy(%j) is refused', async (options, message) => {
  await expect(createFaultProxy(any<FaultProxyOptions>(options))).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: `Cannot use createFaultProxy(): ${message}`,
  });
});

const delay = 'a number from 0 to 3600000';
const calls: [message: string, call: (proxy: FaultProxy) => unknown][] = [
  [
    "hang(): direction takes 'up' or 'down' or 'both', and got 'left'",
    (proxy) => proxy.hang({ direction: any('left') }),
  ],
  [
    "hang(): newConnections takes 'hang' or 'pass', and got 'stall'",
    (proxy) => proxy.hang({ newConnections: any('stall') }),
  ],
  [
    'hang(): there is no option dir; options takes direction, newConnections',
    (proxy) => proxy.hang(any({ dir: 'up' })),
  ],
  [
    "stall(): newConnections takes 'stall' or 'pass', and got 'hang'",
    (proxy) => proxy.stall({ newConnections: any('hang') }),
  ],
  ["stall(): options takes an object, and got 'up'", (proxy) => proxy.stall(any('up'))],
  [
    'slow(): options takes delayMs, jitterMs or bytesPerSecond, and got an object',
    (proxy) => proxy.slow({}),
  ],
  [
    'slow(): options takes an object, and got undefined',
    (proxy) => proxy.slow(any<SlowOptions>(undefined)),
  ],
  [`slow(): delayMs takes ${delay}, and got -1`, (proxy) => proxy.slow({ delayMs: -1 })],
  [`slow(): delayMs takes ${delay}, and got NaN`, (proxy) => proxy.slow({ delayMs: NaN })],
  [
    `slow(): jitterMs takes ${delay}, and got 3600001`,
    (proxy) => proxy.slow({ jitterMs: 3_600_001 }),
  ],
  [
    'slow(): bytesPerSecond takes a number from 1 to 1000000000, and got 0',
    (proxy) => proxy.slow({ bytesPerSecond: 0 }),
  ],
  [
    'truncateAfter(): byteCount takes an integer from 0 to 9007199254740991, and got 1.5',
    (proxy) => proxy.truncateAfter(1.5, 'up'),
  ],
  [
    "truncateAfter(): direction takes 'up' or 'down', and got 'both'",
    (proxy) => proxy.truncateAfter(1, any('both')),
  ],
  [
    'retarget(): target.port takes an integer from 1 to 65535, and got a function',
    (proxy) => proxy.retarget({ port: any(() => 1) }),
  ],
];

it.each(calls)('proxy.%s', async (message, call) => {
  const { proxy } = await rig();
  const refused = { code: 'INVALID_OPTION', message: `Cannot use ${message}` };
  expect(() => call(proxy)).toThrow(expect.objectContaining(refused));
});

const promises: [message: string, call: (proxy: FaultProxy) => Promise<unknown>][] = [
  ["refuse(): refused takes true or false, and got 'yes'", (proxy) => proxy.refuse(any('yes'))],
  [
    "restore(): hung takes 'reset' or 'keep', and got true",
    (proxy) => proxy.restore({ hung: any(true) }),
  ],
  ['waitFor(): predicate takes a function, and got null', (proxy) => proxy.waitFor(any(null))],
  [
    `waitFor(): timeoutMs takes ${delay}, and got Infinity`,
    (proxy) => proxy.waitFor(() => true, { timeoutMs: Infinity }),
  ],
];

it.each(promises)('proxy.%s', async (message, call) => {
  const { proxy } = await rig();
  await expect(call(proxy)).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: `Cannot use ${message}`,
  });
});

it('a connection checks what it is given, too', async () => {
  const { proxy, join } = await rig();
  const refused = /^Cannot use /;
  proxy.once('connection', (connection) => {
    expect(() => connection.hang(any({ direction: 'x' }))).toThrow(refused);
    expect(() => connection.stall(any({ direction: 'x' }))).toThrow(refused);
    expect(() => connection.hang(any({ newConnections: 'pass' }))).toThrow(refused);
    expect(() => connection.stall(any({ newConnections: 'pass' }))).toThrow(refused);
    expect(() => connection.slow({})).toThrow(refused);
    expect(() => connection.truncateAfter(-1, 'up')).toThrow(refused);
    expect(() => connection.restore(any({ hung: 'x' }))).toThrow(refused);
  });
  await join();
  expect(proxy.listenerCount('connection')).toBe(0);
});
