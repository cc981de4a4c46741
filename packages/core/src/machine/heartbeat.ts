import type { HeartbeatConfig } from './config.js';
import type { Step } from './effect.js';
import type { Fired, Pong } from './input.js';
import { pong as answered, setTimer } from './orders.js';
import type { In, Ping } from './state.js';

/** A timer later than this means that the machine slept or was throttled: judge nothing by it. */
const LATE_MS = 2_000;

/** After such a pause the socket is not trusted: its answer must come within this. */
const PROBE_MS = 2_500;

/** The interval is over: ask whether the server is still there. */
export function beat(state: In<'connected'>, fired: Fired, config: HeartbeatConfig): Step {
  const again = setTimer('heartbeat', config.intervalMs);
  // One question at a time, or a late answer would be measured against the wrong one.
  if (state.ping !== null) return [state, [again]];
  const ping: Ping = { sentAtMs: fired.nowMs, heardBefore: fired.heard, excused: false };
  const patienceMs = fired.lateMs > LATE_MS ? probeMs(config) : config.timeoutMs;
  // The deadline first: should sending find the socket dead, it is running already.
  return [{ ...state, ping }, [again, setTimer('pong', patienceMs), { type: 'heartbeat.send' }]];
}

/** The answer is overdue. Whatever else was heard since the question counts as life. */
export function overdue(state: In<'connected'>, fired: Fired, config: HeartbeatConfig): Step {
  const { ping } = state;
  if (ping === null) return [state, []];
  if (fired.heard > ping.heardBefore) return [{ ...state, ping: null }, []];
  if (fired.lateMs > LATE_MS && !ping.excused) {
    // We slept through the deadline: what came meanwhile is read only after this. Once, though:
    // a throttled page is always late, and a dead socket must not hide behind that.
    return [{ ...state, ping: { ...ping, excused: true } }, [setTimer('pong', probeMs(config))]];
  }
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

const probeMs = (config: HeartbeatConfig): number => Math.min(config.timeoutMs, PROBE_MS);
