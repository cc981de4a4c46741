/**
 * The same second on every rung of the ladder: a client sends 1 to 5, a server a to d, and the connection is cut
 * with messages on their way, both ways. Run over virtual time by the code that is published; what happened is what is drawn.
 */
import {
  JetSocket,
  type FrameData,
  type Options,
  type Transport,
} from '../../packages/core/src/index.ts';
import { createSessions, type Connection } from '@jetsocket/server';
import { FakeClock, FakeTransport, type FakeLink } from '@jetsocket/testing';

export type Rung = 'none' | 'full_buffer' | 'ackOf' | 'sequence_id' | 'session';
export const RUNGS: readonly Rung[] = ['none', 'full_buffer', 'ackOf', 'sequence_id', 'session'];

/** A frame on its way: `lost` when it never arrives, and `toMs` is then when the connection was cut. */
export interface Flight {
  readonly way: 'up' | 'down';
  readonly label: string;
  /** What the application does not see. */
  readonly isControl: boolean;
  readonly fromMs: number;
  readonly toMs: number;
  readonly lost: boolean;
}

/** What the application did, or was told. */
export interface Note {
  readonly side: 'client' | 'server';
  readonly atMs: number;
  readonly text: string;
  readonly isBad: boolean;
}

export interface Timeline {
  readonly rung: Rung;
  readonly flights: readonly Flight[];
  readonly notes: readonly Note[];
  readonly cutMs: number;
  /** When the next socket was open. */
  readonly backMs: number;
  readonly endMs: number;
  /** What arrived, in order. */
  readonly atServer: readonly string[];
  readonly atClient: readonly string[];
}

interface Up {
  readonly n: number;
}
interface Down {
  readonly seq?: number;
  readonly text?: string;
  readonly ack?: number;
}

const LATENCY_MS = 60;
const CUT_MS = 490;
const END_MS = 1_280;
/** When the client sends 1, 2, …, and the server a, b, …: after the handshakes, also that of a session. */
const UP_MS = [270, 390, 460, 600, 1_080];
const DOWN_MS = [310, 450, 640, 1_120];
const LETTERS = ['a', 'b', 'c', 'd'];

/** Runs one rung. Equal calls give equal timelines. */
export async function run(rung: Rung): Promise<Timeline> {
  const scene = new Scene(rung);
  await scene.play();
  return scene.timeline();
}

class Scene {
  readonly #rung: Rung;
  readonly #clock = new FakeClock();
  readonly #flights: Flight[] = [];
  readonly #notes: Note[] = [];
  /** Sent, and neither arrived nor lost yet, by link and way, in order. */
  readonly #inFlight = new Map<string, Omit<Flight, 'toMs' | 'lost'>[]>();
  readonly #atServer: string[] = [];
  readonly #atClient: string[] = [];
  readonly #history: Down[] = [];
  readonly #transport: FakeTransport;
  readonly #socket: JetSocket<Down, Up | { readonly after: number }>;
  readonly #sessions;
  readonly #connections = new Map<FakeLink, Connection>();
  #session: { send(message: Down): unknown } | undefined;
  #backMs = 0;

  constructor(rung: Rung) {
    this.#rung = rung;
    this.#sessions = createSessions<Up, Down>({ clock: this.#clock });
    this.#transport = new FakeTransport({
      clock: this.#clock,
      latencyMs: LATENCY_MS,
      onOpened: (link) => this.#opened(link),
      onReceived: (link, data) => this.#received(link, data),
    });
    this.#socket = new JetSocket('ws://server', {
      clock: this.#clock,
      transport: this.#watched(),
      heartbeat: false,
      backoff: { baseMs: 300, jitter: false },
      ...optionsOf(rung),
    });
  }

  async play(): Promise<void> {
    const { timeOut } = this;
    this.#sessions.on('session', (session) => {
      this.#session = session;
      session.on('message', ({ n }) => void this.#atServer.push(String(n)));
    });
    this.#socket.on('message', ({ data }) => {
      if (data.text !== undefined) this.#atClient.push(data.text);
    });
    void this.#socket.connect();
    UP_MS.forEach((atMs, index) => timeOut(atMs, () => this.#clientSends(index + 1)));
    DOWN_MS.forEach((atMs, index) => timeOut(atMs, () => this.#serverSends(index + 1)));
    timeOut(CUT_MS, () => this.#cut());
    await this.#clock.advance(END_MS);
  }

  timeline(): Timeline {
    return {
      rung: this.#rung,
      flights: this.#flights,
      notes: this.#notes,
      cutMs: CUT_MS,
      backMs: this.#backMs,
      endMs: END_MS,
      atServer: this.#atServer,
      atClient: this.#atClient,
    };
  }

  readonly timeOut = (atMs: number, act: () => void): void => {
    this.#clock.setTimer(atMs, act);
  };

  #clientSends(n: number): void {
    try {
      const { status } = this.#socket.send({ n });
      const isWaiting = status === 'buffered' && this.#socket.state !== 'connected';
      this.#note('client', isWaiting ? `send ${n}: waits` : `send ${n}`);
    } catch {
      this.#note('client', `send ${n}: throws`, true);
    }
  }

  #serverSends(seq: number): void {
    const text = LETTERS[seq - 1] ?? '';
    const message: Down = { seq, text };
    this.#history.push(message);
    const link = this.#openLink();
    if (this.#rung === 'session') {
      this.#note('server', link === undefined ? `send ${text}: waits` : `send ${text}`);
      this.#session?.send(message);
    } else if (link !== undefined) {
      this.#note('server', `send ${text}`);
      this.#give(link, JSON.stringify(message));
    } else {
      const isKept = this.#rung === 'sequence_id';
      this.#note('server', isKept ? `${text}: in history` : `${text}: to nobody`, !isKept);
    }
  }

  #openLink(): FakeLink | undefined {
    return this.#transport.links.find((link) => link.isOpen && !link.isDead);
  }

  #cut(): void {
    const link = this.#openLink();
    link?.cut();
    for (const flights of this.#inFlight.values())
      for (const flight of flights.splice(0))
        this.#flights.push({ ...flight, toMs: this.#clock.now(), lost: true });
    if (link !== undefined) this.#connections.get(link)?.closed();
  }

  /** The transport, and an ear on both of its ends. */
  #watched(): Transport {
    return {
      takesHeaders: true,
      open: (request, listener) => {
        const link = this.#transport.open(request, {
          onOpen: (protocol) => {
            this.#backMs = this.#clock.now();
            listener.onOpen(protocol);
          },
          onMessage: (data) => {
            this.#arrives(link, 'down');
            listener.onMessage(data);
          },
          onPong: (payload) => listener.onPong(payload),
          onClose: (closed) => listener.onClose(closed),
        }) as FakeLink;
        const send = link.send.bind(link);
        link.send = (data) => {
          this.#departs(link, 'up', data);
          return send(data);
        };
        return link;
      },
    };
  }

  #opened(link: FakeLink): void {
    if (this.#rung !== 'session') return;
    const connection = this.#sessions.connect(
      {
        send: (data) => this.#give(link, data),
        close: (code, reason) => link.closeFromServer(code, reason),
        terminate: () => link.cut(),
        bufferedBytes: 0,
      },
      'client',
    );
    this.#connections.set(link, connection);
  }

  #received(link: FakeLink, data: FrameData): void {
    this.#arrives(link, 'up');
    const connection = this.#connections.get(link);
    if (connection !== undefined) return connection.receive(data);
    const { n, after } = JSON.parse(String(data)) as { n?: number; after?: number };
    if (after !== undefined)
      for (const message of this.#history.slice(after)) this.#give(link, JSON.stringify(message));
    if (n === undefined) return;
    this.#atServer.push(String(n));
    const acknowledges = this.#rung === 'ackOf' || this.#rung === 'sequence_id';
    if (acknowledges) this.#give(link, JSON.stringify({ ack: n }));
  }

  #give(link: FakeLink, data: FrameData): void {
    this.#departs(link, 'down', data);
    link.deliver(data);
  }

  #departs(link: FakeLink, way: Flight['way'], data: FrameData): void {
    const { label, isControl } = read(String(data));
    this.#waiting(link, way).push({ way, label, isControl, fromMs: this.#clock.now() });
  }

  #arrives(link: FakeLink, way: Flight['way']): void {
    const flight = this.#waiting(link, way).shift();
    if (flight !== undefined)
      this.#flights.push({ ...flight, toMs: this.#clock.now(), lost: false });
  }

  #waiting(link: FakeLink, way: Flight['way']): Omit<Flight, 'toMs' | 'lost'>[] {
    const key = `${link.number} ${way}`;
    const known = this.#inFlight.get(key);
    if (known !== undefined) return known;
    const fresh: Omit<Flight, 'toMs' | 'lost'>[] = [];
    this.#inFlight.set(key, fresh);
    return fresh;
  }

  #note(side: Note['side'], text: string, isBad: boolean = false): void {
    this.#notes.push({ side, atMs: this.#clock.now(), text, isBad });
  }
}

function optionsOf(rung: Rung): Options<Down, Up | { readonly after: number }> {
  const buffer = { ackOf: ({ ack }: Down) => ack };
  switch (rung) {
    case 'ackOf':
      return { buffer };
    case 'sequence_id':
      return {
        buffer,
        replay: {
          mode: 'sequence_id',
          sequenceOf: ({ seq }) => seq,
          requestReplay: (lastId) => ({ after: Number(lastId) }),
          contiguous: true,
        },
      };
    default:
      return { replay: { mode: rung } };
  }
}

/** What a frame is to be called in a drawing. */
function read(frame: string): Pick<Flight, 'label' | 'isControl'> {
  const session = /^(\d+)(?:,\d+)? (.*)$/.exec(frame);
  if (/^,\d+$/.test(frame)) return { label: 'ack', isControl: true };
  if (frame.startsWith('{"jet"'))
    return { label: frame.includes('"ttl"') ? 'welcome' : 'hello', isControl: true };
  const message = JSON.parse(session?.[2] ?? frame) as Down & Partial<Up> & { after?: number };
  if (message.ack !== undefined) return { label: `ack ${message.ack}`, isControl: true };
  if (message.after !== undefined)
    return { label: `after ${LETTERS[message.after - 1] ?? 'none'}?`, isControl: true };
  return { label: message.text ?? String(message.n), isControl: false };
}
