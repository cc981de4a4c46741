/** How to follow, and write to, a stream of NATS JetStream over WebSocket, without a library. */
import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import {
  type Codec,
  connect,
  type FrameData,
  type JetSocket,
  type Link,
  type LinkListener,
  type NodeOptions,
  type OpenRequest,
  type Transport,
  webSocketTransport,
} from '../../src/index.js';

/** A message of the server's: where it was sent to, whom to answer, and what it says. */
export interface NatsMessage {
  readonly subject: string;
  readonly reply: string;
  readonly body: string;
}

/** Answers to what is published come to this, then who published it and its number there. */
const ANSWERS = '_INBOX.answers.';

/** A stream that refuses a message, for it is full, say, is asked again after so long. */
const RETRY_MS = 1_000;

const bytes = (text: string): number => Buffer.byteLength(text);

/** A message for the stream. Sent twice under one publisher's number, the server takes it once. */
export function publish(publisher: string, subject: string, number: number, body: string): string {
  const head = `NATS/1.0\r\nNats-Msg-Id: ${publisher}.${number}\r\n\r\n`;
  const [headBytes, allBytes] = [bytes(head), bytes(head) + bytes(body)];
  const answer = `${ANSWERS}${publisher}.${number}`;
  return `HPUB ${subject} ${answer} ${headBytes} ${allBytes}\r\n${head}${body}\r\n`;
}

/** Whether an answer says that the message is stored. It is empty where there is no stream. */
function isStored(body: string): boolean {
  if (body === '') return false;
  const { seq, error } = JSON.parse(body) as { readonly seq?: number; readonly error?: unknown };
  return error === undefined && seq !== undefined && seq > 0;
}

/** A request of the JetStream API. */
export function request(subject: string, reply: string, body: object): string {
  const text = JSON.stringify(body);
  return `PUB ${subject} ${reply} ${bytes(text)}\r\n${text}\r\n`;
}

/** Commands go out as they are. What comes was framed by the transport below. */
const codec: Codec<NatsMessage, string> = {
  encode: (command) => command,
  decode(data) {
    const [subject = '', reply = '', ...body] = String(data).split('\n');
    return { subject, reply, body: body.join('\n') };
  },
};

/**
 * Follows a stream from a number on, and sends what is published with `publish(publisher, …, n, …)`,
 * n counting from 1.
 * The publisher is a name that no other client has, and this one only once: a `randomUUID()`.
 */
export function follow(
  url: string,
  stream: string,
  publisher: string,
  options: NodeOptions<NatsMessage, string> = {},
): JetSocket<NatsMessage, string> {
  const answers = `${ANSWERS}${publisher}.`;
  let isRefused = false;
  const socket = connect<NatsMessage, string>(url, {
    transport: natsTransport(webSocketTransport({ constructorOf: () => WebSocket }), `${answers}*`),
    codec,
    buffer: {
      // The answer to n is that to delivery n, and to all before: after a refusal none counts.
      ackOf({ subject, body }) {
        if (isRefused || !subject.startsWith(answers)) return undefined;
        if (isStored(body)) return Number(subject.slice(answers.length));
        isRefused = true;
        setTimeout(() => {
          if (socket.state === 'connected') socket.reconnect();
        }, RETRY_MS);
        return undefined;
      },
    },
    replay: {
      mode: 'sequence_id',
      order: 'dense',
      startAt: 0,
      gapTimeoutMs: 1_000,
      // $JS.ACK.<stream>.<consumer>.<deliveries>.<number in the stream>.…
      sequenceOf: ({ reply }) => (reply.startsWith('$JS.ACK.') ? reply.split('.')[5] : undefined),
      requestReplay(lastId, { send }) {
        const inbox = `_INBOX.${randomUUID()}`;
        send(`SUB ${inbox} 9\r\n`);
        return request(`$JS.API.CONSUMER.CREATE.${stream}`, '_INBOX.none', {
          stream_name: stream,
          config: {
            deliver_subject: inbox,
            deliver_policy: 'by_start_sequence',
            opt_start_seq: Number(lastId) + 1,
            ack_policy: 'none',
            max_deliver: 1,
            mem_storage: true,
            num_replicas: 1,
          },
        });
      },
    },
    ...options,
  });
  // All that is not acknowledged is sent again. What the stream has of it, it knows by its number.
  socket.on('connected', () => void (isRefused = false));
  return socket;
}

/** A transport over one whose frames are pieces of a stream: NATS, with one subscription. */
export function natsTransport(inner: Transport, subject: string): Transport {
  return {
    takesHeaders: inner.takesHeaders,
    open: (request: OpenRequest, listener: LinkListener): Link => {
      const framer = new Framer(listener, subject, (command) => void link.send(command));
      const link = inner.open(request, framer);
      return link;
    },
  };
}

const HELLO = 'CONNECT {"verbose":false,"headers":true,"no_responders":true,"protocol":1}\r\n';

class Framer implements LinkListener {
  readonly #listener: LinkListener;
  readonly #subject: string;
  readonly #send: (command: Uint8Array) => void;
  #rest: Buffer = Buffer.alloc(0);
  #isOpen = false;

  constructor(listener: LinkListener, subject: string, send: (command: Uint8Array) => void) {
    this.#listener = listener;
    this.#subject = subject;
    this.#send = send;
  }

  onOpen(): void {
    // Usable when the server has answered: see PONG.
  }

  onPong(payload: string | null): void {
    this.#listener.onPong(payload);
  }

  onClose(closed: Parameters<LinkListener['onClose']>[0]): void {
    this.#listener.onClose(closed);
  }

  onMessage(data: FrameData): void {
    this.#rest = Buffer.concat([this.#rest, Buffer.from(data)]);
    for (;;) {
      const end = this.#rest.indexOf('\r\n');
      if (end === -1) return;
      const [verb = '', ...words] = this.#rest.subarray(0, end).toString().split(' ');
      const size = verb === 'MSG' || verb === 'HMSG' ? Number(words.at(-1)) : undefined;
      const from = end + 2;
      if (size !== undefined && this.#rest.length < from + size + 2) return;
      const headSize = verb === 'HMSG' ? Number(words.at(-2)) : 0;
      const body = this.#rest.subarray(from + headSize, from + (size ?? 0)).toString();
      this.#rest = this.#rest.subarray(size === undefined ? from : from + size + 2);
      this.#take(verb, words, body);
    }
  }

  #take(verb: string, words: readonly string[], body: string): void {
    switch (verb) {
      case 'INFO':
        return this.#send(Buffer.from(`${HELLO}SUB ${this.#subject} 1\r\nPING\r\n`));
      case 'PING':
        return this.#send(Buffer.from('PONG\r\n'));
      case 'PONG':
        if (!this.#isOpen) this.#listener.onOpen('');
        this.#isOpen = true;
        return;
      case 'MSG':
      case 'HMSG': {
        const counts = verb === 'MSG' ? 1 : 2;
        const [subject = '', , reply = ''] = words.slice(0, words.length - counts);
        return this.#listener.onMessage(`${subject}\n${reply}\n${body}`);
      }
    }
  }
}
