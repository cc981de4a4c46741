/**
 * The state machine as a document, made by running it: every state × every input. `state-table.test.ts`
 * compares it with docs/state-machine.md.
 */
import { format } from 'prettier';
import type { MachineConfig } from '../packages/core/src/machine/config.ts';
import type { Effect, TimerName } from '../packages/core/src/machine/effect.ts';
import type { End, Input, Override } from '../packages/core/src/machine/input.ts';
import { initialState, type State } from '../packages/core/src/machine/state.ts';
import type { Signal } from '../packages/core/src/events.ts';
import { transition } from '../packages/core/src/machine/transition.ts';

const CONFIG: MachineConfig = {
  backoff: {
    baseMs: 1_000,
    multiplier: 2,
    capMs: 60_000,
    jitter: true,
    maxAttempts: 3,
    resetAfterMs: 60_000,
    maxPerMinute: 60,
  },
  canRefresh: true,
  heartbeat: { intervalMs: 30_000, timeoutMs: 10_000 },
  connectTimeoutMs: 10_000,
  closeTimeoutMs: 5_000,
  maxConnectionAgeMs: 3_600_000,
  replays: true,
  isOrdered: false,
};

const EPOCH = 7;
const shared = { ...initialState(1), epoch: EPOCH, newest: EPOCH, uri: 'wss://example.com/' };
const lived = { ...shared, connections: 1 };
/** Thirty attempts were made in the second before. */
const spent = { paidUntilMs: 59_064 };
const ping = { sentAtMs: 0, heardBefore: 5, excused: false, isProbe: false };
const connected = {
  ...lived,
  phase: 'connected',
  ping: null,
  openedAtMs: 0,
  heardBefore: 5,
  canPing: true,
  probedAtMs: -60_000,
  successor: null,
  ageCause: 'max_age',
  failedSuccessors: 0,
} as const;
const successor = {
  epoch: EPOCH + 1,
  cause: 'max_age',
  uri: 'wss://example.com/',
  place: 'opening',
  protocol: '',
  canPing: true,
} as const;
const replaced = { ...connected, newest: EPOCH + 1 };
const waiting = {
  ...lived,
  attempt: 1,
  phase: 'backing_off',
  notBeforeMs: Number.NEGATIVE_INFINITY,
} as const;

/** Every phase, and what within one decides differently. */
const STATES: readonly (readonly [title: string, state: State])[] = [
  ['idle', { ...initialState(1), phase: 'idle' }],
  [
    'connecting, the address is asked for',
    { ...shared, phase: 'connecting', announced: false, isHeld: false },
  ],
  [
    'connecting, held back: no attempt left in this minute',
    { ...shared, ...spent, phase: 'connecting', announced: false, isHeld: true },
  ],
  [
    'connecting, a socket is opened',
    { ...shared, phase: 'connecting', announced: true, isHeld: false },
  ],
  [
    'connecting again, after a connection',
    { ...lived, attempt: 1, phase: 'connecting', announced: true, isHeld: false },
  ],
  [
    'connecting, the last attempt',
    { ...shared, attempt: 3, phase: 'connecting', announced: true, isHeld: false },
  ],
  ['connected', connected],
  ['connected with renewed credentials', { ...connected, attempt: 1, credentials: 'renewed' }],
  [
    'connected with renewed credentials, for 20 s, and something was heard',
    { ...connected, attempt: 1, credentials: 'renewed', openedAtMs: -19_000, heardBefore: 0 },
  ],
  ['connected, no attempt left in this minute', { ...connected, ...spent }],
  ['connected, a heartbeat is not answered yet', { ...connected, ping }],
  [
    'connected, where nothing can be asked, and silent since a pause',
    { ...connected, canPing: false, ping: { ...ping, isProbe: true } },
  ],
  ['connected, a successor is opened', { ...replaced, successor }],
  [
    'connected, the successor is open and the old socket is heard to its end',
    { ...replaced, successor: { ...successor, place: 'open' } },
  ],
  ['backing_off', waiting],
  ['backing_off, no attempt left in this minute', { ...waiting, ...spent }],
  [
    'backing_off, without a network',
    { ...waiting, surroundings: { ...waiting.surroundings, isOnline: false } },
  ],
  [
    'backing_off, on a page that was left',
    { ...waiting, surroundings: { ...waiting.surroundings, page: 'stored' } },
  ],
  ['closing', { ...lived, phase: 'closing', code: 1000, reason: 'bye' }],
  ['closed', { ...lived, phase: 'closed' }],
  ['failed', { ...lived, phase: 'failed' }],
];

const LOST: End = { cause: 'connection_lost', code: 1006, reason: '', wasClean: false };
const ended = (end: End, override?: Override, epoch: number = EPOCH): Input => ({
  type: 'transport.ended',
  epoch,
  nowMs: 1_000,
  end,
  override,
  heard: 5,
});
const fired = (timer: TimerName, heard = 5, lateMs = 0): Input => ({
  type: 'timer.fired',
  timer,
  nowMs: 1_000,
  lateMs,
  heard,
});
const raised = (signal: Signal): readonly [string, Input] => [
  `signal.raised: ${signal}`,
  { type: 'signal.raised', signal, nowMs: 1_000, heard: 5 },
];
const byServer = (code: number, reason = ''): End => ({
  cause: 'closed_by_server',
  code,
  reason,
  wasClean: true,
});

const SIGNALS = [
  ...(['online', 'offline', 'hidden', 'visible', 'frozen', 'resumed'] as const),
  ...(['stored', 'restored'] as const),
];

/** Every input, and what within one decides differently. */
const INPUTS: readonly (readonly [title: string, input: Input])[] = [
  ['user.connect', { type: 'user.connect', nowMs: 1_000 }],
  ['user.reconnect', { type: 'user.reconnect', nowMs: 1_000, heard: 5 }],
  ['user.close', { type: 'user.close', code: 1000, reason: 'bye', cause: 'close' }],
  ['user.close by a signal', { type: 'user.close', code: 1000, reason: '', cause: 'aborted' }],
  ['attempt.prepared', { type: 'attempt.prepared', epoch: EPOCH, uri: 'wss://example.com/' }],
  [
    'transport.opened',
    { type: 'transport.opened', epoch: EPOCH, nowMs: 1_000, protocol: '', canPing: true, heard: 5 },
  ],
  ['transport.ended: lost, 1006', ended(LOST)],
  ['transport.ended: closed by the server, 1001', ended(byServer(1001))],
  ['transport.ended: 1013, retry-after=30', ended(byServer(1013, 'retry-after=30'))],
  ['transport.ended: closed by the server, 4401', ended(byServer(4401))],
  ['transport.ended: 1006, the user says no', ended(LOST, false)],
  ['transport.ended: 1000, the user says no', ended(byServer(1000), false)],
  ['transport.ended: 4401, the user says in 50 ms', ended(byServer(4401), { delayMs: 50 })],
  ['transport.ended: HTTP status 401', ended({ ...LOST, cause: 'rejected', httpStatus: 401 })],
  [
    'transport.ended: HTTP status 503, Retry-After: 5',
    ended({ ...LOST, cause: 'rejected', httpStatus: 503, retryAfterMs: 5_000 }),
  ],
  ['transport.ended: of an older epoch', ended(LOST, undefined, EPOCH - 1)],
  [
    'attempt.prepared: the successor',
    { type: 'attempt.prepared', epoch: EPOCH + 1, uri: 'wss://example.com/' },
  ],
  [
    'transport.opened: the successor',
    {
      type: 'transport.opened',
      epoch: EPOCH + 1,
      nowMs: 1_000,
      protocol: '',
      canPing: true,
      heard: 5,
    },
  ],
  [
    'transport.ended: the successor',
    ended({ ...LOST, cause: 'connect_failed' }, undefined, EPOCH + 1),
  ],
  ['server.leaving', { type: 'server.leaving', epoch: EPOCH, withinMs: 10_000 }],
  ...SIGNALS.map(raised),
  ['pong.received', { type: 'pong.received', epoch: EPOCH, nowMs: 1_000, payload: '' }],
  ['ping.failed', { type: 'ping.failed', epoch: EPOCH }],
  ['timer.fired: connect', fired('connect')],
  ['timer.fired: backoff', fired('backoff')],
  ['timer.fired: heartbeat', fired('heartbeat')],
  ['timer.fired: heartbeat, 3 s late', fired('heartbeat', 5, 3_000)],
  ['timer.fired: pong', fired('pong')],
  ['timer.fired: pong, but something was heard', fired('pong', 6)],
  ['timer.fired: pong, 3 s late', fired('pong', 5, 3_000)],
  ['timer.fired: stable', fired('stable')],
  ['timer.fired: age', fired('age')],
  ['timer.fired: close', fired('close')],
];

const HEAD = `# The state machine

What follows was made by running \`transition\` (packages/core/src/machine) with every state and every
input, and a test compares it with what the code does. Effects are carried out from left to right; events are
**bold**. Times are in milliseconds, drawn from seed 1 where they are random.

\`\`\`mermaid
stateDiagram-v2
  [*] --> idle
  idle --> connecting: connect
  connecting --> connected: opened
  connecting --> backing_off: the attempt failed
  connecting --> failed: fatal, exhausted
  connecting --> closed: close
  connected --> backing_off: the connection ended
  connected --> connected: handover, as by max age
  connected --> connecting: reconnect
  connected --> backing_off: the page was left
  connected --> closing: close
  connected --> closed: normal end, not to be retried
  connected --> failed: fatal, exhausted
  backing_off --> connecting: backoff elapsed, reconnect, online, the page is back
  backing_off --> closed: close
  closing --> closed: answered, or timer
  closing --> connecting: connect, reconnect
  idle --> closed: close
  closed --> connecting: connect
  failed --> connecting: connect
\`\`\`

An input that a state does not name means nothing there: the state stays the very same, and nothing is
done. News of an older epoch, a socket that was let go of, is always such.
`;

/** The whole document. */
export async function stateTable(): Promise<string> {
  const sections = STATES.map(([title, state]) => section(title, state));
  const legend = `The configuration: \`${spaced(CONFIG)}\`.`;
  return format([HEAD, legend, ...sections].join('\n\n'), {
    parser: 'markdown',
    printWidth: 100,
    proseWrap: 'preserve',
  });
}

/** Every step from one state, as rows of [input, next state, effects]; used by tests as well. */
export function stepsFrom(
  state: State,
): { input: string; next: State; effects: readonly Effect[] }[] {
  return INPUTS.map(([input, given]) => {
    const [next, effects] = transition(Object.freeze({ ...state }), given, CONFIG);
    return { input, next, effects };
  });
}

/** Every state that the table has. */
export const states: readonly State[] = STATES.map(([, state]) => state);

function section(title: string, state: State): string {
  const steps = stepsFrom(state).map(({ input, next, effects }) => {
    const isIgnored = effects.length === 0 && JSON.stringify(next) === JSON.stringify(state);
    return {
      input,
      isIgnored,
      row: `| ${input} | ${difference(state, next)} | ${list(effects)} |`,
    };
  });
  const rows = steps.filter(({ isIgnored }) => !isIgnored).map(({ row }) => row);
  return [`## ${title}`, '', '| input | state | effects |', '| --- | --- | --- |', ...rows].join(
    '\n',
  );
}

/** Said otherwise, or of no interest to a reader. */
const UNSAID: readonly string[] = [
  'phase',
  'surroundings',
  'newest',
  'hiddenAtMs',
  'attemptedAtMs',
  'openedAtMs',
  'heardBefore',
];

/** The next phase, and what else is different in it. */
function difference(from: State, to: State): string {
  const before: Record<string, unknown> = { ...from, ...from.surroundings };
  const changes = Object.entries({ ...to, ...to.surroundings })
    .filter(([key]) => !UNSAID.includes(key) && key in before)
    .filter(([key, value]) => JSON.stringify(before[key]) !== JSON.stringify(value))
    .map(([key, value]) => (key === 'seed' ? 'seed' : `${key} ${spaced(value)}`));
  const phase = from.phase === to.phase ? '·' : to.phase;
  return changes.length === 0 ? phase : `${phase} (${changes.join(', ')})`;
}

const list = (effects: readonly Effect[]): string =>
  effects.length === 0 ? 'none' : effects.map(tell).join('; ');

function tell(effect: Effect): string {
  switch (effect.type) {
    case 'emit': {
      const { type, ...fields } = effect.event;
      return `**${type}** ${values(fields)}`.trim();
    }
    case 'report':
      return `**error** ${effect.report.code}${effect.report.fatal ? ', fatal' : ''}`;
    default: {
      const { type, ...fields } = effect;
      return `${type} ${values(fields)}`.trim();
    }
  }
}

/** Fields as `name value`, but for what is the same everywhere. */
function values(fields: object): string {
  return Object.entries(fields)
    .filter(([name]) => name !== 'uri' && name !== 'protocol')
    .map(([name, value]) => `${name} ${String(value === '' ? "''" : value)}`)
    .join(', ');
}

/** With room for a line to end: a column is as wide as its longest word. */
function spaced(value: unknown): string {
  return JSON.stringify(value, null, 1)?.replaceAll(/\n\s*/g, ' ') ?? 'undefined';
}
