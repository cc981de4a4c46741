import type { Signal } from '@jetsocket/node';
import { seededRandom } from '@jetsocket/testing';
import { TTL_MS, World } from './world.js';

/** What a run came to. */
export interface Run {
  readonly reconnects: number;
  readonly delivered: number;
  readonly confessed: number;
}

const SIGNALS: readonly Signal[] = [
  ...(['online', 'offline', 'online', 'visible', 'resumed'] as const),
  ...(['stored', 'restored', 'restored'] as const),
];

/** One thing that happens, by the dice. */
async function step(world: World, random: () => number): Promise<void> {
  const { network, clock } = world;
  const upTo = (max: number): number => 1 + Math.floor(random() * max);
  const wire = network.live.at(-1);
  const roll = random() * 100;
  if (roll < 22) for (let count = upTo(8); count > 0; count--) world.clientSends();
  else if (roll < 43) for (let count = upTo(8); count > 0; count--) world.serverSends();
  else if (roll < 62) await clock.advance(upTo(random() < 0.5 ? 30 : 2_000));
  else if (roll < 64) world.signals.raise(SIGNALS[upTo(SIGNALS.length) - 1] ?? 'online');
  else if (roll < 74)
    wire?.cut(random() < 0.7 ? 'told' : 'silent', random() < 0.5 ? 'told' : 'silent');
  else if (roll < 78) network.isRefusing = !network.isRefusing;
  else if (roll < 83) network.latencyMs = random() < 0.7 ? upTo(40) : upTo(900);
  else if (roll < 86) world.socket.reconnect();
  else if (roll < 88) clock.jumpWallClock((random() - 0.5) * 100_000);
  else if (roll < 91)
    clock.sleep(upTo(random() < 0.8 ? 5_000 : 60_000), { monotonic: random() < 0.5 });
  else if (roll < 93) world.stale();
  else if (roll < 94) world.thief();
  else if (roll < 95) world.serverCloses();
  else if (roll < 97 && !world.owesHandling) {
    world.crash();
    await clock.advance(upTo(500));
    world.start();
  } else await clock.advance(TTL_MS + upTo(5_000));
  await clock.advance(0);
}

/**
 * One run of a client and a server, the real code of both, through everything that can go wrong between them.
 *
 * @throws {Error} When a promise is broken: which, after which step, and what the client was told.
 */
export async function simulateSession(seed: number, steps: number = 40): Promise<Run> {
  const random = seededRandom(seed);
  const world = new World(random);
  let at = 0;
  try {
    void world.socket.connect();
    for (; at < steps; at++) {
      await step(world, random);
      world.check();
    }
    const { network, clock } = world;
    network.isRefusing = false;
    network.latencyMs = 10;
    network.detourMs = () => 0;
    world.signals.raise('restored');
    world.signals.raise('online');
    for (let round = 0; round < 30; round++) {
      await clock.advance(1_000);
      world.check();
    }
    if (world.socket.state !== 'connected')
      throw new Error(`all is well, and it is ${world.socket.state}`);
    const confessed = world.checkComplete();
    void world.socket.close();
    await clock.advance(3_000);
    await world.checkOver();
    return {
      reconnects: world.reconnects,
      delivered: world.up.came.size + world.got,
      confessed,
    };
  } catch (thrown) {
    const { message } = thrown instanceof Error ? thrown : new Error(String(thrown));
    throw new Error(
      `${message}\n(seed ${seed}, step ${at}; again: pnpm simulate --seed ${seed})\n${world.log.slice(-40).join('\n')}`,
      { cause: thrown },
    );
  }
}
