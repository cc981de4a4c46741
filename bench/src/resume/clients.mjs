/** Who comes back with a message that waits, and where it is seen to arrive. */
import { createSessions } from '@jetsocket/server';
import { connect, text } from 'jetsocket';
import { WebSocket } from 'ws';

/** Soon, and always alike: what is measured begins when a connection comes. */
const reconnect = () => ({ delayMs: 10 });

/**
 * @typedef {object} Ends What a client and its server do in a run.
 * @property {Promise<unknown>} opened The first connection stands.
 * @property {() => void} sendBoth Each end that can sends a message, while there is no connection.
 * @property {() => void} comeBack For a client that does not by itself.
 * @property {Promise<number>} atServer When the client's message was there, by `performance.now()`.
 * @property {Promise<number> | undefined} atClient The same for the server's message, of a server that keeps it.
 * @property {() => void} stop
 *
 * @typedef {(server: import('ws').WebSocketServer, url: string) => Ends} Begin
 */

/** @type {Record<string, Begin>} */
export const begins = {
  ws(server, url) {
    const atServer = heard(server);
    const first = new WebSocket(url, { perMessageDeflate: false });
    first.on('error', () => undefined);
    /** @type {WebSocket | undefined} */
    let second;
    return {
      opened: new Promise((resolve) => first.on('open', resolve)),
      sendBoth: () => undefined,
      comeBack() {
        second = new WebSocket(url, { perMessageDeflate: false });
        second.on('error', () => undefined);
        second.on('open', () => second?.send('a'));
      },
      atServer,
      atClient: undefined,
      stop: () => second?.terminate(),
    };
  },
  full_buffer(server, url) {
    const socket = connect(url, { codec: text, reconnect });
    return {
      opened: socket.opened,
      sendBoth: () => void socket.send('a'),
      comeBack: () => undefined,
      atServer: heard(server),
      atClient: undefined,
      stop: () => void socket.close(),
    };
  },
  session(server, url) {
    const sessions = createSessions({ codec: text });
    sessions.attach(server);
    /** @type {import('@jetsocket/server').Session | undefined} */
    let session;
    const atServer = new Promise((resolve) => {
      sessions.on('session', (one) => {
        session = one;
        one.on('message', () => resolve(performance.now()));
      });
    });
    const socket = connect(url, { codec: text, reconnect, replay: { mode: 'session' } });
    return {
      opened: socket.opened,
      sendBoth() {
        socket.send('a');
        session?.send('b');
      },
      comeBack: () => undefined,
      atServer,
      atClient: new Promise((resolve) => socket.on('message', () => resolve(performance.now()))),
      stop() {
        void socket.close();
        void sessions.close();
      },
    };
  },
};

/** @param {import('ws').WebSocketServer} server @returns {Promise<number>} */
const heard = (server) =>
  new Promise((resolve) => {
    server.on('connection', (one) => one.on('message', () => resolve(performance.now())));
  });
