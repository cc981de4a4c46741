/** One direction of one connection: reads one socket, holds, paces, and writes the other. */
import type { Socket } from 'node:net';
import { afterReads, Alarm, clockMs } from './clock.js';
import { Pacer, type Shape } from './pacer.js';
import { resetSocket } from './reset-socket.js';
import { SegmentQueue } from './segment-queue.js';

/** A peer that sends single bytes must not fill memory with bookkeeping. */
const MAX_SEGMENTS = 16_384;

export type LaneReport = {
  /** So many bytes were handed on. */
  passed(byteCount: number): void;
  /** So many bytes were read and will never be handed on. */
  lost(byteCount: number): void;
  /** The last byte that `truncateAfter` allowed is with the operating system. */
  truncated(): void;
  /** Bytes were read, and wait. */
  held(): void;
};

export type LaneSetup = {
  readonly source: Socket;
  readonly sink: Socket;
  readonly random: () => number;
  readonly maxBufferedBytes: number;
  readonly report: LaneReport;
};

/**
 * How long the receiver has to read the last bytes before the reset. A reset may overtake what is
 * not read yet: some systems drop it, and libuv takes the two together for a normal end.
 */
const GRACE_MS = 10;

/** How the source ended, for the sink to end in the same way. */
type Ending = { readonly how: 'fin' | 'reset'; readonly dueMs: number };

export class Lane {
  readonly #source: Socket;
  readonly #sink: Socket;
  readonly #maxBufferedBytes: number;
  readonly #report: LaneReport;
  readonly #pacer: Pacer;
  readonly #queue = new SegmentQueue();
  readonly #alarm = new Alarm(() => this.#pump());
  readonly #grace = new Alarm(() => this.#truncated());
  /** `dead` is for good: what is read is lost, be it because of a hang or because the sink is gone. */
  #phase: 'open' | 'stalled' | 'dead' = 'open';
  #ending: Ending | undefined;
  #sourceEnded = false;
  /** FIN waits until what is written is with the operating system. */
  #finOnFlush = false;
  /** How many bytes may still pass before the reset. */
  #allowedBytes = Infinity;

  constructor({ source, sink, random, maxBufferedBytes, report }: LaneSetup) {
    this.#source = source;
    this.#sink = sink;
    this.#maxBufferedBytes = maxBufferedBytes;
    this.#report = report;
    this.#pacer = new Pacer(random);
    source.on('data', (bytes: Uint8Array) => this.#arrived(bytes));
    source.on('end', () => this.#sourceFinished());
    source.on('close', (hadError) => this.#sourceClosed(hadError));
    sink.on('drain', () => this.#goOn());
    sink.on('close', () => this.kill());
  }

  get bufferedBytes(): number {
    return this.#queue.byteCount;
  }

  stall(): void {
    if (this.#phase === 'open') this.#phase = 'stalled';
    this.#alarm.clear();
  }

  slow(shape: Shape): void {
    this.#pacer.reshape(shape, clockMs());
    this.#pump();
  }

  /** Back to normal, unless it is dead. */
  restore(): void {
    if (this.#phase === 'stalled') this.#phase = 'open';
    this.#grace.clear();
    this.#allowedBytes = Infinity;
    this.#pacer.reshape(undefined, clockMs());
    this.#pump();
  }

  /** @param byteCount At least 1: with none to come there is nothing to wait for. */
  truncateAfter(byteCount: number): void {
    if (this.#phase === 'dead') return;
    this.#grace.clear();
    this.#allowedBytes = byteCount;
    // What an earlier order held back may be allowed now, and nothing else would move it.
    this.#pump();
  }

  /** From now on nothing passes: no byte, no FIN, no RST. It is read, for the sender not to notice. */
  kill(): void {
    this.#phase = 'dead';
    this.#ending = undefined;
    this.#finOnFlush = false;
    this.#allowedBytes = Infinity;
    this.#alarm.clear();
    this.#grace.clear();
    const lostBytes = this.#queue.byteCount;
    this.#queue.clear();
    this.#regulate();
    if (lostBytes > 0) this.#report.lost(lostBytes);
  }

  /** Ends the sink now, and loses what is held and what still comes. */
  finish(): void {
    this.kill();
    this.#sendFin();
  }

  #arrived(bytes: Uint8Array): void {
    if (this.#phase === 'dead') return this.#report.lost(bytes.length);
    this.#queue.push({ bytes, dueMs: this.#pacer.dueMs(clockMs()) });
    this.#pump();
    if (this.#queue.byteCount > 0) this.#report.held();
  }

  #sourceFinished(): void {
    this.#sourceEnded = true;
    this.#endWith('fin');
  }

  /** After both FINs this is the normal close, and no news. */
  #sourceClosed(hadError: boolean): void {
    if (hadError || !this.#sourceEnded) this.#endWith('reset');
  }

  #endWith(how: Ending['how']): void {
    this.#ending = { how, dueMs: this.#pacer.dueMs(clockMs()) };
    this.#pump();
  }

  #goOn(): void {
    this.#pacer.restart(clockMs());
    this.#pump();
  }

  /** Hands on what may leave now, and sets the alarm for what may leave later. */
  #pump(): void {
    if (this.#phase !== 'open') return this.#regulate();
    this.#alarm.clear();
    while (!this.#sink.writableNeedDrain && this.#allowedBytes > 0) {
      const { head } = this.#queue;
      if (head === undefined) {
        this.#passEnding();
        break;
      }
      if (this.#sink.destroyed) break;
      const byteCount = Math.min(head.bytes.length, this.#allowedBytes);
      const turn = this.#pacer.next(byteCount, head.dueMs, clockMs());
      if (turn.waitMs > 0) {
        this.#alarm.set(turn.waitMs);
        break;
      }
      this.#pass(this.#queue.take(turn.byteCount));
    }
    this.#regulate();
  }

  #pass(bytes: Uint8Array): void {
    this.#allowedBytes -= bytes.length;
    this.#sink.write(bytes, (error) => {
      if (!error) this.#flushed();
    });
    this.#report.passed(bytes.length);
  }

  #passEnding(): void {
    if (this.#ending === undefined) return;
    const { waitMs } = this.#pacer.next(0, this.#ending.dueMs, clockMs());
    if (waitMs > 0) return this.#alarm.set(waitMs);
    const { how } = this.#ending;
    this.#ending = undefined;
    if (how === 'reset') resetSocket(this.#sink);
    else this.#sendFin();
  }

  /** Only with nothing under way, because a socket that is still flushing cannot be reset. */
  #sendFin(): void {
    this.#finOnFlush = this.#sink.writableLength > 0;
    if (!this.#finOnFlush) this.#sink.end();
  }

  #flushed(): void {
    if (this.#sink.writableLength > 0) return;
    if (this.#finOnFlush) this.#sendFin();
    if (this.#allowedBytes === 0) this.#grace.set(GRACE_MS);
  }

  /** Timers come before I/O: a receiver in this process that was held up reads first. */
  #truncated(): void {
    afterReads(() => {
      if (this.#allowedBytes === 0) this.#report.truncated();
    });
  }

  /** Backpressure: a sender is only read while there is room, or while its bytes are thrown away. */
  #regulate(): void {
    const full =
      this.#queue.byteCount >= this.#maxBufferedBytes || this.#queue.segmentCount >= MAX_SEGMENTS;
    if (full && !this.#source.isPaused()) this.#source.pause();
    if (!full && this.#source.isPaused()) this.#source.resume();
  }
}
