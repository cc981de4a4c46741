import type { Session as PublicSession } from '../src/interfaces.js';
import { Session } from '../src/session.js';

/** What the server sees of a session, and its users do not. */
export function inside<Incoming, Outgoing>(
  session: PublicSession<Incoming, Outgoing>,
): Session<Incoming, Outgoing> {
  if (session instanceof Session) return session as Session<Incoming, Outgoing>;
  throw new Error('This is no session of ours');
}
