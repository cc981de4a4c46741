/** The conformance suite's server over real sockets, in Node. */
import { once } from 'node:events';
import { createServer as createHttp, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ConformanceServer } from '../src/conformance.js';

/** A connection as the server sees it. */
interface Peer {
  readonly socket: WebSocket;
  readonly headers: IncomingHttpHeaders;
  received: number;
}

/** Starts a server on loopback: an echo at `/`, a refusal at `/reject/STATUS`, and a port that never answers. */
export async function startConformanceServer(): Promise<ConformanceServer> {
  const http = createHttp();
  const webSockets = new WebSocketServer({ noServer: true });
  const silent = createTcp();
  const [port, silentPort, refusedPort] = [
    await listen(http),
    await listen(silent),
    await freePort(),
  ];
  let peer: Peer | undefined;
  http.on('upgrade', (request, socket: Socket, head) => {
    const status = /^\/reject\/(\d+)$/.exec(request.url ?? '')?.[1];
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      peer = { socket: webSocket, headers: request.headers, received: 0 };
      echo(peer);
    });
  });
  return {
    echoUrl: `ws://127.0.0.1:${port}/`,
    silentUrl: `ws://127.0.0.1:${silentPort}/`,
    refusedUrl: `ws://127.0.0.1:${refusedPort}/`,
    rejectUrl: (status) => `ws://127.0.0.1:${port}/reject/${status}`,
    send: (data) => peer?.socket.send(data),
    close: (code, reason) => peer?.socket.close(code, reason),
    terminate: () => peer?.socket.terminate(),
    receivedCount: () => peer?.received ?? 0,
    header: (name) => peer?.headers[name]?.toString(),
    stop: async () => {
      for (const client of webSockets.clients) client.terminate();
      await Promise.all([stop(http), stop(silent)]);
    },
  };
}

function echo(peer: Peer): void {
  peer.socket.on('error', () => undefined);
  peer.socket.on('message', (data, isBinary) => {
    peer.received++;
    peer.socket.send(data, { binary: isBinary });
  });
}

const connections = new WeakMap<Server, Set<Socket>>();

async function listen(server: Server): Promise<number> {
  const open = new Set<Socket>();
  connections.set(server, open);
  server.on('connection', (socket) => {
    socket.on('error', () => undefined);
    open.add(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address: AddressInfo | string | null = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The server has no port');
  return address.port;
}

async function stop(server: Server): Promise<void> {
  for (const socket of connections.get(server) ?? []) socket.destroy();
  const closed = once(server, 'close');
  server.close();
  await closed;
}

/** A port at which nobody listens. */
async function freePort(): Promise<number> {
  const server = createTcp();
  const port = await listen(server);
  await stop(server);
  return port;
}
