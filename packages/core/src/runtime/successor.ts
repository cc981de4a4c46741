import type { End } from '../machine/input.js';
import type { Provider, Url } from '../options.js';
import type { FrameData, Link } from '../ports.js';
import { Attempt, type AttemptConfig, type AttemptListener } from './attempt.js';

/** A socket that is open, whether or not it is usable yet. */
export interface OpenSocket {
  readonly epoch: number;
  readonly protocol: string;
  readonly link: Link;
}

/** What is told of a successor before it is installed. */
export interface SuccessorHost {
  onPrepared(epoch: number, uri: string): void;
  onSuccessorOpen(successor: Successor, opened: OpenSocket): void;
  /** More came on it than can be kept until the old socket has ended. */
  onSuccessorFull(): void;
  onSuccessorEnded(epoch: number, end: End): void;
}

/** A connection beside the open one. What comes on it is kept until it takes over. */
export class Successor implements AttemptListener {
  readonly epoch: number;
  readonly attempt: Attempt;
  opened: OpenSocket | undefined;
  /** Takes what comes first, as the answer to a hello. */
  onAnswer: ((data: FrameData) => void) | undefined;
  readonly #host: SuccessorHost;
  readonly #maxBytes: number;
  #frames: FrameData[] = [];
  #bytes = 0;

  constructor(
    epoch: number,
    url: Provider<Url>,
    config: AttemptConfig & { readonly buffer: { readonly maxBytes: number } },
    host: SuccessorHost,
    known?: readonly string[],
  ) {
    this.epoch = epoch;
    this.#host = host;
    this.#maxBytes = config.buffer.maxBytes;
    this.attempt = new Attempt(epoch, url, config, this, known);
  }

  onPrepared(epoch: number, uri: string): void {
    this.#host.onPrepared(epoch, uri);
  }

  onOpen(epoch: number, protocol: string, link: Link): void {
    this.opened = { epoch, protocol, link };
    this.#host.onSuccessorOpen(this, this.opened);
  }

  onMessage(data: FrameData): void {
    if (this.onAnswer !== undefined) return this.onAnswer(data);
    this.#frames.push(data);
    this.#bytes += data.length;
    if (this.#bytes > this.#maxBytes) this.#host.onSuccessorFull();
  }

  onPong(): void {
    // Life, but not of the connection that there is.
  }

  onEnded(epoch: number, end: End): void {
    this.#host.onSuccessorEnded(epoch, end);
  }

  /** It takes over: from now on its news goes there. What is returned came before, in order. */
  install(listener: AttemptListener): readonly FrameData[] {
    this.attempt.adopt(listener);
    const frames = this.#frames;
    this.#frames = [];
    return frames;
  }
}
