import {
  type Delivery,
  type FrameData,
  JetSocketError,
  type JetSocketEvent,
} from '@jetsocket/core';
import type { FakeLink } from '../fake-link.js';
import type { Setup } from './schedule.js';

/** A message that `send()` took. */
interface Sent {
  readonly number: number;
  readonly bytes: number;
  readonly delivery: Delivery;
}

/** What the messages look like: numbered, so that one is told from another wherever it turns up. */
export interface Payload {
  readonly number: number;
  readonly padding: string;
}

/** Keeps account of every message: what was taken, what was said of it, and what arrived. */
export class Ledger {
  readonly #setup: Setup;
  readonly #sent: Sent[] = [];
  /** Numbers that the server got, in order, repetitions too. */
  readonly #arrived: number[] = [];
  #lastNumber = 0;
  /** How many `send()` dropped, seen from outside. */
  #dropped = 0;
  /** How many `buffer_overflow` told of. */
  #toldDropped = 0;
  /** Where the last `state_change` led to: the socket's own state may be one ahead of its events. */
  #phase = 'idle';
  /** How many the ends of lives dropped. */
  #droppedAtClose = 0;
  #closes = false;
  #replay = { count: 0, droppedBefore: 0 };

  constructor(setup: Setup) {
    this.#setup = setup;
  }

  /**
   * Sends the next number.
   *
   * @throws {Error} When `send()` throws what it may not throw now.
   */
  send(padding: number, state: string, send: (payload: Payload) => Delivery): void {
    this.#lastNumber++;
    const payload = { number: this.#lastNumber, padding: 'x'.repeat(padding) };
    const bytes = JSON.stringify(payload).length;
    const droppedBefore = this.#count('dropped');
    let delivery: Delivery;
    try {
      delivery = send(payload);
    } catch (thrown) {
      if (this.#mayThrow(thrown, bytes, state)) return;
      throw new Error(`send() threw, while ${state}: ${String(thrown)}`, { cause: thrown });
    }
    if (this.#mustThrow(state)) throw new Error(`send() took a message while ${state}`);
    const { id } = this.#sent.at(-1)?.delivery ?? { id: 0 };
    if (delivery.id <= id) throw new Error(`The id of a delivery is ${delivery.id} after ${id}`);
    this.#sent.push({ number: payload.number, bytes, delivery });
    this.#dropped += this.#count('dropped') - droppedBefore;
  }

  arrive(number: number): void {
    this.#arrived.push(number);
  }

  /** The id of the delivery with this number: what a server's acknowledgement means to the client. */
  idOf(number: number): number | undefined {
    return this.#sent.find((one) => one.number === number)?.delivery.id;
  }

  /** A connection is there, and no handler knows of it yet: what waits now is to be replayed. */
  noteReplay(): void {
    this.#replay = { count: this.#count('buffered'), droppedBefore: this.#dropped };
  }

  /** `close()` is about to be called. */
  noteClose(): void {
    this.#closes = true;
  }

  /** @throws {Error} When a count is wrong that the event tells. */
  hear(event: JetSocketEvent): void {
    if (event.type === 'state_change') {
      this.#giveUpAfterFailure();
      this.#phase = event.to;
    }
    if (event.type === 'buffer_overflow') this.#toldDropped += event.dropped_count;
    // What the client still kept is given up, unless it has failed.
    if (event.type === 'closed' && this.#phase === 'closed') this.#giveUp();
    if (event.type === 'replay_started') this.#checkReplay(event.message_count);
    // What is acknowledged meanwhile is not sent again.
    if (event.type === 'replay_completed' && !this.#setup.acknowledges)
      this.#checkReplay(event.replayed_count);
  }

  /** The oldest message that waits to be handed over. */
  get waiting(): number | undefined {
    return this.#sent.find(({ delivery }) => delivery.status === 'buffered')?.number;
  }

  /** @throws {Error} When something is wrong with what is kept, dropped or acknowledged. Right after a turn. */
  check(state: string): void {
    this.#giveUpAfterFailure();
    this.#checkKept(state);
    this.#checkDropped();
    for (const { number, delivery } of this.#sent) {
      if (delivery.status !== 'acknowledged' || this.#arrived.includes(number)) continue;
      throw new Error(`Message ${number} is acknowledged, and never arrived`);
    }
  }

  /**
   * What the mode promises, once all is well and connected again.
   *
   * @throws {Error} When something was lost, doubled or reordered beyond that.
   */
  checkPromises(links: readonly FakeLink[]): void {
    const first = [...new Set(this.#arrived)];
    if (first.some((number, index) => number <= (first[index - 1] ?? 0))) {
      throw new Error(`Messages arrived out of order: ${this.#arrived.join(' ')}`);
    }
    if (this.#setup.acknowledges) this.#checkAtLeastOnce(first);
    else this.#checkAtMostOnce(first, links);
  }

  /** @throws {Error} When a delivery is not settled as what its status says. After the last `closed`. */
  async checkSettled(): Promise<void> {
    for (const { number, delivery } of this.#sent) {
      const settled = await Promise.race([delivery.settled, Promise.resolve('not settled')]);
      if (settled === delivery.status && settled !== 'buffered') continue;
      throw new Error(`Message ${number} is ${delivery.status}, and ${settled} in the end`);
    }
  }

  #giveUp(): void {
    this.#droppedAtClose = this.#count('dropped') - this.#dropped;
    this.#closes = false;
  }

  /** close() on a failed client gives up what that kept for another try, and says nothing of it. */
  #giveUpAfterFailure(): void {
    if (this.#closes && this.#phase === 'failed') this.#giveUp();
  }

  #checkKept(state: string): void {
    const { capacity, maxBytes, mode } = this.#setup;
    const kept = this.#sent.filter(({ delivery }) => this.#isKept(delivery));
    const { length } = kept;
    const bytes = kept.reduce((sum, one) => sum + one.bytes, 0);
    if (length > capacity)
      throw new Error(`${length} messages are kept, and capacity is ${capacity}`);
    if (bytes > maxBytes) throw new Error(`${bytes} bytes are kept, and maxBytes is ${maxBytes}`);
    const mayKeep = state !== 'closed' && (mode !== 'none' || state === 'connected');
    if (!mayKeep && length > 0) throw new Error(`${length} messages are kept while ${state}`);
  }

  #checkDropped(): void {
    const [told, dropped] = [this.#toldDropped, this.#dropped];
    if (told !== dropped)
      throw new Error(`buffer_overflow told of ${told} messages, and ${dropped} were dropped`);
    if (this.#setup.mode === 'none') return;
    const count = this.#count('dropped');
    const known = dropped + this.#droppedAtClose;
    if (count !== known)
      throw new Error(`${count} messages are dropped, and only ${known} by overflow or close()`);
  }

  #checkReplay(told: number): void {
    const { count, droppedBefore } = this.#replay;
    const mayBeFewer = this.#dropped > droppedBefore;
    if (told === count || (mayBeFewer && told < count)) return;
    throw new Error(`A replay told of ${told} messages, and ${count} waited`);
  }

  #checkAtLeastOnce(arrived: readonly number[]): void {
    for (const { number, delivery } of this.#sent) {
      if (delivery.status === 'dropped') continue;
      if (!arrived.includes(number))
        throw new Error(`Message ${number} is lost: it is ${delivery.status}`);
      if (delivery.status !== 'acknowledged')
        throw new Error(`Message ${number} arrived, and is ${delivery.status}`);
    }
  }

  #checkAtMostOnce(arrived: readonly number[], links: readonly FakeLink[]): void {
    if (arrived.length < this.#arrived.length) {
      throw new Error(`Messages arrived twice: ${this.#arrived.join(' ')}`);
    }
    const lost = links.flatMap((link) => link.lost.flatMap((data) => numberIn(data) ?? []));
    for (const { number, delivery } of this.#sent) {
      const wasHandedOver = arrived.includes(number) || lost.includes(number);
      if (delivery.status === 'buffered') throw new Error(`Message ${number} is still buffered`);
      if (wasHandedOver === (delivery.status === 'sent')) continue;
      throw new Error(
        `Message ${number} is ${delivery.status}, and was ${wasHandedOver ? '' : 'never '}handed over`,
      );
    }
  }

  #isKept({ status }: Delivery): boolean {
    return status === 'buffered' || (status === 'sent' && this.#setup.acknowledges);
  }

  #count(status: Delivery['status']): number {
    return this.#sent.filter(({ delivery }) => delivery.status === status).length;
  }

  #mustThrow(state: string): boolean {
    if (state === 'closing' || state === 'closed' || state === 'failed') return true;
    return this.#setup.mode === 'none' && state !== 'connected';
  }

  #mayThrow(thrown: unknown, bytes: number, state: string): boolean {
    if (!(thrown instanceof JetSocketError)) return false;
    if (thrown.code === 'CLOSED' || thrown.code === 'NOT_CONNECTED') return this.#mustThrow(state);
    if (thrown.code === 'MESSAGE_TOO_LARGE') return bytes > this.#setup.maxBytes;
    return thrown.code === 'BUFFER_OVERFLOW' && this.#setup.overflowPolicy === 'error';
  }
}

/** The number of a message; undefined for one that is none of the application's. */
export function numberIn(data: FrameData): number | undefined {
  const message: unknown = typeof data === 'string' ? JSON.parse(data) : undefined;
  if (typeof message !== 'object' || message === null || !('number' in message)) return undefined;
  return typeof message.number === 'number' ? message.number : undefined;
}
