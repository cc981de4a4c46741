/** A server behind a proxy that breaks connections, and a way to count what the drop-in does. */
import { createFaultProxy, type FaultProxy } from '@jetsocket/testing/proxy';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocket as DropIn } from 'jetsocket/websocket';
import { onTestFinished } from 'vitest';

/** An HTTP server on loopback behind a proxy, both gone at the end of the test. */
export async function behindProxy(): Promise<{
  readonly http: Server;
  readonly proxy: FaultProxy;
  readonly url: string;
}> {
  const http = createServer();
  const open = new Set<Duplex>();
  http.on('connection', (socket: Duplex) => open.add(socket));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const proxy = await createFaultProxy({ target: { port: (http.address() as AddressInfo).port } });
  onTestFinished(async () => {
    await proxy.close();
    http.close();
    for (const socket of open) socket.destroy();
  });
  return { http, proxy, url: `ws://127.0.0.1:${proxy.port}` };
}

/** The drop-in as a library is given it, and every socket that the library made of it. */
export function counted(): { readonly WebSocket: typeof DropIn; readonly made: DropIn[] } {
  const made: DropIn[] = [];
  class WebSocket extends DropIn {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols, { backoff: { baseMs: 20, capMs: 50 } });
      made.push(this);
    }
  }
  onTestFinished(() => {
    for (const socket of made) socket.close();
  });
  return { WebSocket, made };
}

/** How many of them have, or try to have, a connection. */
export const alive = (made: readonly DropIn[]): number =>
  made.filter(({ jetSocket }) => !['closed', 'failed'].includes(jetSocket.state)).length;
