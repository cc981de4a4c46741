/** The door: it can be shut and opened again at the same address. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { FaultProxyError } from './errors.js';
import type { Address } from './options.js';

export class Listener {
  readonly #accept: (client: Socket) => void;
  #address: Address;
  #server: Server | undefined;
  /** Opening takes a moment. Whoever comes in between waits for their turn. */
  #turn: Promise<void> = Promise.resolve();

  constructor(address: Address, accept: (client: Socket) => void) {
    this.#address = address;
    this.#accept = accept;
  }

  /** Once it was open, where it listened: an IP address, and a port that is not 0. */
  get address(): Address {
    return this.#address;
  }

  open(): Promise<void> {
    return this.#next(async () => {
      if (this.#server === undefined) this.#server = await this.#listen();
    });
  }

  /** From then on, connections are refused. Those that were accepted are not touched. */
  shut(): Promise<void> {
    return this.#next(async () => {
      this.#server?.close();
      this.#server = undefined;
    });
  }

  #next(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #listen(): Promise<Server> {
    const server = createServer({ allowHalfOpen: true }, this.#accept);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      // A cluster would share the port, and go on listening when we stop.
      server.listen({ ...this.#address, exclusive: true }, () => {
        server.off('error', reject);
        resolve();
      });
    }).catch((cause: unknown) => {
      const { host, port } = this.#address;
      throw new FaultProxyError('LISTEN_FAILED', `Cannot listen on ${host}:${port}`, cause);
    });
    this.#address = addressOf(server, this.#address);
    return server;
  }
}

function addressOf(server: Server, fallback: Address): Address {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') return fallback;
  return { host: address.address, port: address.port };
}
