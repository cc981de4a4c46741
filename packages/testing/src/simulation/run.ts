import { settle } from '../settle.js';
import { heal, perform, type Promised } from './perform.js';
import type { Schedule, Setup } from './schedule.js';
import { World } from './world.js';

/** What a run left behind. */
export interface SimulationResult {
  /** Every event, with its time and fields. Equal schedules give equal logs. */
  readonly log: readonly string[];
  /** How many connections came to be open. */
  readonly opened: number;
  /** How long it took, in virtual milliseconds. */
  readonly durationMs: number;
}

/** How often all is well and there is a second to recover in: longer than any wait in this world. */
const RECOVERY_ROUNDS = 30;

/**
 * Runs one schedule: the real client over virtual time and a virtual network. After every turn there is
 * at most one live socket, no timer too many, no bound passed, and no event out of order; and when all is
 * well again at the end, nothing is lost, doubled or reordered beyond what the mode promises.
 *
 * ```ts
 * await fc.assert(fc.asyncProperty(schedules(), async (schedule) => void (await simulate(schedule))));
 * ```
 *
 * @throws {Error} When the client broke a promise: which one, at which step, and the events so far.
 */
export async function simulate(schedule: Schedule): Promise<SimulationResult> {
  const { setup, steps } = sane(schedule);
  const world = new World(setup);
  const promised: Promised = [];
  let at = 'before the first step';
  try {
    if (setup.connects) perform(world, { type: 'connect' }, promised);
    for (const [index, step] of steps.entries()) {
      at = `at step ${index}, ${step.type}`;
      if (step.type === 'advance') await world.clock.advance(step.ms);
      else perform(world, step, promised);
      if (step.atOnce !== true) await turn(world);
    }
    at = 'when all was well again';
    await recover(world, setup.heartbeat);
    at = 'after the last close()';
    await finish(world, promised);
  } catch (thrown) {
    const { message } = thrown instanceof Error ? thrown : new Error(String(thrown));
    const events = world.log.slice(-60).join('\n');
    throw new Error(`${message}\n(${at}, ${world.clock.now()} ms)\nEvents:\n${events}`, {
      cause: thrown,
    });
  }
  return { log: world.log, opened: world.transport.opened, durationMs: world.clock.now() };
}

/** What fast-check combines freely, and the client's options forbid. */
function sane({ setup, steps }: Schedule): Schedule {
  return { setup: { ...setup, acknowledges: setup.acknowledges && setup.mode !== 'none' }, steps };
}

/** One turn of the event loop, then a look at everything. */
async function turn(world: World): Promise<void> {
  await world.clock.advance(0);
  world.check();
}

async function recover(world: World, heartbeat: Setup['heartbeat']): Promise<void> {
  const { socket, transport, clock } = world;
  for (const remove of world.handlers) remove();
  heal(world);
  // With a heartbeat the client finds out by itself.
  if (heartbeat === 'off') for (const link of transport.liveLinks) if (link.isDead) link.cut();
  await turn(world);
  for (let round = 0; round < RECOVERY_ROUNDS; round++) {
    if (socket.state === 'idle' || socket.state === 'failed') void socket.connect();
    await clock.advance(1_000);
    await turn(world);
  }
  // After close() there is nothing to come back to.
  if (socket.state === 'closed') return;
  await probe(world);
  world.ledger.checkPromises(transport.links);
}

/** A message of the server arrives. It may be lost to a planned reconnect, but not three times. */
async function probe(world: World): Promise<void> {
  for (let round = 0; round < 3; round++) {
    world.serverSends();
    await world.clock.advance(300);
    if (world.heardLast) return;
  }
  throw new Error(
    `All is well, and no message of the server arrives: the client is ${world.socket.state}`,
  );
}

async function finish(world: World, promised: Promised): Promise<void> {
  const { socket, clock, transport, ledger, grammar } = world;
  void socket.close();
  await clock.advance(2_000);
  await turn(world);
  if (socket.state !== 'closed') throw new Error(`close() led to ${socket.state}`);
  grammar.end();
  ledger.checkPromises(transport.links);
  await ledger.checkSettled();
  for (const { what, promise } of promised) {
    let isSettled = false;
    const note = (): void => void (isSettled = true);
    promise.then(note, note);
    await settle(4);
    if (!isSettled) throw new Error(`The promise of ${what} never settled`);
  }
}
