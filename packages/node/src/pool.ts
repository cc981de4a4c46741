import {
  type AbortSignalLike,
  type Clock,
  EVENT_NAMES,
  JetSocketError,
  type Provider,
  type Url,
} from '@jetsocket/core';
import { JetSocket, type NodeOptions } from './jet-socket.js';
import { checkAcquire, resolvePool } from './pool-options.js';

/** The bounds of a pool. Durations in milliseconds. */
export interface PoolOptions {
  /** How many connections there may be at once, to all addresses together, idle ones included. Default: 10. */
  readonly max?: number | undefined;
  /** How long a connection that nobody uses is kept. Default: 30,000. */
  readonly idleMs?: number | undefined;
  /** How long `acquire()` may take: to wait for its turn and to connect. Default: 10,000. */
  readonly acquireTimeoutMs?: number | undefined;
  /** Time, for tests. */
  readonly clock?: Clock | undefined;
}

/** How one wait for a connection behaves. */
export interface AcquireOptions {
  /** Gives up the wait when aborted. */
  readonly signal?: AbortSignalLike | undefined;
}

/** A connection on loan. */
export interface Lease<Incoming = unknown, Outgoing = unknown> {
  /** Connected. While it is on loan it comes back by itself, as any JetSocket. */
  readonly socket: JetSocket<Incoming, Outgoing>;
  /**
   * Gives it back, without the handlers that were added. What is connected serves the next one. What is not is
   * closed, and so is one on which something goes on still, as `JetSocket.isInUse` says. May be called again.
   */
  release(): void;
  /** `await using lease = await pool.acquire(url)` gives it back at the end of the block. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a pool holds. A snapshot. */
export interface PoolStats {
  /** Connections on loan, and being made for one who waits. */
  readonly inUse: number;
  /** Connections that wait for somebody. */
  readonly idle: number;
  /** Calls of `acquire()` that wait for their turn. */
  readonly waiting: number;
}

/** Connections for those who need one for a while. */
export interface Pool {
  /**
   * Takes a connection: one that is idle, with the same URL and the same `options` object, or a new one. Who came
   * first is served first.
   *
   * @returns A promise of the lease. Rejects with `POOL_TIMEOUT`, `ABORTED`, `CLOSED` at the end of the pool, or
   * with what the connection failed for.
   * @throws {JetSocketError} `INVALID_OPTION` at once.
   */
  acquire<Incoming = unknown, Outgoing = unknown>(
    url: Provider<Url>,
    options?: NodeOptions<Incoming, Outgoing>,
    how?: AcquireOptions,
  ): Promise<Lease<Incoming, Outgoing>>;
  /** What it holds at this moment. */
  stats(): PoolStats;
  /** Closes what is idle now, what is on loan when it is given back, and turns away those that wait. May be called again. */
  close(): Promise<void>;
  /** `await using pool = createPool()` closes it at the end of the block. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Makes a pool of connections, for servers that need one per task and not one per process.
 *
 * @throws {JetSocketError} `INVALID_OPTION`, naming the option, what it got and what it takes.
 */
export function createPool(options: PoolOptions = {}): Pool {
  return new SocketPool(options);
}

/** What makes one connection as good as another: an address by its text, a function and options by identity. */
interface Key {
  readonly url: unknown;
  readonly options: unknown;
}

interface Idle {
  readonly key: Key;
  readonly socket: JetSocket;
  readonly stop: () => void;
}

/** One who waits for a place, or for the connection that is being made for it. */
interface Waiter {
  readonly key: Key;
  readonly make: () => JetSocket;
  readonly resolve: (lease: Lease) => void;
  readonly reject: (error: unknown) => void;
  /** Lets go of timer and signal. */
  release: () => void;
  isOver: boolean;
}

class SocketPool implements Pool {
  readonly #max: number;
  readonly #idleMs: number;
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  /** The one that was idle longest first: it is the first to go. */
  readonly #idle: Idle[] = [];
  readonly #queue: Waiter[] = [];
  /** Those for whom a connection is being made. */
  readonly #connecting = new Set<Waiter>();
  readonly #leaving = new Set<Promise<void>>();
  #inUse = 0;
  #isClosed = false;

  constructor(options: PoolOptions) {
    const { max, idleMs, acquireTimeoutMs, clock } = resolvePool(options);
    this.#max = max;
    this.#idleMs = idleMs;
    this.#timeoutMs = acquireTimeoutMs;
    this.#clock = clock;
  }

  acquire<Incoming, Outgoing>(
    url: Provider<Url>,
    options?: NodeOptions<Incoming, Outgoing>,
    how: AcquireOptions = {},
  ): Promise<Lease<Incoming, Outgoing>> {
    const signal = checkAcquire(how);
    if (this.#isClosed) return Promise.reject(closed());
    if (signal?.aborted === true) return Promise.reject(aborted(signal));
    const make = (): JetSocket<Incoming, Outgoing> => new JetSocket(url, options);
    // Misuse is thrown to the one who did it, not to a queue. It costs nothing: nothing happens before connect().
    make();
    const key = { url: typeof url === 'function' ? url : textOf(url), options };
    return new Promise<Lease>((resolve, reject) => {
      // In a pool a socket is one of many; what it carries is the claim of the one who takes it.
      const waiter = this.#waiter(key, make as unknown as () => JetSocket, resolve, reject, signal);
      this.#queue.push(waiter);
      this.#serve();
    }) as unknown as Promise<Lease<Incoming, Outgoing>>;
  }

  stats(): PoolStats {
    return Object.freeze({
      inUse: this.#inUse,
      idle: this.#idle.length,
      waiting: this.#queue.length,
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const waiter of [...this.#queue.splice(0), ...this.#connecting]) {
      settle(waiter)?.reject(closed());
    }
    for (const idle of this.#idle.splice(0)) this.#letGo(idle);
    // What is being connected is given back first, which takes a few microtasks.
    while (this.#connecting.size > 0) await Promise.resolve();
    await Promise.all(this.#leaving);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #waiter(
    key: Key,
    make: () => JetSocket,
    resolve: (lease: Lease) => void,
    reject: (error: unknown) => void,
    signal: AbortSignalLike | undefined,
  ): Waiter {
    const waiter: Waiter = { key, make, resolve, reject, release: () => undefined, isOver: false };
    const giveUp = (error: JetSocketError): void => {
      const place = this.#queue.indexOf(waiter);
      if (place >= 0) this.#queue.splice(place, 1);
      settle(waiter)?.reject(error);
    };
    const timer = this.#clock.setTimer(this.#timeoutMs, () => {
      giveUp(timedOut(this.#timeoutMs, this.stats()));
    });
    const onAbort = (): void => {
      if (signal !== undefined) giveUp(aborted(signal));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    waiter.release = () => {
      this.#clock.clearTimer(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    return waiter;
  }

  /** Serves those that wait, in their order, as far as there is room. */
  #serve(): void {
    for (;;) {
      const waiter = this.#queue[0];
      if (waiter === undefined) return;
      const idle = this.#takeIdle(waiter.key);
      if (idle === undefined && this.#inUse + this.#idle.length >= this.#max) {
        // What is idle is of another kind: the one that was longest makes room.
        const oldest = this.#idle.shift();
        if (oldest === undefined) return;
        this.#letGo(oldest);
      }
      this.#queue.shift();
      this.#inUse++;
      if (idle === undefined) void this.#connect(waiter);
      else settle(waiter)?.resolve(this.#lease(idle.socket, waiter.key));
    }
  }

  #takeIdle({ url, options }: Key): Idle | undefined {
    // The newest: so that the others may grow old enough to go.
    const fitting = this.#idle.filter(({ key }) => key.url === url && key.options === options);
    const idle = fitting.at(-1);
    if (idle === undefined) return undefined;
    this.#idle.splice(this.#idle.indexOf(idle), 1);
    idle.stop();
    return idle;
  }

  async #connect(waiter: Waiter): Promise<void> {
    const socket = waiter.make();
    this.#connecting.add(waiter);
    try {
      void socket.connect();
      await Promise.race([socket.opened, new Promise<void>((done) => this.#onOver(waiter, done))]);
      this.#connecting.delete(waiter);
      const live = settle(waiter);
      if (live === undefined) this.#giveBack(socket, waiter.key);
      else live.resolve(this.#lease(socket, waiter.key));
    } catch (error) {
      this.#connecting.delete(waiter);
      settle(waiter)?.reject(error);
      this.#giveBack(socket, waiter.key);
    }
  }

  /** Calls `done` when the one for whom a connection is made does not want it any more. */
  #onOver(waiter: Waiter, done: () => void): void {
    const { release } = waiter;
    waiter.release = () => {
      release();
      done();
    };
  }

  #lease(socket: JetSocket, key: Key): Lease {
    let isReleased = false;
    const release = (): void => {
      if (isReleased) return;
      isReleased = true;
      this.#giveBack(socket, key);
    };
    return {
      socket,
      release,
      async [Symbol.asyncDispose]() {
        release();
      },
    };
  }

  #giveBack(socket: JetSocket, key: Key): void {
    this.#inUse--;
    for (const name of EVENT_NAMES) socket.off(name);
    socket.off('*');
    const isFit = socket.state === 'connected' && !socket.isInUse;
    if (isFit && this.#idleMs > 0 && !this.#isClosed) this.#keep(socket, key);
    else this.#close(socket);
    this.#serve();
  }

  /** Until it is taken, has been idle for too long, or is broken: what comes back by itself may have missed something. */
  #keep(socket: JetSocket, key: Key): void {
    const remove = (): void => {
      const place = this.#idle.indexOf(idle);
      if (place < 0) return;
      this.#idle.splice(place, 1);
      this.#letGo(idle);
    };
    const timer = this.#clock.setTimer(this.#idleMs, remove);
    const off = socket.on('disconnected', () => {
      remove();
      this.#serve();
    });
    const stop = (): void => {
      this.#clock.clearTimer(timer);
      off();
    };
    const idle: Idle = { key, socket, stop };
    this.#idle.push(idle);
  }

  #letGo({ socket, stop }: Idle): void {
    stop();
    this.#close(socket);
  }

  #close(socket: JetSocket): void {
    const leaving = socket.close().then(() => void this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }
}

/** Who waits is told once: undefined when that was done. */
function settle(waiter: Waiter): Waiter | undefined {
  if (waiter.isOver) return undefined;
  waiter.isOver = true;
  waiter.release();
  return waiter;
}

const textOf = (url: Url): string => (typeof url === 'string' ? url : url.href);

const closed = (): JetSocketError =>
  new JetSocketError('CLOSED', 'Cannot acquire: the pool is closed');

const aborted = (signal: AbortSignalLike): JetSocketError =>
  new JetSocketError('ABORTED', 'Cannot acquire: the signal was aborted', { cause: signal.reason });

const timedOut = (timeoutMs: number, { inUse, idle, waiting }: PoolStats): JetSocketError =>
  new JetSocketError('POOL_TIMEOUT', `Cannot acquire: it took more than ${timeoutMs} ms`, {
    hint: `${inUse} are in use, ${idle} idle, ${waiting} others wait: release() leases, or raise max or acquireTimeoutMs`,
  });
