import * as core from '@jetsocket/core/protocol';
import { expect, it } from 'vitest';
import * as server from '../../src/index.js';
import { dice } from '../dice.js';
import { explore } from './explore.js';
import { type Fault, mutate } from './mutants.js';
import { type Action, World, type WorldSize } from './world.js';

/** Larger worlds, for minutes: `EXPLORE=large npx vitest run explore`. */
const isLarge = process.env['EXPLORE'] === 'large';

const size = (given: Partial<WorldSize>): WorldSize => ({
  up: 1,
  down: 1,
  sockets: 2,
  capacity: 10,
  window: 2,
  expiries: 0,
  restarts: 0,
  keepsLog: false,
  ...given,
});

const worlds: [name: string, size: WorldSize][] = [
  ['two messages each way, three sockets', size({ up: 2, down: 2, sockets: 3 })],
  ['outboxes of both that overflow', size({ up: 2, down: 2, sockets: 3, capacity: 1 })],
  ['the same with a window of one', size({ up: 2, down: 2, sockets: 3, capacity: 1, window: 1 })],
  ['a session that expires', size({ up: 2, down: 2, sockets: 3, expiries: 1 })],
  ['an outbox of the server that overflows by more', size({ up: 0, down: 3, capacity: 1 })],
  ['an outbox of the client that overflows by more', size({ up: 3, down: 0, capacity: 1 })],
  ['a server that starts anew without its log', size({ up: 2, down: 2, restarts: 1 })],
  ['a server that starts anew with its log', size({ up: 2, down: 2, restarts: 1, keepsLog: true })],
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
];

it.each(isLarge ? [...worlds, ...largeWorlds] : worlds)(
  'sessions keep their promise in every order of things: %s',
  { timeout: 7_200_000 },
  (_name, world) => {
    const { states, failure } = explore({ core, server }, world);
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
])('what is left out comes to the same: %s', { timeout: 300_000 }, (_name, world) => {
  const { quiet, ends } = explore({ core, server }, world);
  expect(explore({ core, server }, world, true)).toMatchObject({
    quiet,
    ends,
    failure: undefined,
  });
});

it('what the client does and what the server does commute', { timeout: 300_000 }, () => {
  const world = size({ up: 2, down: 2, sockets: 3, capacity: 1, expiries: 1 });
  const reach = (path: readonly Action[]): World => {
    const reached = new World({ core, server }, world);
    for (const action of path) reached.perform(action);
    return reached;
  };
  const random = dice(1);
  let pairs = 0;
  for (let walk = 0; walk < 300; walk++) {
    const path: Action[] = [];
    for (;;) {
      const here = reach(path);
      const [client, server] = [here.clientActions(), here.serverActions()];
      const [one, other] = [pick(client, random), pick(server, random)];
      if (one !== undefined && other !== undefined) {
        const print = reach([...path, one, other]).fingerprint();
        expect(print, `${path.join()}: ${one}, ${other}`).toBe(
          reach([...path, other, one]).fingerprint(),
        );
        pairs++;
      }
      const next = pick([...client, ...server], random);
      if (next === undefined) break;
      path.push(next);
    }
  }
  expect(pairs).toBeGreaterThan(2_000);
});

const pick = <Item>(list: readonly Item[], random: () => number): Item | undefined =>
  list[Math.floor(random() * list.length)];

const EXCHANGE = 'packages/core/src/delivery/exchange.ts';
const OUTBOX = 'packages/core/src/delivery/outbox.ts';
const CLIENT = 'packages/core/src/delivery/client-session.ts';
const SESSION = 'packages/server/src/session.ts';
const LOG = 'packages/server/src/log.ts';
const MEMORY_LOG = 'packages/server/src/memory-log.ts';

// prettier-ignore
const mutants: [name: string, world: WorldSize, ...faults: Fault[]][] = [
  ['neither fencing nor duplicates dropped', size({ up: 1 }),
    { file: EXCHANGE, from: 'if (seq <= this.accepted) {', to: 'if (seq < 0) {' },
    { file: EXCHANGE, from: 'if (seq !== this.accepted + 1) {', to: 'if (seq > this.accepted + 1) {' },
    { file: SESSION, from: 'former?.fence(this.id);', to: 'void former;' },
    { file: SESSION, from: 'if (connection === this.#connection) this', to: 'this' }],
  ['no dedupe: what came again is taken for a hole', size({ up: 1 }),
    { file: EXCHANGE, from: 'if (seq <= this.accepted) {', to: 'if (seq < 0) {' }],
  ['no fencing: a stale hello is taken', size({ sockets: 3 }),
    { file: LOG, from: "if (claim.n <= stored.n) return", to: 'if (claim.n < 0) return' }],
  ['no skip: a hole is stepped over', size({ up: 0, down: 3, capacity: 1 }),
    { file: EXCHANGE, from: 'if (seq > this.#sent + 1) {', to: 'if (seq > this.#sent + 1 && this.#sent < 0) {' }],
  ['the count of a session that is over is not kept', size({ up: 2, expiries: 1 }),
    { file: MEMORY_LOG, from: 'this.#tombstones.set(sid, { why, rx, principal, untilMs });',
      to: 'void untilMs; void why; void rx; void principal;' }],
  ['the count that is kept is one too low', size({ up: 2, expiries: 1 }),
    { file: SESSION, from: 'this.#writer.end(reason, this.#exchange.accepted);',
      to: 'this.#writer.end(reason, Math.max(0, this.#exchange.accepted - 1));' }],
  ['a welcome moves the cursor over a hole', size({ up: 0, down: 3, capacity: 1 }),
    { file: EXCHANGE, from: 'this.#sent = rx;', to: 'this.outbox.acknowledgeSeq(rx); this.#sent = this.outbox.firstSeq - 1;' }],
  ['what was sent is taken for acknowledged', size({ up: 2 }),
    { file: EXCHANGE, from: 'this.outbox.rewind();', to: 'void 0;' }],
  ['welcome says more than was handled', size({ up: 2 }),
    { file: SESSION, from: 'rx: this.#exchange.handled,', to: 'rx: this.#exchange.accepted + 1,' }],
  ['a lost session is sent again as if nothing had arrived', size({ up: 2, restarts: 1 }),
    { file: CLIENT, from: "rx === null && this.#config.unknownPolicy === 'drop'", to: 'false as boolean' }],
  ['what the server counted is ignored', size({ up: 2, expiries: 1 }),
    { file: CLIENT, from: 'if (rx !== null) outbox.acknowledgeSeq(rx);', to: 'void outbox;' }],
  ['a lost session tells no gap', size({ down: 2, expiries: 1 }),
    { file: CLIENT, from: 'missingFrom: number | null = this.exchange.accepted + 1,', to: 'missingFrom: number | null = null,' }],
  ['the log has nothing of what was sent', size({ down: 2, restarts: 1, keepsLog: true }),
    { file: MEMORY_LOG, from: 'for (const message of messages) session.messages.push(message);', to: 'void messages;' }],
  ['the log does not know what was handled', size({ up: 2, restarts: 1, keepsLog: true }),
    { file: MEMORY_LOG, from: 'session.rx = rx;', to: 'void rx;' }],
  ['numbers are not kept over a socket', size({ up: 2 }),
    { file: OUTBOX, from: 'if (this.#cursor === this.#frontier) {', to: 'if (this.#cursor <= this.#frontier) {' }],
];

it.each(mutants)(
  'the exploration finds out: %s',
  { timeout: 300_000 },
  async (name, world, ...faults) => {
    const { failure } = explore(await mutate(name.replace(/\W+/g, '-'), faults), world);
    expect(failure?.complaint).toBeDefined();
  },
);
