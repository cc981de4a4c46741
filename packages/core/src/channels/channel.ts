import { asError, describe, JetSocketError } from '../errors.js';
import type { JetSocketEventMap } from '../events.js';
import type { Handler } from '../runtime/emitter.js';
import type { ReportFailure } from '../runtime/greetings.js';
import { isThenable } from '../thenable.js';
import { Backlog } from './backlog.js';

/** The events of a channel: name → fields. */
export interface ChannelEventMap<Data = unknown> {
  /** A message of this channel: the very record that the socket's `message` event has. */
  readonly message: JetSocketEventMap<Data>['message'];
  /**
   * The server was told of the subscription; `again` after a reconnect, when messages may be missing and a snapshot
   * may be due.
   */
  readonly subscribed: {
    readonly type: 'subscribed';
    /** Which channel it is. */
    readonly channel: string;
    /** False for the first connection; true when it was subscribed to anew, and something may have been missed. */
    readonly again: boolean;
  };
  /** The last word: `close()` was called on the channel or on what it is of. */
  readonly closed: { readonly type: 'closed'; readonly channel: string };
}

type ChannelEvent<Data> = ChannelEventMap<Data>[keyof ChannelEventMap];

/** What a channel counts. A snapshot. */
export interface ChannelStats {
  /** Messages that came. */
  readonly received: number;
  /** Messages that wait for loops that iterate, all together. */
  readonly queued: number;
  /** Messages that such loops missed, because they were slower than `capacity` allows. */
  readonly dropped: number;
  /** How often the server was told of the subscription. */
  readonly subscriptions: number;
}

/** What a channel asks of the multiplexer. */
export interface ChannelHost<Data> {
  readonly capacity: number;
  readonly fail: ReportFailure;
  leave(channel: Channel<Data>): void;
  /** How the socket ended, while it is at an end. */
  ending(): { readonly error: JetSocketError | undefined } | undefined;
}

const EVENTS: readonly string[] = ['message', 'subscribed', 'closed'];

/** One subscription to one channel, with handlers and bounds of its own. */
export class Channel<Data = unknown> implements AsyncIterable<Data> {
  /** As it was asked for. */
  readonly name: string;
  readonly #host: ChannelHost<Data>;
  /** Lists are replaced, never changed: a handler may add and remove others. */
  readonly #handlers = new Map<string, readonly Handler<ChannelEvent<Data>>[]>();
  readonly #backlogs = new Set<Backlog<Data>>();
  /** What came up while handlers are called: it reaches all of its own after that. */
  readonly #queue: ChannelEvent<Data>[] = [];
  #isEmitting = false;
  #received = 0;
  #dropped = 0;
  #subscriptions = 0;
  #isClosed = false;

  /** For the multiplexer. */
  constructor(name: string, host: ChannelHost<Data>) {
    this.name = name;
    this.#host = host;
  }

  /** Whether `close()` was called. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Adds a handler behind the others. One that throws or rejects is an `error` event of the socket,
   * `HANDLER_FAILED`, and stops nothing.
   *
   * @returns A function that removes it.
   * @throws {JetSocketError} `INVALID_OPTION` for a name that is no event, or a handler that is no function.
   */
  on<Name extends keyof ChannelEventMap>(
    type: Name,
    handler: Handler<ChannelEventMap<Data>[Name]>,
  ): () => void {
    if (!EVENTS.includes(type) || typeof handler !== 'function') {
      throw new JetSocketError(
        'INVALID_OPTION',
        `Cannot listen to ${describe(type)} with ${describe(handler)}`,
        { hint: `A channel has the events ${EVENTS.join(', ')}, and takes a function` },
      );
    }
    let isActive = true;
    // A function of its own: the same handler may be added twice, and removed once. It only gets what it asked for.
    const kept: Handler<ChannelEvent<Data>> = (event) =>
      isActive ? handler(event as ChannelEventMap<Data>[Name]) : undefined;
    this.#handlers.set(type, [...(this.#handlers.get(type) ?? []), kept]);
    return () => {
      isActive = false;
      const others = (this.#handlers.get(type) ?? []).filter((one) => one !== kept);
      this.#handlers.set(type, others);
    };
  }

  /**
   * The messages from now on, at most `capacity` of them waiting: the oldest make room, and are counted. Ends with
   * the channel or with the socket; throws when the socket has failed.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Data> {
    const backlog = new Backlog<Data>(this.#host.capacity, () => {
      this.#backlogs.delete(backlog);
    });
    const ending = this.#isClosed ? { error: undefined } : this.#host.ending();
    if (ending === undefined) this.#backlogs.add(backlog);
    else backlog.end(ending.error);
    return backlog;
  }

  /** What it has counted so far. */
  stats(): ChannelStats {
    let queued = 0;
    for (const backlog of this.#backlogs) queued += backlog.size;
    return Object.freeze({
      received: this.#received,
      queued,
      dropped: this.#dropped,
      subscriptions: this.#subscriptions,
    });
  }

  /**
   * Ends this subscription; the server is told when it was the last one to the channel. What comes of it
   * afterwards is counted, and not delivered.
   */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#host.leave(this);
    for (const backlog of [...this.#backlogs]) backlog.end();
    this.#emit({ type: 'closed', channel: this.name });
  }

  /** `await using trades = channel('trades')` closes it at the end of the block. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  /** For the multiplexer: a message came. */
  take(event: ChannelEventMap<Data>['message']): void {
    this.#received++;
    for (const backlog of this.#backlogs) if (!backlog.push(event.data)) this.#dropped++;
    this.#emit(event);
  }

  /** For the multiplexer: the server was told. */
  subscribed(): void {
    const again = this.#subscriptions > 0;
    this.#subscriptions++;
    this.#emit({ type: 'subscribed', channel: this.name, again });
  }

  /** For the multiplexer: the socket is at its end. It may begin anew; loops do not. */
  socketEnded(error: JetSocketError | undefined): void {
    for (const backlog of [...this.#backlogs]) backlog.end(error);
  }

  #emit(event: ChannelEvent<Data>): void {
    if (this.#isEmitting) {
      this.#queue.push(event);
      return;
    }
    this.#isEmitting = true;
    try {
      this.#deliver(event);
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        this.#deliver(next);
      }
    } finally {
      this.#isEmitting = false;
    }
  }

  #deliver(event: ChannelEvent<Data>): void {
    const handlers = this.#handlers.get(event.type) ?? [];
    // The last word: nobody is called after it, and nothing kept for it.
    if (event.type === 'closed') this.#handlers.clear();
    for (const handler of handlers) {
      try {
        const result = handler(event);
        if (isThenable(result))
          Promise.resolve(result).catch((thrown: unknown) => {
            this.#failed(event.type, thrown);
          });
      } catch (thrown) {
        this.#failed(event.type, thrown);
      }
    }
  }

  #failed(type: string, thrown: unknown): void {
    this.#host.fail(
      new JetSocketError(
        'HANDLER_FAILED',
        `A handler of '${type}' of channel ${describe(this.name)} failed: ${asError(thrown).message}`,
        { cause: thrown, hint: 'The other handlers were called, and the connection lives' },
      ),
    );
  }
}
