import {
  JetSocket as CoreSocket,
  type Options,
  type Provider,
  type SchemaOptions,
  type Url,
} from '@jetsocket/core';
import { browserSignals } from './signals.js';
import { browserTransport } from './transport.js';

/** A JetSocket over the native WebSocket. See `JetSocket` of @jetsocket/core. */
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
    super(url, options, { transport: () => browserTransport(), signals: () => browserSignals() });
  }
}
