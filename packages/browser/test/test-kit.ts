/** For the tests of this package: a real server on loopback, and a WebSocket of WHATWG's shape to reach it. */
import type { JetSocketEvent, JetSocketEventMap, WebSocketConstructor } from '@jetsocket/core';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { JetSocket } from '../src/index.js';

/** The class of `ws` has the interface of the standard as well; Node's own came with version 22. */
export const standardWebSocket = WebSocket as unknown as WebSocketConstructor;

/** A server that sends back what it gets, gone at the end of the test. */
export async function echo(): Promise<{ readonly url: string; readonly wss: WebSocketServer }> {
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  wss.on('connection', (peer) => {
    peer.on('error', () => undefined);
    peer.on('message', (data: Buffer, binary) => {
      peer.send(data, { binary });
    });
  });
  await once(wss, 'listening');
  onTestFinished(() => {
    for (const peer of wss.clients) peer.terminate();
    wss.close();
  });
  return { url: `ws://127.0.0.1:${(wss.address() as AddressInfo).port}/`, wss };
}

/** The next event of that type. The socket is closed at the end of the test. */
export function next<Name extends keyof JetSocketEventMap>(
  socket: JetSocket,
  type: Name,
): Promise<JetSocketEventMap[Name]> {
  onTestFinished(() => void socket.close());
  return new Promise((resolve) => socket.once(type, resolve));
}

/** Everything that a socket says, from now on. */
export function listen(socket: JetSocket): JetSocketEvent[] {
  const events: JetSocketEvent[] = [];
  socket.on('*', (event) => events.push(event));
  onTestFinished(() => void socket.close());
  return events;
}
