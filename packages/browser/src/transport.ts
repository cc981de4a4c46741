import { type Transport, type WebSocketConstructor, webSocketTransport } from '@jetsocket/core';

/**
 * A transport over the native WebSocket, in pages and workers.
 *
 * @param constructorOf Called for every attempt. Default: the global `WebSocket`, whatever it is by then.
 */
export function browserTransport(
  constructorOf: () => WebSocketConstructor | undefined = globalWebSocket,
): Transport {
  return webSocketTransport({ constructorOf, baseUrl });
}

/** The global `WebSocket` of this moment: polyfills and tests may have put another there. */
export function globalWebSocket(): WebSocketConstructor | undefined {
  return (globalThis as { readonly WebSocket?: WebSocketConstructor }).WebSocket;
}

/** Pages and workers have an address, which relative URLs are relative to; servers that render pages don't. */
function baseUrl(): string | undefined {
  const { document, location } = globalThis as {
    readonly document?: { readonly baseURI: string };
    readonly location?: { readonly href: string };
  };
  return document?.baseURI ?? location?.href;
}
