/**
 * An application for pages and for Node, as its author would write it. No name of it may be missing, and what it is told may
 * not be `any`.
 */
import { connect as connectInBrowser, browserSignals } from '@jetsocket/browser';
import {
  connect,
  type Delivery,
  type DeliveryStatus,
  EVENT_NAMES,
  JetSocket,
  JetSocketError,
  type JetSocketEvent,
  json,
  multiplex,
  type Options,
  presets,
  type Stats,
} from 'jetsocket';
import { WebSocket as LastingWebSocket } from 'jetsocket/websocket';

interface Trade {
  readonly seq: number;
  readonly price: number;
  readonly topic?: string;
}
interface Order {
  readonly op: string;
  readonly id?: number;
}

/** Fails to compile unless both are one type; `any` is no type but itself. */
type Same<One, Other> =
  (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;
const isSame = <_Is extends true>(): void => undefined;

const options: Options<Trade, Order> = {
  codec: json,
  protocols: ['v1'],
  backoff: { baseMs: 500, capMs: 15_000 },
  heartbeat: { intervalMs: 15_000, ping: () => ({ op: 'ping' }), isPong: ({ seq }) => seq === 0 },
  buffer: { capacity: 10, overflowPolicy: 'error', ackOf: ({ seq }) => seq },
  replay: {
    mode: 'sequence_id',
    sequenceOf: ({ seq }) => seq,
    requestReplay: (lastId, { send, signal }) => {
      if (!signal.aborted) send({ op: `from ${lastId.toString()}` });
    },
  },
  request: { idOf: (message) => ('id' in message ? message.id : undefined) },
  reconnect: ({ code, attempt }) => (code === 4401 ? attempt < 3 : undefined),
};

export async function trade(): Promise<number> {
  const socket = connect<Trade, Order>(
    async ({ attempt }) => `wss://example.com/${attempt}`,
    options,
  );
  isSame<Same<typeof socket, JetSocket<Trade, Order>>>();
  const off = socket.on('message', ({ data, sequence_id }) => {
    isSame<Same<typeof data, Trade>>();
    console.log(data.price.toFixed(2), sequence_id);
  });
  socket.once('disconnected', ({ code, was_clean, will_reconnect }) => {
    isSame<Same<typeof code, number>>();
    isSame<Same<typeof was_clean | typeof will_reconnect, boolean>>();
  });
  socket.on('*', (event) => console.log(told(event)));
  await socket.connect();
  const delivery: Delivery = socket.send({ op: 'buy' }, { ttlMs: 1_000, key: 'buy' });
  const status: DeliveryStatus = await delivery.settled;
  const reply = await socket.request({ op: 'ask', id: 1 }, { timeoutMs: 1_000 });
  isSame<Same<typeof reply, Trade>>();
  for await (const message of socket) {
    isSame<Same<typeof message, Trade>>();
    break;
  }
  const { channel } = multiplex(socket, {
    channelOf: ({ topic }) => topic,
    subscribe: (names) => ({ op: names.join() }),
    unsubscribe: (names) => ({ op: names.join() }),
  });
  channel('btc').on('message', ({ data }) => console.log(data.price));
  off();
  await socket.close(1000, status);
  const stats: Stats = socket.stats();
  return stats.latency?.p99Ms ?? stats.sent.bytes + socket.record().transitions.length;
}

/** The union of the events is told apart by `type`. */
function told(event: JetSocketEvent<Trade>): string {
  if (event.type === 'gap') return `${event.cause} from ${event.from?.toString() ?? 'somewhere'}`;
  if (event.type === 'error') return `${event.code}: ${event.error.message}`;
  return EVENT_NAMES.includes(event.type) ? event.type : '';
}

export async function inAPage(): Promise<void> {
  const browser = connectInBrowser<Trade>('/ws', {
    ...presets.dashboard,
    signals: browserSignals(),
  });
  browser.on('reconnected', ({ downtime_ms }) => console.log(downtime_ms));
  await browser.close();
}

export function asTheStandard(): void {
  const socket = new LastingWebSocket('wss://example.com', 'v1', { outages: 'hide' });
  socket.onmessage = ({ data }) => console.log(data);
  socket.addEventListener('close', ({ code }) => console.log(code));
}

/** What comes is what the schema says. */
export function validated(): void {
  const schema = {
    '~standard': {
      version: 1,
      vendor: 'mine',
      validate: (value: unknown) => ({ value: value as { readonly ok: boolean } }),
    },
  } as const;
  const socket = connect('wss://example.com', { schema });
  socket.on('message', ({ data }) => {
    isSame<Same<typeof data, { readonly ok: boolean }>>();
  });
}

export function why(error: unknown): string {
  if (!(error instanceof JetSocketError)) return 'else';
  switch (error.code) {
    case 'NOT_CONNECTED':
    case 'BUFFER_OVERFLOW':
      return error.hint ?? error.message;
    default:
      return error.code;
  }
}
