import {
  JetSocket as CoreSocket,
  type Options,
  type Provider,
  type SchemaOptions,
  type Url,
} from '@jetsocket/core';
import { isomorphicTransport } from './transport.js';

/**
 * A JetSocket over the constructor of isomorphic-ws: in Node that of `ws`, which pings and sets headers. See
 * `JetSocket` of @jetsocket/core.
 */
export class JetSocket<Incoming = unknown, Outgoing = unknown> extends CoreSocket<
  Incoming,
  Outgoing
> {
  /**
   * @param url The address, or a function that returns it, sync or async, called before every attempt.
   * @param options How it behaves: see `Options`.
   * @throws {JetSocketError} `INVALID_OPTION`, naming the option, what it got and what it takes.
   */
  constructor(url: Provider<Url>, options: SchemaOptions<Incoming, Outgoing>);
  constructor(
    url: Provider<Url>,
    options?: Options<Incoming, Outgoing> | SchemaOptions<Incoming, Outgoing>,
  );
  constructor(
    url: Provider<Url>,
    options: Options<Incoming, Outgoing> | SchemaOptions<Incoming, Outgoing> = {},
  ) {
    super(url, options, { transport: isomorphicTransport });
  }
}

/**
 * Makes a socket and connects it: `new JetSocket(url, options)` and `connect()` in one.
 *
 * @param url The address, or a function that returns it, sync or async, called before every attempt.
 * @param options How it behaves: see `Options`.
 * @throws {JetSocketError} `INVALID_OPTION`, naming the option, what it got and what it takes.
 */
export function connect<Incoming, Outgoing = unknown>(
  url: Provider<Url>,
  options: SchemaOptions<Incoming, Outgoing>,
): JetSocket<Incoming, Outgoing>;
export function connect<Incoming = unknown, Outgoing = unknown>(
  url: Provider<Url>,
  options?: Options<Incoming, Outgoing> | SchemaOptions<Incoming, Outgoing>,
): JetSocket<Incoming, Outgoing>;
export function connect<Incoming = unknown, Outgoing = unknown>(
  url: Provider<Url>,
  options?: Options<Incoming, Outgoing> | SchemaOptions<Incoming, Outgoing>,
): JetSocket<Incoming, Outgoing> {
  const socket = new JetSocket<Incoming, Outgoing>(url, options);
  void socket.connect();
  return socket;
}
