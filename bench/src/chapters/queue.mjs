/**
 * Messages that are sent while there is no connection, and then all at once: what each costs in heap beside its
 * payload, and how fast they leave. In a process of its own, with `--expose-gc`; prints JSON.
 *
 * `node queue.mjs <client> <origin> <count>`; of `ws`, an array that is sent when it opens.
 */
import { connect, text as asText } from 'jetsocket';
import { WebSocket } from 'ws';
import { FIRST, text } from '../messages.mjs';

const [, , name = '', origin = '', wanted = '0'] = process.argv;
const count = Number(wanted);
const url = `${origin}/count?messages=${count}&every=${count}`;

// What they say is made before: it is not what is measured.
const messages = Array.from({ length: count }, (_, index) =>
  Buffer.from(text(FIRST + index).padEnd(100, ' ')).toString(),
);

const { send, open } = name === 'ws' ? byHand() : jet();
const before = heap();
const sendingMs = performance.now();
for (const message of messages) send(message);
const sentMs = performance.now() - sendingMs;
const bytes = (heap() - before) / count;
const flushMs = await open();
process.send?.({ bytes, sentMs, flushMs });
process.exit();

/** @returns {{ send(message: string): unknown, open(): Promise<number> }} */
function byHand() {
  /** @type {string[]} */
  const queue = [];
  return {
    send: (message) => queue.push(message),
    open: () =>
      new Promise((resolve) => {
        const socket = new WebSocket(url, { perMessageDeflate: false });
        let openedMs = 0;
        socket.on('open', () => {
          openedMs = performance.now();
          for (const message of queue) socket.send(message);
        });
        socket.on('message', () => resolve(performance.now() - openedMs));
      }),
  };
}

/** @returns {{ send(message: string): unknown, open(): Promise<number> }} */
function jet() {
  /** @type {() => void} */
  let tell = () => undefined;
  const told = new Promise((resolve) => (tell = () => resolve(undefined)));
  const socket = connect(
    () => told.then(() => `${url}&wire=${name === 'session' ? 'session' : 'plain'}`),
    {
      codec: asText,
      connectTimeoutMs: 60_000,
      buffer: { capacity: count, maxBytes: 2 ** 30 },
      replay: { mode: name === 'session' ? 'session' : 'full_buffer' },
    },
  );
  return {
    send: (message) => void socket.send(message),
    open: () =>
      new Promise((resolve) => {
        let openedMs = 0;
        socket.on('connected', () => (openedMs = performance.now()));
        socket.on('message', () => resolve(performance.now() - openedMs));
        tell();
      }),
  };
}

function heap() {
  for (let round = 0; round < 4; round++) globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
