import type { FrameData } from '@jetsocket/core';
import { SmallFrames } from './small-frames.js';
import type { WsLike } from './ws-like.js';

/** What a stream is given to write at once. */
interface Chunk {
  readonly chunk: Uint8Array | string;
}

type Done = (error?: Error | null) => void;

/** The TCP or TLS socket below, as far as it is used. */
interface Corkable {
  cork(): void;
  uncork(): void;
  write(chunk: Uint8Array, done: () => void): boolean;
  _write(chunk: Uint8Array, encoding: 'buffer', done: Done): void;
  _writev?: ((chunks: readonly Chunk[], done: Done) => void) | null;
}

/**
 * Holds back what is written after the first send of a turn, until the turn is over: many messages then leave
 * in one system call, where each would cost one. The first is not held back, so that a single
 * message waits for nothing.
 */
export class Cork {
  readonly #socket: WsLike;
  #isJoining = false;
  #hasSent = false;
  #corked: Corkable | undefined;
  #held = 0;
  /** Small messages since the first of this turn; undefined before there were any. */
  #small: SmallFrames | undefined;
  /** Whether frames may be made here, and not by `ws`: it has nothing of its own to do with them. */
  #isPlain = false;

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
    if (!this.#isJoining) this.#join(this.#corked);
    this.#corked.cork();
    process.nextTick(this.#uncork);
  }

  /**
   * Takes a message that is small, to be written together with the others of this turn.
   *
   * @returns False where it has to be sent by itself, and may be now: all that was gathered is before it.
   */
  gather(data: FrameData): boolean {
    if (this.#corked === undefined || !this.#isPlain) return false;
    if (data.length > SMALL_MESSAGE) {
      this.write();
      return false;
    }
    this.#small ??= new SmallFrames();
    if (!this.#small.add(data)) {
      this.write();
      this.#small.add(data);
    }
    return true;
  }

  /** Bytes that were gathered, and that the socket does not know of yet. */
  get bytes(): number {
    return this.#small?.bytes ?? 0;
  }

  /** Writes what was gathered: something is to come behind it. */
  write(): void {
    const taken = this.#small?.take();
    if (taken !== undefined) this.#corked?.write(taken.piece, taken.done);
  }

  /** The turn is over sooner: the socket is about to be let go, and what is held back would go with it. */
  flush(): void {
    this.write();
    this.#corked?.uncork();
    this.#corked = undefined;
  }

  /** In a long turn the other end may begin with what there is, and the memory does not fill. */
  #letGo(corked: Corkable): void {
    this.#held = 0;
    this.write();
    corked.uncork();
    corked.cork();
  }

  #join(tcp: Corkable): void {
    this.#isJoining = true;
    joinSmall(tcp);
    // Compressed frames are made by `ws`.
    this.#isPlain = this.#socket.extensions === '';
    if (!this.#isPlain) return;
    // It answers a close by itself: what was gathered goes before that.
    const close = this.#socket.close.bind(this.#socket);
    this.#socket.close = (code, reason) => {
      this.write();
      close(code, reason);
    };
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

/** Longer ones are written by `ws`: units of a text, or bytes. */
const SMALL_MESSAGE = 1_024;

/** To copy a chunk of so many bytes costs less than to hand it to the system as a piece of its own. */
const SMALL_BYTES = 2_048;

/**
 * Lets what was held back be written as one piece, where it is small: gathering hundreds of pieces costs the system
 * more than all that was done to make them, and TLS would make a record of each.
 */
function joinSmall(tcp: Corkable): void {
  const gather = tcp._writev?.bind(tcp);
  if (gather === undefined) return;
  tcp._writev = (chunks, done) => {
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for (const { chunk } of chunks) {
      // Nothing that `ws` writes for a client.
      if (typeof chunk === 'string') return gather(chunks, done);
      pieces.push(chunk);
      bytes += chunk.length;
    }
    if (bytes > chunks.length * SMALL_BYTES) return gather(chunks, done);
    return tcp._write(Buffer.concat(pieces, bytes), 'buffer', done);
  };
}

/** `ws` keeps its socket in a field that is not documented; without it, all goes on as without a cork. */
function below(socket: WsLike & { readonly _socket?: unknown }): Corkable | undefined {
  const tcp = socket._socket;
  return isCorkable(tcp) ? tcp : undefined;
}

/** Whether it is a socket of `ws` itself, and not of something that goes by its name. */
export const isOfWs = (socket: WsLike): boolean => below(socket) !== undefined;

function isCorkable(value: unknown): value is Corkable {
  return typeof value === 'object' && value !== null && 'cork' in value && 'uncork' in value;
}
