import { browserTransport, globalWebSocket } from '@jetsocket/browser';
import type { Transport, WebSocketConstructor } from '@jetsocket/core';
import { isomorphicWebSocket } from './socket.js';

/** The global `WebSocket` of this moment before the one that was there on import: polyfills may come late. */
export function isomorphicTransport(): Transport {
  return browserTransport(
    () => globalWebSocket() ?? (isomorphicWebSocket as WebSocketConstructor | null) ?? undefined,
  );
}
