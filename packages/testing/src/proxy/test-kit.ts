/** For the proxy's own tests: a target, a proxy before it, and peers that remember what they saw. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { FaultProxy, FaultProxyOptions } from './api.js';
import { createFaultProxy } from './fault-proxy.js';

/** One end of a connection, and what it saw. */
export class Peer {
  readonly socket: Socket;
  /** What it saw, in order. */
  readonly seen: string[] = [];
  /** Resolves when the socket is closed: what it saw and received is final then. */
  readonly closed: Promise<void>;
  readonly #chunks: Buffer[] = [];
  #byteCount = 0;
  #look: () => void = () => undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes: Buffer) => {
      this.#chunks.push(bytes);
      this.#byteCount += bytes.length;
      this.#look();
    });
    socket.on('end', () => this.seen.push('end'));
    socket.on('error', (error: NodeJS.ErrnoException) => this.seen.push(String(error.code)));
    this.closed = new Promise((resolve) => socket.on('close', () => resolve()));
  }

  get received(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get text(): string {
    return this.received.toString('latin1');
  }

  send(data: string | Uint8Array): void {
    this.socket.write(data);
  }

  /** Resolves when so many bytes are there, or rejects when they never will be. */
  async receive(byteCount: number): Promise<Buffer> {
    const enough = new Promise<void>((resolve) => {
      this.#look = () => {
        if (this.#byteCount >= byteCount) resolve();
      };
      this.#look();
    });
    const over = this.closed.then(() => {
      if (this.#byteCount < byteCount) throw new Error(`closed at ${this.#byteCount} bytes`);
    });
    await Promise.race([enough, over]);
    return this.received;
  }
}

/** A server that says nothing by itself, and whose ends of connections can be awaited. */
export class Target {
  readonly peers: Peer[] = [];
  readonly server: Server;
  readonly #waiting: (() => void)[] = [];

  private constructor(allowHalfOpen: boolean) {
    this.server = createServer({ allowHalfOpen, noDelay: true }, (socket) => {
      this.peers.push(new Peer(socket));
      for (const look of this.#waiting) look();
    });
  }

  static async listen({
    allowHalfOpen = false,
    port = 0,
  }: { readonly allowHalfOpen?: boolean; readonly port?: number } = {}): Promise<Target> {
    const target = new Target(allowHalfOpen);
    target.server.listen(port, '127.0.0.1');
    await once(target.server, 'listening');
    onTestFinished(() => target.stop());
    return target;
  }

  get port(): number {
    return addressOf(this.server).port;
  }

  /** The end of the n-th connection, from 0. */
  peer(index: number): Promise<Peer> {
    return new Promise((resolve) => {
      const look = (): void => {
        const peer = this.peers[index];
        if (peer) resolve(peer);
      };
      this.#waiting.push(look);
      look();
    });
  }

  stop(): void {
    this.server.close();
    for (const { socket } of this.peers) socket.destroy();
  }
}

export function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on TCP');
  return address;
}

/** Connects to a port, and is gone at the end of the test. */
export function client(port: number, options: { readonly allowHalfOpen?: boolean } = {}): Peer {
  const { allowHalfOpen = false } = options;
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen, noDelay: true });
  onTestFinished(() => void socket.destroy());
  return new Peer(socket);
}

export async function connected(port: number, options?: { allowHalfOpen: boolean }): Promise<Peer> {
  const peer = client(port, options);
  await once(peer.socket, 'connect');
  return peer;
}

export type Rig = {
  readonly proxy: FaultProxy;
  readonly target: Target;
  /** Connects through the proxy, and gives both ends. */
  readonly join: () => Promise<readonly [near: Peer, far: Peer]>;
};

export async function rig(
  options: Partial<FaultProxyOptions> & { readonly allowHalfOpen?: boolean } = {},
): Promise<Rig> {
  const { allowHalfOpen = false, ...rest } = options;
  const target = await Target.listen({ allowHalfOpen });
  const proxy = await createFaultProxy({ target: { port: target.port }, ...rest });
  onTestFinished(() => proxy.close());
  let joined = 0;
  const join: Rig['join'] = async () => {
    const near = client(proxy.port, { allowHalfOpen });
    return [near, await target.peer(joined++)];
  };
  return { proxy, target, join };
}

/** A question and an answer. What was sent before on other paths has had its time by then. */
export async function roundTrips(near: Peer, far: Peer, count = 1): Promise<void> {
  for (let trip = 0; trip < count; trip++) {
    const [nearCount, farCount] = [near.received.length, far.received.length];
    near.send('?');
    await far.receive(farCount + 1);
    far.send('!');
    await near.receive(nearCount + 1);
  }
}

/** Bytes in which every displacement shows. */
export function pattern(byteCount: number): Buffer {
  const bytes = Buffer.alloc(byteCount);
  for (let index = 0; index < byteCount; index++) bytes[index] = (index * 31 + (index >> 8)) & 0xff;
  return bytes;
}
