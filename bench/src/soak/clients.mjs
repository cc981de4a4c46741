/** The clients of the soak, and what each of them knows to be amiss. */
import { connect } from 'jetsocket';

/** As fast as it goes: there is no wave to be afraid of, and every reconnect is a chance to leave something behind. */
const FAST = {
  backoff: { baseMs: 20, capMs: 400, resetAfterMs: 500 },
  heartbeat: { intervalMs: 1_000, timeoutMs: 2_000 },
  connectTimeoutMs: 5_000,
};

/**
 * @typedef {object} SoakClient
 * @property {string} mode
 * @property {any} socket
 * @property {() => void} send
 * @property {() => boolean} isAtRest All that was sent is answered.
 * @property {() => string[]} complaints
 */

/** @type {Record<string, (url: string, options: object, note: () => void) => SoakClient>} */
export const kinds = {
  /** Each answer once, in order: nothing is lost either way. */
  session(url, options, note) {
    const socket = connect(url, { ...FAST, ...options, replay: { mode: 'session' } });
    let [sent, got] = [0, 0];
    const wrong = wrongs(socket, note);
    socket.on('message', ({ data }) => {
      const { got: number } = /** @type {any} */ (data);
      if (number !== got + 1) wrong.push(`session: answer ${number} came after ${got}`);
      got = number;
    });
    return {
      mode: 'session',
      socket,
      send: () => socket.send({ number: ++sent }),
      isAtRest: () => socket.state === 'connected' && got === sent,
      complaints: () => wrong,
    };
  },
  /** At least once: what is not acknowledged is sent again. */
  full_buffer(url, options, note) {
    const buffer = { ackOf: (/** @type {any} */ message) => message.ack };
    const socket = connect(url, { ...FAST, ...options, buffer });
    const wrong = wrongs(socket, note);
    let [sent, acknowledged] = [0, 0];
    return {
      mode: 'full_buffer',
      socket,
      send() {
        const number = ++sent;
        const delivery = socket.send({ number });
        if (delivery.id !== number) {
          wrong.push(`full_buffer: message ${number} has the delivery ${delivery.id}`);
        }
        void delivery.settled.then((status) => {
          if (status !== 'acknowledged') wrong.push(`full_buffer: message ${number} is ${status}`);
          acknowledged++;
        });
      },
      isAtRest: () => socket.state === 'connected' && acknowledged === sent,
      complaints: () => wrong,
    };
  },
  /** A numbered stream comes without a gap and without a double. */
  sequence_id(url, options, note) {
    const replay = {
      mode: /** @type {const} */ ('sequence_id'),
      sequenceOf: (/** @type {any} */ message) => message.seq,
      requestReplay: (/** @type {any} */ last) => ({ resumeFrom: Number(last) + 1 }),
      contiguous: true,
      // A connection that hangs is found by its heartbeat, however slow the machine: until then a hole is no gap.
      gapTimeoutMs: 60_000,
    };
    const socket = connect(url, { ...FAST, ...options, replay });
    const wrong = wrongs(socket, note);
    /** @type {number | undefined} */
    let last;
    socket.on('message', ({ data }) => {
      const { seq } = /** @type {any} */ (data);
      if (last !== undefined && seq !== last + 1)
        wrong.push(`sequence_id: ${seq} came after ${last}`);
      last = seq;
    });
    return {
      mode: 'sequence_id',
      socket,
      send: () => undefined,
      isAtRest: () => socket.state === 'connected' && last !== undefined,
      complaints: () => wrong,
    };
  },
};

/** What no client may tell of here, gathered as it comes. @param {any} socket @param {() => void} note @returns {string[]} */
function wrongs(socket, note) {
  /** @type {string[]} */
  const wrong = [];
  socket.on('connected', note);
  for (const type of ['gap', 'buffer_overflow', 'closed']) {
    socket.on(type, (/** @type {object} */ event) => wrong.push(JSON.stringify(event)));
  }
  return wrong;
}
