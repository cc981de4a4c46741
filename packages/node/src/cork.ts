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
  #hasSent = false;
  #corked: Corkable | undefined;
  #held = 0;

  constructor(socket: WsLike) {
    this.#socket = socket;
  }

  beforeSend(): void {
    if (this.#corked !== undefined) {
      this.#held++;
      if (this.#held === MAX_HELD) this.#letGo(this.#corked);
      return;
    }
    if (!this.#hasSent) {
      this.#hasSent = true;
      // A tick costs several times as much as a microtask, and most turns send only one.
      void RESOLVED.then(this.#forget);
      return;
    }
    this.#corked = below(this.#socket);
    if (this.#corked === undefined) return;
    this.#held = 0;
    this.#corked.cork();
    process.nextTick(this.#uncork);
  }

  /** The turn is over sooner: the socket is about to be let go, and what is held back would go with it. */
  flush(): void {
    this.#corked?.uncork();
    this.#corked = undefined;
  }

  /** In a long turn the other end may begin with what there is, and the memory does not fill. */
  #letGo(corked: Corkable): void {
    this.#held = 0;
    corked.uncork();
    corked.cork();
  }

  readonly #forget = (): void => {
    this.#hasSent = false;
  };

  readonly #uncork = (): void => {
    this.flush();
  };
}

/** Few enough to be one system call (IOV_MAX is 1,024), enough to make it worth it. */
const MAX_HELD = 512;
const RESOLVED = Promise.resolve();

/** `ws` keeps its socket in a field that is not documented; without it, all goes on as without a cork. */
function below(socket: WsLike & { readonly _socket?: unknown }): Corkable | undefined {
  const tcp = socket._socket;
  return isCorkable(tcp) ? tcp : undefined;
}

function isCorkable(value: unknown): value is Corkable {
  return typeof value === 'object' && value !== null && 'cork' in value && 'uncork' in value;
}
