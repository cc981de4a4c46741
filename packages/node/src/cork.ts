import type { WsLike } from './ws-like.js';

/** The TCP or TLS socket below, as far as it is used. */
interface Corkable {
  cork(): void;
  uncork(): void;
}

/**
 * Holds back what is written after the first send of a turn, until the turn is over: many messages then leave
 * in one system call, where each would cost one. The first is not held back, so that a single
 * message waits for nothing.
 */
export class Cork {
  readonly #socket: WsLike;
  #sends = 0;
  #corked: Corkable | undefined;

  constructor(socket: WsLike) {
    this.#socket = socket;
  }

  beforeSend(): void {
    this.#sends++;
    if (this.#sends === 1) process.nextTick(this.#endTurn);
    if (this.#sends !== 2) return;
    this.#corked = below(this.#socket);
    this.#corked?.cork();
  }

  readonly #endTurn = (): void => {
    this.#sends = 0;
    this.#corked?.uncork();
    this.#corked = undefined;
  };
}

/** `ws` keeps its socket in a field that is not documented; without it, all goes on as without a cork. */
function below(socket: WsLike & { readonly _socket?: unknown }): Corkable | undefined {
  const tcp = socket._socket;
  return isCorkable(tcp) ? tcp : undefined;
}

function isCorkable(value: unknown): value is Corkable {
  return typeof value === 'object' && value !== null && 'cork' in value && 'uncork' in value;
}
