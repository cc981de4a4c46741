import { browserTransport, globalWebSocket } from '@jetsocket/browser';
import type { Transport, WebSocketConstructor } from '@jetsocket/core';
import { type WsConstructor, wsTransport } from '@jetsocket/node/transport';
import { isomorphicWebSocket } from './socket.js';

/** Where the constructor is that of `ws`, all that Node can do: protocol pings, headers, statuses. */
export function isomorphicTransport(): Transport {
  const WebSocket = isomorphicWebSocket;
  if (isWs(WebSocket)) return wsTransport({ constructorOf: () => WebSocket });
  return browserTransport(() => globalWebSocket() ?? asNative(WebSocket));
}

function isWs(value: unknown): value is WsConstructor {
  if (typeof value !== 'function') return false;
  const { prototype } = value as { readonly prototype?: object };
  return prototype !== undefined && 'ping' in prototype && 'terminate' in prototype;
}

const asNative = (value: unknown): WebSocketConstructor | undefined =>
  typeof value === 'function' ? (value as WebSocketConstructor) : undefined;
