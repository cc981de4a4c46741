/** What a visitor can set: from the address bar, to the options of the socket, to the code shown. */
import type { Options, OverflowPolicy, ReplayMode } from 'jetsocket';
import { type FromServer, MAX_RATE, type ToServer } from '../shared/protocol.js';

/** The modes, lowest rung first, with what each promises. Those that the client gains are added here. */
export const MODES: readonly { readonly mode: ReplayMode; readonly promise: string }[] = [
  {
    mode: 'none',
    promise: 'Nothing is kept: at most once. While there is no connection, send() throws.',
  },
  {
    mode: 'full_buffer',
    promise: 'Outgoing messages outlive an outage, in order. For incoming ones, ask the server.',
  },
  {
    mode: 'sequence_id',
    promise: 'And incoming ones, from any server that numbers them: what was missed is asked for.',
  },
  {
    mode: 'session',
    promise: 'Exactly once, in order, both ways: both ends keep what the other does not have yet.',
  },
];

export const POLICIES: readonly OverflowPolicy[] = ['drop_oldest', 'drop_newest', 'error'];

interface Limits {
  readonly least: number;
  readonly most: number;
  readonly standard: number;
}

/** Numbers, whole ones. Times are in milliseconds, rates in messages a second. */
export const NUMBERS = {
  capacity: { least: 1, most: 100_000, standard: 200 },
  heartbeatMs: { least: 100, most: 60_000, standard: 2_000 },
  timeoutMs: { least: 100, most: 60_000, standard: 1_500 },
  baseMs: { least: 0, most: 60_000, standard: 500 },
  capMs: { least: 0, most: 60_000, standard: 5_000 },
  connectTimeoutMs: { least: 100, most: 60_000, standard: 3_000 },
  rateOut: { least: 0, most: MAX_RATE, standard: 4 },
  rateIn: { least: 0, most: MAX_RATE, standard: 4 },
} as const satisfies Readonly<Record<string, Limits>>;

export type NumberName = keyof typeof NUMBERS;
export const NUMBER_NAMES = Object.keys(NUMBERS) as readonly NumberName[];

export type Settings = Readonly<Record<NumberName, number>> & {
  readonly mode: ReplayMode;
  readonly policy: OverflowPolicy;
  /** The server acknowledges, and the client keeps messages until then. */
  readonly ack: boolean;
  /** The server is told the last number that came, and fills in what was missed since. */
  readonly fill: boolean;
};

type Choices = Pick<Settings, 'mode' | 'policy' | 'ack' | 'fill'>;

/** The settings that a query asks for. What is not there or not possible takes its standard. */
export function fromQuery(query: string): Settings {
  const given = new URLSearchParams(query);
  const mode = MODES.find((one) => one.mode === given.get('mode'))?.mode ?? 'full_buffer';
  const policy = POLICIES.find((one) => one === given.get('policy')) ?? 'drop_oldest';
  const isOn = (name: string): boolean => !['0', 'false'].includes(given.get(name) ?? '');
  const choices = { mode, policy, ack: isOn('ack'), fill: isOn('fill') };
  return complete(choices, (name) => given.get(name));
}

/** A query that brings these settings back: only what is not standard, so that links stay short. */
export function toQuery(settings: Settings): string {
  const query = new URLSearchParams();
  if (settings.mode !== 'full_buffer') query.set('mode', settings.mode);
  if (settings.policy !== 'drop_oldest') query.set('policy', settings.policy);
  for (const name of ['ack', 'fill'] as const) {
    if (!settings[name] && has(settings.mode, name)) query.set(name, '0');
  }
  for (const name of NUMBER_NAMES) {
    if (settings[name] !== NUMBERS[name].standard) query.set(name, String(settings[name]));
  }
  return query.toString();
}

/** Whether a mode leaves this choice to the visitor. */
export function has(mode: ReplayMode, name: 'ack' | 'fill'): boolean {
  if (name === 'fill') return mode === 'full_buffer';
  return mode === 'full_buffer' || mode === 'sequence_id';
}

/** Whether the client keeps messages until they are acknowledged. */
export const keepsUntilAcknowledged = ({ ack, mode }: Settings): boolean =>
  ack || mode === 'session';

/** Settings from choices and from texts for the numbers. */
export function complete(
  { mode, policy, ack, fill }: Choices,
  textOf: (name: NumberName) => string | null,
): Settings {
  const numbers = Object.fromEntries(
    NUMBER_NAMES.map((name) => [name, numberOf(name, textOf(name))]),
  ) as Record<NumberName, number>;
  // Mode none keeps nothing that could be sent again: there is nothing to acknowledge, and the other way likewise.
  const keeps = mode !== 'none';
  // A session has both of its own; by their numbers messages are asked for anyway.
  const asksItself = mode === 'session' || mode === 'sequence_id';
  const acks = ack && keeps && mode !== 'session';
  return { ...numbers, mode, policy, ack: acks, fill: fill && keeps && !asksItself };
}

/** A number within its limits. */
export function numberOf(name: NumberName, text: string | null): number {
  const { least, most, standard } = NUMBERS[name];
  const number = Number(text);
  if (text === null || text.trim() === '' || Number.isNaN(number)) return standard;
  return Math.min(most, Math.max(least, Math.round(number)));
}

/** The options of the socket. {@link codeOf} shows the same to the visitor. */
export function toOptions(settings: Settings): Options<FromServer, ToServer> {
  return {
    replay: replayOf(settings.mode),
    buffer: {
      capacity: settings.capacity,
      overflowPolicy: settings.policy,
      ...(settings.ack && { ackOf: (message) => ('ack' in message ? message.ack : undefined) }),
    },
    backoff: { baseMs: settings.baseMs, capMs: settings.capMs },
    heartbeat: {
      intervalMs: settings.heartbeatMs,
      timeoutMs: settings.timeoutMs,
      // A session has a heartbeat of its own.
      ...(settings.mode !== 'session' && {
        ping: () => ({ op: 'ping' }) as const,
        isPong: (message: FromServer) => 'op' in message,
      }),
    },
    connectTimeoutMs: settings.connectTimeoutMs,
  };
}

function replayOf(mode: ReplayMode): Options<FromServer, ToServer>['replay'] {
  if (mode !== 'sequence_id') return { mode };
  return {
    mode,
    contiguous: true,
    sequenceOf: (message) => ('seq' in message ? message.seq : undefined),
  };
}

/** The code that makes this connection. */
export function codeOf(settings: Settings, url: string): string {
  const { mode } = settings;
  const ackOf = settings.ack ? `\n    ackOf: (message) => message.ack,` : '';
  const begin = settings.fill ? 'let last = 0;\n' : '';
  const isAsked = mode === 'sequence_id';
  const asked = `({ lastSequenceId: last = 0 }) => \`${url}&after=\${last}\``;
  const replay = isAsked
    ? `\n    contiguous: true,\n    sequenceOf: (message) => message.seq,\n `
    : '';
  const ping =
    mode === 'session'
      ? ''
      : `\n    ping: () => ({ op: 'ping' }),\n    isPong: (message) => message.op === 'pong',`;
  const address = isAsked ? asked : settings.fill ? `() => \`${url}&after=\${last}\`` : `'${url}'`;
  const note = settings.fill
    ? "\nsocket.on('message', ({ data }) => (last = data.seq ?? last));"
    : '';
  return `import { connect } from 'jetsocket';

${begin}const socket = connect(${address}, {
  replay: {${isAsked ? '\n   ' : ''} mode: '${mode}'${isAsked ? ',' : ''}${replay} },
  buffer: {
    capacity: ${settings.capacity},
    overflowPolicy: '${settings.policy}',${ackOf}
  },
  backoff: {
    baseMs: ${settings.baseMs},
    capMs: ${settings.capMs},
  },
  heartbeat: {
    intervalMs: ${settings.heartbeatMs},
    timeoutMs: ${settings.timeoutMs},${ping}
  },
  connectTimeoutMs: ${settings.connectTimeoutMs},
});

socket.on('*', (event) => console.log(event));${note}
socket.send({ n: 1 });`;
}
