import { binary, connect, json, text } from 'jetsocket';
import { WINDOW } from '../messages.mjs';

const codecs = { json, text, binary };

/** JetSocket as a user gets it: the built package. @type {import('./client.mjs').Connect} */
export function connectJet(url, { form, acks = false, heartbeatMs }, play, onEnded) {
  const codec = codecs[form];
  const buffer = { capacity: 1_000_000, ...(acks && { ackOf, capacity: WINDOW }) };
  const heartbeat = heartbeatOf(heartbeatMs);
  return played(connect(url, { reconnect: false, codec, buffer, heartbeat }), play, onEnded);
}

/** The same in mode `session`. @type {import('./client.mjs').Connect} */
export function connectSession(url, { form, heartbeatMs }, play, onEnded) {
  const heartbeat = heartbeatOf(heartbeatMs);
  const options = { reconnect: false, buffer: { capacity: 1_000_000 }, heartbeat };
  const replay = /** @type {const} */ ({ mode: 'session' });
  return played(connect(url, { ...options, codec: codecs[form], replay }), play, onEnded);
}

/** @param {number | undefined} intervalMs */
const heartbeatOf = (intervalMs) =>
  intervalMs === undefined ? undefined : { intervalMs, timeoutMs: intervalMs };

/**
 * @param {import('jetsocket').JetSocket<any, any>} socket
 * @param {import('./client.mjs').Play} play
 * @param {(why: string) => void} onEnded
 */
function played(socket, play, onEnded) {
  const client = {
    send: (/** @type {any} */ message) => void socket.send(message),
    close: () => void socket.close(),
  };
  socket.on('connected', () => play.opened(client));
  socket.on('message', ({ data }) => play.message(data));
  socket.on('error', ({ error }) => onEnded(error.message));
  socket.on('buffer_overflow', () => onEnded('the outgoing buffer was full'));
  socket.on('closed', ({ code, reason }) => onEnded(`closed with ${code} ${reason}`));
  return client;
}

/** @param {any} message */
const ackOf = (message) => message.received;
