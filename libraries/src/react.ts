/** A JetSocket in React: one for each address, however many components use it. */
import { connect, type JetSocket } from 'jetsocket';
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';

interface Shared {
  readonly socket: JetSocket;
  users: number;
}

const shared = new Map<string, Shared>();

function acquire(url: string): JetSocket {
  const entry = shared.get(url) ?? { socket: connect(url), users: 0 };
  shared.set(url, entry);
  entry.users++;
  if (entry.socket.state === 'failed') void entry.socket.connect(); // Begins anew.
  return entry.socket;
}

/** Not at once: StrictMode unmounts and mounts again, and the next page's component may use it. */
function release(url: string): void {
  setTimeout(() => {
    const entry = shared.get(url);
    if (entry === undefined || --entry.users > 0) return;
    shared.delete(url);
    void entry.socket.close();
  }, 0);
}

/** The socket, undefined until the component is mounted and on a server, and its state. */
export function useJetSocket(url: string): readonly [JetSocket | undefined, JetSocket['state']] {
  const [socket, setSocket] = useState<JetSocket>();
  useEffect(() => {
    setSocket(acquire(url));
    return () => {
      setSocket(undefined);
      release(url);
    };
  }, [url]);
  const subscribe = useCallback(
    (told: () => void) => socket?.on('state_change', told) ?? (() => undefined),
    [socket],
  );
  const state = useSyncExternalStore(
    subscribe,
    () => socket?.state ?? 'idle',
    () => 'idle' as const,
  );
  return [socket, state];
}

/** Calls `handle` with each message. Give one that stays the same, as by `useCallback`. */
export function useMessages(
  socket: JetSocket | undefined,
  handle: (message: unknown) => void,
): void {
  useEffect(() => socket?.on('message', ({ data }) => handle(data)), [socket, handle]);
}
