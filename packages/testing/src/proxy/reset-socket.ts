import type { Socket } from 'node:net';

/** Closes a socket with RST. What it has not sent is dropped. */
export function resetSocket(socket: Socket): void {
  if (socket.destroyed) return;
  // There is no connection to reset. Node would wait for one first. If the peer has just accepted,
  // and we have not heard of it, it sees an empty connection that ends.
  if (socket.pending) return void socket.destroy();
  // While libuv shuts a socket down it refuses to reset it, and Node would lose the handle.
  if (socket.writableEnded && !socket.writableFinished) {
    return void socket.once('finish', () => resetSocket(socket));
  }
  socket.resetAndDestroy();
}
