import { type Control, type FrameData, parseControl } from '@jetsocket/core/protocol';
import type { Delivery, JetSocketEvent } from '@jetsocket/node';
import type { Wire } from './network.js';

interface Record {
  readonly value: number;
  readonly delivery: Delivery;
  /** Which of the server's processes sent it, counted from 0: another one has another delivery of it. */
  readonly process: number;
}

/** One session, as the server fills it and the client hears of it. */
interface Lane {
  readonly sid: string;
  readonly sent: Map<number, Record>;
  /** Up to here the client has had each number, or was told that it will never come. */
  last: number;
  /** Whether the client was ever welcomed in it. */
  isHeard: boolean;
  /** Whether the client was told that it is over: what follows on `last` is lost. */
  isOver: boolean;
  /** Whether its server was killed, with all that it knew. */
  isDead: boolean;
}

/**
 * What the server sent, by session and number. Each number has to come, or to be named by a gap: exactly once, in
 * its order, so that no gap names more than is missing, or less.
 *
 * Events do not say which session they are of. The frames that the client gets do.
 */
export class DownLedger {
  readonly #lanes = new Map<string, Lane>();
  #process = 0;
  /** Sessions that were over before the client had heard of them. */
  readonly #unheard: Lane[] = [];
  /** The session that the client is in. */
  #held: Lane | undefined;
  /** The wire over which the newest hello went. */
  #greeted: Wire | undefined;
  /** The wire on which the client was welcomed last. */
  #live: Wire | undefined;
  /** Sessions that the client has lost, and has not told of. */
  readonly #lost: Lane[] = [];

  /** A session began at a server, or goes on there. */
  begins(sid: string, highest: number): void {
    const former = this.#lanes.get(sid);
    if (former === undefined || highest > 0) return;
    const isEmpty = former.sent.size === 0;
    if (isEmpty) return;
    if (former.isHeard && !former.isOver) throw new Error('A session that is known began anew');
    if (!former.isHeard && !former.isOver) this.#unheard.push(former);
    const lane = this.#begin(sid);
    if (this.#held === former) this.#held = lane;
  }

  /** The server is killed. Without its log nobody knows of sessions of which no client has heard. */
  killed(keepsLog: boolean): void {
    this.#process++;
    for (const lane of this.#lanes.values()) lane.isDead = !keepsLog;
  }

  sent(sid: string, seq: number, value: number, delivery: Delivery): void {
    const lane = this.#lane(sid);
    if (lane.sent.has(seq)) throw new Error(`Number ${seq} was given twice`);
    lane.sent.set(seq, { value, delivery, process: this.#process });
  }

  /** A frame that the client said, or was given. */
  overhear(wire: Wire, way: 'up' | 'down', data: FrameData): void {
    const control =
      typeof data === 'string' && data.startsWith('{') ? parseControl(data) : undefined;
    if (control === undefined) return;
    if (way === 'up') this.#said(wire, control);
    else this.#heard(wire, control);
  }

  /** The client told of this. */
  note(event: JetSocketEvent<number>): void {
    if (event.type === 'message') this.#came(Number(event.sequence_id), event.data);
    if (event.type !== 'gap') return;
    const { from, to, cause } = event;
    const lane = to === null ? this.#lost.shift() : this.#held;
    if (lane === undefined) throw new Error(`A gap from ${from} to ${to} of no session`);
    if (from !== lane.last + 1)
      throw new Error(`A gap from ${from} to ${to}, and ${lane.last} was the last one`);
    if (to === null) lane.isOver = true;
    else this.#missed(lane, Number(to), cause);
  }

  /** Once all is quiet: nothing that was sent is missing without a word. Returns how many are, with one. */
  check(wasTold: (delivery: Delivery) => boolean): number {
    if (this.#lost.length > 0) throw new Error(`The loss of ${this.#lost.length} was not told`);
    let confessed = 0;
    for (const lane of this.#lanes.values()) {
      for (const [seq, { value, delivery }] of lane.sent) {
        if (delivery.status === 'dropped') confessed++;
        if (seq <= lane.last || lane.isOver || !lane.isHeard) continue;
        throw new Error(`${value} of the server's, number ${seq}, never came, and was not told of`);
      }
      if (!lane.isHeard && !lane.isOver) this.#unheard.push(lane);
    }
    for (const lane of this.#unheard) {
      for (const { value, delivery } of lane.sent.values()) {
        if (!lane.isDead && !wasTold(delivery))
          throw new Error(
            `${value} of the server's is lost, and nobody knows (${delivery.status})`,
          );
        confessed++;
      }
    }
    return confessed;
  }

  #came(seq: number, value: number): void {
    const lane = this.#held;
    if (lane === undefined) throw new Error(`Message ${seq} of no session`);
    if (seq !== lane.last + 1) throw new Error(`Message ${seq} came after ${lane.last}`);
    const record = lane.sent.get(seq);
    if (record?.value !== value)
      throw new Error(`Message ${seq} is ${value}, and ${record?.value} was sent`);
    lane.last = seq;
  }

  #missed(lane: Lane, to: number, cause: string): void {
    if (cause !== 'overflow') throw new Error(`A gap for ${cause} in a session that goes on`);
    for (let seq = lane.last + 1; seq <= to; seq++) {
      const record = lane.sent.get(seq);
      const isOurs = record?.process === this.#process;
      if (record !== undefined && (!isOurs || record.delivery.status === 'dropped')) continue;
      throw new Error(`A gap names ${seq}, which is ${record?.delivery.status ?? 'not sent'}`);
    }
    lane.last = to;
  }

  #said(wire: Wire, control: Control): void {
    if (control.type !== 'hello') return;
    this.#greeted = wire;
    this.#held ??= this.#lane(control.sid);
  }

  #heard(wire: Wire, control: Control): void {
    const held = this.#held;
    if (control.type === 'welcome') {
      // Another name was tried, and that is what goes on.
      if (held !== undefined && held.sid !== control.sid) this.#lost.push(held);
      this.#held = this.#lane(control.sid);
      this.#held.isHeard = true;
      this.#live = wire;
    }
    if (control.type === 'bye' && held !== undefined && wire === this.#live) {
      this.#held = undefined;
      if (control.hi > held.last) this.#lost.push(held);
      else held.isOver = true;
    }
    if (control.type !== 'gone' || held?.sid !== control.sid) return;
    // Of its own move: the session goes on over the socket on which it was taken.
    if (this.#greeted !== wire) return;
    // Beside a live one: it is a move that is refused.
    const live = this.#live;
    if (live !== undefined && live !== wire && !live.isClientOver && !live.isLeaving) return;
    this.#lost.push(held);
    this.#held = undefined;
  }

  #lane(sid: string): Lane {
    return this.#lanes.get(sid) ?? this.#begin(sid);
  }

  #begin(sid: string): Lane {
    const lane = { sid, sent: new Map(), last: 0, isHeard: false, isOver: false, isDead: false };
    this.#lanes.set(sid, lane);
    return lane;
  }
}

/** What came to the server, by session and number, from the gaps that it was told of and from its messages. */
export class UpLedger {
  readonly #lanes = new Map<string, number>();
  readonly came = new Set<number>();
  /** How many numbers gaps have named. */
  missed = 0;

  /** A session began at a server, or goes on there, where so much was handled. */
  begins(sid: string, handled: number): void {
    const last = this.#lanes.get(sid) ?? 0;
    if (handled !== 0 && handled !== last)
      throw new Error(`A session goes on at ${handled}, and ${last} was the last one`);
    this.#lanes.set(sid, handled);
  }

  message(sid: string, seq: number, value: number): void {
    this.#advance(sid, seq, seq, 'message');
    if (this.came.has(value)) throw new Error(`the server got ${value} twice`);
    this.came.add(value);
  }

  gap(sid: string, from: number, to: number): void {
    this.#advance(sid, from, to, 'gap');
    this.missed += to - from + 1;
  }

  #advance(sid: string, from: number, to: number, what: string): void {
    const last = this.#lanes.get(sid) ?? 0;
    if (from !== last + 1) throw new Error(`At the server a ${what} is ${from} after ${last}`);
    this.#lanes.set(sid, to);
  }
}
