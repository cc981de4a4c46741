/**
 * When other clients try again, after their published sources and defaults: the waits alone, in our own words.
 * Each takes the number of retries in a row, from 0. Nobody's connection had just been made when it was lost.
 */
import { ATTEMPT, type Fleet, GIVEN_UP, type Next } from './fleet.ts';

interface Rival {
  readonly name: string;
  readonly version: string;
  readonly connectTimeoutMs: number;
  /** Drawn once for each client, when its page is loaded. */
  readonly born?: (random: () => number) => number;
  /** Undefined: it gives up. */
  readonly waitMs: (retry: number, random: () => number, born: number) => number | undefined;
}

export const RIVALS: readonly Rival[] = [
  {
    name: 'partysocket',
    version: '1.3.0',
    connectTimeoutMs: 4_000,
    // `minReconnectionDelay`, `reconnectionDelayGrowFactor` and `maxReconnectionDelay`; no dice.
    waitMs: (retry) => Math.min(3_000 * 1.3 ** retry, 10_000),
  },
  {
    name: 'reconnecting-websocket',
    version: '4.4.0',
    connectTimeoutMs: 4_000,
    // The dice are thrown once, when the module is loaded.
    born: (random) => 1_000 + random() * 4_000,
    waitMs: (retry, _random, born) => Math.min(born * 1.3 ** retry, 10_000),
  },
  {
    name: 'socket.io-client',
    version: '4.8.4',
    connectTimeoutMs: 20_000,
    // `randomizationFactor` 0.5 up or down, by a digit of the same number, and only then the cap.
    waitMs: (retry, random) => {
      const aroundMs = 1_000 * 2 ** retry;
      const drawn = random();
      const awayMs = Math.floor(drawn * 0.5 * aroundMs);
      const isLess = Math.floor(drawn * 10) % 2 === 0;
      return Math.floor(Math.min(isLess ? aroundMs - awayMs : aroundMs + awayMs, 5_000));
    },
  },
  {
    name: '@microsoft/signalr',
    version: '10.0.11',
    connectTimeoutMs: 15_000,
    // `withAutomaticReconnect()`: four retries, and then `onclose`.
    waitMs: (retry) => [0, 2_000, 10_000, 30_000][retry],
  },
  {
    name: 'centrifuge',
    version: '5.8.0',
    connectTimeoutMs: 5_000,
    // `minReconnectDelay` on top of the dice, `maxReconnectDelay` as the cap of the sum.
    waitMs: (retry, random) => {
      const ceilingMs = Math.min(20_000, 500 * 2 ** Math.min(retry, 31));
      return Math.min(20_000, 500 + Math.floor(random() * (ceilingMs + 1)));
    },
  },
];

/** Clients that follow one formula. */
export class Formula implements Fleet {
  readonly name: string;
  readonly version: string;
  readonly connectTimeoutMs: number;
  readonly #rival: Rival;
  readonly #random: () => number;
  readonly #retries: Uint16Array;
  readonly #born: Float64Array;

  constructor(rival: Rival, clients: number, random: () => number) {
    this.name = rival.name;
    this.version = rival.version;
    this.connectTimeoutMs = rival.connectTimeoutMs;
    this.#rival = rival;
    this.#random = random;
    this.#retries = new Uint16Array(clients);
    this.#born = Float64Array.from({ length: clients }, () => rival.born?.(random) ?? 0);
  }

  lost(client: number): Next {
    this.#retries[client] = 0;
    return this.#wait(client);
  }

  woken(): Next {
    return ATTEMPT;
  }

  refused(client: number): Next {
    return this.#wait(client);
  }

  timedOut(client: number): Next {
    return this.#wait(client);
  }

  accepted(client: number): void {
    this.#retries[client] = 0;
  }

  #wait(client: number): Next {
    const retry = this.#retries[client] ?? 0;
    this.#retries[client] = retry + 1;
    return this.#rival.waitMs(retry, this.#random, this.#born[client] ?? 0) ?? GIVEN_UP;
  }
}
