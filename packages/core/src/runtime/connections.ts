import type { Config, Provider, Url } from '../options.js';
import type { FrameData, Link } from '../ports.js';
import { Attempt, type AttemptListener } from './attempt.js';
import type { AttemptFacts } from './providers.js';
import { type OpenSocket, Successor, type SuccessorHost } from './successor.js';

/** Which sockets there are: the one in use, the one that is to follow on it, and the one that takes its leave. */
export class Connections<In, Out> {
  /** The one in use, or about to be. */
  attempt: Attempt | undefined;
  /** Its socket, if that is open, whether or not it is usable yet. */
  opened: OpenSocket | undefined;
  successor: Successor | undefined;
  /** What came on that before it was its turn. */
  #early: readonly FrameData[] = [];
  /** The last one that was let go of. It may still be sending what it holds. */
  #leaving: Attempt | undefined;
  /** The credentials of the life before: no text tells of them either. */
  #secrets: readonly string[] | undefined;
  readonly #url: Provider<Url>;
  readonly #config: Config<In, Out>;
  readonly #host: AttemptListener & SuccessorHost;

  constructor(url: Provider<Url>, config: Config<In, Out>, host: AttemptListener & SuccessorHost) {
    this.#url = url;
    this.#config = config;
    this.#host = host;
  }

  get link(): Link | undefined {
    return this.attempt?.link;
  }

  prepare(epoch: number, facts: AttemptFacts): void {
    const known = this.attempt?.secrets ?? this.#secrets;
    this.attempt = new Attempt(epoch, this.#url, this.#config, this.#host, known);
    this.attempt.prepare(facts);
  }

  prepareSuccessor(epoch: number, facts: AttemptFacts): void {
    const known = this.attempt?.secrets;
    this.successor = new Successor(epoch, this.#url, this.#config, this.#host, known);
    this.successor.attempt.prepare(facts);
  }

  open(epoch: number): void {
    const isNext = this.successor?.epoch === epoch;
    (isNext ? this.successor?.attempt : this.attempt)?.open();
  }

  /** One connection may take its leave; the one before it had its time. */
  letGo(code?: number, reason?: string): void {
    this.#leaving?.abandon();
    this.#leaving = this.attempt;
    this.attempt?.discard(code, reason);
  }

  discardSuccessor(): void {
    this.successor?.attempt.abandon();
    this.successor = undefined;
  }

  /** The successor takes over: its news is the host's from now on. */
  install({ attempt, opened }: Successor, early: readonly FrameData[]): void {
    this.attempt = attempt;
    this.opened = opened;
    this.#early = early;
  }

  /** What came on the successor before it took over: once. */
  takeEarly(): readonly FrameData[] {
    const frames = this.#early;
    this.#early = [];
    return frames;
  }

  /** A text without the credentials of any of them. */
  redacted(text: string): string {
    const known = this.attempt?.redacted(text) ?? text;
    return this.successor?.attempt.redacted(known) ?? known;
  }

  /** No connection outlasts the word `closed`. */
  abandonLeaving(): void {
    this.#leaving?.abandon();
    this.#leaving = undefined;
  }

  /** The life is over. */
  end(): void {
    this.#secrets = this.attempt?.secrets;
    this.attempt = undefined;
  }
}
