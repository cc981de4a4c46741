import { WebSocket } from 'ws';

/** The package `ws` as one writes it by hand: no reconnecting, no queue. @type {import('./client.mjs').Connect} */
export function connectRaw(url, { text = false }, play, onEnded) {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  const client = {
    send: text
      ? (/** @type {any} */ message) => socket.send(message)
      : (/** @type {unknown} */ message) => socket.send(JSON.stringify(message)),
    close: () => socket.close(1000),
  };
  socket.on('open', () => play.opened(client));
  if (text) socket.on('message', (data) => play.message(data.toString()));
  else socket.on('message', (data) => play.message(JSON.parse(data.toString())));
  socket.on('error', (error) => onEnded(error.message));
  socket.on('close', (code, reason) => onEnded(`closed with ${code} ${reason}`));
  return client;
}
