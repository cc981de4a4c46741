/** For tests of several servers over virtual time: a client, and two servers that share a log. */
import { createSessions, type Session, type Sessions, type SessionsOptions } from '../src/index.js';
import { bench, type Bench } from './edge-kit.js';
import { type SharedLog, sharedLog } from './shared-log.js';

export type End = Parameters<Parameters<typeof listenToEnd>[1]>[0];

export const listenToEnd = (
  session: Session<unknown, unknown>,
  told: (end: {
    readonly reason: string;
    readonly unacknowledged: readonly { readonly status: string }[];
    readonly unrecorded?: { readonly from: number; readonly to: number } | undefined;
  }) => void,
): void => void session.on('end', told);

export interface TwoNodes extends Bench {
  readonly log: SharedLog;
  readonly first: Session<unknown, unknown>;
  /** What the first node's session ended with. */
  readonly ends: End[];
  readonly second: Sessions<unknown, unknown>;
  /** Sessions that the second node told of. */
  readonly there: Session<unknown, unknown>[];
  /** What the second node got. */
  readonly cameThere: unknown[];
  /** From now on whoever connects meets the second node, or the first one again. */
  readonly route: (to: 'first' | 'second' | 'none') => void;
}

export async function twoNodes(delayMs: number, options: SessionsOptions = {}): Promise<TwoNodes> {
  const log = sharedLog(delayMs);
  const made = await bench({}, { ttlMs: 60_000, ...options, log: log.factory });
  const { clock, network, server, sessions } = made;
  log.clock = clock;
  const second = createSessions({ clock, ttlMs: 60_000, ...options, log: log.factory });
  const there: Session<unknown, unknown>[] = [];
  const cameThere: unknown[] = [];
  second.on('session', (session) => {
    there.push(session);
    session.on('message', (message) => void cameThere.push(message));
  });
  const [first] = sessions;
  if (first === undefined) throw new Error('There is no session');
  const ends: End[] = [];
  listenToEnd(first, (end) => void ends.push(end));
  const route: TwoNodes['route'] = (to) => {
    network.isRefusing = to === 'none';
    network.server = to === 'first' ? server : second;
  };
  return { ...made, log, first, ends, second, there, cameThere, route };
}
