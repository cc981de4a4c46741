import type {
  Clock,
  FrameData,
  Link,
  LinkClosed,
  LinkListener,
  OpenRequest,
  Transport,
} from '@jetsocket/node';
import type { Connection, Sessions } from '../../src/index.js';

const LOST: LinkClosed = { code: 1006, reason: '', wasClean: false };

/** Hears every frame that the client sends, or is given. */
export type Overhear = (wire: Wire, way: 'up' | 'down', data: FrameData) => void;

/** A network of virtual time between one client and one server: each end is told of what happens to it alone. */
export class Network implements Transport {
  readonly takesHeaders = true;
  readonly wires: Wire[] = [];
  readonly clock: Clock;
  /** Undefined while the server is away. */
  server: Sessions<number, number> | undefined;
  latencyMs = 10;
  isRefusing = false;
  /** How much longer a socket that is opened now takes than others: each has a way of its own. */
  detourMs: () => number = () => 0;
  #live: Wire[] = [];
  overhear: Overhear = () => undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  open(request: OpenRequest, listener: LinkListener): Link {
    const wire = new Wire(this, request, listener);
    this.wires.push(wire);
    this.#live.push(wire);
    return wire;
  }

  /** Those that one end has, at least. One that is over for both stays so, but before it is open. */
  get live(): readonly Wire[] {
    this.#live = this.#live.filter((wire) => !wire.isOver);
    return this.#live;
  }
}

/** One connection. What is on its way arrives in order, or never. */
export class Wire implements Link {
  isClientOver = false;
  isServerOver = true;
  /** The client has closed it, and waits for the answer, if that. */
  isLeaving = false;
  /** The server has heard of it, or never will. */
  #hasArrived = false;
  /** Both ways, frames vanish, and nobody is told. */
  #isDead = false;
  readonly #network: Network;
  readonly #listener: LinkListener;
  #connection: Connection | undefined;
  readonly #arrives = { up: 0, down: 0 };
  readonly #detourMs: number;

  constructor(network: Network, { protocols }: OpenRequest, listener: LinkListener) {
    this.#network = network;
    this.#listener = listener;
    this.#detourMs = network.detourMs();
    this.#after('up', () => {
      const { server, isRefusing } = network;
      this.#hasArrived = true;
      if (server === undefined || isRefusing) return this.#endClient(LOST);
      this.isServerOver = false;
      this.#connection = server.connect(
        {
          send: (data) => this.#send('down', () => this.#give(data)),
          close: (code, reason) => {
            if (this.isServerOver) return;
            this.#send('down', () => this.#endClient({ code, reason, wasClean: true }));
            this.isServerOver = true;
          },
          terminate: () => {
            this.isServerOver = true;
            this.#send('down', () => this.#endClient(LOST));
          },
          bufferedBytes: 0,
        },
        'client',
      );
      return this.#send('down', () => this.#listener.onOpen(protocols[0] ?? ''));
    });
  }

  get isOver(): boolean {
    return this.isClientOver && this.isServerOver && this.#hasArrived;
  }

  /** The server has a connection, and no session on it. */
  get isWithoutSession(): boolean {
    return !this.isServerOver && this.#connection?.hasSession === false;
  }

  get bufferedBytes(): number {
    return 0;
  }

  send(data: FrameData): boolean {
    if (this.isClientOver) return false;
    this.#network.overhear(this, 'up', data);
    this.#send('up', () => this.#connection?.receive(data));
    return true;
  }

  close(code: number, reason: string): void {
    this.isLeaving = true;
    this.#send('up', () => {
      this.#endServer();
      this.#send('down', () => this.#endClient({ code, reason, wasClean: true }), true);
    });
  }

  abandon(): void {
    this.isClientOver = true;
    this.#after('up', () => this.#endServer());
  }

  /** It ends. Each end is told now, later, or not at all. */
  cut(client: 'told' | 'silent', server: 'told' | 'silent'): void {
    this.#isDead = true;
    if (client === 'told') this.#endClient(LOST);
    if (server === 'told') this.#endServer();
  }

  /** The server closes the socket, as one that restarts does. */
  closeFromServer(code: number): void {
    this.#send('down', () => this.#endClient({ code, reason: '', wasClean: true }));
    this.#endServer();
  }

  /** The process of the server is gone: the client hears of it. */
  crash(): void {
    this.isServerOver = true;
    this.#connection = undefined;
    this.#isDead = true;
    this.#endClient(LOST);
  }

  #give(data: FrameData): void {
    if (!this.isLeaving) this.#network.overhear(this, 'down', data);
    this.#listener.onMessage(data);
  }

  #send(way: 'up' | 'down', arrive: () => void, isLast: boolean = false): void {
    if (this.#isDead) return;
    this.#after(way, () => {
      if (this.#isDead) return;
      if (way === 'up' ? this.isServerOver : this.isClientOver) return;
      arrive();
    });
    if (isLast) this.isServerOver = true;
  }

  /** Later, and never before what was sent before it. */
  #after(way: 'up' | 'down', run: () => void): void {
    const { clock, latencyMs } = this.#network;
    const dueMs = Math.max(clock.now() + latencyMs + this.#detourMs, this.#arrives[way]);
    this.#arrives[way] = dueMs;
    clock.setTimer(dueMs - clock.now(), run);
  }

  #endClient(closed: LinkClosed): void {
    if (this.isClientOver) return;
    this.isClientOver = true;
    this.#listener.onClose(closed);
  }

  #endServer(): void {
    if (this.isServerOver) return;
    this.isServerOver = true;
    this.#connection?.closed();
  }
}
