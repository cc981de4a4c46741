import { createFaultProxy, type FaultProxy } from '@jetsocket/testing/proxy';
import {
  type FaultRequest,
  type LastingFault,
  type NetworkView,
  RESTART_MS,
  SLOW_MS,
} from '../shared/protocol.js';
import { Backend } from './backend.js';
import { Storm } from './storm.js';

/** A page's own network: a {@link Backend} behind a proxy that breaks on request. */
export class Network {
  readonly id: string;
  readonly backend = new Backend();
  readonly #proxy: FaultProxy;
  readonly #storm: Storm;
  #fault: LastingFault | null = null;
  #restartTimer: ReturnType<typeof setTimeout> | undefined;
  #work: Promise<void> = Promise.resolve();

  /** @param port Where the handshakes for the backend come in. */
  static async open(id: string, port: number): Promise<Network> {
    return new Network(id, await createFaultProxy({ target: { host: '127.0.0.1', port } }));
  }

  private constructor(id: string, proxy: FaultProxy) {
    this.id = id;
    this.#proxy = proxy;
    this.#storm = new Storm(proxy);
  }

  view(run: string): NetworkView {
    return {
      id: this.id,
      url: `ws://127.0.0.1:${this.#proxy.port}/ws/${this.id}`,
      fault: this.#fault,
      connections: this.backend.connections,
      rateIn: this.backend.rate,
      run: this.backend.view(run),
    };
  }

  /** Breaks or mends. One after the other, however fast they are asked for. */
  apply(request: FaultRequest): Promise<void> {
    const done = this.#work.then(() => this.#apply(request));
    // What failed is told to who asked for it, and is not in the way of the next.
    this.#work = done.catch(() => undefined);
    return done;
  }

  async close(): Promise<void> {
    clearTimeout(this.#restartTimer);
    await this.#work;
    await this.#storm.end();
    this.backend.stop();
    await this.#proxy.close();
  }

  async #apply(request: FaultRequest): Promise<void> {
    switch (request.kind) {
      case 'cut':
        return void this.#proxy.cut();
      case 'close':
        return this.backend.closeAll(request.code, request.reason);
      case 'restore':
        return this.#restore();
      default:
        // One lasting fault at a time: what a person did last is what she sees.
        await this.#restore();
        await this.#break(request.kind);
        this.#fault = request.kind;
    }
  }

  async #break(fault: LastingFault): Promise<void> {
    switch (fault) {
      case 'hang':
        return void this.#proxy.hang();
      case 'slow':
        return void this.#proxy.slow({ delayMs: SLOW_MS });
      case 'refuse':
        return this.#leave();
      case 'restart':
        await this.#leave();
        this.#restartTimer = setTimeout(() => this.#comeBack(), RESTART_MS);
        return;
      case 'reject':
        this.backend.rejecting = true;
        // Who is in would not notice: the next handshake is what this is about.
        return void this.#proxy.cut();
      case 'storm':
        return this.#storm.begin();
    }
  }

  /** The server is gone: nobody listens, and who was connected is not any more. */
  async #leave(): Promise<void> {
    await this.#proxy.refuse(true);
    this.#proxy.cut();
    this.backend.terminateAll();
  }

  #comeBack(): void {
    this.apply({ kind: 'restore' }).catch((error: unknown) => {
      console.error('Cannot come back from a restart', error);
    });
  }

  async #restore(): Promise<void> {
    clearTimeout(this.#restartTimer);
    this.backend.rejecting = false;
    await this.#storm.end();
    await this.#proxy.restore();
    this.#fault = null;
  }
}
