/** A storm in virtual time: one server loses everybody at once, and everybody wants back. */
import { ATTEMPT, dice, type Fleet, GIVEN_UP, type Next } from './fleet.ts';
import { Server } from './server.ts';
import { Wheel } from './wheel.ts';

export interface StormOptions {
  readonly clients: number;
  /** How long the server is away: it leaves at 0. */
  readonly awayMs: number;
  readonly acceptsPerSecond: number;
  readonly backlog: number;
  /** When to stop looking. */
  readonly endMs: number;
  readonly seed: number;
}

/** What became of one fleet. Counts by time are for each 100 ms, from the loss on. */
export interface Outcome {
  readonly name: string;
  readonly version: string;
  /** What arrived at the server's door, accepted or not. */
  readonly attempts: Uint32Array;
  /** How many were accepted. */
  readonly accepted: Uint32Array;
  /** The most attempts that one client made. */
  readonly mostAttempts: number;
  readonly givenUp: number;
}

/** One way through the network takes that long: for each message a throw of the dice. */
const LATENCY_MS = { least: 10, most: 40 };
export const BIN_MS = 100;

const enum Event {
  Lost,
  Woken,
  Arrived,
  Refused,
  TimedOut,
  Accepted,
}

/** Runs it. Equal arguments come to equal outcomes: there is no other dice, and no clock. */
export function storm(fleet: Fleet, options: StormOptions): Outcome {
  return new Storm(fleet, options).run();
}

class Storm {
  readonly #fleet: Fleet;
  readonly #options: StormOptions;
  readonly #wheel: Wheel;
  readonly #server: Server;
  readonly #random: () => number;
  readonly #attempts: Uint32Array;
  readonly #accepted: Uint32Array;
  readonly #attemptsOf: Uint16Array;
  #givenUp = 0;

  constructor(fleet: Fleet, options: StormOptions) {
    const { clients, endMs, awayMs: returnMs, acceptsPerSecond, backlog } = options;
    this.#fleet = fleet;
    this.#options = options;
    this.#wheel = new Wheel(clients, endMs);
    this.#server = new Server({ returnMs, acceptsPerSecond, backlog });
    this.#random = dice(options.seed);
    const bins = Math.ceil(endMs / BIN_MS);
    this.#attempts = new Uint32Array(bins);
    this.#accepted = new Uint32Array(bins);
    this.#attemptsOf = new Uint16Array(clients);
  }

  run(): Outcome {
    for (let client = 0; client < this.#options.clients; client++) {
      this.#wheel.add(client, Event.Lost, this.#latencyMs());
    }
    for (let client = this.#wheel.take(); client !== undefined; client = this.#wheel.take()) {
      this.#happen(client, this.#wheel.kindOf(client), this.#wheel.nowMs);
    }
    return {
      name: this.#fleet.name,
      version: this.#fleet.version,
      attempts: this.#attempts,
      accepted: this.#accepted,
      mostAttempts: this.#attemptsOf.reduce((most, count) => Math.max(most, count), 0),
      givenUp: this.#givenUp,
    };
  }

  #happen(client: number, event: Event, nowMs: number): void {
    switch (event) {
      case Event.Lost:
        return this.#follow(client, this.#fleet.lost(client, nowMs), nowMs);
      case Event.Woken:
        return this.#follow(client, this.#fleet.woken(client, nowMs), nowMs);
      case Event.Arrived:
        return this.#knock(client, nowMs);
      case Event.Refused:
        return this.#follow(client, this.#fleet.refused(client, nowMs), nowMs);
      case Event.TimedOut:
        return this.#follow(client, this.#fleet.timedOut(client, nowMs), nowMs);
      case Event.Accepted:
        this.#fleet.accepted(client, nowMs);
        count(this.#accepted, nowMs);
    }
  }

  #follow(client: number, next: Next, nowMs: number): void {
    if (next === GIVEN_UP) this.#givenUp++;
    else if (next === ATTEMPT) this.#wheel.add(client, Event.Arrived, nowMs + this.#latencyMs());
    else this.#wheel.add(client, Event.Woken, nowMs + next);
  }

  /** Whoever gives up waiting has a place in the queue all the same: the server finds nobody there. */
  #knock(client: number, nowMs: number): void {
    count(this.#attempts, nowMs);
    this.#attemptsOf[client] = (this.#attemptsOf[client] ?? 0) + 1;
    const acceptedMs = this.#server.accept(nowMs);
    const back = this.#latencyMs();
    if (acceptedMs === undefined) return this.#wheel.add(client, Event.Refused, nowMs + back);
    const patientUntilMs = nowMs + this.#fleet.connectTimeoutMs;
    if (acceptedMs + back <= patientUntilMs) {
      return this.#wheel.add(client, Event.Accepted, acceptedMs + back);
    }
    this.#wheel.add(client, Event.TimedOut, patientUntilMs);
  }

  #latencyMs(): number {
    const { least, most } = LATENCY_MS;
    return least + Math.floor(this.#random() * (most - least + 1));
  }
}

function count(bins: Uint32Array, atMs: number): void {
  const bin = Math.floor(atMs / BIN_MS);
  bins[bin] = (bins[bin] ?? 0) + 1;
}
