/** A client, a target, and a lane each way between them. */
import { Socket } from 'node:net';
import type {
  DirectionOptions,
  FaultConnection,
  FaultConnectionEnd,
  FaultDirection,
  RestoreOptions,
  SlowOptions,
} from './api.js';
import { Lane } from './lane.js';
import {
  type Address,
  readDirection,
  readRestore,
  readSlow,
  readTruncateAfter,
  type Settings,
  type Ways,
} from './options.js';
import type { Shape } from './pacer.js';
import { resetSocket } from './reset-socket.js';
import type { Weather } from './weather.js';

export type ConnectionReport = {
  passed(direction: FaultDirection, byteCount: number): void;
  lost(direction: FaultDirection, byteCount: number): void;
  held(): void;
  /** The target did not answer. */
  unreachable(): void;
  /** The proxy itself reset it. */
  reset(): void;
  /** Both its sockets are closed. */
  closed(end: FaultConnectionEnd, error: Error | undefined): void;
};

export type ConnectionSetup = {
  readonly id: number;
  readonly client: Socket;
  readonly settings: Settings;
  readonly report: ConnectionReport;
};

export class Connection implements FaultConnection {
  readonly id: number;
  readonly #client: Socket;
  readonly #target = new Socket({ allowHalfOpen: true });
  readonly #lanes: Readonly<Record<FaultDirection, Lane>>;
  readonly #report: ConnectionReport;
  readonly #hung = new Set<FaultDirection>();
  #openSockets = 2;
  #dialed = false;
  #reached = false;
  #over = false;
  #finished = false;
  #end: FaultConnectionEnd | undefined;
  #error: Error | undefined;

  constructor({ id, client, settings, report }: ConnectionSetup) {
    this.id = id;
    this.#client = client;
    this.#report = report;
    const { random, maxBufferedBytes } = settings;
    const target = this.#target;
    const shared = { random, maxBufferedBytes };
    this.#lanes = {
      up: new Lane({ source: client, sink: target, report: this.#laneReport('up'), ...shared }),
      down: new Lane({ source: target, sink: client, report: this.#laneReport('down'), ...shared }),
    };
    client.setNoDelay(true);
    target.setNoDelay(true);
    target.once('connect', () => (this.#reached = true));
    target.once('error', () => {
      if (!this.#reached) report.unreachable();
    });
    this.#watch(client, () => 'client');
    this.#watch(target, () => (this.#reached ? 'target' : 'unreachable'));
  }

  get live(): boolean {
    return !this.#over;
  }

  get bufferedBytes(): number {
    return this.#lanes.up.bufferedBytes + this.#lanes.down.bufferedBytes;
  }

  /** Whether it could be ended: it is live, and `end()` was not called yet. */
  get endable(): boolean {
    return this.live && !this.#finished;
  }

  get isHung(): boolean {
    return this.#hung.size > 0;
  }

  /** Gives it the weather that was there before it came. */
  enter(weather: Weather): void {
    for (const way of ['up', 'down'] as const) {
      const { phase, shape } = weather.at(way);
      if (shape) this.applySlow([way], shape);
      if (phase === 'stalled') this.applyStall([way]);
      if (phase === 'hung') this.applyHang([way]);
    }
  }

  /** Calls the target, unless what the client says would not get there anyway. */
  dial(address: Address): void {
    if (!this.endable || this.#hung.has('up')) return;
    this.#dialed = true;
    this.#target.connect(address);
  }

  cut(): void {
    this.reset('cut');
  }

  end(): void {
    if (!this.endable) return;
    this.#finished = true;
    this.#end = 'end';
    this.#lanes.down.finish();
    // What was never opened has nothing to end.
    if (this.#dialed) this.#lanes.up.finish();
  }

  hang(options?: DirectionOptions): void {
    this.applyHang(readDirection('hang()', options));
  }

  stall(options?: DirectionOptions): void {
    this.applyStall(readDirection('stall()', options));
  }

  slow(options: SlowOptions): void {
    const { ways, shape } = readSlow(options);
    this.applySlow(ways, shape);
  }

  truncateAfter(byteCount: number, direction: FaultDirection): void {
    readTruncateAfter(byteCount, direction);
    if (byteCount === 0) this.reset('truncateAfter');
    else this.#lanes[direction].truncateAfter(byteCount);
  }

  restore(options?: RestoreOptions): void {
    this.applyRestore(readRestore(options));
  }

  applyHang(ways: Ways): void {
    for (const way of ways) {
      this.#hung.add(way);
      this.#lanes[way].kill();
    }
  }

  applyStall(ways: Ways): void {
    for (const way of ways) this.#lanes[way].stall();
  }

  applySlow(ways: Ways, shape: Shape): void {
    for (const way of ways) this.#lanes[way].slow(shape);
  }

  applyRestore(resetHung: boolean): void {
    if (this.isHung && resetHung) return this.reset('restore');
    this.#lanes.up.restore();
    this.#lanes.down.restore();
  }

  /** Resets both ends, for one of the proxy's own reasons. */
  reset(end: FaultConnectionEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#end = end;
    this.#lanes.up.kill();
    this.#lanes.down.kill();
    resetSocket(this.#client);
    resetSocket(this.#target);
    this.#report.reset();
  }

  #laneReport(direction: FaultDirection): ConstructorParameters<typeof Lane>[0]['report'] {
    return {
      passed: (byteCount) => this.#report.passed(direction, byteCount),
      lost: (byteCount) => this.#report.lost(direction, byteCount),
      held: () => this.#report.held(),
      truncated: () => this.reset('truncateAfter'),
    };
  }

  /** Notes who ended first, and when both are closed. */
  #watch(socket: Socket, who: () => FaultConnectionEnd): void {
    socket.on('error', (error) => (this.#error ??= error));
    socket.on('end', () => (this.#end ??= who()));
    socket.on('close', () => {
      const end = (this.#end ??= who());
      // Nobody would ever close what was never opened.
      if (!this.#dialed) this.#target.destroy();
      this.#openSockets--;
      if (this.#openSockets > 0) return;
      this.#over = true;
      this.#report.closed(end, this.#error);
    });
  }
}
