/** Clients as their users have them, with their own reconnecting; what is asked of each is only to come back. */
import { connect } from 'jetsocket';
import PartySocket from 'partysocket/ws';
import ReconnectingWebSocket from 'reconnecting-websocket';
import { io } from 'socket.io-client';
import { ExponentialBackoff, WebsocketBuilder } from 'websocket-ts';
import { WebSocket } from 'ws';

/**
 * @typedef {(url: string, opened: () => void, lost: () => void) => void} Open Opens a client that lives until its
 *   process ends. `lost` may come more than once for the same loss, and for an attempt that failed.
 */

/** @param {import('jetsocket').Options<any, any>} options @returns {Open} */
const jet = (options) => (url, opened, lost) => {
  const socket = connect(url, options);
  socket.on('connected', opened);
  socket.on('disconnected', lost);
};

/** @param {any} Socket @returns {Open} */
const lookalike = (Socket) => (url, opened, lost) => {
  const socket = new Socket(url, [], { WebSocket });
  socket.addEventListener('open', opened);
  socket.addEventListener('close', lost);
  // Without a handler some of them throw.
  socket.addEventListener('error', () => undefined);
};

/** @type {Open} */
const websocketTs = (url, opened, lost) => {
  // It knows no other way to be given one.
  Object.assign(globalThis, { WebSocket });
  new WebsocketBuilder(url)
    // It has no default: this is the one with which its README shows backing off. It doubles 1 s up to 64 s.
    .withBackoff(new ExponentialBackoff(1_000, 6))
    .onOpen(opened)
    .onClose(lost)
    .build();
};

/** @type {Open} */
const socketIo = (url, opened, lost) => {
  const { origin, pathname, searchParams } = new URL(url.replace('ws:', 'http:'));
  const query = Object.fromEntries(searchParams);
  // Of its own: otherwise all of them would share one connection.
  const socket = io(origin, { path: pathname, query, transports: ['websocket'], forceNew: true });
  socket.on('connect', opened);
  socket.on('disconnect', lost);
};

/** By their names in `clients/kinds.mjs`. @type {Readonly<Record<string, Open>>} */
export const opens = {
  full_buffer: jet({}),
  session: jet({ replay: { mode: 'session' } }),
  partysocket: lookalike(PartySocket),
  'reconnecting-websocket': lookalike(ReconnectingWebSocket),
  'websocket-ts': websocketTs,
  'socket.io': socketIo,
};
