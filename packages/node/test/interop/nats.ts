/** How to follow, and write to, a stream of NATS JetStream over WebSocket, without any library of NATS. */
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

/** Acknowledgements of what was published come to this, followed by the number that we gave it. */
const ACKS = '_INBOX.acks.';

const bytes = (text: string): number => Buffer.byteLength(text);

/** A message for the stream. Sent twice under one number, the server takes it once. */
export function publish(subject: string, number: number, body: string): string {
  const head = `NATS/1.0\r\nNats-Msg-Id: ${number}\r\n\r\n`;
  const [headBytes, allBytes] = [bytes(head), bytes(head) + bytes(body)];
  return `HPUB ${subject} ${ACKS}${number} ${headBytes} ${allBytes}\r\n${head}${body}\r\n`;
}

/** A request of the JetStream API. */
export function request(subject: string, reply: string, body: object): string {
  const text = JSON.stringify(body);
  return `PUB ${subject} ${reply} ${bytes(text)}\r\n${text}\r\n`;
}

/** Commands go out as they are. What comes was framed by the transport below: subject, reply and body. */
const codec: Codec<NatsMessage, string> = {
  encode: (command) => command,
  decode(data) {
    const [subject = '', reply = '', ...body] = String(data).split('\n');
    return { subject, reply, body: body.join('\n') };
  },
};

/** Follows a stream from a number on, and sends what is published with `publish(…, n, …)`, n counting from 1. */
export function follow(
  url: string,
  stream: string,
  options: NodeOptions<NatsMessage, string> = {},
): JetSocket<NatsMessage, string> {
  return connect<NatsMessage, string>(url, {
    transport: natsTransport(webSocketTransport({ constructorOf: () => WebSocket })),
    codec,
    // The acknowledgement of the number n is that of the n-th delivery.
    buffer: {
      ackOf: ({ subject }) =>
        subject.startsWith(ACKS) ? Number(subject.slice(ACKS.length)) : undefined,
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
}

/** A transport over another one whose frames are pieces of a stream of bytes: the handshake of NATS, and its framing. */
export function natsTransport(inner: Transport): Transport {
  return {
    takesHeaders: inner.takesHeaders,
    open: (request: OpenRequest, listener: LinkListener): Link => {
      const framer = new Framer(listener, (command) => void link.send(command));
      const link = inner.open(request, framer);
      return link;
    },
  };
}

const HELLO = 'CONNECT {"verbose":false,"headers":true,"no_responders":true,"protocol":1}\r\n';

class Framer implements LinkListener {
  readonly #listener: LinkListener;
  readonly #send: (command: Uint8Array) => void;
  #rest: Buffer = Buffer.alloc(0);
  #isOpen = false;

  constructor(listener: LinkListener, send: (command: Uint8Array) => void) {
    this.#listener = listener;
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
        return this.#send(Buffer.from(`${HELLO}SUB ${ACKS}* 1\r\nPING\r\n`));
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
