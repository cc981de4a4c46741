/** A JetSocket as stores of Svelte: it is open while a component reads one of them. */
import { JetSocket } from 'jetsocket';
import { type Readable, readable } from 'svelte/store';

export function jetSocket(url: string): {
  readonly socket: JetSocket;
  readonly state: Readable<JetSocket['state']>;
} {
  const socket = new JetSocket(url); // Nothing happens yet.
  const state = readable<JetSocket['state']>('idle', (set) => {
    // A server that renders subscribes, too, and must not connect.
    if (typeof document === 'undefined') return undefined;
    const off = socket.on('state_change', ({ to }) => set(to));
    void socket.connect().catch(() => undefined);
    return () => {
      off();
      void socket.close();
    };
  });
  return { socket, state };
}
