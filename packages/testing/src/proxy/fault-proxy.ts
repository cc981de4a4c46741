import { EventEmitter, once } from 'node:events';
import type { Socket } from 'node:net';
import type {
  FaultDirection,
  FaultProxy,
  FaultProxyAddress,
  FaultProxyEvents,
  FaultProxyOptions,
  FaultProxyTotals,
  HangOptions,
  RestoreOptions,
  SlowOptions,
  StallOptions,
  WaitForOptions,
} from './api.js';
import { Connection, type ConnectionReport } from './connection.js';
import { FaultProxyError } from './errors.js';
import { Listener } from './listener.js';
import {
  type Address,
  readAddress,
  readHang,
  readOptions,
  readRefuse,
  readRestore,
  readSlow,
  readStall,
  readTruncateAfter,
  readWaitFor,
  type Settings,
} from './options.js';
import { Watchers } from './watchers.js';
import { Weather } from './weather.js';

/**
 * Starts a TCP proxy that fails on request, to see how a client and a server take it.
 *
 * ```ts
 * const proxy = await createFaultProxy({ target: { port: 8080 } });
 * const socket = connect(`ws://127.0.0.1:${proxy.port}`);
 * proxy.hang(); // The server is still connected, and will never be heard of again.
 * await proxy.restore();
 * await proxy.close();
 * ```
 *
 * It runs on real time, even where a test has faked the global timers.
 *
 * @returns The proxy, once it listens. It keeps the process alive until it is closed.
 * @throws {FaultProxyError} `INVALID_OPTION`, or `LISTEN_FAILED` with the `cause` (port in use, …).
 */
export async function createFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const proxy = new TcpFaultProxy(readOptions(options));
  await proxy.listen();
  return proxy;
}

class TcpFaultProxy extends EventEmitter<FaultProxyEvents> implements FaultProxy {
  readonly #settings: Settings;
  readonly #listener: Listener;
  readonly #weather = new Weather();
  readonly #watchers = new Watchers();
  /** Those that were reset stay in here until their sockets are closed. */
  readonly #connections = new Set<Connection>();
  readonly #totals: { -readonly [Name in keyof FaultProxyTotals]: number } = {
    accepted: 0,
    unreachable: 0,
    reset: 0,
    bytesUp: 0,
    bytesDown: 0,
    lostBytesUp: 0,
    lostBytesDown: 0,
  };
  #target: Address;
  #closed: Promise<void> | undefined;

  constructor(settings: Settings) {
    super();
    this.#settings = settings;
    this.#target = settings.target;
    this.#listener = new Listener(settings.listen, (client) => this.#accept(client));
  }

  listen(): Promise<void> {
    return this.#listener.open();
  }

  get host(): string {
    return this.#listener.address.host;
  }

  get port(): number {
    return this.#listener.address.port;
  }

  get connections(): number {
    return this.#live().length;
  }

  get bufferedBytes(): number {
    return this.#live().reduce((sum, { bufferedBytes }) => sum + bufferedBytes, 0);
  }

  get totals(): FaultProxyTotals {
    return { ...this.#totals };
  }

  cut(): number {
    this.#check('cut');
    return each(this.#live(), (connection) => connection.cut());
  }

  end(): number {
    this.#check('end');
    const endable = this.#live().filter((connection) => connection.endable);
    return each(endable, (connection) => connection.end());
  }

  hang(options?: HangOptions): number {
    this.#check('hang');
    const { ways, newConnections } = readHang(options);
    this.#weather.hang(ways, newConnections);
    return each(this.#live(), (connection) => connection.applyHang(ways));
  }

  stall(options?: StallOptions): number {
    this.#check('stall');
    const { ways, newConnections } = readStall(options);
    this.#weather.stall(ways, newConnections);
    return each(this.#live(), (connection) => connection.applyStall(ways));
  }

  slow(options: SlowOptions): number {
    this.#check('slow');
    const { ways, shape } = readSlow(options);
    this.#weather.slow(ways, shape);
    return each(this.#live(), (connection) => connection.applySlow(ways, shape));
  }

  truncateAfter(byteCount: number, direction: FaultDirection): number {
    this.#check('truncate');
    readTruncateAfter(byteCount, direction);
    return each(this.#live(), (connection) => connection.truncateAfter(byteCount, direction));
  }

  async refuse(refused: boolean): Promise<void> {
    this.#check('refuse');
    if (readRefuse(refused)) await this.#listener.shut();
    else await this.#listener.open();
  }

  async restore(options?: RestoreOptions): Promise<number> {
    this.#check('restore');
    const resetHung = readRestore(options);
    this.#weather.clear();
    const hung = this.#live().filter((connection) => connection.isHung);
    each(this.#live(), (connection) => connection.applyRestore(resetHung));
    await this.#listener.open();
    return resetHung ? hung.length : 0;
  }

  retarget(target: FaultProxyAddress): void {
    this.#check('retarget');
    this.#target = readAddress('retarget()', target);
  }

  async waitFor(predicate: () => boolean, options?: WaitForOptions): Promise<void> {
    this.#check('wait');
    const timeoutMs = readWaitFor(predicate, options);
    await this.#watchers.wait(predicate, timeoutMs, () => this.#describe());
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#watchers.giveUp(new FaultProxyError('CLOSED', 'Cannot wait: the proxy is closed'));
    each(this.#live(), (connection) => connection.reset('close'));
    await this.#listener.shut();
    // One may have come in before the listener was shut.
    each(this.#live(), (connection) => connection.reset('close'));
    while (this.#connections.size > 0) await once(this, 'closed');
  }

  #accept(client: Socket): void {
    const id = ++this.#totals.accepted;
    const connection: Connection = new Connection({
      id,
      client,
      settings: this.#settings,
      report: this.#reportOf(() => connection),
    });
    this.#connections.add(connection);
    connection.enter(this.#weather);
    this.emit('connection', connection);
    connection.dial(this.#target);
    this.#watchers.wake();
  }

  #reportOf(connection: () => Connection): ConnectionReport {
    return {
      passed: (direction, byteCount) => {
        this.#totals[direction === 'up' ? 'bytesUp' : 'bytesDown'] += byteCount;
        this.#watchers.wake();
      },
      lost: (direction, byteCount) => {
        this.#totals[direction === 'up' ? 'lostBytesUp' : 'lostBytesDown'] += byteCount;
        this.#watchers.wake();
      },
      held: () => this.#watchers.wake(),
      unreachable: () => {
        this.#totals.unreachable++;
        this.#watchers.wake();
      },
      reset: () => {
        this.#totals.reset++;
        this.#watchers.wake();
      },
      closed: (end, error) => {
        this.#connections.delete(connection());
        this.emit('closed', connection(), end, error);
        this.#watchers.wake();
      },
    };
  }

  /** A copy, for orders change it. */
  #live(): Connection[] {
    return [...this.#connections].filter((connection) => connection.live);
  }

  #check(verb: string): void {
    if (this.#closed === undefined) return;
    throw new FaultProxyError('CLOSED', `Cannot ${verb}: the proxy is closed`);
  }

  #describe(): string {
    return JSON.stringify({
      connections: this.connections,
      bufferedBytes: this.bufferedBytes,
      ...this.#totals,
    });
  }
}

/** Does something to each, and says how many there were. */
function each(connections: readonly Connection[], order: (one: Connection) => void): number {
  for (const connection of connections) order(connection);
  return connections.length;
}
