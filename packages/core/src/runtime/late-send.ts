import { Entry, type Terms } from '../delivery/delivery.js';
import { asError, JetSocketError } from '../errors.js';
import type { Clock, FrameData, Link } from '../ports.js';
import { Line } from './line.js';
import type { Outgoing } from './outgoing.js';

/** What messages need whose codec answers with a promise. */
export interface LateSendHost {
  readonly outgoing: Outgoing;
  readonly clock: Clock;
  /** How long one may take. */
  readonly timeoutMs: number;
  /** Says what is wrong with a frame by throwing it. */
  check(data: unknown): FrameData;
  /** The socket that is open now. */
  link(): Link | undefined;
  onError(error: JetSocketError): void;
}

/** Messages that the codec encodes with a promise. They have their place from `send()` on. */
export class LateSend {
  readonly #host: LateSendHost;
  /** What greetings say stays in order among itself. */
  readonly #said: Line;

  constructor(host: LateSendHost) {
    this.#host = host;
    const bounds = { capacity: Infinity, maxLength: Infinity };
    this.#said = new Line({ ...host, ...bounds }, (deliver) => {
      deliver();
    });
  }

  /** Keeps a place for the message. */
  send(promise: PromiseLike<unknown>, terms: Terms | undefined): Entry {
    const { outgoing, clock } = this.#host;
    let entry: Entry;
    try {
      entry = outgoing.reserve({ ...terms, pendingSinceMs: clock.now() });
    } catch (full) {
      promise.then(undefined, () => undefined);
      throw full;
    }
    this.#settle(promise, entry, (data) => {
      outgoing.fill(entry, data);
    });
    return entry;
  }

  /** For what has no place: it goes to the connection that there is now, or nowhere. */
  sendNow(promise: PromiseLike<unknown>, isEarly: boolean): Entry {
    const { outgoing } = this.#host;
    const entry = new Entry(0, '');
    const link = this.#host.link();
    this.#settle(promise, entry, (data) => {
      const isSame = link !== undefined && link === this.#host.link();
      const sent = isSame ? outgoing.sendNow(data, isEarly ? link : undefined) : outgoing.miss();
      entry.settle(sent.status);
    });
    return entry;
  }

  /** What a greeting says. It is for one connection, and `tell` knows whether that is over. */
  say(
    promise: PromiseLike<unknown>,
    tell: (data: FrameData) => unknown,
    fail: (thrown: unknown) => void,
  ): void {
    this.#said.add(promise, 0, (outcome) => {
      if (!outcome.isFulfilled) return fail(outcome.thrown);
      try {
        tell(this.#host.check(outcome.value));
      } catch (thrown) {
        fail(thrown);
      }
    });
  }

  /** A message took longer than `codecTimeoutMs`. */
  timedOut(entry: Entry, timeoutMs: number): void {
    this.#fail(entry, new Error(`the codec gave no answer within ${timeoutMs} ms`));
  }

  #settle(promise: PromiseLike<unknown>, entry: Entry, take: (data: FrameData) => void): void {
    const taken = async (): Promise<void> => {
      let data: FrameData;
      try {
        data = this.#host.check(await promise);
      } catch (thrown) {
        // It was given up meanwhile, and that was told.
        if (entry.isFinal) return;
        this.#host.outgoing.remove(entry);
        this.#fail(entry, thrown);
        return;
      }
      if (!entry.isFinal) take(data);
    };
    void taken();
  }

  #fail(entry: Entry, thrown: unknown): void {
    if (!entry.isFinal) entry.settle('dropped');
    const known = thrown instanceof JetSocketError ? thrown : undefined;
    this.#host.onError(
      new JetSocketError(
        known?.code ?? 'NOT_SERIALIZABLE',
        known?.message ?? `Cannot send: ${asError(thrown).message}`,
        {
          cause: known?.cause ?? thrown,
          deliveries: [entry],
          hint:
            known?.hint ??
            'The promise of the codec came to nothing: the message is dropped, and no other one',
        },
      ),
    );
  }
}
