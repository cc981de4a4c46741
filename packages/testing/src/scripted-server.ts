import { type Clock, json, type SyncCodec } from '@jetsocket/core';
import { FakeTransport, type FakeTransportOptions } from './fake-transport.js';
import type { FakeLink } from './fake-link.js';

/** What the server is like. The network's options are those of `FakeTransport`. */
export interface ScriptedServerOptions extends Omit<
  FakeTransportOptions,
  'onOpened' | 'onReceived'
> {
  /** The client's clock. */
  readonly clock: Clock;
  /** How messages become frames, without promises: a script runs in virtual time. Default: `json`, as the client's. */
  readonly codec?: SyncCodec<unknown, unknown> | undefined;
}

/** Which messages a rule is for: those with these fields, or those that a function says. */
export type Match = Readonly<Record<string, unknown>> | ((message: unknown) => boolean);

/** What a rule does: returns the messages to send back, in a list, or does something to the connection. */
export type Answer = (message: unknown, link: FakeLink) => readonly unknown[] | undefined | void;

/** How a rule is applied. */
export interface RuleOptions {
  /** How often; afterwards the next rule that fits is asked. Default: always. */
  readonly times?: number | undefined;
  /** How long the server thinks first, in milliseconds. Default: 0. */
  readonly afterMs?: number | undefined;
}

interface Rule {
  readonly fits: (message: unknown) => boolean;
  readonly answer: Answer;
  readonly afterMs: number;
  left: number;
}

/**
 * A server that answers by rules, on a virtual network: for tests of what you build on a socket.
 *
 * ```ts
 * const server = new ScriptedServer({ clock });
 * server.when({ op: 'login' }, () => [{ ok: true }]);
 * const socket = new JetSocket('ws://host', { clock, transport: server.transport });
 * ```
 */
export class ScriptedServer {
  /** Give it to the client. Its links can be cut, stalled and closed. */
  readonly transport: FakeTransport;
  /** What came, decoded, over all connections and in order. */
  readonly received: unknown[] = [];
  /** What came and no rule was for. */
  readonly unanswered: unknown[] = [];
  readonly #clock: Clock;
  readonly #codec: SyncCodec<unknown, unknown>;
  readonly #rules: Rule[] = [];
  readonly #greetings: Answer[] = [];

  /** @throws {TypeError} Without the client's clock. */
  constructor(options: ScriptedServerOptions) {
    this.transport = new FakeTransport({
      ...options,
      onOpened: (link) => {
        // The client's end is open only when it has heard so.
        void Promise.resolve().then(() => {
          for (const greeting of this.#greetings) this.#act(greeting, undefined, link);
        });
      },
      onReceived: (link, data) => {
        this.#receive(link, this.#codec.decode(data));
      },
    });
    this.#clock = options.clock;
    this.#codec = options.codec ?? json;
  }

  /** The newest connection that is open; undefined while there is none. */
  get link(): FakeLink | undefined {
    return this.transport.links.filter((link) => link.isOpen).at(-1);
  }

  /** Adds a rule. The first one that fits a message answers it. */
  when(match: Match, answer: Answer, options: RuleOptions = {}): this {
    const fits = typeof match === 'function' ? match : (message: unknown) => has(message, match);
    const { times = Infinity, afterMs = 0 } = options;
    this.#rules.push({ fits, answer, afterMs, left: times });
    return this;
  }

  /** What the server does when a connection opens, before anything has come on it. */
  whenOpened(answer: Answer): this {
    this.#greetings.push(answer);
    return this;
  }

  /** Sends a message on every connection that is open. */
  send(message: unknown): void {
    for (const link of this.transport.links) {
      if (link.isOpen) link.deliver(this.#codec.encode(message));
    }
  }

  #receive(link: FakeLink, message: unknown): void {
    this.received.push(message);
    const rule = this.#rules.find(({ left, fits }) => left > 0 && fits(message));
    if (rule === undefined) {
      this.unanswered.push(message);
      return;
    }
    rule.left--;
    if (rule.afterMs === 0) return this.#act(rule.answer, message, link);
    this.#clock.setTimer(rule.afterMs, () => {
      this.#act(rule.answer, message, link);
    });
  }

  #act(answer: Answer, message: unknown, link: FakeLink): void {
    for (const each of answer(message, link) ?? []) link.deliver(this.#codec.encode(each));
  }
}

/** Whether it has all these fields, with equal values; objects within are compared the same way. */
function has(message: unknown, fields: Readonly<Record<string, unknown>>): boolean {
  if (typeof message !== 'object' || message === null) return false;
  const found = message as Readonly<Record<string, unknown>>;
  return Object.entries(fields).every(([name, value]) =>
    typeof value === 'object' && value !== null
      ? has(found[name], value as Readonly<Record<string, unknown>>)
      : Object.is(found[name], value),
  );
}
