import type { Session as PublicSession } from '../src/interfaces.js';
import type { Session } from '../src/session.js';

/** What the server sees of a session, and its users do not. Of a mutated copy it is another class: nothing is asked of that. */
export const inside = <Incoming, Outgoing>(
  session: PublicSession<Incoming, Outgoing>,
): Session<Incoming, Outgoing> => session as Session<Incoming, Outgoing>;
