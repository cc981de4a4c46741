import { WebSocket } from 'ws';

/** The package `ws` as one writes it by hand: no reconnecting, no queue. @type {import('./client.mjs').Connect} */
export function connectRaw(url, { form, heartbeatMs }, play, onEnded) {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  const client = {
    send:
      form === 'json'
        ? (/** @type {unknown} */ message) => socket.send(JSON.stringify(message))
        : (/** @type {string | Uint8Array} */ message) => socket.send(message),
    close: () => socket.close(1000),
  };
  socket.on('open', () => play.opened(client));
  if (form === 'json') socket.on('message', (data) => play.message(JSON.parse(data.toString())));
  else if (form === 'text') socket.on('message', (data) => play.message(data.toString()));
  else socket.on('message', (data) => play.message(data));
  if (heartbeatMs !== undefined) {
    // As the documentation of `ws` has it: a pong is to have come before the next ping.
    let isAlive = true;
    socket.on('pong', () => (isAlive = true));
    const timer = setInterval(() => {
      if (!isAlive) socket.terminate();
      isAlive = false;
      socket.ping();
    }, heartbeatMs);
    socket.on('close', () => clearInterval(timer));
  }
  socket.on('error', (error) => onEnded(error.message));
  socket.on('close', (code, reason) => onEnded(`closed with ${code} ${reason}`));
  return client;
}
