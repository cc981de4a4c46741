import PartySocket from 'partysocket/ws';
import ReconnectingWebSocket from 'reconnecting-websocket';
import { io } from 'socket.io-client';
import { WebsocketBuilder } from 'websocket-ts';
import { WebSocket } from 'ws';

/** Those that look like a WebSocket, each on top of `ws`. @param {any} Socket */
function lookalike(Socket) {
  /** @type {import('./client.mjs').Connect} */
  return (url, { form }, play, onEnded) => {
    const socket = new Socket(url, [], { WebSocket, maxRetries: 0 });
    // As `ws` gives them; they would ask for a Blob.
    socket.binaryType = 'nodebuffer';
    const client = {
      send:
        form === 'json'
          ? (/** @type {unknown} */ message) => socket.send(JSON.stringify(message))
          : (/** @type {string | Uint8Array} */ message) => socket.send(message),
      close: () => {
        socket.close(1000);
        // They do not all say so themselves.
        setTimeout(onEnded, 50, 'closed');
      },
    };
    socket.addEventListener('open', () => play.opened(client));
    socket.addEventListener(
      'message',
      form === 'json'
        ? (/** @type {{ data: string }} */ { data }) => play.message(JSON.parse(data))
        : (/** @type {{ data: unknown }} */ { data }) => play.message(data),
    );
    return client;
  };
}

export const connectPartySocket = lookalike(PartySocket);
export const connectReconnecting = lookalike(ReconnectingWebSocket);

/** @type {import('./client.mjs').Connect} */
export function connectWebsocketTs(url, { form }, play, onEnded) {
  // It knows no other way to be given one.
  Object.assign(globalThis, { WebSocket });
  const socket = new WebsocketBuilder(url)
    .onOpen(() => play.opened(client))
    .onMessage((_, { data }) => play.message(form === 'json' ? JSON.parse(data) : data))
    .onClose(() => onEnded('closed'))
    .build();
  const client = {
    send: (/** @type {any} */ message) =>
      socket.send(form === 'json' ? JSON.stringify(message) : message),
    close: () => socket.close(),
  };
  return client;
}

/** Over its own protocol, which knows JSON itself. @type {import('./client.mjs').Connect} */
export function connectSocketIo(url, _settings, play, onEnded) {
  const { origin, pathname, searchParams } = new URL(url.replace('ws:', 'http:'));
  const socket = io(origin, {
    path: pathname,
    query: Object.fromEntries(searchParams),
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
  });
  const client = {
    send: (/** @type {any} */ message) => void socket.emit('m', message),
    close: () => void socket.close(),
  };
  socket.on('connect', () => play.opened(client));
  socket.on('m', play.message);
  socket.on('connect_error', (error) => onEnded(error.message));
  socket.on('disconnect', (why) => onEnded(why));
  return client;
}
