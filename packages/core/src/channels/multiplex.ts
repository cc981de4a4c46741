import { atOnce } from '../delivery/ask.js';
import { asError, describe, JetSocketError } from '../errors.js';
import type { JetSocketEventMap } from '../events.js';
import type { JetSocket } from '../jet-socket.js';
import { makeLasting } from '../lasting.js';
import type { ReportFailure, Say } from '../runtime/greetings.js';
import * as check from '../validate.js';
import { Channel, type ChannelHost } from './channel.js';
import { Roll } from './roll.js';

/** How a server's channels are told apart, asked for and given up. */
export interface MultiplexOptions<Incoming = unknown, Outgoing = unknown> {
  /** The channel that a message is of; undefined or null for one that is of none. */
  readonly channelOf: (message: Incoming) => string | null | undefined;
  /** The message that subscribes to these channels; undefined when there is nothing to say. */
  readonly subscribe: (names: readonly string[]) => Outgoing | undefined;
  /** The message that gives them up. Default: nothing is said. */
  readonly unsubscribe?: ((names: readonly string[]) => Outgoing | undefined) | undefined;
  /** How many channels one message may name. Default: 100. */
  readonly maxBatch?: number | undefined;
  /** How many messages may wait for a loop that iterates over a channel. Default: 1,000. */
  readonly capacity?: number | undefined;
}

/** What a multiplexer counts. A snapshot. */
export interface MultiplexStats {
  /** How many channels are subscribed to, each once however often it is asked for. */
  readonly channels: number;
  /** Messages that went to a channel. */
  readonly routed: number;
  /** Messages of no channel, or of one that nobody asked for. They are `message` events of the socket, as all are. */
  readonly unroutable: number;
  /** Messages of a channel that was given up while they were on their way. */
  readonly late: number;
}

/** Many channels over one socket. */
export interface Multiplexer<Incoming> {
  /**
   * Subscribes to a channel. All that are asked for in one turn are one message; one that is asked for again is
   * not said again, and given up when its last subscription is closed.
   *
   * @typeParam Data What comes on it: a claim, as that of the socket.
   * @throws {JetSocketError} `INVALID_OPTION` for a name that is no string or empty; `CLOSED` after `close()`.
   */
  readonly channel: <Data extends Incoming = Incoming>(name: string) => Channel<Data>;
  /** What it has counted so far, over all channels. */
  readonly stats: () => MultiplexStats;
  /** Gives all channels up, and leaves the socket alone from now on. May be called again. */
  readonly close: () => void;
  /** `await using` closes all channels at the end of the block. */
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** What is used of a socket. */
export type MultiplexSocket<Incoming, Outgoing> = Pick<
  JetSocket<Incoming, Outgoing>,
  'on' | 'greet' | 'state'
>;

/** So that a ring of so many messages can be had. */
const MAX_CAPACITY = 1_000_000;

/**
 * Many channels over one socket, as market data, chats and brokers have them. Subscribes again on every new
 * connection, before anything else is sent; in replay mode `session`, only when a new session begins.
 *
 * @throws {JetSocketError} `INVALID_OPTION`, naming the option, what it got and what it takes.
 */
export function multiplex<Incoming, Outgoing>(
  socket: MultiplexSocket<Incoming, Outgoing>,
  options: MultiplexOptions<Incoming, Outgoing>,
): Multiplexer<Incoming> {
  for (const method of ['on', 'greet'] as const) {
    if (typeof (socket as Partial<typeof socket> | undefined | null)?.[method] !== 'function') {
      throw check.invalid('socket', socket, 'a JetSocket: multiplex(socket, options)');
    }
  }
  const router = new Router(socket, resolve(options));
  return Object.freeze({
    channel: <Data extends Incoming>(name: string) => router.channel<Data>(name),
    stats: () => router.stats(),
    close: () => {
      router.close();
    },
    [Symbol.asyncDispose]: () => {
      router.close();
      return Promise.resolve();
    },
  });
}

/** The options with nothing left open, but for what may be left out. */
type Resolved<In, Out> = MultiplexOptions<In, Out> & {
  readonly maxBatch: number;
  readonly capacity: number;
};

function resolve<In, Out>(options: MultiplexOptions<In, Out>): Resolved<In, Out> {
  check.known('multiplex', options, [
    'channelOf',
    'subscribe',
    'unsubscribe',
    'maxBatch',
    'capacity',
  ]);
  for (const name of ['channelOf', 'subscribe'] as const) {
    if (typeof options[name] !== 'function') {
      throw check.invalid(`multiplex.${name}`, options[name], 'a function');
    }
  }
  return {
    channelOf: options.channelOf,
    subscribe: options.subscribe,
    unsubscribe: check.optionalFunction('multiplex.unsubscribe', options.unsubscribe),
    maxBatch: check.count('multiplex.maxBatch', options.maxBatch, 1, 100),
    capacity: check.integer('multiplex.capacity', options.capacity, 1, MAX_CAPACITY, 1_000),
  };
}

class Router<In, Out> {
  readonly #options: Resolved<In, Out>;
  readonly #roll = new Roll<Channel<In>>();
  readonly #host: ChannelHost<In>;
  /** Why the socket failed, the last time that it did. */
  #failure: JetSocketError | undefined;
  readonly #stop: readonly (() => void)[];
  /** Channels that have yet to hear that the server was told of them. */
  readonly #untold = new Set<Channel<In>>();
  #say: Say<Out> | undefined;
  #fail: ReportFailure = () => undefined;
  /** What changed in this turn is said at its end. */
  #isScheduled = false;
  #isClosed = false;
  #routed = 0;
  #unroutable = 0;
  #late = 0;

  constructor(socket: MultiplexSocket<In, Out>, options: Resolved<In, Out>) {
    this.#options = options;
    this.#host = {
      capacity: options.capacity,
      fail: (thrown) => {
        this.#fail(thrown);
      },
      leave: (channel) => {
        this.#untold.delete(channel);
        this.#roll.leave(channel.name, channel);
        this.#schedule();
      },
      ending: () => {
        if (socket.state === 'failed') return { error: this.#failure ?? failed() };
        return socket.state === 'closed' ? { error: undefined } : undefined;
      },
    };
    this.#stop = [
      socket.on('message', makeLasting(this.#onMessage)),
      socket.on(
        'closed',
        makeLasting(({ cause, code }: JetSocketEventMap['closed']) => {
          this.#failure = socket.state === 'failed' ? failed(` (${cause}, ${code})`) : undefined;
          for (const channel of this.#roll.holders) channel.socketEnded(this.#failure);
        }),
      ),
      socket.greet((say, fail) => {
        this.#say = say;
        this.#fail = fail;
        this.#roll.forget();
        this.#untold.clear();
        for (const channel of this.#roll.holders) this.#untold.add(channel);
        this.#sayChanges();
      }),
    ];
  }

  channel<Data extends In>(name: string): Channel<Data> {
    if (typeof name !== 'string' || name === '') {
      throw new JetSocketError(
        'INVALID_OPTION',
        `Cannot subscribe: a channel's name is a string with something in it, not ${describe(name)}`,
      );
    }
    if (this.#isClosed) {
      throw new JetSocketError('CLOSED', 'Cannot subscribe: the multiplexer is closed', {
        hint: 'Make another one: multiplex(socket, options)',
      });
    }
    const channel = new Channel<In>(name, this.#host);
    this.#untold.add(channel);
    this.#roll.hold(name, channel);
    this.#schedule();
    // What comes on a channel is the caller's claim.
    return channel as unknown as Channel<Data>;
  }

  stats(): MultiplexStats {
    return Object.freeze({
      channels: this.#roll.size,
      routed: this.#routed,
      unroutable: this.#unroutable,
      late: this.#late,
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const channel of this.#roll.holders) channel.close();
    this.#sayChanges();
    for (const stop of this.#stop) stop();
  }

  // What comes.

  readonly #onMessage = (event: JetSocketEventMap<In>['message']): void => {
    const name = this.#nameOf(event.data);
    const holders = name === undefined ? undefined : this.#roll.holdersOf(name);
    if (holders === undefined) {
      if (name !== undefined && this.#roll.hasLeft(name)) this.#late++;
      else this.#unroutable++;
      return;
    }
    this.#routed++;
    for (const channel of holders) if (!channel.isClosed) channel.take(event);
  };

  #nameOf(message: In): string | undefined {
    try {
      return atOnce(this.#options.channelOf(message)) ?? undefined;
    } catch (thrown) {
      this.#fail(hookFailed('channelOf', thrown, 'The message is of no channel, then'));
      return undefined;
    }
  }

  // What is said.

  #schedule(): void {
    if (this.#isScheduled || this.#isClosed) return;
    this.#isScheduled = true;
    void Promise.resolve().then(() => {
      this.#isScheduled = false;
      if (!this.#isClosed) this.#sayChanges();
    });
  }

  #sayChanges(): void {
    // Without a connection there is nothing to say: the next one is greeted with all that is wanted then.
    if (this.#say === undefined) return;
    const { subscribe, unsubscribe } = this.#options;
    const changes = this.#roll.takeChanges();
    if (unsubscribe !== undefined) {
      for (const names of this.#batches(changes.unsubscribe)) {
        this.#sayOne('unsubscribe', unsubscribe, names);
      }
    }
    for (const names of this.#batches(changes.subscribe)) {
      if (!this.#sayOne('subscribe', subscribe, names)) this.#roll.unsaid(names);
    }
    this.#tellSubscribed();
  }

  #batches(names: readonly string[]): readonly (readonly string[])[] {
    const { maxBatch } = this.#options;
    const batches: (readonly string[])[] = [];
    for (let first = 0; first < names.length; first += maxBatch) {
      batches.push(names.slice(first, first + maxBatch));
    }
    return batches;
  }

  /** Returns whether the server was told. */
  #sayOne(
    option: 'subscribe' | 'unsubscribe',
    format: (names: readonly string[]) => Out | undefined,
    names: readonly string[],
  ): boolean {
    try {
      const message = format(names);
      return message === undefined || this.#say?.(message) === true;
    } catch (thrown) {
      this.#fail(hookFailed(option, thrown, `Not said: ${names.join(', ')}`.slice(0, 200)));
      return false;
    }
  }

  #tellSubscribed(): void {
    for (const channel of this.#untold) {
      if (!this.#roll.isSaid(channel.name)) continue;
      this.#untold.delete(channel);
      channel.subscribed();
    }
  }
}

const failed = (why = ''): JetSocketError =>
  new JetSocketError('CLOSED', `The socket has failed${why}`, {
    hint: 'connect() begins anew, and subscribes again',
  });

const hookFailed = (option: string, thrown: unknown, hint: string): JetSocketError =>
  new JetSocketError('HOOK_FAILED', `multiplex.${option} failed: ${asError(thrown).message}`, {
    cause: thrown,
    hint,
  });
