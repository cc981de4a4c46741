import type { HeartbeatConfig, MachineConfig } from './config.js';
import type { Effect, Step } from './effect.js';
import { handOver } from './handover.js';
import type { Fired, Pong } from './input.js';
import { pong as answered, setTimer } from './orders.js';
import type { In, Ping } from './state.js';

/** A timer later than this means that the machine slept or was throttled: judge nothing by it. */
export const LATE_MS = 2_000;

/** After such a pause the socket is not trusted: its answer must come within this. */
export const PROBE_MS = 2_500;

/** No two probes within this: 10,000 flaps a second make one a second. */
const PROBE_EVERY_MS = 1_000;

/** The interval is over: ask whether the server is still there. */
export function beat(state: In<'connected'>, fired: Fired, config: HeartbeatConfig): Step {
  const again = setTimer('heartbeat', config.intervalMs);
  const isLate = fired.lateMs > LATE_MS;
  // The timers of a hidden page are late as a rule. That is no pause.
  const isPause = isLate && state.surroundings.page === 'shown';
  if (!state.canPing && !isPause) return [state, [again]];
  // One question at a time, or a late answer would be measured against the wrong one.
  if (state.ping !== null || isSucceeded(state)) return [state, [again]];
  const [next, effects] = ask(state, fired, isLate, config);
  return [next, [again, ...effects]];
}

/**
 * There was a pause: do not trust the socket until something was heard on it.
 *
 * @param wasAway Whether that is also said of a socket on which nothing can be asked: its silence proves little.
 */
export function probe(
  state: In<'connected'>,
  moment: Pick<Fired, 'nowMs' | 'heard'>,
  wasAway: boolean,
  config: HeartbeatConfig | null,
): Step {
  if (config === null || isSucceeded(state) || state.ping?.isProbe === true) return [state, []];
  if (!state.canPing && !wasAway) return [state, []];
  const inMs = state.probedAtMs + PROBE_EVERY_MS - moment.nowMs;
  if (inMs > 0) return [state, state.canPing ? [setTimer('heartbeat', inMs)] : []];
  if (state.ping === null) return ask(state, moment, true, config);
  // Asked already. Only the patience is another one.
  const ping: Ping = { ...state.ping, heardBefore: moment.heard, isProbe: true };
  return [{ ...state, ping, probedAtMs: moment.nowMs }, [setTimer('pong', probeMs(config))]];
}

/** The answer is overdue. Whatever else was heard since the question counts as life. */
export function overdue(
  state: In<'connected'>,
  fired: Fired,
  heartbeat: HeartbeatConfig,
  config: MachineConfig,
): Step {
  const { ping } = state;
  if (ping === null) return [state, []];
  if (fired.heard > ping.heardBefore) return [{ ...state, ping: null }, []];
  if (fired.lateMs > LATE_MS && !ping.excused) {
    // We slept through the deadline: what came meanwhile is read only after this. Once, though:
    // a throttled page is always late, and a dead socket must not hide behind that.
    return [{ ...state, ping: { ...ping, excused: true } }, [setTimer('pong', probeMs(heartbeat))]];
  }
  // Nothing was asked, so the silence proves nothing: another connection is opened before this one is closed.
  if (!state.canPing) return handOver(state, 'unproven', fired.nowMs, config);
  return [state, [{ type: 'transport.abandon', epoch: state.epoch, cause: 'pong_timeout' }]];
}

/** The answer came. One that nobody waits for is life, which was counted already, and no more. */
export function answer(state: In<'connected'>, pong: Pong): Step {
  if (state.ping === null) return [state, []];
  const latencyMs = Math.max(0, pong.nowMs - state.ping.sentAtMs);
  return [
    { ...state, ping: null },
    [{ type: 'timer.clear', timer: 'pong' }, answered(latencyMs, pong.payload)],
  ];
}

/** Nothing was asked after all, so no answer is awaited. */
export function forget(state: In<'connected'>): Step {
  return [{ ...state, ping: null }, [{ type: 'timer.clear', timer: 'pong' }]];
}

function ask(
  state: In<'connected'>,
  { nowMs, heard }: Pick<Fired, 'nowMs' | 'heard'>,
  isProbe: boolean,
  config: HeartbeatConfig,
): Step {
  const ping: Ping = { sentAtMs: nowMs, heardBefore: heard, excused: false, isProbe };
  // The deadline first: should sending find the socket dead, it is running already.
  const effects: Effect[] = [setTimer('pong', isProbe ? probeMs(config) : config.timeoutMs)];
  if (state.canPing) effects.push({ type: 'heartbeat.send' });
  return [{ ...state, ping, probedAtMs: isProbe ? nowMs : state.probedAtMs }, effects];
}

/** Its successor is open: nothing is asked of it any more. */
const isSucceeded = ({ successor }: In<'connected'>): boolean =>
  successor !== null && successor.place !== 'opening';

const probeMs = (config: HeartbeatConfig): number => Math.min(config.timeoutMs, PROBE_MS);
