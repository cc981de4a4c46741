import type {
  Clock,
  FrameData,
  Link,
  LinkClosed,
  LinkListener,
  OpenRequest,
  Transport,
} from '@jetsocket/core';
import { FakeLink, type LinkWorld, type Outcome } from './fake-link.js';

/** What the virtual network and the server at its other end are like. */
export interface FakeTransportOptions {
  /** The clock that latency is made of: the client's own. */
  readonly clock: Clock;
  /** How long one way takes, in milliseconds. A handshake takes two. Default: 10. */
  readonly latencyMs?: number | undefined;
  /** As a browser's transport: false. Default: true. */
  readonly takesHeaders?: boolean | undefined;
  /** Whether links have `ping`, as in Node and not in a browser. Default: true. */
  readonly canPing?: boolean | undefined;
  /** Whether links can stop reading, as in Node and not in a browser. Default: true. */
  readonly canPause?: boolean | undefined;
  /** Whether a message over `maxMessageBytes` ends the connection, as in Node and not in a browser. Default: true. */
  readonly enforcesMaxMessageBytes?: boolean | undefined;
  /** The subprotocol that the server picks. Default: the first that is offered. */
  readonly chooseProtocol?: ((offered: readonly string[]) => string) | undefined;
  /** The server has accepted a connection. */
  readonly onOpened?: ((link: FakeLink) => void) | undefined;
  /** The server has got a message: answer with `link.deliver`. */
  readonly onReceived?: ((link: FakeLink, data: FrameData) => void) | undefined;
}

/** What attempts come to, and how many of them. */
interface Plan {
  readonly outcome: Outcome | { readonly type: 'throw'; readonly error: Error };
  left: number;
}

/**
 * A transport over a virtual network to a virtual server, on which everything can go wrong on request.
 *
 * ```ts
 * const transport = new FakeTransport({ clock, onReceived: (link, data) => link.deliver(data) });
 * transport.refuse(2, { httpStatus: 503 });
 * transport.links.at(-1)?.cut();
 * ```
 */
export class FakeTransport implements Transport {
  readonly takesHeaders: boolean;
  /** Every link there was, the newest last. */
  readonly links: FakeLink[] = [];
  /** What the server got, over all links, in the order in which it came. */
  readonly received: FrameData[] = [];
  /** How long one way takes from now on, in milliseconds. */
  latencyMs: number;
  /** Whether the server answers protocol pings. */
  answersPings: boolean = true;
  /** How many attempts there were, those that threw included. */
  attempts: number = 0;
  /** How many of them came to be open. */
  opened: number = 0;
  readonly #options: FakeTransportOptions;
  readonly #plans: Plan[] = [];

  /** @throws {TypeError} Without the client's clock. */
  constructor(options: FakeTransportOptions) {
    if (
      typeof (options as Partial<FakeTransportOptions> | undefined)?.clock?.setTimer !== 'function'
    ) {
      throw new TypeError(
        'Cannot make a virtual network: it takes { clock }, the clock of the client',
      );
    }
    this.#options = options;
    this.takesHeaders = options.takesHeaders ?? true;
    this.latencyMs = options.latencyMs ?? 10;
  }

  open(request: OpenRequest, listener: LinkListener): Link {
    this.attempts++;
    const outcome = this.#nextOutcome();
    if (outcome.type === 'throw') throw outcome.error;
    const link = new FakeLink(this.links.length + 1, request, listener, this.#world(), outcome);
    this.links.push(link);
    return link;
  }

  /** The links that connect or are open. */
  get liveLinks(): readonly FakeLink[] {
    return this.links.filter((link) => link.isLive);
  }

  /** How many timers of the clock are this network's: the others are the client's. */
  get pendingCount(): number {
    return this.links.reduce((sum, link) => sum + link.inFlight, 0);
  }

  /** The next `count` attempts fail, after a round trip, with 1006 and what else is known of it. */
  refuse(count: number, how: Partial<LinkClosed> = {}): void {
    const closed = { code: 1006, reason: '', wasClean: false, ...how };
    this.#plans.push({ outcome: { type: 'refuse', closed }, left: count });
  }

  /** The next `count` attempts are never answered. */
  hang(count: number): void {
    this.#plans.push({ outcome: { type: 'hang' }, left: count });
  }

  /** The next `count` attempts cannot even begin: `open` throws. */
  throwOnOpen(count: number, error: Error = new Error('open() was told to throw')): void {
    this.#plans.push({ outcome: { type: 'throw', error }, left: count });
  }

  /** Attempts succeed again. Links that stalled stay as they are: cut them. */
  heal(): void {
    this.#plans.length = 0;
  }

  #nextOutcome(): Plan['outcome'] {
    for (;;) {
      const plan = this.#plans[0];
      if (plan === undefined) return { type: 'accept' };
      if (plan.left > 0) {
        plan.left--;
        return plan.outcome;
      }
      this.#plans.shift();
    }
  }

  #world(): LinkWorld {
    const options = this.#options;
    const { clock, canPing, enforcesMaxMessageBytes, chooseProtocol, onOpened, onReceived } =
      options;
    return {
      clock,
      canPing: canPing ?? true,
      canPause: options.canPause ?? true,
      enforcesMaxMessageBytes: enforcesMaxMessageBytes ?? true,
      latencyMs: () => this.latencyMs,
      answersPings: () => this.answersPings,
      chooseProtocol: chooseProtocol ?? (([first]) => first ?? ''),
      opened: (link) => {
        this.opened++;
        onOpened?.(link);
      },
      received: (link, data) => {
        this.received.push(data);
        onReceived?.(link, data);
      },
    };
  }
}
