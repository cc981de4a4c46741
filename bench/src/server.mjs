/**
 * The other end, in its own process. The path says what a connection is for:
 * `/feed?messages=…&bytes=…&form=…` sends numbered messages once the client has said anything;
 * `/count?messages=…&every=…` checks the numbers of those that come and says every so often, and at the end, how
 * many there were; `/echo` returns each. `wire` says how the client speaks. The session and socket.io are spoken here
 * by hand, as far as it needs, so that no client waits for a server that is slower than the others'.
 */
import { Readable } from 'node:stream';
import { WebSocketServer } from 'ws';
import { FIRST, message, numberInBytes } from './messages.mjs';
import { frame, wires } from './wires.mjs';

/** Out of order: 4000 to 4999 are for applications. */
const WRONG_NUMBER = 4_000;
const CHUNK_BYTES = 65_536;
/** How often a session's messages are acknowledged: less often than the real server does. */
const ACK_EVERY = 256;

const server = new WebSocketServer({
  host: '127.0.0.1',
  // The one that is asked for, if any is: a server that comes back is where it was.
  port: Number(process.argv[2] ?? 0),
  perMessageDeflate: false,
  handleProtocols: (protocols) => (protocols.has('jetsocket.v1') ? 'jetsocket.v1' : false),
});
server.on('listening', () => {
  const address = server.address();
  const listeningMs = performance.timeOrigin + performance.now();
  if (typeof address === 'object') process.send?.({ port: address?.port, listeningMs });
});
server.on('connection', (client, request) => {
  const { pathname, searchParams } = new URL(request.url ?? '', 'ws://localhost');
  const asked = (/** @type {string} */ name) => searchParams.get(name) ?? '';
  const wire = wires[asked('wire')] ?? wires['plain'];
  if (wire === undefined) throw new Error('There is no wire');
  client.on('error', () => client.terminate());
  const serve = serverOf(pathname.replace(/(?<=.)\/$/, ''), client, request.socket, wire, asked);
  if (serve === undefined) return client.close(WRONG_NUMBER, `no path ${pathname}`);
  if (asked('wire') === 'session') speakSession(client, serve);
  else if (asked('wire') === 'socket.io') speakSocketIo(client, serve);
  else client.on('message', serve);
});
process.on('disconnect', () => process.exit());

/**
 * @param {string} path
 * @param {import('ws').WebSocket} client
 * @param {import('node:net').Socket} socket
 * @param {import('./wires.mjs').Wire} wire
 * @param {(name: string) => string} asked
 * @returns {((data: Buffer, isBinary: boolean) => void) | undefined}
 */
function serverOf(path, client, socket, wire, asked) {
  if (path === '/feed') return feed(socket, wire, asked);
  if (path === '/count')
    return count(client, wire, Number(asked('messages')), Number(asked('every')));
  if (path === '/echo') return echo(client, wire);
  return path === '/idle' ? () => undefined : undefined;
}

/**
 * Greets, acknowledges, and answers.
 *
 * @param {import('ws').WebSocket} client
 * @param {(data: Buffer, isBinary: boolean) => void} serve
 */
function speakSession(client, serve) {
  let seq = 0;
  client.on('message', (/** @type {Buffer} */ data, isBinary) => {
    const first = isBinary ? 0 : data[0];
    if (first === 0x7b) {
      const { jet, sid, bye } = JSON.parse(data.toString());
      if (jet !== undefined)
        client.send(JSON.stringify({ jet: 1, sid, rx: 0, hi: 0, ttl: 60, win: 100_000 }));
      if (bye !== undefined) client.send(JSON.stringify({ bye, rx: seq, hi: 0 }));
      return;
    }
    if (first === 0x3f) return client.send(`,${seq}`);
    if (first === 0x2c) return;
    seq++;
    serve(data, isBinary);
    if (seq % ACK_EVERY === 0) client.send(`,${seq}`);
  });
}

/**
 * The handshake of engine.io 4, then that of socket.io 5.
 *
 * @param {import('ws').WebSocket} client
 * @param {(data: Buffer, isBinary: boolean) => void} serve
 */
function speakSocketIo(client, serve) {
  const open = {
    sid: 'a',
    upgrades: [],
    pingInterval: 25_000,
    pingTimeout: 20_000,
    maxPayload: 1e6,
  };
  client.send(`0${JSON.stringify(open)}`);
  // Its client takes a server that does not ask for dead.
  const ping = setInterval(() => client.send('2'), open.pingInterval);
  client.on('close', () => clearInterval(ping));
  client.on('message', (/** @type {Buffer} */ data, isBinary) => {
    if (data.length === 2 && data.toString() === '40') client.send('40{"sid":"b"}');
    else if (isBinary || data[0] === 0x34) serve(data, isBinary);
  });
}

/**
 * The frames are made before, and go to the TCP socket as fast as the client reads: the client is to be
 * measured, not the server.
 *
 * @param {import('node:net').Socket} socket
 * @param {import('./wires.mjs').Wire} wire
 * @param {(name: string) => string} asked
 */
function feed(socket, wire, asked) {
  const key = ['wire', 'messages', 'bytes', 'form'].map(asked).join(' ');
  const chunks = chunksOf(key, () =>
    Array.from({ length: Number(asked('messages')) }, (_, index) => {
      const text = JSON.stringify(message(FIRST + index, Number(asked('bytes'))));
      if (asked('form') !== 'binary')
        return frame(wire.asText(text, index, asked('form') === 'json'));
      return Buffer.concat(wire.asBytes(Buffer.from(text), index).map(frame));
    }),
  );
  let hasBegun = false;
  return () => {
    if (!hasBegun) Readable.from(chunks).pipe(socket, { end: false });
    hasBegun = true;
  };
}

/**
 * @param {import('ws').WebSocket} client
 * @param {import('./wires.mjs').Wire} wire
 * @param {number} messages
 * @param {number} every
 */
function count(client, wire, messages, every) {
  let received = 0;
  return (/** @type {Buffer} */ data) => {
    const number = numberInBytes(data);
    if (number !== FIRST + received) {
      client.close(WRONG_NUMBER, `message ${number - FIRST} came where ${received} was due`);
      return;
    }
    received++;
    const isTimeToTell = received % every === 0 || received === messages;
    if (isTimeToTell) client.send(wire.answer(JSON.stringify({ received })));
  };
}

/** @param {import('ws').WebSocket} client @param {import('./wires.mjs').Wire} wire */
function echo(client, wire) {
  return (/** @type {Buffer} */ data) => {
    const text = data.toString();
    client.send(wire.answer(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)));
  };
}

/** What was made last, by its key: one case after the other is measured, each several times. @type {Map<string, Buffer[]>} */
const made = new Map();
/** Of so many clients. */
const MAX_MADE = 3;

/** @param {string} key @param {() => Buffer[]} make */
function chunksOf(key, make) {
  const known = made.get(key);
  if (known !== undefined) return known;
  const [oldest] = made.keys();
  if (made.size >= MAX_MADE && oldest !== undefined) made.delete(oldest);
  const chunks = cut(Buffer.concat(make()));
  made.set(key, chunks);
  return chunks;
}

/** @param {Buffer} bytes */
function cut(bytes) {
  const length = Math.ceil(bytes.length / CHUNK_BYTES);
  return Array.from({ length }, (_, index) =>
    bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES),
  );
}
