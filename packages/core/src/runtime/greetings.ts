import { asError, JetSocketError } from '../errors.js';
import type { FrameData } from '../ports.js';

/**
 * Tells the server something on the connection that the greeting was called for, and on no other: ahead of what
 * waits, and never kept. Returns false when that connection is over.
 *
 * In replay mode `session` it is a message of the session, like any other, and outlives connections with it.
 */
export type Say<Outgoing> = SayMethod<Outgoing>['say'];

/** A method, so that a socket of one type may stand for one of a wider type, as with `send`. */
interface SayMethod<Outgoing> {
  say(message: Outgoing): boolean;
}

/** Tells of a failure that comes later, as an `error` event: `HOOK_FAILED`, or the code that it has. */
export type ReportFailure = (thrown: unknown) => void;

/** What is called whenever the server knows nothing of us: see `JetSocket.greet`. */
export type Greeting<Outgoing> = (say: Say<Outgoing>, fail: ReportFailure) => void;

/** What the greetings are said to: a connection or, where that outlives connections, a session. */
interface Listener {
  readonly key: unknown;
  readonly tell: Say<FrameData>;
}

/** What is said on a new connection before anything else, and what may be said on it later. */
export class Greetings {
  readonly #onFailed: (error: JetSocketError) => void;
  /** Replaced, never changed: a greeting may add others. */
  #all: readonly Greeting<FrameData>[] = [];
  #listener: Listener | undefined;

  constructor(onFailed: (error: JetSocketError) => void) {
    this.#onFailed = onFailed;
  }

  get isEmpty(): boolean {
    return this.#all.length === 0;
  }

  /** Adds a greeting behind the others. It is called at once if there is a connection that was greeted. */
  add(greeting: Greeting<FrameData>): () => void {
    // Its own function for each call of `add`: the same greeting may be added twice, and removed once.
    const kept: Greeting<FrameData> = (say, fail) => greeting(say, fail);
    this.#all = [...this.#all, kept];
    if (this.#listener !== undefined) this.#call(kept, this.#listener);
    return () => {
      this.#all = this.#all.filter((one) => one !== kept);
    };
  }

  /** There is a connection. One with the key of the last is the same session, which was greeted already. */
  open(key: unknown, tell: (data: FrameData) => boolean): void {
    if (this.#listener?.key === key) return;
    const listener: Listener = {
      key,
      tell: (data) => this.#listener === listener && tell(data),
    };
    this.#listener = listener;
    for (const greeting of this.#all) this.#call(greeting, listener);
  }

  /** The other end forgets what it was told. */
  shut(): void {
    this.#listener = undefined;
  }

  #call(greeting: Greeting<FrameData>, { tell }: Listener): void {
    try {
      greeting(tell, this.#fail);
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  readonly #fail: ReportFailure = (thrown) => {
    this.#onFailed(thrown instanceof JetSocketError ? thrown : greetingFailed(thrown));
  };
}

const greetingFailed = (thrown: unknown): JetSocketError =>
  new JetSocketError('HOOK_FAILED', `A greeting failed: ${asError(thrown).message}`, {
    cause: thrown,
    hint: 'What it had not said yet is not said on this connection',
  });
