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
    if (!settings[name] && settings.mode !== 'none') query.set(name, '0');
  }
  for (const name of NUMBER_NAMES) {
    if (settings[name] !== NUMBERS[name].standard) query.set(name, String(settings[name]));
  }
  return query.toString();
}

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
  return { ...numbers, mode, policy, ack: ack && keeps, fill: fill && keeps };
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
    replay: { mode: settings.mode },
    buffer: {
      capacity: settings.capacity,
      overflowPolicy: settings.policy,
      ...(settings.ack && { ackOf: (message) => ('ack' in message ? message.ack : undefined) }),
    },
    backoff: { baseMs: settings.baseMs, capMs: settings.capMs },
    heartbeat: {
      intervalMs: settings.heartbeatMs,
      timeoutMs: settings.timeoutMs,
      ping: () => ({ op: 'ping' }),
      isPong: (message) => 'op' in message,
    },
    connectTimeoutMs: settings.connectTimeoutMs,
  };
}

/** The code that makes this connection. */
export function codeOf(settings: Settings, url: string): string {
  const ackOf = settings.ack ? `\n    ackOf: (message) => message.ack,` : '';
  const begin = settings.fill ? 'let last = 0;\n' : '';
  const address = settings.fill ? `() => \`${url}&after=\${last}\`` : `'${url}'`;
  const note = settings.fill
    ? "\nsocket.on('message', ({ data }) => (last = data.seq ?? last));"
    : '';
  return `import { connect } from 'jetsocket';

${begin}const socket = connect(${address}, {
  replay: { mode: '${settings.mode}' },
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
    timeoutMs: ${settings.timeoutMs},
    ping: () => ({ op: 'ping' }),
    isPong: (message) => message.op === 'pong',
  },
  connectTimeoutMs: ${settings.connectTimeoutMs},
});

socket.on('*', (event) => console.log(event));${note}
socket.send({ n: 1 });`;
}
