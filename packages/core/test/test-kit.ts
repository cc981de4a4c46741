/** What the tests of the whole client share: a client, its clock and its network, all virtual. */
import {
  FakeClock,
  type FakeLink,
  FakeTransport,
  type FakeTransportOptions,
} from '@jetsocket/testing';
import type { JetSocketEvent } from '../src/events.js';
import { JetSocket } from '../src/jet-socket.js';
import type { Options } from '../src/options.js';

export const URL_OF_TESTS = 'wss://host/socket';

/** A client and its world. */
export interface Bench {
  readonly clock: FakeClock;
  readonly transport: FakeTransport;
  readonly socket: JetSocket;
  /** Every event so far. */
  readonly events: JetSocketEvent[];
  /** The names of the events since the last call, without state_change. */
  names(): string[];
  /** The newest link. */
  link(): FakeLink;
}

/** Makes a client that is not connected yet. The waits before retries are the ceilings, without dice. */
export function bench(options: Options = {}, world: Partial<FakeTransportOptions> = {}): Bench {
  const clock = new FakeClock();
  const transport = new FakeTransport({ clock, ...world });
  const socket = new JetSocket(URL_OF_TESTS, {
    clock,
    transport,
    backoff: { jitter: false, ...options.backoff },
    ...options,
  });
  const events: JetSocketEvent[] = [];
  socket.on('*', (event) => events.push(event));
  let told = 0;
  return {
    clock,
    transport,
    socket,
    events,
    names() {
      const names = events.slice(told).map(({ type }) => type);
      told = events.length;
      return names.filter((name) => name !== 'state_change');
    },
    link() {
      const link = transport.links.at(-1);
      if (link === undefined) throw new Error('There was no attempt yet');
      return link;
    },
  };
}

/** Makes a client, and lets it connect: 20 ms, a handshake's two ways. */
export async function connected(
  options: Options = {},
  world: Partial<FakeTransportOptions> = {},
): Promise<Bench> {
  const made = bench(options, world);
  void made.socket.connect();
  await made.clock.advance(20);
  made.names();
  return made;
}
