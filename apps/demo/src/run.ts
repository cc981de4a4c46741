import { JetSocket, type JetSocketEvent } from 'jetsocket';
import { Ledger } from '../shared/ledger.js';
import type { FromServer, NetworkView, ToServer } from '../shared/protocol.js';
import { Pulse } from '../shared/pulse.js';
import { Outgoing } from './outgoing.js';
import { keepsUntilAcknowledged, type Settings, toOptions } from './settings.js';

export type DemoEvent = JetSocketEvent<FromServer>;
export type DemoSocket = JetSocket<FromServer, ToServer>;

/** One socket from its making to its replacement by another, and the books of what went over it. */
export class Run {
  /** Its name at the server, which keeps books under it over all reconnects. */
  readonly id: string = crypto.randomUUID().slice(0, 8);
  readonly url: string;
  readonly socket: DemoSocket;
  readonly outgoing: Outgoing;
  readonly incoming = new Ledger();
  /** The highest number that the server sent. */
  serverSent = 0;
  /** How many different numbers the server has. */
  arrived = 0;
  /** The server's books of doubled and late arrivals. */
  doubledThere = 0;
  outOfOrderThere = 0;
  readonly #pulse = new Pulse(() => this.send());

  constructor(networkUrl: string, settings: Settings, onEvent: (event: DemoEvent) => void) {
    this.url = `${networkUrl}?run=${this.id}${settings.ack ? '&ack=1' : ''}`;
    this.outgoing = new Outgoing(keepsUntilAcknowledged(settings));
    // Asked before every attempt: what came last is another number each time.
    const asks = settings.fill || settings.mode === 'sequence_id';
    const url = asks ? () => `${this.url}&after=${this.incoming.view().highest}` : this.url;
    this.socket = new JetSocket(url, toOptions(settings));
    this.socket.on('*', (event) => {
      this.#note(event);
      onEvent(event);
    });
    this.rate = settings.rateOut;
  }

  /** Messages a second. */
  set rate(perSecond: number) {
    this.#pulse.rate = perSecond;
  }

  /** Sends the next number. One that is refused is offered again with the next call. */
  send(): void {
    const n = this.outgoing.next;
    try {
      const delivery = this.socket.send({ n, t: Date.now() });
      // The server acknowledges numbers, and the client takes them for the ids of its deliveries.
      if (delivery.id !== n) throw new RangeError(`Message ${n} has the id ${delivery.id}`);
      this.outgoing.took(delivery);
    } catch (error) {
      if (error instanceof RangeError) throw error;
      // NOT_CONNECTED in mode none, BUFFER_OVERFLOW by the policy error, CLOSED.
      this.outgoing.refused();
    }
  }

  /** Takes in what the server knows. @param look What {@link Outgoing.look} said before it was asked. */
  compare({ run }: NetworkView, look: number): void {
    if (run === null) return;
    this.serverSent = run.sent;
    this.arrived = run.received.count;
    this.doubledThere = run.received.doubled;
    this.outOfOrderThere = run.received.outOfOrder;
    this.outgoing.compare(run.received, look);
  }

  /** For good: another run takes over. */
  end(): void {
    this.#pulse.stop();
    void this.socket.close(1000, 'replaced');
  }

  #note(event: DemoEvent): void {
    if (event.type === 'message' && 'seq' in event.data) this.incoming.record(event.data.seq);
    if (event.type === 'disconnected') this.outgoing.connectionEnded();
  }
}
