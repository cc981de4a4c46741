/** For the tests of this package: servers and clients on loopback, gone at the end of the test. */
import { connect, type JetSocket, type JetSocketEvent, type NodeOptions } from '@jetsocket/node';
import { createGrammarChecker } from '@jetsocket/testing';
import { createFaultProxy, type FaultProxy } from '@jetsocket/testing/proxy';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import { createSessions, type Session, type Sessions, type SessionsOptions } from '../src/index.js';

/** A server of sessions on a port of its own. */
export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly sessions: Sessions<unknown, unknown>;
  /** Every session that it told of, the oldest first. */
  readonly told: Session<unknown, unknown>[];
  /** Errors that were told. */
  readonly errors: string[];
  /** The next session that is told of, or the last one. */
  session(): Promise<Session<unknown, unknown>>;
}

/** @param isHeard Whether it listens to `error`. */
export async function serve(
  options: SessionsOptions = {},
  isHeard: boolean = true,
): Promise<TestServer> {
  const sessions = createSessions(options);
  const http = createServer();
  http.on('upgrade', (request, socket, head) => {
    sessions.handleUpgrade(request, socket, head);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  const told: Session<unknown, unknown>[] = [];
  const errors: string[] = [];
  const waiting: ((session: Session<unknown, unknown>) => void)[] = [];
  sessions.on('session', (session) => {
    told.push(session);
    for (const tell of waiting.splice(0)) tell(session);
  });
  if (isHeard) sessions.on('error', (error) => void errors.push(`${error.code}: ${error.message}`));
  onTestFinished(async () => {
    await sessions.close();
    http.close();
  });
  const session = (): Promise<Session<unknown, unknown>> =>
    new Promise((resolve) => {
      const last = told.at(-1);
      if (last !== undefined) resolve(last);
      else waiting.push(resolve);
    });
  return { url: `ws://127.0.0.1:${port}`, port, sessions, told, errors, session };
}

/** A proxy before a server. */
export async function proxyTo(port: number): Promise<FaultProxy> {
  const proxy = await createFaultProxy({ target: { port } });
  onTestFinished(() => proxy.close());
  return proxy;
}

/** A client that remembers what it said. Its events are checked against the grammar as they come. */
export interface TestClient {
  readonly socket: JetSocket;
  readonly events: JetSocketEvent[];
  /** The messages that came. */
  readonly got: unknown[];
  /** The names of the events, but for those of messages and changes of state. */
  readonly names: () => string[];
}

/** Retries come at once, always after the same wait, and as many as a test cuts. */
const backoff = { baseMs: 10, capMs: 10, jitter: false, maxPerMinute: Infinity };

export function client(url: string | (() => string), options: NodeOptions = {}): TestClient {
  const socket = connect(url, { backoff, replay: { mode: 'session' }, ...options });
  const grammar = createGrammarChecker();
  const events: JetSocketEvent[] = [];
  const got: unknown[] = [];
  socket.on('*', (event) => {
    events.push(event);
    grammar.accept(event);
    if (event.type === 'message') got.push(event.data);
    if (event.type === 'error' && event.code === 'HANDLER_FAILED') throw event.error;
  });
  onTestFinished(() => socket.close());
  const names = (): string[] =>
    events
      .map((event) => (event.type === 'error' ? `error ${event.code}` : event.type))
      .filter((name) => name !== 'state_change' && name !== 'message' && name !== 'connecting');
  return { socket, events, got, names };
}

/** The numbers from 1 to `count`. */
export const numbers = (count: number): number[] =>
  Array.from({ length: count }, (_, index) => index + 1);

/** `expect.poll`, with the patience that a busy machine needs. */
export const eventually: typeof expect.poll = (ask, options) =>
  expect.poll(ask, { timeout: 20_000, ...options });
