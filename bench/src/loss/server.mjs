import { createSessions } from '@jetsocket/server';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Server as SocketIo } from 'socket.io';
import { WebSocketServer } from 'ws';

/**
 * One server for every kind of client: plain WebSocket with acknowledgements, sessions of JetSocket, and socket.io.
 * @param {(number: unknown) => void} onNumber
 */
export async function startServer(onNumber) {
  const http = createServer();
  const io = new SocketIo(http, {
    transports: ['websocket'],
    connectionStateRecovery: { maxDisconnectionDuration: 120_000 },
    destroyUpgrade: false,
  });
  const plain = new WebSocketServer({ noServer: true });
  const sessions = createSessions({ buffer: { capacity: 1_000_000 } });
  /** @type {(number: number) => void} */
  let send = () => undefined;

  plain.on('connection', (peer) => {
    servePlain(peer, onNumber);
    send = (number) => {
      if (peer.readyState === 1) peer.send(JSON.stringify({ n: number }));
    };
  });
  sessions.on('session', (session) => {
    send = (number) => void session.send({ n: number });
    session.on('message', (message) => onNumber(/** @type {{ n: number }} */ (message).n));
  });
  io.on('connection', (peer) => {
    peer.join('all');
    send = (number) => void io.to('all').emit('n', number);
    peer.on('n', (number, done) => {
      onNumber(number);
      if (typeof done === 'function') done();
    });
  });
  http.on('upgrade', (request, socket, head) => {
    if (request.url?.startsWith('/session')) sessions.handleUpgrade(request, socket, head);
    else if (request.url?.startsWith('/plain')) {
      plain.handleUpgrade(request, socket, head, (peer) => plain.emit('connection', peer, request));
    }
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (http.address());
  return {
    port,
    /** @param {number} number */
    send: (number) => send(number),
    async stop() {
      for (const peer of plain.clients) peer.terminate();
      await sessions.close();
      await io.close();
    },
  };
}

/**
 * Takes numbers, and acknowledges those that ask for it.
 * @param {import('ws').WebSocket} peer
 * @param {(number: unknown) => void} onNumber
 */
function servePlain(peer, onNumber) {
  peer.on('error', () => undefined);
  let ack = 0;
  peer.on('message', (data) => {
    const { n, id } = JSON.parse(String(data));
    onNumber(n);
    if (id === undefined) return;
    // One acknowledgement for all that comes in one turn.
    if (ack === 0) {
      setImmediate(() => {
        peer.send(JSON.stringify({ ack }));
        ack = 0;
      });
    }
    ack = id;
  });
}
