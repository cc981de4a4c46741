import { connect, text as asText } from 'jetsocket';
import { WINDOW } from './messages.mjs';

/** JetSocket as a user gets it: the built package. @type {import('./client.mjs').Connect} */
export function connectJet(url, { text = false, acks = false }, play, onEnded) {
  const options = { reconnect: false, ...(acks && { buffer: { ackOf, capacity: WINDOW } }) };
  /** @type {import('jetsocket').JetSocket<any, any>} */
  const socket = text ? connect(url, { ...options, codec: asText }) : connect(url, options);
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
