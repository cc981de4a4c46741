import { isomorphicTransport } from './transport.browser.js';
import { StandardWebSocket, type WebSocketOptions } from './web-socket/web-socket.js';

export type { Outages, WebSocketOptions } from './web-socket/web-socket.js';

/**
 * A WebSocket with the interface of the standard, that comes back: for code, and libraries, that take
 * a constructor or the global. See docs/websocket.md for what differs from the standard.
 */
export class WebSocket extends StandardWebSocket {
  /**
   * @param url The address: `ws:`, `wss:`, `http:` or `https:`, without a fragment.
   * @param protocols Subprotocols to offer. Default: none.
   * @param options Ours; see `WebSocketOptions`.
   * @throws {DOMException} `SyntaxError` for a URL or subprotocols that cannot be used.
   * @throws {JetSocketError} `INVALID_OPTION` for an option that cannot.
   */
  constructor(
    url: string | URL,
    protocols: string | string[] = [],
    options: WebSocketOptions = {},
  ) {
    super(url, protocols, options, isomorphicTransport);
  }
}
