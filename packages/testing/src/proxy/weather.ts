/** What is done to connections that are yet to come: the lasting orders, for each direction. */
import type { FaultDirection } from './api.js';
import type { Ways } from './options.js';
import type { Shape } from './pacer.js';

type Sky = { readonly phase: 'open' | 'stalled' | 'hung'; readonly shape: Shape | undefined };

const CLEAR: Sky = { phase: 'open', shape: undefined };

export class Weather {
  #skies: Readonly<Record<FaultDirection, Sky>> = { up: CLEAR, down: CLEAR };

  at(direction: FaultDirection): Sky {
    return this.#skies[direction];
  }

  hang(ways: Ways, newConnections: boolean): void {
    for (const way of ways) this.#set(way, { phase: newConnections ? 'hung' : 'open' });
  }

  /** As with live connections, what hangs goes on hanging. */
  stall(ways: Ways, newConnections: boolean): void {
    for (const way of ways) {
      if (!newConnections) this.#set(way, { phase: 'open' });
      else if (this.#skies[way].phase === 'open') this.#set(way, { phase: 'stalled' });
    }
  }

  slow(ways: Ways, shape: Shape): void {
    for (const way of ways) this.#set(way, { shape });
  }

  clear(): void {
    this.#skies = { up: CLEAR, down: CLEAR };
  }

  #set(way: FaultDirection, change: Partial<Sky>): void {
    this.#skies = { ...this.#skies, [way]: { ...this.#skies[way], ...change } };
  }
}
