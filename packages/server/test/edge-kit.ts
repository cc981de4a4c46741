/** For the table of edge cases: a client and a server, or what plays one, over virtual time. */
import {
  type Delivery,
  type FrameData,
  JetSocket,
  type JetSocketEvent,
  type NodeOptions,
} from '@jetsocket/node';
import { createGrammarChecker, FakeClock } from '@jetsocket/testing';
import { onTestFinished } from 'vitest';
import {
  createSessions,
  type Connection,
  type Session,
  type Sessions,
  type SessionsOptions,
  type Socket,
} from '../src/index.js';
import { Network } from './simulation/network.js';

export interface Bench {
  readonly clock: FakeClock;
  readonly network: Network;
  readonly socket: JetSocket<unknown, unknown>;
  readonly events: JetSocketEvent[];
  /** What the client got. */
  readonly got: unknown[];
  /** What the server got. */
  readonly came: unknown[];
  /** Sessions that the server told of. */
  readonly sessions: Session<unknown, unknown>[];
  readonly server: Sessions<unknown, unknown>;
  readonly codes: () => string[];
  readonly send: (...messages: unknown[]) => Delivery[];
  /** The newest connection. */
  readonly cut: (client: 'told' | 'silent', server: 'told' | 'silent') => void;
}

/** Both ends, connected. */
export async function bench(
  options: NodeOptions = {},
  serverOptions: SessionsOptions = {},
): Promise<Bench> {
  const clock = new FakeClock();
  const network = new Network(clock);
  const made = client(clock, network, options);
  const came: unknown[] = [];
  const sessions: Session<unknown, unknown>[] = [];
  const server = createSessions({ clock, ...serverOptions });
  server.on('session', (session) => {
    sessions.push(session);
    session.on('message', (message) => void came.push(message));
  });
  network.server = server;
  await clock.advance(100);
  return { clock, network, ...made, came, sessions, server };
}

/** What plays the server: it is told of every frame, and answers as it likes. */
export interface Played extends Omit<Bench, 'came' | 'sessions' | 'server'> {
  /** What came over each socket, the oldest first. */
  readonly frames: string[][];
}

export type Part = (frame: string, socket: Socket, index: number) => void;

/** A client before a server that is played. */
export async function play(part: Part, options: NodeOptions = {}): Promise<Played> {
  const clock = new FakeClock();
  const network = new Network(clock);
  const frames: string[][] = [];
  const server = {
    connect(socket: Socket): Pick<Connection, 'receive' | 'closed'> {
      const mine: string[] = [];
      const index = frames.push(mine) - 1;
      return {
        receive(data: FrameData) {
          mine.push(String(data));
          part(String(data), socket, index);
        },
        closed: () => undefined,
      };
    },
  };
  network.server = server as never;
  const made = client(clock, network, options);
  await clock.advance(100);
  return { clock, network, ...made, frames };
}

/** The answer to a hello: all is well. */
export function welcome(hello: string, fields: object = {}): string {
  const { sid } = JSON.parse(hello) as { sid: string };
  return JSON.stringify({ jet: 1, sid, rx: 0, hi: 0, ttl: 60, win: 256, ...fields });
}

function client(
  clock: FakeClock,
  network: Network,
  options: NodeOptions,
): Omit<Bench, 'clock' | 'network' | 'came' | 'sessions' | 'server'> {
  const socket = new JetSocket<unknown, unknown>('ws://server', {
    transport: network,
    clock,
    random: 1,
    replay: { mode: 'session' },
    backoff: { baseMs: 100, capMs: 100, jitter: false, maxPerMinute: Infinity },
    heartbeat: { intervalMs: 2_000, timeoutMs: 1_000 },
    connectTimeoutMs: 3_000,
    ...options,
  });
  const grammar = createGrammarChecker();
  const events: JetSocketEvent[] = [];
  const got: unknown[] = [];
  let wrong: Error | undefined;
  socket.on('*', (event) => {
    events.push(event);
    try {
      grammar.accept(event);
    } catch (thrown) {
      wrong ??= thrown as Error;
    }
    if (event.type === 'message') got.push(event.data);
  });
  onTestFinished(() => {
    if (wrong !== undefined) throw wrong;
  });
  void socket.connect();
  return {
    socket,
    events,
    got,
    codes: () => events.flatMap((event) => (event.type === 'error' ? [event.code] : [])),
    send: (...messages) => messages.map((message) => socket.send(message)),
    cut: (onClient, onServer) => network.wires.at(-1)?.cut(onClient, onServer),
  };
}
