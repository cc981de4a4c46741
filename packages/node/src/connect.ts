import type { Provider, SchemaOptions, Url } from '@jetsocket/core';
import { JetSocket, type NodeOptions } from './jet-socket.js';

/**
 * Makes a socket and connects it: `new JetSocket(url, options)` and `connect()` in one.
 *
 * @param url The address, or a function that returns it, sync or async, called before every attempt.
 * @param options How it behaves: see `NodeOptions`.
 * @throws {JetSocketError} `INVALID_OPTION`, naming the option, what it got and what it takes.
 */
export function connect<Incoming, Outgoing = unknown>(
  url: Provider<Url>,
  options: SchemaOptions<Incoming, Outgoing, NodeOptions<Incoming, Outgoing, unknown>>,
): JetSocket<Incoming, Outgoing>;
export function connect<Incoming = unknown, Outgoing = unknown>(
  url: Provider<Url>,
  options?:
    | NodeOptions<Incoming, Outgoing>
    | SchemaOptions<Incoming, Outgoing, NodeOptions<Incoming, Outgoing, unknown>>,
): JetSocket<Incoming, Outgoing>;
export function connect<Incoming = unknown, Outgoing = unknown>(
  url: Provider<Url>,
  options?:
    | NodeOptions<Incoming, Outgoing>
    | SchemaOptions<Incoming, Outgoing, NodeOptions<Incoming, Outgoing, unknown>>,
): JetSocket<Incoming, Outgoing> {
  const socket = new JetSocket<Incoming, Outgoing>(url, options);
  void socket.connect();
  return socket;
}
