import { JetSocketError, type Transport } from '@jetsocket/core';
import type { Agent } from 'node:http';
import type { ConnectionOptions } from 'node:tls';
import type { WsConstructor } from './ws-like.js';
import { WsLink } from './ws-link.js';

export type { WsConstructor, WsLike } from './ws-like.js';

/** What Node can do that a browser can't. */
export interface WsSettings {
  /** For `wss:`, as `tls.connect()` takes them: `ca`, `cert`, `key`, `servername`, `rejectUnauthorized`, … */
  readonly tls?: ConnectionOptions | undefined;
  /** Makes the TCP connections; how to go through a proxy. An `https.Agent` for `wss:`. Default: none. */
  readonly agent?: Agent | undefined;
  /**
   * Offers permessage-deflate (RFC 7692). True, or the settings that the package `ws` takes under
   * `perMessageDeflate`, such as `{ threshold: 1024 }`. Costs memory and time on both ends. Default: false.
   */
  readonly compression?: boolean | Readonly<Record<string, unknown>> | undefined;
}

/** What `wsTransport` needs. */
export interface WsTransportOptions extends WsSettings {
  /** Called for every attempt: the `WebSocket` class of the package `ws`, or of one with its interface. */
  readonly constructorOf: () => WsConstructor;
}

/** A string of V8 holds no more than 2²⁹ − 24 units: the text of a longer message could not be told. */
const MAX_STRING_BYTES = 536_870_888;

/**
 * A transport over the package `ws`: protocol pings, handshake headers, TLS, agents, compression, the HTTP
 * status of a refused handshake with its `Retry-After`, and `maxMessageBytes` enforced while reading, up to half
 * a gibibyte. The sends of one turn of the event loop leave in one system call.
 *
 * @throws {JetSocketError} `INVALID_OPTION` for settings of the wrong type.
 */
export function wsTransport(options: WsTransportOptions): Transport {
  const { constructorOf, tls, agent, compression = false } = options;
  check('tls', tls, isObject(tls), 'an object, as tls.connect() takes it');
  check('agent', agent, isAgent(agent), 'an http.Agent, or an https.Agent for wss:');
  const isKnown = typeof compression === 'boolean' || isObject(compression);
  check('compression', compression, isKnown, 'true, false or an object of settings');
  return {
    takesHeaders: true,
    open({ url, protocols, headers, maxMessageBytes }, listener) {
      const WebSocket = constructorOf();
      const maxPayload = Math.min(maxMessageBytes, MAX_STRING_BYTES);
      const socket = new WebSocket(url, [...protocols], {
        ...tls,
        headers,
        agent,
        perMessageDeflate: compression,
        // The link does, where it has to.
        skipUTF8Validation: true,
        maxPayload,
      });
      return new WsLink(socket, listener, maxPayload);
    },
  };
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Node asks the same of an agent. */
const isAgent = (value: unknown): boolean =>
  isObject(value) && 'addRequest' in value && typeof value.addRequest === 'function';

function check(option: string, value: unknown, isTaken: boolean, takes: string): void {
  if (value === undefined || isTaken) return;
  const got = value === null ? 'null' : `a value of type ${typeof value}`;
  throw new JetSocketError(
    'INVALID_OPTION',
    `Cannot use option ${option}: it got ${got}, and takes ${takes}`,
  );
}
