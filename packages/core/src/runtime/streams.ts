import type { Delivery } from '../delivery/delivery.js';
import { JetSocketError } from '../errors.js';
import type { Clock } from '../ports.js';
import type { Life } from './life.js';
import type { Reader } from './reader.js';

declare global {
  // Where the libraries that a user compiles with do not have them. They have these in all that do.
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- It has to be called so, as it is there.
  interface ReadableStream<R> {
    readonly locked: boolean;
  }
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- As above.
  interface WritableStream<W> {
    readonly locked: boolean;
  }
}

/** What streams ask of the socket. */
export interface StreamHost<In, Out> {
  /** From `connect()` to `closed`. */
  readonly life: Life;
  readonly clock: Clock;
  /** Whether there is room for more, here and in the socket below. */
  readonly hasRoom: boolean;
  /** Begins to collect messages for a stream. */
  read(hasPatience: true): Reader<In>;
  send(message: Out): Delivery;
  close(): Promise<void>;
}

/** How soon it is looked again whether there is room: nothing tells when a socket has sent something. */
const LOOK_MS = 20;

/** The two streams of a socket, made when they are asked for. Each is that of one life: `connect()` after an end makes new ones. */
export class Streams<In, Out> {
  readonly #host: StreamHost<In, Out>;
  #readable: { readonly life: Life; readonly stream: ReadableStream<In> } | undefined;
  #writable: { readonly life: Life; readonly stream: WritableStream<Out> } | undefined;

  constructor(host: StreamHost<In, Out>) {
    this.#host = host;
  }

  /** Whether somebody has one of them. */
  get isLocked(): boolean {
    return this.#readable?.stream.locked === true || this.#writable?.stream.locked === true;
  }

  get readable(): ReadableStream<In> {
    const { life } = this.#host;
    if (this.#readable?.life !== life) {
      // It holds nothing itself, and asks only when it is asked: what waits is counted in one place, the reader.
      const none = { highWaterMark: 0 };
      const source = new Source(this.#host, () => (this.#readable = undefined));
      this.#readable = { life, stream: new ReadableStream(source, none) };
    }
    return this.#readable.stream;
  }

  get writable(): WritableStream<Out> {
    const { life } = this.#host;
    if (this.#writable?.life !== life) {
      const sink = new Sink(this.#host, () => (this.#writable = undefined));
      this.#writable = { life, stream: new WritableStream(sink) };
    }
    return this.#writable.stream;
  }
}

/** What a readable stream draws from. Nothing is collected before the first read. */
class Source<In> {
  readonly #host: Pick<StreamHost<In, never>, 'life' | 'read'>;
  readonly #onCancel: () => void;
  readonly #life: Life;
  #reader: Reader<In> | undefined;
  #isPulling = false;
  #isOver = false;

  constructor(host: Pick<StreamHost<In, never>, 'life' | 'read'>, onCancel: () => void) {
    this.#host = host;
    this.#life = host.life;
    this.#onCancel = onCancel;
  }

  start(controller: ReadableController<In>): void {
    // With nothing left to read, the end shows without a read.
    void this.#life.ended.then(() => {
      if (this.#isOver || this.#isPulling || (this.#reader?.size ?? 0) > 0) return;
      const { failure } = this.#life;
      if (failure === undefined) controller.close();
      else controller.error(failure);
    });
  }

  async pull(controller: ReadableController<In>): Promise<void> {
    this.#isPulling = true;
    try {
      this.#reader ??= this.#host.read(true);
      const result = await this.#reader.next();
      // Cancelled meanwhile, it is closed already.
      if (this.#isOver) return;
      this.#isOver = result.done === true;
      if (result.done === true) controller.close();
      else controller.enqueue(result.value);
    } finally {
      this.#isPulling = false;
    }
  }

  cancel(): void {
    this.#isOver = true;
    this.#reader?.leave();
    this.#onCancel();
  }
}

/** Where a writable stream goes. A write waits until there is room, through outages too. */
class Sink<Out> {
  readonly #host: Omit<StreamHost<never, Out>, 'read'>;
  readonly #life: Life;
  readonly #onRefused: () => void;
  #signal: AbortSignal | undefined;
  /** How many messages are on their way still. */
  #open = 0;
  #onNone: (() => void) | undefined;
  #isClosing = false;

  /** @param onRefused The stream is of no use any more, and the socket is. */
  constructor(host: Omit<StreamHost<never, Out>, 'read'>, onRefused: () => void) {
    this.#host = host;
    this.#life = host.life;
    this.#onRefused = onRefused;
  }

  start(controller: WritableController): void {
    this.#signal = controller.signal;
    void this.#life.ended.then(() => {
      if (!this.#isClosing) controller.error(this.#whyOver());
    });
  }

  async write(message: Out): Promise<void> {
    while (!this.#host.hasRoom) {
      if (this.#life.isOver) throw this.#whyOver();
      if (this.#signal?.aborted === true) return;
      await this.#pause();
    }
    const delivery = this.#send(message);
    this.#open++;
    void delivery.settled.then(() => {
      this.#open--;
      if (this.#open === 0) this.#onNone?.();
    });
  }

  /** Closes the socket when all that was written is sent, and acknowledged where that is asked for. */
  async close(): Promise<void> {
    this.#isClosing = true;
    // Each of them, not the last alone: that may be dropped, for what its codec made of it, while others still wait.
    const none = new Promise<void>((done) => {
      if (this.#open === 0) done();
      else this.#onNone = done;
    });
    await Promise.race([none, this.#life.ended]);
    if (this.#life.failure !== undefined) throw this.#life.failure;
    await this.#host.close();
  }

  /** Closes the socket at once. */
  async abort(): Promise<void> {
    this.#isClosing = true;
    await this.#host.close();
  }

  #send(message: Out): Delivery {
    try {
      return this.#host.send(message);
    } catch (thrown) {
      this.#onRefused();
      throw thrown;
    }
  }

  #pause(): Promise<void> {
    return new Promise((done) => this.#host.clock.setTimer(LOOK_MS, done));
  }

  #whyOver(): JetSocketError {
    return (
      this.#life.failure ??
      new JetSocketError('CLOSED', 'Cannot write: the socket is closed', {
        hint: 'connect() begins anew, with new streams',
      })
    );
  }
}

/** What is used of the controllers of both kinds, whatever types there are for them. */
interface ReadableController<In> {
  enqueue(message: In): void;
  close(): void;
  error(failure: unknown): void;
}
interface WritableController {
  readonly signal?: AbortSignal;
  error(failure: unknown): void;
}
