/** For the tests of this package: a client, a network that fails on request, and a real server behind it. */
import { createFaultProxy, type FaultProxy } from '@jetsocket/testing/proxy';
import { onTestFinished } from 'vitest';
import type { ServerOptions } from 'ws';
import { EventLog, serve, type WsServer } from '../../node/test/test-kit.js';
import { JetSocket, type Options } from '../src/index.js';

export {
  deferred,
  freePort,
  EventLog,
  serve,
  serveHttp,
  serveTcp,
  type WsServer,
} from '../../node/test/test-kit.js';

/** Retries come soon, and always after the same wait. */
export const backoff = { baseMs: 10, jitter: false, capMs: 20 } as const;

export interface Rig<Incoming = unknown, Outgoing = unknown> {
  readonly server: WsServer;
  readonly proxy: FaultProxy;
  /** Not connected yet. */
  readonly socket: JetSocket<Incoming, Outgoing>;
  readonly record: EventLog;
  /** Where the socket connects to: the proxy. */
  readonly uri: string;
}

/** All three, gone at the end of the test. */
export async function rig<Incoming = unknown, Outgoing = unknown>(
  options: Options<Incoming, Outgoing> = {},
  serverOptions: Partial<ServerOptions> = {},
): Promise<Rig<Incoming, Outgoing>> {
  const server = await serve(serverOptions);
  const proxy = await createFaultProxy({ target: { port: server.port } });
  onTestFinished(() => proxy.close());
  const uri = `ws://127.0.0.1:${proxy.port}/`;
  const { socket, record } = client(uri, options);
  return { server, proxy, socket, record, uri };
}

/** A socket that is not connected yet, and what it says. */
export function client<Incoming = unknown, Outgoing = unknown>(
  url: string,
  options: Options<Incoming, Outgoing> = {},
): { readonly socket: JetSocket<Incoming, Outgoing>; readonly record: EventLog } {
  const socket = new JetSocket<Incoming, Outgoing>(url, { backoff, ...options });
  const replays = options.replay?.mode !== 'none';
  return { socket, record: new EventLog(socket, { replays }) };
}
