/**
 * The other end, in its own process. The path says what a connection is for:
 * `/feed?messages=…` sends numbered messages once the client has said anything; `/count?messages=…&every=…`
 * checks the numbers of those that come and says every so often, and at the end, how many there were; `/echo`
 * returns each.
 */
import { Readable } from 'node:stream';
import { WebSocketServer } from 'ws';
import { FIRST, message, numberInBytes } from './messages.mjs';

/** Out of order: 4000 to 4999 are for applications. */
const WRONG_NUMBER = 4_000;
const CHUNK_BYTES = 65_536;

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('listening', () => {
  const address = server.address();
  if (typeof address === 'object') process.send?.({ port: address?.port });
});
server.on('connection', (client, request) => {
  const { pathname, searchParams } = new URL(request.url ?? '', 'ws://localhost');
  client.on('error', () => client.terminate());
  const messages = Number(searchParams.get('messages'));
  if (pathname === '/feed') feed(client, request.socket, messages);
  if (pathname === '/count') count(client, messages, Number(searchParams.get('every')));
  if (pathname === '/echo') client.on('message', (data) => client.send(data, { binary: false }));
});
process.on('disconnect', () => process.exit());

/**
 * The frames are made before, and go to the TCP socket as fast as the client reads: the client is to be
 * measured, not the server.
 *
 * @param {import('ws').WebSocket} client @param {import('node:net').Socket} socket @param {number} messages
 */
function feed(client, socket, messages) {
  const chunks = chunksOf(messages);
  client.once('message', () => Readable.from(chunks).pipe(socket, { end: false }));
}

/** @param {import('ws').WebSocket} client @param {number} messages @param {number} every */
function count(client, messages, every) {
  let received = 0;
  client.on('message', (/** @type {Buffer} */ data) => {
    const number = numberInBytes(data);
    if (number !== FIRST + received) {
      client.close(WRONG_NUMBER, `message ${number - FIRST} came where ${received} was due`);
      return;
    }
    received++;
    const isTimeToTell = received % every === 0 || received === messages;
    if (isTimeToTell) client.send(JSON.stringify({ received }));
  });
}

/** @type {Map<number, Buffer[]>} */
const made = new Map();

/** @param {number} messages */
function chunksOf(messages) {
  const chunks = made.get(messages) ?? cut(framesOf(messages));
  made.set(messages, chunks);
  return chunks;
}

/** Unmasked text frames of less than 126 bytes have two bytes of header (RFC 6455 §5.2). @param {number} messages */
function framesOf(messages) {
  const frames = Array.from({ length: messages }, (_, index) => {
    const text = JSON.stringify(message(FIRST + index));
    return `\x81${String.fromCharCode(text.length)}${text}`;
  });
  return Buffer.from(frames.join(''), 'latin1');
}

/** @param {Buffer} bytes */
function cut(bytes) {
  const length = Math.ceil(bytes.length / CHUNK_BYTES);
  return Array.from({ length }, (_, index) =>
    bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES),
  );
}
