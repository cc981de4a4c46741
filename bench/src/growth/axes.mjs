/** What may grow, and what a message costs then. Each point is measured in a process of its own. */
import { connect, text } from 'jetsocket';
import { FIRST, text as numbered } from '../messages.mjs';
import { kinds } from '../clients/kinds.mjs';
import { silent } from './silent.mjs';

const URL = 'ws://127.0.0.1:1/';

/**
 * @typedef {object} Axis
 * @property {string} title
 * @property {string} unit Of what grows.
 * @property {string} of What one costs that is measured.
 * @property {readonly number[]} points
 * @property {(point: number, origin: string) => Measure | Promise<Measure>} begin
 *
 * @typedef {() => number | Promise<number>} Measure Nanoseconds.
 */

/** @type {Record<string, Axis>} */
export const axes = {
  waiting: {
    title: 'Sent without a connection, and flushed',
    of: 'a message',
    unit: 'messages that wait',
    points: [10, 100, 1_000, 10_000, 100_000, 1_000_000],
    begin: (point) => () => queueAndFlush(point),
  },
  unacknowledged: {
    title: 'Sent and acknowledged, one by one',
    of: 'a message',
    unit: 'messages that are not acknowledged',
    points: [10, 100, 1_000, 10_000, 100_000, 1_000_000],
    begin: (point) => () => sendAndAcknowledge(point),
  },
  handlers: {
    title: 'Received',
    of: 'a message and handler',
    unit: 'handlers',
    points: [1, 3, 10, 30, 100],
    begin: (point) => () => receive(point),
  },
  sockets: {
    title: 'There and back, over real connections',
    of: 'a round trip',
    unit: 'sockets in one process',
    points: [1, 10, 100, 1_000, 5_000],
    begin: echo,
  },
};

/** So many messages make one measurement, at least. */
const LEAST = 100_000;

/** @param {number} waiting */
async function queueAndFlush(waiting) {
  const times = Math.max(1, Math.round(LEAST / waiting));
  let ns = 0;
  for (let time = 0; time < times; time++) {
    /** @type {() => void} */
    let begin = () => undefined;
    const when = new Promise((resolve) => (begin = () => resolve(undefined)));
    const socket = client({ buffer: { capacity: waiting }, transport: silent({ when }) });
    let last = socket.send('a message that waits');
    ns += timed(() => {
      for (let n = 1; n < waiting; n++) last = socket.send('a message that waits');
    });
    let startedNs = 0n;
    socket.on('connected', () => (startedNs = process.hrtime.bigint()));
    const sent = last.settled.then(() => (ns += Number(process.hrtime.bigint() - startedNs)));
    begin();
    await sent;
    await socket.close();
  }
  return ns / (waiting * times);
}

/** @param {number} kept */
async function sendAndAcknowledge(kept) {
  /** @type {import('@jetsocket/node').LinkListener | undefined} */
  let listener;
  const socket = client({
    buffer: { capacity: kept + 1, ackOf: (/** @type {string} */ message) => Number(message) },
    transport: silent({ opened: (opened) => (listener = opened) }),
  });
  await socket.opened;
  for (let n = 0; n < kept; n++) socket.send('a message that is kept');
  const ns = timed(() => {
    for (let n = 1; n <= LEAST; n++) {
      socket.send('a message that is kept');
      listener?.onMessage(String(n));
    }
  });
  return ns / LEAST;
}

/** @param {number} handlers */
async function receive(handlers) {
  /** @type {import('@jetsocket/node').LinkListener | undefined} */
  let listener;
  const socket = client({ transport: silent({ opened: (opened) => (listener = opened) }) });
  let heard = 0;
  for (let n = 0; n < handlers; n++) socket.on('message', ({ data }) => (heard += data.length));
  await socket.opened;
  const ns = timed(() => {
    for (let n = 0; n < LEAST; n++) listener?.onMessage('a message');
  });
  if (heard !== LEAST * handlers * 'a message'.length) throw new Error('A handler missed one');
  return ns / LEAST / handlers;
}

/** How many messages are on their way at once, over all sockets. */
const AT_ONCE = 100;
const ROUND_TRIPS = 20_000;

/** @param {number} sockets @param {string} origin @returns {Promise<Measure>} */
async function echo(sockets, origin) {
  const { connect: connectKind } = kinds['full_buffer'] ?? {};
  if (connectKind === undefined) throw new Error('There is no such client');
  /** @type {import('../clients/client.mjs').Client[]} */
  const clients = [];
  let left = 0;
  let next = 0;
  /** @type {() => void} */
  let finish = () => undefined;
  const form = /** @type {const} */ ('text');
  const ask = () => clients[next++ % sockets]?.send(numbered(FIRST));
  const message = () => {
    left--;
    if (left === 0) finish();
    else if (left >= Math.min(AT_ONCE, sockets)) ask();
  };
  for (let at = 0; at < sockets; at += 100) {
    await Promise.all(
      Array.from({ length: Math.min(100, sockets - at) }, () => {
        return new Promise((resolve, reject) => {
          const opened = (/** @type {import('../clients/client.mjs').Client} */ one) =>
            resolve(clients.push(one));
          connectKind(`${origin}/echo`, { form }, { opened, message }, reject);
        });
      }),
    );
  }
  return async () => {
    left = ROUND_TRIPS;
    const done = new Promise((resolve) => (finish = () => resolve(undefined)));
    const before = process.cpuUsage();
    for (let n = 0; n < Math.min(AT_ONCE, sockets); n++) ask();
    await done;
    const { user, system } = process.cpuUsage(before);
    return ((user + system) * 1_000) / ROUND_TRIPS;
  };
}

/** @param {object} options */
function client(options) {
  return connect(URL, { codec: text, heartbeat: false, ...options });
}

/** @param {() => void} work @returns {number} Nanoseconds. */
function timed(work) {
  const startedNs = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - startedNs);
}
