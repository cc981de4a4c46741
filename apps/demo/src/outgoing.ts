import type { Delivery } from 'jetsocket';
import { EMPTY, has, type LedgerView } from '../shared/ledger.js';

/** What became of the messages that `send()` took. */
export interface OutgoingCounts {
  readonly sent: number;
  /** In the outbox still: not handed to a socket yet, or kept until acknowledged. */
  readonly waiting: number;
  readonly acknowledged: number;
  readonly dropped: number;
  /** Lost: neither waiting nor dropped nor on the server, and not on the way any more. */
  readonly missing: number;
  /** Not taken by `send()`: it threw. */
  readonly refused: number;
}

interface Entry {
  readonly delivery: Pick<Delivery, 'status'>;
  /** Which ending of a connection it was surely not on the way any more after; 0 while it may be. */
  grounded: number;
}

/** Messages whose fate is open are looked through again and again. Lost ones beyond this are only counted. */
const MAX_LOST = 5_000;

/**
 * Keeps the books of what was sent, number by number, and compares them with the server's.
 *
 * Nothing here believes the client: that a message is not missing is known when the server's books,
 * read over HTTP, have its number.
 */
export class Outgoing {
  readonly #keepsUntilAcknowledged: boolean;
  readonly #open = new Map<number, Entry>();
  #server: LedgerView = EMPTY;
  #endings = 0;
  #endingsSeen = 0;
  #sent = 0;
  #refused = 0;
  #acknowledged = 0;
  #dropped = 0;
  #lost = 0;

  /** @param keepsUntilAcknowledged Whether the client has `buffer.ackOf`: what was sent waits on then. */
  constructor(keepsUntilAcknowledged: boolean) {
    this.#keepsUntilAcknowledged = keepsUntilAcknowledged;
  }

  /** The number of the next message. */
  get next(): number {
    return this.#sent + 1;
  }

  /** `send()` took the message with the number {@link next}. */
  took(delivery: Pick<Delivery, 'status'>): void {
    this.#sent++;
    this.#open.set(this.#sent, { delivery, grounded: 0 });
  }

  /** `send()` threw. */
  refused(): void {
    this.#refused++;
  }

  /** A connection ended: what was handed to it either arrived or never will. */
  connectionEnded(): void {
    this.#endings++;
    for (const entry of this.#open.values()) {
      if (entry.delivery.status === 'sent') entry.grounded ||= this.#endings;
    }
  }

  /** Call before the server's books are asked for, and hand the result to {@link compare}. */
  look(): number {
    return this.#endings;
  }

  /** @param look When the server was asked: of connections that ended later its answer may know too little. */
  compare(server: LedgerView, look: number): void {
    this.#server = server;
    this.#endingsSeen = look;
  }

  counts(): OutgoingCounts {
    let [waiting, acknowledged] = [0, 0];
    const lost: number[] = [];
    for (const [number, { delivery, grounded }] of this.#open) {
      if (this.#close(number, delivery.status)) continue;
      if (delivery.status === 'acknowledged') acknowledged++;
      if (this.#isWaiting(delivery.status)) waiting++;
      else if (this.#isLost(number, grounded)) lost.push(number);
    }
    this.#letGo(lost);
    return {
      sent: this.#sent,
      waiting,
      acknowledged: this.#acknowledged + acknowledged,
      dropped: this.#dropped,
      missing: this.#lost + Math.min(lost.length, MAX_LOST),
      refused: this.#refused,
    };
  }

  /** Whether all is known of a message: it is not looked at again then. */
  #close(number: number, status: Delivery['status']): boolean {
    if (status === 'dropped') this.#dropped++;
    else if (this.#isWaiting(status) || !has(this.#server, number)) return false;
    else if (status === 'acknowledged') this.#acknowledged++;
    return this.#open.delete(number);
  }

  #isWaiting(status: Delivery['status']): boolean {
    return status === 'buffered' || (status === 'sent' && this.#keepsUntilAcknowledged);
  }

  #isLost(number: number, grounded: number): boolean {
    if (has(this.#server, number)) return false;
    return number < this.#server.highest || (grounded > 0 && grounded <= this.#endingsSeen);
  }

  #letGo(lost: readonly number[]): void {
    for (const number of lost.slice(0, Math.max(0, lost.length - MAX_LOST))) {
      this.#open.delete(number);
      this.#lost++;
    }
  }
}
