import type { EventName, Signal } from '@jetsocket/core';
import type { HandlerAction, Step } from './schedule.js';
import type { World } from './world.js';

/** What is asked of the client, and has to be answered in the end. */
export type Promised = { readonly what: string; readonly promise: Promise<unknown> }[];

/** Makes one thing happen, at once. */
export function perform(
  world: World,
  step: Exclude<Step, { type: 'advance' }>,
  promised: Promised,
): void {
  const { clock, transport, link } = world;
  switch (step.type) {
    case 'send':
      return repeat(step.count, () => world.send(step.padding));
    case 'connect':
    case 'reconnect':
    case 'close':
      return order(world, step.type, promised);
    case 'handle':
      return handle(world, step.event, step.action, promised);
    case 'server_send':
      return repeat(step.count, () => world.serverSends());
    case 'server_close':
      return link?.closeFromServer(step.code, step.reason, { readsOn: step.readsOn });
    case 'kill':
      return link?.cut();
    case 'stall':
      return link?.stall();
    case 'refuse':
      return transport.refuse(step.count, { httpStatus: step.httpStatus });
    case 'hang':
      return transport.hang(step.count);
    case 'throw_on_open':
      return transport.throwOnOpen(1);
    case 'slow_provider':
      world.providerMs = step.ms;
      return;
    case 'failing_provider':
      world.providerFailures = step.count;
      return;
    case 'block':
      return link?.block();
    case 'release':
      return link?.release();
    case 'lag':
      transport.latencyMs = step.ms;
      return;
    case 'mute_pongs':
      transport.answersPings = false;
      return;
    case 'haunt':
      return haunt(world);
    case 'sleep':
      return clock.sleep(step.ms, { monotonic: step.monotonic });
    case 'jump_wall_clock':
      return clock.jumpWallClock(step.ms);
    case 'signal':
      return raise(world, step.signal, step.count);
    case 'heal':
      return heal(world);
  }
}

/** The network and the server are well again. What is half-open stays so, and the client has to find out. */
export function heal(world: World, latencyMs: number = 10): void {
  const { transport } = world;
  transport.heal();
  transport.answersPings = true;
  transport.latencyMs = latencyMs;
  world.providerMs = 0;
  world.providerFailures = 0;
  for (const link of transport.links) link.release();
  world.signals.raise('restored');
  world.signals.raise('online');
}

const OPPOSITES: Readonly<Record<Signal, Signal>> = {
  online: 'offline',
  offline: 'online',
  hidden: 'visible',
  visible: 'hidden',
  frozen: 'resumed',
  resumed: 'frozen',
  stored: 'restored',
  restored: 'stored',
};

function raise({ signals }: World, signal: Signal, count: number): void {
  for (let turn = 1; turn < count; turn++) {
    signals.raise(signal);
    signals.raise(OPPOSITES[signal]);
  }
  signals.raise(signal);
}

function order(world: World, type: 'connect' | 'reconnect' | 'close', promised: Promised): void {
  const { socket } = world;
  if (type === 'reconnect') return socket.reconnect();
  if (type === 'close') world.ledger.noteClose();
  const promise = type === 'connect' ? socket.connect() : socket.close();
  promise.catch(() => undefined);
  promised.push({ what: `${type}() at ${world.clock.now()} ms`, promise });
}

function handle(world: World, event: EventName, action: HandlerAction, promised: Promised): void {
  const remove = world.socket.once(event, () => {
    world.handlersDue++;
    if (action === 'throw') throw new Error('A handler was told to throw');
    if (action === 'reject') return Promise.reject(new Error('A handler was told to reject'));
    world.watch(() => (action === 'send' ? world.send(0) : order(world, action, promised)));
    return undefined;
  });
  const removeNext = world.socket.once(event, () => void world.handlersDue--);
  world.handlers.push(remove, removeNext);
}

/** A link that is over says all that a link can say. Nobody may listen. */
function haunt(world: World): void {
  const { socket, log, transport } = world;
  const before = `${socket.state} after ${log.length} events`;
  for (const link of transport.links) {
    if (!link.isOver) continue;
    link.haunt((listener) => {
      listener.onOpen('');
      listener.onMessage('{"serial":1000000}');
      listener.onPong('');
      listener.onClose({ code: 1000, reason: 'from beyond', wasClean: true });
    });
  }
  const after = `${socket.state} after ${log.length} events`;
  if (after !== before) throw new Error(`News of an old link was heard: ${before}, then ${after}`);
}

function repeat(count: number, run: () => void): void {
  for (let turn = 0; turn < count; turn++) run();
}
