import * as core from '@jetsocket/core/protocol';
import { seededRandom } from '@jetsocket/testing';
import { expect, it } from 'vitest';
import * as server from '../../src/index.js';
import { explore } from './explore.js';
import { type Action, size, World, type WorldSize } from './world.js';

/** Larger worlds, for minutes each, or longer: `EXPLORE=large npx vitest run explore`. */
const isLarge = process.env['EXPLORE'] === 'large';

const worlds: [name: string, size: WorldSize][] = [
  ['two messages each way, three sockets', size({ up: 2, down: 2, sockets: 3 })],
  ['outboxes of both that overflow', size({ up: 2, down: 2, sockets: 3, capacity: 1 })],
  ['the same with a window of one', size({ up: 2, down: 2, sockets: 3, capacity: 1, window: 1 })],
  ['a session that expires', size({ up: 2, down: 2, sockets: 3, expiries: 1 })],
  ['an outbox of the server that overflows by more', size({ up: 0, down: 3, capacity: 1 })],
  ['an outbox of the client that overflows by more', size({ up: 3, down: 0, capacity: 1 })],
  ['a server that starts anew without its log', size({ up: 2, down: 2, restarts: 1 })],
  ['a server that starts anew with its log', size({ up: 2, down: 2, restarts: 1, keepsLog: true })],
  ['a client that moves to another socket', size({ up: 2, sockets: 3, moves: 1 })],
  ['handlers that take their time', size({ up: 2, down: 2, isSlow: true })],
  ['the same, and three sockets', size({ sockets: 3, isSlow: true })],
  ['the same, and a client that moves', size({ sockets: 3, isSlow: true, moves: 1 })],
  ['the same, and a restart', size({ isSlow: true, restarts: 1, keepsLog: true })],
  ['a session that the server closes', size({ up: 2, sockets: 3, closes: 1 })],
  ['the same, and a client that moves', size({ sockets: 3, moves: 1, closes: 1 })],
  ['the same, and handlers that take their time', size({ up: 2, isSlow: true, closes: 1 })],
  ['a log that takes its time', size({ up: 2, down: 2, isLogSlow: true })],
  ['the same, and a client that moves', size({ isLogSlow: true, moves: 1 })],
  [
    'the same, and handlers, and a session that expires',
    size({ isLogSlow: true, isSlow: true, expiries: 1 }),
  ],
];

const largeWorlds: [name: string, size: WorldSize][] = [
  ['two messages each way, four sockets', size({ up: 2, down: 2, sockets: 4 })],
  ['three messages each way, three sockets', size({ up: 3, down: 3, sockets: 3 })],
  ['four messages each way, window of one', size({ up: 4, down: 4, window: 1, capacity: 2 })],
  [
    'overflow and expiry of both, four sockets',
    size({ up: 2, down: 2, sockets: 4, capacity: 1, expiries: 2 }),
  ],
  [
    'restart and expiry, three sockets',
    size({ up: 2, down: 2, sockets: 3, restarts: 1, expiries: 1 }),
  ],
  [
    'two restarts with the log, three sockets',
    size({ up: 2, down: 2, sockets: 3, restarts: 2, keepsLog: true }),
  ],
  ['two moves, four sockets', size({ sockets: 4, moves: 2 })],
  ['a move, and two messages each way', size({ up: 2, down: 2, sockets: 3, moves: 1 })],
  ['slow handlers, three sockets', size({ up: 2, down: 2, sockets: 3, isSlow: true })],
  ['a slow log, and a move', size({ sockets: 3, isLogSlow: true, moves: 1 })],
  ['a slow log, three sockets', size({ sockets: 3, isLogSlow: true, isSlow: true, expiries: 1 })],
];

it.each(isLarge ? [...worlds, ...largeWorlds] : worlds)(
  'sessions keep their promise in every order of things: %s',
  { timeout: 7_200_000 },
  async (_name, world) => {
    const { states, failure } = await explore({ core, server }, world);
    expect(failure).toBeUndefined();
    // A world in which nothing happens would prove nothing.
    expect(states).toBeGreaterThan(1_000);
  },
);

// Small enough to be tried whole, and with all that can go wrong in a world.
it.each([
  ['one each way', size({})],
  ['one each way, three sockets', size({ sockets: 3 })],
  ['an outbox that overflows', size({ down: 2, capacity: 1 })],
  ['a session that expires', size({ expiries: 1 })],
  ['a client that moves', size({ moves: 1 })],
  ['handlers that take their time', size({ isSlow: true })],
  ['a log that takes its time', size({ up: 1, down: 0, isLogSlow: true, expiries: 1 })],
  ['a session that the server closes', size({ closes: 1 })],
])('what is left out comes to the same: %s', { timeout: 300_000 }, async (_name, world) => {
  const { quiet, ends } = await explore({ core, server }, world);
  expect(await explore({ core, server }, world, true)).toMatchObject({
    quiet,
    ends,
    failure: undefined,
  });
});

it.each([
  ['that are at once', {}],
  ['that take their time, and a client that moves', { isSlow: true, isLogSlow: true, moves: 1 }],
])(
  'what the client does and the server does commute: %s',
  { timeout: 300_000 },
  async (_, more) => {
    const world = size({ up: 2, down: 2, sockets: 3, capacity: 1, expiries: 1, ...more });
    const reach = async (path: readonly Action[]): Promise<World> => {
      const reached = new World({ core, server }, world);
      for (const action of path) await reached.perform(action);
      return reached;
    };
    const random = seededRandom(1);
    let pairs = 0;
    for (let walk = 0; walk < 300; walk++) {
      const path: Action[] = [];
      for (;;) {
        const here = await reach(path);
        const [client, server] = [here.clientActions(), here.serverActions()];
        const [one, other] = [pick(client, random), pick(server, random)];
        if (one !== undefined && other !== undefined) {
          const [print, swapped] = [
            await reach([...path, one, other]),
            await reach([...path, other, one]),
          ].map((reached) => reached.fingerprint());
          expect(print, `${path.join()}: ${one}, ${other}`).toBe(swapped);
          pairs++;
        }
        const next = pick([...client, ...server], random);
        if (next === undefined) break;
        path.push(next);
      }
    }
    expect(pairs).toBeGreaterThan(2_000);
  },
);

const pick = <Item>(list: readonly Item[], random: () => number): Item | undefined =>
  list[Math.floor(random() * list.length)];
