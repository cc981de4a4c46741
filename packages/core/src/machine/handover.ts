/**
 * Make before break: a connection that follows on an open one, which is kept until it does.
 *
 * ```
 *   opening -- opened --> open -- the old one has ended --> installed
 * ```
 *
 * In a session a successor is installed as soon as it is open. Else the old socket is closed first, and heard until
 * its end: what was sent on it has arrived by then, and what comes on it comes before what comes on the new one.
 */
import type { Cause } from '../events.js';
import { backoffDelay } from './backoff.js';
import { waitForToken } from './budget.js';
import { retryHint } from './close-code.js';
import type { MachineConfig } from './config.js';
import { credentialsAfter } from './credentials.js';
import type { Effect, Step } from './effect.js';
import type { End, Ended, Opened } from './input.js';
import { enter, lose, open } from './moves.js';
import { change, connecting, disconnected, reconnecting, report, setTimer } from './orders.js';
import { decide } from './retry.js';
import type { In, State, Successor } from './state.js';

/** A successor that came to nothing is not tried again sooner than this. */
const AGAIN_MS = 1_000;

/** How long a socket may take to close on which nothing was heard. */
const UNPROVEN_MS = 2_500;

/** Begins to open another connection. The one that there is goes on. */
export function handOver(
  state: In<'connected'>,
  cause: Cause,
  nowMs: number,
  config: MachineConfig,
): Step {
  if (state.successor !== null) return [state, []];
  const tokenMs = waitForToken(state.paidUntilMs, nowMs, config.backoff.maxPerMinute);
  if (tokenMs > 0) return [{ ...state, ageCause: cause }, [setTimer('age', tokenMs)]];
  const epoch = state.newest + 1;
  const successor: Successor = {
    epoch,
    cause,
    uri: null,
    place: 'opening',
    protocol: '',
    canPing: false,
  };
  return [
    { ...state, newest: epoch, successor },
    [
      setTimer('connect', config.connectTimeoutMs),
      {
        type: 'successor.prepare',
        epoch,
        attempt: state.attempt,
        unauthorized: state.credentials === 'refused',
      },
    ],
  ];
}

export function addressSuccessor(state: In<'connected'>, successor: Successor, uri: string): Step {
  if (successor.uri !== null) return [state, []];
  return [
    { ...state, successor: { ...successor, uri } },
    [{ type: 'transport.open', epoch: successor.epoch }],
  ];
}

/** It is usable. */
export function openSuccessor(
  state: In<'connected'>,
  successor: Successor,
  { nowMs, protocol, canPing, heard }: Opened,
  config: MachineConfig,
): Step {
  const opened: Successor = { ...successor, place: 'open', protocol, canPing };
  if (config.isOrdered) return install(state, opened, { nowMs, heard }, config);
  const isUnproven = successor.cause === 'unproven';
  const patienceMs = isUnproven
    ? Math.min(config.closeTimeoutMs, UNPROVEN_MS)
    : config.closeTimeoutMs;
  return [
    { ...state, successor: opened, ping: null },
    [
      { type: 'timers.clear' },
      setTimer('close', patienceMs),
      // What is sent from now on waits: on the new one it would overtake what is on its way on the old one.
      { type: 'outbox.shut' },
      { type: 'transport.close', code: 1000, reason: '' },
    ],
  ];
}

const SHUT: Effect = { type: 'outbox.shut' };

/** It takes over. To the outside all of it happens now, and takes no time. */
export function install(
  state: In<'connected'>,
  successor: Successor,
  { nowMs, heard }: Pick<Opened, 'nowMs' | 'heard'>,
  config: MachineConfig,
): Step {
  const { cause, protocol, canPing } = successor;
  const end: End = { cause, code: 1000, reason: '', wasClean: true };
  const next: State = {
    ...state,
    epoch: successor.epoch,
    uri: successor.uri ?? '',
    attempt: 1,
    lostAtMs: nowMs,
  };
  const told = [disconnected(state, end, true), reconnecting(1, 0, cause), connecting(next)];
  const [opened, effects] = open(next, { nowMs, protocol, canPing, heard }, config, told);
  return [
    opened,
    [
      // Otherwise it is shut already, and what was sent since waits there.
      ...(config.isOrdered ? [SHUT] : []),
      { type: 'successor.install' },
      ...effects,
      { type: 'successor.release' },
    ],
  ];
}

/** It came to nothing. The old connection goes on, unless it is closed already. */
export function loseSuccessor(
  state: In<'connected'>,
  successor: Successor,
  { end, heard }: Pick<Ended, 'end' | 'heard'>,
  config: MachineConfig,
): Step {
  if (successor.place !== 'opening') {
    // What the old one has still to say is heard; its end is that of both.
    return [{ ...state, successor: { ...successor, place: 'gone' } }, [report(end, false)]];
  }
  const { ping, failedSuccessors } = state;
  const letGo: Effect[] = [
    { type: 'timer.clear', timer: 'connect' },
    // While its secrets are known, so that no text has them.
    report(end, false),
    { type: 'successor.discard' },
  ];
  // A question that is out has to be answered all the same. A silence was watched for this.
  const kept: State = {
    ...state,
    credentials: credentialsAfter(state, end),
    successor: null,
    ping: state.canPing ? ping : null,
  };
  // There is neither sign of life nor another way to the server, and it was not the server who refused.
  const isDead = successor.cause === 'unproven' && ping !== null && heard === ping.heardBefore;
  if (isDead && end.httpStatus === undefined) {
    return [
      { ...kept, ping },
      [...letGo, { type: 'transport.abandon', epoch: state.epoch, cause: 'connection_lost' }],
    ];
  }
  const [waitMs, seed] = backoffDelay(failedSuccessors + 1, state.seed, config.backoff);
  const again = setTimer('age', Math.max(AGAIN_MS, waitMs));
  const next = { ...kept, seed, ageCause: successor.cause, failedSuccessors: failedSuccessors + 1 };
  return [next, [...letGo, again]];
}

/** The old connection has ended, and there is a successor. */
export function endPredecessor(
  state: In<'connected'>,
  successor: Successor,
  input: Ended,
  config: MachineConfig,
): Step {
  switch (successor.place) {
    case 'open':
      return install(state, successor, input, config);
    case 'gone':
      return lose(state, { ...input, end: { ...input.end, cause: successor.cause } }, config);
    case 'opening':
      return isNext(state, input, config)
        ? promote(state, successor, input, config)
        : lose(state, input, config);
  }
}

/** Whether an attempt is to follow on this end, and none of those who have a say in it named a time. */
const isNext = (state: State, input: Ended, config: MachineConfig): boolean =>
  input.end.endsSession !== true &&
  decide(state, input, config).retry &&
  retryHint(input.end) === undefined &&
  typeof input.override !== 'object';

/** The old connection is lost, and the attempt that follows on it is on its way already. */
function promote(
  state: In<'connected'>,
  successor: Successor,
  { end, nowMs }: Ended,
  config: MachineConfig,
): Step {
  const { epoch, uri } = successor;
  const next: State = enter(state, {
    epoch,
    uri: uri ?? '',
    attempt: 1,
    lostAtMs: nowMs,
    phase: 'connecting',
    announced: uri !== null,
    isHeld: false,
  });
  return [
    next,
    [
      { type: 'timers.clear' },
      setTimer('connect', config.connectTimeoutMs),
      { type: 'outbox.shut' },
      { type: 'successor.install' },
      ...change(state, next, end.cause),
      disconnected(state, end, true),
      reconnecting(1, 0, end.cause),
      ...(uri === null ? [] : [connecting(next)]),
      { type: 'successor.release' },
    ],
  ];
}
