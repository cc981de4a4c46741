import type { JetSocketEvent, JetSocketEventMap, Phase } from '@jetsocket/core';
import { wrongField } from './event-fields.js';

/** What the checker must know of the options. */
export interface GrammarOptions {
  /** Whether every reconnect replays, that is, any `replay.mode` but `none`. Default: true. */
  readonly replays?: boolean | undefined;
}

/** Reads events one by one, and objects to the first that may not come. */
export interface GrammarChecker {
  /** @throws {Error} When this event may not follow on those before it, or is malformed. */
  accept(event: JetSocketEvent): void;
  /** @throws {Error} When the events may not end here: a life goes on until `closed`. */
  end(): void;
  /** What was read, oldest first. */
  readonly history: readonly JetSocketEvent[];
}

/** Where in its life the client is, as far as its events tell. */
type Place =
  | 'new' // No attempt yet in this life.
  | 'attempting' // connecting
  | 'faulted' // connecting, error
  | 'returned' // connected, but not reconnected yet
  | 'open'
  | 'lost' // disconnected, and reconnecting follows
  | 'waiting' // reconnecting
  | 'ending' // A fatal error, or disconnected for good: closed follows
  | 'over'; // closed

/**
 * Checks the order of events:
 *
 * ```
 * life   = first (lost again)* end
 * first  = connecting retry* connected
 * retry  = error reconnecting connecting
 * lost   = [error] disconnected reconnecting
 * again  = connecting retry* connected reconnected [replay_started replay_completed]
 * end    = [error] [disconnected] closed
 * ```
 *
 * `end` may cut a life short anywhere. `error` and `buffer_overflow` may come anywhere before `closed`, and so may a
 * `gap` whose cause is `closed`; any other, `message`, `ping` and `pong` wherever the connection is open; `state_change` anywhere, each
 * from where the one before led to.
 */
export function createGrammarChecker(options: GrammarOptions = {}): GrammarChecker {
  const history: JetSocketEvent[] = [];
  const reader = new Reader(options.replays ?? true);
  const object = (complaint: string): never => {
    const from = Math.max(0, history.length - 40);
    const lines = history.slice(from).map((event, index) => `${from + index + 1}. ${show(event)}`);
    throw new Error(`${complaint}\nThe events so far:\n${lines.join('\n')}`);
  };
  return {
    history,
    accept(event) {
      history.push(event);
      const wrong = wrongField({ ...event }) ?? reader.read(event);
      if (wrong !== undefined) object(`Event ${history.length}, ${event.type}: ${wrong}`);
    },
    end() {
      const wrong = reader.endsBadly();
      if (wrong !== undefined) object(wrong);
    },
  };
}

/** The automaton. Its methods return what is wrong, or undefined. */
class Reader {
  readonly #replays: boolean;
  #place: Place = 'new';
  #phase: Phase = 'idle';
  /** Connections of this life. */
  #connections = 0;
  #attempt = 0;
  /** Attempts may be counted from 1 again: there was a connection since, or the user asked for it. */
  #mayRestart = false;
  #uri = '';
  /** A fatal error came while a connection was open: `disconnected` has still to come. */
  #owesDisconnected = false;
  /** Where the replay of this connection stands; null where there is none. */
  #replay: 'due' | { readonly mode: string; readonly count: number } | 'done' | null = null;

  constructor(replays: boolean) {
    this.#replays = replays;
  }

  read(event: JetSocketEvent): string | undefined {
    switch (event.type) {
      case 'state_change':
        return this.#stateChange(event);
      case 'connecting':
        return this.#connecting(event);
      case 'connected':
        return this.#connected(event);
      case 'reconnected':
        return this.#reconnected(event);
      case 'replay_started':
        return this.#replayStarted(event);
      case 'replay_completed':
        return this.#replayCompleted(event);
      case 'disconnected':
        return this.#disconnected(event);
      case 'reconnecting':
        return this.#reconnecting(event);
      case 'closed':
        return this.#closed(event);
      case 'error':
        return this.#error(event);
      case 'buffer_overflow':
        return this.#place === 'over' ? 'nothing follows on closed' : undefined;
      case 'gap':
        if (event.cause === 'closed' && this.#place !== 'over') return undefined;
        return this.#whileOpen();
      case 'message':
      case 'ping':
      case 'pong':
        return this.#whileOpen();
    }
  }

  #whileOpen(): string | undefined {
    return this.#place === 'open' ? undefined : `the connection is not open (${this.#place})`;
  }

  endsBadly(): string | undefined {
    if (this.#place === 'new' || this.#place === 'over') return undefined;
    return `The events end before closed (${this.#place})`;
  }

  #stateChange({ from, to }: JetSocketEventMap['state_change']): string | undefined {
    if (from !== this.#phase) return `it is from ${from}, and the one before led to ${this.#phase}`;
    if (from === to) return `it is from ${from} to itself`;
    if (this.#place === 'over') {
      if (to !== 'connecting') return 'nothing follows on closed';
      // connect() was called: another life begins.
      this.#place = 'new';
    }
    this.#phase = to;
    return undefined;
  }

  #connecting({ attempt }: JetSocketEventMap['connecting']): string | undefined {
    const begins = this.#place === 'new';
    if (!begins && this.#place !== 'waiting') return `no attempt is due (${this.#place})`;
    if (begins) this.#beginLife();
    if (attempt !== this.#attempt)
      return `attempt is ${attempt}, and ${this.#attempt} was announced`;
    this.#place = 'attempting';
    return undefined;
  }

  #beginLife(): void {
    this.#connections = 0;
    this.#attempt = 0;
    this.#mayRestart = false;
  }

  #connected({ uri }: JetSocketEventMap['connected']): string | undefined {
    if (this.#place !== 'attempting' && this.#place !== 'faulted')
      return `there is no attempt (${this.#place})`;
    if (this.#phase !== 'connected') return `the state is ${this.#phase}`;
    this.#place = this.#connections === 0 ? 'open' : 'returned';
    this.#connections++;
    this.#uri = uri;
    this.#mayRestart = true;
    this.#replay = null;
    return undefined;
  }

  #reconnected({ uri, attempts }: JetSocketEventMap['reconnected']): string | undefined {
    if (this.#place !== 'returned')
      return `it does not follow on connected, the second or later (${this.#place})`;
    if (uri !== this.#uri) return `uri is not that of connected, ${this.#uri}`;
    if (attempts !== this.#attempt)
      return `attempts is ${attempts}, and ${this.#attempt} was announced`;
    this.#place = 'open';
    this.#replay = this.#replays ? 'due' : null;
    return undefined;
  }

  #replayStarted(event: JetSocketEventMap['replay_started']): string | undefined {
    if (this.#place !== 'open') return `the connection is not open (${this.#place})`;
    if (this.#replay !== 'due')
      return 'no replay is due: there is one after reconnected, unless the mode is none';
    this.#replay = { mode: event.mode, count: event.message_count };
    return undefined;
  }

  #replayCompleted(event: JetSocketEventMap['replay_completed']): string | undefined {
    const replay = this.#replay;
    if (this.#place !== 'open') return `the connection is not open (${this.#place})`;
    if (replay === null || typeof replay === 'string') return 'no replay has started';
    if (event.mode !== replay.mode)
      return `mode is ${event.mode}, and it started as ${replay.mode}`;
    // Fewer: some were acknowledged meanwhile, or the buffer overflowed. Where incoming ones come again, more.
    if (event.continuity === undefined && event.replayed_count > replay.count)
      return `replayed_count is ${event.replayed_count} of ${replay.count}`;
    this.#replay = 'done';
    return undefined;
  }

  #disconnected(event: JetSocketEventMap['disconnected']): string | undefined {
    if (this.#place !== 'open' && !this.#owesDisconnected)
      return `no connection is open (${this.#place})`;
    if (event.uri !== this.#uri) return `uri is not that of connected, ${this.#uri}`;
    if (this.#replay === 'due') return 'replay_started did not come';
    if (event.will_reconnect && this.#owesDisconnected)
      return 'will_reconnect is true after a fatal error';
    this.#place = event.will_reconnect ? 'lost' : 'ending';
    this.#owesDisconnected = false;
    return undefined;
  }

  #reconnecting({ attempt }: JetSocketEventMap['reconnecting']): string | undefined {
    if (this.#place === 'attempting') return 'an attempt failed without an error';
    if (this.#place !== 'faulted' && this.#place !== 'lost')
      return `nothing was lost (${this.#place})`;
    const restarts = attempt === 1 && this.#mayRestart;
    if (attempt !== this.#attempt + 1 && !restarts)
      return `attempt is ${attempt} after ${this.#attempt}`;
    this.#place = 'waiting';
    this.#attempt = attempt;
    this.#mayRestart = false;
    return undefined;
  }

  #closed({ cause }: JetSocketEventMap['closed']): string | undefined {
    if (this.#place === 'over') return 'it came already';
    if (this.#place === 'open' || this.#place === 'returned') return 'disconnected did not come';
    if (this.#owesDisconnected) return 'disconnected did not come';
    if (this.#place === 'lost') return 'disconnected said that it will reconnect';
    if (this.#phase !== 'closed' && this.#phase !== 'failed') return `the state is ${this.#phase}`;
    if ((cause === 'fatal' || cause === 'exhausted') !== (this.#phase === 'failed')) {
      return `the cause is ${cause}, and the state ${this.#phase}`;
    }
    this.#place = 'over';
    return undefined;
  }

  #error(event: JetSocketEventMap['error']): string | undefined {
    if (this.#place === 'over') return 'nothing follows on closed';
    if (event.message !== event.error.message)
      return `message is not that of the error, ${event.error.message}`;
    if (event.fatal) {
      this.#owesDisconnected = this.#place === 'open';
      this.#place = 'ending';
      return undefined;
    }
    if (this.#place === 'attempting') this.#place = 'faulted';
    // The user gave an attempt up for a new one: that counts from 1.
    if (event.code === 'ABORTED') this.#mayRestart = true;
    return undefined;
  }
}

function show(event: JetSocketEvent): string {
  const { type, timestamp, ...fields } = event;
  return `${type} ${JSON.stringify(fields, (key, value: unknown) => (key === 'error' ? String(value) : value))} at ${timestamp}`;
}
