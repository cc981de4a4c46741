import { spendToken } from './budget.js';
import type { MachineConfig } from './config.js';
import { proven } from './credentials.js';
import type { Step } from './effect.js';
import {
  addressSuccessor,
  endPredecessor,
  handOver,
  loseSuccessor,
  openSuccessor,
} from './handover.js';
import { answer, beat, forget, LATE_MS, overdue, probe } from './heartbeat.js';
import type { End, Fired, Input } from './input.js';
import {
  announce,
  attempt,
  beginInstead,
  beginLife,
  close,
  endLife,
  fail,
  finish,
  hurry,
  lose,
  open,
  replace,
  startOver,
} from './moves.js';
import { setTimer } from './orders.js';
import { nextRandom } from './random.js';
import { hear } from './signal.js';
import type { In, State } from './state.js';
import { attempted } from './surroundings.js';

/**
 * Decides what happens next, and does none of it: no clock, no dice, no I/O.
 *
 * @param state Where the client is. Never mutated.
 * @param input News of a socket from another epoch than the state's is stale, and ignored.
 * @returns The next state, and the effects to carry out in order. An input that means nothing in
 * this phase returns the very same state and no effects: facts race, so a fact is never an error.
 */
export function transition(state: State, input: Input, config: MachineConfig): Step {
  const step = fromSource(proven(state, input, config), input, config);
  const [next, effects] = step;
  if (next.newest === state.newest || !('nowMs' in input)) return step;
  // Another socket: whoever asked for it, it is paid for here.
  const { maxPerMinute } = config.backoff;
  return [
    { ...next, paidUntilMs: spendToken(state.paidUntilMs, input.nowMs, maxPerMinute) },
    effects,
  ];
}

function fromSource(state: State, input: Input, config: MachineConfig): Step {
  if (input.type === 'signal.raised') return hear(state, input, config);
  if ('epoch' in input && input.epoch !== state.epoch) return ofSuccessor(state, input, config);
  return fromPhase(state, input, config);
}

function fromPhase(state: State, input: Input, config: MachineConfig): Step {
  switch (state.phase) {
    case 'idle':
    case 'closed':
    case 'failed':
      return fromRest(state, input, config);
    case 'connecting':
      return fromConnecting(state, input, config);
    case 'connected':
      return fromConnected(state, input, config);
    case 'backing_off':
      return fromBackingOff(state, input, config);
    case 'closing':
      return fromClosing(state, input, config);
    default:
      return assertNever(state);
  }
}

// The phases, in the order of a life. Each is a table: what may come in, and what follows.

function fromRest(
  state: In<'idle' | 'closed' | 'failed'>,
  input: Input,
  config: MachineConfig,
): Step {
  switch (input.type) {
    case 'user.connect':
    case 'user.reconnect':
      return beginLife(state, input.nowMs, config);
    case 'user.close':
      if (state.phase === 'idle') return endLife(state, 'closed', input);
      // It is over already. What a failed client still keeps for another try goes now.
      return [state, [{ type: 'outbox.drop' }]];
    default:
      return [state, []];
  }
}

function fromConnecting(state: In<'connecting'>, input: Input, config: MachineConfig): Step {
  if (state.isHeld) return whileHeld(state, input, config);
  switch (input.type) {
    case 'attempt.prepared':
      return announce(state, input.uri);
    case 'transport.opened':
      return open(state, input, config);
    case 'transport.ended':
      return fail(state, input, config);
    case 'timer.fired':
      if (input.timer !== 'connect') return [state, []];
      return [state, [{ type: 'transport.abandon', epoch: state.epoch, cause: 'connect_timeout' }]];
    case 'user.reconnect':
      return startOver(state, input.nowMs, config);
    case 'user.close':
      return endLife(state, 'closed', input, [{ type: 'transport.discard' }]);
    default:
      return [state, []];
  }
}

/** There is no attempt yet: nothing is news of it. */
function whileHeld(state: In<'connecting'>, input: Input, config: MachineConfig): Step {
  if (input.type === 'user.close') return endLife(state, 'closed', input);
  const isTime = input.type === 'timer.fired' && input.timer === 'backoff';
  return isTime ? attempt(state, 'connect', config) : [state, []];
}

function fromConnected(state: In<'connected'>, input: Input, config: MachineConfig): Step {
  switch (input.type) {
    case 'transport.ended':
      if (state.successor !== null) return endPredecessor(state, state.successor, input, config);
      return lose(state, input, config);
    case 'server.leaving':
      return leave(state, input.withinMs);
    case 'pong.received':
      return answer(state, input);
    case 'ping.failed':
      return forget(state);
    case 'timer.fired':
      return whileConnected(state, input, config);
    case 'user.reconnect':
      return replace(state, input.nowMs, config);
    case 'user.close':
      return close(state, input.code, input.reason, config);
    default:
      return [state, []];
  }
}

function whileConnected(state: In<'connected'>, fired: Fired, config: MachineConfig): Step {
  const { heartbeat } = config;
  switch (fired.timer) {
    case 'stable':
      return pausedBefore({ ...state, attempt: 0, credentials: 'trusted' }, fired, config);
    case 'age':
      return handOver(state, state.ageCause, fired.nowMs, config);
    case 'connect':
      if (state.successor?.place !== 'opening') return [state, []];
      return loseSuccessor(state, state.successor, { end: TIMEOUT, heard: fired.heard }, config);
    case 'close':
      if (state.successor === null) return [state, []];
      return [state, [{ type: 'transport.abandon', epoch: state.epoch, cause: 'max_age' }]];
    case 'heartbeat':
      return heartbeat === null ? [state, []] : beat(state, fired, heartbeat);
    case 'pong':
      return heartbeat === null ? [state, []] : overdue(state, fired, heartbeat, config);
    default:
      return [state, []];
  }
}

/** Any timer that fires late tells of a pause. That of the heartbeat asks anyway. */
function pausedBefore(state: In<'connected'>, fired: Fired, config: MachineConfig): Step {
  if (fired.lateMs <= LATE_MS) return [state, []];
  return probe(state, fired, state.surroundings.page === 'shown', config.heartbeat);
}

/** Of a socket that is neither the newest nor to follow on it, nothing is news. */
function ofSuccessor(state: State, input: Input, config: MachineConfig): Step {
  const successor = state.phase === 'connected' ? state.successor : null;
  if (state.phase !== 'connected' || successor === null) return [state, []];
  if (!('epoch' in input) || input.epoch !== successor.epoch) return [state, []];
  switch (input.type) {
    case 'attempt.prepared':
      return addressSuccessor(state, successor, input.uri);
    case 'transport.opened':
      return openSuccessor(state, successor, input, config);
    case 'transport.ended':
      return loseSuccessor(state, successor, input, config);
    default:
      return [state, []];
  }
}

/** The server is about to go. Those whom it told do not all come at the same moment. */
function leave(state: In<'connected'>, withinMs: number): Step {
  const [random, seed] = nextRandom(state.seed);
  return [
    { ...state, seed, ageCause: 'server_leaving' },
    [setTimer('age', Math.round(random * withinMs))],
  ];
}

/** An attempt that was not answered in time. */
const TIMEOUT: End = { cause: 'connect_timeout', code: 1006, reason: '', wasClean: false };

function fromBackingOff(state: In<'backing_off'>, input: Input, config: MachineConfig): Step {
  switch (input.type) {
    case 'timer.fired':
      if (input.timer !== 'backoff' || state.surroundings.page === 'stored') return [state, []];
      return attempt(attempted(state, input.nowMs), 'backoff_elapsed', config);
    case 'user.reconnect':
      // On a page that is stored nothing runs. It connects when it is back.
      if (state.surroundings.page === 'stored') return [state, []];
      return hurry(state, 'reconnect', input.nowMs, config);
    case 'user.close':
      return endLife(state, 'closed', input);
    default:
      return [state, []];
  }
}

function fromClosing(state: In<'closing'>, input: Input, config: MachineConfig): Step {
  switch (input.type) {
    case 'transport.ended':
      return finish(state, input.end);
    case 'timer.fired':
      if (input.timer !== 'close') return [state, []];
      return [state, [{ type: 'transport.abandon', epoch: state.epoch, cause: 'close' }]];
    case 'user.connect':
    case 'user.reconnect':
      return beginInstead(state, input.nowMs, config);
    default:
      return [state, []];
  }
}

function assertNever(value: never): never {
  throw new TypeError(`Unexpected: ${JSON.stringify(value)}`);
}
