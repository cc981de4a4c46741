import { connect } from 'jetsocket';
import { createRequire } from 'node:module';
import PartySocket from 'partysocket/ws';
import ReconnectingWebSocket from 'reconnecting-websocket';
import { io } from 'socket.io-client';
import { ArrayQueue, ConstantBackoff, WebsocketBuilder } from 'websocket-ts';
import { WebSocket } from 'ws';

/**
 * @typedef {object} Client
 * @property {(number: number) => void} send
 * @property {() => void} stop
 * @property {() => string} confessed What it told of messages that are lost.
 *
 * @typedef {object} Kind
 * @property {string} name
 * @property {string} version
 * @property {(port: number, onNumber: (number: unknown) => void) => Client} start
 */

const require = createRequire(import.meta.url);
const versionOf = (/** @type {string} */ name) => {
  const entry = require.resolve(name);
  const folder = entry.slice(0, entry.lastIndexOf(`node_modules/${name}/`) + 13 + name.length + 1);
  return require(`${folder}/package.json`).version;
};
const backoff = { baseMs: 20, capMs: 20, maxPerMinute: Infinity };
const nothing = () => '–';

/** @param {import('jetsocket').Options<any, any>} options @param {string} path @param {boolean} acks */
const jet =
  (options, path, acks) =>
  (/** @type {number} */ port, /** @type {(n: unknown) => void} */ onNumber) => {
    const told = { gap: 0, buffer_overflow: 0 };
    const socket = connect(`ws://127.0.0.1:${port}/${path}`, {
      backoff,
      heartbeat: { intervalMs: 300, timeoutMs: 300 },
      connectTimeoutMs: 1_000,
      ...options,
    });
    socket.on('message', ({ data }) => onNumber(/** @type {any} */ (data).n));
    socket.on('gap', () => told.gap++);
    socket.on('buffer_overflow', () => told.buffer_overflow++);
    let id = 0;
    return {
      send: (/** @type {number} */ n) => void socket.send(acks ? { n, id: ++id } : { n }),
      stop: () => void socket.close(),
      confessed: () => (told.gap + told.buffer_overflow === 0 ? '0' : JSON.stringify(told)),
    };
  };

/** @param {any} Socket @param {object} options */
const lookalike =
  (Socket, options) =>
  (/** @type {number} */ port, /** @type {(n: unknown) => void} */ onNumber) => {
    const socket = new Socket(`ws://127.0.0.1:${port}/plain`, [], {
      WebSocket,
      minReconnectionDelay: 10,
      maxReconnectionDelay: 20,
      connectionTimeout: 1_000,
      ...options,
    });
    socket.addEventListener('message', (/** @type {{ data: string }} */ { data }) =>
      onNumber(JSON.parse(data).n),
    );
    socket.addEventListener('error', () => undefined);
    return {
      send: (/** @type {number} */ n) => socket.send(JSON.stringify({ n })),
      stop: () => socket.close(),
      confessed: nothing,
    };
  };

const capacity = { buffer: { capacity: 1_000_000 } };

/** @type {Kind[]} */
export const kinds = [
  {
    name: 'JetSocket, session',
    version: 'here',
    start: jet({ replay: { mode: 'session' }, ...capacity }, 'session', false),
  },
  {
    name: 'JetSocket, full_buffer with ackOf',
    version: 'here',
    start: jet(
      { buffer: { ...capacity.buffer, ackOf: (/** @type {any} */ message) => message.ack } },
      'plain',
      true,
    ),
  },
  { name: 'partysocket', version: versionOf('partysocket'), start: lookalike(PartySocket, {}) },
  {
    name: 'reconnecting-websocket',
    version: versionOf('reconnecting-websocket'),
    start: lookalike(ReconnectingWebSocket, {}),
  },
  {
    name: 'websocket-ts with ArrayQueue',
    version: versionOf('websocket-ts'),
    start(port, onNumber) {
      // It knows no other way to be given one.
      Object.assign(globalThis, { WebSocket });
      const socket = new WebsocketBuilder(`ws://127.0.0.1:${port}/plain`)
        .withBuffer(new ArrayQueue())
        .withBackoff(new ConstantBackoff(10))
        .onMessage((_socket, { data }) => onNumber(JSON.parse(data).n))
        .build();
      return {
        send: (n) => socket.send(JSON.stringify({ n })),
        stop: () => socket.close(),
        confessed: nothing,
      };
    },
  },
  {
    name: 'socket.io with recovery and retries',
    version: versionOf('socket.io-client'),
    start(port, onNumber) {
      const socket = io(`http://127.0.0.1:${port}`, {
        transports: ['websocket'],
        reconnectionDelay: 10,
        reconnectionDelayMax: 20,
        retries: 1_000_000,
        ackTimeout: 1_000,
        timeout: 1_000,
      });
      socket.on('n', onNumber);
      return {
        send: (n) => void socket.emit('n', n),
        stop: () => void socket.close(),
        confessed: nothing,
      };
    },
  },
];
