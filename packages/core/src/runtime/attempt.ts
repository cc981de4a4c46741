import { asError } from '../errors.js';
import { MAX_CONTROL_LENGTH } from '../delivery/controls.js';
import { SUBPROTOCOL } from '../delivery/frames.js';
import type { Position } from '../delivery/sequence.js';
import type { ReplayMode } from '../events.js';
import type { End } from '../machine/input.js';
import type { Config, Provider, Url } from '../options.js';
import type { FrameData, Link, LinkClosed, LinkListener, OpenRequest } from '../ports.js';
import { redact, redactError, redactForeign, secretsOf, secretsOfAnswers } from '../secrets.js';
import { parseAddress } from '../url.js';
import { headerRecord, protocolList } from '../validate.js';
import { ask, type AttemptFacts, type Question } from './providers.js';
import { Timers } from './timers.js';

/** What an attempt needs of the options. */
export type AttemptConfig = Pick<
  Config<never, never>,
  'protocols' | 'headers' | 'transport' | 'maxMessageBytes' | 'clock' | 'closeTimeoutMs'
> & { readonly replay: { readonly mode: ReplayMode } };

/** Where the news of an attempt, and of the connection it becomes, goes. Nothing comes after `onEnded`. */
export interface AttemptListener {
  /** The address is known. `open` is next. */
  onPrepared(epoch: number, uri: string): void;
  onOpen(epoch: number, protocol: string, link: Link): void;
  onMessage(data: FrameData): void;
  onPong(payload: string | null): void;
  onEnded(epoch: number, end: End): void;
}

type Answers = readonly [Url, string | readonly string[], Readonly<Record<string, string>>];

/**
 * One epoch: the questions to the user's functions, then one socket, from opening to its end. What comes late
 * of a socket that was let go of ends here.
 */
export class Attempt implements LinkListener {
  readonly #epoch: number;
  readonly #url: Provider<Url>;
  readonly #config: AttemptConfig;
  /** Of the attempt before: functions that give credentials may tell of those that they gave then. */
  readonly #known: readonly string[];
  #listener: AttemptListener;
  #question: Question | undefined;
  #request: OpenRequest | undefined;
  #link: Link | undefined;
  #isOpen = false;
  #isClosing = false;
  /** Nobody listens any more. */
  #isOver = false;
  readonly #leaving: Timers<'leaving'>;

  constructor(
    epoch: number,
    url: Provider<Url>,
    config: AttemptConfig,
    listener: AttemptListener,
    known: readonly string[] = [],
  ) {
    this.#known = known;
    this.#epoch = epoch;
    this.#url = url;
    this.#config = config;
    this.#listener = listener;
    this.#leaving = new Timers(config.clock, () => {
      this.abandon();
    });
  }

  get #isSession(): boolean {
    return this.#config.replay.mode === 'session';
  }

  /** The socket, while it is open. */
  get link(): Link | undefined {
    return this.#isOpen ? this.#link : undefined;
  }

  /** The last message that its functions were told of. */
  position: Position | undefined;

  /** Asks for URL, protocols and headers. */
  prepare(facts: AttemptFacts): void {
    const { lastSequenceId: id, epoch } = facts;
    this.position = id === undefined ? undefined : { id, epoch };
    const { protocols, headers } = this.#config;
    this.#question = ask<Answers>([this.#url, protocols, headers], facts, (outcome) => {
      if (!outcome.ok) {
        const secrets = [...secretsOfAnswers(...outcome.known), ...this.#known];
        return this.#failBefore('provider_failed', redactForeign(asError(outcome.thrown), secrets));
      }
      let uri: string;
      try {
        uri = this.#take(outcome.value);
      } catch (thrown) {
        return this.#failBefore('provider_failed', thrown);
      }
      return this.#listener.onPrepared(this.#epoch, uri);
    });
  }

  /** Opens a socket to where the answers say. */
  open(): void {
    if (this.#request === undefined || this.#isOver) return;
    this.#question = undefined;
    try {
      this.#link = this.#config.transport.open(this.#request, this);
    } catch (thrown) {
      this.#failBefore('connect_failed', thrown);
    }
  }

  onOpen(protocol: string): void {
    if (this.#isOver || this.#link === undefined) return;
    this.#isOpen = true;
    this.#listener.onOpen(this.#epoch, protocol, this.#link);
  }

  onMessage(data: FrameData): void {
    if (!this.#isOver) this.#listener.onMessage(data);
  }

  onPong(payload: string | null): void {
    if (!this.#isOver) this.#listener.onPong(payload);
  }

  onClose(closed: LinkClosed): void {
    this.#leaving.clearAll();
    if (this.#isOver) return;
    const isRefused = this.#isSession && !this.#isOpen && isProtocolRefused(closed);
    const cause = isRefused ? 'session_unsupported' : causeOf(closed, this.#isOpen);
    this.#leave();
    const { code, reason, wasClean, httpStatus, retryAfterMs } = closed;
    const error = closed.error && redactError(closed.error, this.#secrets());
    this.#listener.onEnded(this.#epoch, {
      cause,
      code,
      reason,
      wasClean,
      error,
      httpStatus,
      retryAfterMs,
      // The server of a session would send it again on every connection.
      hopeless: isRefused || (this.#isSession && cause === 'message_too_large') || undefined,
    });
  }

  /** What was given as credentials last: for this attempt, or else for the one before. */
  get secrets(): readonly string[] {
    return this.#request === undefined ? this.#known : secretsOf(this.#request);
  }

  /** A text without what was given as credentials for this attempt. */
  redacted(text: string): string {
    return redact(text, this.#secrets());
  }

  /** Its news goes to another listener from now on. */
  adopt(listener: AttemptListener): void {
    this.#listener = listener;
  }

  /** Begins the closing handshake, once. */
  close(code: number, reason: string): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#link?.close(code, reason);
  }

  /** Lets go at once, and says nothing more. */
  abandon(): void {
    this.#leave();
    this.#leaving.clearAll();
    this.#link?.abandon();
  }

  /**
   * Lets go, and says nothing more. An open socket may still send what it holds, for as long as a close may
   * take: what was handed over is not lost because the user wants another connection.
   */
  discard(code: number = 1000, reason: string = ''): void {
    const wasOpen = this.#isOpen;
    this.#leave();
    if (!wasOpen) return this.#link?.abandon();
    this.#leaving.set('leaving', this.#config.closeTimeoutMs);
    if (!this.#isClosing) this.#link?.close(code, reason);
  }

  #take([url, protocols, headers]: Answers): string {
    const { transport, maxMessageBytes, replay } = this.#config;
    const address = parseAddress(url, transport.baseUrl?.());
    this.#request = {
      url: address.url,
      protocols: offered(protocolList(protocols), replay.mode),
      headers: headerRecord(headers),
      // A frame of a session has a head before the message.
      maxMessageBytes: replay.mode === 'session' ? frameBytes(maxMessageBytes) : maxMessageBytes,
    };
    return address.uri;
  }

  #failBefore(cause: 'provider_failed' | 'connect_failed', thrown: unknown): void {
    if (this.#isOver) return;
    this.#leave();
    const error = redactError(asError(thrown), this.#secrets());
    // A transport that throws can never work here; a provider may do better the next time.
    this.#listener.onEnded(this.#epoch, {
      ...LOST,
      cause,
      error,
      hopeless: cause === 'connect_failed',
    });
  }

  /** Only made where something went wrong. */
  #secrets(): readonly string[] {
    return this.#request === undefined ? [] : secretsOf(this.#request);
  }

  #leave(): void {
    this.#isOver = true;
    this.#isOpen = false;
    this.#question?.cancel();
  }
}

/** Two numbers of 16 digits, a comma and a space stand before a message. And a welcome has to be read, whatever the limit is. */
const frameBytes = (maxMessageBytes: number): number =>
  Math.max(maxMessageBytes + 34, 3 * MAX_CONTROL_LENGTH);

/** A session is asked for first: many servers choose the first subprotocol that they are offered. */
const offered = (protocols: readonly string[], mode: ReplayMode): readonly string[] =>
  mode === 'session' ? [SUBPROTOCOL, ...protocols.filter((one) => one !== SUBPROTOCOL)] : protocols;

const LOST = { code: 1006, reason: '', wasClean: false } as const;

/** The handshake was well, but for the subprotocol. Only `ws` tells; a browser does not say why. */
const isProtocolRefused = ({ error, httpStatus }: LinkClosed): boolean =>
  httpStatus === undefined && /subprotocol/i.test(error?.message ?? '');

function causeOf(closed: LinkClosed, wasOpen: boolean): End['cause'] {
  if (closed.tooLarge === true) return 'message_too_large';
  if (!wasOpen) return closed.httpStatus === undefined ? 'connect_failed' : 'rejected';
  return closed.code === 1006 ? 'connection_lost' : 'closed_by_server';
}
