import {
  JetSocket as CoreSocket,
  type Options,
  type Provider,
  type SchemaOptions,
  type Url,
} from '@jetsocket/core';
import WebSocket from 'ws';
import type { WsConstructor } from './ws-like.js';
import { type WsSettings, wsTransport } from './ws-transport.js';

/** The options, and what Node can do besides. With `transport`, `tls`, `agent` and `compression` mean nothing. */
export interface NodeOptions<Incoming = unknown, Outgoing = unknown, Decoded = Incoming>
  extends Options<Incoming, Outgoing, Decoded>, WsSettings {}

const constructorOf = (): WsConstructor => WebSocket;

/** A JetSocket over the package `ws`. See `JetSocket` of @jetsocket/core. */
export class JetSocket<Incoming = unknown, Outgoing = unknown> extends CoreSocket<
  Incoming,
  Outgoing
> {
  /**
   * @param url The address, or a function that returns it, sync or async, called before every attempt.
   * @param options How it behaves: see `NodeOptions`.
   * @throws {JetSocketError} `INVALID_OPTION`, naming the option, what it got and what it takes.
   */
  constructor(
    url: Provider<Url>,
    options: SchemaOptions<Incoming, Outgoing, NodeOptions<Incoming, Outgoing, unknown>>,
  );
  constructor(
    url: Provider<Url>,
    options?:
      | NodeOptions<Incoming, Outgoing>
      | SchemaOptions<Incoming, Outgoing, NodeOptions<Incoming, Outgoing, unknown>>,
  );
  constructor(
    url: Provider<Url>,
    options:
      | NodeOptions<Incoming, Outgoing>
      | SchemaOptions<Incoming, Outgoing, NodeOptions<Incoming, Outgoing, unknown>> = {},
  ) {
    super(url, options, {
      transport: () => {
        const { tls, agent, compression } = options;
        return wsTransport({ constructorOf, tls, agent, compression });
      },
      options: ['tls', 'agent', 'compression'],
    });
  }
}
