import { ask, atOnce } from '../delivery/ask.js';
import type { Delivery } from '../delivery/delivery.js';
import { asError, describe, JetSocketError } from '../errors.js';
import type { JetSocketEventMap, ReplayMode } from '../events.js';
import type { JetSocket } from '../jet-socket.js';
import { makeLasting } from '../lasting.js';
import type { Clock } from '../ports.js';
import type { Say } from '../runtime/greetings.js';
import type { AbortSignalLike } from '../runtime/signals.js';
import * as check from '../validate.js';
import type { IdOf, RequestConfig, RequestId, RequestPlan } from './request-options.js';

/** What requests need of their socket. */
export interface RequestHost<In, Out> {
  readonly socket: JetSocket<In, Out>;
  readonly mode: ReplayMode;
  readonly clock: Clock;
  /** Tells of a failure, as an `error` event. */
  report(error: JetSocketError): void;
}

/** A request that waits for its reply. */
interface Open<In, Out> {
  readonly id: RequestId;
  readonly message: Out;
  readonly plan: RequestPlan<In, Out>;
  readonly delivery: Delivery;
  resolve(reply: In): void;
  reject(error: JetSocketError): void;
  /** Lets go of timer and signal. */
  release(): void;
}

/**
 * Requests that wait for their replies, over all connections. As long as there is none it listens to nothing, so
 * that a socket without requests pays nothing for them.
 */
export class Requests<In, Out> {
  readonly #host: RequestHost<In, Out>;
  readonly #config: RequestConfig<In, Out>;
  /** In the order in which they were made. */
  readonly #open = new Map<RequestId, Open<In, Out>>();
  /** Each function that tells ids, and how many open requests go by it. */
  readonly #idOfs = new Map<IdOf<In, Out>, number>();
  #stop: (() => void) | undefined;
  readonly #report = (error: JetSocketError): void => {
    this.#host.report(error);
  };

  constructor(host: RequestHost<In, Out>, config: RequestConfig<In, Out>) {
    this.#host = host;
    this.#config = config;
  }

  /** Sends a request. The promise settles with its reply, or with what became of it. */
  ask(message: Out, plan: RequestPlan<In, Out>): Promise<In> {
    const id = this.#idFor(message, plan);
    if (plan.signal?.aborted === true) return Promise.reject(aborted(plan.signal));
    this.#listen();
    try {
      const delivery = this.#host.socket.send(message);
      return new Promise<In>((resolve, reject) => {
        this.#add({ id, message, plan, delivery, resolve, reject });
      });
    } finally {
      this.#restIfIdle();
    }
  }

  #idFor(message: Out, { idOf }: RequestPlan<In, Out>): RequestId {
    const id = this.#idOfRequest(message, idOf);
    if (!isId(id)) {
      throw check.invalid('idOf', id, 'for a request a string, a number or a bigint');
    }
    if (this.#open.has(id)) {
      throw new JetSocketError(
        'REQUEST_ID_TAKEN',
        `Cannot request: a request with the id ${describe(id)} is still open`,
        { hint: 'Give every request an id of its own' },
      );
    }
    const { maxOpen } = this.#config;
    if (this.#open.size < maxOpen) return id;
    throw new JetSocketError('TOO_MANY_REQUESTS', `Cannot request: ${maxOpen} are open already`, {
      hint: 'Wait for replies, or raise request.maxOpen',
    });
  }

  #idOfRequest(message: Out, idOf: IdOf<In, Out>): unknown {
    try {
      return atOnce(idOf(message));
    } catch (thrown) {
      throw new JetSocketError(
        'HOOK_FAILED',
        `Cannot request: request.idOf threw: ${asError(thrown).message}`,
        { cause: thrown, hint: 'Let idOf say the id of every request that is made, at once' },
      );
    }
  }

  #add(request: Omit<Open<In, Out>, 'release'>): void {
    const { id, plan, delivery } = request;
    const { clock } = this.#host;
    const timer = clock.setTimer(plan.timeoutMs, () => {
      this.#fail(id, timedOut(plan.timeoutMs, delivery));
    });
    const { signal } = plan;
    const onAbort = (): void => {
      if (signal !== undefined) this.#fail(id, aborted(signal));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    const release = (): void => {
      clock.clearTimer(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const open = { ...request, release };
    this.#open.set(id, open);
    this.#idOfs.set(plan.idOf, (this.#idOfs.get(plan.idOf) ?? 0) + 1);
    void delivery.settled.then((status) => {
      // A later request may have the same id by now.
      if (status === 'dropped' && this.#open.get(id) === open) this.#fail(id, dropped());
    });
  }

  // What comes.

  #listen(): void {
    if (this.#stop !== undefined) return;
    const { socket } = this.#host;
    const offs = [
      socket.on('message', makeLasting(this.#onMessage)),
      socket.on('disconnected', makeLasting(this.#onDisconnected)),
      socket.on('closed', makeLasting(this.#onClosed)),
      socket.greet((say) => {
        this.#onGreet(say);
      }),
    ];
    this.#stop = () => {
      for (const off of offs) off();
    };
  }

  #restIfIdle(): void {
    if (this.#open.size > 0) return;
    this.#stop?.();
    this.#stop = undefined;
  }

  readonly #onMessage = ({ data }: JetSocketEventMap<In>['message']): void => {
    for (const idOf of this.#idOfs.keys()) {
      const id = ask('request.idOf', idOf, data, this.#report);
      const open = isId(id) ? this.#open.get(id) : undefined;
      // Another function's ids are another matter, even when they look alike.
      if (open !== undefined && open.plan.idOf === idOf) this.#take(open).resolve(data);
    }
  };

  /** Without numbers on what comes, a reply that was on its way will not come any more. */
  readonly #onDisconnected = ({ will_reconnect }: JetSocketEventMap['disconnected']): void => {
    const { mode } = this.#host;
    // Else `closed` follows, and is what became of them.
    if (!will_reconnect) return;
    if (mode === 'none' || mode === 'full_buffer') this.#giveUpOnSent();
  };

  /** The server knows nothing of us any more: what was asked before has to be asked again, ahead of what waits. */
  #onGreet(say: Say<Out>): void {
    if (this.#host.mode === 'session') this.#giveUpOnSent();
    for (const { plan, delivery, message } of [...this.#open.values()]) {
      if (plan.resend && wasSent(delivery)) say(message);
    }
  }

  #giveUpOnSent(): void {
    for (const { id, plan, delivery } of [...this.#open.values()]) {
      if (!plan.resend && wasSent(delivery)) this.#fail(id, lost());
    }
  }

  readonly #onClosed = ({ code, cause }: JetSocketEventMap['closed']): void => {
    for (const id of [...this.#open.keys()]) {
      this.#fail(
        id,
        new JetSocketError(
          'CLOSED',
          `No reply came before the socket was closed (${cause}, ${code})`,
        ),
      );
    }
  };

  // How one ends.

  #fail(id: RequestId, error: JetSocketError): void {
    const open = this.#open.get(id);
    if (open !== undefined) this.#take(open).reject(error);
  }

  #take(open: Open<In, Out>): Open<In, Out> {
    const { id, plan } = open;
    this.#open.delete(id);
    const left = (this.#idOfs.get(plan.idOf) ?? 1) - 1;
    if (left > 0) this.#idOfs.set(plan.idOf, left);
    else this.#idOfs.delete(plan.idOf);
    open.release();
    this.#restIfIdle();
    return open;
  }
}

/** NaN equals nothing, in no language: it is no id. */
const isId = (id: unknown): id is RequestId =>
  typeof id === 'string' || typeof id === 'bigint' || (typeof id === 'number' && !Number.isNaN(id));

/** It was handed to a socket, and no buffer will do so again. */
const wasSent = ({ status }: Delivery): boolean => status === 'sent' || status === 'acknowledged';

const aborted = (signal: AbortSignalLike): JetSocketError =>
  new JetSocketError('ABORTED', 'The request was given up: its signal was aborted', {
    cause: signal.reason,
  });

const timedOut = (timeoutMs: number, delivery: Delivery): JetSocketError =>
  new JetSocketError('REQUEST_TIMEOUT', `No reply came within ${timeoutMs} ms`, {
    hint:
      delivery.status === 'buffered'
        ? 'It still waits to be sent: there was no connection'
        : 'It was sent; the server may have done what it asks for',
    deliveries: [delivery],
  });

const dropped = (): JetSocketError =>
  new JetSocketError('REQUEST_DROPPED', 'The request was dropped before it was answered', {
    hint: 'The buffer was full, or what it waited for was lost: the connection in mode none, or the session',
  });

const lost = (): JetSocketError =>
  new JetSocketError('CONNECTION_LOST', 'The connection was lost before a reply came', {
    hint: 'The server may have done what it asks for. With { resend: true } it is sent again, for what may be done twice',
  });
