import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { explore } from './explore.js';
import { type Fault, mutate } from './mutants.js';
import { size, type WorldSize } from './world.js';

const EXCHANGE = 'packages/core/src/delivery/exchange.ts';
const OUTBOX = 'packages/core/src/delivery/outbox.ts';
const CLIENT = 'packages/core/src/delivery/client-session.ts';
const SESSION = 'packages/server/src/session.ts';
const SESSIONS = 'packages/server/src/sessions.ts';
const LOG = 'packages/server/src/log.ts';
const MEMORY_LOG = 'packages/server/src/memory-log.ts';

// prettier-ignore
const mutants: [name: string, world: WorldSize, ...faults: Fault[]][] = [
  ['neither fencing nor duplicates dropped', size({ up: 1 }),
    { file: EXCHANGE, from: 'if (seq <= this.accepted) {', to: 'if (seq < 0) {' },
    { file: EXCHANGE, from: 'if (seq !== this.accepted + 1) {', to: 'if (seq > this.accepted + 1) {' },
    { file: SESSION, from: 'former?.fence(this.id);', to: 'void former;' },
    { file: SESSION, from: 'if (connection === this.#connection) this', to: 'this' }],
  ['no dedupe: what came again is taken for a hole', size({ isSlow: true }),
    { file: EXCHANGE, from: 'if (seq <= this.accepted) {', to: 'if (seq < 0) {' }],
  ['no dedupe: what came again is handed on', size({ isSlow: true }),
    { file: EXCHANGE, from: 'if (seq <= this.accepted) {', to: 'if (seq < 0) {' },
    { file: EXCHANGE, from: 'if (seq !== this.accepted + 1) {', to: 'if (seq > this.accepted + 1) {' }],
  ['no fencing: a stale hello is taken', size({ sockets: 3 }),
    { file: LOG, from: "if (claim.n <= stored.n) return", to: 'if (claim.n < 0) return' }],
  ['no skip: a hole is stepped over', size({ up: 0, down: 3, capacity: 1 }),
    { file: EXCHANGE, from: 'if (seq > this.#sent + 1) {', to: 'if (seq > this.#sent + 1 && this.#sent < 0) {' }],
  ['the count of a session that is over is not kept', size({ up: 2, expiries: 1 }),
    { file: MEMORY_LOG, from: 'this.#tombstones.set(sid, { n, why, rx, principal, untilMs });',
      to: 'void untilMs; void why; void rx; void principal;' }],
  ['the count that is kept is one too low', size({ up: 2, expiries: 1 }),
    { file: SESSION, from: 'this.#owesBye ? this.#exchange.handled : this.#exchange.accepted);',
      to: 'Math.max(0, (this.#owesBye ? this.#exchange.handled : this.#exchange.accepted) - 1));' }],
  ['a welcome moves the cursor over a hole', size({ up: 0, down: 3, capacity: 1 }),
    { file: EXCHANGE, from: 'this.#sent = rx;', to: 'this.outbox.acknowledgeSeq(rx); this.#sent = this.outbox.firstSeq - 1;' }],
  ['what was sent is taken for acknowledged', size({ up: 2 }),
    { file: EXCHANGE, from: 'this.outbox.rewind();', to: 'void 0;' }],
  ['welcome says more than was handled', size({ up: 2 }),
    { file: SESSION, from: 'rx: this.#exchange.handled,', to: 'rx: this.#exchange.accepted + 1,' }],
  ['a lost session is sent again as if nothing had arrived', size({ up: 2, restarts: 1 }),
    { file: CLIENT, from: 'rx === null && isDropped ?', to: '(false as boolean) ?' }],
  ['what the server counted is ignored', size({ up: 2, expiries: 1 }),
    { file: CLIENT, from: 'if (rx !== null) outbox.acknowledgeSeq(rx);', to: 'void outbox;' }],
  ['a lost session tells no gap', size({ down: 2, expiries: 1 }),
    { file: CLIENT, from: 'missingFrom: number | null = this.exchange.accepted + 1,', to: 'missingFrom: number | null = null,' }],
  ['the log has nothing of what was sent', size({ down: 2, restarts: 1, keepsLog: true }),
    { file: MEMORY_LOG, from: 'for (const message of messages) session.messages.push(message);', to: 'void messages;' }],
  ['the log does not know what was handled', size({ up: 2, restarts: 1, keepsLog: true }),
    { file: MEMORY_LOG, from: 'session.rx = rx;', to: 'void rx;' }],
  ['numbers are not kept over a socket', size({ up: 2 }),
    { file: OUTBOX, from: 'this.#highest++;\n    }', to: '}\n    this.#highest++;' }],
  ['what is taken in is acknowledged, and not handled yet', size({ isSlow: true, restarts: 1, keepsLog: true }),
    { file: SESSION, from: "this.#queue.add({ type: 'message', seq, size: data.length, run });",
      to: "this.#queue.add({ type: 'message', seq, size: data.length, run }); this.#writer.handled = seq;" }],
  ['a hello says more than was handled', size({ isSlow: true, expiries: 1, down: 2 }),
    { file: CLIENT, from: 'isTrial ? 0 : this.exchange.handled;', to: 'isTrial ? 0 : this.exchange.accepted + 1;' }],
  ['messages may not overtake a hello', size({ moves: 1 }),
    { file: CLIENT, from: 'const MOVE_AHEAD = 1_000_000;', to: 'const MOVE_AHEAD = 0;' }],
  ['what the former socket says counts after a move', size({ moves: 1, isSlow: true }),
    { file: SESSION, from: 'if (connection === this.#connection) this', to: 'this' },
    { file: EXCHANGE, from: 'if (seq <= this.accepted) {', to: 'if (seq < 0) {' },
    { file: EXCHANGE, from: 'if (seq !== this.accepted + 1) {', to: 'if (seq > this.accepted + 1) {' }],
  ['a session that was answered here is taken for one from elsewhere', size({ isLogSlow: true }),
    { file: SESSIONS, from: '&& stored.n !== session.n', to: '' }],
  ['a session expires while it is judged', size({ down: 0, sockets: 3, isLogSlow: true, isSlow: true, expiries: 1 }),
    { file: SESSIONS, from: 'held?.hold();', to: 'void held;' },
    { file: SESSIONS, from: 'held?.letGo();', to: '' }],
  ['what comes behind a goodbye is taken', size({ up: 2, sockets: 3, closes: 1 }),
    { file: SESSION, from: 'handled twice.\n    this.#exchange.end();', to: 'handled twice.' }],
];

const COMPLAINT =
  /^(all is quiet|the (server|client) (got|says|skips|takes)|a false gap|\w+ is ack)/;

it.each(mutants)(
  'the exploration finds out: %s',
  { timeout: 300_000 },
  async (name, world, ...faults) => {
    const { failure } = await explore(await mutate(name.replace(/\W+/g, '-'), faults), world);
    // Of the world, and no accident of the copy.
    expect(failure?.complaint).toMatch(COMPLAINT);
  },
);

it('and nothing in a copy without a fault', { timeout: 300_000 }, async () => {
  const copy = await mutate('none', []);
  for (const world of [size({ up: 2, expiries: 1 }), size({ isSlow: true, moves: 1 })]) {
    expect(await explore(copy, world)).toMatchObject({ failure: undefined });
  }
});

it('docs/proofs.md names every one of them', () => {
  const page = readFileSync(new URL('../../../../docs/proofs.md', import.meta.url), 'utf8');
  for (const [name] of mutants) expect(page).toContain(`| ${name} `);
});
