import { spendToken } from './budget.js';
import type { MachineConfig } from './config.js';
import type { Step } from './effect.js';
import { answer, beat, forget, overdue } from './heartbeat.js';
import type { Fired, Input } from './input.js';
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
import type { In, State } from './state.js';

/**
 * Decides what happens next, and does none of it: no clock, no dice, no I/O.
 *
 * @param state Where the client is. Never mutated.
 * @param input News of a socket from another epoch than the state's is stale, and ignored.
 * @returns The next state, and the effects to carry out in order. An input that means nothing in
 * this phase returns the very same state and no effects: facts race, so a fact is never an error.
 */
export function transition(state: State, input: Input, config: MachineConfig): Step {
  if ('epoch' in input && input.epoch !== state.epoch) return [state, []];
  const step = fromPhase(state, input, config);
  const [next, effects] = step;
  if (next.epoch === state.epoch || !('nowMs' in input)) return step;
  // Another socket: whoever asked for it, it is paid for here.
  const { maxPerMinute } = config.backoff;
  return [
    { ...next, paidUntilMs: spendToken(state.paidUntilMs, input.nowMs, maxPerMinute) },
    effects,
  ];
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
      return beginLife(state, config);
    case 'user.close':
      if (state.phase === 'idle') return endLife(state, 'closed', input);
      // It is over already. What a failed client still keeps for another try goes now.
      return [state, [{ type: 'outbox.drop' }]];
    default:
      return [state, []];
  }
}

function fromConnecting(state: In<'connecting'>, input: Input, config: MachineConfig): Step {
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

function fromConnected(state: In<'connected'>, input: Input, config: MachineConfig): Step {
  switch (input.type) {
    case 'transport.ended':
      return lose(state, input, config);
    case 'pong.received':
      return answer(state, input);
    case 'ping.failed':
      return forget(state);
    case 'timer.fired':
      return whileConnected(state, input, config);
    case 'user.reconnect':
      return replace(state, 'reconnect', input.nowMs, config);
    case 'user.close':
      return close(state, input.code, input.reason, config);
    default:
      return [state, []];
  }
}

function whileConnected(state: In<'connected'>, fired: Fired, config: MachineConfig): Step {
  if (fired.timer === 'stable') return [{ ...state, attempt: 0, credentials: 'trusted' }, []];
  if (fired.timer === 'age') return replace(state, 'max_age', fired.nowMs, config);
  if (config.heartbeat === null) return [state, []];
  if (fired.timer === 'heartbeat') return beat(state, fired, config.heartbeat);
  if (fired.timer === 'pong') return overdue(state, fired, config.heartbeat);
  return [state, []];
}

function fromBackingOff(state: In<'backing_off'>, input: Input, config: MachineConfig): Step {
  switch (input.type) {
    case 'timer.fired':
      if (input.timer !== 'backoff') return [state, []];
      return attempt(state, 'backoff_elapsed', config);
    case 'user.reconnect':
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
      return beginInstead(state, config);
    default:
      return [state, []];
  }
}

function assertNever(value: never): never {
  throw new TypeError(`Unexpected: ${JSON.stringify(value)}`);
}
