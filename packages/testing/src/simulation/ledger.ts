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

  /** @throws {Error} When a count is wrong that the event tells. */
  hear(event: JetSocketEvent): void {
    if (event.type === 'buffer_overflow') this.#toldDropped += event.dropped_count;
    if (event.type === 'replay_started') this.#checkReplay(event.message_count);
    // What is acknowledged meanwhile is not sent again.
    if (event.type === 'replay_completed' && !this.#setup.acknowledges)
      this.#checkReplay(event.replayed_count);
  }

  /** @throws {Error} When more is kept than the bounds or the mode allow. */
  checkBounds(state: string): void {
    const { capacity, maxBytes, mode } = this.#setup;
    const kept = this.#sent.filter(({ delivery }) => this.#isKept(delivery));
    const bytes = kept.reduce((sum, one) => sum + one.bytes, 0);
    if (kept.length > capacity)
      throw new Error(`${kept.length} messages are kept, and capacity is ${capacity}`);
    if (bytes > maxBytes)
      throw new Error(`${bytes} bytes are kept, and buffer.maxBytes is ${maxBytes}`);
    if (mode === 'none' && state !== 'connected' && kept.length > 0) {
      throw new Error(`${kept.length} messages are kept in mode none while ${state}`);
    }
  }

  /** @throws {Error} When the sum that `buffer_overflow` told is not what was dropped. Right after a turn. */
  checkDropped(): void {
    if (this.#toldDropped === this.#dropped) return;
    throw new Error(
      `buffer_overflow told of ${this.#toldDropped} dropped messages, and ${this.#dropped} were`,
    );
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
