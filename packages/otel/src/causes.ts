import type { Cause } from '@jetsocket/core';
import type { InstrumentSocket } from './instrument.js';

/** How a connection ended, and why. */
export interface Disconnect {
  readonly code: number;
  readonly cause: Cause;
  readonly willReconnect: boolean;
}

/**
 * Tells of every `disconnected`, with the cause that it does not have itself: the change of state before it has one,
 * or, when a connection is replaced by another, the `reconnecting` after it.
 */
export function causes(socket: InstrumentSocket, tell: (end: Disconnect) => void): () => void {
  let last: { readonly to: string; readonly cause: Cause } | undefined;
  let untold: Omit<Disconnect, 'cause'> | undefined;
  const stops = [
    socket.on('state_change', ({ to, cause }) => {
      last = { to, cause };
    }),
    socket.on('disconnected', ({ code, will_reconnect: willReconnect }) => {
      if (last === undefined || last.to === 'connected') untold = { code, willReconnect };
      else tell({ code, willReconnect, cause: last.cause });
    }),
    socket.on('reconnecting', ({ cause }) => {
      if (untold !== undefined) tell({ ...untold, cause });
      untold = undefined;
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
