/** What follows on a signal, by phase. */
import { waitForToken } from './budget.js';
import type { MachineConfig } from './config.js';
import type { Step } from './effect.js';
import { probe } from './heartbeat.js';
import type { End, Raised } from './input.js';
import { attempt, enter, withoutSuccessor } from './moves.js';
import { change, disconnected, givenUp, reconnecting, setTimer, untold } from './orders.js';
import type { In, State } from './state.js';
import { attempted, hurryAtMs, note, OFFLINE_MS, wasAway } from './surroundings.js';

/** The environment said something. */
export function hear(state: State, raised: Raised, config: MachineConfig): Step {
  switch (state.phase) {
    case 'connecting':
      if (raised.signal === 'stored') return putAttemptAside(note(state, raised));
      return [note(state, raised), []];
    case 'connected':
      if (raised.signal === 'stored') return putAside(note(state, raised), raised);
      if (!isReturn(raised)) return [note(state, raised), []];
      return probe(
        note(state, raised),
        raised,
        wasAway(state.surroundings, raised),
        config.heartbeat,
      );
    case 'backing_off':
      return whileBackingOff(state, raised, config);
    case 'closing':
      return [note(state, raised), []];
    default:
      // Nobody listens then; and after close() nothing brings a connection back.
      return [state, []];
  }
}

function whileBackingOff(before: In<'backing_off'>, raised: Raised, config: MachineConfig): Step {
  const state = note(before, raised);
  const { isOnline, page } = state.surroundings;
  if (page === 'stored') {
    const wasStored = before.surroundings.page === 'stored';
    return [state, wasStored ? [] : [{ type: 'timer.clear', timer: 'backoff' }]];
  }
  if (!isOnline) {
    const isHeld = !before.surroundings.isOnline && before.surroundings.page !== 'stored';
    return [state, isHeld ? [] : [setTimer('backoff', OFFLINE_MS)]];
  }
  return isReturn(raised) ? hurry(state, raised.nowMs, config) : [state, []];
}

/** The wait is cut short, if neither the server asked for it nor an attempt was made just now. */
function hurry(state: In<'backing_off'>, nowMs: number, config: MachineConfig): Step {
  const tokenMs = waitForToken(state.paidUntilMs, nowMs, config.backoff.maxPerMinute);
  const fromMs = Math.max(state.notBeforeMs, hurryAtMs(state.surroundings), nowMs + tokenMs);
  const inMs = fromMs - nowMs;
  if (inMs > 0) return [state, [setTimer('backoff', Math.ceil(inMs))]];
  return attempt(attempted(state, nowMs), 'returned', config);
}

/**
 * The page is left. What is open keeps some browsers from storing it, and others close it without a word: let go
 * of it in order, and wait until the page is back.
 */
function putAside(state: In<'connected'>, { nowMs }: Raised): Step {
  const end: End = { cause: 'page_hidden', code: 1000, reason: '', wasClean: true };
  const next: State = { ...waiting(state), lostAtMs: nowMs };
  return [
    next,
    [
      { type: 'timers.clear' },
      ...withoutSuccessor(state),
      { type: 'outbox.shut' },
      { type: 'transport.discard' },
      ...change(state, next, 'page_hidden'),
      disconnected(state, end, true),
      reconnecting(1, 0, 'page_hidden'),
    ],
  ];
}

function putAttemptAside(state: In<'connecting'>): Step {
  const next = waiting(state);
  return [
    next,
    [
      { type: 'timers.clear' },
      { type: 'transport.discard' },
      ...untold(state),
      givenUp('the page was left'),
      ...change(state, next, 'page_hidden'),
      reconnecting(1, 0, 'page_hidden'),
    ],
  ];
}

const waiting = (state: State): In<'backing_off'> =>
  enter(state, {
    attempt: 1,
    phase: 'backing_off',
    notBeforeMs: Number.NEGATIVE_INFINITY,
  });

const isReturn = ({ signal }: Raised): boolean =>
  signal === 'online' || signal === 'visible' || signal === 'resumed' || signal === 'restored';
